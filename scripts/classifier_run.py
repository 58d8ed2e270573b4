"""One training run of a classifier, from options to checkpoint: what two command lines share."""

import argparse
import dataclasses
from pathlib import Path

from tqdm import tqdm

from einstyle_core import checkpoints
from einstyle_core.classifiers import Classifier
from einstyle_core.classifiers.calibration import calibrate
from einstyle_core.classifiers.training import fresh, train
from einstyle_core.devices import resolve_device
from einstyle_core.storage import RUNS
from scripts.common import load_data


def train_and_save(model_class: type[Classifier], kind: str, args: argparse.Namespace, *, half: bool = False) -> Path:
    """Train on ``fit``, judge every epoch and calibrate on ``validation``, save the checkpoint and return its path.

    Args:
        model_class: what to train, with its own recipe.
        kind: the checkpoint's kind (:class:`einstyle_core.checkpoints.Header`).
        args: the options of :func:`scripts.common.training_parser`.
        half: store the weights in half precision.
    """
    model = fresh(model_class, args.seed)
    recipe = model.recipe if args.epochs is None else dataclasses.replace(model.recipe, epochs=args.epochs)
    images, validation = load_data("fit"), load_data("validation")
    reports = train(
        model,
        images,
        recipe,
        validation=validation,
        seed=args.seed,
        device=resolve_device(args.device),
        state_path=RUNS / f"{kind}s" / f"{model.name}-seed{args.seed}" / "state.pt",
        resume=args.resume,
    )
    with tqdm(total=recipe.epochs, unit="epoch", desc=model.name) as bar:
        for report in reports:
            bar.update(report.epoch - bar.n)
            bar.set_postfix_str(str(report))
    model.cpu().load_state_dict(report.weights)
    temperature = calibrate(model.eval(), validation) if model.calibrated else 1.0
    header = checkpoints.Header(
        kind=kind,
        name=model.name,
        config={"model": model.config, "recipe": dataclasses.asdict(recipe)},
        dataset_digest=images.digest,
        epochs=recipe.epochs,
        seed=args.seed,
        metrics={"validation_accuracy": report.validation_accuracy, "temperature": temperature},
    )
    return checkpoints.save(model.name, model.state_dict(), header, args.out, half=half)
