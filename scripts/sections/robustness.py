"""The classifiers under attack: accuracy over epsilon, and which class becomes which.

metrics.json, section ``robustness``, one row a network::

    "dense": {
      "curves": {
        "masked": {                       # pixels > 0 may move, as in the paper; "unmasked": every pixel may
          "fgsm":  {"epsilon": [0.0, 0.005, ...], "accuracy": [0.897, 0.88, ...], "n": 10000},
          "noise": {"epsilon": [...], "accuracy": [...], "n": 10000},
          "pgd":   {"epsilon": [...], "accuracy": [...], "n": 10000, "steps": 20, "restarts": 1}
        },
        "unmasked": {...the same...}
      },
      "flow": {                           # masked FGSM
        "epsilon": [0.0, 0.005, ...],
        "counts": [10 x 10, ...],         # one an epsilon: rows are true classes, columns what the network answers
        "to_closest": [null, 0.97, ...]   # of the images that fell, the share that fell to the closest wrong class
      },
      "n": 10000, "seed": ..., "date": ..., "checkpoint_sha256": ..., "command": ...
    }

Epsilons are in [0, 1] units; the paper counts on [-1, 1] pixels, where the same step is called ``PAPER_SCALE`` times as
much. Each curve has its own ``epsilon`` grid: PGD is searched for at fewer epsilons. Accuracy is in [0, 1] over the
test images by their true labels, which the gradients are taken by as well.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from einstyle_core import checkpoints
from einstyle_core.attacks import closest_wrong_class, foreground, gradient_sign, move, pgd, random_sign
from einstyle_core.classifiers import predict
from einstyle_core.classifiers.evaluation import confusion
from einstyle_core.data import ImageSet, to_unit
from einstyle_core.devices import resolve_device
from scripts.common import load_data
from scripts.sections.common import record

EPSILONS = (0.0, 0.005, 0.01, 0.015, 0.025, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2)
PGD_EPSILONS = (0.0, 0.01, 0.025, 0.05, 0.1, 0.2)
PAPER_SCALE = 2
BATCH = 250
NETWORKS = ("dense", "cnn", "dense-robust", "cnn-robust")
STEPS, RESTARTS = 20, 1  # of PGD


def robustness(args: argparse.Namespace) -> None:
    """Accuracy over epsilon of every network x {fgsm, noise, pgd} x {masked, unmasked}, and the flow of classes."""
    device = resolve_device(args.device)
    test, shipped = load_data("test").to(device), checkpoints.available(args.out)
    for name in NETWORKS:
        model = checkpoints.load(name, device, args.out).to(memory_format=torch.channels_last)
        figures = measure(model, test)
        record("robustness", name, figures, len(test), shipped[name], args)
        curve = figures["curves"]["masked"]["fgsm"]
        pairs = zip(curve["epsilon"], curve["accuracy"], strict=True)
        print(f"{name}, masked FGSM:", ", ".join(f"{accuracy:.2%} at {epsilon:g}" for epsilon, accuracy in pairs))


def measure(model: nn.Module, test: ImageSet) -> dict[str, Any]:
    """A row's ``curves`` and ``flow``, as the module says; ``model`` is in eval mode on the set's device."""
    images, labels = to_unit(test.images), test.labels
    garment, anywhere = foreground(images), torch.ones_like(images, dtype=torch.bool)
    gradient = _in_batches(lambda x, y: gradient_sign(model, x, y), images, labels)
    random = random_sign(images, torch.Generator().manual_seed(0))
    clean = predict(model, images).argmax(1)
    closest = _in_batches(lambda x, y: closest_wrong_class(model, x, y), images, labels)

    curves: dict[str, dict[str, Any]] = {}
    flow: dict[str, list[Any]] = {"epsilon": list(EPSILONS), "counts": [], "to_closest": []}
    for scope, mask in (("masked", garment), ("unmasked", anywhere)):
        curves[scope] = {}
        for method, sign in (("fgsm", gradient * mask), ("noise", random * mask)):
            answers = [predict(model, move(images, sign, epsilon)).argmax(1) for epsilon in _shown(EPSILONS, method)]
            curves[scope][method] = _curve(EPSILONS, answers, labels)
            if (scope, method) == ("masked", "fgsm"):
                flow["counts"] = [confusion(answer, labels).tolist() for answer in answers]
                flow["to_closest"] = [_to_closest(clean, answer, labels, closest) for answer in answers]
        answers = []
        for epsilon in _shown(PGD_EPSILONS, "pgd"):
            moved = _in_batches(
                lambda x, y, m, epsilon=epsilon: pgd(
                    model, x, y, epsilon, m, steps=STEPS, restarts=RESTARTS, until_fooled=True
                ),
                images,
                labels,
                mask,
            )
            answers.append(predict(model, moved).argmax(1))
        curves[scope]["pgd"] = _curve(PGD_EPSILONS, answers, labels) | {"steps": STEPS, "restarts": RESTARTS}
    return {"curves": curves, "flow": flow}


def _in_batches(function: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    return torch.cat([function(*parts) for parts in zip(*(tensor.split(BATCH) for tensor in tensors), strict=True)])


def _shown(epsilons: tuple[float, ...], what: str) -> Iterator[float]:
    return iter(tqdm(epsilons, unit="epsilon", desc=what, leave=False))


def _curve(epsilons: tuple[float, ...], answers: list[Tensor], labels: Tensor) -> dict[str, Any]:
    accuracy = [(answer == labels).double().mean().item() for answer in answers]
    return {"epsilon": list(epsilons), "accuracy": accuracy, "n": len(labels)}


def _to_closest(clean: Tensor, attacked: Tensor, labels: Tensor, closest: Tensor) -> float | None:
    fell = (clean == labels) & (attacked != labels)
    return (attacked == closest)[fell].double().mean().item() if fell.any() else None
