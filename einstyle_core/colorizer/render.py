"""Colour a garment in a picture of any size: chroma is predicted small and lifted to full resolution.

What stays, in every function here: the lightness of each pixel, so shading and prints; and every byte outside the
mask. Photographs are uint8 ``H x W x 3``; masks are ``H x W`` in [0, 1] (or bool), 1 on the garment.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, get_args

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from einstyle_core.colorizer.colour import limited, srgb_to_lab
from einstyle_core.colorizer.palettes import PALETTES, RGB
from einstyle_core.data import IMAGE_SIZE
from einstyle_core.errors import UnknownNameError
from einstyle_core.garments import find_garment

Pixels: TypeAlias = NDArray[np.uint8]
Plane: TypeAlias = NDArray[np.float32]
Weights: TypeAlias = NDArray[np.floating] | NDArray[np.bool_]
Vision = Literal["protan", "deutan", "tritan"]
VISIONS: tuple[Vision, ...] = get_args(Vision)

_RADIUS = 2  # of the lifting's windows, in cells of the 28 x 28 prediction
_FLAT = 1.0  # a window whose lightness varies less (variance, in L* squared) is coloured evenly
_STRIP = 1 << 20  # pixels worked on at once, which bounds the memory of a large photograph
_SAMPLE = 100_000  # pixels that a mean colour difference is taken over


class Painter(Protocol):
    """What a model must do to be rendered with; :class:`einstyle_core.colorizer.networks.Colorizer` does."""

    def chroma(self, lightness: Tensor, mask: Tensor, colour: Tensor | None = None) -> Tensor:
        """a* and b* ``N x 2 x 28 x 28`` for L* and mask ``N x 1 x 28 x 28`` and L*a*b* colours ``N x 3``, or none."""


@dataclass(frozen=True)
class Canvas:
    """A picture made ready to be coloured.

    Attributes:
        photo: uint8, ``H x W x 3``, full resolution.
        mask: float32, ``H x W``: how much of each pixel is garment, in [0, 1].
        item: uint8, ``28 x 28``: the garment as the networks know it.
        alpha: uint8, ``H x W``: the picture's own transparency; None where it is opaque.
        quality: how far the mask can be trusted (:attr:`einstyle_core.garments.Garment.quality`).
        notes: sentences for the user about how the garment was found.
    """

    photo: Pixels
    mask: Plane
    item: Pixels
    alpha: Pixels | None
    quality: float
    notes: tuple[str, ...]

    def picture(self, pixels: Pixels) -> Image.Image:
        """Coloured pixels with the picture's own transparency: mode ``RGBA`` where it has any, else ``RGB``."""
        image = Image.fromarray(pixels)
        if self.alpha is not None:
            image.putalpha(Image.fromarray(self.alpha))
        return image


def prepare(image: Image.Image, *, gray: bool = False) -> Canvas:
    """Find the garment in a picture and outline it at full resolution.

    Args:
        image: as :func:`einstyle_core.images.decode` gives it.
        gray: drop the picture's colours once the garment is found.
    """
    garment = find_garment(image)
    photo = np.array(image.convert("L").convert("RGB") if gray else image.convert("RGB"))
    alpha = np.array(image.getchannel("A")) if image.mode == "RGBA" else None
    mask = matte(photo, garment.mask)
    if alpha is not None and (alpha >= 128).any():
        mask = mask * (alpha > 0)  # colours hidden under full transparency are nobody's garment
    return Canvas(photo, mask, garment.image28, alpha, garment.quality, garment.notes)


def matte(photo: Pixels, mask: Weights) -> Plane:
    """A small mask at the photo's own size, float32 in [0, 1], its outline drawn along the photo's edges.

    A mask that has the photo's size already is returned as it is. Otherwise: a guided filter (He, Sun and Tang 2013)
    with the photo's lightness as the guide.
    """
    height, width = photo.shape[:2]
    source = mask.astype(np.float32)
    if source.shape == (height, width):
        return source
    radius = max(2, round(1.5 * max(height / source.shape[0], width / source.shape[1])))
    source = np.asarray(cv2.resize(source, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    guide = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255

    def mean(values: NDArray[np.floating]) -> Plane:
        return np.asarray(cv2.blur(values, (2 * radius + 1, 2 * radius + 1)), dtype=np.float32)

    middle, level = mean(guide), mean(source)
    slope = (mean(guide * source) - middle * level) / (mean(guide * guide) - middle * middle + 1e-3)
    fine = mean(slope) * guide + mean(level - slope * middle)
    # The filter's faint tails are neither garment nor ground.
    return np.clip((fine - 0.1) / 0.8, 0, 1, dtype=np.float32) * (cv2.blur(source, (3, 3)) > 0)


def colorize(model: Painter, photo: Pixels, mask: Weights, colour: RGB | None = None) -> Pixels:
    """The photo with its garment in another colour, at full resolution.

    The model sees lightness and mask at 28 x 28. Its chroma is written as a linear function of lightness in small
    windows there, and those functions, not the pixels, are enlarged (He and Sun 2015, fast guided filter): at full
    resolution chroma follows the photo's own edges and prints.

    Args:
        model: predicts chroma.
        photo: uint8, ``H x W x 3``.
        mask: ``H x W`` in [0, 1]; between 0 and 1 the old chroma shines through.
        colour: the colour wanted; None takes that of the garment's class as the model sees it
            (:func:`inferred_colour`).

    Returns:
        uint8, ``H x W x 3``; byte for byte the photo where the mask is 0.

    Raises:
        ValueError: another shape or type.
    """
    _check(photo, mask)
    if not (mask > 0).any():
        return photo.copy()
    if colour is None:
        colour = inferred_colour(model, as_item(photo, mask))
    top, bottom, left, right = box = _box(mask > 0)
    lift = _Lift(model, _lightness(photo[top:bottom, left:right]), mask[top:bottom, left:right], colour)
    return _painted(photo, mask, box, lift, fit=True)


def colorize_item(model: Painter, pixels: Pixels, colour: RGB | None = None) -> Pixels:
    """A garment in the dataset's manner in colour: uint8 ``28 x 28``, gray on black, to ``28 x 28 x 3``.

    Args:
        model: predicts chroma.
        pixels: 0 is ground and stays black.
        colour: the colour wanted; None leaves it to the model.

    Raises:
        ValueError: another shape or type.
    """
    return colorize_items(model, pixels[None], colour)[0]


def colorize_items(model: Painter, pixels: Pixels, colour: RGB | None = None) -> Pixels:
    """As :func:`colorize_item` for many: uint8 ``N x 28 x 28`` to ``N x 28 x 28 x 3``."""
    if pixels.dtype != np.uint8 or pixels.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise ValueError(f"expected uint8 items of {IMAGE_SIZE} x {IMAGE_SIZE}, not {pixels.dtype} {pixels.shape}")
    photos = np.repeat(pixels[..., None], 3, axis=3)
    lightness = np.stack([_lightness(photo) for photo in photos])
    chroma = _predict(model, lightness, pixels > 0, colour)
    painted = [_to_rgb(light, plane) for light, plane in zip(lightness, chroma, strict=True)]
    return np.where((pixels > 0)[..., None], np.stack(painted), photos)


def tint(photo: Pixels, mask: Weights, colour: RGB) -> Pixels:
    """The plain tint that photo editors do: the colour's own a* and b* on every pixel of the garment, lightness kept.

    Where no screen shows that, in shadows and highlights, channels are clipped. Arguments and result as
    :func:`colorize`.
    """
    _check(photo, mask)
    if not (mask > 0).any():
        return photo.copy()
    chroma = _lab(colour)[1:].numpy()

    def everywhere(lightness: Plane, rows: slice) -> NDArray[np.floating]:
        return np.broadcast_to(chroma, (*lightness.shape, 2))

    return _painted(photo, mask, _box(mask > 0), everywhere, fit=False)


def inferred_colour(model: Painter, pixels: Pixels) -> RGB:
    """The paper's class colour that comes nearest to what the model paints when it is told none.

    Args:
        model: predicts chroma.
        pixels: uint8, ``28 x 28``, a garment in the dataset's manner.
    """
    mask = pixels > 0
    if not mask.any():
        mask = np.ones_like(mask)
    lightness = _lightness(np.repeat(pixels[..., None], 3, axis=2))[None]
    free = _predict(model, lightness, mask[None], None)[0][mask].mean(0)
    known = PALETTES["paper"].colours
    # Compared with what it paints when told each of them: a dark garment's chroma is small in any colour.
    told = [_predict(model, lightness, mask[None], colour)[0][mask].mean(0) for colour in known]
    return known[int(np.linalg.norm(np.stack(told) - free, axis=1).argmin())]


def inferred_class(model: Painter, pixels: Pixels) -> int:
    """The class, by index, whose paper colour :func:`inferred_colour` gives."""
    return PALETTES["paper"].colours.index(inferred_colour(model, pixels))


def as_item(photo: Pixels, mask: Weights) -> Pixels:
    """The masked garment as the dataset would show it, uint8 ``28 x 28``."""
    picture = Image.fromarray(photo).convert("RGBA")
    picture.putalpha(Image.fromarray(np.where(mask >= min(0.5, mask.max()), 255, 0).astype(np.uint8)))
    return find_garment(picture).image28


def difference(a: Pixels, b: Pixels, mask: Weights | None = None) -> float:
    """The mean CIEDE2000 colour difference of two pictures over the garment; below 1 nobody sees it.

    Args:
        a: uint8, ``H x W x 3``.
        b: of the same shape.
        mask: the weight of each pixel in [0, 1]; None weighs all alike. A mask that is 0 everywhere gives 0.

    Raises:
        ValueError: the shapes differ.
    """
    from skimage.color import deltaE_ciede2000, rgb2lab  # half a second that only this needs

    if a.shape != b.shape:
        raise ValueError(f"pictures of one size can be compared, not {a.shape} and {b.shape}")
    weights = np.ones(a.shape[:2]) if mask is None else np.asarray(mask, dtype=np.float64)
    chosen = np.flatnonzero(weights)
    if not len(chosen):
        return 0.0
    chosen = chosen[:: -(-len(chosen) // _SAMPLE)]
    pair = (rgb2lab(picture.reshape(-1, 3)[chosen]) for picture in (a, b))
    return float(np.average(deltaE_ciede2000(*pair), weights=weights.ravel()[chosen]))


def colour_blind(image: Pixels, kind: Vision) -> Pixels:
    """A picture as a dichromat sees it: uint8 ``H x W x 3`` in and out.

    Args:
        image: what a trichromat sees.
        kind: ``protan`` or ``deutan`` (no red, no green cones: Viénot, Brettel and Mollon 1999), or ``tritan`` (no
            blue ones: Brettel, Viénot and Mollon 1997).

    Raises:
        UnknownNameError: another kind.
    """
    from daltonlens import simulate

    if kind not in VISIONS:
        raise UnknownNameError("kind of colour vision", kind, VISIONS)
    simulator = simulate.Simulator_Brettel1997() if kind == "tritan" else simulate.Simulator_Vienot1999()
    seen: Pixels = simulator.simulate_cvd(image, simulate.Deficiency[kind.upper()], severity=1.0)
    return seen


class _Lift:
    """Chroma at full resolution from a prediction at 28 x 28, rows at a time."""

    def __init__(self, model: Painter, lightness: Plane, mask: Weights, colour: RGB) -> None:
        self.height, self.width = lightness.shape
        scale = IMAGE_SIZE / max(lightness.shape)
        rows, columns = (max(1, round(side * scale)) for side in lightness.shape)
        top, left = -(-(IMAGE_SIZE - rows) // 2), -(-(IMAGE_SIZE - columns) // 2)  # as the dataset centres
        inside = (slice(top, top + rows), slice(left, left + columns))

        def small(values: Plane) -> Plane:
            frame = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.float32)
            frame[inside] = cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA)
            return frame

        weight = mask.astype(np.float32)
        cover = small(weight)
        garment = cover > 0
        light = np.where(garment, small(lightness * weight) / np.maximum(cover, 1e-6), 0).astype(np.float32)
        chroma = _predict(model, light[None], garment[None], colour)[0]

        def mean(values: NDArray[np.floating]) -> Plane:
            """Over the garment's cells in a window."""
            size = (2 * _RADIUS + 1, 2 * _RADIUS + 1)
            total = cv2.blur(values * garment, size, borderType=cv2.BORDER_CONSTANT)
            return np.asarray(total / np.maximum(cv2.blur(garment * 1.0, size, borderType=cv2.BORDER_CONSTANT), 1e-6))

        middle = mean(light)
        spread = mean(light * light) - middle * middle + _FLAT
        planes = []
        for plane in (chroma[..., 0], chroma[..., 1]):
            level = mean(plane)
            slope = (mean(light * plane) - middle * level) / spread
            planes += [mean(slope), mean(level - slope * middle)]
        self.lines = np.stack(planes, -1)[inside].astype(np.float32)

    def __call__(self, lightness: Plane, rows: slice) -> Plane:
        """The chroma ``h x w x 2`` of some rows of the box, whose lightness is ``h x w``."""
        # What cv2.resize of the whole would give, for these rows: pixels' centres are half a pixel in.
        y = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) * len(self.lines) / self.height - 0.5
        x = (np.arange(self.width, dtype=np.float32) + 0.5) * self.lines.shape[1] / self.width - 0.5
        xs, ys = np.meshgrid(x, y)
        lines = cv2.remap(self.lines, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        lines = np.asarray(lines).reshape(*lightness.shape, 4)
        return np.stack([lines[..., i] * lightness + lines[..., i + 1] for i in (0, 2)], -1)


class _Chroma(Protocol):
    def __call__(self, lightness: Plane, rows: slice) -> NDArray[np.floating]: ...


def _painted(photo: Pixels, mask: Weights, box: tuple[int, int, int, int], chroma: _Chroma, *, fit: bool) -> Pixels:
    """``fit``: shorten chroma to what the screen shows, instead of clipping channels."""
    top, bottom, left, right = box
    result = photo.copy()
    step = max(1, _STRIP // (right - left))
    for start in range(top, bottom, step):
        stop = min(start + step, bottom)
        part, weight = photo[start:stop, left:right], mask[start:stop, left:right, None].astype(np.float32)
        lab = np.asarray(cv2.cvtColor(part.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), dtype=np.float32)
        wanted = chroma(lab[..., 0], slice(start - top, stop - top))
        wanted = lab[..., 1:] + weight * (wanted - lab[..., 1:])
        coloured = _to_rgb(lab[..., 0], wanted, fit=fit)
        result[start:stop, left:right] = np.where(weight > 0, coloured, part)
    return result


def _to_rgb(lightness: Plane, chroma: NDArray[np.floating], *, fit: bool = True) -> Pixels:
    chroma = np.ascontiguousarray(chroma, dtype=np.float32)
    if fit:
        chroma = limited(torch.from_numpy(np.ascontiguousarray(lightness)), torch.from_numpy(chroma)).numpy()
    rgb = cv2.cvtColor(np.dstack([lightness, chroma]).astype(np.float32), cv2.COLOR_LAB2RGB)
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)


@torch.inference_mode()
def _predict(model: Painter, lightness: Plane, mask: NDArray[np.bool_], colour: RGB | None) -> Plane:
    """Chroma ``N x 28 x 28 x 2`` for ``N x 28 x 28``; float32."""
    wanted = None if colour is None else _lab(colour).expand(len(lightness), 3)
    light, garment = (torch.from_numpy(np.array(plane, dtype=np.float32))[:, None] for plane in (lightness, mask))
    chroma: Plane = model.chroma(light, garment, wanted).permute(0, 2, 3, 1).float().cpu().numpy()
    return chroma


def _lab(colour: RGB) -> Tensor:
    return srgb_to_lab(torch.tensor(colour, dtype=torch.float32) / 255)


def _lightness(photo: Pixels) -> Plane:
    return np.asarray(cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0], dtype=np.float32)


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _check(photo: Pixels, mask: Weights) -> None:
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
        raise ValueError(f"expected a uint8 photo H x W x 3, not {photo.dtype} {photo.shape}")
    if mask.shape != photo.shape[:2]:
        raise ValueError(f"the mask is {mask.shape}, the photo {photo.shape[:2]}")
