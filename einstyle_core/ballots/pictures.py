"""Pictures of a ballot: decoded, bounded, and without what a camera writes beside the pixels."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from einstyle_core import images

MAX_SIDE = 1280
"""A phone shows no more, and twelve pairs stay below what one session may upload."""
PNG_BYTES = 1 << 20


@dataclass(frozen=True)
class Picture:
    """A picture file and what it is: ``image/png`` or ``image/jpeg``."""

    content: bytes
    media_type: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        with Image.open(io.BytesIO(self.content)) as image:
            return image.size

    @property
    def is_pixel_art(self) -> bool:
        """So small that it is enlarged in whole pixels."""
        return max(self.size) <= 64

    def open(self) -> Image.Image:
        """Its pixels, ``RGB``."""
        with Image.open(io.BytesIO(self.content)) as image:
            return image.convert("RGB")


def prepare(content: bytes, name: str = "") -> Picture:
    """A picture as ballots store it, from a file of any kind that we accept.

    At most :data:`MAX_SIDE` pixels a side, upright, on white where it was transparent, without EXIF (a phone writes
    the place into it). PNG up to :data:`PNG_BYTES`, else JPEG with colours at full resolution.

    Raises:
        ImageError: not a picture that we accept; ``name`` is what the sentence calls it.
    """
    image = images.decode(content, name, max_side=MAX_SIDE)
    image = images.flattened(image, "white")
    image = Image.fromarray(np.asarray(image))  # the pixels, and nothing that came with them
    lossless = images.png_bytes(image)
    if len(lossless) <= PNG_BYTES:
        return Picture(lossless, "image/png")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92, subsampling=0)
    return Picture(buffer.getvalue(), "image/jpeg")
