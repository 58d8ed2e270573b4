"""Rendering: what must stay stays, what must change changes, at any size."""

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity

from einstyle_core import images
from einstyle_core.colorizer.palettes import class_colour, parse_hex
from einstyle_core.colorizer.render import (
    VISIONS,
    as_item,
    colorize,
    colorize_item,
    colorize_items,
    colour_blind,
    difference,
    inferred_colour,
    matte,
    prepare,
    tint,
)
from einstyle_core.errors import UnknownNameError
from tests import pictures
from tests.colorizer.painters import Knows

TEAL = parse_hex("#138a8a")


def shirt(height=180, width=130, seed=0):
    """A patterned garment on a busy coloured ground, and its mask."""
    rng = np.random.default_rng(seed)
    photo = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = np.zeros((height, width), np.float32)
    mask[height // 6 : -height // 6, width // 5 : -width // 5] = 1
    y, x = np.mgrid[:height, :width]
    cloth = 130 + 60 * np.sin(x / 9) + 40 * np.cos(y / 23)
    photo[mask > 0] = np.clip(cloth[..., None] + np.array([20, 0, -15]), 0, 255).astype(np.uint8)[mask > 0]
    return photo, mask


def item():
    """A bag on black, with a gradient."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels[8:24, 3:26] = np.linspace(40, 230, 23).astype(np.uint8)
    return pixels


@pytest.mark.parametrize("paint", [lambda p, m: colorize(Knows(), p, m, TEAL), lambda p, m: tint(p, m, TEAL)])
@pytest.mark.parametrize("shape", [(180, 130), (37, 300), (28, 28), (5, 3)])
def test_the_background_is_untouched_byte_for_byte(paint, shape):
    photo, mask = shirt(*shape)
    mask[shape[0] // 2] *= 0.5
    before = photo.copy()
    coloured = paint(photo, mask)
    assert coloured.dtype == np.uint8
    assert np.array_equal(photo, before)
    assert np.array_equal(coloured[mask == 0], photo[mask == 0])
    assert not np.array_equal(coloured, photo)


def test_lightness_and_so_prints_and_shading_are_kept():
    photo, mask = shirt()
    coloured = colorize(Knows(), photo, mask, TEAL)
    before, after = rgb2lab(photo)[..., 0], rgb2lab(coloured)[..., 0]
    assert np.abs(before - after).max() < 1.5
    assert structural_similarity(before, after, data_range=100) > 0.999


def test_chroma_is_the_predicted_one_at_full_resolution():
    """The rule is a function of lightness, so the lifted chroma can be compared with it at every pixel."""
    photo, mask = shirt(600, 400)
    coloured = rgb2lab(colorize(Knows(), photo, mask, TEAL))
    inside = cv2.erode(mask, np.ones((9, 9))) > 0
    expected = rgb2lab(np.full((1, 1, 3), TEAL, np.uint8))[0, 0]
    hue = np.arctan2(coloured[inside][:, 2], coloured[inside][:, 1])
    assert np.abs(np.rad2deg(hue - np.arctan2(expected[2], expected[1]))).max() < 15
    assert np.median(np.hypot(*coloured[inside][:, 1:].T)) == pytest.approx(np.hypot(*expected[1:]), rel=0.15)


def test_chroma_follows_the_photos_own_edges():
    """A black print on a pale shirt: chroma falls with it, within a pixel, though it is predicted at 28 x 28."""
    photo = np.full((560, 420, 3), 200, np.uint8)
    photo[200:360, 150:270] = 4
    coloured = rgb2lab(colorize(Knows(), photo, np.ones(photo.shape[:2]), parse_hex("#d62728")))
    chroma = np.hypot(coloured[..., 1], coloured[..., 2])
    assert chroma[280, 152:268].max() < 8
    assert chroma[280, :148].min() > 20


def test_a_large_photo_is_painted_in_strips_without_seams():
    gradient = np.tile(np.linspace(60, 200, 1200).astype(np.uint8)[:, None], (1, 1100))
    coloured = colorize(Knows(), np.dstack([gradient] * 3), np.ones(gradient.shape), TEAL)  # more than one strip
    assert np.abs(np.diff(coloured[:, 550].astype(int), axis=0)).max() <= 2


def test_half_a_mask_is_half_way():
    photo = np.full((40, 40, 3), 128, np.uint8)
    full, half = (rgb2lab(colorize(Knows(), photo, np.full((40, 40), m), TEAL))[20, 20] for m in (1.0, 0.5))
    assert half[1:] == pytest.approx(full[1:] / 2, abs=0.6)


def test_all_black_stays_black_and_no_mask_changes_nothing():
    black = np.zeros((50, 60, 3), np.uint8)
    assert colorize(Knows(), black, np.ones((50, 60)), TEAL).max() <= 1
    assert colorize(Knows(), black, np.ones((50, 60))).max() <= 1
    photo, mask = shirt()
    assert np.array_equal(colorize(Knows(), photo, mask * 0, TEAL), photo)
    assert np.array_equal(tint(photo, mask * 0, TEAL), photo)
    assert not colorize_item(Knows(), np.zeros((28, 28), np.uint8)).any()


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (90, 70)])
def test_masks_of_one_pixel(size):
    photo = np.full((*size, 3), 150, np.uint8)
    mask = np.zeros(size)
    mask[size[0] // 2, size[1] // 2] = 1
    for colour in (TEAL, None):
        coloured = colorize(Knows(), photo, mask, colour)
        changed = (coloured != photo).any(axis=2)
        assert np.array_equal(changed, mask > 0)


def test_a_bool_mask_is_a_mask():
    photo, mask = shirt()
    assert np.array_equal(colorize(Knows(), photo, mask > 0, TEAL), colorize(Knows(), photo, mask, TEAL))


def test_wrong_shapes_are_told():
    photo, mask = shirt()
    with pytest.raises(ValueError, match="the mask is"):
        colorize(Knows(), photo, mask[1:], TEAL)
    with pytest.raises(ValueError, match="uint8 photo"):
        tint(photo[..., 0], mask, TEAL)
    with pytest.raises(ValueError, match="28 x 28"):
        colorize_item(Knows(), np.zeros((32, 32), np.uint8), TEAL)


def test_an_item_keeps_its_black_ground_and_its_lightness():
    pixels = item()
    coloured = colorize_item(Knows(), pixels, TEAL)
    assert coloured.shape == (28, 28, 3)
    assert not coloured[pixels == 0].any()
    gray = rgb2lab(np.dstack([pixels] * 3))[..., 0]
    assert np.abs(rgb2lab(coloured)[..., 0] - gray).max() < 1
    assert np.array_equal(colorize_items(Knows(), np.stack([pixels, pixels.T]), TEAL)[0], coloured)


@pytest.mark.parametrize("label", range(10))
def test_told_no_colour_the_models_own_is_taken(label):
    assert inferred_colour(Knows(label), item()) == class_colour(label)
    photo, mask = shirt()
    assert np.array_equal(colorize(Knows(label), photo, mask), colorize(Knows(label), photo, mask, class_colour(label)))


def test_as_item_shows_what_the_dataset_would():
    photo = np.full((200, 300, 3), 255, np.uint8)
    mask = np.zeros((200, 300))
    mask[50:150, 100:140] = 1
    shown = as_item(photo, mask)
    assert shown.shape == (28, 28)
    assert (shown > 0).any(axis=1).all()
    assert (shown > 0).any(axis=0).sum() in (11, 12)


def test_plain_tint_is_one_chroma():
    photo = np.full((30, 30, 3), 140, np.uint8)
    lab = rgb2lab(tint(photo, np.ones((30, 30)), TEAL))[3, 3]
    assert lab[1:] == pytest.approx(rgb2lab(np.full((1, 1, 3), TEAL, np.uint8))[0, 0, 1:], abs=0.7)
    assert lab[0] == pytest.approx(rgb2lab(photo)[0, 0, 0], abs=0.5)


def test_difference_is_scikit_images_over_the_garment():
    a, mask = shirt(60, 50)
    b = colorize(Knows(), a, mask, TEAL)
    expected = deltaE_ciede2000(rgb2lab(a), rgb2lab(b))
    assert difference(a, b, mask) == pytest.approx(expected[mask > 0].mean(), abs=1e-6)
    assert difference(a, b) == pytest.approx(expected.mean(), abs=1e-6)
    assert difference(a, a, mask) == 0
    assert difference(a, b, mask * 0) == 0
    large = np.tile(a, (12, 12, 1)), np.tile(b, (12, 12, 1))
    assert difference(*large) == pytest.approx(expected.mean(), rel=0.02)
    with pytest.raises(ValueError, match="one size"):
        difference(a, b[1:])


def test_colour_blind_views():
    gray = np.full((4, 4, 3), 120, np.uint8)
    red, green = (np.full((4, 4, 3), colour, np.uint8) for colour in ((200, 60, 40), (110, 130, 30)))
    for kind in VISIONS:
        assert np.abs(colour_blind(gray, kind).astype(int) - gray).max() <= 2
    apart = difference(red, green)
    assert difference(colour_blind(red, "deutan"), colour_blind(green, "deutan")) < apart / 2
    assert difference(colour_blind(red, "protan"), colour_blind(green, "protan")) < apart
    assert difference(colour_blind(red, "tritan"), colour_blind(green, "tritan")) > apart / 2
    with pytest.raises(UnknownNameError, match="protan, deutan, tritan"):
        colour_blind(gray, "purple")


def test_a_mask_is_outlined_along_the_photos_edge():
    photo = np.full((400, 400, 3), 230, np.uint8)
    true = np.zeros((400, 400), bool)
    cv2.circle(canvas := np.zeros((400, 400), np.uint8), (200, 200), 120, 1, -1)
    true = canvas > 0
    photo[true] = 40
    coarse = cv2.resize(canvas, (50, 50), interpolation=cv2.INTER_AREA) > 0
    fine = matte(photo, coarse)
    enlarged = cv2.resize(coarse.astype(np.float32), (400, 400))
    assert (fine.dtype, fine.min(), fine.max()) == (np.float32, 0, 1)
    assert np.abs(fine - true).mean() < np.abs(enlarged - true).mean() / 2
    assert np.array_equal(matte(photo, true), true.astype(np.float32))


def decoded(data: bytes) -> Image.Image:
    return images.decode(data, "x")


def test_a_transparent_picture_keeps_its_transparency():
    pixels = np.zeros((90, 60, 4), np.uint8)
    pixels[20:70, 10:50] = (120, 130, 140, 255)
    pixels[20:70, 10:12, 3] = 100
    canvas = prepare(decoded(pictures.saved(Image.fromarray(pixels), "PNG")))
    coloured = canvas.picture(colorize(Knows(), canvas.photo, canvas.mask, TEAL))
    assert (coloured.mode, coloured.size) == ("RGBA", (60, 90))
    assert np.array_equal(np.asarray(coloured)[..., 3], pixels[..., 3])
    assert np.array_equal(np.asarray(coloured)[pixels[..., 3] == 0], pixels[pixels[..., 3] == 0])
    assert (np.asarray(coloured)[30:60, 20:40] != pixels[30:60, 20:40]).any()


def test_a_sixteen_bit_picture():
    rows = b"".join(b"\x00" + bytes([0xB0, 0x12]) * 40 for _ in range(40))
    canvas = prepare(decoded(pictures.png(40, 40, 16, pictures.GRAY, rows)))
    assert canvas.photo.shape == (40, 40, 3)
    assert (canvas.photo == 0xB0).all()
    coloured = colorize(Knows(), canvas.photo, canvas.mask, TEAL)
    assert np.asarray(canvas.picture(coloured)).shape == (40, 40, 3)


@pytest.mark.photos
def test_real_photographs(photos):
    for path in photos[40::500]:
        canvas = prepare(decoded(path.read_bytes()))
        assert canvas.mask.shape == canvas.photo.shape[:2]
        coloured = colorize(Knows(), canvas.photo, canvas.mask, TEAL)
        assert np.array_equal(coloured[canvas.mask == 0], canvas.photo[canvas.mask == 0])
        assert np.abs(rgb2lab(coloured)[..., 0] - rgb2lab(canvas.photo)[..., 0]).max() < 2
        assert difference(coloured, canvas.photo, canvas.mask) > 5
        assert inferred_colour(Knows(7), canvas.item) == class_colour(7)
