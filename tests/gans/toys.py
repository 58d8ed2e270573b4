"""Small GANs and data for the tests here."""

import torch
from torch import Tensor, nn

from einstyle_core.data import ImageSet
from einstyle_core.gans import base
from einstyle_core.gans.base import Batch, Losses
from einstyle_core.gans.bodies import AnyDiscriminator, Generator


def images(n: int = 48, seed: int = 0) -> ImageSet:
    """Noise with labels."""
    rng = torch.Generator().manual_seed(seed)
    pixels = torch.randint(256, (n, 1, 28, 28), generator=rng, dtype=torch.uint8)
    return ImageSet(pixels, torch.arange(n) % 10, f"noise-{n}-{seed}")


class TinyG(Generator):
    """A linear generator with the batch statistics of a real one."""

    def __init__(self, inputs: int) -> None:
        nn.Module.__init__(self)
        self.norm, self.fc = nn.BatchNorm1d(inputs), nn.Linear(inputs, 784)

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        h = z if c is None else torch.cat([z, c], 1)
        return self.fc(self.norm(h)).view(-1, 1, 28, 28).tanh()


class TinyD(AnyDiscriminator):
    """A linear discriminator."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(784, 1)

    def forward(self, x: Tensor, parts: int = 1) -> Tensor:
        return self.fc(x.flatten(1))


class HingeGAN(base.GAN):
    """An eleventh GAN: everything that adding one takes, beside a registry entry."""

    name = "hinge"
    title = "Hinge GAN"
    paper = "Lim and Ye, Geometric GAN, arXiv:1705.02894"
    year = 2017
    summary = "A margin loss."
    recipe = base.Recipe(epochs=3, batch_size=8)

    def build(self) -> None:
        self.G, self.D = TinyG(self.latent.size), TinyD()

    def d_losses(self, batch: Batch) -> Losses:
        D_x, D_Gz = self.D.apart(batch.x, self.fakes(batch))
        return {"real": (1 - D_x).relu().mean(), "fake": (1 + D_Gz).relu().mean()}

    def g_losses(self, batch: Batch) -> Losses:
        return {"fake": -self.D(self.G(batch.z)).mean()}
