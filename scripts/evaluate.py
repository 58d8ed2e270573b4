"""Measure the shipped checkpoints and write every figure into metrics.json, beside them.

This is the one place that opens the test images. A section's figures are replaced as a whole; the others stay.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from einstyle_core.devices import DEVICE_CHOICES
from scripts.common import run
from scripts.sections.classifiers import classifiers, evaluator
from scripts.sections.colorizer import colorizer
from scripts.sections.gans import gans
from scripts.sections.photos import photos
from scripts.sections.retrieval import retrieval
from scripts.sections.robustness import robustness

SECTIONS: dict[str, Callable[[argparse.Namespace], None]] = {
    "classifiers": classifiers,
    "evaluator": evaluator,
    "robustness": robustness,
    "photos": photos,
    "gans": gans,
    "retrieval": retrieval,
    "colorizer": colorizer,
}


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", nargs="?", choices=[*SECTIONS, "all"], default="all")
    parser.add_argument("--device", choices=DEVICE_CHOICES, default="auto")
    parser.add_argument("--out", type=Path, help="the checkpoint folder to measure; checkpoints/ by default")
    parser.add_argument("--resume", action="store_true", help="gans, retrieval: keep figures of the same weights")
    parser.add_argument("--free-only", action="store_true", help="gans: draw none by class, a third of the time")
    args = parser.parse_args(argv)
    for name, measure in SECTIONS.items():
        if args.section in (name, "all"):
            measure(args)


if __name__ == "__main__":
    run(main)
