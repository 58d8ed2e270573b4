"""What each network says of the visitor's pictures, and sees in them: asked once a picture, kept for the session."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import streamlit as st
import torch
from torch import Tensor

from einstyle_core import images
from einstyle_core.classifiers import photo
from einstyle_core.classifiers.base import predict
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.retrieval import embed
from pages.shared import models, networks, tray
from pages.shared.compute import slot
from pages.shared.tray import Item

_BATCH = 4  # pictures at a time: the photo network needs some 25 MB for each
_MOST = 4 * images.Limits.max_files  # kept of a kind: every network's for a full tray, and some


def predictions(name: str, items: Sequence[Item]) -> list[Prediction]:
    """What a network says of each picture: the photo network of its view, the others of its 28 x 28.

    Raises:
        CheckpointError: the network is missing or damaged.
    """
    return _remembered("predictions", name, items, _ask)


def features(name: str, items: Sequence[Item]) -> Tensor:
    """The rows that retrieval compares, float32 ``N x D``, N of at least 1: see :mod:`einstyle_core.retrieval`.

    Raises:
        CheckpointError: the network is missing or damaged.
    """
    return torch.stack(_remembered("features", name, items, _look)).float()


def _remembered(
    kind: str, name: str, items: Sequence[Item], compute: Callable[[str, Sequence[Item]], list[Any]]
) -> list[Any]:
    known: dict[tuple[object, ...], Any] = st.session_state.setdefault(f"known_{kind}", {})
    weights = models.fingerprint(name)
    keys = [(weights, item.key, item.part, item.chosen) for item in items]
    missing = [place for place, key in enumerate(keys) if key not in known]
    fresh: dict[tuple[object, ...], Any] = {}
    for start in range(0, len(missing), _BATCH):
        places = missing[start : start + _BATCH]
        fresh |= zip((keys[i] for i in places), compute(name, [items[i] for i in places]), strict=True)
    found = [fresh[key] if key in fresh else known[key] for key in keys]
    known |= fresh
    while len(known) > _MOST:  # the oldest first
        known.pop(next(iter(known)))
    return found


def _ask(name: str, items: Sequence[Item]) -> list[Prediction]:
    model = models.load(name)
    with slot:
        if name == networks.PHOTO:
            probabilities, scope = photo.answer(model, _views(items))
            return [
                Prediction(name, tuple(row), inside)
                for row, inside in zip(probabilities.tolist(), scope.tolist(), strict=True)
            ]
        return [Prediction(name, tuple(row)) for row in predict(model, _pixels(items)).tolist()]


def _look(name: str, items: Sequence[Item]) -> list[Tensor]:
    """Rows in half precision: of 500 pictures the CNN's are 6 MB."""
    model = models.load(name)
    with slot, torch.inference_mode():
        if name == networks.PHOTO:
            rows = cast(photo.Photo, model).view_features(_views(items))
        else:
            rows = torch.cat(list(embed(model, _pixels(items))))
    return list(rows.half())


def _views(items: Sequence[Item]) -> Tensor:
    return torch.stack([torch.from_numpy(item.view) for item in items])


def _pixels(items: Sequence[Item]) -> Tensor:
    return torch.from_numpy(tray.stack(items)).unsqueeze(1)
