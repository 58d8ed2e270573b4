"""A folder of labelled photographs: what the labels mean here, and which photo is for what.

``EINSTYLE_DATA/photos/train/LABEL/*.jpg``: 3,068 photographs of garments from alexeygrigorev/clothing-dataset-small
(CC0 1.0). The part that a photo belongs to follows from the hash of its file, so it is the same on every machine and
stays when others are added.
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from einstyle_core.data import CLASS_NAMES, data_root
from einstyle_core.errors import DataError, UnknownNameError

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")

LABELS: dict[str, tuple[str, ...]] = {
    "t-shirt": ("T-shirt/top",),
    "pants": ("Trouser",),
    "longsleeve": ("Pullover",),
    "dress": ("Dress",),
    "outwear": ("Coat",),
    "shirt": ("Shirt",),
    "shoes": ("Sandal", "Sneaker", "Ankle boot"),
    "hat": (),
    "shorts": (),
    "skirt": (),
}
"""Each folder's name and the classes that are right for it: none where the garment is outside the ten."""

_TEST_SHARE, _VALIDATION_SHARE = 0.18, 0.10
_THUMBNAIL = 12
_ALIKE = 5.0  # root mean square difference of two thumbnails, of 255: different garments have 8 and more


@dataclass(frozen=True)
class Photograph:
    """One labelled file.

    Attributes:
        path: where it is.
        label: its folder's name, a key of :data:`LABELS`.
        part: what it may be used for.
        digest: SHA-256 of the file, in hexadecimal.
    """

    path: Path
    label: str
    part: Part
    digest: str

    @property
    def targets(self) -> tuple[int, ...]:
        """Indices of the classes that are right; none for what is outside the ten."""
        return tuple(CLASS_NAMES.index(name) for name in LABELS[self.label])


def photo_folder() -> Path:
    """Where the photographs are: beside Fashion-MNIST."""
    return data_root() / "photos" / "train"


def load(part: Part, folder: Path | None = None) -> list[Photograph]:
    """The photographs of a part, in the order of their names.

    Near-duplicates are in the same part, that of the one whose hash is smallest.

    Raises:
        DataError: there are none.
        UnknownNameError: there is no such part.
    """
    if part not in PARTS:
        raise UnknownNameError("part", part, PARTS)
    folder = folder or photo_folder()
    paths = [path for label in LABELS for path in sorted((folder / label).glob("*.jpg"))]
    if not paths:
        raise DataError(
            f"There are no photographs in {folder}. Set EINSTYLE_DATA to the folder that holds "
            f"photos/train/LABEL/*.jpg, where LABEL is one of: {', '.join(LABELS)}."
        )
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    leaders = _leaders(digests, np.stack([_thumbnail(path) for path in paths]))
    parts = [_part(leader) for leader in leaders]
    everything = zip(paths, parts, digests, strict=True)
    return [Photograph(path, path.parent.name, of, digest) for path, of, digest in everything if of == part]


def _part(digest: str) -> Part:
    share = int(digest[:8], 16) / 16**8
    if share < _TEST_SHARE:
        return "test"
    return "validation" if share < _TEST_SHARE + _VALIDATION_SHARE else "train"


def _leaders(digests: list[str], thumbnails: NDArray[np.float32]) -> list[str]:
    """For each file the smallest digest among itself, its near-duplicates, theirs, and so on."""
    points = torch.from_numpy(thumbnails)
    alike = torch.cdist(points, points) < _ALIKE * math.sqrt(points.shape[1])
    _, families = connected_components(csr_array(alike.numpy()), directed=False)
    leaders: dict[int, str] = {}
    for family, digest in zip(families.tolist(), digests, strict=True):
        leaders[family] = min(digest, leaders.get(family, digest))
    return [leaders[family] for family in families.tolist()]


def _thumbnail(path: Path) -> NDArray[np.float32]:
    pixels = cv2.imread(str(path), cv2.IMREAD_REDUCED_COLOR_2)
    if pixels is None:
        raise DataError(f"{path} cannot be read as a photograph. Fetch it again or remove it.")
    size = (_THUMBNAIL, _THUMBNAIL)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.float32).ravel()
