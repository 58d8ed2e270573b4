"""Colour maths on tensors, so that the colour set can be made on the device: CIELAB under D65, and what a screen shows.

Scales: sRGB in [0, 1]; L* in [0, 100]; a* and b* about [-128, 128]; hue in radians. Colours are the last dimension.
Chroma in this library is the pair (a*, b*), its length and direction C* and h.
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

# IEC 61966-2-1: linear sRGB to XYZ, and the XYZ of its white, D65.
_XYZ = torch.tensor([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_WHITE = torch.tensor([0.95047, 1.0, 1.08883])
# CIE 15: the cube root gives way to a line near black.
_CUBE, _SLOPE, _OFFSET = (6 / 29) ** 3, (29 / 6) ** 2 / 3, 4 / 29

_HUES, _LIGHTNESSES = 360, 200  # cells of the gamut's table
_MOST_CHROMA = 140.0  # C* of sRGB's blue is 134


def srgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB ``... x 3`` in [0, 1] to L*a*b* ``... x 3``."""
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb.clamp(min=0) + 0.055) / 1.055) ** 2.4)
    xyz = linear @ (_XYZ / _WHITE[:, None]).T.to(rgb)
    x, y, z = torch.where(xyz > _CUBE, xyz.clamp(min=_CUBE) ** (1 / 3), _SLOPE * xyz + _OFFSET).unbind(-1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def lab_to_srgb(lab: Tensor) -> Tensor:
    """L*a*b* ``... x 3`` to sRGB ``... x 3``; a colour that no screen shows is clipped to [0, 1]."""
    linear = _lab_to_linear(lab).clamp(0, 1)
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055)


def lightness_of_gray(gray: Tensor) -> Tensor:
    """L* of gray pixels, uint8 of any shape; 0 to 0, 255 to 100."""
    return _gray_table(str(gray.device))[gray.long()]


def most_chroma(lightness: Tensor, hue: Tensor) -> Tensor:
    """The C* up to which sRGB holds every colour of an L* and a hue, tensors of one shape; to about 3.

    Keeping to it is what keeps lightness: clipping channels would change all three.
    """
    column = (hue / math.tau % 1) * 2 - 1
    row = lightness.clamp(0, 100) / 50 - 1
    grid = torch.stack([column, row], -1).view(1, 1, -1, 2)
    table = _gamut_table(str(lightness.device))[None, None]
    return F.grid_sample(table, grid, "bilinear", "border", align_corners=True).view(lightness.shape)


def limited(lightness: Tensor, chroma: Tensor) -> Tensor:
    """Chroma ``... x 2``, shortened along its hue to what sRGB holds at ``lightness`` (the same ``...``)."""
    length = chroma.norm(dim=-1)
    most = most_chroma(lightness, torch.atan2(chroma[..., 1], chroma[..., 0]))
    return chroma * (most / length.clamp(min=1e-6)).clamp(max=1)[..., None]


def shaded(lightness: Tensor, colour: Tensor) -> Tensor:
    """The chroma that cloth of a colour has at each lightness: what the colour set teaches.

    In shadow light falls on all channels alike, so C* shrinks with L* + 16 (CIELAB's cube root makes it so); towards
    the highlights C* stays until sRGB ends.

    Args:
        lightness: L*, ``N x ...``.
        colour: L*a*b*, ``N x 3``.

    Returns:
        a* and b*, ``N x ... x 2``.
    """
    own, a, b = (part.view(-1, *[1] * (lightness.dim() - 1)) for part in colour.unbind(1))
    length = torch.hypot(a, b)
    most = most_chroma(lightness, torch.atan2(b, a).expand_as(lightness))
    shown = torch.minimum(length * ((lightness + 16) / (own + 16)).clamp(max=1), most)
    return torch.stack([a, b], -1) / length.clamp(min=1e-6)[..., None] * shown[..., None]


def _lab_to_linear(lab: Tensor) -> Tensor:
    lightness, a, b = lab.unbind(-1)
    y = (lightness + 16) / 116
    f = torch.stack([y + a / 500, y, y - b / 200], -1)
    xyz = torch.where(f > 6 / 29, f**3, (f - _OFFSET) / _SLOPE) * _WHITE.to(lab)
    return xyz @ torch.linalg.inv(_XYZ).T.to(lab)


@lru_cache
def _gray_table(device: str) -> Tensor:
    gray = torch.arange(256) / 255
    return srgb_to_lab(gray[:, None].expand(-1, 3))[:, 0].clamp(0, 100).to(device)


@lru_cache
def _gamut_table(device: str) -> Tensor:
    """The largest C*, ``(lightnesses + 1) x (hues + 1)``, by bisection."""
    lightness = torch.linspace(0, 100, _LIGHTNESSES + 1)[:, None].expand(-1, _HUES + 1)
    hue = torch.linspace(0, math.tau, _HUES + 1)[None].expand_as(lightness)
    low, high = torch.zeros_like(hue), torch.full_like(hue, _MOST_CHROMA)
    for _ in range(12):  # 140 / 2^12 is 0.03
        middle = (low + high) / 2
        linear = _lab_to_linear(torch.stack([lightness, middle * hue.cos(), middle * hue.sin()], -1))
        inside = ((linear > -5e-4) & (linear < 1.01)).all(-1)  # less than a step of 8 bits
        low, high = torch.where(inside, middle, low), torch.where(inside, high, middle)
    low[0] = low[-1] = 0  # the tolerance lets a little chroma into black and white
    return low.to(device)
