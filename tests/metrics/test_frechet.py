import math

import pytest
import torch
from torch import Tensor

from einstyle_core.metrics.frechet import Gaussian, fit_gaussian, frechet_distance, kernel_distance, squared_mmd


def gaussian(mean: list[float], covariance: list[list[float]]) -> Gaussian:
    return Gaussian(torch.tensor(mean, dtype=torch.float64), torch.tensor(covariance, dtype=torch.float64))


def samples(n: int, d: int = 8, seed: int = 0, shift: float = 0.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(d, d, generator=torch.Generator().manual_seed(99))
    return torch.randn(n, d, generator=generator) @ mix + shift


# |mu_a - mu_b|^2 + tr(A + B - 2 (AB)^(1/2)), by hand.
BY_HAND = {
    "shifted": (gaussian([0, 0], [[1, 0], [0, 1]]), gaussian([3, 4], [[1, 0], [0, 1]]), 25.0),
    "scaled": (gaussian([0], [[4]]), gaussian([0], [[9]]), 1.0),  # (2 - 3)^2
    "diagonal": (gaussian([1, 0], [[4, 0], [0, 1]]), gaussian([0, 0], [[1, 0], [0, 16]]), 1 + 1 + 9.0),
    "singular": (gaussian([0, 0], [[1, 1], [1, 1]]), gaussian([0, 0], [[1, 0], [0, 0]]), 3 - 2.0),  # tr sqrt = 1
    # B = A turned by 45 degrees; tr (A^(1/2) B A^(1/2))^(1/2) of a 2 x 2 is sqrt(tr + 2 sqrt(det)).
    "turned": (
        gaussian([0, 0], [[4, 0], [0, 1]]),
        gaussian([0, 0], [[2.5, 1.5], [1.5, 2.5]]),
        10 - 2 * math.sqrt(20.5),
    ),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_frechet_by_hand(case: str) -> None:
    a, b, expected = BY_HAND[case]
    assert frechet_distance(a, b) == pytest.approx(expected, abs=1e-7)
    assert frechet_distance(b, a) == pytest.approx(expected, abs=1e-7)


def test_a_gaussian_is_fitted_with_the_unbiased_covariance() -> None:
    mean, covariance = fit_gaussian(torch.tensor([[0.0, 0.0], [2.0, 4.0], [4.0, 2.0]]))
    assert mean.tolist() == [2, 2]
    assert covariance.tolist() == [[4, 2], [2, 4]]


def test_frechet_of_equal_sets_is_zero_also_with_fewer_points_than_dimensions() -> None:
    for n in (500, 5):
        features = samples(n)
        assert frechet_distance(fit_gaussian(features), fit_gaussian(features)) == pytest.approx(0, abs=1e-5)


def test_squared_mmd_by_hand() -> None:
    # k(x, y) = (xy + 1)^3 in one dimension. Within x = {0, 1}: k(0, 1) = 1; within y = {1, 2}: k(1, 2) = 27;
    # between: k(0, .) = 1, 1; k(1, 1) = 8; k(1, 2) = 27, so their mean is 37 / 4.
    x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [2.0]])
    assert squared_mmd(x, y).item() == pytest.approx(1 + 27 - 2 * 37 / 4)


def test_kid_is_unbiased() -> None:
    """Around zero for equal distributions: neither above, as the biased estimate is, nor below."""
    values = torch.stack([squared_mmd(samples(40, seed=2 * i), samples(40, seed=2 * i + 1)) for i in range(400)])
    error = values.std() / math.sqrt(len(values))
    assert abs(values.mean()) < 3 * error
    assert (values < 0).any()


def test_kid_tells_a_shift_and_repeats_by_seed() -> None:
    real, near, far = samples(300), samples(300, seed=1), samples(300, seed=1, shift=2.0)
    near_mean, near_std = kernel_distance(real, near, subsets=20, size=100)
    far_mean, _ = kernel_distance(real, far, subsets=20, size=100)
    assert far_mean > near_mean + 5 * near_std
    assert kernel_distance(real, far, subsets=3, size=50, seed=4) == kernel_distance(
        real, far, subsets=3, size=50, seed=4
    )
    assert kernel_distance(real, far, subsets=3, size=50, seed=4) != kernel_distance(
        real, far, subsets=3, size=50, seed=5
    )
