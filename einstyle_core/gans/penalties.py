"""A penalty on D's gradient, and the two places where the papers take it.

Norms are per sample: over all axes but the first.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_penalty(D: Callable[[Tensor], Tensor], x_hat: Tensor) -> Tensor:
    """E[(||grad_x D(x_hat)||_2 - 1)^2], a scalar that can be differentiated again.

    Args:
        D: images to one value each.
        x_hat: where the gradient is taken, ``N x ...``.
    """
    x_hat = x_hat.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(D(x_hat).sum(), x_hat, create_graph=True)
    return (gradient.flatten(1).norm(2, dim=1) - 1).square().mean()


def between(x: Tensor, x_tilde: Tensor, rng: torch.Generator) -> Tensor:
    """eps x + (1 - eps) x~ with one eps ~ U[0, 1] a sample: a point between a real and a fake (WGAN-GP)."""
    eps = torch.rand(len(x), *[1] * (x.dim() - 1), device=x.device, generator=rng)
    return eps * x + (1 - eps) * x_tilde


def around(x: Tensor, rng: torch.Generator, scale: float = 0.5) -> Tensor:
    """x + delta with delta ~ scale * std(x) * N(0, 1): a point near a real (DRAGAN)."""
    return x + scale * x.std() * torch.randn(x.shape, device=x.device, generator=rng)
