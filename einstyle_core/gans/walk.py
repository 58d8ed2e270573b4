"""A walk from one generated picture to another, through pictures that the generator knows how to make.

On the straight line between two uniform noises the numbers crowd around the middle, where training never was: the
pictures halfway turn gray. So each number u is read as its normal quantile, the two quantile vectors are joined by
spherical interpolation (White, Sampling Generative Networks, arXiv:1609.04468), and the result is read back: every
stop is as likely a noise as both ends. Codes change linearly.
"""

import math

import torch
from torch import Tensor

from einstyle_core.gans.base import Latent

_EDGE = 1e-6  # the quantiles of 0 and 1 are infinite


def walk(latent: Latent, start: tuple[Tensor, Tensor], end: tuple[Tensor, Tensor], steps: int) -> tuple[Tensor, Tensor]:
    """Noise and codes of ``steps`` pictures, the two ends among them.

    Args:
        latent: what the generator is fed.
        start: noise ``z_dim`` and code of the first picture.
        end: those of the last.
        steps: at least 2.

    Returns:
        ``steps x z_dim`` and ``steps x (classes + continuous)``.

    Raises:
        ValueError: fewer than two steps.
    """
    if steps < 2:
        raise ValueError(f"A walk has at least two stops, not {steps}.")
    t = torch.linspace(0, 1, steps)[:, None]
    (z_start, c_start), (z_end, c_end) = start, end
    low, span = latent.z_low, 1 - latent.z_low
    quantiles = [torch.special.ndtri(((z - low) / span).double().clamp(_EDGE, 1 - _EDGE)) for z in (z_start, z_end)]
    z = torch.special.ndtr(slerp(quantiles[0], quantiles[1], t.double())).to(z_start.dtype) * span + low
    z[0], z[-1] = z_start, z_end
    return z, torch.lerp(c_start, c_end, t)


def slerp(start: Tensor, end: Tensor, t: Tensor) -> Tensor:
    """Spherical interpolation: sin((1-t) w)/sin w start + sin(t w)/sin w end, with w the angle between the two.

    Args:
        start: a vector ``d``, not 0.
        end: another.
        t: ``n x 1`` in [0, 1].

    Returns:
        ``n x d``.
    """
    cosine = torch.dot(start, end) / (start.norm() * end.norm())
    angle = math.acos(max(-1.0, min(1.0, cosine.item())))
    if math.sin(angle) < 1e-6:  # the same direction, or opposite ones, between which no arc is the shortest
        return torch.lerp(start, end, t)
    return (torch.sin((1 - t) * angle) * start + torch.sin(t * angle) * end) / math.sin(angle)
