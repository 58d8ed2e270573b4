"""What the photo model is shown of a garment: a *view*.

A view is uint8, ``4 x 192 x 192``: red, green, blue, and how far a pixel belongs to the garment. It is a square cut,
a quarter wider than the garment, so that the ground around it can be seen too: a cut that lost a sleeve does not lose
it here.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageChops
from torch import Tensor

from einstyle_core import images
from einstyle_core.garments import Garment

__all__ = ["VIEW_SIZE", "enlarge", "is_blank", "view", "views"]

VIEW_SIZE = 192
"""Height and width of a view in pixels."""

_HAZE = 8  # by so much JPEG lets one tone vary
_INSIDE = 51 / 64  # the share of a view that the garment's longer side takes: four fifths


def view(garment: Garment) -> NDArray[np.uint8]:
    """The view of a garment, uint8 ``4 x 192 x 192``.

    The mask's bounding box lies in the middle, its proportions kept. Red, green and blue are as in the photo (of a
    picture in the dataset's negated tones: negated back; what is transparent around the garment is white); beyond the
    photo's edge its last pixels go on.
    """
    rows, columns = np.flatnonzero(garment.mask.any(axis=1)), np.flatnonzero(garment.mask.any(axis=0))
    mask = np.where(garment.mask, 255, 0).astype(np.uint8)
    picture = garment.original.copy()
    if picture.mode == "RGBA":  # the garment's own colours, also where it lets something through
        picture.putalpha(ImageChops.lighter(picture.getchannel("A"), Image.fromarray(mask)))
    colours = np.asarray(images.flattened(picture, "white"))
    if garment.negated:
        colours = 255 - colours
    side = (max(np.ptp(rows), np.ptp(columns)) + 1) / _INSIDE
    frame = math.ceil(side)  # more than the square can reach beyond the photo
    left, top = (frame + (edge[0] + edge[-1] + 1 - side) / 2 for edge in (columns, rows))
    layers = [np.pad(colours, ((frame, frame), (frame, frame), (0, 0)), mode="edge"), np.pad(mask, frame)]
    square = (left, top, left + side, top + side)
    scaled = [
        np.asarray(Image.fromarray(layer).resize((VIEW_SIZE, VIEW_SIZE), Image.Resampling.BILINEAR, square))
        for layer in layers
    ]
    return np.ascontiguousarray(np.dstack(scaled).transpose(2, 0, 1))


def views(garments: Sequence[Garment]) -> Tensor:
    """Several garments' views, uint8 ``N x 4 x 192 x 192``."""
    if not garments:
        return torch.zeros(0, 4, VIEW_SIZE, VIEW_SIZE, dtype=torch.uint8)
    return torch.from_numpy(np.stack([view(garment) for garment in garments]))


def is_blank(view: NDArray[np.uint8]) -> bool:
    """A view, uint8 ``4 x H x W``, of a picture of one tone all over.

    Only where the cut has no quality (:attr:`einstyle_core.garments.Garment.quality`) can that be.
    """
    mask = view[3].astype(int)
    colours = view[:3, 2 * mask >= mask.max()]  # a thin strip's mask is faint, or gone, when it is made small
    return int(np.ptp(colours, axis=1).max(initial=0)) <= _HAZE


def enlarge(small: Tensor, size: int = VIEW_SIZE) -> Tensor:
    """Views ``N x 4 x size x size``, float32 in [0, 1], of images ``N x 1 x 28 x 28`` in the dataset's manner.

    What is not black is garment; tones are negated back, so that the ground is white. ``size`` is even.
    """
    margin = round(size * (1 - _INSIDE) / 2)
    inside = (size - 2 * margin,) * 2
    tones = F.interpolate(1 - small, inside, mode="bilinear")
    mask = F.interpolate((small > 0).to(small.dtype), inside, mode="bilinear")
    frame = (margin,) * 4
    return torch.cat([F.pad(tones, frame, value=1.0).expand(-1, 3, -1, -1), F.pad(mask, frame)], 1)
