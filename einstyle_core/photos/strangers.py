"""Pictures of what is no garment at all, drawn: for teaching the photo model to say so, and for testing it.

Each kind is a function of a random generator. The model learns from :data:`TAUGHT` and is tested on fresh ones of
those and on :data:`UNTAUGHT`, which it never meets in training.
"""

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIDE = 192
"""Longest side of a drawn picture, as the photographs have it."""

_Rng = np.random.Generator


def draw(kind: str, seed: int) -> Image.Image:
    """One picture of a kind, RGB; the same seed draws the same one."""
    return {**TAUGHT, **UNTAUGHT}[kind](np.random.default_rng([seed, *kind.encode()]))


def noise(rng: _Rng) -> Image.Image:
    """Independent pixels, coarse or fine, in colour or gray."""
    cell = int(rng.choice([1, 2, 4, 8, 16]))
    shape = (SIDE // cell, SIDE * 3 // 4 // cell, int(rng.choice([1, 3])))
    values = rng.uniform(0, 255, shape) if rng.random() < 0.5 else rng.normal(rng.uniform(60, 200), 40, shape)
    pixels = np.broadcast_to(np.clip(values, 0, 255), (*shape[:2], 3)).astype(np.uint8)
    return Image.fromarray(pixels).resize((SIDE * 3 // 4, SIDE), Image.Resampling.NEAREST)


def texture(rng: _Rng) -> Image.Image:
    """Stripes, checks, waves or clouds in two colours: carpets, walls, skies."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    angle, waves = rng.uniform(0, np.pi), rng.uniform(1, 18)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    kind = rng.integers(4)
    if kind == 0:
        mix = np.sin(2 * np.pi * waves * along) > rng.uniform(-0.8, 0.8)
    elif kind == 1:
        mix = (np.sin(2 * np.pi * waves * along) > 0) ^ (np.sin(2 * np.pi * waves * across) > 0)
    elif kind == 2:
        mix = 0.5 + 0.5 * np.sin(2 * np.pi * (waves * along + rng.uniform(0, 0.5) * np.sin(9 * across)))
    else:
        mix = _clouds(rng, (SIDE, SIDE))
    return _jittered(rng, _blend(rng, mix.astype(np.float64)))


def shapes(rng: _Rng) -> Image.Image:
    """One to six discs, boxes, triangles and lines."""
    picture = _ground(rng)
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 7))):
        fill, box = _colour(rng), _box(rng, 0.1, 0.6)
        kind = rng.integers(4)
        if kind == 0:
            pen.ellipse(box, fill=fill)
        elif kind == 1:
            pen.rounded_rectangle(box, radius=float(rng.uniform(0, 12)), fill=fill)
        elif kind == 2:
            pen.regular_polygon(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 45), int(rng.integers(3, 7)), fill=fill)
        else:
            pen.line(box, fill=fill, width=int(rng.integers(2, 14)))
    return _jittered(rng, picture)


def thing(rng: _Rng) -> Image.Image:
    """One object of no particular kind: a smooth random outline with a pattern, on some ground."""
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    radius = np.ones_like(angles)
    for wave in range(1, int(rng.integers(2, 8))):
        radius += rng.uniform(0, 0.7) / wave * np.cos(wave * angles + rng.uniform(0, 2 * np.pi))
    radius *= rng.uniform(45, 85) / np.abs(radius).max()
    stretch = np.exp(rng.uniform(-0.6, 0.6))
    outline = np.stack([radius * np.cos(angles) * stretch, radius * np.sin(angles) / stretch], 1) + SIDE / 2
    mask = cv2.fillPoly(np.zeros((SIDE, SIDE), np.uint8), [outline.astype(np.int32)], (255,))
    inside = texture(rng) if rng.random() < 0.5 else _ground(rng)
    return _jittered(
        rng, Image.composite(inside.resize((SIDE, SIDE)), _ground(rng).resize((SIDE, SIDE)), Image.fromarray(mask))
    )


def page(rng: _Rng) -> Image.Image:
    """A page of text, as a scan: dark bars of words on paper."""
    picture = Image.new("RGB", (SIDE * 3 // 4, SIDE), tuple(int(v) for v in rng.integers(225, 256, 3)))
    _words(
        rng, ImageDraw.Draw(picture), (12, 12, SIDE * 3 // 4 - 12, SIDE - 12), tuple(rng.integers(0, 80, 3).tolist())
    )
    return picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.8))))


def chart(rng: _Rng) -> Image.Image:
    """A chart or a table on paper: bars, a line or cells between two axes, with words around."""
    paper = _colour(rng, 215) if rng.random() < 0.8 else _colour(rng)
    picture = Image.new("RGB", (SIDE, int(rng.integers(100, SIDE))), paper)
    pen = ImageDraw.Draw(picture)
    width, height = picture.size
    left, top, right, bottom = int(rng.integers(8, 40)), int(rng.integers(8, 30)), width - 10, height - 22
    ink, kind, count = _colour(rng) if rng.random() < 0.5 else (70, 70, 70), rng.integers(3), int(rng.integers(3, 9))
    across, down = np.linspace(left, right, count + 1), np.linspace(top, bottom, int(rng.integers(3, 8)))
    if kind == 0:
        for x, after in pairwise(across):
            pen.rectangle((x + 2, rng.uniform(top, bottom - 2), max(x + 2, after - 2), bottom), fill=_colour(rng))
    elif kind == 1:
        for _ in range(int(rng.integers(1, 4))):
            heights = rng.uniform(top, bottom, count + 1).tolist()
            pen.line(list(zip(across.tolist(), heights, strict=True)), fill=_colour(rng), width=int(rng.integers(1, 4)))
    else:
        for y, below in pairwise(down):
            for x, after in pairwise(across):
                pen.rectangle((x, y, after, below), fill=_colour(rng, 180), outline=ink)
    for y in down if kind < 2 and rng.random() < 0.7 else ():
        pen.line((left, y, right, y), fill=ink)
    pen.line((left, top, left, bottom, right, bottom), fill=ink, width=int(rng.integers(1, 4)), joint="curve")
    _words(rng, pen, (left, height - 18, right, height - 2), ink)
    return picture if rng.random() < 0.5 else _jittered(rng, picture)


def screenshot(rng: _Rng) -> Image.Image:
    """Windows with title bars, text, buttons and small pictures."""
    picture = Image.new("RGB", (SIDE, int(rng.integers(100, SIDE))), _colour(rng, 200 if rng.random() < 0.7 else 0))
    pen = ImageDraw.Draw(picture)
    width, height = picture.size
    bar = _colour(rng)
    pen.rectangle((0, 0, width, 10), fill=bar)
    if rng.random() < 0.6:
        pen.rectangle((0, 10, int(rng.integers(25, 60)), height), fill=_colour(rng, 120))
    for _ in range(int(rng.integers(1, 4))):
        left, top = int(rng.integers(0, width // 2)), int(rng.integers(14, height // 2))
        right, bottom = left + int(rng.integers(50, 110)), top + int(rng.integers(40, 90))
        pen.rectangle((left, top, right, bottom), fill=_colour(rng, 215), outline=(120, 120, 120))
        pen.rectangle((left, top, right, top + 8), fill=bar)
        _words(rng, pen, (left + 5, top + 13, right - 5, bottom - 16), (60, 60, 60))
        pen.rounded_rectangle((right - 34, bottom - 13, right - 5, bottom - 4), radius=3, fill=_colour(rng))
    return picture


def face(rng: _Rng) -> Image.Image:
    """A drawn face: head, hair, eyes, nose, mouth, sometimes a neck and shoulders."""
    picture = _ground(rng)
    pen = ImageDraw.Draw(picture)
    tone = rng.uniform(0.35, 1)
    skin = tuple(int(v * tone) for v in (250, 210, 175))
    hair, middle, top = _colour(rng), SIDE * 3 // 8 + int(rng.integers(-12, 13)), int(rng.integers(18, 50))
    wide, high = int(rng.integers(30, 48)), int(rng.integers(85, 120))
    if rng.random() < 0.5:
        pen.ellipse((middle - 70, top + high - 4, middle + 70, SIDE + 70), fill=_colour(rng))
        pen.rectangle((middle - 14, top + high - 20, middle + 14, top + high + 12), fill=skin)
    pen.ellipse((middle - wide - 6, top - 10, middle + wide + 6, top + high * 0.75), fill=hair)
    pen.ellipse((middle - wide, top, middle + wide, top + high), fill=skin)
    eyes = top + int(high * 0.42)
    for side in (-1, 1):
        x = middle + side * wide * 0.45
        pen.ellipse((x - 7, eyes - 4, x + 7, eyes + 4), fill=(250, 250, 250))
        pen.ellipse((x - 3, eyes - 3, x + 3, eyes + 3), fill=(40, 40, 40))
        pen.line((x - 8, eyes - 10, x + 8, eyes - 10), fill=hair, width=2)
    pen.line((middle, eyes + 6, middle - 4, eyes + 24, middle + 3, eyes + 25), fill=(120, 80, 60), width=2)
    mouth = top + int(high * 0.78)
    pen.chord((middle - 14, mouth - 7, middle + 14, mouth + 7), 0, 180, fill=(170, 50, 60))
    return _jittered(rng, picture)


TAUGHT: dict[str, Callable[[_Rng], Image.Image]] = {
    kind.__name__: kind for kind in (noise, texture, shapes, thing, page, chart)
}
UNTAUGHT: dict[str, Callable[[_Rng], Image.Image]] = {kind.__name__: kind for kind in (screenshot, face)}


def _colour(rng: _Rng, darkest: int = 0) -> tuple[int, int, int]:
    red, green, blue = rng.integers(darkest, 256, 3).tolist()
    return red, green, blue


def _ground(rng: _Rng) -> Image.Image:
    """A ground to draw on: one colour, sometimes two that run into each other, ``SIDE`` high."""
    size = (SIDE, SIDE * 3 // 4)
    mix = np.linspace(0, 1, SIDE)[:, None] * np.ones(size[1]) if rng.random() < 0.5 else _clouds(rng, size)
    return _blend(rng, mix * rng.uniform(0, 0.6))


def _clouds(rng: _Rng, size: tuple[int, int]) -> NDArray[np.float64]:
    total = np.zeros(size)
    for cells in (2, 4, 8, 16, 32):
        layer = rng.random((cells, cells)).astype(np.float32)
        total += cv2.resize(layer, size[::-1], interpolation=cv2.INTER_CUBIC) / cells
    return (total - total.min()) / (np.ptp(total) + 1e-9)


def _blend(rng: _Rng, mix: NDArray[np.float64]) -> Image.Image:
    first, second = np.array(_colour(rng)), np.array(_colour(rng))
    return Image.fromarray((first + (second - first) * mix[..., None]).astype(np.uint8))


def _box(rng: _Rng, least: float, most: float) -> tuple[int, int, int, int]:
    width, height = (SIDE * rng.uniform(least, most, 2)).astype(int).tolist()
    left, top = int(rng.integers(0, SIDE * 3 // 4 - width // 2)), int(rng.integers(0, SIDE - height // 2))
    return left, top, left + width, top + height


def _words(rng: _Rng, pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], ink: tuple[int, ...]) -> None:
    left, top, right, bottom = box
    pitch = int(rng.integers(5, 10))
    for y in range(top, bottom - pitch, pitch):
        x = left
        while x < right - 4:
            word = int(rng.integers(3, 18))
            if rng.random() < 0.9:
                pen.rectangle((x, y, min(x + word, right), y + pitch // 2), fill=ink)
            x += word + 3


def _jittered(rng: _Rng, picture: Image.Image) -> Image.Image:
    """With a camera's blur and noise."""
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.2)))), dtype=np.float64)
    return Image.fromarray(np.clip(soft + rng.normal(0, rng.uniform(0, 8), soft.shape), 0, 255).astype(np.uint8))
