"""Which photograph is for what."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import DataError, UnknownNameError
from einstyle_core.photos import collection


@pytest.fixture
def wardrobe(tmp_path: Path) -> Path:
    """Sixty pictures of coloured cells, twenty a label."""
    rng = np.random.default_rng(0)
    for label in ("t-shirt", "shoes", "hat"):
        (tmp_path / label).mkdir()
        for number in range(20):
            cells = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
            cells.resize((96, 96), Image.Resampling.BICUBIC).save(tmp_path / label / f"{number:02}.jpg")
    return tmp_path


def everything(folder: Path) -> dict[str, collection.Part]:
    return {each.path.name: part for part in collection.PARTS for each in collection.load(part, folder)}


def test_labels_mean_classes_of_the_dataset(wardrobe: Path) -> None:
    loaded = [each for part in collection.PARTS for each in collection.load(part, wardrobe)]
    assert len(loaded) == 60
    targets = {each.label: tuple(CLASS_NAMES[i] for i in each.targets) for each in loaded}
    assert targets == {"t-shirt": ("T-shirt/top",), "shoes": ("Sandal", "Sneaker", "Ankle boot"), "hat": ()}


def test_a_part_follows_from_the_file_and_not_from_its_name_or_company(wardrobe: Path) -> None:
    before = {each.digest: part for part in collection.PARTS for each in collection.load(part, wardrobe)}
    assert set(before.values()) == {"train", "validation", "test"}
    for path in (wardrobe / "hat").glob("1*.jpg"):
        path.unlink()
    (wardrobe / "shoes" / "03.jpg").rename(wardrobe / "shoes" / "renamed.jpg")
    after = {each.digest: part for part in collection.PARTS for each in collection.load(part, wardrobe)}
    assert len(after) == 50
    assert all(before[digest] == part for digest, part in after.items())


def test_near_duplicates_are_in_the_same_part(wardrobe: Path) -> None:
    for path in list((wardrobe / "t-shirt").glob("*.jpg")):
        for quality in (80, 92):
            Image.open(path).save(path.with_name(f"{path.stem}-{quality}.jpg"), quality=quality)
        shutil.copy(path, wardrobe / "shoes" / f"copy-{path.name}")
    families: dict[str, set[str]] = {}
    for part in collection.PARTS:
        for each in collection.load(part, wardrobe):
            if each.label == "t-shirt":
                families.setdefault(each.path.stem[:2], set()).add(part)
    assert len(families) == 20
    assert all(len(parts) == 1 for parts in families.values())


def test_an_empty_folder_and_an_unknown_part_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no photographs in"):
        collection.load("train", tmp_path)
    with pytest.raises(UnknownNameError, match="validation"):
        collection.load("exam", tmp_path)  # type: ignore[arg-type]


def test_a_damaged_photograph_is_named(wardrobe: Path) -> None:
    (wardrobe / "hat" / "05.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"05\.jpg"):
        collection.load("train", wardrobe)


@pytest.mark.photos
def test_the_real_photographs_are_shared_out_without_overlap() -> None:
    parts = {part: collection.load(part) for part in collection.PARTS}
    digests = [each.digest for part in parts.values() for each in part]
    assert len(digests) == len(set(digests)) == 3068
    assert {part: len(each) for part, each in parts.items()} == {"train": 2232, "validation": 297, "test": 539}
