"""The pages there are, in the order of the navigation: a new page is one line here and one file beside home.py."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from einstyle_core.storage import checkpoint_dir

_FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class PageEntry:
    """One page.

    Attributes:
        name: its file in ``pages/`` and its path in the URL.
        title: in the navigation and the browser's tab.
        icon: a Material symbol.
        needs: a pattern of files in the checkpoint folder; while none is there the navigation leaves the page out, and
            a link to it still opens it.
    """

    name: str
    title: str
    icon: str
    needs: str | None = None

    def to_page(self) -> StreamlitPage:
        """The page as ``st.navigation`` and ``st.page_link`` want it."""
        is_home = self is PAGES[0]
        return st.Page(
            _FOLDER / f"{self.name}.py",
            title=self.title,
            icon=self.icon,
            url_path="" if is_home else self.name,
            default=is_home,
            visibility="visible" if self.is_furnished() else "hidden",
        )

    def is_furnished(self) -> bool:
        """Whether what the page shows is on this machine."""
        return self.needs is None or next(checkpoint_dir().glob(self.needs), None) is not None


PAGES: tuple[PageEntry, ...] = (
    PageEntry("home", "Home", ":material/home:"),
    PageEntry("classify", "Classify", ":material/checkroom:"),
    PageEntry("robustness", "Robustness", ":material/blur_on:"),
    PageEntry("generate", "Generate", ":material/auto_awesome:", needs="gan/*.safetensors"),
    PageEntry("training", "Training", ":material/movie:", needs="gan/*.history.json"),
    PageEntry("colorize", "Colorize", ":material/palette:"),
    PageEntry("ab_test", "A/B test", ":material/how_to_vote:"),
)


def find(name: str) -> PageEntry | None:
    """The page called ``name``, or None where this version has no such page (yet)."""
    return next((page for page in PAGES if page.name == name), None)
