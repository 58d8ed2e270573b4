"""The upload door: every accepted format with known pixels, and hundreds of files made to break it."""

import io
import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from PIL import Image, ImageSequence

from einstyle_core import images
from einstyle_core.images import ImageError, Limits, decode
from tests.pictures import GRAY, GRAY_ALPHA, PALETTE, RGB, chunk, png, saved

ORIENTATION_TAG = 0x0112


def pixels(data: bytes, **options: int) -> tuple[str, list[tuple[int, ...]]]:
    image = decode(data, **options)
    array = np.asarray(image)
    return image.mode, [tuple(int(value) for value in pixel) for pixel in array.reshape(-1, array.shape[2])]


# -- formats, pixel by pixel -----------------------------------------------------------------------------------------


def u16(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def trns(content: bytes) -> bytes:
    return chunk(b"tRNS", content)


def opaque(*grays: int) -> tuple[str, list[tuple[int, ...]]]:
    return "RGB", [(gray,) * 3 for gray in grays]


TWO_COLOURS = chunk(b"PLTE", bytes([10, 20, 30, 200, 100, 50]))
PNG_PIXELS = {
    "gray 8": (png(2, 1, 8, GRAY, b"\0\x07\xfe"), opaque(7, 254)),
    "gray 1": (png(2, 1, 1, GRAY, b"\0\x40"), opaque(0, 255)),
    "gray 2": (png(4, 1, 2, GRAY, b"\0\x1b"), opaque(0, 85, 170, 255)),
    "gray 16, scaled and not clipped": (
        png(5, 1, 16, GRAY, b"\0" + u16(0, 255, 256, 32768, 65535)),
        opaque(0, 0, 1, 128, 255),
    ),
    "gray 16 with a transparent value": (
        png(2, 1, 16, GRAY, b"\0" + u16(32768, 32769), trns(u16(32769))),
        ("RGBA", [(128, 128, 128, 255), (128, 128, 128, 0)]),
    ),
    "gray 4 with a transparent value": (
        png(2, 1, 4, GRAY, b"\0\x5f", trns(u16(5))),
        ("RGBA", [(85, 85, 85, 0), (255, 255, 255, 255)]),
    ),
    "gray 1 with white transparent": (
        png(2, 1, 1, GRAY, b"\0\x40", trns(u16(1))),
        ("RGBA", [(0, 0, 0, 255), (255, 255, 255, 0)]),
    ),
    "gray 8 whose transparent value is not used": (png(1, 1, 8, GRAY, b"\0\x07", trns(u16(9))), opaque(7)),
    "colour 8": (png(2, 1, 8, RGB, b"\0\1\2\3\4\5\6"), ("RGB", [(1, 2, 3), (4, 5, 6)])),
    "colour 16": (png(1, 1, 16, RGB, b"\0" + u16(32768, 300, 65535)), ("RGB", [(128, 1, 255)])),
    "colour 8 with a transparent colour": (
        png(2, 1, 8, RGB, b"\0\1\2\3\1\2\4", trns(u16(1, 2, 3))),
        ("RGBA", [(1, 2, 3, 0), (1, 2, 4, 255)]),
    ),
    "palette": (png(2, 1, 1, PALETTE, b"\0\x40", TWO_COLOURS), ("RGB", [(10, 20, 30), (200, 100, 50)])),
    "palette with transparency": (
        png(2, 1, 1, PALETTE, b"\0\x40", TWO_COLOURS, trns(b"\x80\xff")),
        ("RGBA", [(10, 20, 30, 128), (200, 100, 50, 255)]),
    ),
    "gray with alpha": (png(1, 1, 8, GRAY_ALPHA, b"\0\x64\x32"), ("RGBA", [(100, 100, 100, 50)])),
    "gray with alpha that hides nothing": (png(1, 1, 8, GRAY_ALPHA, b"\0\x64\xff"), opaque(100)),
    "interlaced": (png(2, 2, 8, GRAY, b"\0\x01\0\x02\0\x03\x04", interlace=1), opaque(1, 2, 3, 4)),
}


@pytest.mark.parametrize("kind", PNG_PIXELS)
def test_png_of_every_kind(kind: str) -> None:
    data, expected = PNG_PIXELS[kind]
    assert pixels(data) == expected


@pytest.mark.parametrize("format", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_each_format_keeps_a_flat_colour(format: str) -> None:
    options = {"lossless": True} if format == "WEBP" else {"quality": 95} if format == "JPEG" else {}
    image = decode(saved(Image.new("RGB", (16, 9), (200, 30, 90)), format, **options))
    assert (image.mode, image.size) == ("RGB", (16, 9))
    assert np.abs(np.asarray(image).astype(int) - (200, 30, 90)).max() <= (3 if format == "JPEG" else 0)


@pytest.mark.parametrize(
    ("ink", "colour"),
    [((0, 255, 255, 0), (255, 0, 0)), ((0, 0, 0, 0), (255, 255, 255)), ((0, 0, 0, 255), (0, 0, 0))],
)
def test_cmyk_jpeg_has_the_colours_of_print(ink: tuple[int, ...], colour: tuple[int, ...]) -> None:
    data = saved(Image.new("CMYK", (8, 8), ink), "JPEG", quality=95)
    assert b"Adobe" in data  # so its inks are stored inverted
    assert np.abs(np.asarray(decode(data)).astype(int) - colour).max() <= 3


# A picture of 3 x 2 with the corners 1 (top left), 2 (top right), 3 (bottom left): EXIF 2.3 names, for each
# orientation, the visual side that row 0 and column 0 of the stored picture are.
UPRIGHT = np.array([[10, 90, 20], [90, 90, 90], [30, 90, 40]], dtype=np.uint8)[[0, 2]]
STORED = {
    1: UPRIGHT,  # row 0 top, column 0 left
    2: UPRIGHT[:, ::-1],  # top, right
    3: UPRIGHT[::-1, ::-1],  # bottom, right
    4: UPRIGHT[::-1],  # bottom, left
    5: UPRIGHT.T,  # left, top
    6: UPRIGHT[:, ::-1].T,  # right, top
    7: UPRIGHT[::-1, ::-1].T,  # right, bottom
    8: UPRIGHT[::-1].T,  # left, bottom
}


@pytest.mark.parametrize("format", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("orientation", STORED)
def test_exif_orientation_is_undone(orientation: int, format: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    stored = Image.fromarray(STORED[orientation].repeat(16, axis=0).repeat(16, axis=1))
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(stored.convert("RGB"), format, exif=exif, **options)
    upright = np.asarray(decode(data).convert("L"))[8::16, 8::16]
    assert np.abs(upright.astype(int) - UPRIGHT).max() <= 4


@pytest.mark.parametrize("exif", [b"Exif\0\0" + b"\xff" * 60_000, b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0MM"])
def test_broken_exif_does_not_spoil_a_picture(exif: bytes) -> None:
    assert decode(saved(Image.new("RGB", (5, 4)), "JPEG", exif=exif)).size == (5, 4)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_animations_give_their_first_frame(format: str) -> None:
    first, second = Image.new("RGB", (8, 8), (255, 0, 0)), Image.new("RGB", (8, 8), (0, 0, 255))
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(first, format, save_all=True, append_images=[second], duration=50, **options)
    assert np.asarray(decode(data))[3, 3].tolist() == [255, 0, 0]


@pytest.mark.parametrize("size", [(1, 1), (20, 20), (1, 4000), (4000, 1)])
def test_tiny_and_elongated_pictures_are_pictures(size: tuple[int, int]) -> None:
    assert decode(saved(Image.new("RGB", size), "PNG")).size == size


# -- working size ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize(
    ("size", "expected"), [((1000, 500), (256, 128)), ((100, 30), (100, 30)), ((4000, 3), (256, 1))]
)
def test_max_side_reduces_and_never_enlarges(size: tuple[int, int], expected: tuple[int, int], format: str) -> None:
    image = decode(saved(Image.new("RGB", size, (9, 99, 199)), format), max_side=256)
    assert image.size == expected
    assert np.abs(np.asarray(image).astype(int) - (9, 99, 199)).max() <= 4


def test_what_nobody_sees_of_a_picture_outlives_its_reduction() -> None:
    hidden = Image.new("RGBA", (400, 400), (9, 99, 199, 0))
    image = decode(images.png_bytes(hidden), max_side=100)
    assert (image.mode, image.size) == ("RGBA", (100, 100))
    assert image.getcolors() == [(10_000, (9, 99, 199, 0))]


def test_a_large_jpeg_is_reduced_in_its_decoder() -> None:
    data = saved(Image.new("L", (8000, 5000), 128), "JPEG")
    tracemalloc.start()  # Pillow's pixels are not Python's, but any array of ours of full size would show
    image = decode(data, max_side=512)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert image.size == (512, 320)
    assert peak < 5 * len(data) + 4_000_000


def test_transparent_edges_do_not_darken_when_reduced() -> None:
    white = np.zeros((400, 400, 4), np.uint8)
    white[:, 100:300] = 255
    reduced = np.asarray(decode(images.png_bytes(Image.fromarray(white)), max_side=37))
    assert reduced[reduced[..., 3] > 0][:, :3].min() >= 250


# -- refusals --------------------------------------------------------------------------------------------------------


STRANGERS = {
    "a text file": (b"just words, no picture", "text file"),
    "an empty file": (b"", "is empty"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "an iPhone photo": (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
    "AVIF": (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
    "a video": (b"\0\0\0\x20ftypisom\0\0\2\0", "video"),
    "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "a web page": (b"<!DOCTYPE html><html></html>", "web page"),
    "TIFF": (saved(Image.new("L", (4, 4)), "TIFF"), "TIFF"),
    "ICO": (saved(Image.new("L", (16, 16)), "ICO"), "icon"),
    "a ZIP": (b"PK\x03\x04" + bytes(40), "ZIP"),
    "random bytes": (bytes(range(128, 256)), "not a picture"),
}


@pytest.mark.parametrize(("size", "side", "expected"), [((2, 1), 7, (6, 3)), ((2, 3), 9, (6, 9)), ((5, 5), 4, (5, 5))])
def test_a_picture_is_magnified_in_whole_squares(size: tuple[int, int], side: int, expected: tuple[int, int]) -> None:
    picture = Image.effect_noise(size, 80)
    magnified = images.magnified(picture, side)
    assert magnified.size == expected
    scale = expected[0] // size[0]
    np.testing.assert_array_equal(
        np.asarray(magnified), np.kron(np.asarray(picture), np.ones((scale, scale), np.uint8))
    )


@pytest.mark.parametrize("kind", STRANGERS)
def test_what_is_no_picture_is_called_by_its_name(kind: str) -> None:
    data, word = STRANGERS[kind]
    with pytest.raises(ImageError) as caught:
        decode(data, "holiday.png")
    message = str(caught.value)
    assert word in message
    assert message.startswith("holiday.png ")
    assert message.endswith("Accepted are PNG, JPEG, WebP, GIF and BMP pictures of up to 20 MB and 50 megapixels.")


@pytest.mark.parametrize("name", ["", "\x00\x1b[31m", "\u202e"])
def test_a_nameless_file_is_still_named(name: str) -> None:
    with pytest.raises(ImageError, match=r"^(The file|\[31m) is empty"):
        decode(b"", name)


def test_a_long_name_is_shortened_in_messages() -> None:
    with pytest.raises(ImageError) as caught:
        decode(b"", "a" * 500 + "\n" * 50 + ".png")
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("side", [7072, 12_000, 30_000, 2**31 - 1])
@pytest.mark.parametrize("depth", [1, 8])
def test_bombs_are_refused_before_anything_is_allocated(side: int, depth: int) -> None:
    bomb = png(side, side, depth, GRAY, bytes(5000))
    assert len(bomb) < 5000
    tracemalloc.start()
    with pytest.raises(ImageError, match="pixels"):  # and not "incomplete", which is found out later
        decode(bomb)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_the_pixel_limit_is_exact() -> None:
    limits = Limits(max_pixels=100)
    assert decode(saved(Image.new("L", (10, 10)), "PNG"), limits=limits).size == (10, 10)
    with pytest.raises(ImageError, match="101 x 1 pixels"):
        decode(saved(Image.new("L", (101, 1)), "PNG"), limits=limits)


def test_the_byte_limit_is_exact() -> None:
    data = saved(Image.new("L", (10, 10)), "PNG")
    decode(data, limits=Limits(max_bytes=len(data)))
    with pytest.raises(ImageError, match="too large"):
        decode(data, limits=Limits(max_bytes=len(data) - 1))


def test_limits_stay_where_the_decoder_does_not_warn() -> None:
    with pytest.raises(ValueError, match="max_pixels"):
        Limits(max_pixels=10**9)


@pytest.mark.parametrize("interlace", [0, 1])
def test_a_png_that_ends_early_inside_a_sound_stream_is_not_half_a_picture(interlace: int) -> None:
    rows = b"".join(b"\0" + b"\xc8" * 8 for _ in range(4))
    with pytest.raises(ImageError, match="incomplete"):
        decode(png(8, 8, 8, GRAY, rows, interlace=interlace))


def test_compressed_text_and_profiles_do_not_unpack_without_end() -> None:
    zeros = zlib.compress(bytes(200_000_000), 9)
    for extra in (chunk(b"zTXt", b"k\0\0" + zeros), chunk(b"iCCP", b"k\0\0" + zeros)):
        tracemalloc.start()
        outcome(png(1, 1, 8, GRAY, b"\0\0", extra))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20_000_000


# -- files made to break it ------------------------------------------------------------------------------------------


def outcome(data: bytes) -> str:
    """Decode; anything but a sound picture or an ImageError fails the test by escaping."""
    try:
        image = decode(data, "file.png", max_side=64)
    except ImageError:
        return "refused"
    assert image.mode in ("RGB", "RGBA")
    image.tobytes()
    return "picture"


def originals() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (24, 31, 3), dtype=np.uint8))
    faint = noise.convert("RGBA")
    faint.putalpha(100)
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    animated = {"save_all": True, "append_images": [noise.rotate(180)], "duration": 40}
    return {
        "png": saved(noise, "PNG", exif=exif),
        "png16": png(30, 20, 16, GRAY, b"".join(b"\0" + rng.bytes(60) for _ in range(20))),
        "palette": saved(noise.quantize(16), "PNG", transparency=3),
        "jpeg": saved(noise, "JPEG", exif=exif),
        "progressive": saved(noise, "JPEG", progressive=True),
        "cmyk": saved(noise.convert("CMYK"), "JPEG"),
        "webp": saved(noise, "WEBP"),
        "webp-alpha": saved(faint, "WEBP", lossless=True),
        "webp-animated": saved(noise, "WEBP", **animated),
        "gif": saved(noise, "GIF"),
        "gif-animated": saved(noise, "GIF", **animated),
        "bmp": saved(noise, "BMP"),
        "bmp-palette": saved(noise.quantize(16), "BMP"),
    }


ORIGINALS = originals()


@pytest.mark.parametrize("kind", ORIGINALS)
def test_the_originals_are_pictures(kind: str) -> None:
    assert outcome(ORIGINALS[kind]) == "picture"


# Half of the file is half of the picture, whatever the format; a GIF's or WebP's second frame may be cut off.
@pytest.mark.parametrize("kind", [kind for kind in ORIGINALS if kind != "gif-animated"])
def test_truncated_files_are_refused_at_every_length(kind: str) -> None:
    data = ORIGINALS[kind]
    for length in np.linspace(0, len(data) * 0.9, 40).astype(int):
        assert outcome(data[:length]) == "refused", length


def mutations(data: bytes, seed: int) -> Iterator[bytes]:
    rng = np.random.default_rng(seed)
    for _ in range(40):  # a few bytes overwritten
        broken = bytearray(data)
        for position in rng.integers(0, len(data), rng.integers(1, 6)):
            broken[position] = rng.integers(0, 256)
        yield bytes(broken)
    for _ in range(10):  # a piece cut out, doubled, or replaced by ones
        start, stop = sorted(rng.integers(0, len(data), 2))
        yield data[:start] + data[stop:]
        yield data[:stop] + data[start:]
        yield data[:start] + b"\xff" * (stop - start) + data[stop:]
    for header in range(min(40, len(data))):  # each byte of the header at its extreme
        yield data[:header] + b"\xff" + data[header + 1 :]
    for other in ORIGINALS.values():  # one format's beginning on another's body
        yield other[:12] + data[12:]
    yield data + b"trailing bytes"
    yield bytes(len(data))


@pytest.mark.parametrize("kind", ORIGINALS)
def test_mutated_files_give_a_picture_or_a_sentence(kind: str) -> None:
    outcomes = [outcome(data) for data in mutations(ORIGINALS[kind], seed=sum(kind.encode()))]
    assert len(outcomes) > 100
    assert {"picture", "refused"} == set(outcomes)  # the mutations are neither all harmless nor all fatal


MADE_BY_HAND = {
    "zero width": png(0, 5, 8, GRAY, b"\0"),
    "zero height": png(5, 0, 8, GRAY, b"\0"),
    "no data": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)),
    "unknown colour type": png(4, 4, 8, 5, bytes(20)),
    "impossible depth": png(4, 4, 3, GRAY, bytes(20)),
    "palette without a palette": png(4, 1, 8, PALETTE, bytes(5)),
    "header too short": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0\0\0\4"),
    "data before the header": b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", zlib.compress(bytes(20))),
    "GIF without frames": b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0, 0, 0) + b";",
    "GIF of zero size": b"GIF89a" + struct.pack("<HHBBB", 0, 0, 0, 0, 0) + b";",
    "GIF frame far larger than its screen": b"GIF89a"
    + struct.pack("<HHBBB", 1, 1, 0, 0, 0)
    + b","
    + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0)
    + b"\x02\x02\x4c\x01\x00;",
    "BMP of negative size": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, -5, -5, 1, 24, 0, 0, 0, 0, 0, 0),
    "BMP of huge size": b"BM"
    + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0),
    "JPEG of markers only": b"\xff\xd8\xff\xd9",
    "WebP of a header only": b"RIFF\x04\0\0\0WEBP",
    "WebP canvas of 16384 x 16384": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0",
}


@pytest.mark.parametrize("kind", MADE_BY_HAND)
def test_files_made_by_hand_are_refused(kind: str) -> None:
    assert outcome(MADE_BY_HAND[kind]) == "refused"


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF\0\0\0\0WEBP", b"\0\0\0\0ftyp"]
    ),
    st.binary(max_size=300),
)
def test_any_bytes_give_a_picture_or_a_sentence(magic: bytes, rest: bytes) -> None:
    outcome(magic + rest)


@pytest.mark.parametrize("kind", ORIGINALS)
def test_the_name_does_not_decide_what_a_file_is(kind: str) -> None:
    assert decode(ORIGINALS[kind], "report.pdf").tobytes() == decode(ORIGINALS[kind], "x.gif").tobytes()


@pytest.mark.photos
def test_real_photographs_decode(photos: list[Path]) -> None:
    for path in photos[::100]:
        image = decode(path.read_bytes(), path.name)
        assert image.mode == "RGB"
        assert max(image.size) == 192


# -- pixels out ------------------------------------------------------------------------------------------------------


def test_rounding_is_to_the_nearest_with_halves_to_even() -> None:
    values = torch.tensor([-1.0, 0.0, 0.5 / 255, 1.5 / 255, 2.4 / 255, 1.0, 7.0, float("nan")]).reshape(1, 1, 2, 4)
    assert images.to_uint8(values).ravel().tolist() == [0, 0, 0, 2, 2, 255, 255, 0]


@pytest.mark.parametrize("shape", [(256, 1, 1), (4, 8, 8), (2, 5, 7, 3)])
def test_every_byte_survives_the_way_to_tensors_and_back(shape: tuple[int, ...]) -> None:
    array = np.resize(np.arange(256), shape).astype(np.uint8)
    tensor = images.from_uint8(array)
    assert tensor.dtype == torch.float32
    assert tensor.shape[1] == (3 if len(shape) == 4 else 1)
    assert np.array_equal(images.to_uint8(tensor), array)


def test_tensors_of_other_shapes_are_refused() -> None:
    for shape in ((28, 28), (1, 2, 28, 28)):
        with pytest.raises(ValueError, match="N x 1 x H x W"):
            images.to_uint8(torch.zeros(shape))
    with pytest.raises(ValueError, match="uint8"):
        images.from_uint8(np.zeros((2, 2)))  # type: ignore[arg-type]


def test_grid_by_hand() -> None:
    three = np.array([[[1]], [[2]], [[3]]], dtype=np.uint8)
    assert images.grid(three, columns=2, padding=1, background=9).tolist() == [
        [9, 9, 9, 9, 9],
        [9, 1, 9, 2, 9],
        [9, 9, 9, 9, 9],
        [9, 3, 9, 9, 9],
        [9, 9, 9, 9, 9],
    ]
    assert images.grid(three[:2], columns=5, padding=0, scale=2).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]
    assert images.grid(np.zeros((3, 4, 5, 3), np.uint8), columns=2).shape == (2 * 6 + 2, 2 * 7 + 2, 3)
    with pytest.raises(ValueError, match="at least one"):
        images.grid(np.zeros((0, 4, 4), np.uint8), columns=2)


def test_png_is_lossless() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    assert np.array_equal(np.asarray(decode(images.png_bytes(noise)))[..., 0], noise)


@settings(max_examples=40, deadline=None)
@given(st_numpy.arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 12), st.integers(1, 12))), st.booleans())
def test_gray_gifs_are_lossless_with_all_their_frames(frames: np.ndarray, doubled: bool) -> None:
    frames = frames.repeat(2, axis=0) if doubled else frames
    assert np.array_equal(images.read_gif(images.write_gif(frames, 100)), frames)


def test_colour_gifs_of_few_colours_are_lossless() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (4, 12, 12, 3), dtype=np.uint8)
    assert np.array_equal(images.read_gif(images.write_gif(frames, 100)), frames)


@pytest.mark.parametrize("loop", [True, False])
def test_gifs_say_how_they_play(loop: bool) -> None:
    frames = np.zeros((3, 4, 4), np.uint8)
    with Image.open(io.BytesIO(images.write_gif(frames, 120, loop=loop))) as gif:
        assert [frame.info["duration"] for frame in ImageSequence.Iterator(gif)] == [120, 120, 120]
        assert gif.info.get("loop") == (0 if loop else None)


def test_gifs_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="duration_ms"):
        images.write_gif(np.zeros((1, 4, 4), np.uint8), 5)
    with pytest.raises(ValueError, match="at least one frame"):
        images.write_gif(np.zeros((0, 4, 4), np.uint8), 50)
    data = images.write_gif(np.random.default_rng(0).integers(0, 256, (3, 9, 9), dtype=np.uint8), 50)
    for broken in (b"", b"words", data[: len(data) // 2], saved(Image.new("L", (4, 4)), "PNG")):
        with pytest.raises(ImageError):
            images.read_gif(broken)
    with pytest.raises(ImageError, match="too large"):
        images.read_gif(data, Limits(max_pixels=2 * 81))
