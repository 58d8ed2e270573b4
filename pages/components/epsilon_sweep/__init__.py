"""Drag epsilon: the changed picture, the change, every network's bars and the measured curves, in the same frame.

The server computes a whole sweep once; the browser draws from it and sends nothing while it is dragged, only where the
slider came to rest. A native ``<input type="range">`` brings the keyboard, the touch and the roles of a slider.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core.data import CLASS_NAMES

_FOLDER = Path(__file__).parent


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_mount = st.components.v2.component(
    "epsilon_sweep",
    html=_text("markup.html"),
    css=_text("style.css"),
    js=_text("pixels.js") + _text("sweep.js"),
)


@dataclass(frozen=True)
class NetworkSweep:
    """What one network says along the slider, and of which pictures.

    Attributes:
        title: ``"Dense network"``.
        short: beside its lane, ``"Dense"``.
        tone: its colour, an index into the theme's categorical colours.
        robust: drawn dashed and hollow: it learned from attacked pictures.
        caption: below the changed picture.
        tip: where the answer tips, in words; perhaps none.
        probabilities: float32 ``S x 10``, a row for each epsilon.
        truth: the class that the picture is, by which answers are right or wrong; where it is None, the network's
            answer to the unchanged picture counts as right.
        direction: int8 ``28 x 28`` of -1, 0, 1 where each picture is one step along the same signs; else None.
        frames: uint8 ``S x 28 x 28`` where each epsilon has a picture of its own; else None.
    """

    title: str
    short: str
    tone: int
    robust: bool
    caption: str
    tip: str
    probabilities: NDArray[np.float32]
    truth: int | None = None
    direction: NDArray[np.int8] | None = None
    frames: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class MeasuredCurve:
    """Accuracy over epsilon as measured, both in [0, 1], epsilons ascending; the rest as in :class:`NetworkSweep`."""

    title: str
    tone: int
    robust: bool
    epsilons: Sequence[float]
    accuracy: Sequence[float]


@dataclass(frozen=True)
class PaperPoint:
    """What the paper reports, to stand in the plot: epsilon and accuracy in [0, 1], and the words beside it."""

    epsilon: float
    accuracy: float
    words: str


def segments(probabilities: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Where the answer changes along the sweep: (first index, class), starting with index 0."""
    answers = probabilities.argmax(1)
    starts = [0, *(int(index) + 1 for index in np.flatnonzero(np.diff(answers)))]
    return [(start, int(answers[start])) for start in starts]


def epsilon_sweep(
    image: NDArray[np.uint8],
    epsilons: Sequence[float],
    networks: Sequence[NetworkSweep],
    *,
    epsilon: float,
    revision: int,
    curves: Sequence[MeasuredCurve],
    curve_words: str,
    paper: PaperPoint | None,
    key: str,
    on_epsilon_change: Callable[[], None],
) -> None:
    """The component.

    Args:
        image: ``28 x 28``, the original.
        epsilons: the slider's places, ascending from 0, in [0, 1].
        networks: at least one.
        epsilon: where the slider stands when it is new, or when ``revision`` is.
        revision: a number that changes when the page itself moves the slider.
        curves: what was measured, perhaps nothing.
        curve_words: what the curves are, before their legend.
        paper: a point to compare with, or None.
        key: the widget's; its state is ``{"epsilon": float}``.
        on_epsilon_change: called when the slider has come to rest somewhere else.
    """
    content: dict[str, Any] = {
        "classes": list(CLASS_NAMES),
        "image": _packed(image),
        "epsilons": list(epsilons),
        "networks": [_network(network) for network in networks],
        "curves": [
            {**vars(curve), "epsilons": list(curve.epsilons), "accuracy": list(curve.accuracy)} for curve in curves
        ],
        "curveWords": curve_words,
        "paper": None if paper is None else vars(paper),
    }
    identity = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    _mount(
        key=key,
        data={**content, "id": identity, "epsilon": epsilon, "revision": revision},
        on_epsilon_change=on_epsilon_change,
    )


def _network(network: NetworkSweep) -> dict[str, Any]:
    return {
        "title": network.title,
        "short": network.short,
        "tone": network.tone,
        "robust": network.robust,
        "caption": network.caption,
        "tip": network.tip,
        "probabilities": _packed(network.probabilities.astype("<f4")),
        "truth": network.truth,
        "segments": segments(network.probabilities),
        "direction": None if network.direction is None else _packed(network.direction.astype(np.int8)),
        "frames": None if network.frames is None else _packed(network.frames),
    }


def _packed(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
