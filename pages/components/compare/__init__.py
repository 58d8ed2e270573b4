"""Two versions of one picture with a divider between them that is dragged; the server hears nothing of it.

A native ``<input type="range">`` lies over the pictures: it brings the keyboard, the touch and the roles of a slider.
"""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from PIL import Image

from einstyle_core import images

_SMALL = 64  # pixels a side up to which a picture is enlarged in whole pixels

_FOLDER = Path(__file__).parent


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_frame = st.components.v2.component(
    "einstyle_compare", html=_text("markup.html"), css=_text("style.css"), js=_text("compare.js")
)


@dataclass(frozen=True)
class Side:
    """One of the two pictures.

    Attributes:
        picture: ``RGB`` or ``RGBA``; both of one size.
        title: on its corner.
        alt: for those who do not see it.
        tone: a colour ``#rrggbb`` beside the title, or None.
    """

    picture: Image.Image
    title: str
    alt: str
    tone: str | None = None


def compare(left: Side, right: Side, key: str) -> None:
    """Show the pair; the divider stays where it is when other pictures come.

    Args:
        left: shown left of the divider.
        right: shown right of it.
        key: the widget's.
    """
    width, height = left.picture.size
    _frame(
        key=key,
        data={
            "left": _side(left),
            "right": _side(right),
            "ratio": width / height,
            "pixels": max(width, height) <= _SMALL,
        },
    )


def _side(side: Side) -> dict[str, str | None]:
    return {"picture": _uri(side.picture), "title": side.title, "alt": side.alt, "tone": side.tone}


def _uri(picture: Image.Image) -> str:
    """PNG where it is small or transparent, else JPEG with its colours at full resolution."""
    if max(picture.size) <= _SMALL or picture.mode == "RGBA":
        kind, content = "png", images.png_bytes(picture)
    else:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=92, subsampling=0)
        kind, content = "jpeg", buffer.getvalue()
    return f"data:image/{kind};base64," + base64.b64encode(content).decode()
