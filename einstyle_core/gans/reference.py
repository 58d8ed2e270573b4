"""The reference recipes: the collection that the paper used, reproduced as overrides of our ten.

github.com/znxlwm/pytorch-generative-model-collections, as its command line runs it: 50 epochs, batch 64, noise on
[0, 1] drawn once for both steps, Adam 2e-4, no averaging, no decay. Each class below says what else differs from its
paper; only what crashes is repaired. Sigmoid and BCELoss are written as one function of the logits: the same value and
gradient, without the overflow.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from einstyle_core.gans import acgan, base, began, cgan, dragan, ebgan, infogan, lsgan, vanilla, wgan, wgan_gp
from einstyle_core.gans.base import Batch, Losses, bce
from einstyle_core.gans.bodies import AutoencoderDiscriminator, Discriminator, Generator
from einstyle_core.gans.penalties import gradient_penalty

_COLLECTION: dict[str, Any] = {
    "z_low": 0.0,
    "fresh_noise": False,
    "lr_d": 2e-4,
    "lr_g": 2e-4,
    "betas": (0.5, 0.999),
    "decay_epochs": 0,
    "norm": "batch",
    "ema": 0.0,
}


class VanillaGAN(vanilla.VanillaGAN):
    """No smoothing of the label."""

    recipe = replace(vanilla.VanillaGAN.recipe, **_COLLECTION, real_label=1.0)


class _RealLabels(base.GAN):
    """Fakes are asked for in the classes of the reals of the same batch."""

    def fake_labels(self, y: Tensor, rng: torch.Generator) -> Tensor:
        """Those of the reals."""
        return y


class CGAN(_RealLabels, cgan.CGAN):
    """The fakes' labels are the reals'."""

    recipe = replace(cgan.CGAN.recipe, **_COLLECTION)


class InfoGAN(infogan.InfoGAN):
    """The logit is read from column 1, which is also the first continuous code; three steps.

    D's last layer has 13 columns: a spare one, two continuous codes, ten categories. Gradients are not cleared between
    the steps, so the third, on G and D, descends all losses at once. Its backward pass ran on weights that the second
    step had changed, which PyTorch now refuses: it gets a forward pass of its own.
    """

    recipe = replace(infogan.InfoGAN.recipe, **_COLLECTION, lambda_cont=1.0)

    def build(self) -> None:
        """No Q: its outputs are D's."""
        self.G = Generator(self.latent.size)
        self.D = Discriminator(outputs=1 + self.latent.classes + self.latent.continuous, norm=self.recipe.norm)

    def d_losses(self, batch: Batch) -> Losses:
        """On column 1."""
        D_x, D_Gz = self.D.apart(batch.x, self.fakes(batch))
        return {"real": bce(D_x[:, 1], 1), "fake": bce(D_Gz[:, 1], 0)}

    def g_losses(self, batch: Batch) -> Losses:
        """On column 1."""
        return {"fake": bce(self.D(self.G(batch.z, batch.c))[:, 1], 1)}

    def joint_losses(self, batch: Batch) -> Losses:
        """What the gradients had piled up, and the codes."""
        D_Gz = self.D(self.G(batch.z, batch.c))
        category, continuous = batch.c.split([self.latent.classes, self.latent.continuous], 1)
        return {
            **self.d_losses(batch),
            "G": bce(D_Gz[:, 1], 1),
            "category": self.recipe.lambda_cat * F.cross_entropy(D_Gz[:, 3:], category),
            "continuous": self.recipe.lambda_cont * F.mse_loss(D_Gz[:, 1:3], continuous),
        }

    def g_parameters(self) -> Iterator[nn.Parameter]:
        """G alone."""
        return self.G.parameters()


class EBGAN(ebgan.EBGAN):
    """Codes are divided by the sum of the whole matrix, so the pull-away term is dead; margin 1, of the batch's mean.

    In G's loss the picture as a target is detached: G only moves what D rebuilds.
    """

    recipe = replace(ebgan.EBGAN.recipe, **_COLLECTION, margin=1.0)

    def d_losses(self, batch: Batch) -> Losses:
        """The margin is the batch's, not each picture's."""
        x, G_z = batch.x, self.fakes(batch)
        x_rebuilt, G_z_rebuilt = self.D.apart(x, G_z)
        return {"real": F.mse_loss(x_rebuilt, x), "fake": F.relu(self.recipe.margin - F.mse_loss(G_z_rebuilt, G_z))}

    def g_losses(self, batch: Batch) -> Losses:
        """With G(z) detached as a target."""
        G_z = self.G(batch.z)
        S = self.D.code(G_z)
        similarity = (S.float() / S.float().norm(1)) @ (S.float() / S.float().norm(1)).T
        N = len(S)
        return {
            "fake": F.mse_loss(self.D.reconstruct(S), G_z.detach()),
            "pull_away": self.recipe.pull_away * (similarity.square().sum() - N) / (N * (N - 1)),
        }


class ACGAN(_RealLabels, acgan.ACGAN):
    """D learns classes from fakes as much as from reals, and the fakes' labels are the reals'."""

    recipe = replace(acgan.ACGAN.recipe, **_COLLECTION, class_fake=1.0, class_g=1.0)


class LSGAN(lsgan.LSGAN):
    """No 1/2."""

    recipe = replace(lsgan.LSGAN.recipe, **_COLLECTION, factor=1.0)


class WGAN(wgan.WGAN):
    """Batch normalisation in the critic, its scale clipped to 0.01 too; momentum; G moves every fifth batch."""

    recipe = replace(wgan.WGAN.recipe, **_COLLECTION, c=0.01, n_critic=5)


class BEGAN(began.BEGAN):
    """gamma 1, a linear decoder, and a learning rate halved whenever an epoch's last minibatch has a higher M."""

    recipe = replace(began.BEGAN.recipe, **(_COLLECTION | {"norm": "none"}), gamma=1.0)

    def build(self) -> None:
        """No ReLU in the decoder."""
        super().build()
        self.D = AutoencoderDiscriminator(norm=self.recipe.norm, relu=False)

    def after_epoch(self, means: Mapping[str, float], last: Mapping[str, float]) -> None:
        """One minibatch decides."""
        if last["M"] > self.lowest:
            self.factor.copy_((self.factor / 2).clamp(min=self.recipe.rate_floor))
        else:
            self.lowest.fill_(last["M"])


class WGANGP(wgan_gp.WGANGP):
    """Batch normalisation in the critic; G moves every fifth batch, so it makes 9,350 steps in 50 epochs."""

    recipe = replace(wgan_gp.WGANGP.recipe, **_COLLECTION, n_critic=5)


class DRAGAN(dragan.DRAGAN):
    """The penalty is taken through the sigmoid, with one-sided noise and lambda 0.25; batch normalisation in D."""

    recipe = replace(dragan.DRAGAN.recipe, **_COLLECTION, lambda_=0.25)

    def penalty(self, batch: Batch) -> Tensor:
        """At x + alpha 0.5 std(x) u, with alpha, u ~ U[0, 1]."""
        x, rng = batch.x, batch.rng
        alpha = torch.rand(len(x), 1, 1, 1, device=x.device, generator=rng)
        u = torch.rand(x.shape, device=x.device, generator=rng)
        return gradient_penalty(lambda x_hat: self.D(x_hat).sigmoid(), x + alpha * 0.5 * x.std() * u)
