import math

import pytest
import torch

from einstyle_core.gans.base import Latent, seeded
from einstyle_core.gans.walk import slerp, walk


def ends(latent: Latent, seed: int = 0) -> tuple[tuple[torch.Tensor, torch.Tensor], ...]:
    rng = seeded("walk", seed)
    z, c = latent.z(2, rng), latent.c(torch.tensor([3, 7]), rng)
    return (z[0], c[0]), (z[1], c[1])


def test_slerp_of_a_right_angle_by_hand() -> None:
    halfway = slerp(torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0]), torch.tensor([[0.0], [0.5], [1.0]]))
    root = math.sqrt(2)
    torch.testing.assert_close(halfway, torch.tensor([[2, 0], [root, root], [0, 2.0]]))


def test_slerp_of_one_direction_is_a_line() -> None:
    start = torch.tensor([1.0, 2.0])
    torch.testing.assert_close(slerp(start, 3 * start, torch.tensor([[0.5]])), (2 * start)[None])


@pytest.mark.parametrize("z_low", [-1.0, 0.0])
def test_a_walk_begins_and_ends_where_it_should_and_stays_inside(z_low: float) -> None:
    latent = Latent(62, z_low, classes=10, continuous=2)
    start, end = ends(latent)
    z, c = walk(latent, start, end, 9)
    assert (z.shape, c.shape) == ((9, 62), (9, 12))
    for stop, (noise, code) in ((0, start), (8, end)):
        assert torch.equal(z[stop], noise)
        assert torch.equal(c[stop], code)
    assert z_low <= z.min()
    assert z.max() <= 1
    torch.testing.assert_close(c[4], (start[1] + end[1]) / 2)


def test_halfway_noise_is_as_spread_as_any() -> None:
    """On a straight line the variance would be 1/6; that of U[-1, 1] is 1/3."""
    latent = Latent(62, -1.0)
    halfway = torch.stack([walk(latent, *ends(latent, seed), steps=3)[0][1] for seed in range(200)])
    assert halfway.var().item() == pytest.approx(1 / 3, abs=0.01)


def test_the_edges_of_the_noise_are_no_infinity() -> None:
    latent = Latent(2, -1.0)
    nothing = torch.zeros(0)
    z, _ = walk(latent, (torch.tensor([-1.0, 1.0]), nothing), (torch.tensor([1.0, -0.5]), nothing), 5)
    assert z.isfinite().all()


def test_a_walk_of_one_step() -> None:
    latent = Latent(2, -1.0)
    with pytest.raises(ValueError, match="at least two"):
        walk(latent, *ends(Latent(2, -1.0, classes=10)), steps=1)
