"""A batch of answered pictures as files to take away: a CSV table, and a ZIP with a folder per class."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from PIL import Image

from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.data import CLASS_NAMES
from einstyle_core.exports import csv_safe, safe_name, unique_names, visible
from pages.shared.spool import Slip
from pages.shared.tray import Item
from pages.shared.verdicts import FOLDERS, LABELS, NOTHING, OUTSIDE, decided, sureness

_COLUMNS = (
    "file",
    "answer",
    "confidence",
    "in doubt with",
    "one of the ten",
    "true class",
    "sorted as",
    "answered by",
    "prepared",
    "cut quality",
    "file in the ZIP",
)
ZIP_BYTES = 128 << 20
"""A sorted ZIP is made in memory, and handed over in parts of about this size."""


@dataclass(frozen=True)
class Answered:
    """One picture with what each network says of it.

    Attributes:
        item: the picture.
        predictions: what each network says, by its name, in the order in which the networks are shown.
        asked: the network whose answer counts.
    """

    item: Item
    predictions: Mapping[str, Prediction]
    asked: str

    @property
    def answer(self) -> Prediction:
        """What the asked network says."""
        return self.predictions[self.asked]

    @property
    def decision(self) -> int:
        """What the picture is sorted as, before anybody corrects it: an index of ``FOLDERS``."""
        return self.decision_of(self.asked)

    @property
    def sorted_as(self) -> int:
        """What the picture is sorted as, by the visitor where they said it: an index of ``FOLDERS``."""
        return self.decision if self.item.truth is None else self.item.truth

    @property
    def agreed(self) -> bool:
        """All networks give the same class."""
        return len({self.decision_of(name) for name in self.predictions}) == 1

    @property
    def sureness(self) -> float | None:
        """How sure the asked network is, in [0, 1]; None of an empty picture, of which nothing can be said."""
        return None if self.item.is_blank else sureness(self.answer)

    @property
    def rival(self) -> str | None:
        """The class that the asked network doubts between its own and; None where it does not, or none counts."""
        return self.answer.doubt[1] if self.answer.doubt and self.decision < OUTSIDE else None

    def decision_of(self, network: str) -> int:
        """What one network takes the picture for, as an index of ``FOLDERS``; in an empty picture it finds nothing."""
        return NOTHING if self.item.is_blank else decided(self.predictions[network])

    def is_right(self, network: str) -> bool:
        """A network's answer is what the picture is known to be; to find nothing is right of none of the ten."""
        return min(self.decision_of(network), OUTSIDE) == self.item.truth


def in_order(batch: Sequence[Answered]) -> list[Answered]:
    """By class, the surest first; what is none of the ten comes last, and after it what is empty."""
    return sorted(batch, key=lambda entry: (entry.decision, -(entry.sureness or 0)))


def by_label(batch: Sequence[Answered]) -> dict[int, list[Answered]]:
    """The parts of a batch by what they are sorted as, corrections and all; each part in the batch's order."""
    parts = groupby(sorted(batch, key=lambda entry: entry.sorted_as), key=lambda entry: entry.sorted_as)
    return {label: list(part) for label, part in parts}


def csv_bytes(batch: Sequence[Answered]) -> bytes:
    """UTF-8 with a byte order mark (spreadsheets need it): one row a picture, every probability in [0, 1]."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    networks = list(batch[0].predictions) if batch else []
    columns = [f"{name}: {label}" for name in networks for label in CLASS_NAMES]
    writer.writerow([*_COLUMNS, *(f"{name} says" for name in networks), *columns])
    for entry, path in zip(batch, sort_files(batch).names, strict=True):
        item = entry.item
        writer.writerow(
            [
                csv_safe(visible(item.name)),
                FOLDERS[entry.decision],
                "" if entry.sureness is None else f"{entry.sureness:.4f}",
                entry.rival or "",
                "no" if entry.decision >= OUTSIDE else "yes",
                "" if item.truth is None else LABELS[item.truth],
                FOLDERS[entry.sorted_as],
                entry.asked,
                item.chosen,
                f"{item.quality:.2f}",
                csv_safe(path),
                *(FOLDERS[entry.decision_of(name)] for name in networks),
                *(f"{value:.4f}" for prediction in entry.predictions.values() for value in prediction.probabilities),
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")


@dataclass(frozen=True)
class Sorted:
    """The batch as files in a folder per class: what a ZIP is made of.

    Attributes:
        names: each file's path within the ZIP, unique.
        files: the files as they came, on the disk.
    """

    names: Sequence[str]
    files: Sequence[Slip]

    def parts(self, most: int = ZIP_BYTES) -> list["Sorted"]:
        """The same in parts of at most ``most`` bytes each (or one file), so that no ZIP needs much memory."""
        cuts, size = [0], 0
        for place, file in enumerate(self.files):
            if size and size + file.size > most:
                cuts.append(place)
                size = 0
            size += file.size
        return [
            Sorted(self.names[start:end], self.files[start:end])
            for start, end in zip(cuts, [*cuts[1:], len(self.files)], strict=True)
        ]

    def zipped(self, table: bytes) -> io.BytesIO:
        """A ZIP of these files, and the table as ``labels.csv``."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, file in zip(self.names, self.files, strict=True):
                archive.writestr(name, file.read())
            archive.writestr("labels.csv", table)
        buffer.seek(0)
        return buffer


def sort_files(batch: Sequence[Answered]) -> Sorted:
    """A folder per class, the corrected one where there is one."""
    folders = [safe_name(FOLDERS[entry.sorted_as].replace("/", "-")) for entry in batch]
    names = unique_names(f"{folder}/{file_name(entry.item)}" for folder, entry in zip(folders, batch, strict=True))
    return Sorted(names, [entry.item.file for entry in batch])


def file_name(item: Item) -> str:
    """A sample has no file name, and a pasted picture may have none: they get the suffix of what they are."""
    if item.is_sample:  # a slash in what it is called leads into no folder
        return f"{safe_name(item.name.replace('/', '-'))}.png"
    name = safe_name(item.name)
    if PurePosixPath(name).suffix:
        return name
    with Image.open(io.BytesIO(item.content)) as picture:
        return f"{name}.{(picture.format or 'png').lower()}"
