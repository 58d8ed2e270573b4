"""BEGAN: autoencoder losses held in balance.

D is an autoencoder with loss L(v) = |v - D(v)|, the mean over the pixels. G and D are kept level by proportional
control of k, so that the fakes' loss stays at a share gamma of the reals'::

    D:  min  L(x) - k_t L(G(z_D))
    G:  min  L(G(z_G))
    k_{t+1} = clip(k_t + lambda_k (gamma L(x) - L(G(z_G))), 0, 1)

gamma trades diversity for sharpness. M = L(x) + |gamma L(x) - L(G(z_G))| falls as the two converge; where it stalls,
the learning rate is halved.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses
from einstyle_core.gans.bodies import AutoencoderDiscriminator, Generator


@dataclass(frozen=True)
class Recipe(base.Recipe):
    """Beside the shared ones:

    Attributes:
        gamma: the share at which the fakes' loss is held.
        lambda_k: the gain of the control.
        patience: epochs without a lower M before the learning rate is halved.
        rate_floor: the share of the learning rate below which it is not halved.
    """

    gamma: float = 0.7
    lambda_k: float = 1e-3
    patience: int = 5
    rate_floor: float = 0.1


class BEGAN(base.GAN):
    """Two autoencoding losses and the k that balances them."""

    name = "began"
    title = "BEGAN"
    paper = "Berthelot, Schumm and Metz, BEGAN: Boundary Equilibrium Generative Adversarial Networks, arXiv:1703.10717"
    year = 2017
    summary = "A feedback loop keeps generator and autoencoder level, and its error says how far training has come."
    remark = (
        "Clean pictures, much alike, and hardly a bag: a γ below 1 buys sharpness with diversity. With γ = 1, the "
        "collection’s choice, the kinds were shared more evenly after three epochs, and the distance half as large; "
        "it was not tried for fifty."
    )
    recipe: Recipe = Recipe(norm="none")

    k: Tensor
    M: Tensor
    lowest: Tensor
    stalled: Tensor
    factor: Tensor

    def build(self) -> None:
        """D rebuilds pictures; k and what the learning rate remembers are buffers, so a checkpoint holds them."""
        self.G = Generator(self.latent.size)
        self.D = AutoencoderDiscriminator(norm=self.recipe.norm)
        for name, value in {"k": 0.0, "M": 0.0, "lowest": 1.0, "stalled": 0.0, "factor": 1.0}.items():
            self.register_buffer(name, torch.tensor(value))

    def d_losses(self, batch: Batch) -> Losses:
        """L(x) - k L(G(z))."""
        x, G_z = batch.x, self.fakes(batch)
        D_x, D_Gz = self.D.apart(x, G_z)
        return {"real": loss(x, D_x), "fake": -self.k * loss(G_z, D_Gz)}

    def g_losses(self, batch: Batch) -> Losses:
        """L(G(z))."""
        G_z = self.G(batch.z)
        return {"fake": loss(G_z, self.D(G_z))}

    def after_g_step(self, d: Losses, g: Losses) -> None:
        """k_{t+1} and M."""
        balance = self.recipe.gamma * d["real"] - g["fake"]
        self.k.add_(self.recipe.lambda_k * balance).clamp_(0, 1)
        self.M.copy_(d["real"] + balance.abs())

    def measures(self) -> Losses:
        """k and M."""
        return {"k": self.k, "M": self.M}

    def after_epoch(self, means: Mapping[str, float], last: Mapping[str, float]) -> None:
        """Halve the learning rate where the epoch's mean M has stalled."""
        if means["M"] < self.lowest:
            self.lowest.fill_(means["M"])
            self.stalled.zero_()
        else:
            self.stalled.add_(1)
        if self.stalled >= self.recipe.patience:
            self.factor.copy_((self.factor / 2).clamp(min=self.recipe.rate_floor))
            self.stalled.zero_()

    def rate(self) -> float:
        """What the halvings left."""
        return self.factor.item()


def loss(v: Tensor, rebuilt: Tensor) -> Tensor:
    """L(v) = |v - D(v)|, the mean over pixels and pictures."""
    return (rebuilt - v).abs().mean()
