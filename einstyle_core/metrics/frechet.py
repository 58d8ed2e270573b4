"""Distances between two distributions of features: Frechet and kernel (the F and K of FID and KID)."""

from typing import NamedTuple

import torch
from torch import Tensor


class Gaussian(NamedTuple):
    """A normal distribution, float64.

    Attributes:
        mean: ``D``.
        covariance: ``D x D``.
    """

    mean: Tensor
    covariance: Tensor


def fit_gaussian(features: Tensor) -> Gaussian:
    """The mean and the unbiased covariance of features ``N x D``, N of at least 2."""
    features = features.double()
    return Gaussian(features.mean(0), features.T.cov())


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """|mu_a - mu_b|^2 + tr(Sigma_a + Sigma_b - 2 (Sigma_a Sigma_b)^(1/2)) (Heusel et al. 2017), squared as is usual.

    The trace of the root is taken as that of (Sigma_a^(1/2) Sigma_b Sigma_a^(1/2))^(1/2): that matrix is symmetric and
    has no negative eigenvalues, so singular covariances need no special care.
    """
    root = _root(a.covariance)
    eigenvalues = torch.linalg.eigvalsh(root @ b.covariance @ root)
    trace_of_root = eigenvalues.clamp(min=0).sqrt().sum()
    distance = (a.mean - b.mean).square().sum() + a.covariance.trace() + b.covariance.trace() - 2 * trace_of_root
    return max(distance.item(), 0.0)  # rounding may leave less than nothing


def kernel_distance(
    real: Tensor, fake: Tensor, *, subsets: int = 100, size: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Squared maximum mean discrepancy under the cubic kernel (Binkowski et al. 2018, KID).

    Args:
        real: features ``N x D``.
        fake: features ``M x D``.
        subsets: how many pairs of random subsets are compared.
        size: of a subset, at most N and M.
        seed: of the subsets.

    Returns:
        mean and standard deviation over the subsets; the estimate is unbiased, so it is around 0, and may be below, for
        equal distributions.
    """
    real, fake = real.double(), fake.double()
    generator = torch.Generator().manual_seed(seed)

    def subset(features: Tensor) -> Tensor:
        return features[torch.randperm(len(features), generator=generator)[:size].to(features.device)]

    values = torch.stack([squared_mmd(subset(real), subset(fake)) for _ in range(subsets)])
    return values.mean().item(), values.std(correction=0).item()


def squared_mmd(x: Tensor, y: Tensor) -> Tensor:
    """The unbiased estimate of MMD^2, k(x, y) = (x.y / D + 1)^3, of features ``N x D`` and ``M x D``; a scalar."""
    n, m = len(x), len(y)
    within_x, within_y, between = _cubic_kernel(x, x), _cubic_kernel(y, y), _cubic_kernel(x, y)
    return (
        (within_x.sum() - within_x.trace()) / (n * (n - 1))
        + (within_y.sum() - within_y.trace()) / (m * (m - 1))
        - 2 * between.mean()
    )


def _cubic_kernel(x: Tensor, y: Tensor) -> Tensor:
    return (x @ y.T / x.shape[1] + 1) ** 3


def _root(symmetric: Tensor) -> Tensor:
    eigenvalues, vectors = torch.linalg.eigh(symmetric)
    return (vectors * eigenvalues.clamp(min=0).sqrt()) @ vectors.T
