"""A batch of answered pictures as files to take away: a CSV table, and a ZIP with a folder per class."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.data import CLASS_NAMES
from einstyle_core.exports import csv_safe, safe_name, unique_names, visible
from pages.shared.tray import Item


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
    def agreed(self) -> bool:
        """All networks give the same class."""
        return len({prediction.label for prediction in self.predictions.values()}) == 1


def in_order(batch: Sequence[Answered]) -> list[Answered]:
    """By class, the surest first."""
    return sorted(batch, key=lambda entry: (entry.answer.label_index, -entry.answer.confidence))


def csv_bytes(batch: Sequence[Answered]) -> bytes:
    """UTF-8 with a byte order mark (spreadsheets need it): one row a picture, every probability in [0, 1]."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    networks = list(batch[0].predictions) if batch else []
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
                csv_safe(visible(item.name)),
                answer.label,
                f"{answer.confidence:.4f}",
                answer.doubt[1] if answer.doubt else "",
                "" if item.truth is None else CLASS_NAMES[item.truth],
                entry.asked,
                item.chosen,
                f"{item.garment.quality:.2f}",
                *(prediction.label for prediction in entry.predictions.values()),
                *(f"{value:.4f}" for prediction in entry.predictions.values() for value in prediction.probabilities),
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")


def zip_bytes(batch: Sequence[Answered]) -> bytes:
    """The files as they came, in a folder per class (the corrected one where there is one), and the table."""
    folders = [
        safe_name((entry.answer.label if entry.item.truth is None else CLASS_NAMES[entry.item.truth]).replace("/", "-"))
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
