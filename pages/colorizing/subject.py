"""Which garment is coloured: one of the visitor's pictures, or an example; at the size that is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

from einstyle_core import data, images
from einstyle_core.colorizer import render
from einstyle_core.colorizer.render import Canvas
from einstyle_core.data import IMAGE_SIZE, class_index
from einstyle_core.errors import DataError, EinstyleError, ImageError
from einstyle_core.gans import GANS
from pages.generating import zoo
from pages.generating.recipe import Recipe
from pages.shared import makers, samples, tray
from pages.shared.compute import slot

PREVIEW_SIDE = 1024
"""The longest side, in pixels, of what the page itself shows."""
TILE_SIDE = 400
"""The longest side where many colours of one garment stand beside each other."""

_EXAMPLE = 382  # of the test images: a pullover with stripes, so that one sees that prints stay
_EXAMPLE_CLASS = class_index("Pullover")
_MIDDLE = 128  # of 255 tones
_BLACK, _WHITE = 4.0, 99.0  # L*: an eye sees no colour beyond, and sRGB holds hardly any
_DARK, _LIGHT = 22.0, 88.0  # L* beyond which sRGB holds little chroma


@dataclass(frozen=True)
class Subject:
    """A picture to colour.

    Attributes:
        key: the same for the same content.
        name: as the visitor calls it; never trusted.
        truth: its class where that is known.
        part: where in the picture the garment is looked for.
        is_example: it is none of the visitor's pictures.
        read: gives the file.
    """

    key: str
    name: str
    truth: int | None
    part: tray.Part
    is_example: bool
    read: Callable[[], bytes]

    def canvas(self, side: int) -> Canvas:
        """The picture, its garment outlined, with at most ``side`` pixels a side; shared, never change it."""
        return _canvas(self.key, self.part, side, self)

    def full(self) -> Canvas:
        """The same at the size it came in: seconds and gigabytes for a large photo, so it is not kept."""
        return _prepared(self, None)


def current() -> Subject | None:
    """The picture looked at, or the visitor's last one, or an example; None where there is none at all."""
    kept = tray.items()
    item = kept.get(tray.focused()) or next(iter(list(kept.values())[::-1]), None)
    if item is None:
        return example()
    return Subject(item.key, item.name, item.truth, item.part, False, lambda: item.content)


def example() -> Subject | None:
    """A test image where the dataset is present, else a garment that one of our GANs makes."""
    try:
        if data.is_available():
            return _from_pixels(f"test image {_EXAMPLE}", samples.images_of([_EXAMPLE])[0])
        if gan := makers.best(by_class=True):
            made = zoo.draw(Recipe(gan, label=_EXAMPLE_CLASS, count=16)).pixels
            # Of a middle tone: black and white take no colour.
            return _from_pixels(f"a garment that {GANS[gan].title} made", min(made, key=_off_middle))
    except (DataError, EinstyleError):  # told where samples are offered, and on the page of the GANs
        return None
    return None


def take(file: UploadedFile) -> None:
    """Put an uploaded file among the visitor's pictures, and look at it.

    Raises:
        ImageError: it is no picture that we accept, or there is no room; nothing is kept.
    """
    name, content = file.name, file.getvalue()
    key = tray.key_of(name, content)
    if key not in tray.items():
        slip = tray.put_away(content) if len(content) <= images.Limits.max_bytes else None
        if slip is None:
            images.decode(content, name, max_side=PREVIEW_SIDE)  # says what is wrong with it, where something is
            raise ImageError(f"{name} was left out: {tray.NO_ROOM}")
        tray.add(key, name, slip)
    tray.focus(key)


def is_pixel_art(canvas: Canvas) -> bool:
    """It is a picture of the dataset's kind and size, enlarged in whole pixels wherever it is shown."""
    return canvas.photo.shape[:2] == (IMAGE_SIZE, IMAGE_SIZE)


def enlarged(picture: Image.Image, side: int) -> Image.Image:
    """The dataset's own size at the largest whole multiple within ``side``; anything else as it is."""
    return images.magnified(picture, side) if picture.size == (IMAGE_SIZE, IMAGE_SIZE) else picture


def nothing_to_colour(canvas: Canvas) -> str | None:
    """A sentence where all of the garment is black, or white: colouring keeps lightness, so that it stays."""
    lightness = _lightness(canvas)
    for is_so, tone in (
        (np.percentile(lightness, 99) < _BLACK, "black"),
        (np.percentile(lightness, 1) > _WHITE, "white"),
    ):
        if is_so:
            return f"There is nothing to colour: all of it is {tone}, and colouring keeps its lightness."
    return None


def reservation(canvas: Canvas) -> str | None:
    """A sentence for the visitor where the garment's own lightness leaves little or no room for colour."""
    if nothing := nothing_to_colour(canvas):
        return nothing
    middle = float(np.median(_lightness(canvas)))
    if middle < _DARK:
        return (
            "This garment is very dark, and colouring keeps its lightness: it comes out as a dark shade of whatever "
            "you choose. A photo of it in a lighter colour shows more."
        )
    if middle > _LIGHT:
        return (
            "This garment is nearly white, and colouring keeps its lightness: it comes out as a pale tint of whatever "
            "you choose. A photo of it in a middle tone shows more."
        )
    return None


def _off_middle(pixels: NDArray[np.uint8]) -> float:
    """How far a garment's usual tone is from the middle of 255."""
    return abs(float(np.median(pixels[pixels > 0])) - _MIDDLE) if pixels.any() else _MIDDLE


def _lightness(canvas: Canvas) -> NDArray[np.floating]:
    from skimage.color import rgb2lab

    chosen = canvas.photo[canvas.mask >= 0.5]
    return rgb2lab(chosen if len(chosen) else canvas.photo.reshape(-1, 3))[..., 0]


def _from_pixels(name: str, pixels: NDArray[np.uint8]) -> Subject:
    content = images.png_bytes(pixels)
    return Subject(tray.key_of(name, content), name, _EXAMPLE_CLASS, tray.WHOLE, True, lambda: content)


@st.cache_resource(max_entries=8, ttl="30m", show_spinner="Looking for the garment …")
def _canvas(key: str, part: tray.Part, side: int, _subject: Subject) -> Canvas:
    with slot:
        return _prepared(_subject, side)


def _prepared(subject: Subject, side: int | None) -> Canvas:
    picture = images.decode(subject.read(), subject.name, max_side=side)
    if subject.part == tray.WHOLE:
        return render.prepare(picture)
    (left, right), (top, bottom) = (
        (round(start / 100 * length), max(round(end / 100 * length), round(start / 100 * length) + 1))
        for (start, end), length in zip(subject.part, picture.size, strict=True)
    )
    inner = render.prepare(picture.crop((left, top, right, bottom)))
    mask = np.zeros((picture.height, picture.width), np.float32)
    mask[top:bottom, left:right] = inner.mask
    alpha = np.array(picture.getchannel("A")) if picture.mode == "RGBA" else None
    return replace(inner, photo=np.array(picture.convert("RGB")), mask=mask, alpha=alpha)
