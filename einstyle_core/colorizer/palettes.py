"""Colours to choose from: ten to a palette, one for each class, and any other as a hex code."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from einstyle_core.data import NUM_CLASSES, class_index
from einstyle_core.errors import EinstyleError, named

RGB: TypeAlias = tuple[int, int, int]
"""sRGB, 0 to 255 each."""

_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


class ColourError(EinstyleError):
    """Text that is no colour."""


def parse_hex(text: str) -> RGB:
    """The colour that ``#rrggbb`` or ``#rgb`` names; the ``#`` may be left out, case and outer blanks do not matter.

    Raises:
        ColourError: it names none.
    """
    match = _HEX.fullmatch(text.strip())
    if not match:
        shown = text.strip()[:20] or "nothing"
        raise ColourError(f"{shown!r} is no colour: write # and six digits from 0 to f, as in #1f77b4, or three.")
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def to_hex(colour: RGB) -> str:
    """``#rrggbb``, in lower case."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


@dataclass(frozen=True)
class Palette:
    """Ten colours that go together.

    Attributes:
        name: in the registry and on the command line.
        title: as people write it.
        summary: what it is for, in one sentence.
        colours: one for each class, in the order of :data:`einstyle_core.data.CLASS_NAMES`.
    """

    name: str
    title: str
    summary: str
    colours: tuple[RGB, ...]

    def __post_init__(self) -> None:
        if len(self.colours) != NUM_CLASSES:
            raise ValueError(f"{self.name} has {len(self.colours)} colours, not {NUM_CLASSES}")


def _palette(name: str, title: str, summary: str, colours: str) -> Palette:
    return Palette(name, title, summary, tuple(parse_hex(code) for code in colours.split()))


# Keep the order of CLASS_NAMES: T-shirt, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot.
_ALL = (
    _palette(
        "paper",
        "The paper's",
        "Boots are brown, dresses red, the rest one colour each: matplotlib's tab10.",
        # tab10 in its order, but that brown goes to the boots and their cyan to the sandals.
        "#1f77b4 #ff7f0e #2ca02c #d62728 #9467bd #17becf #e377c2 #7f7f7f #bcbd22 #8c564b",
    ),
    _palette(
        "spring",
        "Spring pastels",
        "Light and friendly: blossom, mint, butter and sky.",
        "#a8d8ea #c3b1e1 #b5e2c4 #f7b7c5 #f3d9a4 #ffd8b1 #bfe3b4 #cfe8f5 #f9c6d7 #e6c9a8",
    ),
    _palette(
        "summer",
        "Summer brights",
        "Saturated colours for a shop window in July.",
        "#00a6d6 #ff8c00 #00b140 #ff3864 #7b2cbf #ffb703 #f72585 #06d6a0 #ef476f #fb5607",
    ),
    _palette(
        "autumn",
        "Autumn earth",
        "Rust, moss, ochre and plum.",
        "#b5651d #6b4f2a #7a8b3c #a63d2f #6d3b47 #c98b3b #94643c #8a7f52 #9c4a1a #5c4033",
    ),
    _palette(
        "jewel",
        "Winter jewels",
        "Emerald, ruby, sapphire and amethyst, for evening wear.",
        "#0f52ba #4b0082 #046307 #9b111e #5e2d79 #b8860b #c2185b #00696d #800020 #7b3f00",
    ),
    _palette(
        "coast",
        "Coast",
        "Sea and sand: navy, teal, coral and driftwood.",
        "#2a9d8f #1d3557 #457b9d #e76f51 #264653 #e9c46a #5fa8d3 #70c1b3 #d4a373 #a98467",
    ),
    _palette(
        "denim",
        "Denim and neutrals",
        "What sells all year: blues, stone, olive and tan.",
        "#6f8fb3 #3b5b8c #8d99ae #7d8ca3 #5c6b73 #a68a64 #8fa9c9 #9a9a9a #7f6a4f #6f4e37",
    ),
)
PALETTES: dict[str, Palette] = {palette.name: palette for palette in _ALL}


def get(name: str) -> Palette:
    """The palette registered under ``name``.

    Raises:
        UnknownNameError: there is none; the message lists the known ones.
    """
    return named("palette", PALETTES, name)


def class_colour(label: str | int, palette: str = "paper") -> RGB:
    """A class's colour in a palette.

    Args:
        label: index or name, as :func:`einstyle_core.data.class_index` takes it.
        palette: a name in :data:`PALETTES`.

    Raises:
        UnknownNameError: no such class or palette.
    """
    return get(palette).colours[class_index(label)]
