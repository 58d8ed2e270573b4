"""The visitor's pictures, kept for the session: what was sent, the garment found in it, the visitor's corrections.

Of each picture some 150 kB stay in memory, whatever its size: what the networks see, and the cut-out. The file itself
lies on the disk (:mod:`pages.shared.spool`); from it the garment is found again when somebody looks closely.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, TypeAlias

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from einstyle_core import images
from einstyle_core.classifiers.views import is_blank, view
from einstyle_core.data import IMAGE_SIZE
from einstyle_core.errors import EinstyleError, ImageError
from einstyle_core.garments import LARGEST_SIZE, Garment, find_garment
from pages.shared.compute import slot
from pages.shared.spool import Slip, Spool
from pages.shared.text import told

MAX_BYTES = 1 << 30
"""What one session may keep on the disk, in bytes of the files as they came."""
_CLOSELY = 4  # garments that stay in memory in full, half a megabyte each

_FOCUS = "item"  # in the URL

Part: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""The part of a picture that is looked at, in percent of its width and of its height."""
WHOLE: Part = ((0, 100), (0, 100))


@dataclass(frozen=True)
class Item:
    """One picture.

    Attributes:
        key: the same for the same name and bytes.
        name: as the visitor calls it; never trusted.
        file: the file as it came.
        view: uint8, ``4 x 192 x 192``: what the photo model is shown (:func:`einstyle_core.classifiers.views.view`).
        candidates: every 28 x 28 that was tried, by name (:attr:`einstyle_core.garments.Garment.candidates`).
        quality: how far the cut can be trusted, in [0, 1]; 0 where nothing was found.
        chosen: the name of the candidate that the networks see.
        truth: the class it is, by the dataset or by the visitor, or None.
        is_sample: it is a picture of the dataset's kind, not a photo.
        place: its place in Fashion-MNIST (a row of :func:`einstyle_core.retrieval.fashion_mnist`), or None.
        part: where in the picture the garment was looked for.
    """

    key: str
    name: str
    file: Slip
    view: NDArray[np.uint8]
    candidates: Mapping[str, NDArray[np.uint8]]
    quality: float
    chosen: str
    truth: int | None = None
    is_sample: bool = False
    place: int | None = None
    part: Part = WHOLE

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The ``28 x 28`` that the networks see."""
        return self.candidates[self.chosen]

    @property
    def is_blank(self) -> bool:
        """Nothing is in the picture: it is of one tone all over."""
        return not self.quality and is_blank(self.view)  # asked often, of large batches: most need no look at pixels

    @property
    def content(self) -> bytes:
        """The file as it came, read from the disk."""
        return self.file.read()

    @property
    def garment(self) -> Garment:
        """What was found in the picture, in full: found again, but for the last few that were asked for."""
        closely: dict[tuple[str, Part], Garment] = st.session_state.setdefault("tray_closely", {})
        if (self.key, self.part) not in closely:
            while len(closely) >= _CLOSELY:
                closely.pop(next(iter(closely)))
            closely[self.key, self.part] = _find(
                images.decode(self.content, self.name, max_side=LARGEST_SIZE), self.part
            )
        return closely[self.key, self.part]


def items() -> Mapping[str, Item]:
    """The session's pictures by key, in the order in which they came."""
    return _items()


def focus(key: str) -> None:
    """Look at this picture; the URL says so, so that a link to samples shows the same one."""
    st.query_params[_FOCUS] = key


def look_at(key: str) -> NoReturn:
    """Look at this picture, in a run of its own."""
    focus(key)
    st.rerun()


def look_closely(key: str) -> None:
    """Look at this picture, and bring it into view: it may be far from where the visitor clicked."""
    focus(key)
    st.session_state["tray_scroll"] = st.session_state.get("tray_scroll", 0) + 1
    st.session_state["tray_scroll_pending"] = True


def scroll_wanted() -> int:
    """Once after each :func:`look_closely` its number, else 0."""
    return int(st.session_state["tray_scroll"]) if st.session_state.pop("tray_scroll_pending", False) else 0


def focused() -> str:
    """The key of the picture looked at, as the URL says; it may be of none."""
    return st.query_params.get(_FOCUS, "")


def key_of(name: str, content: bytes) -> str:
    """The key that a file of that name and content has, or would have."""
    return hashlib.sha256(name.encode("utf-8", "replace") + b"\0" + content).hexdigest()[:16]


def put_away(content: bytes) -> Slip | None:
    """Keep a file on the disk before anybody has looked into it; None where the session has no room for it."""
    spool = _spool()
    if spool.size + len(content) > MAX_BYTES:
        return None
    try:
        return spool.put(content)
    except OSError:  # the disk is full
        return None


def add(key: str, name: str, file: Slip) -> None:
    """Find the garment in a file that was put away, and keep it.

    Raises:
        ImageError: it is no picture; nothing is kept.
    """
    _items()[key] = _item(key, name, file, images.decode(file.read(), name, max_side=LARGEST_SIZE))


def add_sample(name: str, pixels: NDArray[np.uint8], truth: int | None, place: int | None = None) -> str:
    """Keep a ``28 x 28`` picture of the dataset's kind; returns its key.

    Args:
        name: what to call it.
        pixels: uint8, ``28 x 28``.
        truth: its class where that is known.
        place: its place in Fashion-MNIST where it is from there.

    Raises:
        ImageError: the session has no room on the disk.
    """
    picture = Image.fromarray(pixels)
    content = images.png_bytes(picture)
    key = key_of(name, content)
    if key not in _items():
        file = put_away(content)
        if file is None:
            raise ImageError(f"{name} was left out: {NO_ROOM}")
        _items()[key] = replace(_item(key, name, file, picture), truth=truth, is_sample=True, place=place)
    return key


def accept(take: Callable[[], str]) -> str | None:
    """What ``take`` adds to the visitor's pictures: its key; None where it finds no room, or what it takes is damaged.

    The visitor is told why, where this is called.
    """
    try:
        return take()
    except EinstyleError as error:
        st.error(told(error), icon=":material/luggage:")
        return None


NO_ROOM = (
    f"this page keeps {images.Limits.max_files} pictures or {MAX_BYTES >> 30} GB at a time. Download the results, "
    "clear the pictures, and go on with the rest."
)


def choose(key: str, candidate: str) -> None:
    """Let the networks see another candidate."""
    _items()[key] = replace(_items()[key], chosen=candidate)


def label(key: str, truth: int | None) -> None:
    """The visitor says what a picture is."""
    _items()[key] = replace(_items()[key], truth=truth)


def crop(key: str, part: Part) -> None:
    """Look for the garment again, in a part of the picture."""
    item = _items()[key]
    picture = images.decode(item.content, item.name, max_side=LARGEST_SIZE)
    fresh = _item(key, item.name, item.file, picture, part)
    _items()[key] = replace(fresh, truth=item.truth, is_sample=item.is_sample, place=item.place)


def remove(key: str) -> None:
    """Forget one picture."""
    _items().pop(key, None)
    if not _items():
        clear()


def clear() -> None:
    """Forget everything."""
    _items().clear()
    st.session_state.pop("tray_closely", None)
    st.query_params.pop(_FOCUS, None)


def stack(chosen: Sequence[Item]) -> NDArray[np.uint8]:
    """``N x 28 x 28``, what the networks see of each."""
    if not chosen:
        return np.zeros((0, IMAGE_SIZE, IMAGE_SIZE), dtype=np.uint8)
    return np.stack([item.pixels for item in chosen])


def _items() -> dict[str, Item]:
    tray: dict[str, Item] = st.session_state.setdefault("tray", {})
    return tray


def _spool() -> Spool:
    if "spool" not in st.session_state:
        st.session_state["spool"] = Spool()
    spool: Spool = st.session_state["spool"]
    return spool


def _item(key: str, name: str, file: Slip, picture: Image.Image, part: Part = WHOLE) -> Item:
    garment = _find(picture, part)
    return Item(
        key=key,
        name=name,
        file=file,
        view=view(garment),
        candidates=garment.candidates,
        quality=garment.quality,
        chosen=garment.chosen,
        part=part,
    )


def _find(picture: Image.Image, part: Part) -> Garment:
    (left, right), (top, bottom) = (
        (round(start / 100 * length), round(end / 100 * length))
        for (start, end), length in zip(part, picture.size, strict=True)
    )
    with slot:
        return find_garment(picture.crop((left, top, max(right, left + 1), max(bottom, top + 1))))
