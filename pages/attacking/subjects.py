"""The picture under attack: sent from another page, uploaded, a test image, or the one that the page opens with."""

import re
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import data
from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import DataError, EinstyleError
from einstyle_core.images import Limits
from pages.attacking import links
from pages.shared import intake, models, pictures, samples, tray
from pages.shared.text import plain, told

OPENING = 2459
"""The test image that the page opens with: a checked shirt that both networks are sure of, until it is touched."""
_CHOSEN = "picture_chosen"
_SAMPLE, _ITEM = "sample", "item"  # in the URL: what pages.shared.samples and pages.shared.tray say there
_MOST = 20  # samples that a link may have
_ZEROS = re.compile(r"^(train-)?0+(?=\d)")


@dataclass(frozen=True)
class Subject:
    """One picture.

    Attributes:
        name: as the visitor calls it; never trusted.
        pixels: uint8 ``28 x 28``, as the networks see it.
        truth: the class it is, or None where nobody has said.
        key: in the tray, or None of the opening picture, which is nobody's yet.
        sample: its number in a link to the page, ``"3"`` or ``"train-17"``; None where a link cannot show it.
        opening: what the page opens with, if this is it.
    """

    name: str
    pixels: NDArray[np.uint8]
    truth: int | None
    key: str | None
    sample: str | None = None
    opening: samples.Sample | None = None

    @property
    def described(self) -> str:
        """Its name and class, in a sentence for Markdown."""
        known = "" if self.truth is None else f", {CLASS_NAMES[self.truth]}"
        return f"The picture: {plain(self.name)}{known}."

    def take(self) -> str:
        """Put it among the visitor's pictures, where it is not; returns its key."""
        if self.key is not None:
            return self.key
        assert self.opening
        return self.opening.take()


def current() -> Subject | None:
    """The picture that the visitor looks at, else the last one, else the opening one; None on an empty machine."""
    samples.follow_link()
    kept = tray.items()
    if kept:
        item = kept.get(tray.focused()) or list(kept.values())[-1]
        return Subject(item.name, item.pixels, item.truth, item.key, _sample(item))
    try:
        opening = _opening()
    except EinstyleError as error:
        st.error(told(error), icon=":material/folder_off:")
        return None
    if opening is None:
        return None
    sample = None if opening.index is None else f"{opening.index}"
    return Subject(opening.name, opening.pixels, opening.truth, None, sample, opening)


def _opening() -> samples.Sample | None:
    """The checked shirt; without the dataset a shirt that one of our GANs makes; None where there is neither."""
    if data.is_available():
        test = models.test_images()
        return samples.Sample(
            f"test image {OPENING}", test.images[OPENING, 0].numpy(), int(test.labels[OPENING]), OPENING
        )
    return next((sample for sample in samples.ten() if CLASS_NAMES[sample.label] == "Shirt"), None)


def refuse_missing() -> None:
    """What the URL says of pictures that are not here is refused, and taken out of it: the next picture that is chosen
    has nothing to do with it. Without the dataset samples stay in it, for they can be fetched.
    """
    kept = tray.items()
    if tray.focused() and tray.focused() not in kept:
        links.refuse(_ITEM, "a picture of another session, where a visitor's pictures stay")
        _keep(_ITEM, "")
    asked = [part for part in st.query_params.get(_SAMPLE, "").split(",")[:_MOST] if part]
    places = {samples.written(item.place) for item in kept.values() if item.place is not None}
    lost = [part for part in asked if _ZEROS.sub(r"\1", part) not in places]
    if not lost:
        return
    if data.is_available():
        links.refuse(_SAMPLE, f"sample “{links.quoted(', '.join(lost))}”")
        _keep(_SAMPLE, ",".join(part for part in asked if part not in lost))
    elif not kept:
        links.refuse(_SAMPLE, f"sample “{links.quoted(', '.join(lost))}”, for Fashion-MNIST is not on this machine")


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
    files = st.file_uploader("A photo of a garment", accept_multiple_files=True, key=f"attack-upload-{batch}")
    st.caption(Limits().accepted)
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
    """Ten pictures to click."""
    samples.offer(5, _choose)


def _sample(item: tray.Item) -> str | None:
    """The number by which a link shows an item; None where the visitor has made another picture of it."""
    if item.place is None:
        return None
    try:
        pixels, labels = models.fashion_mnist([item.place])
    except DataError:
        return None
    is_same = np.array_equal(pixels[0], item.pixels) and int(labels[0]) == item.truth
    return samples.written(item.place) if is_same else None


def _keep(name: str, rest: str) -> None:
    if rest:
        st.query_params[name] = rest
    else:
        st.query_params.pop(name, None)


def _choose(key: str) -> NoReturn:
    st.session_state[_CHOSEN] = True
    tray.look_at(key)
