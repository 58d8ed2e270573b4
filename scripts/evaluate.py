"""Measure the shipped checkpoints and write every figure into metrics.json, beside them.

This is the one place that opens the test images. A section's figures are replaced as a whole; the others stay.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from einstyle_core import checkpoints, measurements
from einstyle_core.classifiers import CLASSIFIERS
from einstyle_core.classifiers.evaluation import evaluate
from einstyle_core.devices import DEVICE_CHOICES, resolve_device
from scripts.common import load_data, run


def classifiers(args: argparse.Namespace) -> None:
    """Accuracy, per class, confusion and calibration of each classifier on the 10,000 test images."""
    device = resolve_device(args.device)
    test = load_data("test").to(device)
    for name in CLASSIFIERS:
        figures = evaluate(checkpoints.load(name, device, args.out), test)
        shipped = checkpoints.available(args.out)[name]
        measurements.record(
            "classifiers",
            name,
            {**figures, "paper_accuracy": CLASSIFIERS[name].paper_accuracy},
            n=len(test),
            seed=shipped["seed"],
            checkpoint_sha256=shipped["sha256"],
            command="python -m scripts.evaluate classifiers",
            directory=args.out,
        )
        print(f"{name}: accuracy {figures['accuracy']:.2%}, ECE {figures['calibration']['ece']:.3f}, n {len(test)}")


SECTIONS: dict[str, Callable[[argparse.Namespace], None]] = {"classifiers": classifiers}


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
