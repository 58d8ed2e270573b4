"""InfoGAN: a code that means something, found without labels.

G is fed noise z and a code c, and a third network Q must read c back from the picture. What Q can read G has not
ignored: -L_I bounds the mutual information I(c; G(z, c)) from below. ::

    min_{G,Q} max_D  V(D, G) - lambda L_I(G, Q),    L_I = E[log Q(c|G(z, c))] + H(c)

c is one of ten categories, which come to be garment classes, and two continuous codes on [-1, 1]. Q is a small head on
D's features and moves with G. Its log-likelihood is a cross entropy for the category and, for a Gaussian of fixed
width, a squared error for the continuous codes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import torch.nn.functional as F
from torch import nn

from einstyle_core.data import NUM_CLASSES
from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Latent, Losses, bce
from einstyle_core.gans.bodies import Discriminator, initialise


@dataclass(frozen=True)
class Recipe(base.Recipe):
    """Beside the shared ones:

    Attributes:
        lambda_cat: weight of the category's cross entropy.
        lambda_cont: weight of the continuous codes' squared error.
    """

    lambda_cat: float = 1.0
    lambda_cont: float = 0.1


class InfoGAN(base.GAN):
    """A GAN with a reader Q of its own code."""

    name = "infogan"
    title = "infoGAN"
    paper = (
        "Chen et al., InfoGAN: Interpretable Representation Learning by Information Maximizing GANs, arXiv:1606.03657"
    )
    year = 2016
    summary = "A code that must be readable from the picture comes to mean class and style, without a label."
    remark = (
        "No label tells it what a class is. Its ten codes find kinds of their own: some are one class, as trousers or "
        "ankle boots, others mix several, and none is all shirts. Hence the low agreement with the class asked for."
    )
    recipe: Recipe = Recipe()

    D: Discriminator

    def make_latent(self) -> Latent:
        """Noise, one of ten categories and two continuous codes."""
        return Latent(self.recipe.z_dim, self.recipe.z_low, classes=NUM_CLASSES, continuous=2)

    def build(self) -> None:
        """Q: FC128-BN-LReLU-FC on D's features."""
        super().build()
        outputs = self.latent.classes + self.latent.continuous
        self.Q = nn.Sequential(nn.Linear(1024, 128), nn.BatchNorm1d(128), nn.LeakyReLU(0.2), nn.Linear(128, outputs))
        initialise(self.Q)

    def d_losses(self, batch: Batch) -> Losses:
        """-log D(x) - log(1 - D(G(z, c)))."""
        D_x, D_Gz = self.D.apart(batch.x, self.fakes(batch))
        return {"real": bce(D_x, 1), "fake": bce(D_Gz, 0)}

    def g_losses(self, batch: Batch) -> Losses:
        """-log D(G(z, c)) - lambda L_I."""
        category, continuous = batch.c.split([self.latent.classes, self.latent.continuous], 1)
        features = self.D.features(self.G(batch.z, batch.c))
        Q_category, Q_continuous = self.Q(features).float().split([category.shape[1], continuous.shape[1]], 1)
        return {
            "fake": bce(self.D.fc2(features).float(), 1),
            "category": self.recipe.lambda_cat * F.cross_entropy(Q_category, category),
            "continuous": self.recipe.lambda_cont * F.mse_loss(Q_continuous, continuous),
        }

    def g_parameters(self) -> Iterator[nn.Parameter]:
        """G and Q move together."""
        return chain(self.G.parameters(), self.Q.parameters())
