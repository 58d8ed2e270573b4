"""What frames every page: navigation, the deep-link guard, title, footer, look, and the process's first breath."""

import atexit
import gc
import importlib
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from einstyle_core import __version__
from pages.shared import registry

_NAVIGATED = "_navigated"
_NAME = "E_in-style"
_ICON = Path(__file__).with_name("favicon.png")

# Fixed text, never a user's. Containers whose key begins with "pixels" hold 28x28 art, which smoothing would blur.
_STYLE = """
<style>
[class*="st-key-pixels"] img { image-rendering: pixelated; }
.stMainBlockContainer { max-width: 72rem; padding-top: 4.5rem; }
[data-testid="stImage"] img { border-radius: 4px; }
[data-testid="stImage"] img { max-width: 100%; }
.st-key-preparation img { max-height: 17rem; object-fit: contain; }
.st-key-preparation [data-testid="stColumn"] { min-width: 0; flex: 1 1 0; }
h1 { letter-spacing: -0.01em; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding-left: 1rem; padding-right: 1rem; }
  h1 { font-size: 2rem !important; }
}
</style>
"""

# Streamlit puts white on the primary colour; on the dark theme's light one, dark is what can be read.
_DARK_STYLE = """
<style>
[data-testid^="stBaseButton-primary"], [data-testid="stMultiSelect"] [data-baseweb="tag"] * { color: #1b181b; }
</style>
"""


@st.cache_resource(show_spinner="Waking the networks: once after a start, a few seconds …")
def prepare_process() -> None:
    """Once per process: import torch, load the checkpoints, and take both out of the garbage collector's sight.

    The import is here, not at the top, so that the first visitor sees a spinner while it runs.
    """
    importlib.import_module("pages.shared.models").warm_up()
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # or libraries that count their objects at the end report them as leaked


def navigate() -> StreamlitPage:
    """Start what every run needs, declare all pages to Streamlit, and return the one that the visitor asked for."""
    st.set_page_config(page_title=_NAME, page_icon=_ICON, layout="wide")
    prepare_process()
    st.session_state[_NAVIGATED] = True
    return st.navigation([page.to_page() for page in registry.PAGES], position="top")


def begin(title: str, lead: str) -> None:
    """The first line of every page: guard, style, title and lead.

    In a fresh process whose first visitor opens a deep link, Streamlit finds the ``pages/`` folder and runs the page
    without app.py, until somebody has called ``st.navigation``. Then this does what app.py would have done, and runs
    the page again inside. It does not rerun the app: a click that this run was to answer would be lost.
    """
    if not st.session_state.pop(_NAVIGATED, False):
        navigate().run()
        st.stop()
    if title != _NAME:
        st.set_page_config(page_title=f"{title} · {_NAME}")
    st.html(_STYLE + (_DARK_STYLE if st.context.theme.type == "dark" else ""))
    st.title(title, anchor=False)
    if lead:
        st.markdown(lead)


def footer(pictures: str = "they go when it ends, and are sent to nobody.") -> None:
    """The last line of every page: the version, what the figures are, and what becomes of the visitor's pictures.

    Args:
        pictures: how the sentence "Your pictures stay in this session: ..." ends, where a page can do more.
    """
    st.divider()
    st.caption(
        f"E_in-style {__version__}, after the paper “E_in-style: Clothing Item Generation using GANs”. Accuracies were "
        "measured on the 10,000 test images of Fashion-MNIST, which no network has learned from, and are read from "
        f"`checkpoints/metrics.json`. Your pictures stay in this session: {pictures}"
    )
