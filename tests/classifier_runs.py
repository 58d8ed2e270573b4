"""Small classifier runs: in the tests' process, and in one that gets killed."""

from pathlib import Path

import torch

from einstyle_core.classifiers import get
from einstyle_core.classifiers.training import fresh, train
from einstyle_core.config import ClassifierRecipe
from einstyle_core.data import ImageSet

QUICK = ClassifierRecipe(epochs=20, batch_size=16, learning_rate=3e-3, ema_decay=0.9)


def tiny_set(count: int = 64) -> ImageSet:
    """Images that even a short training tells apart: class c is a bright row at 2c."""
    labels = torch.arange(count) % 10
    images = torch.zeros(count, 1, 28, 28, dtype=torch.uint8)
    images[torch.arange(count), 0, 2 * labels] = 255
    return ImageSet(images, labels, "tiny")


def killable_run(folder: Path) -> None:
    torch.set_num_threads(1)
    recipe = ClassifierRecipe(epochs=12, batch_size=16, shift=1, erase=0.5)
    reports = train(fresh(get("cnn"), 5), tiny_set(), recipe, seed=5, state_path=folder / "state.pt", resume=True)
    *_, last = reports
    torch.save(last.weights, folder / "weights.pt")
