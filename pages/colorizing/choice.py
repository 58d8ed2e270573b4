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
_WIDGETS = ("palette", "colours")

_WORDS = re.compile(r"[\w-]+\([^()]*\)|[^\s,;]+")  # what has commas in brackets, like rgb(1, 2, 3), is one word
_SHOWN = 5  # refused words that the sentence names
_LONGEST = 400  # letters that are read: room for more than MOST colours, however they are written
_KEPT, _AGAIN = "colours_kept", "colours_again"
_ROUND = "colours_round"  # how often a side got its colour from elsewhere than its picker


def parse(text: str) -> tuple[tuple[RGB, ...], tuple[str, ...]]:
    """The colours in a text, in their order and each once, and the words in it that are none.

    Args:
        text: hex codes with commas, semicolons or blanks between them.
    """
    colours: dict[RGB, None] = {}
    refused = []
    for word in _WORDS.findall(text):
        try:
            colours[parse_hex(word)] = None
        except ColourError:
            refused.append(word)
    return tuple(colours), tuple(refused)


def choose() -> tuple[RGB, ...]:
    """The widgets for the palette and for one's own colours; returns the colours on offer, at least two."""
    recalled = _recall()
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
        placeholder="#9a3b3b, #3c6e71, #c08a3e",
        on_change=_forget_sides,
    )
    if recalled and recalled != {"palette": palette, "colours": text} and not st.session_state.get(_AGAIN):
        # After the browser's "back" a URL without them resets the widgets, whatever the session says; but only once.
        st.session_state[_AGAIN] = True
        st.rerun()
    st.session_state.pop(_AGAIN, None)
    if len(text or "") > _LONGEST:
        st.warning(f"The first {_LONGEST} letters are read, the rest is left out.", icon=":material/content_cut:")
    own, refused = parse((text or "")[:_LONGEST])
    if refused:
        words = ", ".join(f"“{plain(word[:20])}”" for word in refused[:_SHOWN])
        more = f" and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        kept = {0: "", 1: "; the other one is used"}.get(len(own), f"; the other {len(own)} are used")
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
    return bool(parse((st.session_state.get("colours") or "")[:_LONGEST])[0])


def sides(defaults: tuple[RGB, RGB]) -> tuple[RGB, RGB]:
    """The colours of A and of B: as the URL says, else the defaults."""
    a, b = (_linked(name) or default for name, default in zip(SIDES, defaults, strict=True))
    _keep()
    return a, b


def choose_side(name: str, colour: RGB, offered: Sequence[RGB]) -> None:
    """The widgets for the colour of one side: swatches of what is on offer, and a picker for any other."""
    picker, wall = _picker(name), f"swatches-{name}"

    def pick() -> None:
        _set(name, st.session_state[picker])

    def click() -> None:
        _another_picker()
        _set(name, st.session_state[wall].picked)

    st.session_state[picker] = to_hex(colour)
    label = f"Colour {name.upper()}"
    with st.container(horizontal=True, wrap=False, vertical_alignment="bottom", gap="small"):
        st.color_picker(label, key=picker, on_change=pick)
        swatches([to_hex(c) for c in offered], to_hex(colour), wall, label, click)


def swap(a: RGB, b: RGB) -> None:
    """A becomes B."""
    _another_picker()
    _set("a", to_hex(b))
    _set("b", to_hex(a))


def _keep() -> None:
    """When the visitor leaves the page its URL goes, and with the browser's own button the widgets' values go too."""
    linked = {name: st.query_params[name] for name in SIDES if name in st.query_params}
    st.session_state[_KEPT] = {name: st.session_state[name] for name in _WIDGETS} | linked


def _recall() -> dict[str, str]:
    """On coming back without a link, the last choice; a link that says any of it is followed alone.

    Returns:
        What the widgets have to show now; empty where they are left alone.
    """
    kept: dict[str, str] = st.session_state.get(_KEPT, {})
    is_here = _picker("a") in st.session_state  # a widget that Streamlit forgets with the page
    if is_here or not kept or any(name in st.query_params for name in (*_WIDGETS, *SIDES)):
        return {}
    for name in _WIDGETS:
        st.session_state[name] = kept[name]
    st.query_params.update({name: kept[name] for name in SIDES if name in kept})
    return {name: kept[name] for name in _WIDGETS}


def _picker(name: str) -> str:
    return f"pick-{name}-{st.session_state.get(_ROUND, 0)}"


def _another_picker() -> None:
    """A browser that has not drawn the new colour yet sends the old one along with the next click: no choice of it."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


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
    st.session_state.pop(_KEPT, None)
    _another_picker()
    for name in SIDES:
        st.query_params.pop(name, None)
