"""The visitor's pictures, kept for the session: what was sent, the garment found in it, the visitor's corrections."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from einstyle_core import images
from einstyle_core.data import IMAGE_SIZE
from einstyle_core.garments import Garment, find_garment
from pages.shared.compute import slot

MAX_BYTES = 256 << 20
"""What one session may keep, in bytes of the files as they came."""
_DECODE_SIDE = 1024  # the longest side that a crop is cut from

_FOCUS = "item"  # in the URL

Progress = Callable[[int, str], object]
"""Called with (files done, name of the file under way)."""


@dataclass(frozen=True)
class Item:
    """One picture.

    Attributes:
        key: the same for the same name and bytes.
        name: as the visitor calls it; never trusted.
        content: the file as it came.
        garment: what was found in it.
        chosen: the name of the candidate that the networks see.
        truth: the class it is, by the dataset or by the visitor, or None.
        is_sample: it is a picture of the dataset's kind, not a photo.
    """

    key: str
    name: str
    content: bytes
    garment: Garment
    chosen: str
    truth: int | None = None
    is_sample: bool = False

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The ``28 x 28`` that the networks see."""
        return self.garment.candidates[self.chosen]


def items() -> Mapping[str, Item]:
    """The session's pictures by key, in the order in which they came."""
    return _items()


def focus(key: str) -> None:
    """Look at this picture; the URL says so, so that a link to samples shows the same one."""
    st.query_params[_FOCUS] = key


def focused() -> str:
    """The key of the picture looked at, as the URL says; it may be of none."""
    return st.query_params.get(_FOCUS, "")


def refusals() -> Sequence[str]:
    """A sentence for each file of the last batch that was refused."""
    refused: list[str] = st.session_state.setdefault("tray_refusals", [])
    return refused


def add_files(files: Sequence[tuple[str, bytes]], progress: Progress) -> None:
    """Decode files, find the garments, keep them, look at the first; a bad one becomes a refusal and hides no other."""
    tray = _items()
    refused: list[str] = []
    sound: list[str] = []
    limits = images.Limits()
    kept = sum(len(item.content) for item in tray.values())
    for done, (decoded, (name, content)) in enumerate(
        zip(images.decode_many(files, limits, max_side=_DECODE_SIDE), files, strict=True)
    ):
        progress(done, name)
        key = _key(name, content)
        if key in tray:
            sound.append(key)
            continue
        if decoded.image is None:
            refused.append(str(decoded.error))
        elif len(tray) >= limits.max_files or kept + len(content) > MAX_BYTES:
            refused.append(
                f"{name} was left out: this page keeps {limits.max_files} pictures or {MAX_BYTES >> 20} MiB at a time. "
                "Download the results, clear the pictures, and go on with the rest."
            )
        else:
            kept += len(content)
            tray[key] = _item(key, name, content, decoded.image)
            sound.append(key)
    if sound:
        focus(sound[0])
    st.session_state["tray_refusals"] = refused


def add_sample(name: str, pixels: NDArray[np.uint8], truth: int | None) -> str:
    """Keep a ``28 x 28`` picture of the dataset's kind; returns its key."""
    picture = Image.fromarray(pixels)
    content = images.png_bytes(picture)
    key = _key(name, content)
    if key not in _items():
        _items()[key] = replace(_item(key, name, content, picture), truth=truth, is_sample=True)
    return key


def choose(key: str, candidate: str) -> None:
    """Let the networks see another candidate."""
    _items()[key] = replace(_items()[key], chosen=candidate)


def label(key: str, truth: int | None) -> None:
    """The visitor says what a picture is."""
    _items()[key] = replace(_items()[key], truth=truth)


def crop(key: str, across: tuple[int, int], down: tuple[int, int]) -> None:
    """Look for the garment again, in a part of the picture given in percent of its width and height."""
    item = _items()[key]
    picture = images.decode(item.content, item.name, max_side=_DECODE_SIDE)
    left, right = (round(percent / 100 * picture.width) for percent in across)
    top, bottom = (round(percent / 100 * picture.height) for percent in down)
    part = picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
    fresh = _item(key, item.name, item.content, part)
    _items()[key] = replace(item, garment=fresh.garment, chosen=fresh.chosen)


def clear() -> None:
    """Forget everything."""
    _items().clear()
    st.query_params.pop(_FOCUS, None)
    st.session_state["tray_refusals"] = []


def stack(chosen: Sequence[Item]) -> NDArray[np.uint8]:
    """``N x 28 x 28``, what the networks see of each."""
    if not chosen:
        return np.zeros((0, IMAGE_SIZE, IMAGE_SIZE), dtype=np.uint8)
    return np.stack([item.pixels for item in chosen])


def _items() -> dict[str, Item]:
    tray: dict[str, Item] = st.session_state.setdefault("tray", {})
    return tray


def _item(key: str, name: str, content: bytes, picture: Image.Image) -> Item:
    with slot:
        garment = find_garment(picture)
    return Item(key, name, content, garment, garment.chosen)


def _key(name: str, content: bytes) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace") + b"\0" + content).hexdigest()[:16]
