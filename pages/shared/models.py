"""Cached checkpoints and bounded inference, shared by all visitors of the process."""

from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from einstyle_core import checkpoints, data, measurements
from einstyle_core.classifiers import CLASSIFIERS, predict
from einstyle_core.errors import CheckpointError
from pages.shared.compute import slot

Fingerprint = tuple[str, int, int]
"""Path, modification time and size of a checkpoint: a file that was restored is loaded without a restart."""


def warm_up() -> None:
    """Load every sound classifier, so that no visitor waits for it; a damaged one is told on the page."""
    for name in CLASSIFIERS:
        try:
            load(name)
        except CheckpointError:
            continue


def load(name: str) -> nn.Module:
    """The checkpoint called ``name``, in eval mode, shared: never change it.

    Raises:
        CheckpointError: missing, damaged or foreign.
    """
    return _load(name, fingerprint(name))


def fingerprint(name: str) -> Fingerprint:
    """What changes when the checkpoint's file does; a missing file has one too."""
    path = checkpoints.path_of(name)
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), stat.st_mtime_ns, stat.st_size


def probabilities(name: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """``N x 10`` probabilities of uint8 images ``N x 28 x 28``.

    Raises:
        CheckpointError: see :func:`load`.
    """
    return _probabilities(name, fingerprint(name), np.ascontiguousarray(pixels).tobytes())


def test_images() -> data.ImageSet:
    """The 10,000 test images.

    Raises:
        DataError: the dataset is absent or damaged.
    """
    return _test_images(str(data.data_root()))


@st.cache_data(max_entries=8, show_spinner="Both networks look at the 10,000 test images …")
def test_probabilities(name: str, checkpoint: Fingerprint) -> NDArray[np.float32]:
    """``10000 x 10`` probabilities of the test images.

    Args:
        name: the classifier.
        checkpoint: its :func:`fingerprint`, so that other weights give another answer.

    Raises:
        CheckpointError, DataError: either is missing or damaged.
    """
    return _infer(_load(name, checkpoint), test_images().images)


def measured(section: str) -> dict[str, measurements.Record]:
    """A section of metrics.json by model; empty where nothing was measured.

    Raises:
        CheckpointError: the file is damaged.
    """
    path = measurements.path()
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return {}
    return _measurements(str(path), changed).get(section, {})


@st.cache_resource(max_entries=32, show_spinner=False)
def _load(name: str, checkpoint: Fingerprint) -> nn.Module:
    return checkpoints.load(name)


@st.cache_data(max_entries=256, max_size="32mb", show_spinner=False)
def _probabilities(name: str, checkpoint: Fingerprint, pixels: bytes) -> NDArray[np.float32]:
    images = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(-1, 1, data.IMAGE_SIZE, data.IMAGE_SIZE)
    return _infer(_load(name, checkpoint), images)


def _infer(model: nn.Module, images: Tensor) -> NDArray[np.float32]:
    with slot:
        return predict(model, images).numpy()


@st.cache_resource(max_entries=2, show_spinner="Opening the test images …")
def _test_images(root: str) -> data.ImageSet:
    return data.load("test")


@st.cache_data(max_entries=4, show_spinner=False)
def _measurements(path: str, changed: int) -> dict[str, dict[str, Any]]:
    return measurements.read()
