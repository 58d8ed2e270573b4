"""A trained generator as people use it: pictures in [0, 1], by seed and by class."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from einstyle_core import checkpoints
from einstyle_core.classifiers import predict
from einstyle_core.data import CLASS_NAMES, IMAGE_SIZE, NUM_CLASSES, class_index
from einstyle_core.errors import EinstyleError
from einstyle_core.gans.base import GAN, seeded

_CHUNK = 1000
_MOST_DRAWS = 100_000


class Latents(NamedTuple):
    """What pictures are made of, and what they cost.

    Attributes:
        z: noise, ``n x z_dim``.
        c: codes, ``n x (classes + continuous)``.
        drawn: how many pictures were drawn to find these.
    """

    z: Tensor
    c: Tensor
    drawn: int


class Sampler(nn.Module):
    """A generator without its discriminator: what a checkpoint holds.

    Args:
        gan: whose generator; the averaged one where its recipe averages.
        codes: for each class the category of G's code that shows it, where that was measured (infoGAN).
        bank_size: seeds kept for each class, in ``bank``, that are known to give it.
    """

    bank: Tensor

    def __init__(self, gan: GAN, codes: list[int] | None = None, bank_size: int = 0) -> None:
        super().__init__()
        self.G = gan.generator
        self.latent = gan.latent
        self.name, self.title = gan.name, gan.title
        self.codes = list(range(NUM_CLASSES)) if gan.conditional else codes
        self.register_buffer("bank", torch.zeros(NUM_CLASSES, bank_size, dtype=torch.int64))

    @torch.inference_mode()
    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        """Noise and codes, on any device, to float32 ``N x 1 x 28 x 28`` in [0, 1] on the generator's."""
        device = self.bank.device
        images = torch.empty(len(z), 1, IMAGE_SIZE, IMAGE_SIZE, device=device)
        for part, z_part, c_part in zip(images.split(_CHUNK), z.split(_CHUNK), c.split(_CHUNK), strict=True):
            if len(part):
                part.copy_(self.G(z_part.to(device), c_part.to(device)))
        return images.add_(1).div_(2).clamp_(0, 1)

    def sample(self, n: int, label: str | int | None = None, seed: int = 0) -> Tensor:
        """Draw ``n`` pictures, of one class where a ``label`` is given; see :meth:`pick` for how.

        The same seed gives the same pixels on the same machine.

        Returns:
            float32 ``n x 1 x 28 x 28`` in [0, 1].

        Raises:
            UnknownNameError: no class is called so.
            CheckpointError: a classifier is needed to sort by class and its checkpoint is missing.
            EinstyleError: the generator hardly ever makes that class.
        """
        z, c, _ = self.pick(n, label, seed)
        return self(z, c)

    def pick(
        self, n: int, label: str | int | None = None, seed: int = 0, classifier: nn.Module | None = None
    ) -> Latents:
        """Noise and codes of the pictures that :meth:`sample` shows, on the CPU; it raises the same errors.

        A conditional GAN, or one whose codes were matched to classes, is asked for a class. Of any other, pictures are
        taken from the bank of seeds known to give the class, and beyond the bank drawn at random and sorted by
        ``classifier`` (by default the shipped CNN).
        """
        if label is None:
            return Latents(*self.draw(n, seed), n)
        wanted = class_index(label)
        if self.codes is not None:
            return Latents(*self.draw(n, seed, self.codes[wanted]), n)
        if 0 < n <= self.bank.shape[1]:
            order = torch.randperm(self.bank.shape[1], generator=seeded("bank", seed))[:n]
            return Latents(*_joined(self.draw(1, item) for item in self.bank[wanted].cpu()[order].tolist()), n)
        classifier = classifier or checkpoints.load("cnn", self.bank.device)
        found = [self.draw(0, seed)]
        missing, drawn = n, 0
        while missing > 0:
            if drawn >= max(_MOST_DRAWS, 100 * n):
                raise EinstyleError(
                    f"{self.title} made {n - missing} pictures of {CLASS_NAMES[wanted]} in {drawn:,} draws, not "
                    f"the {n} that were asked for. Ask for fewer, or take a conditional GAN."
                )
            z, c = self.draw(_CHUNK, seeded("sorted", seed, drawn).initial_seed())
            kept = (predict(classifier, self(z, c)).argmax(1) == wanted).nonzero().squeeze(1)[:missing].cpu()
            # Drawn until the last one kept: what somebody would have drawn who stops when there are enough.
            drawn += int(kept[-1]) + 1 if len(kept) == missing else _CHUNK
            missing -= len(kept)
            found.append((z[kept], c[kept]))
        return Latents(*_joined(found), drawn)

    def draw(self, n: int, seed: int, code: int | None = None) -> tuple[Tensor, Tensor]:
        """Noise and codes for ``n`` pictures, on the CPU so that a seed means the same on every device.

        Args:
            n: how many.
            seed: the first ones are the same whatever ``n`` is.
            code: the category for all; None: at random.
        """
        labels = self.latent.labels(n, seeded("labels", seed)) if code is None else torch.full((n,), code)
        return self.latent.z(n, seeded("noise", seed)), self.latent.c(labels, seeded("style", seed))

    def grids(self, seed: int, size: int = 10) -> dict[str, tuple[Tensor, Tensor]]:
        """Noise and codes of the pictures that show training progress, row by row.

        ``grid``: each row has its noise; where there are classes, a column is a class, its continuous codes 0.
        ``continuous``, where there are two such codes: down the first, across the second, from -1 to 1.
        """
        latent, n = self.latent, size * size
        z, c = self.draw(n, seeded("grid", seed).initial_seed())
        if not latent.classes:
            return {"grid": (z, c)}
        z = z[::size].repeat_interleave(size, 0)
        c = latent.c(torch.arange(n) % size % latent.classes, seeded("grid", seed))
        if not latent.continuous:
            return {"grid": (z, c)}
        c[:, latent.classes :] = 0
        style = latent.c(torch.zeros(n, dtype=torch.int64), seeded("grid", seed))
        line = torch.linspace(-1, 1, size)
        style[:, latent.classes :] = torch.cartesian_prod(line, line)
        return {"grid": (z, c), "continuous": (z[:1].expand(n, -1), style)}


@torch.no_grad()
def halve(sampler: Sampler, n: int = 1000, seed: int = 0) -> float:
    """Round a sampler's weights to half precision in place, as a checkpoint stores them.

    What is measured, matched and banked afterwards holds for the shipped weights.

    Returns:
        how far that moves a pixel, on the average of ``n`` pictures, in 1/255.
    """
    before = sampler.sample(n, seed=seed)
    for value in sampler.state_dict().values():
        if value.is_floating_point():
            value.copy_(value.half())
    return float((sampler.sample(n, seed=seed) - before).abs().mean()) * 255


def match_codes(sampler: Sampler, classifier: nn.Module, seed: int = 0, per_code: int = 500) -> tuple[list[int], float]:
    """Match the categories of a code to the classes that a classifier sees in them, one to one.

    Returns:
        for each class its category; and the share of pictures that show the class their category is matched to.
    """
    device = sampler.bank.device
    seen = torch.zeros(sampler.latent.classes, NUM_CLASSES)
    for code in range(sampler.latent.classes):
        images = sampler(*sampler.draw(per_code, seed + code, code))
        seen[code] = predict(classifier.to(device), images).argmax(1).bincount(minlength=NUM_CLASSES).cpu()
    codes, classes = linear_sum_assignment(seen.numpy(), maximize=True)
    matched = dict(zip(classes.tolist(), codes.tolist(), strict=True))
    return [matched[label] for label in range(NUM_CLASSES)], float(seen[codes, classes].sum() / seen.sum())


def fill_bank(sampler: Sampler, classifier: nn.Module, per_class: int, seed: int = 0) -> tuple[Tensor, list[float]]:
    """Find seeds for a sampler's bank: single pictures that a classifier takes for each class.

    Returns:
        seeds, int64 ``10 x per_class``; and for each class the share of pictures that show it.

    Raises:
        EinstyleError: a class is made too rarely.
    """
    found: list[list[int]] = [[] for _ in range(NUM_CLASSES)]
    counts = torch.zeros(NUM_CLASSES)
    first = seed * _MOST_DRAWS
    for start in range(first, first + _MOST_DRAWS, _CHUNK):
        seeds = list(range(start, start + _CHUNK))
        z, c = _joined(sampler.draw(1, item) for item in seeds)
        labels = predict(classifier, sampler(z, c)).argmax(1).cpu()
        counts += labels.bincount(minlength=NUM_CLASSES)
        for item, label in zip(seeds, labels.tolist(), strict=True):
            if len(found[label]) < per_class:
                found[label].append(item)
        if all(len(items) == per_class for items in found):
            return torch.tensor(found), (counts / counts.sum()).tolist()
    rarest = min(range(NUM_CLASSES), key=lambda label: len(found[label]))
    raise EinstyleError(
        f"{sampler.title} made {len(found[rarest])} pictures of {CLASS_NAMES[rarest]} in {_MOST_DRAWS:,}, fewer than "
        f"the {per_class} that the bank wants. Ask for a smaller bank."
    )


def _joined(latents: Iterable[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    z, c = zip(*latents, strict=True)
    return torch.cat(z), torch.cat(c)
