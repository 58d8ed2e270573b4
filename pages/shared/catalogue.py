"""A batch of answered pictures as files to take away: a CSV table, and a ZIP with a folder per class."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from einstyle_core.data import CLASS_NAMES
from einstyle_core.exports import csv_safe, safe_name, unique_names
from pages.shared.tray import Item
from pages.shared.verdicts import Verdict, judge


@dataclass(frozen=True)
class Answered:
    """One picture with what each network says of it.

    Attributes:
        item: the picture.
        probabilities: ten by network, in the order in which the networks are shown.
        asked: the network whose answer counts.
    """

    item: Item
    probabilities: Mapping[str, NDArray[np.floating]]
    asked: str

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """What each network says."""
        return {name: judge(row) for name, row in self.probabilities.items()}

    @property
    def answer(self) -> Verdict:
        """What the asked network says."""
        return judge(self.probabilities[self.asked])

    @property
    def agreed(self) -> bool:
        """All networks give the same class."""
        return len({verdict.label for verdict in self.verdicts.values()}) == 1


def in_order(batch: Sequence[Answered]) -> list[Answered]:
    """By class, the surest first."""
    return sorted(batch, key=lambda entry: (entry.answer.label, -entry.answer.confidence))


def csv_bytes(batch: Sequence[Answered]) -> bytes:
    """UTF-8 with a byte order mark (spreadsheets need it): one row a picture, every probability in [0, 1]."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    networks = list(batch[0].probabilities) if batch else []
    columns = [f"{name}: {label}" for name in networks for label in CLASS_NAMES]
    writer.writerow(
        ["file", "answer", "confidence", "in doubt with", "true class", "answered by", "prepared", "cut quality"]
        + [f"{name} says" for name in networks]
        + columns
    )
    for entry in batch:
        item, answer = entry.item, entry.answer
        writer.writerow(
            [
                csv_safe(item.name),
                answer.name,
                f"{answer.confidence:.4f}",
                CLASS_NAMES[answer.runner_up] if answer.in_doubt else "",
                "" if item.truth is None else CLASS_NAMES[item.truth],
                entry.asked,
                item.chosen,
                f"{item.garment.quality:.2f}",
                *(verdict.name for verdict in entry.verdicts.values()),
                *(f"{value:.4f}" for row in entry.probabilities.values() for value in row),
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")


def zip_bytes(batch: Sequence[Answered]) -> bytes:
    """The files as they came, in a folder per class (the corrected one where there is one), and the table."""
    folders = [
        safe_name(CLASS_NAMES[entry.answer.label if entry.item.truth is None else entry.item.truth].replace("/", "-"))
        for entry in batch
    ]
    files = (_with_suffix(safe_name(entry.item.name), entry.item.content) for entry in batch)
    names = unique_names(f"{folder}/{file}" for folder, file in zip(folders, files, strict=True))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, entry in zip(names, batch, strict=True):
            archive.writestr(name, entry.item.content)
        archive.writestr("labels.csv", csv_bytes(batch))
    return buffer.getvalue()


def _with_suffix(name: str, content: bytes) -> str:
    """A pasted or sample picture has no file name: give it the suffix of what it is."""
    if PurePosixPath(name).suffix:
        return name
    return f"{name}.png" if content.startswith(b"\x89PNG") else f"{name}.jpg"
