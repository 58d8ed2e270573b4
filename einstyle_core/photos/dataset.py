"""What the photo model learns from and is tested on, as views: photographs, strangers and Fashion-MNIST.

Finding a garment takes longer than learning from it, so each collection of views is made once and kept in the cache
folder, under a name that the code that made it and what it was made from determine.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import einstyle_core.garments
from einstyle_core import images
from einstyle_core.classifiers import views
from einstyle_core.data import NUM_CLASSES, ImageSet
from einstyle_core.garments import Garment, find_garment
from einstyle_core.photos import strangers
from einstyle_core.photos.collection import Photograph
from einstyle_core.storage import atomic_write, cache_dir

Progress = Callable[[int, int], None]
"""Called with (pictures done, pictures in all)."""


@dataclass(frozen=True)
class ViewSet:
    """Labelled views.

    Attributes:
        views: uint8, ``N x 4 x 192 x 192``.
        allowed: bool, ``N x 10``: the classes that are right; none in the row of what is outside the ten.
    """

    views: Tensor
    allowed: Tensor

    def __len__(self) -> int:
        return len(self.views)

    @property
    def inside(self) -> Tensor:
        """Which show one of the ten classes, bool ``N``."""
        return self.allowed.any(1)

    def take(self, indices: Tensor) -> "ViewSet":
        """The views at ``indices``, in that order."""
        return ViewSet(self.views[indices], self.allowed[indices])


def join(*sets: ViewSet) -> ViewSet:
    """One set after the other."""
    return ViewSet(torch.cat([s.views for s in sets]), torch.cat([s.allowed for s in sets]))


def of_photographs(photographs: Sequence[Photograph], progress: Progress | None = None) -> ViewSet:
    """The views of photographs, as an upload of each would give them."""
    pictures = (images.decode(each.path.read_bytes(), each.path.name) for each in photographs)
    key = " ".join(each.digest for each in photographs)
    allowed = torch.zeros(len(photographs), NUM_CLASSES, dtype=torch.bool)
    for row, each in zip(allowed, photographs, strict=True):
        row[list(each.targets)] = True
    return ViewSet(_cached(key, pictures, len(photographs), progress), allowed)


def of_strangers(kinds: Sequence[str], count: int, seed: int, progress: Progress | None = None) -> ViewSet:
    """The views of ``count`` drawn pictures of each kind (:mod:`einstyle_core.photos.strangers`)."""
    numbers = range(seed * 1_000_003, seed * 1_000_003 + count)
    pictures = (strangers.draw(kind, number) for kind in kinds for number in numbers)
    key = f"{kinds} {count} {seed} {_source(strangers.__file__)}"
    total = count * len(kinds)
    return ViewSet(_cached(key, pictures, total, progress), torch.zeros(total, NUM_CLASSES, dtype=torch.bool))


def uploaded(dataset: ImageSet, scale: int = 1) -> list[Garment]:
    """The garments found in images of the dataset, each uploaded as a PNG that is ``scale`` times as large."""
    enlarged = (np.kron(pixels, np.ones((scale, scale), np.uint8)) for pixels in dataset.images[:, 0].numpy())
    return [find_garment(images.decode(images.png_bytes(pixels))) for pixels in enlarged]


def _cached(key: str, pictures: Iterator[Image.Image], total: int, progress: Progress | None) -> Tensor:
    """The views of ``pictures``, made by this code; kept on disk."""
    name = hashlib.sha256(f"{key} {_CODE}".encode()).hexdigest()[:24]
    path = cache_dir() / "views" / f"{name}.npy"
    if path.is_file():
        return torch.from_numpy(np.load(path))
    made = []
    for done, picture in enumerate(pictures, 1):
        made.append(views.view(find_garment(picture)))
        if progress:
            progress(done, total)
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.save(file, np.stack(made))
    return torch.from_numpy(np.stack(made))


def _source(name: str) -> str:
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()


_CODE = _source(einstyle_core.garments.__file__) + _source(views.__file__)
"""What makes the views, as it was when it was loaded."""
