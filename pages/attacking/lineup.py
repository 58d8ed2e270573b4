"""The networks of the page: the paper's two, and the same shapes trained on attacked pictures where they exist."""

from collections.abc import Iterable

import streamlit as st

from einstyle_core import checkpoints
from einstyle_core.classifiers import CLASSIFIERS
from einstyle_core.errors import CheckpointError
from pages.shared import models, networks
from pages.shared.text import told

_SUFFIX = "-robust"
_SHORT = {"dense": "Dense", "cnn": "CNN", "dense-robust": "Robust dense", "cnn-robust": "Robust CNN"}


def usable() -> list[str]:
    """The paper's networks whose checkpoints are sound; each other one gets its sentence."""
    return _sound(networks.SHOWN)


def usable_robust() -> list[str]:
    """Their robust versions; one whose checkpoint is damaged gets its sentence, one that was never trained none."""
    names = (f"{name}{_SUFFIX}" for name in networks.SHOWN)
    return _sound(name for name in names if name in CLASSIFIERS and checkpoints.path_of(name).exists())


def is_robust(name: str) -> bool:
    """Whether it learned from attacked pictures."""
    return name.endswith(_SUFFIX)


def short(name: str) -> str:
    """``"CNN"``, ``"Robust CNN"``: beside a lane."""
    return _SHORT[name]


def spoken(name: str) -> str:
    """``"the robust CNN"``, inside a sentence."""
    return f"the {'robust ' if is_robust(name) else ''}{'CNN' if name.startswith('cnn') else 'dense network'}"


def tone(name: str) -> int:
    """Its colour, an index into the theme's categorical colours; the first is the accent, which means "wrong"."""
    return 1 + networks.SHOWN.index(name.removesuffix(_SUFFIX))


def _sound(names: Iterable[str]) -> list[str]:
    sound = []
    for name in names:
        try:
            models.load(name)
        except CheckpointError as error:
            st.error(f"**{networks.title(name)}**: {told(error)}", icon=":material/healing:")
        else:
            sound.append(name)
    return sound
