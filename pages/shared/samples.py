"""Pictures to try the app with: real test images where Fashion-MNIST is present.

A hosted app may have no dataset. Garments that the project's own GANs made will stand in then; until such checkpoints
exist, the page says what is missing and offers the download.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import data, retrieval
from einstyle_core.errors import DataError
from pages.shared import models, tray
from pages.shared.text import plain, told

_PARAMETER = "sample"
_MOST = 20
_TRAINING = "train-"


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
    except DataError:  # the page tells it where it offers the samples
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


def offer_download() -> None:
    """Say that there are no samples, and offer to fetch the dataset, with a progress bar."""
    st.markdown(
        "**No samples here yet.** Fashion-MNIST is not on this machine, and no network that makes garments has been "
        "trained so far. Your own pictures work without it."
    )
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
