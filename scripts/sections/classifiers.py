"""The classifiers and the evaluator network on the test images."""

import argparse
from typing import Any

from einstyle_core import checkpoints
from einstyle_core.classifiers import CLASSIFIERS
from einstyle_core.classifiers.evaluation import evaluate
from einstyle_core.devices import resolve_device
from scripts.common import load_data
from scripts.sections.common import record


def classifiers(args: argparse.Namespace) -> None:
    """Accuracy, per class, confusion and calibration of each classifier on the 10,000 test images."""
    for name, cls in CLASSIFIERS.items():
        _measure("classifiers", name, args, paper_accuracy=cls.paper_accuracy)


def evaluator(args: argparse.Namespace) -> None:
    """The same of the network that the GANs are measured by."""
    _measure("evaluator", "evaluator", args)


def _measure(section: str, name: str, args: argparse.Namespace, **facts: Any) -> None:
    device = resolve_device(args.device)
    figures = evaluate(checkpoints.load(name, device, args.out), load_data("test").to(device))
    n = sum(map(sum, figures["confusion"]))
    record(section, name, {**figures, **facts}, n, checkpoints.available(args.out)[name], args)
    print(f"{name}: accuracy {figures['accuracy']:.2%}, ECE {figures['calibration']['ece']:.3f}, n {n}")
