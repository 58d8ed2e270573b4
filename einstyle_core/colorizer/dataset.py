"""The colour set: every image of Fashion-MNIST in colour, made on the device when it is asked for and never stored.

A garment's target keeps its lightness and gets the chroma that cloth of its colour has at each lightness
(:func:`einstyle_core.colorizer.colour.shaded`). Half of the samples are told their colour, one of a random palette;
the other half are told what a classifier might take them for, and the target is the paper's colour for what they really
are. Hue and chroma of every target stray a little from what was told, so that there is a distribution to learn.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from einstyle_core.colorizer.colour import lightness_of_gray, shaded, srgb_to_lab
from einstyle_core.colorizer.palettes import PALETTES
from einstyle_core.data import NUM_CLASSES, ImageSet
from einstyle_core.gans.base import one_hot

CONDITION = NUM_CLASSES + 3
"""Length of a condition: ten class probabilities, or L*a*b* over 100; what is not told is zero."""

TOLD = 0.5  # share of the samples that are told their colour
TORN = 1 / 3  # share of the opinions that are in doubt
HUE_JITTER, CHROMA_JITTER = 0.1, 0.1  # +-6 degrees, +-10 %

_TOPS, _SHOES = (0, 2, 3, 4, 6), (5, 7, 9)
_ALIKE = torch.ones(NUM_CLASSES, NUM_CLASSES)
for _group in (_TOPS, _SHOES):
    for _label in _group:
        _ALIKE[_label] = torch.tensor([float(other in _group) for other in range(NUM_CLASSES)])
_ALIKE.fill_diagonal_(0)


@dataclass(frozen=True)
class ColourBatch:
    """What the losses see; everything on one device.

    Attributes:
        lightness: L*, float32 ``N x 1 x 28 x 28``.
        mask: 1 on the garment, float32 ``N x 1 x 28 x 28``.
        condition: ``N x 13``, see :func:`told` and :func:`guessed`.
        chroma: the target's a* and b*, ``N x 2 x 28 x 28``, 0 off the garment.
    """

    lightness: Tensor
    mask: Tensor
    condition: Tensor
    chroma: Tensor


def told(colour: Tensor) -> Tensor:
    """The condition of a named colour: L*a*b* ``N x 3`` to ``N x 13``."""
    return torch.cat([colour.new_zeros(len(colour), NUM_CLASSES), colour / 100], 1)


def guessed(probabilities: Tensor) -> Tensor:
    """The condition where no colour is named: class probabilities ``N x 10`` to ``N x 13``."""
    return torch.cat([probabilities, probabilities.new_zeros(len(probabilities), 3)], 1)


def paper_colours(device: torch.device | str = "cpu") -> Tensor:
    """The paper's ten class colours in L*a*b*, ``10 x 3``."""
    return srgb_to_lab(torch.tensor(PALETTES["paper"].colours, dtype=torch.float32) / 255).to(device)


class ColourSet:
    """Batches of the colour set from gray images that live on a device.

    Args:
        data: the gray images.
    """

    def __init__(self, data: ImageSet) -> None:
        self.data = data
        self.colours = paper_colours(data.images.device)

    def __len__(self) -> int:
        return len(self.data)

    def draw(self, chosen: Tensor, rng: torch.Generator) -> ColourBatch:
        """The images at ``chosen``, some mirrored, some told a random colour, all a little astray."""
        n, device = len(chosen), chosen.device
        images = self.data.images[chosen]
        mirrored = torch.rand(n, 1, 1, 1, generator=rng, device=device) < 0.5
        images = torch.where(mirrored, images.flip(3), images)
        is_told = torch.rand(n, 1, generator=rng, device=device) < TOLD
        named = random_colours(n, rng)
        labels = self.data.labels[chosen]
        condition = torch.where(is_told, told(named), guessed(opinions(labels, rng)))
        colour = torch.where(is_told, named, self.colours[labels])
        return self._batch(images, condition, jittered(colour, rng))

    def with_colours(self, chosen: Tensor, colour: Tensor, condition: Tensor) -> ColourBatch:
        """The images at ``chosen`` exactly in ``colour``, L*a*b* ``N x 3``, under ``condition``."""
        return self._batch(self.data.images[chosen], condition, colour)

    def _batch(self, images: Tensor, condition: Tensor, colour: Tensor) -> ColourBatch:
        mask = (images > 0).float()
        lightness = lightness_of_gray(images)
        chroma = shaded(lightness[:, 0], colour).permute(0, 3, 1, 2) * mask
        return ColourBatch(lightness, mask, condition, chroma)


def random_colours(n: int, rng: torch.Generator) -> Tensor:
    """L*a*b* ``n x 3`` of sRGB colours at random, down to gray."""
    rgb = torch.rand(n, 3, generator=rng, device=rng.device)
    gray = rgb.mean(1, keepdim=True)
    return srgb_to_lab(gray + (rgb - gray) * torch.rand(n, 1, generator=rng, device=rng.device).sqrt())


def jittered(colour: Tensor, rng: torch.Generator) -> Tensor:
    """L*a*b* ``N x 3`` with hue turned by up to :data:`HUE_JITTER` rad and C* off by up to :data:`CHROMA_JITTER`."""
    turn, stretch = (torch.rand(2, len(colour), generator=rng, device=rng.device) * 2 - 1).unbind()
    sin, cos = (HUE_JITTER * turn).sin(), (HUE_JITTER * turn).cos()
    lightness, a, b = colour.unbind(1)
    length = 1 + CHROMA_JITTER * stretch
    return torch.stack([lightness, length * (a * cos - b * sin), length * (a * sin + b * cos)], 1)


def opinions(labels: Tensor, rng: torch.Generator) -> Tensor:
    """Class probabilities ``N x 10`` that a calibrated classifier could have given images of these classes.

    A third of them is torn between two classes that look alike, and wrong as often as its doubt says. This stands in
    for the shipped classifier, which has seen the training images and has no doubts left about them.
    """
    n, device = len(labels), labels.device
    alike = _ALIKE.to(device)[labels]
    other = torch.multinomial(alike, 1, generator=rng)[:, 0]
    torn = torch.rand(n, generator=rng, device=device) < TORN
    most = torch.where(torn, 0.5 + 0.5 * torch.rand(n, generator=rng, device=device), 1.0)
    wrong = torch.rand(n, generator=rng, device=device) > most
    first, second = torch.where(wrong, other, labels), torch.where(wrong, labels, other)
    return most[:, None] * one_hot(first) + (1 - most)[:, None] * one_hot(second)
