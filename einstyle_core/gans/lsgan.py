"""LSGAN: least squares instead of cross entropy.

Cross entropy has no gradient for fakes far on the right side of the boundary; a squared distance pulls them to it::

    D:  min  1/2 E_x[(D(x) - b)^2] + 1/2 E_z[(D(G(z)) - a)^2]
    G:  min  1/2 E_z[(D(G(z)) - c)^2]

with a, b, c = 0, 1, 1: fakes, reals, and what G wants D to say.
"""

from dataclasses import dataclass

from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses


@dataclass(frozen=True)
class Recipe(base.Recipe):
    """Beside the shared ones:

    Attributes:
        a: D's target for fakes.
        b: D's target for reals.
        c: what G wants D to say of fakes.
        factor: the 1/2 in front of every term.
    """

    a: float = 0.0
    b: float = 1.0
    c: float = 1.0
    factor: float = 0.5


class LSGAN(base.GAN):
    """Squared error on D's output."""

    name = "lsgan"
    title = "LSGAN"
    paper = "Mao et al., Least Squares Generative Adversarial Networks, arXiv:1611.04076"
    year = 2016
    summary = "Squared error instead of cross entropy, so that fakes which already fool D still learn."
    recipe: Recipe = Recipe()

    def d_losses(self, batch: Batch) -> Losses:
        """1/2 (D(x) - b)^2 + 1/2 (D(G(z)) - a)^2."""
        D_x, D_Gz = self.D.apart(batch.x, self.fakes(batch))
        return {
            "real": self.recipe.factor * (D_x - self.recipe.b).square().mean(),
            "fake": self.recipe.factor * (D_Gz - self.recipe.a).square().mean(),
        }

    def g_losses(self, batch: Batch) -> Losses:
        """1/2 (D(G(z)) - c)^2."""
        return {"fake": self.recipe.factor * (self.D(self.G(batch.z)) - self.recipe.c).square().mean()}
