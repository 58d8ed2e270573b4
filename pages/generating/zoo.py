"""Drawing from the trained GANs of this machine."""

from typing import NamedTuple

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from einstyle_core import data
from einstyle_core.gans import checkpoint_name
from einstyle_core.gans.sampling import Latents
from einstyle_core.gans.walk import walk
from einstyle_core.images import to_uint8
from pages.generating.recipe import Recipe
from pages.shared import makers, models
from pages.shared.compute import slot

WALK_STEPS = 24
_BLOCK = 2_000  # rows


class Drawn(NamedTuple):
    """Pictures, and what they are made of.

    Attributes:
        pixels: uint8 ``N x 28 x 28``.
        latents: theirs.
    """

    pixels: NDArray[np.uint8]
    latents: Latents


def draw(recipe: Recipe) -> Drawn:
    """The pictures of a recipe.

    Raises:
        CheckpointError: a checkpoint is missing or damaged.
        EinstyleError: the GAN hardly ever makes that class.
    """
    return _draw(recipe, models.fingerprint(checkpoint_name(recipe.gan)))


def stroll(recipe: Recipe, start: int, end: int) -> NDArray[np.uint8]:
    """The pictures between two of a recipe's, both among them: ``WALK_STEPS x 28 x 28``."""
    z, c, _ = draw(recipe).latents
    sampler = makers.load(recipe.gan)
    with slot:
        return to_uint8(sampler(*walk(sampler.latent, (z[start], c[start]), (z[end], c[end]), WALK_STEPS)))


def nearest_training_image(pixels: NDArray[np.uint8]) -> tuple[int, NDArray[np.uint8], float]:
    """The training image at the smallest Euclidean distance of pixels in [0, 1]: its number, itself, the distance.

    Raises:
        DataError: the dataset is absent or damaged.
    """
    train, squares = _training_images(str(data.data_root()))
    query = torch.from_numpy(pixels.astype(np.float32)).flatten()
    with slot:
        # |x - q|^2 = |x|^2 - 2 x.q + |q|^2: one product over bytes, a block at a time so that it stays in the cache.
        products = torch.cat([part.float() @ query for part in train.split(_BLOCK)])
        index = int((squares - 2 * products).argmin())
    difference = train[index].float() - query
    return index, train[index].view(28, 28).numpy(), float(difference.norm() / 255)


@st.cache_data(max_entries=64, max_size="64mb", show_spinner=False)
def _draw(recipe: Recipe, checkpoint: models.Fingerprint) -> Drawn:
    sampler = makers.load(recipe.gan)
    with slot, torch.inference_mode():
        latents = sampler.pick(recipe.count, recipe.label, recipe.seed)
        if recipe.style and sampler.latent.continuous == len(recipe.style):
            styled = latents.c.clone()
            styled[:, sampler.latent.classes :] = torch.tensor(recipe.style)
            latents = latents._replace(c=styled)
        return Drawn(to_uint8(sampler(latents.z, latents.c)), latents)


@st.cache_resource(max_entries=1, show_spinner="Opening the training images …")
def _training_images(root: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The training images as uint8 rows, ``N x 784``, and the sum of each row's squares."""
    rows = data.load("train").images.flatten(1)
    return rows, torch.cat([part.float().square().sum(1) for part in rows.split(_BLOCK)])
