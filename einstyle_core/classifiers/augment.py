"""Augmentations of a whole batch on its device, each drawn from one generator so that a run repeats."""

import torch
import torch.nn.functional as F
from torch import Tensor

from einstyle_core.config import ClassifierRecipe


def augment(images: Tensor, recipe: ClassifierRecipe, generator: torch.Generator) -> Tensor:
    """Apply the recipe's image augmentations to ``N x 1 x 28 x 28`` in [0, 1]; the range is kept."""
    if recipe.flip:
        images = random_flip(images, generator)
    if recipe.shift:
        images = random_shift(images, recipe.shift, generator)
    if recipe.erase:
        images = random_erase(images, recipe.erase, generator)
    return images


def random_flip(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror each image left to right with probability 1/2."""
    mirrored = _uniform(len(images), generator, images.device) < 0.5
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)


def random_shift(images: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Move each image by -most..most whole pixels along each axis; black moves in."""
    count, _, height, width = images.shape
    offsets = torch.randint(2 * most + 1, (2, count), generator=generator, device=generator.device).to(images.device)
    rows = offsets[0, :, None] + torch.arange(height, device=images.device)
    columns = offsets[1, :, None] + torch.arange(width, device=images.device)
    padded = F.pad(images, (most,) * 4)
    batch = torch.arange(count, device=images.device)[:, None, None]
    return padded[batch, 0, rows[:, :, None], columns[:, None, :]].unsqueeze(1)


def random_erase(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Replace a rectangle of 2-25 % of the area by uniform noise in a share of the images."""
    count, _, height, width = images.shape
    device = images.device
    u = torch.rand(5, count, generator=generator, device=generator.device).to(device)
    area = height * width * (0.02 + 0.23 * u[0])
    aspect = torch.exp((u[1] * 2 - 1) * 1.2)  # about 0.3 to 3.3, log-uniform
    h = (area * aspect).sqrt().clamp(max=height)[:, None]
    w = (area / aspect).sqrt().clamp(max=width)[:, None]
    top, left = u[2, :, None] * (height - h), u[3, :, None] * (width - w)
    y, x = torch.arange(height, device=device) + 0.5, torch.arange(width, device=device) + 0.5
    inside_y, inside_x = (y >= top) & (y < top + h), (x >= left) & (x < left + w)
    erased = inside_y[:, :, None] & inside_x[:, None, :] & (u[4] < share)[:, None, None]
    noise = torch.rand(images.shape, generator=generator, device=generator.device).to(device)
    return torch.where(erased.unsqueeze(1), noise, images)


def _uniform(count: int, generator: torch.Generator, device: torch.device) -> Tensor:
    return torch.rand(count, generator=generator, device=generator.device).to(device)
