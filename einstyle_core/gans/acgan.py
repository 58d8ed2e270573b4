"""ACGAN: the discriminator also names the class.

D says where a picture comes from (S) and what it shows (C)::

    L_S = E[log P(S = real | x)] + E[log P(S = fake | G(z, c))]
    L_C = E[log P(C = y | x)] + E[log P(C = c | G(z, c))]
    D:  max  L_S + L_C          G:  max  L_C - L_S

In practice D learns its classes from reals: weighing fakes as much teaches it, early on, that noise is a shirt, and G
that a class is whatever D says. So the two terms of L_C have weights of their own.
"""

from dataclasses import dataclass

import torch.nn.functional as F

from einstyle_core.data import NUM_CLASSES
from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses, bce
from einstyle_core.gans.bodies import Discriminator, Generator


@dataclass(frozen=True)
class Recipe(base.Recipe):
    """Beside the shared ones:

    Attributes:
        class_real: weight of D's class term on reals.
        class_fake: weight of D's class term on fakes.
        class_g: weight of G's class term.
    """

    class_real: float = 1.0
    class_fake: float = 0.1
    class_g: float = 0.3


class ACGAN(base.GAN):
    """A GAN whose D has a second head, the class."""

    name = "acgan"
    title = "ACGAN"
    paper = "Odena, Olah and Shlens, Conditional Image Synthesis with Auxiliary Classifier GANs, arXiv:1610.09585"
    year = 2016
    summary = "The discriminator must also name the class, so the generator learns to make it recognisable."
    conditional = True
    recipe: Recipe = Recipe()

    def build(self) -> None:
        """D with eleven outputs: S, then the ten of C."""
        self.G = Generator(self.latent.size)
        self.D = Discriminator(outputs=1 + NUM_CLASSES, norm=self.recipe.norm)

    def d_losses(self, batch: Batch) -> Losses:
        """-L_S - L_C."""
        D_x, D_Gz = self.D.apart(batch.x, self.fakes(batch))
        return {
            "real": bce(D_x[:, 0], 1),
            "fake": bce(D_Gz[:, 0], 0),
            "class_real": self.recipe.class_real * F.cross_entropy(D_x[:, 1:], batch.y),
            "class_fake": self.recipe.class_fake * F.cross_entropy(D_Gz[:, 1:], batch.c),
        }

    def g_losses(self, batch: Batch) -> Losses:
        """L_S (non-saturating) - L_C, on fakes."""
        D_Gz = self.D(self.G(batch.z, batch.c))
        return {
            "fake": bce(D_Gz[:, 0], 1),
            "class": self.recipe.class_g * F.cross_entropy(D_Gz[:, 1:], batch.c),
        }
