"""Pictures to try the app with: real test images where Fashion-MNIST is present.

A hosted app may have no dataset. Garments that the project's own GANs made will stand in then; until such checkpoints
exist, the page says what is missing and offers the download.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import data
from einstyle_core.errors import DataError
from pages.shared import models, tray
from pages.shared.text import plain

_PARAMETER = "sample"
_MOST = 20


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
    shown = [value for value in _linked() if value != index]
    st.query_params[_PARAMETER] = ",".join(str(value) for value in [*shown, index][-_MOST:])
    return _put(index)


def follow_link() -> None:
    """Show the test images that the URL names, where the dataset is present."""
    if not data.is_available():
        return
    try:
        for index in _linked():
            _put(index)
    except DataError:  # the page tells it where it offers the samples
        return


def forget_link() -> None:
    """Take the samples out of the URL."""
    st.query_params.pop(_PARAMETER, None)


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
        st.error(plain(str(error)), icon=":material/cloud_off:")
        return
    st.rerun()


def _put(index: int) -> str:
    test = models.test_images()
    return tray.add_sample(f"test image {index}", test.images[index, 0].numpy(), int(test.labels[index]))


def _advance(bar: st.delta_generator.DeltaGenerator, done: int, total: int) -> None:
    bar.progress(min(done / total, 1.0), f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")


def _linked() -> list[int]:
    """Valid test image numbers in the URL, at most twenty; everything else in it is ignored."""
    parts = st.query_params.get(_PARAMETER, "").split(",")[:_MOST]
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 6]
    return [number for number in dict.fromkeys(numbers) if number < 10_000]
