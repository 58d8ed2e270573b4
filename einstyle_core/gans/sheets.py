"""One seed across several GANs, to be compared at a glance."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from einstyle_core.images import grid

_TITLE_HEIGHT, _FONT_SIZE = 18, 11


def contact_sheet(rows: Mapping[str, NDArray[np.uint8]], scale: int = 2) -> NDArray[np.uint8]:
    """A row of pictures a GAN under its title, one below the other.

    Args:
        rows: title to ``N x 28 x 28``, the same N for all.
        scale: enlargement of the pictures.

    Returns:
        uint8 ``H x W``.
    """
    font = ImageFont.load_default(_FONT_SIZE)
    parts = []
    for title, pixels in rows.items():
        line = grid(pixels, columns=len(pixels), padding=1, scale=scale)
        head = Image.new("L", (line.shape[1], _TITLE_HEIGHT), 255)
        ImageDraw.Draw(head).text((4, 2), title, fill=0, font=font)
        parts += [np.asarray(head), line]
    return np.concatenate(parts)
