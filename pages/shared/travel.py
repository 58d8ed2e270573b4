"""An item travels: "use this item in ..." leads from a page to the others that take a garment."""

from collections.abc import Callable, Mapping
from typing import NoReturn

import streamlit as st

from pages.shared import registry, tray

DESTINATIONS: tuple[str, ...] = ("classify", "robustness", "colorize")
"""Pages that take a garment: each shows :func:`tray.focused`, where the visitor's pictures have it. One that this
version does not have, or has nothing to show on, is not offered."""

_CARRIED = ("item", "sample")  # in the URL: which picture is looked at, and which test images are among the pictures


def offer(take: Callable[[], str], here: str, words: str = "Use this item in", key: str = "travel") -> None:
    """A line of links, one for each other page that takes a garment; nothing where there is none.

    A picture that the visitor already has: ``travel.offer(lambda: item.key, here="classify")``. One that a network
    made: ``travel.offer(lambda: tray.add_sample("CGAN 17", pixels, None), here="generate", words="Use it in")``.
    A test image: ``travel.offer(lambda: samples.add(3), here="robustness")``; the link on the other page has it too.

    Args:
        take: puts the item among the visitor's pictures (:mod:`pages.shared.tray`) and returns its key; called when
            a link is clicked, not before.
        here: the page that asks, by its name in the registry.
        words: what stands before the links; fixed text, it is Markdown.
        key: of the widgets; another one for a second line on the same page.
    """
    found = (registry.find(name) for name in DESTINATIONS if name != here)
    pages = [page for page in found if page and page.is_furnished()]
    if not pages:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        st.markdown(words, width="content")
        for page in pages:
            if st.button(page.title, icon=page.icon, type="tertiary", key=f"{key}-{page.name}"):
                key_taken = tray.accept(take)
                if key_taken is None:
                    return
                tray.focus(key_taken)
                go(page, {name: st.query_params[name] for name in _CARRIED if name in st.query_params})


def go(page: registry.PageEntry, query: Mapping[str, str] | None = None) -> NoReturn:
    """Leave for another page, whose URL says just this: the one way to go where a page binds widgets to the URL.

    ``st.switch_page`` without a query clears the URL, and Streamlit (1.67) refuses to clear what a widget is bound
    to; a query given, an empty one too, takes the old one's place without asking.
    """
    st.switch_page(page.to_page(), query_params=dict(query or {}))
