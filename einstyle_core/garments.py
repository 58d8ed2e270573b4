"""A photo of a garment, as Fashion-MNIST would show it.

What the dataset's pictures are like, measured on its 60,000 training images; everything here aims at these figures:

- The garment is gray on black, in **negated** tones (Xiao et al. 2017, section 2: the intensities of the shop's photos
  on white are negated): a white shirt is dark, black trousers are bright.
- The garment's longest side fills the frame: its bounding box is 28 pixels long in 98.3 % of the images, 27 or more
  in 99.97 %.
- The bounding box is centred, to half a pixel in 99.9 %; where an odd pixel is left over it goes to the top and to
  the left (mean margins of trousers: 8.4 left, 7.8 right; of sneakers: 7.4 above, 6.9 below). The centre of mass is
  not what is centred: it varies by 1.1 pixels.
- The brightest pixel is 254 or 255 in every image. Within a garment (pixels above 0) the 2nd percentile is 5.5, the
  median 159 and the 98th percentile 232 on average; its mean tone varies from 70 to 202 (5 % and 95 % of garments).
- More of the frame's edge is near black than near white in every one of the 70,000 images: that tells polarity.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from einstyle_core import images
from einstyle_core.data import IMAGE_SIZE

__all__ = ["LARGEST_SIZE", "WORKING_SIZE", "Garment", "find_garment"]

Pixels: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]
Box: TypeAlias = tuple[int, int, int, int]
Ground: TypeAlias = Literal["black", "white"]

LARGEST_SIZE = 1024
"""The longest side, in pixels, to which pictures of any origin are reduced while they are decoded."""

WORKING_SIZE = 256
"""The longest side, in pixels, of :attr:`Garment.original` and its mask."""

_SEARCH_SIZE = 160  # the longest side at which a garment is searched for: GrabCut's time grows with the area
_SMALLEST_SEARCH = 16  # a shorter side has no edge and middle to compare
_GRAY_CHROMA = 12  # channels that differ by no more look gray, after JPEG too
_NEAR_BLACK, _NEAR_WHITE = 8, 247
_SMALLEST_SHARE, _LARGEST_SHARE = 0.02, 0.95  # of the picture: a mask beyond these is no garment
_WIDEST_GAP = 0.055  # of the longer side: what lies further apart is another garment
_SMALL = 64  # a shorter photo shows no buttons or seams
_LOWEST_TONE, _HIGHEST_TONE = 5, 232  # where the 2nd and the 98th percentile of a photo's garment are put
_OPAQUE = 128  # of 255: what lets more through is not there
_SMALLEST_CONTRAST = 60  # a plain garment's folds are not stretched into a pattern

AS_IS = "as is"
INVERTED = "inverted"
BACKGROUND_REMOVED = "background removed"
TONES_STRETCHED = "tones stretched"

_UNSEEN = "The picture is wholly transparent: the colours hidden in it are used."
_UNSEEN_EMPTY = "The picture is wholly transparent, and one colour all over under that."


@dataclass(frozen=True)
class Garment:
    """What was found in a picture.

    Attributes:
        original: the picture at working size, RGB or RGBA, longest side at most :data:`WORKING_SIZE`.
        cutout: the same with everything but the garment transparent, RGBA.
        mask: bool, ``H x W`` of ``original``: True on the garment, never empty.
        image28: uint8, ``28 x 28``: the garment in the dataset's manner, what a network should see.
        quality: how far the cut can be trusted, in [0, 1]. 1: nothing had to be guessed, as the picture is in the
            dataset's manner or brings its own transparency. 0: no garment stood out and the whole picture is used.
            Between them: the share of colours that the garment does not have in common with its background.
        notes: sentences for the user about what was done or went wrong; often none.
        candidates: every manner that was tried, by name, uint8 ``28 x 28`` each: the whole picture ``as is`` and
            ``inverted``, the garment with its ``background removed``, and that with its ``tones stretched``.
        chosen: the name of the candidate that ``image28`` is.
        negated: the picture's own tones are the dataset's, negated (a garment on black); a photo's are not.
    """

    original: Image.Image
    cutout: Image.Image
    mask: Mask
    image28: Pixels
    quality: float
    notes: tuple[str, ...]
    candidates: Mapping[str, Pixels]
    chosen: str
    negated: bool = False


def find_garment(image: Image.Image) -> Garment:
    """Cut the garment out of a picture and show it as Fashion-MNIST would.

    A picture that is in the dataset's manner already keeps its pixels (28 x 28: every one, also when it was enlarged
    by a whole factor). Otherwise the garment is what transparency leaves, or what stands out from a plain ground, or
    what GrabCut (Rother et al. 2004) finds. The same picture always gives the same result, and every picture gives
    one: see :attr:`Garment.quality`.

    Args:
        image: of any size; ``RGB`` or ``RGBA`` as :func:`einstyle_core.images.decode` gives it, other modes are
            converted.
    """
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    is_unseen = image.mode == "RGBA" and np.asarray(image.getchannel("A")).max() < _OPAQUE
    if is_unseen:
        image = image.convert("RGB")
    drawn = _drawn(image)
    original = images.magnified(drawn, min(image.width, WORKING_SIZE)) if drawn else _at_most(image, WORKING_SIZE)
    rgb = np.asarray(original.convert("RGB"))
    gray = np.asarray(original.convert("L"))
    cut = _cut(original, rgb, gray, is_drawn=drawn is not None)
    if not cut.mask.any():
        cut = replace(cut, mask=np.ones_like(cut.mask), quality=0.0, chosen=AS_IS, note="The picture is empty.")
    if is_unseen:
        cut = replace(cut, note=_UNSEEN if np.ptp(rgb, axis=(0, 1)).any() else _UNSEEN_EMPTY)

    whole = _whole(image)
    # On a black ground the tones are the dataset's already; everywhere else they are a photo's, to be negated.
    tones = gray if cut.ground == "black" else 255 - gray
    candidates = {
        AS_IS: _centred(whole),
        INVERTED: _centred(255 - whole),
        BACKGROUND_REMOVED: _garment_28(tones, cut.mask),
        TONES_STRETCHED: _garment_28(_stretched(tones, cut.mask), cut.mask),
    }
    cutout = original.convert("RGBA")
    cutout.putalpha(Image.fromarray(np.where(cut.mask, 255, 0).astype(np.uint8)))
    return Garment(
        original=original,
        cutout=cutout,
        mask=cut.mask,
        image28=candidates[cut.chosen],
        quality=cut.quality,
        notes=(cut.note,) if cut.note else (),
        candidates=MappingProxyType(candidates),
        chosen=cut.chosen,
        negated=cut.ground == "black",
    )


@dataclass(frozen=True)
class _Cut:
    mask: Mask
    quality: float
    chosen: str
    ground: Ground | None = None
    note: str = ""


def _cut(picture: Image.Image, rgb: Pixels, gray: Pixels, *, is_drawn: bool) -> _Cut:
    """Decide which pixels are the garment, by the surest sign that the picture gives.

    ``is_drawn``: the picture is one of the dataset's size, or such a one in enlarged pixels.
    """
    if picture.mode == "RGBA":
        opaque = np.asarray(picture.getchannel("A")) >= _OPAQUE
        if opaque.mean() < _LARGEST_SHARE:
            return _Cut(opaque, 1.0, TONES_STRETCHED)
    if ground := _plain_ground(rgb, is_drawn):
        return _cut_from_ground(gray, ground, is_drawn)
    found = _search(rgb)
    if found is None:
        note = "No garment stands out from the background: the whole picture is used."
        return _Cut(np.ones_like(gray, dtype=bool), 0.0, TONES_STRETCHED, note=note)
    note = ""
    if not found.alone:
        note = "Several garments seem to lie here: the largest is used. Crop the picture to choose another."
    elif max(rgb.shape[:2]) < _SMALL:
        note = (
            f"The picture is only {rgb.shape[1]} x {rgb.shape[0]} pixels: details that tell garments apart are missing."
        )
    return _Cut(found.mask, found.quality, TONES_STRETCHED, note=note)


def _plain_ground(rgb: Pixels, is_drawn: bool) -> Ground | None:
    """The ground of a gray picture that is mostly black, or mostly white, along its edge; None for any other."""
    if np.ptp(rgb, axis=2).max() > _GRAY_CHROMA:
        return None
    edge = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    black, white = float((edge <= _NEAR_BLACK).mean()), float((edge >= _NEAR_WHITE).mean())
    # In the dataset's own size nothing else is plausible, however much of the edge a bag fills.
    if max(black, white) < 0.5 and not is_drawn:
        return None
    return "white" if white > black else "black"


def _cut_from_ground(gray: Pixels, ground: Ground, is_drawn: bool) -> _Cut:
    tolerance = 0 if is_drawn else _NEAR_BLACK  # smooth enlarging and JPEG leave a haze
    mask = gray > tolerance if ground == "black" else gray < 255 - tolerance
    top, bottom, left, right = _box(mask) if mask.any() else (0, 0, 0, 0)
    # 26 of 28: all but 0.03 % of the dataset fill 27, and enlarging blurs the last pixel.
    framed = gray.shape[0] == gray.shape[1] and max(bottom - top, right - left) >= 26 / 28 * len(gray)
    if framed or is_drawn:
        note = "" if ground == "black" else "The picture was inverted: the networks know garments on black."
        return _Cut(mask, 1.0, AS_IS if ground == "black" else INVERTED, ground, note)
    return _Cut(mask, 1.0, BACKGROUND_REMOVED, ground)


@dataclass(frozen=True)
class _Found:
    mask: Mask
    quality: float  # how well its colours differ from the rest
    alone: bool  # no other garment lies beside it; else the mask is of the largest


def _search(rgb: Pixels) -> _Found | None:
    """The garment that stands out from its background by its colours; None where nothing does."""
    height, width = rgb.shape[:2]
    top, bottom, left, right = _inside_border(rgb)
    photo = rgb[top:bottom, left:right]
    scale = min(1.0, _SEARCH_SIZE / max(photo.shape[:2]))
    size = (max(1, round(photo.shape[1] * scale)), max(1, round(photo.shape[0] * scale)))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if min(size) < _SMALLEST_SEARCH:
        return None
    labels = _prior(small)
    if not (labels == cv2.GC_PR_FGD).any() or np.ptp(small) < _NEAR_BLACK:
        return None
    cv2.setRNGSeed(0)  # GrabCut starts from a k-means whose seed is the thread's
    models = np.zeros((1, 65)), np.zeros((1, 65))  # filled by the call: colour mixtures of ground and garment
    cv2.grabCut(small, labels, (0, 0, 0, 0), *models, 4, cv2.GC_INIT_WITH_MASK)
    bins = _colour_bins(small)
    mask, alone = _largest_garment(_tidied((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)), bins)
    if not _SMALLEST_SHARE < mask.mean() < _LARGEST_SHARE:
        return None
    enlarged = cv2.resize(mask.astype(np.float32), photo.shape[1::-1], interpolation=cv2.INTER_LINEAR) >= 0.5
    whole = np.pad(enlarged, ((top, height - bottom), (left, width - right)))
    return _Found(whole, _separation(bins, mask), alone)


def _inside_border(rgb: Pixels) -> Box:
    """The photo within a scan's border or a letterbox's bars; the whole picture where there is none.

    A border is rows and columns of one colour that end at a straight line all around, which tells it from the ground
    that a garment lies on.
    """
    height, width = rgb.shape[:2]
    differs = np.abs(rgb.astype(np.int16) - rgb[0, 0]).max(axis=2) > _GRAY_CHROMA
    if not differs.any():
        return 0, height, 0, width
    top, bottom, left, right = _box(differs)
    inner = differs[top:bottom, left:right]
    sides = (inner[0], inner[-1], inner[:, 0], inner[:, -1])
    margins = (top, height - bottom, left, width - right)
    straight = all(side.mean() > 0.9 for side, margin in zip(sides, margins, strict=True) if margin)
    return (top, bottom, left, right) if straight and inner.size >= 0.3 * differs.size else (0, height, 0, width)


def _prior(rgb: Pixels) -> Pixels:
    """GrabCut's first labels: colours of the picture's edge against those of its middle, and a taste for the middle."""
    height, width = rgb.shape[:2]
    y = np.abs((np.arange(height) + 0.5) / height * 2 - 1)[:, None]  # 0 in the middle, 1 at the edge
    x = np.abs((np.arange(width) + 0.5) / width * 2 - 1)[None, :]
    outward = np.maximum(x, y)
    bins = _colour_bins(np.asarray(cv2.GaussianBlur(rgb, (0, 0), 1.5), dtype=np.uint8))
    middle = _colour_density(bins, (x / 0.45) ** 2 + (y / 0.6) ** 2 < 1)
    edge = _colour_density(bins, outward > 0.88)
    evidence = np.log(middle / edge)[bins] + 1.2 * (1 - 2 * outward**2)
    labels = np.where(evidence > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[outward > 0.97] = cv2.GC_BGD
    return labels


_LAB_BINS = (16, 32, 32)  # coarse in lightness, so that shadows and folds matter less than colour


def _colour_bins(rgb: Pixels) -> NDArray[np.intp]:
    """For each pixel, which cell of CIELAB its colour falls into."""
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.intp)
    cells = [lab[..., axis] * count // 256 for axis, count in enumerate(_LAB_BINS)]
    return np.ravel_multi_index(tuple(cells), _LAB_BINS)


def _colour_density(bins: NDArray[np.intp], where: Mask) -> NDArray[np.float32]:
    """How common each cell's colour is ``where``, smoothed over its neighbours; sums to a little more than 1."""
    counts = np.bincount(bins[where], minlength=math.prod(_LAB_BINS)).astype(np.float32)
    lightness, red, blue = _LAB_BINS
    along_blue = np.asarray(cv2.GaussianBlur(counts.reshape(lightness * red, blue), (7, 1), 1.0))
    smooth = np.asarray(cv2.GaussianBlur(along_blue.reshape(lightness, red, blue), (7, 7), 1.0), dtype=np.float32)
    return (smooth / smooth.sum() + np.float32(1e-6)).ravel()


def _separation(bins: NDArray[np.intp], mask: Mask) -> float:
    """1 less the overlap of the colours inside and outside the mask, in [0, 1]."""
    overlap = np.minimum(_colour_density(bins, mask), _colour_density(bins, ~mask)).sum()
    return float(np.clip(1 - overlap, 0, 1))


def _tidied(mask: Mask) -> Mask:
    """Without specks and pinholes: the piece nearest to the middle, and others of at least a quarter of its size.

    A quarter keeps both shoes of a pair, and a shirt that a belt cuts in two.
    """
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    smooth = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disc)
    smooth = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, disc)
    count, pieces, stats, centres = cv2.connectedComponentsWithStats(smooth)
    if count < 2:
        return np.zeros_like(mask)
    areas = stats[1:, cv2.CC_STAT_AREA]
    off_centre = np.abs(centres[1:] / np.array(mask.shape[::-1]) - 0.5)
    main = int(np.argmax(areas * (1 - np.hypot(*off_centre.T))))
    kept: Mask = np.isin(pieces, 1 + np.flatnonzero(areas >= 0.25 * areas[main]))
    count, holes, stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    small = 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] < 0.02 * kept.sum())
    return kept | np.isin(holes, small)


def _largest_garment(mask: Mask, bins: NDArray[np.intp]) -> tuple[Mask, bool]:
    """The largest garment of those in the mask, and whether it is the only one.

    Pieces with little ground between them belong together (a belt cuts a dress in two). Two that are apart, but of
    one colour and about one size, are a pair of shoes.
    """
    gap = max(3, round(_WIDEST_GAP * max(mask.shape)))
    bridged = cv2.dilate(mask.astype(np.uint8), np.ones((gap, gap), np.uint8))
    count, groups, _, _ = cv2.connectedComponentsWithStats(bridged)
    garments = sorted((mask & (groups == index) for index in range(1, count)), key=np.count_nonzero, reverse=True)
    if len(garments) < 2:
        return mask, True
    first, second = garments[:2]
    shared = np.minimum(_colour_density(bins, first), _colour_density(bins, second)).sum()
    if len(garments) == 2 and shared > 0.4 and second.sum() > 0.5 * first.sum():
        return mask, True
    return first, False


def _stretched(tones: Pixels, mask: Mask) -> Pixels:
    """Tones such that the garment's 2nd and 98th percentile are where the dataset's garments have theirs."""
    low, high = np.percentile(tones[mask], (2, 98))
    missing = max(0.0, _SMALLEST_CONTRAST - (high - low))
    low, high = low - missing / 2, high + missing / 2
    unit = np.clip((tones.astype(np.float32) - low) / (high - low), 0, 1)
    return np.rint(_LOWEST_TONE + (_HIGHEST_TONE - _LOWEST_TONE) * unit).astype(np.uint8)


def _drawn(image: Image.Image) -> Image.Image | None:
    """The ``28 x 28`` picture that this one is, enlarged in whole pixels or not at all; None for any other.

    A picture of one colour is any other.
    """
    if image.width % IMAGE_SIZE or image.width != image.height:
        return None
    drawn = image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.NEAREST)
    is_plain = drawn.getcolors(1) is not None
    return None if is_plain or images.magnified(drawn, image.width).tobytes() != image.tobytes() else drawn


def _whole(image: Image.Image) -> Pixels:
    """The whole picture in gray, longest side 28; exact where it was enlarged by a whole factor. Transparent is black.

    Taken from the picture as it came, since working size would have blurred such an enlargement.
    """
    return np.asarray(
        images.flattened(image, "black").convert("L").resize(_size_in_28(image.size), Image.Resampling.BOX)
    )


def _garment_28(tones: Pixels, mask: Mask) -> Pixels:
    """The garment alone on black, its bounding box scaled to 28 and centred."""
    top, bottom, left, right = _box(mask)
    garment = np.where(mask, tones, 0)[top:bottom, left:right].astype(np.float32)
    size = _size_in_28((right - left, bottom - top))
    shrinks = max(garment.shape) >= IMAGE_SIZE
    scaled = cv2.resize(garment, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return _centred(np.rint(scaled).astype(np.uint8))


def _size_in_28(size: tuple[int, int]) -> tuple[int, int]:
    scale = IMAGE_SIZE / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _centred(pixels: Pixels) -> Pixels:
    """In the middle of a black 28 x 28, an odd pixel going to the top and to the left as in the dataset."""
    height, width = pixels.shape
    top, left = (IMAGE_SIZE - height + 1) // 2, (IMAGE_SIZE - width + 1) // 2
    return np.pad(pixels, ((top, IMAGE_SIZE - height - top), (left, IMAGE_SIZE - width - left)))


def _box(mask: Mask) -> Box:
    """(top, bottom, left, right) of what is True, ends exclusive."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _at_most(image: Image.Image, side: int) -> Image.Image:
    scale = side / max(image.size)
    if scale >= 1:
        return image.copy()
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
