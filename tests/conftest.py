"""What several tests need: the real data where it is, and folders of their own where it must not be."""

import os
from pathlib import Path

import pytest
import torch

from einstyle_core import data


def pytest_configure(config: pytest.Config) -> None:
    torch.set_num_threads(int(os.environ.get("EINSTYLE_TEST_THREADS", "2")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reasons = {
        "data": None if data.is_available() else "Fashion-MNIST is not here; set EINSTYLE_DATA",
        "photos": None if photo_folder().is_dir() else "the garment photographs are not beside the dataset",
        "gpu": None if torch.cuda.is_available() else "no CUDA device",
    }
    for item in items:
        for marker, reason in reasons.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def photo_folder() -> Path:
    return data.data_root() / "photos" / "train"


@pytest.fixture(scope="session")
def photos() -> list[Path]:
    """Every garment photograph, in a fixed order; the folder's name is its class."""
    return sorted(photo_folder().glob("*/*.jpg"))


@pytest.fixture(scope="session")
def test_images() -> data.ImageSet:
    return data.load("test")


@pytest.fixture
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has no dataset; returns the empty folder where it would be."""
    folder = tmp_path / "no-data"
    monkeypatch.setenv("EINSTYLE_DATA", str(folder))
    monkeypatch.setenv("EINSTYLE_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def checkpoint_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkpoint folder that the whole library uses instead of the shipped one."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    monkeypatch.setenv("EINSTYLE_CHECKPOINTS", str(folder))
    return folder
