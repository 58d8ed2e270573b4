"""EBGAN: the discriminator as an energy.

D is an autoencoder, and the energy of a picture is how badly it is rebuilt: D(x) = ||Dec(Enc(x)) - x||^2, the mean over
the pixels. Reals are pushed down, fakes up to a margin m and no further::

    D:  min  E[D(x)] + E[[m - D(G(z))]+]
    G:  min  E[D(G(z))] + w f_PT(S),    f_PT(S) = 1/(N(N-1)) sum_{i != j} (S_i . S_j / (||S_i|| ||S_j||))^2

S are the codes of a batch of fakes. The pull-away term f_PT keeps them apart in angle, so that G does not collapse. The
margin must be a few times the energy that reals reach, else the fakes' term is idle or never ends.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses
from einstyle_core.gans.bodies import AutoencoderDiscriminator, Generator


@dataclass(frozen=True)
class Recipe(base.Recipe):
    """Beside the shared ones:

    Attributes:
        margin: m, of an energy on pixels in [-1, 1].
        pull_away: w.
    """

    margin: float = 0.2
    pull_away: float = 0.1


class EBGAN(base.GAN):
    """An autoencoder's reconstruction error as D."""

    name = "ebgan"
    title = "EBGAN"
    paper = "Zhao, Mathieu and LeCun, Energy-based Generative Adversarial Network, arXiv:1609.03126"
    year = 2016
    summary = "The discriminator is an autoencoder: what it cannot rebuild is fake."
    remark = (
        "A little less variety than GAN has. In the collection’s recipe, where the pull-away term is dead and G’s "
        "target detached, all its pictures were of one class after three epochs."
    )
    # Batch statistics let D tell fakes by their batch, and G dies of it.
    recipe: Recipe = Recipe(norm="none")

    D: AutoencoderDiscriminator

    def build(self) -> None:
        """D rebuilds pictures."""
        self.G = Generator(self.latent.size)
        self.D = AutoencoderDiscriminator(norm=self.recipe.norm)

    def d_losses(self, batch: Batch) -> Losses:
        """D(x) + [m - D(G(z))]+."""
        x, G_z = batch.x, self.fakes(batch)
        x_rebuilt, G_z_rebuilt = self.D.apart(x, G_z)
        return {
            "real": energy(x, x_rebuilt).mean(),
            "fake": F.relu(self.recipe.margin - energy(G_z, G_z_rebuilt)).mean(),
        }

    def g_losses(self, batch: Batch) -> Losses:
        """D(G(z)) + w f_PT(S)."""
        G_z = self.G(batch.z)
        S = self.D.code(G_z)
        return {
            "fake": energy(G_z, self.D.reconstruct(S)).mean(),
            "pull_away": self.recipe.pull_away * pull_away(S.float()),
        }


def energy(x: Tensor, rebuilt: Tensor) -> Tensor:
    """The squared error of each picture, the mean over its pixels: ``N``."""
    return (rebuilt - x).square().flatten(1).mean(1)


def pull_away(S: Tensor) -> Tensor:
    """f_PT: the mean squared cosine between the codes ``N x K`` of different pictures."""
    N = len(S)
    cosine = F.normalize(S, dim=1) @ F.normalize(S, dim=1).T
    return (cosine.square().sum() - N) / (N * (N - 1))
