"""The generated pictures of every GAN against real ones."""

import argparse
from typing import cast

from einstyle_core import checkpoints
from einstyle_core.devices import resolve_device
from einstyle_core.gans import Sampler
from einstyle_core.metrics import Evaluator
from einstyle_core.metrics.suite import Drawn, Yardstick, draw, draw_gaussian, draw_real
from scripts.common import load_data
from scripts.sections.common import record

IMAGES = 10_000


def gans(args: argparse.Namespace) -> None:
    """Every GAN in the folder, after what bounds their figures: real images and a Gaussian."""
    device = resolve_device(args.device)
    shipped = checkpoints.available(args.out)
    network = cast(Evaluator, checkpoints.load("evaluator", device, args.out))
    train, test = load_data("train").to(device), load_data("test").to(device)
    yardstick = Yardstick(network, train, test)

    def measure(name: str, drawn: Drawn, checkpoint: checkpoints.CheckpointInfo) -> None:
        figures = {**yardstick.measure(drawn), "evaluator_sha256": shipped["evaluator"]["sha256"]}
        record("gans", name, figures, IMAGES, checkpoint, args)
        print("{}: Frechet {frechet:.3f}, precision {precision:.3f}, recall {recall:.3f}".format(name, **figures))

    measure("calibration/train", draw_real(train, IMAGES), shipped["evaluator"])
    measure("calibration/pca_gaussian", draw_gaussian(train, IMAGES), shipped["evaluator"])
    for name, checkpoint in shipped.items():
        if checkpoint["kind"] == "gan":
            sorter = checkpoints.load("cnn", device, args.out)
            sampler = cast(Sampler, checkpoints.load(name, device, args.out))
            measure(name, draw(sampler, IMAGES, sorter), checkpoint)
