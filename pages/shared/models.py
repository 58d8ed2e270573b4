"""Cached checkpoints and bounded inference, shared by all visitors of the process."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from einstyle_core import checkpoints, data, measurements, retrieval
from einstyle_core.classifiers import NETWORKS, predict
from einstyle_core.errors import CheckpointError
from pages.shared.compute import slot

Fingerprint = tuple[str, int, int]
"""Path, modification time and size of a checkpoint: a file that was restored is loaded without a restart."""

_MOST_INDEXES = 4
_indexes: dict[Fingerprint, retrieval.Index] = {}
_building = threading.Lock()


def warm_up() -> None:
    """Load every sound classifier, so that no visitor waits for it; a damaged one is told on the page."""
    for name in NETWORKS:
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
    return _images(str(data.data_root()), "test")


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


def fashion_mnist(places: Sequence[int]) -> tuple[NDArray[np.uint8], NDArray[np.integer]]:
    """Images ``N x 28 x 28`` of Fashion-MNIST and their labels, by their places: the training images come first.

    Raises:
        DataError: the dataset is absent or damaged.
    """
    sets = {"train": _images(str(data.data_root()), "train"), "test": test_images()}
    found = [(sets[split], number) for split, number in map(retrieval.split_of, places)]
    return (
        np.stack([images.images[number, 0].numpy() for images, number in found]),
        np.array([int(images.labels[number]) for images, number in found]),
    )


def index(name: str) -> retrieval.Index | None:
    """The index over Fashion-MNIST in a network's features; None where it has to be built first."""
    weights = fingerprint(name)
    if weights not in _indexes and (found := retrieval.cached_fashion_mnist(name, _sha256(name))):
        _keep_index(weights, found)
    return _indexes.get(weights)


def build_index(name: str, progress: retrieval.Progress) -> None:
    """Make :func:`index` have one: up to six minutes on one core.

    Of several visitors who ask one builds, the others wait.

    Args:
        name: the network.
        progress: called with (images done, images in all) now and then, also while another visitor's is built;
            what it raises ends the work.

    Raises:
        CheckpointError, DataError: either is missing or damaged.
    """
    while not _building.acquire(timeout=0.5):
        progress(0, 1)
    try:
        if index(name) is None:
            with slot:
                _keep_index(fingerprint(name), retrieval.fashion_mnist(name, load(name), _sha256(name), progress))
    finally:
        _building.release()


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


@st.cache_resource(max_entries=4, show_spinner="Opening Fashion-MNIST …")
def _images(root: str, split: data.Split) -> data.ImageSet:
    return data.load(split)


def _keep_index(weights: Fingerprint, found: retrieval.Index) -> None:
    for oldest in list(_indexes)[: -(_MOST_INDEXES - 1)]:
        _indexes.pop(oldest, None)
    _indexes[weights] = found


def _sha256(name: str) -> str:
    known = checkpoints.available()
    if name not in known:
        load(name)  # tells what is wrong with it
        raise CheckpointError(f"The checkpoint {name} is being replaced. Try again in a moment.")
    return known[name]["sha256"]


@st.cache_data(max_entries=4, show_spinner=False)
def _measurements(path: str, changed: int) -> dict[str, dict[str, Any]]:
    return measurements.read()
