import gzip
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torchvision.datasets import FashionMNIST

from einstyle_core import data
from einstyle_core.errors import DataError, UnknownNameError

RAW = Path("FashionMNIST") / "raw"


@pytest.fixture
def archives(request: pytest.FixtureRequest) -> Path:
    """The official archives; a test that takes this carries the marker ``data``."""
    return data.data_root() / RAW


@pytest.fixture
def mirror(archives: Path) -> Iterator[str]:
    """The official archives behind a local web server."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(archives))  # type: ignore[arg-type]

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_class_index_takes_indices_digits_and_names_in_any_case() -> None:
    for index, name in enumerate(data.CLASS_NAMES):
        assert data.class_index(index) == index
        assert data.class_index(str(index)) == index
        assert data.class_index(name.upper()) == index


@pytest.mark.parametrize("label", ["hat", "10", "-1", "", "²", 11])
def test_an_unknown_class_is_told_with_the_known_ones(label: str | int) -> None:
    with pytest.raises(UnknownNameError, match="9 Ankle boot"):
        data.class_index(label)


@pytest.mark.data
def test_splits_have_their_sizes_and_classes() -> None:
    counts = {split: data.load(split).labels.bincount().tolist() for split in data.SPLITS}
    assert counts == {"train": [6000] * 10, "fit": [5500] * 10, "validation": [500] * 10, "test": [1000] * 10}


@pytest.mark.data
def test_fit_and_validation_share_no_image_and_make_up_train() -> None:
    whole, fit, validation = (data.load(split) for split in ("train", "fit", "validation"))
    # Byte sums weighted by position tell images apart well enough to compare the sets as multisets.
    weights = torch.arange(1, 785, dtype=torch.float64).sqrt()

    def marks(images: data.ImageSet) -> torch.Tensor:
        return (images.images.flatten(1).double() @ weights).sort().values

    together = torch.cat([marks(fit), marks(validation)]).sort().values
    assert torch.equal(together, marks(whole))


@pytest.mark.data
def test_the_pixels_are_those_of_the_archive(archives: Path) -> None:
    content = gzip.decompress((archives / "t10k-images-idx3-ubyte.gz").read_bytes())
    expected = torch.frombuffer(bytearray(content[16:]), dtype=torch.uint8).view(-1, 1, 28, 28)
    assert torch.equal(data.load("test").images, expected)


def test_to_unit_maps_255_to_one() -> None:
    pixels = torch.tensor([0, 51, 255], dtype=torch.uint8)
    assert data.to_unit(pixels).tolist() == pytest.approx([0.0, 0.2, 1.0])


def small_set(count: int = 10) -> data.ImageSet:
    return data.ImageSet(torch.zeros(count, 1, 28, 28, dtype=torch.uint8), torch.arange(count), "none")


def test_shuffled_visits_everything_once_in_a_repeatable_order() -> None:
    def visit(seed: int) -> list[int]:
        return torch.cat(list(small_set().shuffled(4, torch.Generator().manual_seed(seed)))).tolist()

    assert sorted(visit(1)) == list(range(10))
    assert visit(1) == visit(1) != visit(2)


def test_batches_keep_the_order() -> None:
    assert [labels.tolist() for _, labels in small_set().batches(4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_absent_data_is_told_with_the_command_that_fetches_it(no_data: Path) -> None:
    assert not data.is_available()
    with pytest.raises(DataError, match=r"scripts\.fetch_data"):
        data.load("test")


def test_an_unknown_split_is_told() -> None:
    with pytest.raises(UnknownNameError, match="validation"):
        data.load("holdout")  # type: ignore[arg-type]


@pytest.mark.data
def test_a_read_only_folder_is_read_and_never_written(
    archives: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(archives, folder / RAW)
    before = sorted(path.name for path in (folder / RAW).iterdir())
    (folder / RAW).chmod(0o555)
    monkeypatch.setenv("EINSTYLE_DATA", str(folder))
    monkeypatch.setenv("EINSTYLE_CACHE", str(tmp_path / "cache"))
    assert len(data.load("test")) == 10_000
    assert sorted(path.name for path in (folder / RAW).iterdir()) == before


@pytest.mark.data
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_archive_is_named(
    archives: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(archives, folder / RAW)
    victim = folder / RAW / "t10k-images-idx3-ubyte.gz"
    victim.chmod(0o644)
    content = bytearray(victim.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    else:
        content[1000] ^= 1
    victim.write_bytes(content)
    monkeypatch.setenv("EINSTYLE_DATA", str(folder))
    monkeypatch.setenv("EINSTYLE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(DataError, match="t10k-images"):
        data.load("test")


@pytest.mark.data
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_unpacked_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    data.load("test")
    folder = tmp_path / "unpacked"
    source = data._unpacked_root()
    shutil.copytree(source, folder)
    victim = folder / RAW / "t10k-images-idx3-ubyte"
    content = bytearray(victim.read_bytes())
    if damage == "cut":
        del content[-100:]
    else:
        content[1000] ^= 1
    victim.write_bytes(content)
    monkeypatch.setenv("EINSTYLE_DATA", str(folder))
    with pytest.raises(DataError, match="fetch_data"):
        data.load("test")


@pytest.mark.data
def test_download_fetches_verifies_and_reports(mirror: str, no_data: Path) -> None:
    seen: list[tuple[int, int]] = []
    data.fetch(lambda done, total: seen.append((done, total)), mirrors=[mirror])
    assert data.is_available()
    assert len(data.load("test")) == 10_000
    done = [step for step, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == (30_878_645, 30_878_645)


def test_a_mirror_that_serves_something_else_leaves_nothing_behind(no_data: Path, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    for name, _ in FashionMNIST.resources:
        (served / name).write_bytes(b"<html>login</html>")
    with pytest.raises(DataError, match="not the official file"):
        data.fetch(mirrors=[f"file://{served}/"])
    assert list((no_data / RAW).iterdir()) == []


def test_no_connection_is_told(no_data: Path) -> None:
    with pytest.raises(DataError, match="Check the connection"):
        data.fetch(mirrors=["http://127.0.0.1:9/"])
