"""Checkpoints and measurements for tests of the app: real files in the real formats, of networks never trained."""

import dataclasses
from pathlib import Path

import numpy as np

from einstyle_core import checkpoints, measurements
from einstyle_core.classifiers import get
from einstyle_core.classifiers.training import fresh

CONFUSION = np.full((10, 10), 2) + np.diag(np.arange(10, 20)) * 4
"""Each class has its own count on the diagonal, and 2 in every other cell; the row sums differ."""


def save_classifier(name: str, folder: Path, seed: int = 0) -> Path:
    """A checkpoint of an untrained network."""
    model = fresh(get(name), seed)
    config = {"model": model.config, "recipe": dataclasses.asdict(model.recipe)}
    header = checkpoints.Header("classifier", name, config, dataset_digest="none", epochs=0, seed=seed)
    return checkpoints.save(name, model.state_dict(), header, folder)


def save_measurements(name: str, folder: Path) -> None:
    """Figures for a network, as if it had been measured."""
    measurements.record(
        "classifiers",
        name,
        {"accuracy": float(np.trace(CONFUSION) / CONFUSION.sum()), "confusion": CONFUSION.tolist()},
        n=int(CONFUSION.sum()),
        seed=0,
        checkpoint_sha256=checkpoints.available(folder)[name]["sha256"],
        command="none",
        directory=folder,
    )


def furnish(folder: Path) -> Path:
    """Both classifiers with their measurements."""
    for seed, name in enumerate(("dense", "cnn")):
        save_classifier(name, folder, seed)
        save_measurements(name, folder)
    return folder
