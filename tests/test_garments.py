"""From a picture to the dataset's manner: what must stay as it is, what must be found, and that nothing breaks it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from einstyle_core import data, garments, images
from einstyle_core.garments import WORKING_SIZE, Garment, find_garment
from tests.pictures import saved

# Outlines of a 170 x 148 shirt with short sleeves, clockwise from the left shoulder.
_TOP = [(60, 30), (85, 22), (100, 28), (115, 22), (140, 30)]
_RIGHT, _LEFT = [(185, 75), (165, 95), (145, 75), (145, 170)], [(55, 170), (55, 75), (35, 95), (15, 75)]
SHIRT = np.array([*_TOP, *_RIGHT, *_LEFT], dtype=np.int32)


def shirt_mask() -> np.ndarray:
    return cv2.fillPoly(np.zeros((200, 200), np.uint8), [SHIRT], (1,)).astype(bool)


def scene(
    background: np.ndarray | tuple[int, int, int], shirt: tuple[int, int, int], noise: float = 3.0
) -> Image.Image:
    """A shirt with folds on some ground, 200 x 200, with a camera's noise."""
    picture = np.zeros((200, 200, 3)) + np.asarray(background, dtype=float)
    folds = 12 * np.sin(np.arange(200) / 9)[None, :, None]
    picture = np.where(shirt_mask()[..., None], np.asarray(shirt, dtype=float) + folds, picture)
    picture += np.random.default_rng(0).normal(0, noise, picture.shape)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def overlap(found: np.ndarray, true: np.ndarray) -> float:
    """Intersection over union."""
    return float((found & true).sum() / (found | true).sum())


def planks() -> np.ndarray:
    stripes = 150 + 25 * (np.arange(200) // 20 % 2) + np.random.default_rng(1).normal(0, 8, (200, 200))
    return stripes[..., None] * np.array([1.0, 0.75, 0.5])


def check_invariants(garment: Garment) -> None:
    width, height = garment.original.size
    assert max(width, height) <= garments.WORKING_SIZE
    assert garment.mask.shape == (height, width)
    assert garment.mask.dtype == bool
    assert garment.mask.any()
    assert garment.cutout.mode == "RGBA"
    assert np.array_equal(np.asarray(garment.cutout.getchannel("A")) == 255, garment.mask)
    assert 0 <= garment.quality <= 1
    assert list(garment.candidates) == ["as is", "inverted", "background removed", "tones stretched"]
    for candidate in garment.candidates.values():
        assert candidate.shape == (28, 28)
        assert candidate.dtype == np.uint8
    assert np.array_equal(garment.image28, garment.candidates[garment.chosen])
    assert all(note.endswith(".") for note in garment.notes)


# -- the dataset's own pictures --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def training_images() -> np.ndarray:
    return data.load("train").images[:1000, 0].numpy()


@pytest.mark.data
@pytest.mark.parametrize(("count", "scale"), [(1000, 1), (200, 10)])
@pytest.mark.parametrize("inverted", [False, True])
def test_training_images_come_through_identical(
    training_images: np.ndarray, inverted: bool, count: int, scale: int
) -> None:
    identical = 0
    for image in training_images[:count]:
        sent = (255 - image if inverted else image).repeat(scale, axis=0).repeat(scale, axis=1)
        found = find_garment(images.decode(images.png_bytes(sent)))
        assert found.chosen == ("inverted" if inverted else "as is")
        identical += np.array_equal(found.image28, image)
    assert identical == count


@pytest.mark.parametrize("factor", [2, 10, 20])
def test_the_darkest_tones_of_an_enlarged_picture_are_garment(factor: int) -> None:
    pixels = np.zeros((28, 28), np.uint8)
    pixels[:, 6:22] = 200
    pixels[10:18, 8:14] = 3  # a black print, in the dataset's negated tones
    enlarged = Image.fromarray(pixels.repeat(factor, axis=0).repeat(factor, axis=1)).convert("RGB")
    found = find_garment(enlarged)
    size = len(found.mask) // 28
    assert len(found.mask) <= WORKING_SIZE
    assert (found.mask == (pixels > 0).repeat(size, axis=0).repeat(size, axis=1)).all()
    assert (found.image28 == pixels).all()


@pytest.mark.data
@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
@pytest.mark.parametrize("inverted", [False, True])
def test_enlarged_smoothly_and_compressed_they_are_nearly_the_same(
    training_images: np.ndarray, inverted: bool, format: str
) -> None:
    errors = []
    for image in training_images[:100]:
        enlarged = Image.fromarray(255 - image if inverted else image).resize((300, 300), Image.Resampling.BICUBIC)
        found = find_garment(images.decode(saved(enlarged, format, quality=90)))
        assert found.quality == 1.0
        errors.append(np.abs(found.image28.astype(int) - image).mean())
    assert np.mean(errors) < 8  # of 255


@pytest.mark.data
def test_on_a_wider_black_ground_they_are_framed_again(training_images: np.ndarray) -> None:
    alike = []
    for image in training_images[:50]:
        wide = np.pad(image.repeat(4, axis=0).repeat(4, axis=1), ((20, 40), (60, 10)))
        found = find_garment(Image.fromarray(wide))
        assert found.chosen == "background removed"
        rows, columns = (np.flatnonzero((found.image28 > 0).any(axis=axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) >= 26
        alike.append(np.corrcoef(found.image28.ravel(), image.ravel())[0, 1])
    assert np.mean(alike) > 0.95


# -- photographs -----------------------------------------------------------------------------------------------------


SCENES = {
    "plain": ((200, 190, 180), (60, 60, 140)),
    "coloured": ((150, 30, 40), (220, 220, 210)),
    "planks": (planks(), (40, 90, 60)),
    "dark ground": ((25, 25, 30), (190, 60, 70)),
    "pure white ground": ((255, 255, 255), (200, 40, 90)),
    "white shirt on white": ((250, 250, 250), (222, 224, 228)),
    "gradient": (np.linspace(120, 230, 200)[:, None, None] * np.ones(3), (120, 20, 30)),
}


@pytest.mark.parametrize("kind", SCENES)
def test_a_shirt_is_found_on(kind: str) -> None:
    found = find_garment(scene(*SCENES[kind]))
    check_invariants(found)
    assert found.chosen == "tones stretched"
    assert overlap(found.mask, shirt_mask()) > 0.93
    assert 0 < found.quality <= 1
    assert found.notes == ()


def test_quality_is_lower_where_the_colours_are_alike() -> None:
    alike, unlike = (find_garment(scene(*SCENES[kind])).quality for kind in ("white shirt on white", "coloured"))
    assert alike < 0.5
    assert unlike > 0.9


def test_a_garment_is_framed_as_the_dataset_frames_it() -> None:
    found = find_garment(scene((200, 190, 180), (60, 60, 140)))
    shown = found.image28 > 0
    columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
    assert (columns[0], columns[-1]) == (0, 27)  # the sleeves are the longest side: 170 of 200, 148 high
    assert abs(len(rows) - 28 * 148 / 170) <= 1
    assert 0 <= rows[0] - (27 - rows[-1]) <= 1  # an odd row goes to the top


def test_tones_are_negated_and_stretched() -> None:
    dark = find_garment(scene((200, 190, 180), (40, 40, 40)))
    white = find_garment(scene((60, 60, 90), (235, 235, 235)))
    removed = "background removed"
    assert np.median(dark.candidates[removed][dark.image28 > 0]) > 200
    assert np.median(white.candidates[removed][white.image28 > 0]) < 40
    half = np.zeros((4, 100), np.uint8)
    half[:, 50:] = 200  # garment of two tones, 0 and 200, so these are its percentiles
    assert np.unique(garments._stretched(half, np.ones_like(half, bool))).tolist() == [5, 232]
    plain = np.full((4, 4), 90, np.uint8)  # no contrast: in the middle, not stretched to the ends
    assert np.unique(garments._stretched(plain, np.ones_like(plain, bool))).tolist() == [118]


def test_transparency_is_the_mask() -> None:
    picture = scene(planks(), (40, 90, 60)).convert("RGBA")
    mask = shirt_mask()
    picture.putalpha(Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)))
    found = find_garment(images.decode(images.png_bytes(picture)))
    check_invariants(found)
    assert np.array_equal(found.mask, mask)
    assert found.quality == 1.0


def test_transparent_corners_of_a_screenshot_are_no_mask() -> None:
    picture = scene((200, 190, 180), (60, 60, 140)).convert("RGBA")
    alpha = np.full((200, 200), 255, np.uint8)
    alpha[:5, :5] = 0
    picture.putalpha(Image.fromarray(alpha))
    assert overlap(find_garment(picture).mask, shirt_mask()) > 0.93


@pytest.mark.parametrize("border", [(255, 255, 255), (0, 0, 0)])
@pytest.mark.parametrize("margins", [((30, 30), (30, 30)), ((40, 40), (0, 0)), ((0, 0), (25, 60))])
def test_a_scans_border_is_not_the_background(margins: tuple, border: tuple[int, int, int]) -> None:
    photo = np.asarray(scene(planks(), (40, 90, 60)))
    framed = np.stack([np.pad(photo[..., c], margins, constant_values=border[c]) for c in range(3)], axis=-1)
    found = find_garment(Image.fromarray(framed))
    true = Image.fromarray(np.pad(shirt_mask(), margins)).resize(found.original.size)
    assert overlap(found.mask, np.asarray(true)) > 0.9


def test_where_nothing_stands_out_the_whole_picture_is_used_and_said_so() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1, 1, 3), dtype=np.uint8)
    found = find_garment(Image.fromarray(np.broadcast_to(noise, (60, 80, 3)).copy()))
    assert found.quality == 0
    assert found.mask.all()
    assert found.notes == ("No garment stands out from the background: the whole picture is used.",)


def table_with(*colours: tuple[int, int, int], largest: int = 0) -> Image.Image:
    """A row of shirts, one of them a little larger than the others, on a plain table."""
    rng = np.random.default_rng(0)
    picture = np.full((200, 200 * len(colours), 3), (205, 195, 180), dtype=float)
    for place, colour in enumerate(colours):
        side = 180 if place == largest else 150
        shirt = cv2.resize(shirt_mask().astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST).astype(bool)
        top = left = (200 - side) // 2
        cell = picture[top : top + side, 200 * place + left : 200 * place + left + side]
        cell[shirt] = colour
    return Image.fromarray(np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("colours", "largest"),
    [([(60, 60, 140), (30, 110, 60)], 0), ([(150, 40, 40), (30, 40, 130), (20, 90, 60)], 1)],
)
def test_of_several_garments_the_largest_is_taken_and_said_so(
    colours: list[tuple[int, int, int]], largest: int
) -> None:
    found = find_garment(table_with(*colours, largest=largest))
    check_invariants(found)
    (note,) = found.notes
    assert note.startswith("Several garments")
    columns = np.flatnonzero(found.mask.any(axis=0)) / found.mask.shape[1]
    left = largest / len(colours)
    assert left < columns[0] < columns[-1] < left + 1 / len(colours)  # whole, and nothing of the others
    assert np.ptp(columns) > 0.6 / len(colours)


def test_a_pair_is_one_garment() -> None:
    pair = table_with((60, 60, 140), (60, 60, 140))
    found = find_garment(pair)
    assert found.notes == ()
    columns = np.flatnonzero(found.mask.any(axis=0)) / found.mask.shape[1]
    assert columns[0] < 0.3 < 0.7 < columns[-1]


def test_a_photo_of_twenty_pixels_is_answered_with_a_warning() -> None:
    found = find_garment(scene(*SCENES["coloured"]).resize((20, 20)))
    check_invariants(found)
    assert any("20 x 20 pixels" in note for note in found.notes)


def test_a_photo_of_forty_megapixels_is_cut_like_a_small_one() -> None:
    large = images.decode(saved(scene(*SCENES["planks"]).resize((6400, 6400)), "JPEG", quality=80))
    found = find_garment(large)
    assert max(found.original.size) == garments.WORKING_SIZE
    true = np.asarray(Image.fromarray(shirt_mask()).resize(found.original.size))
    assert overlap(found.mask, true) > 0.9


@pytest.mark.parametrize("kind", ["plain", "planks"])
def test_the_same_picture_gives_the_same_garment(kind: str) -> None:
    picture = scene(*SCENES[kind])
    first = find_garment(picture)
    cv2.setRNGSeed(12345)
    find_garment(scene((0, 0, 200), (200, 0, 0)))
    second = find_garment(picture)
    assert np.array_equal(first.mask, second.mask)
    assert np.array_equal(first.image28, second.image28)


def test_the_picture_that_came_in_is_left_alone() -> None:
    picture = scene((200, 190, 180), (60, 60, 140))
    before = picture.tobytes()
    find_garment(picture)
    assert picture.tobytes() == before


# -- anything --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (2, 3), (15, 17), (28, 28), (700, 500)])
def test_constant_pictures_of_every_shape(size: tuple[int, int], mode: str) -> None:
    for value in (0, 255):
        colour = value if mode in ("L", "P", "1") else (value,) * len(mode)
        check_invariants(find_garment(Image.new(mode, size, colour)))


def test_all_transparent_and_of_one_colour_is_empty() -> None:
    found = find_garment(Image.new("RGBA", (50, 40), (200, 10, 10, 0)))
    check_invariants(found)
    assert found.quality == 0
    assert found.notes == ("The picture is wholly transparent, and one colour all over under that.",)


@pytest.mark.parametrize("side", [200, 600])
def test_all_transparent_uses_what_is_hidden(side: int) -> None:
    shown = scene(planks(), (40, 90, 60)).resize((side, side))
    hidden = shown.convert("RGBA")
    hidden.putalpha(0)
    found, same = find_garment(hidden), find_garment(shown)
    assert found.notes == ("The picture is wholly transparent: the colours hidden in it are used.",)
    assert overlap(found.mask, same.mask) == 1
    assert np.array_equal(found.image28, same.image28)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["RGB", "RGBA", "L"]),
    st.sampled_from(["noise", "two tones", "box", "faint"]),
)
def test_every_picture_gives_a_garment(width: int, height: int, seed: int, mode: str, kind: str) -> None:
    rng = np.random.default_rng(seed)
    shape = (height, width, {"RGB": 3, "RGBA": 4, "L": 1}[mode])
    array = rng.integers(0, 256, shape, dtype=np.uint8)
    if kind == "two tones":
        array = np.where(array > rng.integers(0, 256), 255, 0).astype(np.uint8)
    elif kind == "box":
        array[:] = rng.integers(0, 256)
        top, left = rng.integers(0, height), rng.integers(0, width)
        array[top : top + rng.integers(1, 70), left : left + rng.integers(1, 70)] = rng.integers(0, 256)
    elif kind == "faint":
        array = (array % 7 + rng.integers(0, 248)).astype(np.uint8)
    check_invariants(find_garment(Image.fromarray(array.squeeze(2) if mode == "L" else array)))


@pytest.mark.photos
def test_real_photographs(photos: list[Path]) -> None:
    chosen = photos[::100]
    assert len(chosen) >= 30
    found = [find_garment(images.decode(path.read_bytes(), path.name)) for path in chosen]
    for garment in found:
        check_invariants(garment)
    shares = np.array([garment.mask.mean() for garment in found])
    assert (shares < 0.95).mean() > 0.9  # nearly always something was cut away
    assert np.median([garment.quality for garment in found]) > 0.7
