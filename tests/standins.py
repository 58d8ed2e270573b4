"""Checkpoints and measurements for tests of the app: real files in the real formats, of networks never trained."""

import dataclasses
from pathlib import Path

import numpy as np
import torch

from einstyle_core import checkpoints, measurements
from einstyle_core.classifiers import get
from einstyle_core.classifiers.training import fresh
from einstyle_core.colorizer import build as build_colorizer
from einstyle_core.gans import Sampler
from einstyle_core.gans import get as get_gan
from einstyle_core.gans.training import fresh as fresh_gan

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


def save_gan(name: str, folder: Path, seed: int = 0) -> Path:
    """A checkpoint of a GAN never trained; one that takes no class has a bank of any seeds."""
    gan = fresh_gan(get_gan(name), seed)
    config = {"recipe_name": "fixed", "recipe": gan.config(), "bank_size": 0 if gan.conditional else 100}
    config |= {"codes": list(range(10))} if gan.latent.classes and not gan.conditional else {}
    sampler = Sampler(gan, bank_size=config["bank_size"])
    sampler.bank = torch.arange(sampler.bank.numel()).view_as(sampler.bank)
    header = checkpoints.Header("gan", name, config, "none", epochs=0, seed=seed, metrics={"yields": [0.1] * 10})
    return checkpoints.save(f"gan/{name}", sampler.state_dict(), header, folder, half=True)


def save_colorizer(folder: Path, seed: int = 0) -> Path:
    """A checkpoint of a colorizer never trained: it paints about in the colour it is told, in patches."""
    torch.manual_seed(seed)
    config = {"recipe": {"width": 16}}
    header = checkpoints.Header("colorizer", "colorizer", config, "none", epochs=0, seed=seed)
    return checkpoints.save("colorizer", build_colorizer("colorizer", config).state_dict(), header, folder)


def furnish(folder: Path) -> Path:
    """Both classifiers with their measurements."""
    for seed, name in enumerate(("dense", "cnn")):
        save_classifier(name, folder, seed)
        save_measurements(name, folder)
    return folder
