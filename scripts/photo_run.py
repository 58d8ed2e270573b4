"""One training run of the photo model, from options to checkpoint."""

import argparse
import dataclasses
import hashlib
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import torch
from tqdm import tqdm

from einstyle_core import checkpoints
from einstyle_core.classifiers.photo import Photo, ensemble
from einstyle_core.devices import resolve_device
from einstyle_core.photos import collection, dataset, pretrained, strangers
from einstyle_core.photos.evaluation import calibrate, judge
from einstyle_core.photos.training import COURSE, MEMBERS, VARIANT, Lessons, PhotoRecipe, train
from einstyle_core.storage import RUNS
from scripts.common import load_data

STRANGERS = 150  # drawn pictures of each kind to learn from
HELD_OUT_STRANGERS = 20


def train_and_save_photo(args: argparse.Namespace) -> Path:
    """Train on the photographs' training part, judge and calibrate on its validation part, save; returns the path.

    Args:
        args: the options of :func:`scripts.common.training_parser`; ``epochs`` shortens all recipes alike, and each
            member has a seed of its own, the first one ``seed``.
    """
    course = COURSE if args.epochs is None else shortened(COURSE, args.epochs)
    fashion = load_data("fit")
    lessons = Lessons(
        photographs=_photographs("train"),
        fashion=fashion,
        strangers=dataset.of_strangers(tuple(strangers.TAUGHT), STRANGERS, seed=0),
        digest=_digest(fashion.digest),
    )
    validation = dataset.join(
        _photographs("validation"), dataset.of_strangers(tuple(strangers.TAUGHT), HELD_OUT_STRANGERS, seed=2)
    )
    model = ensemble([_taught(args.seed + place, course, lessons, validation, args) for place in range(MEMBERS)])
    calibration = calibrate(model, validation)
    header = checkpoints.Header(
        kind="classifier",
        name=model.name,
        config={"model": model.config, "course": [dataclasses.asdict(recipe) for recipe in course]},
        dataset_digest=lessons.digest,
        epochs=sum(recipe.epochs for recipe in course),
        seed=args.seed,
        metrics={**calibration, **{f"validation_{name}": value for name, value in judge(model, validation).items()}},
    )
    return checkpoints.save(model.name, model.state_dict(), header, args.out, half=True)


def shortened(course: Sequence[PhotoRecipe], epochs: int) -> tuple[PhotoRecipe, ...]:
    """The recipes with so many epochs in all, shared out among them, their stages and cycles as before.

    Some may get none.
    """
    lengths = _shares([recipe.epochs for recipe in course], epochs)
    return tuple(_shortened(recipe, length) for recipe, length in zip(course, lengths, strict=True))


def _shortened(recipe: PhotoRecipe, epochs: int) -> PhotoRecipe:
    lengths = _shares([count for count, _ in recipe.stages], epochs)
    stages = tuple((length, size) for length, (_, size) in zip(lengths, recipe.stages, strict=True))
    return dataclasses.replace(recipe, stages=stages, cycles=tuple(_shares(recipe.cycles, epochs)))


def _shares(counts: Sequence[int], total: int) -> list[int]:
    """``total`` shared out as ``counts`` are; whole numbers."""
    ends = [round(so_far * total / sum(counts)) for so_far in accumulate(counts, initial=0)]
    return [end - start for start, end in pairwise(ends)]


def _taught(
    seed: int,
    course: Sequence[PhotoRecipe],
    lessons: Lessons,
    validation: dataset.ViewSet,
    args: argparse.Namespace,
) -> Photo:
    """A model of one member, through its course, calibrated."""
    torch.manual_seed(seed)
    model = Photo([{"variant": VARIANT}])
    pretrained.fill(model.members[0].body)
    for place, recipe in enumerate(course):
        reports = train(
            model,
            lessons,
            recipe,
            validation=validation,
            seed=seed,
            device=resolve_device(args.device),
            state_path=RUNS / "classifiers" / f"photo-seed{seed}" / f"{place}.pt",
            resume=args.resume,
        )
        with tqdm(total=recipe.epochs, unit="epoch", desc=f"seed {seed}, {place + 1} of {len(course)}") as bar:
            for report in reports:
                bar.update(report.epoch - bar.n)
                bar.set_postfix_str(str(report))
        if recipe.epochs:
            model.load_state_dict(report.weights)
    model.cpu().eval().requires_grad_(False)
    calibrate(model, validation)
    return model


def _photographs(part: collection.Part) -> dataset.ViewSet:
    chosen = collection.load(part)
    with tqdm(total=len(chosen), unit="photo", desc=f"{part} photographs") as bar:
        return dataset.of_photographs(chosen, lambda done, _: bar.update(done - bar.n))


def _digest(fashion: str) -> str:
    """SHA-256 over the digests of everything that is learned from."""
    digests = [fashion, *(each.digest for each in collection.load("train"))]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()
