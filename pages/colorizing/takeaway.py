"""What leaves the page: pictures at full resolution, the colourway sheet, everything with a manifest."""

import csv
import io
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from einstyle_core import checkpoints, images
from einstyle_core.colorizer.palettes import RGB, to_hex
from einstyle_core.colorizer.render import Canvas
from einstyle_core.exports import safe_name
from pages.colorizing import verdicts
from pages.colorizing.brushes import NETWORK, Brush, coloured, paint
from pages.colorizing.subject import PREVIEW_SIDE, TILE_SIDE, Subject, enlarged, is_pixel_art
from pages.shared.compute import slot

SHEET_TILE = 480
_COLUMNS, _MARGIN, _LABEL = 5, 36, 64  # pixels
_PAPER, _INK, _RING = "#ffffff", "#2b2527", "#b8b0a8"
_ENLARGED = 896  # the dataset's 28 pixels, 32 times

# A large photo takes gigabytes while it is coloured: one at a time, whoever asks.
_one_by_one = threading.Lock()


@dataclass(frozen=True)
class Pair:
    """What A and B are.

    Attributes:
        subject: the picture.
        a: the colour of A.
        b: the colour of B.
        brush: what colours.
    """

    subject: Subject
    a: RGB
    b: RGB
    brush: Brush


def stem(subject: Subject) -> str:
    """What the names of its files begin with."""
    return PurePosixPath(safe_name(subject.name, "garment")).stem.replace(" ", "-")


def file_name(subject: Subject, colour: RGB, suffix: str = ".png") -> str:
    """``"dress-9a3b3b.png"``."""
    return f"{stem(subject)}-{to_hex(colour)[1:]}{suffix}"


def full_png(subject: Subject, colour: RGB, brush: Brush) -> bytes:
    """The picture in a colour at the size it came in, as a PNG file; 28 x 28 is enlarged in whole pixels.

    Raises:
        CheckpointError: the network is missing or damaged.
        ImageError: the picture has gone.
    """
    with _one_by_one, slot:
        canvas = subject.full()
        return _png(canvas, paint(canvas, colour, brush))


def preview_png(subject: Subject, colour: RGB, brush: Brush) -> bytes:
    """The picture in a colour as the page shows it, as a PNG file; 28 x 28 stays that."""
    canvas = subject.canvas(PREVIEW_SIDE)
    return images.png_bytes(canvas.picture(coloured(subject, PREVIEW_SIDE, colour, brush)))


def sheet(subject: Subject, colours: Sequence[RGB], brush: Brush) -> Image.Image:
    """Every colour of one garment as a grid, each with its hex code: ``RGB``, five in a row, 480 pixels each."""
    canvas = subject.canvas(TILE_SIDE)
    columns = min(_COLUMNS, len(colours))
    rows = -(-len(colours) // columns)
    width, height = columns * (SHEET_TILE + _MARGIN) + _MARGIN, rows * (SHEET_TILE + _LABEL + _MARGIN) + _MARGIN
    page = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=30)
    for place, colour in enumerate(colours):
        left = _MARGIN + place % columns * (SHEET_TILE + _MARGIN)
        top = _MARGIN + place // columns * (SHEET_TILE + _LABEL + _MARGIN)
        tile = _fitted(canvas.picture(coloured(subject, TILE_SIDE, colour, brush)))
        position = (left + (SHEET_TILE - tile.width) // 2, top + (SHEET_TILE - tile.height) // 2)
        page.paste(tile, position, tile if tile.mode == "RGBA" else None)
        middle = top + SHEET_TILE + _LABEL // 2
        draw.ellipse((left, middle - 16, left + 32, middle + 16), fill=to_hex(colour), outline=_RING)
        draw.text((left + 46, middle), to_hex(colour), fill=_INK, font=font, anchor="lm")
    return page


def everything(pair: Pair, colours: Sequence[RGB]) -> bytes:
    """A ZIP: A and B and their plain tints at full resolution, the colourways, the sheet, and ``manifest.csv``.

    Raises:
        CheckpointError: the network is missing or damaged.
        ImageError: the picture has gone.
    """
    subject, start = pair.subject, stem(pair.subject)
    entries: list[_Entry] = []
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        with _one_by_one, slot:
            canvas = subject.full()
            for name, colour in (("a", pair.a), ("b", pair.b)):
                for brush in dict.fromkeys((pair.brush, Brush.TINT)):
                    part = "" if brush is pair.brush else "-plain-tint"
                    content = _png(canvas, paint(canvas, colour, brush))
                    entry = _Entry(f"{start}-{name}-{to_hex(colour)[1:]}{part}.png", name.upper(), colour, brush)
                    archive.writestr(entry.file, content)
                    entries.append(entry)
            del canvas
        for colour in colours:
            entry = _Entry(f"colourways/{file_name(subject, colour)}", "colourway", colour, pair.brush)
            preview = subject.canvas(PREVIEW_SIDE)
            archive.writestr(entry.file, _png(preview, coloured(subject, PREVIEW_SIDE, colour, pair.brush)))
            entries.append(entry)
        archive.writestr(f"{start}-colourways.png", images.png_bytes(sheet(subject, colours, pair.brush)))
        archive.writestr("manifest.csv", _manifest(pair, entries))
    return buffer.getvalue()


@dataclass(frozen=True)
class _Entry:
    file: str
    role: str
    colour: RGB
    brush: Brush


def mean_colour(pixels: NDArray[np.uint8], mask: NDArray[np.floating]) -> RGB:
    """The mean sRGB of the garment: what a colour came out as."""
    weights = mask if mask.any() else np.ones_like(mask)
    red, green, blue = (int(v) for v in np.rint(np.average(pixels.reshape(-1, 3), axis=0, weights=weights.ravel())))
    return red, green, blue


def _manifest(pair: Pair, entries: Sequence[_Entry]) -> bytes:
    """UTF-8 with a byte order mark (spreadsheets need it): one row a picture."""
    canvas = pair.subject.canvas(TILE_SIDE)
    first = coloured(pair.subject, TILE_SIDE, pair.a, pair.brush)
    sound = checkpoints.available()
    weights = sound[NETWORK]["sha256"] if NETWORK in sound else ""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(
        ["file", "role", "hex wanted", "hex on average", "difference from A (CIEDE2000)", "coloured by", "weights"]
    )
    for entry in entries:
        pixels = coloured(pair.subject, TILE_SIDE, entry.colour, entry.brush)
        writer.writerow(
            [
                entry.file,
                entry.role,
                to_hex(entry.colour),
                to_hex(mean_colour(pixels, canvas.mask)),
                f"{verdicts.difference(first, pixels, canvas.mask):.1f}",
                entry.brush.value,
                weights if entry.brush is Brush.NETWORK else "",
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")


def _png(canvas: Canvas, pixels: NDArray[np.uint8]) -> bytes:
    picture = canvas.picture(pixels)
    return images.png_bytes(enlarged(picture, _ENLARGED) if is_pixel_art(canvas) else picture)


def _fitted(picture: Image.Image) -> Image.Image:
    """Within a tile of the sheet; what is smaller is enlarged, the dataset's own size in whole pixels."""
    picture = enlarged(picture, SHEET_TILE)
    scale = SHEET_TILE / max(picture.size)
    if 0.9 < scale <= 1.1 and max(picture.size) <= SHEET_TILE:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)
