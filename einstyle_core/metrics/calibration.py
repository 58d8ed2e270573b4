"""A generator that knows means and covariances of pixels and nothing else: what any GAN should beat."""

import torch
from torch import Tensor

from einstyle_core.data import to_unit

COMPONENTS = 100
"""Principal components that the Gaussian keeps."""


def pca_gaussian(images: Tensor, n: int, *, components: int = COMPONENTS, seed: int = 0) -> tuple[Tensor, float]:
    """Draw from a Gaussian over the first principal components of uint8 images ``N x 1 x H x W``.

    Returns:
        uint8 ``n x 1 x H x W``, clipped; and the share of the images' variance that the components hold.
    """
    pixels = to_unit(images).flatten(1)
    mean = pixels.double().mean(0)
    centred = (pixels - mean).double()
    variances, directions = torch.linalg.eigh(centred.T @ centred / (len(pixels) - 1))  # ascending
    kept = slice(-components, None)
    z = torch.randn(n, components, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(images.device)
    drawn = mean + (z * variances[kept].clamp(min=0).sqrt()) @ directions[:, kept].T
    share = (variances[kept].sum() / variances.sum()).item()
    return drawn.clamp(0, 1).mul(255).round().to(torch.uint8).reshape(n, *images.shape[1:]), share
