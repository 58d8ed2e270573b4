"""CGAN: the game, given a label.

Both players see what is to be shown, so that a class can be ordered::

    D:  max  E_x[log D(x|y)] + E_z[log(1 - D(G(z|y')|y'))]
    G:  max  E_z[log D(G(z|y')|y')]

G gets y' as a one-hot code beside z, D gets it as ten planes beside the picture. The fakes' labels y' are drawn on
their own, not copied from the reals, so that a batch of fakes says nothing about the batch of reals.
"""

import torch
from torch import Tensor

from einstyle_core.data import NUM_CLASSES
from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses, bce, one_hot
from einstyle_core.gans.bodies import Discriminator, Generator


class CGAN(base.GAN):
    """A GAN whose G and D are told the class."""

    name = "cgan"
    title = "CGAN"
    paper = "Mirza and Osindero, Conditional Generative Adversarial Nets, arXiv:1411.1784"
    year = 2014
    summary = "Generator and discriminator are both told the class, so that one can be asked for."
    conditional = True

    def build(self) -> None:
        """D with ten more input channels."""
        self.G = Generator(self.latent.size)
        self.D = Discriminator(channels=1 + NUM_CLASSES, norm=self.recipe.norm)

    def d_losses(self, batch: Batch) -> Losses:
        """-log D(x|y) - log(1 - D(G(z|y')|y'))."""
        D_x, D_Gz = self.D.apart(given(batch.x, one_hot(batch.y)), given(self.fakes(batch), batch.c))
        return {"real": bce(D_x, 1), "fake": bce(D_Gz, 0)}

    def g_losses(self, batch: Batch) -> Losses:
        """-log D(G(z|y')|y')."""
        return {"fake": bce(self.D(given(self.G(batch.z, batch.c), batch.c)), 1)}


def given(x: Tensor, y: Tensor) -> Tensor:
    """x|y: images ``N x 1 x H x W`` and one-hot labels ``N x C`` as planes, ``N x (1 + C) x H x W``."""
    return torch.cat([x, y[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)
