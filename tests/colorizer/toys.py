"""Data and runs for the tests here."""

from dataclasses import replace
from pathlib import Path

import torch

from einstyle_core.colorizer.dataset import ColourSet
from einstyle_core.colorizer.training import RECIPES, Run, train
from einstyle_core.data import ImageSet


def gray(n: int = 40, seed: int = 0) -> ImageSet:
    """Noise in a square, with labels."""
    rng = torch.Generator().manual_seed(seed)
    pixels = torch.zeros(n, 1, 28, 28, dtype=torch.uint8)
    pixels[:, :, 4:24, 6:22] = torch.randint(1, 256, (n, 1, 20, 16), generator=rng, dtype=torch.uint8)
    return ImageSet(pixels, torch.arange(n) % 10, f"noise-{n}-{seed}")


def small_run(recipe: str = "gan", seed: int = 1, **changes) -> Run:
    return Run(replace(RECIPES[recipe], **{"iterations": 12, "batch_size": 4, **changes}), seed)


def resumable(folder: Path) -> None:
    """What the test of resuming runs in processes of their own."""
    torch.set_num_threads(1)
    for _ in train(small_run(), ColourSet(gray()), seed=1, folder=folder, resume=True, report_every=2):
        pass
