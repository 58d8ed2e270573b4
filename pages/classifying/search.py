"""The search of Fashion-MNIST's 70,000 images: begun by a click, with a bar, and ended by Cancel.

It runs outside the fragment that begins it: a click within a fragment never ends a run (Streamlit 1.67), but waits.
"""

import time

import streamlit as st

from einstyle_core.errors import CheckpointError, DataError
from pages.shared import models, networks
from pages.shared.text import remaining, told

# In the session: the network whose index the next run of the page builds, and what went wrong with the last one.
_WANTED, _TROUBLE = "index_wanted", "index_trouble"


def offer(space: str) -> None:
    """A button that begins the search in a network's features; while it is at work it cannot be clicked."""
    if trouble := st.session_state.pop(_TROUBLE, None):
        st.error(trouble, icon=":material/healing:")
    if st.button(
        "Search its 70,000 images",
        icon=":material/image_search:",
        key="build-index",
        disabled=_WANTED in st.session_state,
        help=f"{networks.spoken(space).capitalize()} looks at each of them once; minutes, but only the first time.",
    ):
        st.session_state[_WANTED] = space
        st.rerun()


def work_off(place: st.delta_generator.DeltaGenerator) -> None:
    """Build the index that was asked for, and show the page anew; to be called when what it belongs to is drawn.

    A click on Cancel, or on anything outside a fragment, ends this run, and the work, where the bar is next drawn.
    """
    space = st.session_state.pop(_WANTED, None)
    if space is None:
        return
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, "Waiting for the turn …")
        st.button("Cancel", icon=":material/close:", key="cancel-index")
    place.caption("Leaving this page, or a click elsewhere on it, ends the search.")
    try:
        models.build_index(space, _Pace(bar))
    except (CheckpointError, DataError) as error:
        st.session_state[_TROUBLE] = told(error)
    st.rerun()


def forget() -> None:
    """Where no picture is left there is nothing to search for."""
    st.session_state.pop(_WANTED, None)


class _Pace:
    """Moves a bar, and says how long the rest may take by how long the others took."""

    def __init__(self, bar: st.delta_generator.DeltaGenerator) -> None:
        self.bar = bar
        self.began: tuple[float, int] | None = None  # when, and how many were done by then

    def __call__(self, done: int, total: int) -> None:
        if total == 1:
            self.bar.progress(0.0, "Another search is being prepared; this one comes next …")
            return
        now = time.monotonic()
        began, before = self.began = self.began or (now, done)
        seconds = (now - began) / (done - before) * (total - done) if done > before else None
        self.bar.progress(done / total, f"{done / total:.0%} of the images seen{remaining(seconds)}")
