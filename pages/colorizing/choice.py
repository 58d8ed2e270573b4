"""Which colours: a palette or the brand's own, and from them A and B. The URL holds all of it."""

import re
from collections.abc import Sequence

import streamlit as st

from einstyle_core.colorizer.palettes import PALETTES, RGB, ColourError, parse_hex, to_hex
from pages.components.swatches import swatches
from pages.shared.text import plain

MOST = 24
"""Colours of one's own at a time."""
SIDES = ("a", "b")

_SEPARATORS = re.compile(r"[\s,;]+")
_SHOWN = 5  # refused words that the sentence names


def parse(text: str) -> tuple[tuple[RGB, ...], tuple[str, ...]]:
    """The colours in a text, in their order and each once, and the words in it that are none.

    Args:
        text: hex codes with commas, semicolons or blanks between them.
    """
    colours: dict[RGB, None] = {}
    refused = []
    for word in filter(None, _SEPARATORS.split(text)):
        try:
            colours[parse_hex(word)] = None
        except ColourError:
            refused.append(word)
    return tuple(colours), tuple(refused)


def choose() -> tuple[RGB, ...]:
    """The widgets for the palette and for one's own colours; returns the colours on offer, at least two."""
    palette = st.selectbox(
        "Palette",
        list(PALETTES),
        format_func=lambda name: PALETTES[name].title,
        key="palette",
        bind="query-params",
        on_change=_forget_sides,
        help="Seven sets of ten colours, one for each class of garments. Your own colours below take their place.",
    )
    text = st.text_input(
        "Or your brand's own hex colours",
        key="colours",
        bind="query-params",
        max_chars=400,
        placeholder="#9a3b3b, #3c6e71, #c08a3e",
        on_change=_forget_sides,
    )
    own, refused = parse(text or "")
    if refused:
        words = ", ".join(f"“{plain(word[:20])}”" for word in refused[:_SHOWN])
        more = f" and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        kept = f"; the other {len(own)} are used" if own else ""
        st.warning(
            f"No hex colour: {words}{more}{kept}. Write six digits from 0 to f, as in \\#1f77b4, or three.",
            icon=":material/format_color_reset:",
        )
    if len(own) > MOST:
        st.warning(f"The first {MOST} of {len(own)} colours are used.", icon=":material/palette:")
    if not own:
        st.caption(PALETTES[palette].summary)
        return PALETTES[palette].colours
    offered = own[:MOST]
    return offered if len(offered) > 1 else (*offered, next(c for c in PALETTES[palette].colours if c != offered[0]))


def is_own() -> bool:
    """The colours on offer are the visitor's own."""
    return bool(parse(st.session_state.get("colours") or "")[0])


def sides(defaults: tuple[RGB, RGB]) -> tuple[RGB, RGB]:
    """The colours of A and of B: as the URL says, else the defaults."""
    a, b = (_linked(name) or default for name, default in zip(SIDES, defaults, strict=True))
    return a, b


def choose_side(name: str, colour: RGB, offered: Sequence[RGB]) -> None:
    """The widgets for the colour of one side: swatches of what is on offer, and a picker for any other."""
    picker, wall = f"pick-{name}", f"swatches-{name}"

    def pick() -> None:
        _set(name, st.session_state[picker])

    def click() -> None:
        _set(name, st.session_state[wall].picked)

    st.session_state[picker] = to_hex(colour)
    label = f"Colour {name.upper()}"
    with st.container(horizontal=True, wrap=False, vertical_alignment="bottom", gap="small"):
        st.color_picker(label, key=picker, on_change=pick)
        swatches([to_hex(c) for c in offered], to_hex(colour), wall, label, click)


def swap(a: RGB, b: RGB) -> None:
    """A becomes B."""
    _set("a", to_hex(b))
    _set("b", to_hex(a))


def _linked(name: str) -> RGB | None:
    try:
        return parse_hex(st.query_params.get(name, ""))
    except ColourError:
        return None


def _set(name: str, code: object) -> None:
    """Into the URL, without the ``#``; what no browser of ours would send is ignored."""
    try:
        st.query_params[name] = to_hex(parse_hex(str(code))).removeprefix("#")
    except ColourError:
        return


def _forget_sides() -> None:
    """Another palette is looked at in its own colours."""
    for name in SIDES:
        st.query_params.pop(name, None)
