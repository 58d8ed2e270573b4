"""GAN: generation as a game of two.

D learns to tell reals from fakes, G learns to be taken for real::

    D:  max  E_x[log D(x)] + E_z[log(1 - D(G(z)))]
    G:  max  E_z[log D(G(z))]

G's is the non-saturating form of section 3: the same fixed point, and a gradient while D still wins. Reals are labelled
0.9 (one-sided smoothing, Salimans et al. 2016), so that D does not grow certain.
"""

from dataclasses import dataclass

from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses, bce


@dataclass(frozen=True)
class Recipe(base.Recipe):
    """Beside the shared ones:

    Attributes:
        real_label: D's target for reals.
    """

    real_label: float = 0.9


class VanillaGAN(base.GAN):
    """Binary cross entropy on D's logits."""

    name = "gan"
    title = "GAN"
    paper = "Goodfellow et al., Generative Adversarial Nets, arXiv:1406.2661"
    year = 2014
    summary = "A generator and a discriminator play against each other; nothing else tells what a good picture is."
    recipe: Recipe = Recipe()

    def d_losses(self, batch: Batch) -> Losses:
        """-log D(x) - log(1 - D(G(z)))."""
        D_x, D_Gz = self.D.apart(batch.x, self.fakes(batch))
        return {"real": bce(D_x, self.recipe.real_label), "fake": bce(D_Gz, 0)}

    def g_losses(self, batch: Batch) -> Losses:
        """-log D(G(z))."""
        return {"fake": bce(self.D(self.G(batch.z)), 1)}
