"""Pictures to try the app with: real test images where Fashion-MNIST is present.

A hosted app may have no dataset. Garments that one of the project's own GANs makes stand in then, and the page says so;
without a GAN it says what is missing. Either way it offers the download.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import data, retrieval
from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import DataError, EinstyleError
from einstyle_core.gans import get
from pages.shared import makers, models, pictures, tray
from pages.shared.text import plain, told

_PARAMETER = "sample"
_MOST = 20
_TRAINING = "train-"


@dataclass(frozen=True)
class Sample:
    """A picture to try the app with.

    Attributes:
        name: ``"test image 3"``, ``"Bag 2 by BEGAN"``.
        pixels: uint8, ``28 x 28``.
        label: the class it is, or that a GAN was to make.
        index: of the test image; None of one that a GAN made.
        maker: the GAN's title, empty of a test image.
    """

    name: str
    pixels: NDArray[np.uint8]
    label: int
    index: int | None = None
    maker: str = ""

    @property
    def truth(self) -> int | None:
        """The class it is; nobody has said what a GAN made."""
        return None if self.index is None else self.label

    def take(self) -> str:
        """Put it among the visitor's pictures; returns its key."""
        return tray.add_sample(self.name, self.pixels, None) if self.index is None else add(self.index)


def ten(shuffle: int = 0) -> list[Sample]:
    """One of each class in class order, others for another ``shuffle``; none where there is nothing to take them from.

    Test images; where the dataset is absent, what the best GAN of this machine makes.

    Raises:
        DataError: the dataset is damaged.
        EinstyleError: the GAN is damaged, or hardly ever makes a class.
    """
    if data.is_available():
        chosen = one_of_each(shuffle)
        shown = zip(chosen, images_of(chosen), strict=True)
        return [Sample(f"test image {index}", pixels, label, index) for label, (index, pixels) in enumerate(shown)]
    if gan := makers.best(by_class=True):
        made, title = makers.one_of_each(gan, shuffle), get(gan).title
        return [
            Sample(f"{CLASS_NAMES[label]} {shuffle + 1} by {title}", pixels, label, maker=title)
            for label, pixels in enumerate(made)
        ]
    return []


def are_there() -> bool:
    """Whether there is anything to take samples from."""
    return data.is_available() or makers.best(by_class=True) is not None


def offer(columns: int, choose: Callable[[str], object] = tray.look_at, take_all: bool = False) -> None:
    """Ten pictures to click, and ten others; without the dataset also the way to get it.

    Args:
        columns: beside each other at most.
        choose: is told the key of the picture that was clicked, when it is among the visitor's.
        take_all: offer all ten at once, too.
    """
    shuffle = st.session_state.setdefault("shuffle", 0)
    try:
        shown = ten(shuffle)
    except EinstyleError as error:
        st.error(told(error), icon=":material/folder_off:")
        shown = []
    if shown:
        with st.container(horizontal=True, vertical_alignment="center"):
            maker = shown[0].maker
            source = (
                f"Ten garments that nobody sewed, made by {maker}"
                if maker
                else "Ten test images that no network has learned from"
            )
            st.markdown(f"**No photo at hand?** {source}:", width="content")
            if take_all and st.button("Take all ten", type="tertiary", icon=":material/done_all:"):
                _take(shown, lambda _: st.rerun())
            if st.button("Ten others", type="tertiary", icon=":material/shuffle:"):
                st.session_state["shuffle"] = shuffle + 1
                st.rerun()
        with st.grid(columns, min_column_width=76, gap="xsmall"):
            for sample in shown:
                word = CLASS_NAMES[sample.label]
                with st.container(gap="xxsmall"):
                    pictures.show_pixels(sample.pixels, f"sample-{sample.label}", f"{sample.name}: {word}")
                    if st.button(word, key=f"take-{sample.label}", type="tertiary", width="stretch"):
                        _take([sample], choose)
    if not data.is_available():
        offer_download(any_samples=bool(shown))


def _take(chosen: Sequence[Sample], then: Callable[[str], object]) -> None:
    """Put samples among the visitor's pictures, and go on with the last one's key; tell it where one finds no room."""
    key = tray.accept(lambda: [sample.take() for sample in chosen][-1])
    if key:
        then(key)


def one_of_each(shuffle: int) -> list[int]:
    """Ten test images, one a class in class order; another ten for another ``shuffle``.

    Raises:
        DataError: the dataset is absent or damaged.
    """
    labels = models.test_images().labels.numpy()
    generator = np.random.default_rng(shuffle)
    return [int(generator.choice(np.flatnonzero(labels == index))) for index in range(data.NUM_CLASSES)]


def images_of(indices: Sequence[int]) -> NDArray[np.uint8]:
    """``N x 28 x 28``, the test images at ``indices``.

    Raises:
        DataError: the dataset is absent or damaged.
    """
    pixels: NDArray[np.uint8] = models.test_images().images[list(indices), 0].numpy()
    return pixels


def add(index: int) -> str:
    """Put test image ``index`` among the visitor's pictures and into the URL; returns its key.

    Raises:
        DataError: the dataset is absent or damaged.
    """
    return add_place(retrieval.place_of("test", index))


def add_place(place: int) -> str:
    """The same for any image of Fashion-MNIST, by its place (:func:`einstyle_core.retrieval.split_of`).

    Raises:
        DataError: the dataset is absent or damaged.
    """
    key = _put(place)
    st.query_params[_PARAMETER] = ",".join(written(linked) for linked in [*_without(place), place][-_MOST:])
    return key


def written(place: int) -> str:
    """As the URL has it: ``"3"`` for a test image, ``"train-17"`` for a training image."""
    split, number = retrieval.split_of(place)
    return f"{number}" if split == "test" else f"{_TRAINING}{number}"


def name_of(place: int) -> str:
    """``"test image 3"``, ``"training image 17"``."""
    split, number = retrieval.split_of(place)
    return f"{'test' if split == 'test' else 'training'} image {number}"


def follow_link() -> None:
    """Show the test images that the URL names, where the dataset is present."""
    if not data.is_available():
        return
    try:
        for place in _linked():
            _put(place)
    except EinstyleError:  # no room; or damaged data: the page tells it where it offers the samples
        return


def forget_link() -> None:
    """Take the samples out of the URL."""
    st.query_params.pop(_PARAMETER, None)


def remove_from_link(place: int) -> None:
    """Take one sample out of the URL."""
    if rest := _without(place):
        st.query_params[_PARAMETER] = ",".join(map(written, rest))
    else:
        forget_link()


def offer_download(any_samples: bool = False) -> None:
    """Say that Fashion-MNIST is not here, and offer to fetch it, with a progress bar.

    Args:
        any_samples: there are others to try the page with.
    """
    if any_samples:
        st.caption("Real test images come with Fashion-MNIST, which is not on this machine.")
    else:
        st.markdown("**No samples here yet.** Fashion-MNIST is not on this machine. Your own pictures work without it.")
    if not st.button("Download Fashion-MNIST (31 MB)", icon=":material/download:", key="fetch_data"):
        return
    bar = st.progress(0.0, "Asking the server …")
    try:
        data.fetch(lambda done, total: _advance(bar, done, total))
    except (DataError, OSError) as error:
        bar.empty()
        st.error(told(error) if isinstance(error, DataError) else plain(str(error)), icon=":material/cloud_off:")
        return
    st.rerun()


def _put(place: int) -> str:
    pixels, labels = models.fashion_mnist([place])
    return tray.add_sample(name_of(place), pixels[0], int(labels[0]), place)


def _advance(bar: st.delta_generator.DeltaGenerator, done: int, total: int) -> None:
    bar.progress(min(done / total, 1.0), f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")


def _linked() -> list[int]:
    """Places of the images in the URL, at most twenty; everything in it that is none is ignored."""
    places = []
    for part in st.query_params.get(_PARAMETER, "").split(",")[:_MOST]:
        split: data.Split = "train" if part.startswith(_TRAINING) else "test"
        number = part.removeprefix(_TRAINING)
        if number.isascii() and number.isdigit() and len(number) < 6 and int(number) < retrieval.SIZES[split]:
            places.append(retrieval.place_of(split, int(number)))
    return list(dict.fromkeys(places))


def _without(place: int) -> list[int]:
    return [linked for linked in _linked() if linked != place]
