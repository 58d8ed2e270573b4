import csv
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from einstyle_core import images
from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.classifiers.views import view
from einstyle_core.data import CLASS_NAMES
from einstyle_core.garments import find_garment
from pages.shared import catalogue, tray
from pages.shared.catalogue import Answered
from pages.shared.spool import Spool
from pages.shared.verdicts import NOTHING, OUTSIDE, said


def picture(shade: int = 90) -> bytes:
    image = Image.new("RGB", (60, 80), "white")
    ImageDraw.Draw(image).rectangle((20, 10, 40, 70), fill=(shade, 40, 40))
    return images.png_bytes(image)


def answered(name: str, label: int, confidence: float, truth: int | None = None, shade: int = 90) -> Answered:
    content = picture(shade)
    garment = find_garment(images.decode(content))
    item = tray.Item(
        name, name, Spool().put(content), view(garment), garment.candidates, garment.quality, garment.chosen, truth
    )
    sure = [(1 - confidence) / 9] * 10
    sure[label] = confidence
    return Answered(item, {"dense": Prediction("dense", (0.1,) * 10), "cnn": Prediction("cnn", tuple(sure))}, "cnn")


def zipped(batch: list[Answered]) -> zipfile.ZipFile:
    return zipfile.ZipFile(catalogue.sort_files(batch).zipped(catalogue.csv_bytes(batch)))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_batch_is_sorted_by_class_then_by_confidence() -> None:
    batch = [answered("a", 6, 0.5), answered("b", 0, 0.4), answered("c", 6, 0.9)]
    assert [entry.item.name for entry in catalogue.in_order(batch)] == ["b", "c", "a"]


def outside(name: str, scope: float) -> Answered:
    """One that the asked network takes for none of the ten, with two classes close to each other."""
    entry = answered(name, 8, 0.46)
    torn = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.44, 0.0, 0.46, 0.1)
    return replace(entry, predictions={**entry.predictions, "cnn": Prediction("cnn", torn, scope)})


def test_of_none_of_the_ten_the_table_says_what_the_page_does() -> None:
    sure = outside("sure", 0.01)
    assert said(sure.answer) == "None of the ten, 99%"
    (row,) = rows_of(catalogue.csv_bytes([sure]))
    assert (row["answer"], row["confidence"], row["in doubt with"]) == ("None of the ten", "0.9900", "")
    assert [entry.item.name for entry in catalogue.in_order([outside("unsure", 0.4), sure])] == ["sure", "unsure"]


def empty_picture(truth: int | None = None) -> Answered:
    bag = outside("bag", 0.9)  # two classes close to each other
    return replace(
        bag, item=replace(bag.item, name="empty", quality=0.0, view=np.zeros_like(bag.item.view), truth=truth)
    )


def test_an_empty_picture_has_no_confidence_and_comes_last_in_a_folder_of_its_own() -> None:
    bag, hat, empty = answered("bag", 8, 0.9), outside("hat", 0.1), empty_picture()
    assert empty.item.is_blank
    assert list(catalogue.by_label([empty, hat, bag])) == [8, OUTSIDE, NOTHING]
    assert [entry.item.name for entry in catalogue.in_order([empty, hat, bag])] == ["bag", "hat", "empty"]
    (row,) = rows_of(catalogue.csv_bytes([empty]))
    assert (row["answer"], row["confidence"], row["in doubt with"]) == ("Nothing found", "", "")
    assert (row["one of the ten"], row["cnn says"]) == ("no", "Nothing found")
    with zipped([hat, empty]) as archive:
        assert archive.namelist()[:2] == ["None of the ten/hat.png", "Nothing found/empty.png"]


def test_to_find_nothing_is_right_of_none_of_the_ten_alone() -> None:
    assert empty_picture(truth=OUTSIDE).is_right("cnn")
    assert not empty_picture(truth=8).is_right("cnn")
    assert not empty_picture().is_right("cnn")
    assert answered("bag", 8, 0.9, truth=8).is_right("cnn")
    assert not answered("bag", 8, 0.9, truth=6).is_right("cnn")


def test_the_table_holds_each_probability_and_no_formula() -> None:
    (row,) = rows_of(catalogue.csv_bytes([answered('=HYPERLINK("x")', 8, 0.82, truth=6)]))
    assert row["file"] == '\'=HYPERLINK("x")'
    assert (row["answer"], row["confidence"]) == ("Bag", "0.8200")
    assert (row["true class"], row["sorted as"]) == ("Shirt", "Shirt")
    assert [row[f"cnn: {label}"] for label in CLASS_NAMES] == ["0.0200"] * 8 + ["0.8200", "0.0200"]
    assert sum(float(row[f"dense: {label}"]) for label in CLASS_NAMES) == pytest.approx(1)


def test_a_corrected_picture_is_among_those_of_its_class() -> None:
    parts = catalogue.by_label([answered("a", 8, 0.9), answered("b", 8, 0.8, truth=6), answered("c", 9, 0.7, truth=8)])
    assert {label: [entry.item.name for entry in part] for label, part in parts.items()} == {6: ["b"], 8: ["a", "c"]}


def test_files_go_unchanged_into_the_folder_of_their_class() -> None:
    batch = [answered("../../evil.png", 0, 0.9), answered("x.png", 8, 0.9, truth=9), answered("x.png", 9, 0.9, shade=5)]
    with zipped(batch) as archive:
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
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "WEBP")
    pasted = answered("pasted", 1, 0.9)
    pasted = replace(pasted, item=replace(pasted.item, file=Spool().put(buffer.getvalue())))
    with zipped([answered("test image 7", 1, 0.9), pasted]) as archive:
        assert archive.namelist()[:2] == ["Trouser/test image 7.png", "Trouser/pasted.webp"]


def test_a_slash_in_the_name_of_a_sample_leads_into_no_folder() -> None:
    sample = answered("T-shirt/top 1 by CGAN", 0, 0.9)
    with zipped([replace(sample, item=replace(sample.item, is_sample=True))]) as archive:
        assert archive.namelist()[0] == "T-shirt-top/T-shirt-top 1 by CGAN.png"


def test_the_table_says_where_each_file_lies_in_the_zip() -> None:
    batch = [answered("image.png", 8, 0.9), answered("image.png", 8, 0.8, shade=5)]
    with zipped(batch) as archive:
        rows = rows_of(archive.read("labels.csv"))
        assert [row["file in the ZIP"] for row in rows] == archive.namelist()[:2]


def test_what_is_none_of_the_ten_comes_last_and_has_a_folder_of_its_own() -> None:
    inside = Prediction("photo", (0.9, *(0.1 / 9,) * 9), scope=0.97)
    outside = Prediction("photo", (0.9, *(0.1 / 9,) * 9), scope=0.2)
    hat, shirt = answered("hat.png", 0, 0.9), answered("shirt.png", 0, 0.9, shade=5)
    batch = catalogue.in_order(
        [Answered(hat.item, {"photo": outside}, "photo"), Answered(shirt.item, {"photo": inside}, "photo")]
    )
    assert {label: [entry.item.name for entry in part] for label, part in catalogue.by_label(batch).items()} == {
        0: ["shirt.png"],
        OUTSIDE: ["hat.png"],
    }
    assert [(row["answer"], row["one of the ten"]) for row in rows_of(catalogue.csv_bytes(batch))] == [
        ("T-shirt/top", "yes"),
        ("None of the ten", "no"),
    ]
    with zipped(batch) as archive:
        assert archive.namelist() == ["T-shirt-top/shirt.png", "None of the ten/hat.png", "labels.csv"]


def test_a_large_zip_comes_in_parts_that_hold_every_file_once() -> None:
    batch = [answered(f"{shade}.png", 1, 0.9, shade=shade) for shade in range(5)]
    sizes = [entry.item.file.size for entry in batch]
    parts = catalogue.sort_files(batch).parts(most=sizes[0] + sizes[1])
    assert [len(part.files) for part in parts] == [2, 2, 1]
    assert [name for part in parts for name in part.names] == [f"Trouser/{shade}.png" for shade in range(5)]
    assert len(catalogue.sort_files(batch).parts(most=1)) == 5
