"""How well a garment is coloured: against the colour set's target, and against what must stay.

Pictures are sRGB in whole 255ths, float32 ``N x 3 x H x W`` in [0, 1], as a screen shows them; masks ``N x 1 x H x W``.
Every measure is one number an image, ``N``.
"""

import math

import numpy as np
import torch
from skimage.color import deltaE_ciede2000
from skimage.metrics import structural_similarity
from torch import Tensor

from einstyle_core.colorizer.colour import srgb_to_lab

GRAY = 6.0
"""A colour with less C* than this has no hue that anybody could name (tab10's gray has 0)."""


def to_lab(pictures: Tensor) -> Tensor:
    """L*a*b*, ``N x 3 x H x W``."""
    return srgb_to_lab(pictures.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def mean_chroma(pictures: Tensor, mask: Tensor) -> Tensor:
    """The garment's mean a* and b*, ``N x 2``; 0 where the mask is empty."""
    return (to_lab(pictures)[:, 1:] * mask).sum((2, 3)) / mask.sum((2, 3)).clamp(min=1)


def hue_error(chroma: Tensor, wanted: Tensor) -> Tensor:
    """The angle in degrees, 0 to 180, between two chromas ``N x 2``.

    Where the wanted colour is gray (:data:`GRAY`): 0 if the other is gray too, else 180. Where only the other is gray:
    180, for it misses the colour altogether.
    """
    length, target = chroma.norm(dim=1), wanted.norm(dim=1)
    cos = (chroma * wanted).sum(1) / (length * target).clamp(min=1e-6)
    angle = torch.rad2deg(cos.clamp(-1, 1).acos())
    either_gray, both_gray = (length < GRAY / 4) | (target < GRAY), (length < GRAY) & (target < GRAY)
    return torch.where(both_gray, 0.0, torch.where(either_gray, 180.0, angle))


def ciede2000(pictures: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """The mean CIEDE2000 colour difference over the garment."""
    chosen = mask[:, 0].bool()
    pairs = (to_lab(each).permute(0, 2, 3, 1)[chosen].numpy() for each in (pictures, targets))
    differences = torch.zeros(chosen.shape)
    differences[chosen] = torch.from_numpy(deltaE_ciede2000(*pairs)).float()
    return differences.sum((1, 2)) / chosen.sum((1, 2)).clamp(min=1)


def lightness_ssim(pictures: Tensor, lightness: Tensor) -> Tensor:
    """Structural similarity (Wang et al. 2004) of L* to what it was, ``N x 1 x H x W``."""
    after = to_lab(pictures)[:, 0].numpy()
    pairs = zip(after, lightness[:, 0].numpy(), strict=True)
    return torch.tensor([structural_similarity(new, old, data_range=100.0) for new, old in pairs])


def leakage(pictures: Tensor, gray: Tensor, mask: Tensor) -> Tensor:
    """The share of pixels off the garment that differ from the gray picture ``N x 1 x H x W`` by a 255th or more."""
    changed = ((pictures - gray).abs().amax(1, keepdim=True) > 0.5 / 255) & (mask == 0)
    return changed.float().sum((1, 2, 3)) / (mask == 0).sum((1, 2, 3)).clamp(min=1)


def colourfulness(pictures: Tensor, mask: Tensor) -> Tensor:
    """Hasler and Süsstrunk's measure (2003) over the garment: 0 is gray, 109 extremely colourful."""
    r, g, b = (pictures * 255).unbind(1)
    opponents = torch.stack([r - g, (r + g) / 2 - b], 1)
    count = mask.sum((2, 3)).clamp(min=1)
    mean = (opponents * mask).sum((2, 3)) / count
    spread = ((opponents - mean[:, :, None, None]) ** 2 * mask).sum((2, 3)) / count
    return spread.sum(1).sqrt() + 0.3 * mean.norm(dim=1)


def unevenness(pictures: Tensor, mask: Tensor) -> Tensor:
    """How much hue varies over one garment, in degrees: circular standard deviation, each pixel weighed by its C*."""
    a, b = (to_lab(pictures)[:, 1:] * mask).unbind(1)
    concentration = torch.stack([a.sum((1, 2)), b.sum((1, 2))]).norm(dim=0) / torch.hypot(a, b).sum((1, 2)).clamp(1e-6)
    return (-2 * concentration.clamp(1e-6, 1).log()).sqrt() * (180 / math.pi)


def rounded(pictures: Tensor) -> Tensor:
    """As a screen shows them: in whole 255ths."""
    return torch.from_numpy(np.rint(pictures.numpy() * 255) / 255).float()
