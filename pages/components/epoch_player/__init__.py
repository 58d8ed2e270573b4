"""One to twenty training runs locked to one epoch: pictures, loss curves, class mixes, the life of a tile, chapters.

The browser has everything before it plays and asks the server for nothing; it reports where it came to rest. Frames
travel apart from the rest, a message for each run that Streamlit sends once, however often the page runs again.
"""

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from einstyle_core.data import CLASS_NAMES
from einstyle_core.gans.history import Chapter
from einstyle_core.gans.training import EpochReport

_FOLDER = Path(__file__).parent
_COLUMNS = 8  # of a sheet: the sheet of a hundred epochs is 2240 x 3640, which every browser can open


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_mount_sheet = st.components.v2.component("einstyle_epoch_sheet", js=_text("sheet.js"))
_mount_player = st.components.v2.component(
    "einstyle_epoch_player",
    html='<div class="player"></div>',
    css=_text("style.css"),
    js=_text("chart.js") + _text("player.js"),
)


@dataclass(frozen=True)
class Sheet:
    """A run's frames as one picture.

    Attributes:
        content: an identifier of 16 letters, then a WebP file.
        frames: how many.
    """

    content: bytes
    frames: int

    @property
    def identifier(self) -> str:
        """What tells this sheet from any other."""
        return self.content[:16].decode()


@dataclass(frozen=True)
class Run:
    """What the player shows of one run.

    Attributes:
        key: tells the runs of one player apart; letters, digits, ``-`` and ``_``.
        title: above the picture.
        note: beside the title, a few words.
        epochs: how many the run has, or will have.
        content: the rest, as :func:`describe` makes it.
        sheet: the frames; None: none (yet).
        scale: how much one step of the player is in its unit.
    """

    key: str
    title: str
    note: str
    epochs: int
    content: Mapping[str, Any]
    sheet: Sheet | None
    scale: int = 1


def make_sheet(frames: NDArray[np.uint8], quality: int = 60) -> Sheet:
    """Pack ``N x 280 x 280`` gray frames: about 24 kB each, their tones off by 4 of 255 on the average."""
    count, height, width = frames.shape
    rows = -(-count // _COLUMNS)
    sheet = np.zeros((rows * height, _COLUMNS * width), np.uint8)
    for place, frame in enumerate(frames):
        row, column = divmod(place, _COLUMNS)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = frame
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "WEBP", quality=quality, method=2)
    return Sheet(hashlib.sha256(buffer.getvalue()).hexdigest()[:16].encode() + buffer.getvalue(), count)


def describe(epochs: Sequence[EpochReport], chapters: Sequence[Chapter]) -> dict[str, Any]:
    """A run's figures as the browser wants them: columns of four-digit numbers, a word of digits for the tiles."""
    terms = list(epochs[0].losses)
    reports = [report for report in epochs if report.class_mix]
    whole = len(reports) == len(epochs)
    parts = [(report.epoch, k, len(report.trace), part) for report in epochs for k, part in enumerate(report.trace)]
    return {
        "terms": terms,
        "means": [[_rounded(report.losses[term]) for report in epochs] for term in terms],
        "at": [round(epoch - 1 + (k + 0.5) / count, 3) for epoch, k, count, _ in parts],
        "trace": [[_rounded(part[term]) for *_, part in parts] for term in terms],
        "mix": [report.class_mix for report in epochs] if whole else None,
        "tiles": ["".join(map(str, report.tile_classes or ())) for report in epochs]
        if all(report.tile_classes for report in epochs)
        else None,
        "chapters": [
            {"epoch": chapter.epoch, "text": chapter.text, "tile": chapter.tile, "kind": chapter.kind}
            for chapter in chapters
        ],
    }


def epoch_player(
    runs: Sequence[Run],
    *,
    key: str,
    start: int | None = None,
    follow: bool = False,
    unit: str = "epoch",
    on_epoch_change: Callable[[], None] = lambda: None,
) -> int | None:
    """Show runs and return the epoch where the player came to rest, None before it first did.

    Args:
        runs: at least one.
        key: the widget's; ``st.session_state[key].epoch`` is what is returned.
        start: the epoch to begin at; None: the last.
        follow: a player that stands at the end goes on to the new end when a run grows.
        unit: what a step is called.
        on_epoch_change: called when the player has come to rest somewhere else.
    """
    with st.container(key=f"{key}-sheets", gap=None):
        for run in runs:
            if run.sheet:
                _mount_sheet(key=f"{key}-sheet-{run.key}", data=run.sheet.content)
    result = _mount_player(
        key=key,
        data={
            "classes": list(CLASS_NAMES),
            "unit": unit,
            "start": start,
            "follow": follow,
            "total": max(run.epochs * run.scale for run in runs),
            "reels": [
                {
                    **run.content,
                    "key": f"{key}-{run.key}",
                    "file": run.key,
                    "title": run.title,
                    "note": run.note,
                    "epochs": run.epochs,
                    "scale": run.scale,
                    "sheet": run.sheet.identifier if run.sheet else None,
                    "frames": run.sheet.frames if run.sheet else 0,
                    "columns": _COLUMNS,
                }
                for run in runs
            ],
        },
        on_epoch_change=on_epoch_change,
    )
    epoch = result.epoch
    return epoch if isinstance(epoch, int) and not isinstance(epoch, bool) else None


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
