import csv
import io
import zipfile

import pytest
from PIL import Image, ImageDraw

from einstyle_core import images
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.data import CLASS_NAMES
from einstyle_core.garments import find_garment
from pages.shared import catalogue, tray
from pages.shared.catalogue import Answered


def picture(shade: int = 90) -> bytes:
    image = Image.new("RGB", (60, 80), "white")
    ImageDraw.Draw(image).rectangle((20, 10, 40, 70), fill=(shade, 40, 40))
    return images.png_bytes(image)


def answered(name: str, label: int, confidence: float, truth: int | None = None, shade: int = 90) -> Answered:
    content = picture(shade)
    garment = find_garment(images.decode(content))
    item = tray.Item(name, name, content, garment, garment.chosen, truth)
    sure = [(1 - confidence) / 9] * 10
    sure[label] = confidence
    return Answered(item, {"dense": Prediction("dense", (0.1,) * 10), "cnn": Prediction("cnn", tuple(sure))}, "cnn")


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_batch_is_sorted_by_class_then_by_confidence() -> None:
    batch = [answered("a", 6, 0.5), answered("b", 0, 0.4), answered("c", 6, 0.9)]
    assert [entry.item.name for entry in catalogue.in_order(batch)] == ["b", "c", "a"]


def test_the_table_holds_each_probability_and_no_formula() -> None:
    (row,) = rows_of(catalogue.csv_bytes([answered('=HYPERLINK("x")', 8, 0.82, truth=6)]))
    assert row["file"] == '\'=HYPERLINK("x")'
    assert (row["answer"], row["confidence"], row["true class"]) == ("Bag", "0.8200", "Shirt")
    assert [row[f"cnn: {label}"] for label in CLASS_NAMES] == ["0.0200"] * 8 + ["0.8200", "0.0200"]
    assert sum(float(row[f"dense: {label}"]) for label in CLASS_NAMES) == pytest.approx(1)


def test_files_go_unchanged_into_the_folder_of_their_class() -> None:
    batch = [answered("../../evil.png", 0, 0.9), answered("x.png", 8, 0.9, truth=9), answered("x.png", 9, 0.9, shade=5)]
    with zipfile.ZipFile(io.BytesIO(catalogue.zip_bytes(batch))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "T-shirt-top/evil.png",
            "Ankle boot/x.png",
            "Ankle boot/x (2).png",
            "labels.csv",
        ]
        assert archive.read("Ankle boot/x (2).png") == batch[2].item.content
        assert len(rows_of(archive.read("labels.csv"))) == 3


def test_a_file_without_a_suffix_gets_the_one_of_its_content() -> None:
    with zipfile.ZipFile(io.BytesIO(catalogue.zip_bytes([answered("test image 7", 1, 0.9)]))) as archive:
        assert archive.namelist()[0] == "Trouser/test image 7.png"
