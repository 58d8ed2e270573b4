"""Retrieval: the items nearest to one in a network's feature space. The paper's first question, beside sorting.

The last layer of a network decides between ten classes; what it decides from, its *features*, is a space in which alike
garments lie close (:meth:`einstyle_core.classifiers.Classifier.features`). Distance here is 1 less the cosine of two
rows: 0 for the same direction, 1 for nothing in common. The search is exact: every row is compared, in blocks.

Wide features are reduced first. The CNN's 6,272 for the 70,000 images of Fashion-MNIST would be 1.7 GB; their first 128
principal components in half precision are 18 MB, and what that does to the ranking is measured
(``python -m scripts.evaluate retrieval``: ``map_at_10`` against ``map_at_10_unreduced``).
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from einstyle_core import data
from einstyle_core.data import to_unit
from einstyle_core.storage import atomic_write, cache_dir

__all__ = [
    "SIZES",
    "Index",
    "Nearest",
    "Reduction",
    "cached_fashion_mnist",
    "embed",
    "fashion_mnist",
    "mean_average_precision",
    "place_of",
    "principal_components",
    "split_of",
]

WIDTH = 128
"""Wider features than this are reduced to it, those of :func:`fashion_mnist`."""

Progress = Callable[[int, int], object]
"""Called with (images done, images in all), those that are looked at twice counted twice.

What it raises ends the work and leaves nothing behind.
"""

SIZES: dict[data.Split, int] = {"train": 60_000, "test": 10_000}
"""How many rows of :func:`fashion_mnist` each split has, in this order."""

_FORMAT = 1  # of the files in the cache; another number makes them all anew
_METADATA_KEY = "einstyle"
_ROWS = 8192  # compared at a time: as float32 they stay within a processor's cache
_BATCH = 64  # images at a time: the photo model needs 3 MB for each
_FITTED_ON = 5_000  # images that the principal components are taken from: 125 MB of the CNN's features

logger = logging.getLogger(__name__)


class Nearest(NamedTuple):
    """The nearest rows of each query, the nearest first.

    Attributes:
        positions: int64, ``M x count``, rows of the index.
        distances: float32, ``M x count``, 1 less the cosine, in [0, 2].
    """

    positions: Tensor
    distances: Tensor


@dataclass(frozen=True)
class Reduction:
    """An affine map onto fewer dimensions that keeps angles around ``mean`` as well as it can.

    Attributes:
        mean: float32, ``D``.
        basis: float32, ``D x K``, orthonormal columns, the direction of most variance first.
    """

    mean: Tensor
    basis: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """``N x D`` to ``N x K``."""
        return (features - self.mean) @ self.basis


@dataclass(frozen=True)
class Index:
    """Rows that can be searched.

    Attributes:
        rows: float16 or float32, ``N x K``, each of unit length (or zero).
        reduction: what features go through to become rows; None where they are rows but for their length.
    """

    rows: Tensor
    reduction: Reduction | None = None

    @classmethod
    def of(cls, features: Tensor, reduction: Reduction | None = None) -> "Index":
        """An index over features ``N x D``, in their precision."""
        return cls(_unit(features, reduction), reduction)

    def __len__(self) -> int:
        return len(self.rows)

    @torch.inference_mode()
    def nearest(self, features: Tensor, count: int, *, leave_out: Tensor | None = None) -> Nearest:
        """The ``count`` rows nearest to each query, or all of them where there are fewer.

        Args:
            features: the queries, float32 ``M x D``, as the network gives them.
            count: how many are wanted, at least 1.
            leave_out: int64 ``M``, one row of the index a query that is not to be found: the query itself, say.
        """
        queries = _unit(features, self.reduction)
        best = torch.empty(len(queries), 0)
        places = torch.empty(len(queries), 0, dtype=torch.int64)
        for start in range(0, len(self), _ROWS):
            similarity = queries @ self.rows[start : start + _ROWS].float().T
            if leave_out is not None:
                _forget(similarity, leave_out - start)
            found = similarity.topk(min(count, similarity.shape[1]), dim=1)
            best = torch.cat([best, found.values], 1)
            places = torch.cat([places, found.indices + start], 1)
            kept = best.topk(min(count, best.shape[1]), dim=1)
            best, places = kept.values, places.gather(1, kept.indices)
        if leave_out is not None and best.shape[1] == len(self):
            best, places = best[:, :-1], places[:, :-1]  # the one left out came last
        return Nearest(places, (1 - best).clamp(0, 2))


def principal_components(features: Tensor, width: int, seed: int = 0) -> Reduction:
    """The ``width`` directions of most variance of ``N x D`` features.

    By subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4) with a generator of its own: the same
    features give the same directions, whatever else draws random numbers. ``width`` is at most ``min(N, D)``.
    """
    mean = features.mean(0)
    centred = features - mean
    guess = min(width + 16, *features.shape)
    generator = torch.Generator().manual_seed(seed)
    basis = torch.linalg.qr(torch.randn(features.shape[1], guess, generator=generator)).Q
    for _ in range(4):
        basis = torch.linalg.qr(centred.T @ (centred @ basis)).Q
    turn = torch.linalg.svd(centred @ basis, full_matrices=False).Vh[:width]
    return Reduction(mean, (basis @ turn.T).contiguous())


@torch.inference_mode()
def embed(model: nn.Module, images: Tensor, batch_size: int = _BATCH) -> Iterator[Tensor]:
    """A network's features of uint8 images ``N x 1 x 28 x 28``, float32 ``batch x D`` at a time."""
    features = cast(Callable[[Tensor], Tensor], model.features)
    for part in images.split(batch_size):
        yield features(to_unit(part)).float()


def fashion_mnist(name: str, model: nn.Module, checkpoint_sha256: str, progress: Progress | None = None) -> Index:
    """An index over Fashion-MNIST: the 60,000 training images, then the 10,000 test images.

    Built once and kept in the cache folder, for these weights and this dataset: other weights get another file, a
    damaged file is made anew, and of two processes that build at once each ends with a whole one.

    Args:
        name: the network's, for the file's name.
        model: with ``features``, as :func:`einstyle_core.checkpoints.load` gives it.
        checkpoint_sha256: of the model's weights.
        progress: told how far the building is; not called where the cache has the index.

    Raises:
        DataError: the dataset is absent or damaged.
    """
    if (kept := cached_fashion_mnist(name, checkpoint_sha256)) is not None:
        return kept
    images = torch.cat([data.load("train").images, data.load("test").images])
    index = _build(model, images, progress)
    path = _path(name, checkpoint_sha256)
    try:
        _write(path, index)
    except OSError as error:  # a full or read-only disk: the index serves this process, the next one builds again
        logger.warning("The index of %s could not be kept in %s: %s", name, path, error)
    return index


def cached_fashion_mnist(name: str, checkpoint_sha256: str) -> Index | None:
    """What :func:`fashion_mnist` would give at once; None where it would have to build."""
    path = _path(name, checkpoint_sha256)
    try:
        return _read(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        logger.warning("The index %s is damaged and will be built again (%s)", path, error)
        return None


def split_of(place: int) -> tuple[data.Split, int]:
    """Where a row of :func:`fashion_mnist` comes from: ``("train", 17)``, ``("test", 3)``."""
    return ("train", place) if place < SIZES["train"] else ("test", place - SIZES["train"])


def place_of(split: data.Split, number: int) -> int:
    """The row of :func:`fashion_mnist` that an image of a split has: what :func:`split_of` takes apart."""
    return number if split == "train" else SIZES["train"] + number


def mean_average_precision(relevant: Tensor, available: Tensor) -> float:
    """Mean average precision at k, in [0, 1] (Manning, Raghavan and Schütze 2008, section 8.4, cut at rank k).

    The average precision of a query is the mean, over the relevant items that it could have found among k, of the
    precision at each one's rank; one that was not found counts 0.

    Args:
        relevant: bool, ``M x k``: whether each found item is relevant, the nearest first.
        available: int64, ``M``, at least 1: how many relevant items there are to find, in all.
    """
    ranks = torch.arange(1, relevant.shape[1] + 1, dtype=torch.float64)
    precision = relevant.double().cumsum(1) / ranks
    return ((precision * relevant).sum(1) / available.clamp(max=relevant.shape[1])).mean().item()


def _unit(features: Tensor, reduction: Reduction | None) -> Tensor:
    return F.normalize(features if reduction is None else reduction(features), dim=1)


def _forget(similarity: Tensor, columns: Tensor) -> None:
    """Make the cosine in one column of each row worse than any; columns outside are none."""
    rows = ((columns >= 0) & (columns < similarity.shape[1])).nonzero().squeeze(1)
    similarity[rows, columns[rows]] = -torch.inf


def _build(model: nn.Module, images: Tensor, progress: Progress | None) -> Index:
    training = images[: SIZES["train"]]  # none of the test images, on which the ranking is measured
    chosen = training[:: -(-len(training) // _FITTED_ON)]
    total = len(chosen) + len(images)

    def told(rows: Iterator[Tensor], done: int) -> Iterator[Tensor]:
        for part in rows:
            done += len(part)
            if progress:
                progress(done, total)
            yield part

    fitted = torch.cat(list(told(embed(model, chosen), 0)))
    reduction = principal_components(fitted, WIDTH) if fitted.shape[1] > WIDTH else None
    del fitted
    rows = told(embed(model, images), len(chosen))
    return Index(torch.cat([_unit(features, reduction).half() for features in rows]), reduction)


def _path(name: str, checkpoint_sha256: str) -> Path:
    made_from = json.dumps([_FORMAT, WIDTH, checkpoint_sha256, data.DIGESTS], sort_keys=True)
    return cache_dir() / "retrieval" / f"{name}-{hashlib.sha256(made_from.encode()).hexdigest()[:24]}.safetensors"


def _write(path: Path, index: Index) -> None:
    tensors = {"rows": index.rows}
    if index.reduction:
        tensors |= {"mean": index.reduction.mean, "basis": index.reduction.basis}
    content = safetensors.torch.save(tensors, metadata={_METADATA_KEY: _digest(tensors)})
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def _read(path: Path) -> Index:
    content = path.read_bytes()
    tensors = safetensors.torch.load(content)
    # The format: an 8-byte little-endian length, then that many bytes of JSON, then the tensors.
    metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    if metadata[_METADATA_KEY] != _digest(tensors):
        raise ValueError("its checksum differs")
    reduction = Reduction(tensors["mean"], tensors["basis"]) if "basis" in tensors else None
    return Index(tensors["rows"], reduction)


def _digest(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for key in sorted(tensors):
        digest.update(f"{key}:{tensors[key].dtype}:{tuple(tensors[key].shape)}:".encode())
        digest.update(tensors[key].contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
