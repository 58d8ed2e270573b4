"""The trained GANs of this machine."""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from einstyle_core import checkpoints
from einstyle_core.data import NUM_CLASSES
from einstyle_core.errors import CheckpointError
from einstyle_core.gans import GANS, Sampler, checkpoint_name, get
from einstyle_core.images import to_uint8
from pages.shared import models
from pages.shared.compute import slot


def shipped() -> dict[str, checkpoints.CheckpointInfo]:
    """The GANs whose checkpoints are sound, by name, in the registry's order."""
    available = checkpoints.available()
    return {name: available[checkpoint_name(name)] for name in GANS if checkpoint_name(name) in available}


def damaged() -> list[str]:
    """The GANs that have a checkpoint which cannot be used."""
    sound = shipped()
    return [name for name in GANS if name not in sound and checkpoints.path_of(checkpoint_name(name)).exists()]


def best(by_class: bool = False) -> str | None:
    """The GAN whose pictures were measured nearest to real ones; the first where none was; None where there is none.

    Args:
        by_class: only those that give a picture of any class at once: that can be asked, or have a bank.
    """
    try:
        measured = models.measured("gans")
    except CheckpointError:  # told where the figures are shown
        measured = {}

    def distance(name: str) -> float:
        record = measured.get(checkpoint_name(name))
        return float(record["frechet"]) if record else float("inf")

    names = [name for name, info in shipped().items() if not by_class or _gives_classes(name, info["config"])]
    return min(names, key=distance, default=None)


def _gives_classes(name: str, config: Mapping[str, Any]) -> bool:
    return get(name).conditional or bool(config.get("codes") or config.get("bank_size"))


def load(name: str) -> Sampler:
    """The sampler called ``name``, shared: never change it.

    Raises:
        CheckpointError: missing or damaged.
    """
    return cast(Sampler, models.load(checkpoint_name(name)))


def one_of_each(name: str, seed: int) -> NDArray[np.uint8]:
    """A picture of each class, ``10 x 28 x 28``, by the GAN called ``name``.

    Raises:
        CheckpointError: a checkpoint is missing or damaged.
        EinstyleError: the GAN hardly ever makes a class.
    """
    return _one_of_each(name, seed, models.fingerprint(checkpoint_name(name)))


@st.cache_data(max_entries=16, show_spinner=False)
def _one_of_each(name: str, seed: int, checkpoint: models.Fingerprint) -> NDArray[np.uint8]:
    sampler = load(name)
    with slot, torch.inference_mode():
        picked = [sampler.pick(1, label, seed) for label in range(NUM_CLASSES)]
        return to_uint8(sampler(torch.cat([each.z for each in picked]), torch.cat([each.c for each in picked])))
