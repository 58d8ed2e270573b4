"""The classifiers that pages show next to each other, and asking them all."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import measurements
from einstyle_core.classifiers import get
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.errors import CheckpointError
from pages.shared import models
from pages.shared.text import plain

SHOWN: tuple[str, ...] = ("dense", "cnn")
"""In this order; another network is one more name here."""

BEST = "cnn"
"""Whose answer counts until the visitor chooses another's."""


def title(name: str) -> str:
    """``"Dense network"``."""
    return get(name).title


def spoken(name: str) -> str:
    """``"the dense network"``, inside a sentence."""
    return f"the {title(name).lower()}"


def usable() -> list[str]:
    """The shown networks whose checkpoints are sound; for each other one the page gets its sentence, once."""
    sound = []
    for name in SHOWN:
        try:
            models.load(name)
        except CheckpointError as error:
            st.error(f"**{title(name)}**: {plain(str(error))}", icon=":material/healing:")
        else:
            sound.append(name)
    return sound


def measured() -> dict[str, measurements.Record]:
    """The shown networks' figures on the test images; where there are none the page gets its sentence."""
    try:
        records = models.measured("classifiers")
    except CheckpointError as error:
        st.error(plain(str(error)), icon=":material/healing:")
        return {}
    known = {name: records[name] for name in SHOWN if name in records}
    if not known:
        st.info(
            "No network has been measured on this machine yet. Where the dataset is present, "
            "`python -m scripts.evaluate classifiers` does it in a minute.",
            icon=":material/straighten:",
        )
    return known


def choose(question: str, names: Sequence[str], key: str) -> str:
    """Let the visitor choose one of the networks; the URL keeps the choice."""
    chosen: str = st.segmented_control(
        question,
        names,
        default=BEST if BEST in names else names[0],
        required=True,
        format_func=title,
        key=key,
        bind="query-params",
    )
    return chosen


def ask(name: str, pixels: NDArray[np.uint8]) -> list[Prediction]:
    """What a network says of each of ``N x 28 x 28``."""
    return [Prediction(name, tuple(row)) for row in models.probabilities(name, pixels).tolist()]
