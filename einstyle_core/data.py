"""Fashion-MNIST, verified, as one uint8 tensor that can live on the device.

The files are those of Zalando Research (Xiao et al. 2017, MIT licence), read by torchvision. They are found in
``EINSTYLE_DATA`` (the folder that holds ``FashionMNIST/raw``), else in our cache folder; nothing is ever written
into ``EINSTYLE_DATA``. Pixels are uint8 in storage and float32 in [0, 1] wherever a model meets them
(:func:`to_unit`): that is said here once and holds everywhere.
"""

import contextlib
import functools
import hashlib
import http.client
import os
import shutil
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor
from torchvision.datasets import FashionMNIST
from torchvision.datasets.utils import check_integrity, extract_archive

from einstyle_core.errors import DataError, UnknownNameError
from einstyle_core.storage import atomic_write, cache_dir

CLASS_NAMES: tuple[str, ...] = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
NUM_CLASSES = len(CLASS_NAMES)
IMAGE_SIZE = 28
PIXEL_RANGE = (0.0, 1.0)

Split = Literal["train", "fit", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "fit", "validation", "test")
VALIDATION_SIZE = 5_000
_SPLIT_SEED = 20_170_825  # the dataset's birthday; changing it changes every validation figure

# SHA-256 over the uint8 images followed by the uint8 labels, as the official files hold them.
DIGESTS = {
    "train": "16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157",
    "test": "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4",
}
# Sizes of the archives in bytes, so that a download can show how far it is.
_ARCHIVE_BYTES = {
    "train-images-idx3-ubyte.gz": 26_421_880,
    "train-labels-idx1-ubyte.gz": 29_515,
    "t10k-images-idx3-ubyte.gz": 4_422_102,
    "t10k-labels-idx1-ubyte.gz": 5_148,
}

Progress = Callable[[int, int], None]
"""Called with (bytes so far, bytes in all)."""


@dataclass(frozen=True)
class ImageSet:
    """Labelled images that stay on one device.

    Attributes:
        images: uint8, ``N x 1 x 28 x 28``.
        labels: int64, ``N``, the index into :data:`CLASS_NAMES`.
        digest: SHA-256 of the official split they come from.
    """

    images: Tensor
    labels: Tensor
    digest: str

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device | str) -> "ImageSet":
        """The same set on another device."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def take(self, indices: Tensor | slice) -> "ImageSet":
        """The images at ``indices``, in that order."""
        return replace(self, images=self.images[indices], labels=self.labels[indices])

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (uint8 images, labels) in order."""
        return zip(self.images.split(batch_size), self.labels.split(batch_size), strict=True)

    def shuffled(self, batch_size: int, generator: torch.Generator) -> Iterator[Tensor]:
        """Yield the indices of batches that make up a fresh permutation, on the set's device.

        The permutation is drawn on the generator's device, so a run is repeatable wherever the data lives.
        """
        order = torch.randperm(len(self), generator=generator, device=generator.device)
        yield from order.to(self.images.device).split(batch_size)


def to_unit(images: Tensor) -> Tensor:
    """uint8 pixels to float32 in [0, 1]."""
    return images.to(torch.float32).div_(255.0)


def class_index(label: str | int) -> int:
    """The index of a class given by index, by digits, or by name in any case.

    Raises:
        UnknownNameError: no class has that name or index.
    """
    text = str(label).strip()
    if text.isascii() and text.isdigit() and int(text) < NUM_CLASSES:
        return int(text)
    for index, name in enumerate(CLASS_NAMES):
        if text.casefold() == name.casefold():
            return index
    raise UnknownNameError("class", label, (f"{i} {name}" for i, name in enumerate(CLASS_NAMES)))


def data_root() -> Path:
    """The folder that holds ``FashionMNIST/raw``: ``EINSTYLE_DATA``, or our cache folder."""
    return Path(os.environ.get("EINSTYLE_DATA") or cache_dir())


def is_available() -> bool:
    """True where the dataset's files are present, so that nothing needs a download."""
    raw = _raw(data_root())
    return all((raw / name).is_file() or (raw / Path(name).stem).is_file() for name in _ARCHIVE_BYTES)


def load(split: Split, *, download: bool = False, progress: Progress | None = None) -> ImageSet:
    """Load a split into memory, verified byte for byte.

    Args:
        split: ``train`` (60,000), its parts ``fit`` (55,000) and ``validation`` (5,000, 500 a class), or ``test``
            (10,000).
        download: fetch absent files (31 MB) first.
        progress: told how far a download is.

    Raises:
        DataError: the files are absent (and ``download`` is false), damaged, or could not be fetched.
        UnknownNameError: there is no such split.
    """
    if split not in SPLITS:
        raise UnknownNameError("split", split, SPLITS)
    if not is_available():
        if not download:
            raise DataError(
                f"Fashion-MNIST is not in {_raw(data_root())}. Set EINSTYLE_DATA to the folder that holds "
                f"FashionMNIST/raw/*.gz, or download it (31 MB): python -m scripts.fetch_data"
            )
        fetch(progress)
    official = "test" if split == "test" else "train"
    root = _unpacked_root()
    try:
        dataset = FashionMNIST(str(root), train=official == "train")
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        raise DataError(f"The Fashion-MNIST files in {_raw(root)} cannot be read ({error}). {_REMEDY}") from error
    if _digest(dataset.data, dataset.targets) != DIGESTS[official]:
        raise DataError(f"The Fashion-MNIST files in {_raw(root)} are not the official ones. {_REMEDY}")
    whole = ImageSet(dataset.data.unsqueeze(1), dataset.targets.long(), DIGESTS[official])
    if split == official:
        return whole
    validation = _validation_mask(whole.labels)
    return whole.take((validation if split == "validation" else ~validation).nonzero().squeeze(1))


def fetch(progress: Progress | None = None, mirrors: Sequence[str] = tuple(FashionMNIST.mirrors)) -> Path:
    """Download the archives that are absent into :func:`data_root`; returns that folder.

    Each archive is checked against the MD5 sum that torchvision publishes and appears under its name only when
    whole; those already there stay, so an interrupted download goes on where it stopped.

    Raises:
        DataError: no mirror gave an archive whole.
    """
    root = data_root()
    fetched, total = 0, sum(_ARCHIVE_BYTES.values())
    for name, md5 in FashionMNIST.resources:
        target = _raw(root) / name
        if not target.is_file():
            _fetch_archive(target, md5, mirrors, functools.partial(_report, progress, fetched, total))
        fetched += _ARCHIVE_BYTES[name]
        _report(progress, fetched, total, 0)
    return root


_REMEDY = "Delete them and fetch them again (31 MB): python -m scripts.fetch_data"


def _raw(root: Path) -> Path:
    return root / "FashionMNIST" / "raw"


def _report(progress: Progress | None, before: int, total: int, part: int) -> None:
    if progress:
        progress(before + part, total)


def _fetch_archive(target: Path, md5: str, mirrors: Sequence[str], progress: Callable[[int], object]) -> None:
    failures = []
    for mirror in mirrors:
        try:
            with (
                atomic_write(target) as temporary,
                urllib.request.urlopen(mirror + target.name, timeout=30) as source,
                temporary.open("wb") as sink,
            ):
                while chunk := source.read(1 << 18):
                    sink.write(chunk)
                    progress(sink.tell())
                sink.flush()
                if not check_integrity(str(temporary), md5):
                    raise OSError("what arrived is not the official file")
            return
        except (OSError, http.client.HTTPException) as error:
            failures.append(f"{mirror}: {error}")
    raise DataError(
        f"{target.name} could not be downloaded ({'; '.join(failures)}). Check the connection, or put the four .gz "
        "files into a folder FashionMNIST/raw and set EINSTYLE_DATA to the folder that holds it."
    )


def _unpacked_root() -> Path:
    """A root with unpacked files: the user's own where it has them, else a verified copy in our cache.

    Unpacking happens in a temporary folder that is renamed when complete: two processes that start at once both
    end with a whole copy.
    """
    root = data_root()
    if all((_raw(root) / Path(name).stem).is_file() for name in _ARCHIVE_BYTES):
        return root
    for name, md5 in FashionMNIST.resources:
        if not check_integrity(str(_raw(root) / name), md5):
            raise DataError(f"{_raw(root) / name} is not the official file (its MD5 sum differs). {_REMEDY}")
    unpacked = cache_dir() / "unpacked"
    if unpacked.is_dir():
        return unpacked
    cache_dir().mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix="unpacking-", dir=cache_dir()))
    try:
        _raw(staging).mkdir(parents=True)
        for name in _ARCHIVE_BYTES:
            shutil.copy(_raw(root) / name, _raw(staging))
            extract_archive(str(_raw(staging) / name), remove_finished=True)
        with contextlib.suppress(OSError):  # another process was first: its copy is as good
            staging.rename(unpacked)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return unpacked


def _digest(images: Tensor, labels: Tensor) -> str:
    digest = hashlib.sha256(images.numpy().tobytes())
    digest.update(labels.to(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _validation_mask(labels: Tensor) -> Tensor:
    """500 images of each class, always the same ones, wherever this runs."""
    generator = torch.Generator().manual_seed(_SPLIT_SEED)
    per_class = VALIDATION_SIZE // NUM_CLASSES
    mask = torch.zeros_like(labels, dtype=torch.bool)
    for index in range(NUM_CLASSES):
        members = (labels == index).nonzero().squeeze(1)
        mask[members[torch.randperm(len(members), generator=generator)[:per_class]]] = True
    return mask
