"""What nearest neighbours tell: fidelity, diversity and copies.

Distances are Euclidean and made a few rows at a time, so memory stays small.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

# 500 rows of distances to 60,000 training images are 120 MB.
_ROWS = 500
_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


class PrecisionRecall(NamedTuple):
    """Both in [0, 1].

    Attributes:
        precision: the share of fakes within the reals' manifold.
        recall: the share of reals within the fakes' manifold.
    """

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """How full the reals' neighbourhoods are of fakes.

    Attributes:
        density: reals' balls that a fake lies in, over k, the mean over fakes: 0 or more, about 1 for equal
            distributions.
        coverage: the share of reals with a fake in their ball, in [0, 1].
    """

    density: float
    coverage: float


def radii(points: Tensor, k: int) -> Tensor:
    """The distance from each of ``N x D`` points to its k-th nearest other one: ``N``; k is below N."""
    return torch.cat([distances.kthvalue(k + 1, dim=1).values for _, distances in _distances(points, points)])


def precision_recall(real: Tensor, fake: Tensor, k: int = 3) -> PrecisionRecall:
    """Improved precision and recall of features ``N x D`` and ``M x D`` (Kynkäänniemi et al. 2019)."""
    real_radii, fake_radii = radii(real, k), radii(fake, k)
    precise = 0
    recalled = torch.zeros(len(real), dtype=torch.bool, device=real.device)
    for rows, distances in _distances(fake, real):
        precise += int((distances <= real_radii).any(1).sum())
        recalled |= (distances <= fake_radii[rows, None]).any(0)
    return PrecisionRecall(precise / len(fake), recalled.double().mean().item())


def density_coverage(real: Tensor, fake: Tensor, k: int = 5) -> DensityCoverage:
    """Density and coverage of features ``N x D`` and ``M x D`` (Naeem et al. 2020)."""
    real_radii = radii(real, k)
    hits = 0
    covered = torch.zeros(len(real), dtype=torch.bool, device=real.device)
    for _, distances in _distances(fake, real):
        inside = distances <= real_radii
        hits += int(inside.sum())
        covered |= inside.any(0)
    return DensityCoverage(hits / (k * len(fake)), covered.double().mean().item())


def nearest(queries: Tensor, points: Tensor) -> Tensor:
    """The distance from each of ``M x D`` queries to the nearest of ``N x D`` points: ``M``."""
    found = torch.cat([distances.argmin(1) for _, distances in _distances(queries, points)])
    # Fast distances lose digits near zero, which is where copies are.
    return torch.linalg.vector_norm(queries - points[found], dim=1)


def copy_check(fake: Tensor, unseen: Tensor) -> dict[str, Any]:
    """Whether fakes lie nearer to training images than unseen real images do.

    Args:
        fake: distances from fakes to the nearest training image (:func:`nearest`).
        unseen: the same from test images.

    Returns:
        ``near_copies``, the share of fakes nearer than the nearest 1 % of unseen images: about 0.01 where nothing is
        copied, 1 for copies; ``threshold``, that distance; ``fake`` and ``unseen``, quantiles of both by per cent.
    """
    levels = torch.tensor(_QUANTILES, dtype=fake.dtype, device=fake.device)
    threshold = unseen.quantile(0.01)
    return {
        "near_copies": (fake < threshold).double().mean().item(),
        "threshold": round(threshold.item(), 6),
        **{
            name: {
                f"{level:.0%}": round(value, 6)
                for level, value in zip(_QUANTILES, distances.quantile(levels).tolist(), strict=True)
            }
            for name, distances in (("fake", fake), ("unseen", unseen))
        },
    }


def _distances(queries: Tensor, points: Tensor) -> Iterator[tuple[slice, Tensor]]:
    for start in range(0, len(queries), _ROWS):
        rows = slice(start, start + _ROWS)
        yield rows, torch.cdist(queries[rows], points)
