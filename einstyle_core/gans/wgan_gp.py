"""WGAN-GP: a Lipschitz critic without clipping.

The best critic has a gradient of norm 1 almost everywhere between reals and fakes, so deviations are punished there::

    D:  min  E_z[D(x~)] - E_x[D(x)] + lambda E[(||grad D(x^)||_2 - 1)^2]
    G:  min  -E_z[D(x~)]

with x~ = G(z) and x^ = eps x + (1 - eps) x~, one eps ~ U[0, 1] a sample. The norm is each sample's own, so D must not
have batch normalisation, which ties the samples of a batch together.
"""

from dataclasses import dataclass

from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses
from einstyle_core.gans.penalties import between, gradient_penalty


@dataclass(frozen=True)
class Recipe(base.Recipe):
    """Beside the shared ones:

    Attributes:
        lambda_: weight of the penalty.
    """

    lambda_: float = 10.0


class WGANGP(base.GAN):
    """A critic whose gradient is penalised."""

    name = "wgan_gp"
    title = "WGAN-GP"
    paper = "Gulrajani et al., Improved Training of Wasserstein GANs, arXiv:1704.00028"
    year = 2017
    summary = "A penalty on the critic's gradient replaces the clipping of its weights."
    remark = (
        "Less variety than GAN has, and smears in some bags and sandals: here D takes one step for each of G’s, where "
        "the paper takes five. The collection’s recipe, which takes five and normalises D’s batches, was no better "
        "after three epochs."
    )
    recipe: Recipe = Recipe(norm="none", betas=(0.5, 0.9))

    def d_losses(self, batch: Batch) -> Losses:
        """D(x~) - D(x) + lambda (||grad D(x^)|| - 1)^2."""
        x, x_tilde = batch.x, self.fakes(batch)
        D_x, D_x_tilde = self.D.apart(x, x_tilde)
        x_hat = between(x, x_tilde, batch.rng)
        return {
            "real": -D_x.mean(),
            "fake": D_x_tilde.mean(),
            "penalty": self.recipe.lambda_ * gradient_penalty(self.D, x_hat),
        }

    def g_losses(self, batch: Batch) -> Losses:
        """-D(x~)."""
        return {"fake": -self.D(self.G(batch.z)).mean()}
