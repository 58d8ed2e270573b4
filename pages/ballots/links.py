"""Addresses of a ballot: absolute, so that they can be sent, printed and scanned."""

import io
from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st

VOTE, RESULTS, OWNER = "ballot", "results", "owner"
"""What the URL of each view has; each with its own unguessable word."""

_PAGE = "ab_test"


def to(view: str, token: str) -> str:
    """The whole address of a view of this page, under the name by which this visitor reached the app."""
    here = urlsplit(st.context.url or "http://localhost:8501/")
    folder = here.path.rpartition("/")[0]
    return urlunsplit((here.scheme, here.netloc, f"{folder}/{_PAGE}", f"{view}={token}", ""))


def is_private() -> bool:
    """The visitor reached the app by a name that only this machine knows."""
    return urlsplit(st.context.url or "").hostname in ("localhost", "127.0.0.1", "::1", "0.0.0.0")


def qr_png(address: str) -> bytes:
    """A QR code, dark on white with its quiet zone: it must be read off a dark page too."""
    buffer = io.BytesIO()
    segno.make(address, error="m", micro=False).save(buffer, kind="png", scale=8, border=4)
    return buffer.getvalue()
