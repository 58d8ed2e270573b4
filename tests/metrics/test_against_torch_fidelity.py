"""The distances against torch-fidelity's, on the same features."""

import pytest
import torch
from torch import Tensor

from einstyle_core.metrics.frechet import fit_gaussian, frechet_distance, kernel_distance, squared_mmd
from einstyle_core.metrics.neighbours import precision_recall

pytest.importorskip("torch_fidelity", reason="torch-fidelity is in requirements.txt")

from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric


@pytest.fixture
def features() -> tuple[Tensor, Tensor]:
    """Real and fake features, as far apart as a middling generator's, of correlated dimensions."""
    generator = torch.Generator().manual_seed(0)
    mix = torch.randn(32, 32, generator=generator, dtype=torch.float64)
    real = torch.randn(700, 32, generator=generator, dtype=torch.float64) @ mix
    fake = torch.randn(600, 32, generator=generator, dtype=torch.float64) @ mix * 0.9 + 0.3
    return real, fake


def test_frechet(features: tuple[Tensor, Tensor]) -> None:
    real, fake = features
    theirs = fid_statistics_to_metric(fid_features_to_statistics(fake), fid_features_to_statistics(real), verbose=False)
    ours = frechet_distance(fit_gaussian(real), fit_gaussian(fake))
    assert ours == pytest.approx(theirs["frechet_inception_distance"], rel=1e-6)


def test_kid(features: tuple[Tensor, Tensor]) -> None:
    real, fake = (part[:600] for part in features)
    # A subset of everything is the same set whatever the random order.
    theirs = kid_features_to_metric(fake, real, kid_subsets=1, kid_subset_size=600, verbose=False)
    assert squared_mmd(real, fake).item() == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-9)
    mean, std = kernel_distance(real, fake, subsets=3, size=600)
    assert mean == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-9)
    assert std == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("k", [1, 3, 5])
def test_precision_and_recall(features: tuple[Tensor, Tensor], k: int) -> None:
    real, fake = features
    theirs = prc_features_to_metric(
        fake, real, prc_neighborhood=k, prc_batch_size=1000, save_cpu_ram=False, verbose=False
    )
    assert precision_recall(real, fake, k) == (
        pytest.approx(theirs["precision"], abs=1e-6),
        pytest.approx(theirs["recall"], abs=1e-6),
    )
