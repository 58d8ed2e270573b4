"""A colour difference in plain words, for those who see all colours and for those who do not."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core.colorizer import render
from einstyle_core.colorizer.render import VISIONS, Vision

CLEAR = 5.0
"""From here on people speak of two colours."""

# Mokrzycki and Tatol 2011, "Colour difference ΔE: a survey", Machine Graphics and Vision 20(4), section 5.
_READINGS = (
    (1.0, "nobody sees a difference"),
    (2.0, "only a trained eye sees the difference"),
    (3.5, "an untrained eye sees the difference side by side"),
    (CLEAR, "a clear difference"),
    (float("inf"), "two different colours"),
)
SOURCES = (
    "CIEDE2000 (ISO/CIE 11664-6), the mean over the garment. Below 1 nobody sees a difference, from 2 on an untrained "
    "eye does, from 5 on people speak of two colours (Mokrzycki and Tatol 2011)."
)
VISION_SOURCES = (
    "What somebody sees who lacks one kind of cones altogether (Viénot, Brettel and Mollon 1999; for blue Brettel, "
    "Viénot and Mollon 1997). About one man in twelve and one woman in 250 sees red and green less well than others "
    "(Birch 2012), most of them in a milder form than this; blue-blindness is rare."
)
TITLES: dict[Vision, str] = {
    "protan": "Without red cones (protan)",
    "deutan": "Without green cones (deutan)",
    "tritan": "Without blue cones (tritan)",
}


@dataclass(frozen=True)
class Seen:
    """The pair as one kind of colour vision has it.

    Attributes:
        vision: which.
        a: uint8, ``H x W x 3``.
        b: of the same shape.
        difference: CIEDE2000 between them, the mean over the garment.
    """

    vision: Vision
    a: NDArray[np.uint8]
    b: NDArray[np.uint8]
    difference: float


def reading(difference: float) -> str:
    """What a mean CIEDE2000 difference means, as the end of a sentence."""
    return next(words for limit, words in _READINGS if difference < limit)


def is_lost(difference: float, seen: Seen) -> bool:
    """Two colours for most people are hard to tell apart for these."""
    return difference >= CLEAR > seen.difference


def confused(difference: float, views: list[Seen]) -> str | None:
    """A warning where the pair is lost on somebody, else None."""
    lost = [seen for seen in views if is_lost(difference, seen)]
    if not lost:
        return None
    who = " and ".join(f"{TITLES[seen.vision][0].lower()}{TITLES[seen.vision][1:]}" for seen in lost)
    return (
        f"A and B are two colours for most people, but hard to tell apart {who}. In a group some will vote between two "
        "pictures that look the same to them. A pair that also differs in lightness is safer: take two garments, or "
        "colours further apart."
    )


def difference(a: NDArray[np.uint8], b: NDArray[np.uint8], mask: NDArray[np.floating]) -> float:
    """Mean CIEDE2000 over the garment, kept for a while; see :func:`einstyle_core.colorizer.render.difference`."""
    return _difference(a.tobytes(), b.tobytes(), mask.tobytes(), a.shape)


def views(a: NDArray[np.uint8], b: NDArray[np.uint8], mask: NDArray[np.floating]) -> list[Seen]:
    """The pair in the three kinds of dichromatic vision."""
    return _views(a.tobytes(), b.tobytes(), mask.tobytes(), a.shape)


@st.cache_data(max_entries=128, show_spinner=False)
def _difference(a: bytes, b: bytes, mask: bytes, shape: tuple[int, int, int]) -> float:
    return render.difference(_pixels(a, shape), _pixels(b, shape), _plane(mask, shape))


@st.cache_data(max_entries=16, show_spinner=False)
def _views(a: bytes, b: bytes, mask: bytes, shape: tuple[int, int, int]) -> list[Seen]:
    found = []
    for vision in VISIONS:
        pair = [render.colour_blind(_pixels(side, shape), vision) for side in (a, b)]
        found.append(Seen(vision, pair[0], pair[1], render.difference(pair[0], pair[1], _plane(mask, shape))))
    return found


def _pixels(content: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.frombuffer(content, np.uint8).reshape(shape)


def _plane(content: bytes, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    return np.frombuffer(content, np.float32).reshape(shape[:2])
