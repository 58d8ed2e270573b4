"""Attack the official test images and say how often the network is still right.

The first N test images in their order, attacked by their true labels. Accuracy is over all of them, those that the
network had wrong to begin with included. A .npz holds original and adversarial (float32, N x 28 x 28, in [0, 1]),
labels and predictions (int64, N; what the network answers to the adversarial images).
"""

import argparse
import functools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from einstyle_core import attacks, checkpoints
from einstyle_core.attacks import METHODS, PGD_RESTARTS, PGD_STEPS
from einstyle_core.classifiers import CLASSIFIERS, predict
from einstyle_core.data import to_unit
from einstyle_core.devices import DEVICE_CHOICES, resolve_device
from einstyle_core.errors import AttackError
from einstyle_core.storage import atomic_write
from scripts.common import load_data, positive_int, run

BATCH = 250


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=CLASSIFIERS, required=True)
    parser.add_argument("--epsilon", type=_epsilon, required=True, help="how far a pixel may move, in [0, 1] units")
    parser.add_argument("--method", choices=METHODS, default="fgsm", help=f"PGD: {PGD_STEPS} steps x {PGD_RESTARTS}")
    parser.add_argument("--unmasked", action="store_true", help="every pixel may move, not only those above 0")
    parser.add_argument("--count", type=positive_int, metavar="N", help="the first N test images; all by default")
    parser.add_argument("--npz", type=_npz, metavar="FILE.npz", help="where the images go")
    parser.add_argument("--seed", type=int, default=0, help="of noise and of PGD's starts")
    parser.add_argument("--device", choices=DEVICE_CHOICES, default="auto")
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")
    args = parser.parse_args(argv)

    device = resolve_device(args.device)
    model = checkpoints.load(args.model, device)
    test = load_data("test").take(slice(0, args.count)).to(device)
    images, labels = to_unit(test.images), test.labels
    adversarial = _attacked(args, model, images, labels)
    predictions = predict(model, adversarial).argmax(1)
    if args.npz:
        with atomic_write(args.npz) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file,
                original=images.squeeze(1).cpu().numpy(),
                adversarial=adversarial.squeeze(1).cpu().numpy(),
                labels=labels.cpu().numpy(),
                predictions=predictions.cpu().numpy(),
            )
    row = {
        "model": args.model,
        "method": args.method,
        "masked": not args.unmasked,
        "epsilon": args.epsilon,
        "n": len(test),
        "clean_accuracy": _share(predict(model, images).argmax(1) == labels),
        "accuracy": _share(predictions == labels),
    }
    print(json.dumps(row) if args.json else _sentence(row))


def _attacked(args: argparse.Namespace, model: torch.nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    method = attacks.get(args.method)
    if args.method == "pgd" and not args.npz:  # nobody looks at the images: the same accuracy in far fewer passes
        method = functools.partial(method, until_fooled=True)
    parts = []
    with tqdm(total=len(images), unit="image", disable=not sys.stderr.isatty()) as bar:
        generator = torch.Generator().manual_seed(args.seed)
        for part, truth in zip(images.split(BATCH), labels.split(BATCH), strict=True):
            mask = None if args.unmasked else attacks.foreground(part)
            parts.append(method(model, part, truth, args.epsilon, mask, generator))
            bar.update(len(part))
    return torch.cat(parts)


def _share(right: Tensor) -> float:
    return right.double().mean().item()


def _sentence(row: dict[str, Any]) -> str:
    where = "pixels above 0" if row["masked"] else "all pixels"
    return (
        "{model}: {clean_accuracy:.2%} right before, {accuracy:.2%} after {method} at epsilon {epsilon:g} on {where}, "
        "n {n}"
    ).format(**row, where=where)


def _epsilon(text: str) -> float:
    try:
        return attacks.check_epsilon(float(text))
    except AttackError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _npz(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".npz":
        raise argparse.ArgumentTypeError(f"{text} must end in .npz")
    return path


if __name__ == "__main__":
    run(main)
