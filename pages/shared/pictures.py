"""Pictures on a page: crisp enlargements, contact sheets, small copies for tables."""

import base64

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from einstyle_core import images
from einstyle_core.garments import Garment
from pages.shared.tray import Item

_GROUND = 196
"""The gray behind a cut-out: white and black garments are seen on it, by day and by night."""


def enlarged(pixels: NDArray[np.uint8], scale: int = 8) -> NDArray[np.uint8]:
    """``28 x 28`` as whole squares of ``scale`` pixels."""
    return pixels.repeat(scale, axis=0).repeat(scale, axis=1)


def show_pixels(pixels: NDArray[np.uint8], key: str, alt: str, caption: str | None = None) -> None:
    """A ``28 x 28`` picture, crisp at any size, as wide as its place."""
    with st.container(key=f"pixels-{key}"):
        st.image(enlarged(pixels), caption=caption, width="stretch", output_format="PNG", alt=alt)


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """A small PNG inside a URL, for the cells of a table."""
    return png_uri(enlarged(pixels, 2))


def png_uri(pixels: NDArray[np.uint8]) -> str:
    """A picture ``H x W`` or ``H x W x 3`` as a PNG inside a URL."""
    return "data:image/png;base64," + base64.b64encode(images.png_bytes(pixels)).decode()


def on_ground(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A cut-out ``4 x H x W``, colours and how far each pixel belongs to the garment, as a picture ``H x W x 3``."""
    share = view[3:].astype(np.float32) / 255
    mixed = view[:3] * share + _GROUND * (1 - share)
    return np.ascontiguousarray(np.rint(mixed).astype(np.uint8).transpose(1, 2, 0))


def colours(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The colours of ``4 x H x W``, ground and all, as a picture ``H x W x 3``."""
    return np.ascontiguousarray(view[:3].transpose(1, 2, 0))


def spotlit(garment: Garment) -> NDArray[np.uint8]:
    """The picture ``H x W x 3`` with everything but the garment faded."""
    picture = np.asarray(garment.original.convert("RGB"))
    faded = (picture // 4 + _GROUND * 3 // 4).astype(np.uint8)
    return np.where(garment.mask[..., None], picture, faded)


def thumbnail(item: Item, side: int) -> NDArray[np.uint8]:
    """A small picture of an item, ``side x side``: its pixels where it is of the dataset's kind, else its cut-out."""
    small = item.pixels if item.is_sample else on_ground(item.view)
    method = Image.Resampling.NEAREST if item.is_sample else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(small).resize((side, side), method))


def show_item(item: Item, key: str, alt: str) -> None:
    """An item as wide as its place: crisp pixels where it is of the dataset's kind, else its cut-out."""
    if item.is_sample:
        show_pixels(item.pixels, key, alt)
        return
    with st.container(key=f"picture-{key}"):
        st.image(on_ground(item.view), width="stretch", output_format="PNG", alt=alt)
