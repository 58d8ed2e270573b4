"""The generated pictures of every GAN against real ones."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import cast

from einstyle_core import checkpoints, measurements
from einstyle_core.devices import resolve_device
from einstyle_core.gans import Sampler
from einstyle_core.metrics import Evaluator
from einstyle_core.metrics.suite import Drawn, Yardstick, draw, draw_freely, draw_gaussian, draw_real
from scripts.common import load_data
from scripts.sections.common import record

IMAGES = 10_000


def gans(args: argparse.Namespace) -> None:
    """Every GAN in the folder, after what bounds their figures: real images and a Gaussian.

    The evaluator, and the CNN that sorts by class, are the folder's own, or the shipped ones where it has none.
    """
    device = resolve_device(args.device)
    shipped = checkpoints.available(args.out)
    judges = {name: args.out if checkpoints.path_of(name, args.out).exists() else None for name in ("evaluator", "cnn")}
    network = cast(Evaluator, checkpoints.load("evaluator", device, judges["evaluator"]))
    ruler = checkpoints.available(judges["evaluator"])["evaluator"]
    train, test = load_data("train").to(device), load_data("test").to(device)
    evaluator = {"evaluator_sha256": ruler["sha256"]}
    before = measurements.read(args.out).get("gans", {}) if args.resume else {}

    def is_kept(name: str, checkpoint: checkpoints.CheckpointInfo) -> bool:
        same = {"checkpoint_sha256": checkpoint["sha256"], "n": IMAGES, **evaluator}
        kept = before.get(name, {})
        return same.items() <= kept.items() and (args.free_only or not kept.get("free_only"))

    def drawn_by(name: str) -> Drawn:
        sampler = cast(Sampler, checkpoints.load(name, device, args.out))
        if args.free_only:
            return draw_freely(sampler, IMAGES)
        return draw(sampler, IMAGES, checkpoints.load("cnn", device, judges["cnn"]))

    wanted: dict[str, tuple[checkpoints.CheckpointInfo, Callable[[], Drawn]]] = {
        "calibration/train": (ruler, lambda: draw_real(train, IMAGES)),
        "calibration/pca_gaussian": (ruler, lambda: draw_gaussian(train, IMAGES)),
    }
    wanted |= {name: (info, partial(drawn_by, name)) for name, info in shipped.items() if info["kind"] == "gan"}
    missing = {name: what for name, what in wanted.items() if not is_kept(name, what[0])}
    if not missing:
        return
    yardstick = Yardstick(network, train, test)
    for name, (checkpoint, drawn) in missing.items():
        figures = yardstick.measure(drawn()) | evaluator
        record("gans", name, figures, IMAGES, checkpoint, args)
        print("{}: Frechet {frechet:.3f}, precision {precision:.3f}, recall {recall:.3f}".format(name, **figures))
