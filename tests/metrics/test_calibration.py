import pytest
import torch

from einstyle_core.metrics.calibration import pca_gaussian


def test_the_gaussian_has_the_mean_and_variance_of_the_images() -> None:
    """Images that vary along two pictures with known variances, far from black and white."""
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(4000, 2, generator=generator)
    images = torch.full((4000, 1, 4, 4), 128.0)
    images[:, 0, :2] += 20 * z[:, :1, None]  # eight pixels
    images[:, 0, 2:] += 5 * z[:, 1:, None]
    images = images.round().to(torch.uint8)

    drawn, share = pca_gaussian(images, 4000, components=1)
    drawn = drawn.double()
    assert drawn.shape == (4000, 1, 4, 4)
    assert share == pytest.approx(400 / 425, abs=0.01)  # rounding adds 1/12 a pixel
    torch.testing.assert_close(drawn.mean(0), images.double().mean(0), atol=1.0, rtol=0)
    assert drawn[:, 0, :2].std(0).mean().item() == pytest.approx(20, rel=0.05)
    assert drawn[:, 0, 2:].std(0).max().item() < 1  # the second picture is the component left out

    both, share = pca_gaussian(images, 4000, components=2)
    assert both[:, 0, 2:].double().std(0).mean().item() == pytest.approx(5, rel=0.05)
    assert share == pytest.approx(1, abs=0.01)


def test_draws_repeat_by_seed() -> None:
    images = torch.randint(0, 256, (50, 1, 6, 6), generator=torch.Generator().manual_seed(1)).to(torch.uint8)
    first, again, other = (pca_gaussian(images, 5, components=3, seed=seed)[0] for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
