import pytest
import torch
from torch import Tensor

from einstyle_core.metrics import neighbours
from einstyle_core.metrics.neighbours import copy_check, density_coverage, nearest, precision_recall, radii


def line(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)[:, None]


def cloud(n: int, seed: int, d: int = 4) -> Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def test_radii_reach_the_kth_other_point() -> None:
    points = line(0, 1, 3, 7)
    assert radii(points, 1).tolist() == [1, 1, 2, 4]
    assert radii(points, 2).tolist() == [3, 2, 3, 6]


def test_precision_and_recall_on_a_line() -> None:
    # k = 1. Reals 0, 1, 10, 11 have radii 1: their manifold is [-1, 2] and [9, 12].
    # Fakes 0.5, 1.5, 5, 2.5: the first two are in it. Their radii are 1, 1, 2.5, 1, so their manifold is [-0.5, 7.5].
    real, fake = line(0, 1, 10, 11), line(0.5, 1.5, 5, 2.5)
    assert precision_recall(real, fake, k=1) == (0.5, 0.5)


def test_equal_sets_are_precise_recalled_and_covered() -> None:
    points = cloud(60, 0)
    assert precision_recall(points, points) == (1, 1)
    assert density_coverage(points, points).coverage == 1


def test_sets_far_apart_have_nothing_in_common() -> None:
    real, fake = cloud(60, 0), cloud(60, 1) + 100
    assert precision_recall(real, fake) == (0, 0)
    assert density_coverage(real, fake) == (0, 0)


def test_a_collapsed_generator_is_precise_but_recalls_nothing() -> None:
    real = torch.cat([cloud(50, 0), cloud(50, 1) + 20])
    fake = cloud(50, 2) * 1e-3
    precision, recall = precision_recall(real, fake)
    assert precision == 1
    assert recall < 0.05


def test_density_and_coverage_on_a_line() -> None:
    # k = 2. Reals 0, 1, 3, 7 have radii 3, 2, 3, 6: balls [-3, 3], [-1, 3], [0, 6], [1, 13].
    # Fakes: 2 lies in all four, 8 in the last only, 20 in none, -2 in the first: 6 hits of k x 4.
    assert density_coverage(line(0, 1, 3, 7), line(2, 8, 20, -2), k=2) == (6 / 8, 1.0)
    assert density_coverage(line(0, 1, 3, 7), line(8, 20), k=2) == (1 / 4, 1 / 4)


def test_one_outlier_fools_recall_but_not_coverage() -> None:
    """What density and coverage were made for (Naeem et al. 2020): a fake outlier's ball swallows the reals."""
    real = cloud(100, 0)
    fake = torch.cat([torch.zeros(3, 4) + 50, torch.full((1, 4), -50.0)])
    assert precision_recall(real, fake).recall == 1
    assert density_coverage(real, fake).coverage == 0


def test_density_may_exceed_one() -> None:
    # k = 1: every real's radius is 1, and the fake is in the balls of 1, 2 and 3.
    assert density_coverage(line(0, 1, 2, 3, 4), line(2), k=1) == (3, 3 / 5)


def test_density_and_coverage_of_one_distribution_are_what_the_paper_expects() -> None:
    # E[density] = 1, and E[coverage] = 1 - (N - 1)...(N - k) / ((2N - 1)...(2N - k)) for N reals and N fakes.
    n, k = 400, 5
    expected = 1.0
    for i in range(1, k + 1):
        expected *= (n - i) / (2 * n - i)
    density, coverage = zip(
        *(density_coverage(cloud(n, 2 * i), cloud(n, 2 * i + 1), k) for i in range(10)), strict=True
    )
    assert sum(density) / 10 == pytest.approx(1, abs=0.06)
    assert sum(coverage) / 10 == pytest.approx(1 - expected, abs=0.02)


def test_pieces_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = cloud(50, 0).double(), cloud(53, 1).double()
    whole = precision_recall(real, fake), density_coverage(real, fake), nearest(real, fake)
    monkeypatch.setattr(neighbours, "_ROWS", 7)
    pieces = precision_recall(real, fake), density_coverage(real, fake), nearest(real, fake)
    assert whole[:2] == pieces[:2]
    torch.testing.assert_close(whole[2], pieces[2])


def test_nearest_finds_exact_copies_at_distance_zero() -> None:
    points = cloud(200, 0, d=784)
    assert nearest(points[50:60], points).tolist() == [0.0] * 10
    assert nearest(torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 0.0], [30.0, 4.0]])).tolist() == [5.0]


def test_copies_are_told_from_new_images() -> None:
    train = cloud(1000, 0)
    unseen = nearest(cloud(1000, 1), train)
    assert copy_check(nearest(train[:500] + 1e-3, train), unseen)["near_copies"] == 1
    fresh = copy_check(nearest(cloud(1000, 2), train), unseen)
    assert 0.001 < fresh["near_copies"] < 0.04
    assert fresh["unseen"]["1%"] == pytest.approx(fresh["threshold"])
    assert fresh["fake"]["50%"] == pytest.approx(fresh["unseen"]["50%"], rel=0.1)
