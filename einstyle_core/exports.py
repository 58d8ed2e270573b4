"""Names and cells that are safe to hand to other programs: ZIP members, file names, spreadsheets."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

_MAX_NAME_BYTES = 120  # file systems stop at 255; room is left for a prefix and for " (12)"
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_WINDOWS_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"))
)
# OWASP, "CSV Injection": what makes a spreadsheet take a cell for a formula, full-width forms included.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def visible(text: str) -> str:
    """The text without control, formatting and broken characters: on one line, and read in the order it is written."""
    return "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")


def safe_name(name: str, fallback: str = "image") -> str:
    """The last part of ``name``, fit to be a file's name on every system and inside a ZIP.

    No folders, control or invisible characters, characters or device names that Windows refuses, no leading or
    trailing dots and blanks; at most 120 bytes of UTF-8, the suffix kept. ``fallback`` where nothing is left.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = _shorten(_FORBIDDEN.sub("_", visible(last)).strip(". \u3000\xa0\u2028\u2029"))
    if not clean:
        return fallback
    return f"_{clean}" if clean.split(".")[0].rstrip().casefold() in _WINDOWS_DEVICES else clean


def title_stem(title: str, fallback: str, most: int = 60) -> str:
    """What somebody wrote as the stem of a file's name: all its words, slashes as dashes, at most ``most`` letters."""
    return safe_name(re.sub(r"\s*[/\\]\s*", "-", title), fallback)[:most].strip(". ")


def unique_names(names: Iterable[str]) -> list[str]:
    """The names in their order, later doubles numbered: ``a.png``, ``a (2).png``. Case does not tell two apart."""
    taken: set[str] = set()
    unique = []
    for name in names:
        path, candidate, number = PurePosixPath(name), name, 1
        while candidate.casefold() in taken:
            number += 1
            candidate = name.removesuffix(path.suffix) + f" ({number})" + path.suffix
        taken.add(candidate.casefold())
        unique.append(candidate)
    return unique


def csv_safe(text: str) -> str:
    """A text cell that no spreadsheet runs as a formula: a dangerous one is quoted with a leading apostrophe.

    For text that people chose (file names, labels), not for numbers, where ``-1`` is only a number.
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def _shorten(name: str) -> str:
    if len(name.encode()) <= _MAX_NAME_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) <= 16 else ""
    room = _MAX_NAME_BYTES - len(suffix.encode())
    stem = name.removesuffix(suffix).encode()[:room].decode(errors="ignore")
    return stem.rstrip(". ") + suffix
