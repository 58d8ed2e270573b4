"""The picture under attack: sent from another page, uploaded, a test image, or the one that the page opens with."""

from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import data
from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import DataError
from einstyle_core.images import Limits
from pages.shared import intake, models, pictures, samples, tray
from pages.shared.text import plain, told

OPENING = 2459
"""The test image that the page opens with: a checked shirt that both networks are sure of, until it is touched."""
_CHOSEN = "picture_chosen"


@dataclass(frozen=True)
class Subject:
    """One picture.

    Attributes:
        name: as the visitor calls it; never trusted.
        pixels: uint8 ``28 x 28``, as the networks see it.
        truth: the class it is, or None where nobody has said.
        key: in the tray, or None of the opening picture, which is nobody's yet.
    """

    name: str
    pixels: NDArray[np.uint8]
    truth: int | None
    key: str | None

    @property
    def described(self) -> str:
        """Its name and class, in a sentence for Markdown."""
        known = "" if self.truth is None else f", {CLASS_NAMES[self.truth]}"
        return f"The picture: {plain(self.name)}{known}."

    def take(self) -> str:
        """Put it among the visitor's pictures, where it is not; returns its key."""
        return samples.add(OPENING) if self.key is None else self.key


def current() -> Subject | None:
    """The picture that the visitor looks at, else the last one, else the opening one; None on an empty machine."""
    samples.follow_link()
    kept = tray.items()
    if kept:
        item = kept.get(tray.focused()) or list(kept.values())[-1]
        return Subject(item.name, item.pixels, item.truth, item.key)
    if not data.is_available():
        return None
    try:
        test = models.test_images()
    except DataError as error:
        st.error(told(error), icon=":material/folder_off:")
        return None
    return Subject(f"test image {OPENING}", test.images[OPENING, 0].numpy(), int(test.labels[OPENING]), None)


def offer_others() -> None:
    """The door to every other picture; closed until it is asked for, and again when a picture was chosen."""
    if st.session_state.pop(_CHOSEN, False):
        st.session_state["others"] = False
    with st.popover("Another picture", icon=":material/checkroom:", on_change="rerun", key="others") as others:
        if not others.open:
            return
        choose_kept()
        ask_for_upload()
        offer_samples()


def choose_kept() -> None:
    """The visitor's pictures, where there is more than one, to look at another."""
    kept = list(tray.items().values())
    if len(kept) < 2:
        return
    st.markdown("**Your pictures**")
    with st.grid(5, min_column_width=72, gap="xsmall"):
        for item in kept[-20:]:
            with st.container(gap="xxsmall"):
                pictures.show_pixels(item.pixels, f"kept-{item.key}", item.name)
                if st.button("This", key=f"look-{item.key}", help=plain(item.name), type="tertiary", width="stretch"):
                    _choose(item.key)


def ask_for_upload() -> None:
    """Files, as on Classify: the garment is found in each, and the first is looked at."""
    batch = st.session_state.setdefault("attack_round", 0)
    files = st.file_uploader(
        "A photo of a garment", accept_multiple_files=True, key=f"attack-upload-{batch}", help=Limits().accepted
    )
    if not files:
        return
    st.session_state["attack_round"] = batch + 1
    intake.receive(files)
    bar, taken = st.progress(0.0), intake.state()
    while taken.waiting:
        bar.progress(taken.done / taken.total, f"Looking for the garment in {plain(taken.waiting[0][1])} …")
        intake.advance()
    if taken.first:
        _choose(taken.first)
    st.rerun()


def tell_refusals() -> None:
    """A sentence for each file of the last batch that was no picture."""
    for sentence in intake.state().refused:
        st.warning(plain(sentence), icon=":material/broken_image:")


def offer_samples() -> None:
    """Ten test images to click, or the way to get them."""
    if not data.is_available():
        samples.offer_download()
        return
    shuffle = st.session_state.setdefault("shuffle", 0)
    try:
        choice = samples.one_of_each(shuffle)
        shown = samples.images_of(choice)
    except DataError as error:
        st.error(told(error), icon=":material/folder_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**A test image** that no network has learned from:", width="content")
        if st.button("Ten others", type="tertiary", icon=":material/shuffle:"):
            st.session_state["shuffle"] = shuffle + 1
            st.rerun()
    with st.grid(5, min_column_width=72, gap="xsmall"):
        for label, (index, pixels) in enumerate(zip(choice, shown, strict=True)):
            with st.container(gap="xxsmall"):
                pictures.show_pixels(pixels, f"sample-{label}", f"test image {index}: {CLASS_NAMES[label]}")
                if st.button(CLASS_NAMES[label], key=f"take-{label}", type="tertiary", width="stretch"):
                    _choose(samples.add(index))


def _choose(key: str) -> NoReturn:
    tray.focus(key)
    st.session_state[_CHOSEN] = True
    st.rerun()
