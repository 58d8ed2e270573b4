"""What colours a garment: the network, or the plain tint; each result kept for a while."""

from enum import StrEnum
from typing import cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core.colorizer import render
from einstyle_core.colorizer.palettes import RGB
from einstyle_core.colorizer.render import Canvas, Painter
from einstyle_core.errors import CheckpointError
from pages.colorizing.subject import TILE_SIDE, Subject, is_pixel_art
from pages.shared import models
from pages.shared.compute import slot
from pages.shared.text import told

NETWORK = "colorizer"
"""Its checkpoint."""


class Brush(StrEnum):
    """What colours."""

    NETWORK = "network"
    TINT = "plain tint"


def usable() -> Brush:
    """The network where its checkpoint is sound; else the page gets its sentence and the plain tint takes over."""
    try:
        models.load(NETWORK)
    except CheckpointError as error:
        is_missing = models.fingerprint(NETWORK)[1] == 0
        sentence = f"For now the colours are a plain tint, because the network cannot be used. {told(error)}"
        (st.warning if is_missing else st.error)(sentence, icon=":material/healing:")
        return Brush.TINT
    return Brush.NETWORK


def coloured(subject: Subject, side: int, colour: RGB, brush: Brush) -> NDArray[np.uint8]:
    """The picture in a colour, uint8 ``H x W x 3``; shared, never change it.

    Args:
        subject: the picture.
        side: the longest side, in pixels.
        colour: the colour wanted.
        brush: what colours.

    Raises:
        CheckpointError: the network is missing or damaged.
    """
    keep = _tile if side <= TILE_SIDE else _large
    weights = models.fingerprint(NETWORK) if brush is Brush.NETWORK else None
    return keep(subject.key, subject.part, side, colour, brush, weights, subject)


def paint(canvas: Canvas, colour: RGB, brush: Brush) -> NDArray[np.uint8]:
    """The same of a canvas of any size, not kept."""
    if brush is Brush.TINT:
        return render.tint(canvas.photo, canvas.mask, colour)
    network = cast(Painter, models.load(NETWORK))
    if is_pixel_art(canvas):
        painted = render.colorize_item(network, canvas.item, colour)
        # The dataset's manner may have taken inverting; the picture's own pixels are what is coloured then.
        if np.array_equal(canvas.item, canvas.photo[..., 0]):
            return painted
    return render.colorize(network, canvas.photo, canvas.mask, colour)


def class_colour(subject: Subject) -> RGB:
    """The paper's colour for what the network takes the garment to be.

    Raises:
        CheckpointError: the network is missing or damaged.
    """
    return _inferred(subject.key, subject.part, models.fingerprint(NETWORK), subject)


def _paint(subject: Subject, side: int, colour: RGB, brush: Brush) -> NDArray[np.uint8]:
    canvas = subject.canvas(side)
    with slot:
        return paint(canvas, colour, brush)


@st.cache_resource(max_entries=24, ttl="30m", show_spinner="Colouring …")
def _large(
    key: str,
    part: object,
    side: int,
    colour: RGB,
    brush: Brush,
    weights: models.Fingerprint | None,
    _subject: Subject,
) -> NDArray[np.uint8]:
    return _paint(_subject, side, colour, brush)


@st.cache_resource(max_entries=160, ttl="30m", show_spinner="Colouring …")
def _tile(
    key: str,
    part: object,
    side: int,
    colour: RGB,
    brush: Brush,
    weights: models.Fingerprint | None,
    _subject: Subject,
) -> NDArray[np.uint8]:
    return _paint(_subject, side, colour, brush)


@st.cache_data(max_entries=64, show_spinner=False)
def _inferred(key: str, part: object, weights: models.Fingerprint, _subject: Subject) -> RGB:
    canvas = _subject.canvas(TILE_SIDE)
    with slot:
        return render.inferred_colour(cast(Painter, models.load(NETWORK)), canvas.item)
