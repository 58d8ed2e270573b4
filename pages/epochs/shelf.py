"""The shipped training runs, cached: what the player shows, and the files behind it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from einstyle_core.errors import CheckpointError
from einstyle_core.gans import get, history
from pages.components.epoch_player import Run, Sheet, describe, make_sheet
from pages.shared.text import plain, told

RunName = tuple[str, str]
"""A GAN and a recipe."""

Stamp = tuple[str, int, int]
"""Path, modification time and size of a file: one that was restored is read without a restart."""


class Shown(NamedTuple):
    """A run that can be shown, and what is wrong with it.

    Attributes:
        run: for the player.
        problem: a sentence, as Markdown, where its pictures are missing or incomplete, else None.
    """

    run: Run
    problem: str | None


def shipped() -> list[RunName]:
    """Every run that has a history, sound or not, in the registry's order."""
    return history.available()


def title(name: str) -> str:
    """``"WGAN-GP"``."""
    return get(name).title


def open_run(name: str, recipe: str) -> Shown:
    """A shipped run.

    Raises:
        CheckpointError: its history is missing or damaged; without its animation it is still shown.
    """
    return _open(name, recipe, _stamp(history.path_of(name, recipe)), _stamp(history.gif_path(name, recipe)))


def gif(name: str, recipe: str) -> Path | None:
    """The animation to take away, where there is one."""
    path = history.gif_path(name, recipe)
    return path if path.is_file() else None


def scales(names: Sequence[str]) -> dict[str, list[str]]:
    """What the losses of each GAN measure: the titles by scale, in order."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        found.setdefault(SCALES[name], []).append(title(name))
    return found


_CROSS_ENTROPY = "cross entropies, never below zero"
_CRITIC = "a critic’s scores, which have no zero and no unit"
_REBUILDING = "errors of rebuilding a picture"
SCALES: dict[str, str] = {
    "gan": _CROSS_ENTROPY,
    "cgan": _CROSS_ENTROPY,
    "infogan": _CROSS_ENTROPY,
    "ebgan": _REBUILDING,
    "acgan": _CROSS_ENTROPY,
    "lsgan": "squared distances from a label",
    "wgan": _CRITIC,
    "began": _REBUILDING,
    "wgan_gp": _CRITIC,
    "dragan": _CROSS_ENTROPY,
}
"""What each GAN's losses are."""


# Ten GANs in two recipes; a sheet of fifty epochs is 1.2 MB.
@st.cache_resource(max_entries=32, show_spinner="Opening the pictures of every epoch …")
def _open(name: str, recipe: str, history_file: Stamp, gif_file: Stamp) -> Shown:
    run = history.read(name, recipe)
    epochs = run.epochs
    done, planned = len(epochs), epochs[0].epochs
    sheet: Sheet | None = None
    problem: str | None = None
    try:
        frames = history.read_frames(run)
    except CheckpointError as error:
        problem = told(error)
    else:
        sheet = make_sheet(frames)
        if len(frames) < done:
            problem = plain(
                f"{history.gif_path(name, recipe).name} has pictures of {len(frames)} of {done} epochs: the later ones "
                "show the last of them, dimmed."
            )
    note = f"{recipe} recipe" + (f", {done} of {planned} epochs" if done < planned else "")
    content = describe(epochs, history.find_chapters(epochs))
    return Shown(Run(f"{name}-{recipe}", title(name), note, done, content, sheet), problem)


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), stat.st_mtime_ns, stat.st_size
