"""The decision sheet: one page with everything that a decision needs, as a picture and as a web page of its own."""

import base64
import datetime
from collections.abc import Mapping, Sequence
from html import escape

from PIL import Image, ImageColor, ImageDraw, ImageFont, ImageOps

from einstyle_core import images
from einstyle_core.ballots.model import Choice
from einstyle_core.ballots.pictures import Picture
from einstyle_core.ballots.results import PairResult, Results, spell, spell_method, spell_sides
from einstyle_core.ballots.statistics import Verdict

Pictures = Mapping[int, tuple[Picture, Picture]]
"""The pictures of A and of B, by the pair's number."""

ENDS = ("all for A", "half", "all for B")
"""What a line of shares has at its left end, in the middle and at its right end: A's picture is on the left."""

_WIDTH, _MARGIN, _GAP = 1240, 60, 24
_PICTURE = 300  # the side of the square that a picture is fitted into
_TEXT_LEFT = _MARGIN + 2 * (_PICTURE + _GAP) + _GAP
_INK, _QUIET, _PAPER, _LINE, _ACCENT = "#2b2527", "#6d6367", "#ffffff", "#ddd3c5", "#9a3b3b"
_SWATCH = 26

_CSS = """
body { font: 16px/1.5 system-ui, sans-serif; color: #2b2527; background: #fff; margin: 2rem auto; max-width: 62rem;
       padding: 0 1rem; }
h1 { font: 600 1.9rem/1.2 Georgia, serif; margin: 0 0 .3rem; overflow-wrap: anywhere; }
section { border-top: 1px solid #ddd3c5; padding: 1.2rem 0; display: flex; flex-wrap: wrap; gap: 1.2rem; }
figure { margin: 0; width: 15rem; } figure img { width: 100%; height: 15rem; object-fit: contain; background: #f6f3ee; }
figure img.pixels { image-rendering: pixelated; }
figcaption, .quiet { color: #6d6367; font-size: .9rem; overflow-wrap: anywhere; }
section > div { flex: 1 1 16rem; } h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; }
.bar { position: relative; height: .9rem; background: #eee7dc; margin: .8rem 0 .3rem; }
.bar i { position: absolute; top: 0; bottom: 0; background: #d9b8a8; } .bar b { position: absolute; top: -.2rem;
  bottom: -.2rem; width: 3px; background: #9a3b3b; } .bar u { position: absolute; top: -.3rem; bottom: -.3rem;
  left: 50%; width: 1px; background: #2b2527; }
.ends { display: flex; justify-content: space-between; color: #6d6367; font-size: .9rem; margin: 0 0 .5rem; }
.swatch { display: inline-block; width: 1em; height: 1em; border: 1px solid #0003; vertical-align: -.15em; }
.winner { outline: 3px solid #9a3b3b; } @media print { section { break-inside: avoid; } }
"""


def png_bytes(results: Results, pictures: Pictures, made_at: datetime.datetime) -> bytes:
    """The sheet as one picture, 1240 pixels wide: an A4 page at 150 dots an inch where there are few pairs."""
    tall = Image.new("RGB", (_WIDTH, 400 + (_PICTURE + 240) * len(results.pairs)), _PAPER)
    pen = _Pen(tall)
    pen.write(results.ballot.title, 40)
    pen.write(_summary(results, made_at), 20, _QUIET)
    for result in results.pairs:
        _draw_pair(tall, pen, result, results, pictures[result.entry.number])
    pen.rule()
    pen.write(spell_sides(results), 20, _QUIET)
    pen.write(spell_method(results), 18, _QUIET)
    return images.png_bytes(tall.crop((0, 0, _WIDTH, pen.top + _MARGIN)))


def html_bytes(results: Results, pictures: Pictures, made_at: datetime.datetime) -> bytes:
    """The sheet as a web page in one file: no script, nothing loaded from elsewhere; every word of a user escaped."""
    sections = "".join(_section(result, results, pictures[result.entry.number]) for result in results.pairs)
    title = escape(results.ballot.title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; style-src '
        f"'unsafe-inline'\"><title>{title}</title><style>{_CSS}</style></head><body>"
        f'<h1>{title}</h1><p class="quiet">{escape(_summary(results, made_at))}</p>{sections}'
        f'<p class="quiet">{escape(spell_sides(results))}<br>{escape(spell_method(results))}</p></body></html>\n'
    ).encode()


def counted(result: PairResult) -> str:
    """``"A 31, B 12, no preference 5, skipped 2"``."""
    of = result.tally.of
    return (
        f"A {of(Choice.A)}, B {of(Choice.B)}, no preference {of(Choice.NONE)}, skipped {of(Choice.SKIP)}; "
        f"n = {result.tally.decided} decided"
    )


class _Pen:
    """Writes down a page, line under line."""

    def __init__(self, page: Image.Image) -> None:
        self.draw = ImageDraw.Draw(page)
        self.top = _MARGIN

    def write(self, words: str, size: int, colour: str = _INK, left: int = _MARGIN) -> None:
        font = _font(size)
        for line in _wrapped(words, font, _WIDTH - _MARGIN - left):
            self.draw.text((left, self.top), line, colour, font)
            self.top += round(size * 1.35)
        self.top += size // 3

    def rule(self) -> None:
        self.top += _GAP
        self.draw.line((_MARGIN, self.top, _WIDTH - _MARGIN, self.top), _LINE, 2)
        self.top += _GAP


def _draw_pair(
    page: Image.Image, pen: _Pen, result: PairResult, results: Results, pair: tuple[Picture, Picture]
) -> None:
    pen.rule()
    start = pen.top
    foot = start
    for index, (picture, letter) in enumerate(zip(pair, "AB", strict=True)):
        left = _MARGIN + index * (_PICTURE + _GAP)
        fitted = _fitted(picture)
        at = (left + (_PICTURE - fitted.width) // 2, start + (_PICTURE - fitted.height) // 2)
        page.paste(fitted, at)
        if result.verdict is (Verdict.A if letter == "A" else Verdict.B):
            pen.draw.rectangle(
                (left - 5, start - 5, left + _PICTURE + 4, start + _PICTURE + 4), outline=_ACCENT, width=4
            )
        pen.top = start + _PICTURE + 14
        caption = result.entry.labels[index]
        for line in _wrapped(f"{letter}  {caption}", _font(20), _PICTURE):
            pen.draw.text((left, pen.top), line, _INK, _font(20))
            pen.top += 27
        for colour in result.entry.colours[index]:
            pen.draw.rectangle((left, pen.top, left + _SWATCH, pen.top + _SWATCH), _rgb(colour), _LINE)
            pen.draw.text((left + _SWATCH + 10, pen.top), colour, _QUIET, _font(20))
            pen.top += _SWATCH + 8
        foot = max(foot, pen.top)
    pen.top = start
    pen.write(result.entry.heading, 26, left=_TEXT_LEFT)
    pen.write(spell(result, results), 22, left=_TEXT_LEFT)
    _draw_bar(pen, result)
    pen.write(counted(result), 18, _QUIET, left=_TEXT_LEFT)
    pen.top = max(pen.top, foot)


def _draw_bar(pen: _Pen, result: PairResult) -> None:
    """A's part on a line from all for A to all for B, as the pictures stand, with its interval and the middle."""
    width, top = _WIDTH - _MARGIN - _TEXT_LEFT, pen.top + 8
    across = lambda value: _TEXT_LEFT + round((1 - value) * width)  # noqa: E731
    share = result.preferred_a
    pen.draw.rectangle((across(1), top, across(0), top + 16), "#eee7dc")
    pen.draw.rectangle((across(share.high), top, across(share.low), top + 16), "#d9b8a8")
    pen.draw.line((across(0.5), top - 5, across(0.5), top + 21), _INK, 2)
    if share.n:
        pen.draw.line((across(share.value), top - 4, across(share.value), top + 20), _ACCENT, 5)
    for value, words, anchor in zip((1, 0.5, 0), ENDS, ("la", "ma", "ra"), strict=True):
        pen.draw.text((across(value), top + 26), words, _QUIET, _font(16), anchor=anchor)
    pen.top = top + 56


def _section(result: PairResult, results: Results, pair: tuple[Picture, Picture]) -> str:
    share = result.preferred_a
    figures = []
    for index, (picture, letter) in enumerate(zip(pair, "AB", strict=True)):
        source = f"data:{picture.media_type};base64,{base64.b64encode(picture.content).decode()}"
        won = result.verdict is (Verdict.A if letter == "A" else Verdict.B)
        classes = " ".join(["pixels"] * picture.is_pixel_art + ["winner"] * won)
        swatches = "".join(
            f'<br><span class="swatch" style="background:{_hex(_rgb(colour))}"></span> {escape(colour)}'
            for colour in result.entry.colours[index]
        )
        figures.append(
            f'<figure><img class="{classes}" src="{source}" alt="{letter}"><figcaption><strong>{letter}</strong> '
            f"{escape(result.entry.labels[index])}{swatches}</figcaption></figure>"
        )
    mark = f'<b style="right:{100 * share.value:.1f}%"></b>' if share.n else ""
    return (
        f"<section>{''.join(figures)}<div><h2>{escape(result.entry.heading)}</h2>"
        f"<p>{escape(spell(result, results))}</p>"
        f'<div class="bar"><i style="right:{100 * share.low:.1f}%;left:{100 - 100 * share.high:.1f}%"></i><u></u>{mark}'
        f'</div><p class="ends">{"".join(f"<span>{words}</span>" for words in ENDS)}</p>'
        f'<p class="quiet">{escape(counted(result))}.</p></div></section>'
    )


def _summary(results: Results, made_at: datetime.datetime) -> str:
    ballot = results.ballot
    state = "open" if ballot.closed_at is None else f"closed {_day(ballot.closed_at)}"
    people = "1 voter" if results.voters == 1 else f"{results.voters} voters"
    return f"{people} · started {_day(ballot.created_at)}, {state} · this sheet: {_day(made_at)}"


def _day(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _fitted(picture: Picture) -> Image.Image:
    image = picture.open()
    if picture.is_pixel_art:
        return images.magnified(image, _PICTURE)
    return ImageOps.contain(image, (_PICTURE, _PICTURE), Image.Resampling.LANCZOS)


def _rgb(colour: str) -> tuple[int, int, int]:
    """The colour, or black where somebody wrote no colour."""
    try:
        red, green, blue = ImageColor.getrgb(colour)[:3]
    except ValueError:
        return 0, 0, 0
    return red, green, blue


def _hex(rgb: Sequence[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in rgb)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu, which knows most alphabets, where the system has it; else the one that comes with Pillow."""
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size)
    except OSError:
        return ImageFont.load_default(size)


def _wrapped(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    """Lines that fit; a word that is wider than a line is broken."""
    lines = [""]
    for word in words.split():
        candidate = f"{lines[-1]} {word}".strip()
        if font.getlength(candidate) <= width:
            lines[-1] = candidate
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if font.getlength(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines
