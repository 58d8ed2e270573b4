"""The classifiers that pages show next to each other, and asking them all."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import checkpoints, measurements
from einstyle_core.classifiers import get
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.errors import CheckpointError
from pages.shared import models
from pages.shared.text import told

SHOWN: tuple[str, ...] = ("dense", "cnn")
"""The paper's own, in this order; another one is one more name here."""

PHOTO = "photo"
"""The network that was made for photographs; shown before the others where its checkpoint is."""

BEST = "cnn"
"""Whose answer counts for a picture of the dataset's kind, until the visitor chooses another's."""


def title(name: str) -> str:
    """``"Dense network"``."""
    return get(name).title


def spoken(name: str) -> str:
    """``"the dense network"``, inside a sentence."""
    return f"the {title(name).lower()}"


def usable() -> list[str]:
    """The shown networks whose checkpoints are sound; for each other one the page gets its sentence, once.

    Without a checkpoint the photo network is not missed: a project may have been set up without it.
    """
    found = _examined()
    for name, trouble in found.items():
        if trouble:
            st.error(f"**{title(name)}**: {told(trouble)}", icon=":material/healing:")
    return [name for name, trouble in found.items() if trouble is None]


def sound() -> list[str]:
    """The same with no word on the page."""
    return [name for name, trouble in _examined().items() if trouble is None]


def measured() -> dict[str, measurements.Record]:
    """The shown networks' figures on the test images; where there are none the page gets its sentence."""
    try:
        records = models.measured("classifiers")
    except CheckpointError as error:
        st.error(told(error), icon=":material/healing:")
        return {}
    known = {name: records[name] for name in SHOWN if name in records}
    if not known:
        st.info(
            "No network has been measured on this machine yet. Where the dataset is present, "
            "`python -m scripts.evaluate classifiers` does it in a minute.",
            icon=":material/straighten:",
        )
    return known


def preferred(names: Sequence[str]) -> str:
    """Whose answer counts among these until the visitor chooses another's."""
    return next((name for name in (PHOTO, BEST) if name in names), names[0])


def choose(question: str, names: Sequence[str], key: str) -> str:
    """Let the visitor choose one of the networks; the URL keeps the choice."""
    chosen: str = st.segmented_control(
        question,
        names,
        default=preferred(names),
        required=True,
        format_func=title,
        key=key,
        bind="query-params",
    )
    return chosen


def ask(name: str, pixels: NDArray[np.uint8]) -> list[Prediction]:
    """What a network says of each of ``N x 28 x 28``."""
    return [Prediction(name, tuple(row)) for row in models.probabilities(name, pixels).tolist()]


def _examined() -> dict[str, CheckpointError | None]:
    names = (PHOTO, *SHOWN) if checkpoints.path_of(PHOTO).exists() else SHOWN
    found: dict[str, CheckpointError | None] = {}
    for name in names:
        try:
            models.load(name)
        except CheckpointError as error:
            found[name] = error
        else:
            found[name] = None
    return found
