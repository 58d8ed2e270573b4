"""Measure the shipped checkpoints and write every figure into metrics.json, beside them.

This is the one place that opens the test images. A section's figures are replaced as a whole; the others stay.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from einstyle_core import checkpoints, measurements
from einstyle_core.classifiers import CLASSIFIERS
from einstyle_core.classifiers.evaluation import evaluate
from einstyle_core.devices import DEVICE_CHOICES, resolve_device
from einstyle_core.gans import Sampler
from einstyle_core.metrics import Evaluator
from einstyle_core.metrics.suite import Drawn, Yardstick, draw, draw_gaussian, draw_real
from scripts.common import load_data, run

GAN_IMAGES = 10_000


def classifiers(args: argparse.Namespace) -> None:
    """Accuracy, per class, confusion and calibration of each classifier on the 10,000 test images."""
    for name, cls in CLASSIFIERS.items():
        _measure_classifier("classifiers", name, args, paper_accuracy=cls.paper_accuracy)


def evaluator(args: argparse.Namespace) -> None:
    """The same of the network that the GANs are measured by."""
    _measure_classifier("evaluator", "evaluator", args)


def gans(args: argparse.Namespace) -> None:
    """Every GAN in the folder, after what bounds their figures: real images and a Gaussian."""
    device = resolve_device(args.device)
    shipped = checkpoints.available(args.out)
    network = cast(Evaluator, checkpoints.load("evaluator", device, args.out))
    train, test = load_data("train").to(device), load_data("test").to(device)
    yardstick = Yardstick(network, train, test)

    def measure(name: str, drawn: Drawn, checkpoint: checkpoints.CheckpointInfo) -> None:
        figures = {**yardstick.measure(drawn), "evaluator_sha256": shipped["evaluator"]["sha256"]}
        _record("gans", name, figures, GAN_IMAGES, checkpoint, args)
        print("{}: Frechet {frechet:.3f}, precision {precision:.3f}, recall {recall:.3f}".format(name, **figures))

    measure("calibration/train", draw_real(train, GAN_IMAGES), shipped["evaluator"])
    measure("calibration/pca_gaussian", draw_gaussian(train, GAN_IMAGES), shipped["evaluator"])
    for name, checkpoint in shipped.items():
        if checkpoint["kind"] == "gan":
            sorter = checkpoints.load("cnn", device, args.out)
            sampler = cast(Sampler, checkpoints.load(name, device, args.out))
            measure(name, draw(sampler, GAN_IMAGES, sorter), checkpoint)


SECTIONS: dict[str, Callable[[argparse.Namespace], None]] = {
    "classifiers": classifiers,
    "evaluator": evaluator,
    "gans": gans,
}


def _measure_classifier(section: str, name: str, args: argparse.Namespace, **facts: Any) -> None:
    device = resolve_device(args.device)
    figures = evaluate(checkpoints.load(name, device, args.out), load_data("test").to(device))
    n = sum(map(sum, figures["confusion"]))
    _record(section, name, {**figures, **facts}, n, checkpoints.available(args.out)[name], args)
    print(f"{name}: accuracy {figures['accuracy']:.2%}, ECE {figures['calibration']['ece']:.3f}, n {n}")


def _record(
    section: str,
    name: str,
    figures: measurements.Record,
    n: int,
    checkpoint: checkpoints.CheckpointInfo,
    args: argparse.Namespace,
) -> None:
    measurements.record(
        section,
        name,
        figures,
        n=n,
        seed=checkpoint["seed"],
        checkpoint_sha256=checkpoint["sha256"],
        command=f"python -m scripts.evaluate {section}",
        directory=args.out,
    )


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", nargs="?", choices=[*SECTIONS, "all"], default="all")
    parser.add_argument("--device", choices=DEVICE_CHOICES, default="auto")
    parser.add_argument("--out", type=Path, help="the checkpoint folder to measure; checkpoints/ by default")
    args = parser.parse_args(argv)
    for name, measure in SECTIONS.items():
        if args.section in (name, "all"):
            measure(args)


if __name__ == "__main__":
    run(main)
