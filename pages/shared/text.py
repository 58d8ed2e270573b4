"""Words of users, made harmless before they meet Markdown."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")


def plain(text: str) -> str:
    """``text`` so that Markdown shows it as it is, on one line: no pictures, links, colours, formulas or headings."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
