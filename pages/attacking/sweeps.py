"""A picture attacked at every epsilon of a slider, computed once and kept for every visitor."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor

from einstyle_core import attacks, images
from einstyle_core.classifiers import predict
from pages.shared import models
from pages.shared.compute import slot

_STEPS = [*range(0, 100, 1), *range(100, 200, 2), *range(200, 401, 4)]
FINE: tuple[float, ...] = tuple(step / 2000 for step in _STEPS)
"""The slider's 201 places, in [0, 1] units: every 0.0005 up to 0.05, where networks fail, then wider, up to 0.2."""
COARSE: tuple[float, ...] = FINE[::10]
MOST = FINE[-1]
START = 0.025
"""Where the slider begins: the paper's 0.05, whose pixels go from -1 to 1."""
PGD_STEPS, PGD_RESTARTS = 20, 1
"""PGD on the page: as many steps and starts as the measured curves have, which name theirs in metrics.json. There an
image is let go as soon as the network is wrong; here the search goes on to the worst, which the slider is to show."""


@dataclass(frozen=True)
class Setting:
    """How a picture is attacked.

    Attributes:
        method: ``"fgsm"``, ``"pgd"`` or ``"noise"``.
        masked: only the garment's pixels may move, as in the paper.
        label: the class to lead away from; None is the network's own answer.
        draw: which random noise; of no matter to the other methods.
    """

    method: str
    masked: bool
    label: int | None = None
    draw: int = 0

    @property
    def epsilons(self) -> tuple[float, ...]:
        """The slider's places: PGD has no one direction, each epsilon is an attack of its own, so it has fewer."""
        return COARSE if self.method == "pgd" else FINE


@dataclass(frozen=True)
class Attacked:
    """The pictures of a sweep.

    Attributes:
        images: float32 ``S x 28 x 28`` in [0, 1], one for each epsilon.
        direction: int8 ``28 x 28`` of -1, 0, 1 where all lie along one; None for PGD.
    """

    images: NDArray[np.float32]
    direction: NDArray[np.int8] | None

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """``28 x 28``, one of them as it is shown and saved."""
        return images.to_uint8(torch.from_numpy(self.images[index : index + 1, None]))[0]

    def all_pixels(self) -> NDArray[np.uint8]:
        """``S x 28 x 28``."""
        return images.to_uint8(torch.from_numpy(self.images[:, None]))


def movable(pixels: NDArray[np.uint8], setting: Setting) -> bool:
    """Whether any pixel may move; of an all-black picture's garment none may."""
    return not setting.masked or bool(pixels.any())


def attacked(network: str, pixels: NDArray[np.uint8], setting: Setting) -> Attacked:
    """``28 x 28`` pixels attacked by the gradient of ``network`` at each of the setting's epsilons.

    Raises:
        CheckpointError: the network is missing or damaged.
    """
    return _attacked(network, models.fingerprint(network), pixels.tobytes(), setting)


def answers(network: str, source: str, pixels: NDArray[np.uint8], setting: Setting) -> NDArray[np.float32]:
    """``S x 10`` probabilities that ``network`` gives the pictures attacked by the gradient of ``source``.

    Raises:
        CheckpointError: either network is missing or damaged.
    """
    return _answers(network, models.fingerprint(network), source, models.fingerprint(source), pixels.tobytes(), setting)


@st.cache_data(max_entries=64, show_spinner="Attacking at every ε …")
def _attacked(network: str, checkpoint: models.Fingerprint, pixels: bytes, setting: Setting) -> Attacked:
    image = _image(pixels)
    mask = attacks.foreground(image) if setting.masked else None
    label = None if setting.label is None else torch.tensor([setting.label])
    with slot:
        if setting.method == "pgd":
            model = models.load(network)
            parts = [
                attacks.pgd(model, image, label, epsilon, mask, steps=PGD_STEPS, restarts=PGD_RESTARTS)
                for epsilon in setting.epsilons
            ]
            return Attacked(torch.cat(parts)[:, 0].numpy(), None)
        sign = _direction(network, image, label, mask, setting)
        moved = torch.cat([attacks.move(image, sign, epsilon) for epsilon in setting.epsilons])
    return Attacked(moved[:, 0].numpy(), sign[0, 0].to(torch.int8).numpy())


def _direction(network: str, image: Tensor, label: Tensor | None, mask: Tensor | None, setting: Setting) -> Tensor:
    if setting.method == "fgsm":
        return attacks.gradient_sign(models.load(network), image, label, mask)
    sign = attacks.random_sign(image, torch.Generator().manual_seed(setting.draw))
    return sign if mask is None else sign * mask


@st.cache_data(max_entries=256, show_spinner="Asking the networks at every ε …")
def _answers(
    network: str,
    checkpoint: models.Fingerprint,
    source: str,
    source_checkpoint: models.Fingerprint,
    pixels: bytes,
    setting: Setting,
) -> NDArray[np.float32]:
    moved = _attacked(source, source_checkpoint, pixels, setting)
    with slot:
        return predict(models.load(network), torch.from_numpy(moved.images)[:, None]).numpy()


def _image(pixels: bytes) -> Tensor:
    side = models.data.IMAGE_SIZE
    return images.from_uint8(np.frombuffer(pixels, dtype=np.uint8).reshape(side, side))
