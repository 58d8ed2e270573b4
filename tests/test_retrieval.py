"""The nearest items, by hand and by brute force; the index that is kept on the disk."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from einstyle_core import data, retrieval
from einstyle_core.retrieval import Index, mean_average_precision, principal_components


class Pixels(nn.Module):
    """A network whose features are the pixels, and that knows how often it was asked."""

    def __init__(self, asked: list[int]) -> None:
        super().__init__()
        self.asked = asked

    def features(self, images: Tensor) -> Tensor:
        self.asked.append(len(images))
        return images.flatten(1)


@pytest.fixture
def asked() -> list[int]:
    return []


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tensor:
    """70 random images in the place of Fashion-MNIST's 70,000, and a cache of their own; returns them in order."""
    monkeypatch.setenv("EINSTYLE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(retrieval.SIZES, "train", 60)
    images = torch.randint(0, 256, (70, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    parts = {"train": images[:60], "test": images[60:]}
    monkeypatch.setattr(data, "load", lambda split: data.ImageSet(parts[split], torch.zeros(len(parts[split])), split))
    return images


def test_the_nearest_by_hand() -> None:
    index = Index.of(torch.tensor([[1.0, 0], [0, 2], [3, 3], [-5, 0]]))
    found = index.nearest(torch.tensor([[2.0, 0], [0, 1]]), 3)
    assert found.positions.tolist() == [[0, 2, 1], [1, 2, 0]]
    diagonal = 1 - 0.5**0.5
    assert found.distances == pytest.approx(torch.tensor([[0, diagonal, 1], [0, diagonal, 1]]), abs=1e-6)


def test_the_opposite_is_two_away_and_more_than_there_are_is_all() -> None:
    found = Index.of(torch.tensor([[1.0, 0], [-1, 0]])).nearest(torch.tensor([[4.0, 0]]), 10)
    assert found.positions.tolist() == [[0, 1]]
    assert found.distances.tolist() == [[0, 2]]


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(1, 40), count=st.integers(1, 12), block=st.integers(1, 9), seed=st.integers(0, 99))
def test_blocks_find_what_brute_force_finds(rows: int, count: int, block: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    features, queries = torch.randn(rows, 5, generator=generator), torch.randn(4, 5, generator=generator)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "_ROWS", block)
        found = Index.of(features).nearest(queries, count)
    distances = 1 - torch.cosine_similarity(queries[:, None], features[None], dim=2)
    expected = distances.sort(dim=1)
    assert torch.equal(found.positions, expected.indices[:, :count])
    assert torch.allclose(found.distances, expected.values[:, :count], atol=1e-5)


@pytest.mark.parametrize("count", [3, 20])
def test_an_item_does_not_find_itself(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval, "_ROWS", 4)
    features = torch.randn(9, 6, generator=torch.Generator().manual_seed(3))
    found = Index.of(features).nearest(features, count, leave_out=torch.arange(9))
    assert found.positions.shape == (9, min(count, 8))
    assert not (found.positions == torch.arange(9)[:, None]).any()
    assert torch.isfinite(found.distances).all()


def test_principal_components_are_the_directions_of_most_variance() -> None:
    generator = torch.Generator().manual_seed(0)
    turn = torch.linalg.qr(torch.randn(40, 40, generator=generator)).Q
    spread = torch.tensor([9.0, 5, 3] + [0.01] * 37)
    features = torch.randn(500, 40, generator=generator) * spread @ turn.T + 7
    reduction = principal_components(features, 3)
    assert torch.allclose(reduction.basis.T @ reduction.basis, torch.eye(3), atol=1e-5)
    exact = torch.linalg.svd(features - features.mean(0), full_matrices=False).Vh[:3]
    assert torch.allclose((exact @ reduction.basis).abs(), torch.eye(3), atol=1e-3)
    rows, centred = reduction(features), features - reduction.mean
    assert torch.allclose(torch.cdist(rows, rows), torch.cdist(centred, centred), atol=0.2)


def test_mean_average_precision_by_hand() -> None:
    hit = torch.tensor([[True, False, True, False], [False, False, False, True]])
    # (1/1 + 2/3) / 3 of three to be found, and (1/4) / 1 of one
    assert mean_average_precision(hit, torch.tensor([3, 1])) == pytest.approx(((1 + 2 / 3) / 3 + 1 / 4) / 2)
    assert mean_average_precision(torch.ones(1, 4, dtype=torch.bool), torch.tensor([1000])) == 1
    assert mean_average_precision(torch.zeros(1, 4, dtype=torch.bool), torch.tensor([2])) == 0


def test_places_and_splits() -> None:
    assert retrieval.split_of(59_999) == ("train", 59_999)
    assert retrieval.split_of(60_000) == ("test", 0)
    assert all(retrieval.place_of(*retrieval.split_of(place)) == place for place in (0, 59_999, 60_000, 69_999))


def test_an_index_is_built_once_and_finds_each_image(dataset: Tensor, asked: list[int]) -> None:
    reports: list[tuple[int, int]] = []
    assert retrieval.cached_fashion_mnist("pixels", "a") is None
    built = retrieval.fashion_mnist("pixels", Pixels(asked), "a", lambda *report: reports.append(report))
    assert reports[-1] == (130, 130)  # the 60 training images twice: the directions are taken from them first
    assert [done for done, _ in reports] == sorted({done for done, _ in reports})
    asked.clear()
    kept = retrieval.fashion_mnist("pixels", Pixels(asked), "a", lambda *_: pytest.fail("built again"))
    assert asked == []
    assert torch.equal(kept.rows, built.rows)
    assert kept.rows.dtype == torch.float16
    found = kept.nearest(dataset.flatten(1) / 255, 1)
    assert found.positions.squeeze(1).tolist() == list(range(70))
    assert found.distances.max() < 2e-3


def test_wide_features_are_reduced(dataset: Tensor, asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval, "WIDTH", 8)
    index = retrieval.fashion_mnist("pixels", Pixels(asked), "a")
    assert index.rows.shape == (70, 8)
    assert retrieval.cached_fashion_mnist("pixels", "a").reduction.basis.shape == (784, 8)  # type: ignore[union-attr]


@pytest.mark.usefixtures("dataset")
def test_other_weights_have_another_index(asked: list[int]) -> None:
    retrieval.fashion_mnist("pixels", Pixels(asked), "a")
    assert retrieval.cached_fashion_mnist("pixels", "b") is None
    assert retrieval.cached_fashion_mnist("other", "a") is None


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign"])
@pytest.mark.usefixtures("dataset")
def test_a_damaged_index_is_built_again(damage: str, asked: list[int]) -> None:
    built = retrieval.fashion_mnist("pixels", Pixels(asked), "a")
    (path,) = (Path(os.environ["EINSTYLE_CACHE"]) / "retrieval").iterdir()
    whole = path.read_bytes()
    flipped = whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]
    path.write_bytes({"cut": whole[:-1], "flipped": flipped, "empty": b"", "foreign": b"x" * 100}[damage])
    assert retrieval.cached_fashion_mnist("pixels", "a") is None
    asked.clear()
    assert torch.equal(retrieval.fashion_mnist("pixels", Pixels(asked), "a").rows, built.rows)
    assert asked
    assert path.read_bytes() == whole


@pytest.mark.usefixtures("dataset")
def test_what_ends_the_building_leaves_nothing(asked: list[int]) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retrieval.fashion_mnist("pixels", Pixels(asked), "a", stop)
    assert retrieval.cached_fashion_mnist("pixels", "a") is None
    assert not (Path(os.environ["EINSTYLE_CACHE"]) / "retrieval").exists()


@pytest.mark.usefixtures("dataset")
def test_two_that_build_at_once_end_with_whole_ones(asked: list[int]) -> None:
    with ThreadPoolExecutor(4) as pool:
        indexes = list(pool.map(lambda _: retrieval.fashion_mnist("pixels", Pixels(asked), "a"), range(4)))
    kept = retrieval.cached_fashion_mnist("pixels", "a")
    assert kept is not None
    assert all(torch.equal(index.rows, kept.rows) for index in indexes)
    assert [path.suffix for path in (Path(os.environ["EINSTYLE_CACHE"]) / "retrieval").iterdir()] == [".safetensors"]


@pytest.mark.usefixtures("dataset")
def test_without_a_disk_to_write_to_the_index_still_serves(asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, index: Index) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(retrieval, "_write", full)
    assert len(retrieval.fashion_mnist("pixels", Pixels(asked), "a")) == 70
