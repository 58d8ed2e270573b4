"""DRAGAN: the plain game, smoothed around the data.

Mode collapse comes with sharp gradients of D at reals. So D's gradient is held at norm 1 near them::

    D:  max  E_x[log D(x)] + E_z[log(1 - D(G(z)))] - lambda E[(||grad D(x + delta)||_2 - 1)^2]
    G:  max  E_z[log D(G(z))]

with delta ~ 0.5 std(x) N(0, 1). The gradient is that of D's logits, and each sample's own, so D has no batch
normalisation.
"""

from dataclasses import dataclass

from torch import Tensor

from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses, bce
from einstyle_core.gans.penalties import around, gradient_penalty


@dataclass(frozen=True)
class Recipe(base.Recipe):
    """Beside the shared ones:

    Attributes:
        lambda_: weight of the penalty.
    """

    lambda_: float = 10.0


class DRAGAN(base.GAN):
    """Cross entropy and a gradient penalty near the reals."""

    name = "dragan"
    title = "DRAGAN"
    paper = "Kodali et al., On Convergence and Stability of GANs, arXiv:1705.07215"
    year = 2017
    summary = "A gradient penalty around the reals keeps the game from collapsing onto a few pictures."
    remark = (
        "The most variety of all ten, and the pictures that a classifier learns best from; but bags come half as often "
        "as they should, and sandals two thirds as often. After three epochs the shares were still nearly even."
    )
    recipe: Recipe = Recipe(norm="none")

    def d_losses(self, batch: Batch) -> Losses:
        """-log D(x) - log(1 - D(G(z))) + lambda (||grad D(x + delta)|| - 1)^2."""
        D_x, D_Gz = self.D.apart(batch.x, self.fakes(batch))
        return {"real": bce(D_x, 1), "fake": bce(D_Gz, 0), "penalty": self.recipe.lambda_ * self.penalty(batch)}

    def g_losses(self, batch: Batch) -> Losses:
        """-log D(G(z))."""
        return {"fake": bce(self.D(self.G(batch.z)), 1)}

    def penalty(self, batch: Batch) -> Tensor:
        """(||grad D(x + delta)|| - 1)^2."""
        return gradient_penalty(self.D, around(batch.x, batch.rng))
