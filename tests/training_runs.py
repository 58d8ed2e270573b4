"""Files of training runs for tests: in the real formats, by the functions that write the real ones, of runs that never
were. In each epoch every picture has another tone, so that a test sees which epoch is shown."""

import json
import tempfile
from pathlib import Path

import torch

from einstyle_core.gans import get, history
from einstyle_core.gans.training import EpochReport, frame_path, tile, write_gif

EPOCHS = 12
TURNING_TILE, TURNING_EPOCH = 1, 7
"""The tile that is a Shirt before this epoch and a Bag from it on."""


def tone(epoch: int) -> int:
    """The gray of an epoch's pictures, 0 to 255."""
    return 15 * epoch


def report(epoch: int, epochs: int = EPOCHS) -> EpochReport:
    """Falling losses, a mix that becomes even, one tile that turns."""
    losses = {"D/real": 1 / epoch, "D/fake": 1.2 / epoch, "G/fake": 0.5 + 0.02 * epoch}
    tiles = [6] * 100
    tiles[TURNING_TILE] = 6 if epoch < TURNING_EPOCH else 8
    rest = 10 * epoch
    mix = [rest] * 9 + [1000 - 9 * rest] if rest <= 110 else [100] * 10
    trace = [{term: value * (1 + 0.1 * k) for term, value in losses.items()} for k in (-1, 0, 1)]
    return EpochReport(epoch, epochs, 1.5, losses, trace, mix, tiles)


def save_run(name: str, folder: Path, recipe: str = "fixed", epochs: int = EPOCHS, frames: int | None = None) -> Path:
    """A history and an animation, of ``frames`` pictures where fewer than epochs; returns the history's file."""
    path = history.path_of(name, recipe, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "gan": name,
        "recipe_name": recipe,
        "recipe": get(name, recipe)().config(),
        "images": 60_000,
        "seed": 0,
        "epochs": [vars(report(epoch, epochs)) for epoch in range(1, epochs + 1)],
    }
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as state:
        (Path(state) / "frames").mkdir()
        for epoch in range(1, (frames or epochs) + 1):
            pictures = torch.full((100, 1, 28, 28), tone(epoch) / 255)
            pictures[:, :, 10:18, 10:18] = 1.0
            tile(pictures).save(frame_path(Path(state), "grid", epoch))
        write_gif(Path(state), "grid", frames or epochs, history.gif_path(name, recipe, folder))
    return path
