"""Augmentations of a batch of views, each drawn from one generator so that a run repeats.

Views are float32 ``N x 4 x H x W`` in [0, 1]: red, green, blue, mask (:mod:`einstyle_core.classifiers.views`).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def augment(views: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Other views of the same things, ``N x 4 x size x size``: moved, recoloured, badly cut out."""
    if size <= views.shape[-1] // 2:
        views = F.avg_pool2d(views, 2)  # sampling alone would skip pixels
    moved = random_affine(views, size, generator)
    colours, mask = random_colours(moved[:, :3], generator), moved[:, 3:]
    return torch.cat([colours, random_uncut(random_cut(mask, generator), generator)], 1)


def random_affine(views: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Mirror, turn, scale, stretch and move each view a little; a tenth of them lie on a side or upside down.

    Beyond a view's edge its last pixels go on.
    """
    count = len(views)
    u = torch.rand(8, count, generator=generator)
    spread = u * 2 - 1
    angle = math.radians(18) * spread[0] * spread[1].abs().sqrt()
    angle = torch.where(u[2] < 0.1, angle + math.pi / 2 * torch.randint(1, 4, (count,), generator=generator), angle)
    across = torch.exp(0.22 * spread[3] + 0.12 * spread[4])
    down = torch.exp(0.22 * spread[3] - 0.12 * spread[4])
    mirror = torch.where(u[5] < 0.5, -1.0, 1.0)
    shift_x, shift_y = 0.08 * spread[6], 0.08 * spread[7]
    matrix = torch.stack(
        [
            torch.stack([angle.cos() * across * mirror, -angle.sin() * across, shift_x], 1),
            torch.stack([angle.sin() * down * mirror, angle.cos() * down, shift_y], 1),
        ],
        1,
    )
    grid = F.affine_grid(matrix, [count, 4, size, size], align_corners=False)
    return F.grid_sample(views, grid.to(views.device), padding_mode="border", align_corners=False)


def random_colours(colours: Tensor, generator: torch.Generator) -> Tensor:
    """Another light, other dyes, or none at all: ``N x 3 x H x W``; gray and negated ones among them."""
    count = len(colours)

    def draw(low: float, high: float, channels: int = 1) -> Tensor:
        return (low + (high - low) * torch.rand(count, channels, 1, 1, generator=generator)).to(colours.device)

    order = torch.rand(count, 3, generator=generator).argsort(1).to(colours.device)
    dyed = torch.gather(colours, 1, order[:, :, None, None].expand_as(colours))
    colours = torch.where(draw(0, 1) < 0.3, dyed, colours)
    gray = colours.mean(1, keepdim=True)
    colours = torch.where(draw(0, 1) < 0.2, gray + draw(-0.1, 0.1, 3), colours)
    colours = torch.where(draw(0, 1) < 0.1, 1 - colours, colours)
    colours = colours.clamp(0, 1) ** draw(math.log(0.6), math.log(1.6)).exp()
    colours = (colours - 0.5) * draw(0.6, 1.3) * draw(0.9, 1.1, 3) + 0.5 + draw(-0.15, 0.15)
    noise = torch.randn(colours.shape, generator=generator).to(colours.device)
    return (colours + noise * draw(-0.05, 0.05).clamp(min=0)).clamp(0, 1)


def random_cut(mask: Tensor, generator: torch.Generator) -> Tensor:
    """Masks ``N x 1 x H x W`` as a poorer cut would give: a piece missing, some ground kept, an edge moved."""
    count, _, height, width = mask.shape
    u = torch.rand(6, count, generator=generator).to(mask.device)
    wider = F.max_pool2d(mask, 3, stride=1, padding=1)
    narrower = -F.max_pool2d(-mask, 3, stride=1, padding=1)
    edge = u[0, :, None, None, None]
    mask = torch.where(edge < 0.12, wider, torch.where(edge > 0.88, narrower, mask))
    # An ellipse whose centre lies anywhere, with half axes of 5-25 % of the frame.
    y = (torch.arange(height, device=mask.device) + 0.5)[:, None] / height
    x = (torch.arange(width, device=mask.device) + 0.5)[None, :] / width
    centre_y, centre_x, half_y, half_x = (v[:, None, None] for v in (u[1], u[2], 0.05 + 0.2 * u[3], 0.05 + 0.2 * u[4]))
    blob = (((y - centre_y) / half_y) ** 2 + ((x - centre_x) / half_x) ** 2 < 1).unsqueeze(1)
    what = u[5, :, None, None, None]
    mask = torch.where(blob & (what < 0.25), 0.0, mask)
    return torch.where(blob & (what > 0.85), 1.0, mask)


def random_uncut(mask: Tensor, generator: torch.Generator) -> Tensor:
    """Masks of which 30 % say nothing: all of the view passes for garment, so that the ground must be told by eye."""
    u = torch.rand(len(mask), 1, 1, 1, generator=generator).to(mask.device)
    return torch.where(u < 0.3, 1.0, mask)
