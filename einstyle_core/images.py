"""Pictures at the edge of the house: untrusted uploads in, crisp PNGs and GIFs out.

:func:`decode` is the only door for bytes that somebody sent. Whatever the bytes are, it gives a whole picture or
raises :class:`~einstyle_core.errors.ImageError`; it never allocates for a picture that it is going to refuse.
Arrays of pixels are uint8 here: gray ``N x H x W``, colour ``N x H x W x 3``; tensors are float32 in [0, 1].
"""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image, ImageChops, ImageSequence
from torch import Tensor

from einstyle_core.errors import ImageError
from einstyle_core.exports import visible

__all__ = [
    "FORMATS",
    "ImageError",
    "Limits",
    "decode",
    "from_uint8",
    "grid",
    "png_bytes",
    "read_gif",
    "to_uint8",
    "write_gif",
]

Pixels: TypeAlias = NDArray[np.uint8]

FORMATS: tuple[str, ...] = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
"""Pillow's names of the formats that are decoded; no other decoder of Pillow's ever sees the bytes."""

_MIB = 1 << 20
_ORIENTATION_TAG = 0x0112
# EXIF 2.3, 4.6.4: what undoes each orientation. 1 is upright; any other number is nonsense and is left alone.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What people send by mistake, told by its first bytes, and what to do about it.
_KNOWN_STRANGERS = (
    (0, b"%PDF", "is a PDF document: export the page, or take a screenshot, as PNG or JPEG"),
    (0, b"PK\x03\x04", "is a ZIP archive or an office document: unpack it and send the pictures"),
    (0, b"II*\x00", "is a TIFF picture: save it as PNG or JPEG"),
    (0, b"MM\x00*", "is a TIFF picture: save it as PNG or JPEG"),
    (0, b"8BPS", "is a Photoshop file: export it as PNG or JPEG"),
    (0, b"\x00\x00\x00\x0cjP  ", "is a JPEG 2000 picture: save it as PNG or JPEG"),
    (0, b"\x00\x00\x00\x0cJXL ", "is a JPEG XL picture: save it as PNG or JPEG"),
    (0, b"\xff\x0a", "is a JPEG XL picture: save it as PNG or JPEG"),
    (0, b"\x00\x00\x01\x00", "is an icon file: save it as PNG"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")


@dataclass(frozen=True)
class Limits:
    """What one upload may cost.

    Attributes:
        max_bytes: the largest file, in bytes.
        max_pixels: the largest picture, width times height; at most what Pillow itself takes for harmless.
        max_files: the most files in one batch.
    """

    max_bytes: int = 20 * _MIB
    max_pixels: int = 50_000_000
    max_files: int = 500

    def __post_init__(self) -> None:
        # Above this Pillow only warns. Below it a picture that would make Pillow warn is one that we refuse, so
        # that no warning filter, which is global to all threads, has to be set.
        pillow_limit = Image.MAX_IMAGE_PIXELS
        if pillow_limit is not None and self.max_pixels > pillow_limit:
            raise ValueError(f"max_pixels must be at most {pillow_limit}, not {self.max_pixels}")

    @property
    def accepted(self) -> str:
        """A sentence that says what may be sent."""
        return (
            f"Accepted are PNG, JPEG, WebP, GIF and BMP pictures of up to {self.max_bytes / _MIB:g} MB "
            f"and {self.max_pixels / 1e6:g} megapixels."
        )


def decode(data: bytes, name: str = "", limits: Limits = Limits(), *, max_side: int | None = None) -> Image.Image:
    """The picture in ``data``: upright, 8 bits a channel, whole, in memory.

    The first frame of an animation; 16-bit gray scaled (not clipped) to 8; palettes, CMYK and 1-bit turned into
    colours; EXIF orientation applied. What the file is is told by its content, never by ``name``.

    Args:
        data: the bytes, of anything.
        name: what the user calls the file, for the error message.
        limits: sizes beyond which a file is refused.
        max_side: where given, a larger picture is reduced to this longest side while it is read, which bounds the
            memory too (a JPEG is reduced in its decoder).

    Returns:
        Mode ``RGBA`` where some pixel is transparent, else ``RGB``.

    Raises:
        ImageError: for everything else, with a sentence that names the file and says what is accepted.
    """
    shown = _shown(name)
    if not data:
        raise ImageError(f"{shown} is empty. {limits.accepted}")
    if len(data) > limits.max_bytes:
        raise ImageError(f"{shown} is too large. {limits.accepted}")
    try:
        return _decode(data, limits, max_side)
    except _RefusedError as refusal:
        raise ImageError(f"{shown} {refusal}. {limits.accepted}") from refusal.__cause__
    except Exception as error:  # decoders raise nearly every built-in error on bytes made to break them
        raise ImageError(f"{shown} is damaged and cannot be read as a picture. {limits.accepted}") from error


def to_uint8(images: Tensor) -> Pixels:
    """Pixels to store or show, from a batch in [0, 1]; values outside are clipped, NaN is black.

    Args:
        images: floating, ``N x C x H x W`` with one or three channels, on any device.

    Returns:
        ``N x H x W`` for one channel, ``N x H x W x 3`` for three; ``255 v`` rounded to the nearest, halves to even.

    Raises:
        ValueError: another shape.
    """
    if images.dim() != 4 or images.shape[1] not in (1, 3):
        raise ValueError(f"expected N x 1 x H x W or N x 3 x H x W, not {tuple(images.shape)}")
    scaled = images.detach().float().nan_to_num(nan=0.0).clamp(0, 1).mul(255).round().to(torch.uint8).cpu()
    return scaled.squeeze(1).numpy() if images.shape[1] == 1 else scaled.permute(0, 2, 3, 1).contiguous().numpy()


def from_uint8(pixels: Pixels) -> Tensor:
    """The inverse of :func:`to_uint8`, exact: float32 in [0, 1], ``N x C x H x W``.

    Args:
        pixels: uint8, ``H x W`` or ``N x H x W`` gray, or ``N x H x W x 3`` colour.

    Raises:
        ValueError: another shape or type.
    """
    if pixels.dtype != np.uint8:
        raise ValueError(f"expected uint8 pixels, not {pixels.dtype}")
    if pixels.ndim in (2, 3):
        channels_first = pixels.reshape(-1, 1, *pixels.shape[-2:])
    elif pixels.ndim == 4 and pixels.shape[3] == 3:
        channels_first = np.moveaxis(pixels, 3, 1)
    else:
        raise ValueError(f"expected H x W, N x H x W or N x H x W x 3, not {pixels.shape}")
    return torch.from_numpy(np.array(channels_first)).float().div_(255.0)


def grid(pixels: Pixels, columns: int, padding: int = 2, scale: int = 1, background: int = 0) -> Pixels:
    """Images side by side in rows of ``columns``, each pixel enlarged to a crisp ``scale`` x ``scale`` square.

    Args:
        pixels: uint8, ``N x H x W`` or ``N x H x W x 3``, N of at least 1.
        columns: images in a row; the last row may have fewer.
        padding: pixels around and between the images, before scaling.
        scale: whole-number enlargement.
        background: 0 to 255, the tone of the padding and of empty places.

    Returns:
        uint8, ``H' x W'`` or ``H' x W' x 3``.

    Raises:
        ValueError: no image, or a number out of its range.
    """
    if pixels.ndim not in (3, 4) or not len(pixels):
        raise ValueError(f"expected at least one image as N x H x W or N x H x W x 3, not {pixels.shape}")
    if columns < 1 or padding < 0 or scale < 1:
        raise ValueError("columns and scale must be at least 1, padding at least 0")
    count, height, width = pixels.shape[:3]
    columns = min(columns, count)
    rows = -(-count // columns)
    sheet = np.full(
        (rows * (height + padding) + padding, columns * (width + padding) + padding, *pixels.shape[3:]),
        background,
        dtype=np.uint8,
    )
    for index, image in enumerate(pixels):
        top = padding + index // columns * (height + padding)
        left = padding + index % columns * (width + padding)
        sheet[top : top + height, left : left + width] = image
    return sheet.repeat(scale, axis=0).repeat(scale, axis=1)


def flattened(picture: Image.Image, ground: str) -> Image.Image:
    """A picture as mode ``RGB``, on a ground of one colour (a name or ``#rrggbb``) where it is transparent."""
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, ground), picture)
    return picture.convert("RGB")


def magnified(picture: Image.Image, side: int) -> Image.Image:
    """A picture in crisp squares of pixels, as many times as large as fits into ``side`` pixels; never smaller."""
    scale = max(1, side // max(picture.size))
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def png_bytes(picture: Pixels | Image.Image) -> bytes:
    """A PNG file of a picture, or of uint8 pixels ``H x W`` or ``H x W x 3``; lossless."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def write_gif(frames: Pixels, duration_ms: int, *, loop: bool = True) -> bytes:
    """A GIF file with every frame in full, also where two are alike.

    Gray is lossless (a palette of 256 grays). Colour frames have a palette of up to 256 colours each, so a frame
    with more is an approximation.

    Args:
        frames: uint8, ``N x H x W`` or ``N x H x W x 3``, N of at least 1.
        duration_ms: how long each is shown; GIF counts in hundredths of a second, so 10 ms at least, rounded down.
        loop: play for ever rather than once.

    Raises:
        ValueError: no frame, or a duration that GIF cannot say.
    """
    if frames.ndim not in (3, 4) or not len(frames):
        raise ValueError(f"expected at least one frame as N x H x W or N x H x W x 3, not {frames.shape}")
    if not 10 <= duration_ms <= 655_350:
        raise ValueError(f"duration_ms must be from 10 to 655350, not {duration_ms}")
    gray = frames.ndim == 3
    images = (Image.fromarray(frame) for frame in frames)
    paletted = [image.convert("P") if gray else image.quantize(256) for image in images]
    info: dict[str, Any] = {"duration": duration_ms} | ({"loop": 0} if loop else {})
    header, _ = GifImagePlugin.getheader(paletted[0].copy(), info=dict(info))
    # Pillow's own writer drops a frame that equals the one before, and a player that steps by frames would miss it.
    blocks = (
        block
        for image in paletted
        for block in GifImagePlugin.getdata(image, duration=duration_ms, include_color_table=not gray)
    )
    return b"".join((*header, *blocks, b";"))


def read_gif(data: bytes, limits: Limits = Limits()) -> Pixels:
    """All frames of a GIF: ``N x H x W`` where every pixel is gray, else ``N x H x W x 3``.

    Raises:
        ImageError: not a whole GIF, or more pixels in all its frames than ``limits`` allow.
    """
    frames: list[Pixels] = []
    pixels = 0
    try:
        with Image.open(io.BytesIO(data), formats=["GIF"]) as gif:
            for frame in ImageSequence.Iterator(gif):
                pixels += frame.width * frame.height
                if len(data) > limits.max_bytes or pixels > limits.max_pixels:
                    raise ImageError(f"The animation is too large. {limits.accepted}")
                frames.append(np.asarray(frame.convert("RGB")))
        stack = np.stack(frames)
    except ImageError:
        raise
    except Exception as error:  # see decode
        raise ImageError("The file is not a whole GIF animation.") from error
    is_gray = bool((stack == stack[..., :1]).all())
    return stack[..., 0].copy() if is_gray else stack


class _RefusedError(Exception):
    """The rest of a sentence that begins with the file's name."""


def _decode(data: bytes, limits: Limits, max_side: int | None) -> Image.Image:
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.UnidentifiedImageError as error:
        raise _RefusedError(_stranger(data)) from error
    except Image.DecompressionBombError as error:
        raise _RefusedError("has far too many pixels") from error
    with image:
        _refuse_size(image, limits)
        _refuse_half(data, image)
        orientation = _orientation(image)
        image = _eight_bits(image, data)
        if max_side is not None:
            image = _at_most(image, max_side)
        image.load()
        _refuse_size(image, limits)
        picture = _rgb_or_rgba(image)
    return picture.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else picture


def _at_most(image: Image.Image, side: int) -> Image.Image:
    is_unseen = image.mode == "RGBA" and not image.getchannel("A").getbbox()
    if is_unseen:  # resampling would forget what nobody sees
        image = image.convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if is_unseen:
        image.putalpha(0)
    return image


def _refuse_size(image: Image.Image, limits: Limits) -> None:
    if image.width * image.height > limits.max_pixels:
        raise _RefusedError(f"is {image.width} x {image.height} pixels, which is too large")
    if not image.width or not image.height:
        raise _RefusedError("has no pixels")


def _refuse_half(data: bytes, image: Image.Image) -> None:
    """Refuse files that end early in ways that Pillow fills up with black."""
    if image.format == "PNG" and not _png_is_whole(data):
        raise _RefusedError("is incomplete: part of the picture is missing")
    if image.format == "WEBP" and len(data) < int.from_bytes(data[4:8], "little") + 8:
        raise _RefusedError("is incomplete: part of the picture is missing")


def _png_is_whole(data: bytes) -> bool:
    """True where the compressed rows of a PNG are as many as its header says (PNG specification, 7 and 8.1)."""
    width, height, depth, color_type, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color_type]
    # Adam7: (x start, y start, x step, y step) of the seven reduced images; without it the one image itself.
    adam7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    missing = 0
    for x, y, dx, dy in adam7 if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - x) // dx), -(-(height - y) // dy)
        if columns > 0 and rows > 0:
            missing += rows * (1 + (columns * bits + 7) // 8)
    inflate = zlib.decompressobj()
    position = 8
    while missing > 0 and position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        pending = data[position + 8 : position + 8 + length] if kind == b"IDAT" else b""
        while pending and missing > 0:
            missing -= len(inflate.decompress(pending, _MIB))
            pending = inflate.unconsumed_tail
        position += length + 12
    return missing <= 0


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # a broken EXIF block is no reason to refuse a good picture
        return 1


def _eight_bits(image: Image.Image, data: bytes) -> Image.Image:
    """The same picture in a mode that can be resampled; a JPEG stays undecoded, so that its decoder can reduce it."""
    if image.format == "PNG" and "transparency" in image.info and image.mode in ("1", "L", "RGB", "I;16", "I"):
        return _with_color_key(image, depth=data[24])
    if image.mode in ("I;16", "I"):
        return Image.fromarray(_high_bytes(np.asarray(image)))
    if image.mode in ("L", "RGB", "RGBA", "CMYK") and "transparency" not in image.info:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _high_bytes(values: NDArray[Any]) -> Pixels:
    """16-bit samples to 8 as Pillow does for colour: the high byte, so 65535 is 255 and 32768 is 128."""
    return (np.clip(values, 0, 65_535) >> 8).astype(np.uint8)


def _with_color_key(image: Image.Image, depth: int) -> Image.Image:
    """Gray or colour in which one value stands for "transparent" (PNG's tRNS), with an alpha channel instead.

    Pillow compares that value at the file's depth with samples that it has already brought to 8 bits.
    """
    key = image.info.pop("transparency")
    if image.mode in ("I;16", "I"):
        values = np.asarray(image)
        gray = Image.fromarray(_high_bytes(values)).convert("RGB")
        gray.putalpha(Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8)))
        return gray
    samples = (key,) * 3 if isinstance(key, int) else key
    wanted = tuple(int(sample) >> 8 if depth == 16 else int(sample) * 255 // ((1 << depth) - 1) for sample in samples)
    picture = image.convert("RGB")
    difference = ImageChops.difference(picture, Image.new("RGB", picture.size, wanted))
    red, green, blue = difference.split()
    picture.putalpha(ImageChops.lighter(ImageChops.lighter(red, green), blue).point(lambda value: 255 if value else 0))
    return picture


def _rgb_or_rgba(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    is_transparent = np.asarray(image.getchannel("A")).min() < 255
    return image.copy() if is_transparent else image.convert("RGB")


def _stranger(data: bytes) -> str:
    """What a file that is no accepted picture seems to be, and what to do."""
    if data[4:8] == b"ftyp":
        if data[8:12] in _HEIF_BRANDS:
            return (
                "is a HEIC photo: save or share it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"
            )
        return (
            "is an AVIF picture: save it as PNG or JPEG" if data[8:12] in _AVIF_BRANDS else "is a video, not a picture"
        )
    for offset, magic, sentence in _KNOWN_STRANGERS:
        if data.startswith(magic, offset):
            return sentence
    start = data[:1024].lower()
    if b"<svg" in start:
        return "is an SVG drawing: export it as PNG"
    if b"<html" in start or b"<!doctype html" in start:
        return "is a web page, not a picture: save the picture itself"
    if b"\x00" not in start and not _is_binary(start):
        return "is a text file, not a picture"
    return "is not a picture that can be read, whatever its name says"


def _is_binary(start: bytes) -> bool:
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return error.start < len(start) - 4  # a character cut in two by the sample's end is still text
    return any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in start)


def _shown(name: str) -> str:
    """A file's name fit for a sentence: one line, no control characters, not too long."""
    clean = visible(name).strip()
    if not clean:
        return "The file"
    return clean if len(clean) <= 80 else f"{clean[:50]}…{clean[-25:]}"
