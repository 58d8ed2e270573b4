"""Words of users, made harmless before they meet Markdown."""

import re

from einstyle_core.exports import visible

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def plain(text: str) -> str:
    """``text`` so that Markdown shows it as it is, on one line: no pictures, links, colours, formulas or headings."""
    return _MARKDOWN.sub(r"\\\1", visible(" ".join(text.split())))
