"""The contract between the ten GANs and the one trainer.

A GAN states its class facts, builds G and D, and gives the losses of the D step and of the G step as named terms;
the trainer sums, steps and logs them. What only a few need are hooks that do nothing here.
"""

import copy
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from einstyle_core.data import NUM_CLASSES
from einstyle_core.gans.bodies import AnyDiscriminator, Discriminator, Generator, Norm

Losses = dict[str, Tensor]
"""Named scalars; their sum is what a step descends."""


@dataclass(frozen=True)
class Recipe:
    """How a GAN is trained. A GAN with coefficients of its own extends it with them.

    Attributes:
        epochs: passes over the training images.
        batch_size: images a step.
        z_dim: length of the noise.
        z_low: the noise is uniform on [z_low, 1].
        fresh_noise: draw new noise for the G step; False reuses the D step's.
        lr_d: learning rate of D (Adam).
        lr_g: learning rate of G (Adam).
        betas: Adam's.
        decay_epochs: over this many last epochs (at most 40 % of all) the rates fall linearly towards zero.
        n_critic: D steps for each G step.
        norm: of D.
        ema: decay of the moving average of G's weights that is sampled from and shipped; 0 ships the last weights.
    """

    epochs: int = 50
    batch_size: int = 64
    z_dim: int = 62
    z_low: float = -1.0
    fresh_noise: bool = True
    lr_d: float = 2e-4
    lr_g: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    decay_epochs: int = 20
    n_critic: int = 1
    norm: Norm = "batch"
    ema: float = 0.999


@dataclass(frozen=True)
class Latent:
    """What G is fed: noise z, and a code c of a one-hot class and continuous numbers, where a GAN has them.

    Attributes:
        z_dim: length of z.
        z_low: z is uniform on [z_low, 1].
        classes: length of the one-hot part.
        continuous: how many numbers, uniform on [-1, 1], follow it.
    """

    z_dim: int
    z_low: float
    classes: int = 0
    continuous: int = 0

    @property
    def size(self) -> int:
        """Length of z and c together."""
        return self.z_dim + self.classes + self.continuous

    def z(self, n: int, rng: torch.Generator) -> Tensor:
        """Noise, ``n x z_dim``, on the generator's device."""
        return torch.rand(n, self.z_dim, generator=rng, device=rng.device) * (1 - self.z_low) + self.z_low

    def labels(self, n: int, rng: torch.Generator) -> Tensor:
        """Classes at random, int64, all ten alike."""
        return torch.randint(max(self.classes, 1), (n,), generator=rng, device=rng.device)

    def c(self, labels: Tensor, rng: torch.Generator) -> Tensor:
        """The code of ``labels``, ``n x (classes + continuous)``; the continuous part is random."""
        parts = []
        if self.classes:
            parts.append(one_hot(labels, self.classes))
        if self.continuous:
            parts.append(torch.rand(len(labels), self.continuous, generator=rng, device=rng.device) * 2 - 1)
        return torch.cat(parts, 1) if parts else torch.empty(len(labels), 0, device=rng.device)


@dataclass(frozen=True)
class Batch:
    """What the losses see; everything on one device.

    Attributes:
        x: real images, float32 ``N x 1 x 28 x 28`` in [-1, 1].
        y: their labels, int64 ``N``.
        z: noise for as many fakes, ``N x z_dim``.
        c: the fakes' code, ``N x 0`` where a GAN has none.
        rng: for what a loss draws itself.
    """

    x: Tensor
    y: Tensor
    z: Tensor
    c: Tensor
    rng: torch.Generator


class GAN(nn.Module):
    """A generator G, a discriminator D and the objective that ties them.

    Attributes:
        name: in the registry, on the command line and in checkpoints.
        title: as people write it.
        paper: authors, title and where to read it.
        year: of its first version.
        summary: what the paper changed, in one sentence.
        remark: where the pictures of the fixed recipe fall short, why, and what was tried; empty where nothing does.
        conditional: G makes the class that it is asked for.
        recipe: the default; an instance has its own.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    paper: ClassVar[str]
    year: ClassVar[int]
    summary: ClassVar[str]
    remark: ClassVar[str] = ""
    conditional: ClassVar[bool] = False
    recipe: Recipe = Recipe()

    G: Generator
    D: AnyDiscriminator
    updates: Tensor

    def __init__(self, recipe: Recipe | None = None) -> None:
        super().__init__()
        self.recipe = recipe or type(self).recipe
        self.latent = self.make_latent()
        self.build()
        self.average: Generator | None = copy.deepcopy(self.G).requires_grad_(False) if self.recipe.ema else None
        self.register_buffer("updates", torch.zeros(()))

    def make_latent(self) -> Latent:
        """What G is fed."""
        return Latent(self.recipe.z_dim, self.recipe.z_low, classes=NUM_CLASSES if self.conditional else 0)

    def build(self) -> None:
        """Make ``self.G`` and ``self.D``."""
        self.G = Generator(self.latent.size)
        self.D = Discriminator(norm=self.recipe.norm)

    def d_losses(self, batch: Batch) -> Losses:
        """The terms that the D step descends."""
        raise NotImplementedError

    def g_losses(self, batch: Batch) -> Losses:
        """The terms that the G step descends; D is frozen meanwhile."""
        raise NotImplementedError

    def fakes(self, batch: Batch) -> Tensor:
        """G(z, c) for the D step, where no gradient may reach G."""
        with torch.no_grad():
            return self.G(batch.z, batch.c)

    def draw(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Batch:
        """Real images and labels with noise and code for as many fakes."""
        return Batch(x, y, self.latent.z(len(x), rng), self.latent.c(self.fake_labels(y, rng), rng), rng)

    @property
    def generator(self) -> Generator:
        """The network to sample from: the averaged one where the recipe averages."""
        return self.average or self.G

    @torch.no_grad()
    def update_average(self) -> None:
        """Move the averaged weights towards G's, faster in the first steps so that little of the start remains."""
        if self.average:
            self.updates.add_(1)
            weight = 1 - ((1 + self.updates) / (10 + self.updates)).clamp(max=self.recipe.ema)
            for average, current in zip(self.average.parameters(), self.G.parameters(), strict=True):
                average.lerp_(current, weight)

    # Hooks for the few that need them.

    def fake_labels(self, y: Tensor, rng: torch.Generator) -> Tensor:
        """The classes to ask of G, given those of the reals."""
        return self.latent.labels(len(y), rng)

    def g_parameters(self) -> Iterator[nn.Parameter]:
        """What the G step moves."""
        return self.G.parameters()

    def after_d_step(self) -> None:
        """Right after D moved."""

    def after_g_step(self, d: Losses, g: Losses) -> None:
        """Right after G moved, with both steps' terms."""

    def joint_losses(self, batch: Batch) -> Losses:
        """The terms of a third step that moves G and D together; none: no such step."""
        return {}

    def measures(self) -> Losses:
        """Figures to log beside the losses, device scalars."""
        return {}

    def after_epoch(self, means: Mapping[str, float], last: Mapping[str, float]) -> None:
        """With every logged figure: its mean over the epoch, and its last value."""

    def rate(self) -> float:
        """A factor on both learning rates in the coming epoch, beside the linear decay."""
        return 1.0

    def config(self) -> dict[str, Any]:
        """The recipe as plain values: what a checkpoint rebuilds from and what a resumed run must agree with."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self.recipe).items()}


def seeded(*key: int | str, device: torch.device | str = "cpu") -> torch.Generator:
    """A random generator that ``key`` determines; keys that differ give streams that have nothing in common."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:8], "little"))


def bce(logits: Tensor, label: float) -> Tensor:
    """Binary cross entropy of logits against one label for all: the mean of -label log p - (1 - label) log(1 - p)."""
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def one_hot(labels: Tensor, classes: int = NUM_CLASSES) -> Tensor:
    """Labels ``N`` as float32 ``N x classes``."""
    # Unlike F.one_hot this reads nothing back from the device, so a CUDA graph can hold it.
    return (labels[:, None] == torch.arange(classes, device=labels.device)).float()
