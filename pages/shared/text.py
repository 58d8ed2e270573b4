"""Words of users and of errors, made harmless before they meet Markdown; and the words for a wait."""

import math
import re
from pathlib import Path

from einstyle_core import data, storage
from einstyle_core.errors import EinstyleError
from einstyle_core.exports import visible

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
# Streamlit's front end looks for addresses and ``:icons:`` after Markdown is parsed, when the backslashes are gone.
_TRIGGERS = re.compile(r":(?=//|[\w+-][\w/+-]*:)|www(?=\.)|(?=@)", re.IGNORECASE)
_WORD_JOINER = "\u2060"  # takes no room, and lets no line break there


def plain(text: str) -> str:
    """``text`` so that Markdown shows it as it is, on one line: no pictures, links, colours, formulas or headings.

    Bare addresses (``http://``, ``www.``, mail) and names of icons are broken by a character that nobody sees.
    """
    words = _TRIGGERS.sub(rf"\g<0>{_WORD_JOINER}", visible(" ".join(text.split())))
    return _MARKDOWN.sub(r"\\\1", words)


def code(text: str) -> str:
    """``text`` as code within a sentence: hex values, say. Nothing in it is Markdown."""
    words = visible(" ".join(text.split())).replace("`", "'")
    return f"`{words}`" if words else ""


def remaining(seconds: float | None) -> str:
    """``" · about 20 s left"``, ``" · about 3 min left"``; nothing where it is unknown, or less than five seconds."""
    if seconds is None or seconds < 5:
        return ""
    if seconds < 100:
        return f" · about {10 * math.ceil(seconds / 10)} s left"
    return f" · about {math.ceil(seconds / 60)} min left"


def told(error: EinstyleError) -> str:
    """An error's sentence for a page: its files by the names that the documentation gives them.

    Where they lie on the server is nothing for visitors.
    """
    sentence = str(error)
    for name, folder in (
        ("checkpoints", storage.checkpoint_dir()),
        ("the cache folder", storage.cache_dir()),
        ("the data folder", data.data_root()),
        ("", storage.REPOSITORY),
        ("~", Path.home()),
    ):
        sentence = sentence.replace(f"{folder}/", f"{name}/" if name else "").replace(
            str(folder), name or "the project"
        )
    return plain(sentence)
