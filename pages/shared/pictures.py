"""Pictures on a page: crisp enlargements, contact sheets, small copies for tables."""

import base64

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import images


def enlarged(pixels: NDArray[np.uint8], scale: int = 8) -> NDArray[np.uint8]:
    """``28 x 28`` as whole squares of ``scale`` pixels."""
    return pixels.repeat(scale, axis=0).repeat(scale, axis=1)


def show_pixels(pixels: NDArray[np.uint8], key: str, alt: str, caption: str | None = None) -> None:
    """A ``28 x 28`` picture, crisp at any size, as wide as its place."""
    with st.container(key=f"pixels-{key}"):
        st.image(enlarged(pixels), caption=caption, width="stretch", output_format="PNG", alt=alt)


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """A small PNG inside a URL, for the cells of a table."""
    return "data:image/png;base64," + base64.b64encode(images.png_bytes(enlarged(pixels, 2))).decode()
