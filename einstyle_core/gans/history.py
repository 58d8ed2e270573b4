"""What a training run left behind, read with suspicion: its history, its animation, and the chapters found in both.

``scripts.train_gan`` writes ``NAME.history.json`` and ``NAME.gif`` beside each checkpoint. They are data for people: a
damaged one hides no other, and a short animation still shows what it has.
"""

import dataclasses
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from einstyle_core import checkpoints
from einstyle_core.data import CLASS_NAMES, IMAGE_SIZE, NUM_CLASSES
from einstyle_core.errors import CheckpointError, EinstyleError
from einstyle_core.gans import GANS, RECIPES, checkpoint_name, get
from einstyle_core.gans.training import EpochReport
from einstyle_core.storage import REPOSITORY

GRID = 10
"""Tiles in a row and in a column of the pictures that show training progress."""
SIDE = GRID * IMAGE_SIZE

_FRAME_MS, _LAST_FRAME_MS = 200, 2000  # as training.write_gif shows them
_MOST_EPOCHS = 10_000


@dataclass(frozen=True)
class History:
    """One run.

    Attributes:
        gan: its name in the registry.
        recipe_name: ``fixed`` or ``reference``.
        recipe: the recipe as plain values.
        images: how many it was trained on.
        seed: the run's.
        epochs: the reports, from the first epoch on, without a gap.
    """

    gan: str
    recipe_name: str
    recipe: dict[str, Any]
    images: int
    seed: int
    epochs: tuple[EpochReport, ...]

    @property
    def terms(self) -> list[str]:
        """The names of the losses and measures, the same in every epoch."""
        return list(self.epochs[0].losses)


def path_of(name: str, recipe: str = "fixed", directory: Path | None = None) -> Path:
    """The history's file; the animation's is beside it (:func:`gif_path`).

    Raises:
        UnknownNameError: no GAN or no recipe is called so.
    """
    get(name, recipe)
    return checkpoints.path_of(checkpoint_name(name, recipe), directory).with_suffix(".history.json")


def gif_path(name: str, recipe: str = "fixed", directory: Path | None = None) -> Path:
    """The animation's file; the same errors."""
    return path_of(name, recipe, directory).with_suffix("").with_suffix(".gif")


def available(directory: Path | None = None) -> list[tuple[str, str]]:
    """(GAN, recipe) of every history there is, sound or not, in the registry's order."""
    return [(name, recipe) for name in GANS for recipe in RECIPES if path_of(name, recipe, directory).is_file()]


def read(name: str, recipe: str = "fixed", directory: Path | None = None) -> History:
    """The history of a run.

    Raises:
        CheckpointError: missing, half-written, or another run's; the message names the file and what restores it.
        UnknownNameError: no GAN or no recipe is called so.
    """
    path = path_of(name, recipe, directory)
    try:
        fields = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise _problem(path, "is missing", name, recipe) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _problem(path, "is damaged", name, recipe) from error
    try:
        history = _history(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise _problem(path, f"is damaged ({error})", name, recipe) from error
    if (history.gan, history.recipe_name) != (name, recipe):
        raise _problem(path, f"tells of another run, {history.recipe_name} {history.gan}", name, recipe)
    return history


def read_frames(history: History, directory: Path | None = None) -> NDArray[np.uint8]:
    """The animation's frames, one an epoch from the first: ``N x 280 x 280``.

    N is smaller than the number of epochs where frames are missing or the file breaks off; what is whole is given.

    Raises:
        CheckpointError: there is no animation, not one whole frame in it, or it is another run's.
    """
    name, recipe = history.gan, history.recipe_name
    path = gif_path(name, recipe, directory)
    frames: list[NDArray[np.uint8]] = []
    try:
        with Image.open(io.BytesIO(path.read_bytes()), formats=["GIF"]) as gif:
            if gif.size != (SIDE, SIDE):
                raise _problem(path, f"has frames of {gif.width} x {gif.height}, not {SIDE} x {SIDE}", name, recipe)
            for frame in ImageSequence.Iterator(gif):
                if len(frames) > len(history.epochs):
                    break
                # Pillow's writer joins frames that are alike: how long one is shown says how many epochs it stands for.
                shown = round(frame.info.get("duration", _FRAME_MS))
                rest = shown - _LAST_FRAME_MS if shown >= _LAST_FRAME_MS else shown - _FRAME_MS
                pixels = np.asarray(frame.convert("L"))
                frames += [pixels] * (1 + max(0, rest) // _FRAME_MS)
    except FileNotFoundError:
        raise _problem(path, "is missing", name, recipe) from None
    except EinstyleError:
        raise
    except Exception as error:  # decoders raise nearly every built-in error on damaged bytes
        if not frames:
            raise _problem(path, "is damaged", name, recipe) from error
    if len(frames) > len(history.epochs):
        raise _problem(path, f"has more frames than the run has epochs ({len(history.epochs)})", name, recipe)
    return np.stack(frames)


@dataclass(frozen=True)
class Chapter:
    """Something that happened in a run.

    Attributes:
        epoch: when.
        kind: ``loss``, ``mix`` (of classes), or ``tile``.
        text: what, in a few words.
        tile: which of the hundred, row by row, where it is about one.
    """

    epoch: int
    kind: Literal["loss", "mix", "tile"]
    text: str
    tile: int | None = None


def find_chapters(epochs: Sequence[EpochReport], most: int = 4) -> list[Chapter]:
    """What is worth a look in a run, in its order: at most ``most`` of each kind, the most striking ones.

    - a loss leaps: a hundred iterations' mean departs from the ten before it, as it departs nowhere near;
    - the mix of classes collapses, recovers, becomes whole, or loses a class for good;
    - a tile changes its class after a long life in another and keeps the new one.
    """
    chapters = [*_leaps(epochs, most), *_mix_chapters(epochs, most), *_tile_chapters(epochs, most)]
    return sorted(chapters, key=lambda chapter: chapter.epoch)


def effective_classes(mix: Sequence[int]) -> float:
    """How many classes equally often seen would be as mixed as this: the exponential of the entropy, 1 to 10.

    Raises:
        ValueError: nothing was counted.
    """
    total = sum(mix)
    if not total:
        raise ValueError("no picture was counted")
    return math.exp(-sum(n / total * math.log(n / total) for n in mix if n))


def _leaps(epochs: Sequence[EpochReport], most: int) -> list[Chapter]:
    found: list[tuple[float, Chapter]] = []
    for term in epochs[0].losses:
        points = [(report.epoch, part[term]) for report in epochs for part in report.trace]
        values = [value for _, value in points]
        if len(values) < 8:
            continue
        usual = 1.4826 * median(abs(b - a) for a, b in pairwise(values))
        # What happens at the very start is no surprise.
        start = max(5, sum(epoch == 1 for epoch, _ in points))
        for place in range(start, len(points)):
            epoch, value = points[place]
            before = median(values[max(0, place - 10) : place])
            leap = abs(value - before)
            if leap > max(6 * usual, 0.3 * abs(before), 1e-6):
                word = "leaps" if value > before else "drops"
                text = f"{term} {word} from {_number(before)} to {_number(value)}"
                found.append((leap / max(usual, 1e-9), Chapter(epoch, "loss", text)))
    kept: list[tuple[float, Chapter]] = []
    for weight, chapter in sorted(found, key=lambda item: -item[0]):
        if all(abs(chapter.epoch - other.epoch) > 2 for _, other in kept):
            kept.append((weight, chapter))
    return [chapter for _, chapter in kept[:most]]


def _mix_chapters(epochs: Sequence[EpochReport], most: int) -> list[Chapter]:
    mixes = [(report.epoch, report.class_mix) for report in epochs if report.class_mix and sum(report.class_mix)]
    found: list[tuple[float, Chapter]] = []
    whole, best, collapsed = False, 0.0, False
    for epoch, mix in mixes:
        total, classes = sum(mix), effective_classes(mix)
        if not whole and min(mix) >= total / 100:
            whole = True
            found.append((2.0, Chapter(epoch, "mix", "all ten classes are there, each in 1 % of the pictures or more")))
        if collapsed and classes >= 0.85 * best:
            collapsed = False
            found.append((best, Chapter(epoch, "mix", f"the mix recovers to {classes:.1f} of 10 classes")))
        elif not collapsed and classes < 0.7 * best and best >= 3:
            collapsed = True
            top = max(range(NUM_CLASSES), key=lambda label: mix[label])
            text = (
                f"the mix collapses from {best:.1f} to {classes:.1f} of 10 classes; "
                f"{mix[top] / total:.0%} are {CLASS_NAMES[top]}"
            )
            found.append((10 * best / classes, Chapter(epoch, "mix", text)))
        best = max(best, classes)
    for label in range(NUM_CLASSES):
        shares = [mix[label] / sum(mix) for _, mix in mixes]
        seen = [place for place, share in enumerate(shares) if share >= 0.005]
        if seen and seen[-1] + 1 < len(shares) and max(shares) >= 0.03:
            text = f"{CLASS_NAMES[label]} is seen no more, after up to {max(shares):.0%}"
            found.append((100 * max(shares), Chapter(mixes[seen[-1] + 1][0], "mix", text)))
    found.sort(key=lambda item: -item[0])
    return [chapter for _, chapter in found[:most]]


def _tile_chapters(epochs: Sequence[EpochReport], most: int) -> list[Chapter]:
    rows = [report.tile_classes for report in epochs]
    lives = [row for row in rows if row]
    if len(lives) < len(rows):
        return []
    settled = max(2, len(rows) // 10)
    found: list[tuple[int, Chapter]] = []
    for tile in range(GRID * GRID):
        life = [row[tile] for row in lives]
        changes = [place for place in range(1, len(life)) if life[place] != life[place - 1]]
        for previous, place, following in zip([0, *changes], changes, [*changes[1:], len(life)], strict=False):
            length = min(place - previous, following - place)
            if length >= settled:
                row, column = divmod(tile, GRID)
                text = f"tile ({row},{column}) {CLASS_NAMES[life[place - 1]]} → {CLASS_NAMES[life[place]]}"
                found.append((length, Chapter(epochs[place].epoch, "tile", text, tile)))
    kept: list[Chapter] = []
    for _, chapter in sorted(found, key=lambda item: (-item[0], item[1].epoch)):
        if len(kept) < most and all(chapter.epoch != other.epoch and chapter.tile != other.tile for other in kept):
            kept.append(chapter)
    return kept


def _number(value: float) -> str:
    return f"{value:.3g}"


def _history(fields: Any) -> History:
    epochs = tuple(_reports(fields["epochs"]))
    wanted = {field.name for field in dataclasses.fields(History)}
    history = History(**{key: fields[key] for key in wanted - {"epochs"}}, epochs=epochs)
    if not isinstance(history.recipe, dict) or not all(isinstance(x, int) for x in (history.images, history.seed)):
        raise TypeError("the run is not described")
    return history


def _reports(rows: Any) -> Iterable[EpochReport]:
    if not isinstance(rows, list) or not 0 < len(rows) <= _MOST_EPOCHS:
        raise ValueError("it has no epochs")
    terms: set[str] | None = None
    for number, row in enumerate(rows, start=1):
        report = EpochReport(**row)
        if report.epoch != number:
            raise ValueError(f"epoch {number} is missing")
        if not isinstance(report.trace, list) or not report.trace:
            raise ValueError(f"epoch {number} has no trace")
        for losses in (report.losses, *report.trace):
            terms = terms or set(losses)
            if set(losses) != terms or not all(_is_number(value) for value in losses.values()):
                raise ValueError(f"the losses of epoch {number} are incomplete")
        if not _are_counts(report.class_mix, NUM_CLASSES) or not _are_counts(report.tile_classes, GRID * GRID):
            raise ValueError(f"the classes of epoch {number} are incomplete")
        if report.tile_classes and max(report.tile_classes) >= NUM_CLASSES:
            raise ValueError(f"the classes of epoch {number} are no classes")
        yield report


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _are_counts(values: object, length: int) -> bool:
    if values is None:
        return True
    return isinstance(values, list) and len(values) == length and all(isinstance(n, int) and n >= 0 for n in values)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _problem(path: Path, what: str, name: str, recipe: str) -> CheckpointError:
    shipped = path.is_relative_to(REPOSITORY)
    restore = f"git restore {path.relative_to(REPOSITORY)}, or train it: " if shipped else ""
    command = checkpoints.restore_command(checkpoint_name(name, recipe))
    return CheckpointError(f"{path} {what}. Restore it: {restore}{command}")
