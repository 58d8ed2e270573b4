"""A wall of 28x28 pictures of which one is chosen, by click, touch or arrow keys."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import images
from pages.shared.pictures import png_uri

_FOLDER = Path(__file__).parent

_wall = st.components.v2.component(
    "einstyle_tiles",
    html='<div class="wall" role="listbox" aria-orientation="horizontal"></div>',
    css=(_FOLDER / "style.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "tiles.js").read_text(encoding="utf-8"),
)


def tiles(
    pixels: NDArray[np.uint8], names: Sequence[str], tags: Sequence[str], key: str, label: str = "Pictures"
) -> int:
    """Show pictures and return which one is chosen; at first the first, later the one that was chosen last.

    Args:
        pixels: ``N x 28 x 28``, at least one.
        names: what a screen reader calls each.
        tags: a word below each; empty for none.
        key: the widget's; ``st.session_state[key].selected`` is the choice.
        label: what the wall shows, for a screen reader.
    """
    columns = math.ceil(math.sqrt(len(pixels)))
    last = f"{key}-last"  # the widget's own state goes when the visitor leaves the page
    state = st.session_state.get(key)
    chosen = _inside(st.session_state.get(last) if state is None else getattr(state, "selected", None), len(pixels))
    result = _wall(
        key=key,
        data={
            "sprite": png_uri(images.grid(pixels, columns, padding=0)),
            "columns": columns,
            "rows": math.ceil(len(pixels) / columns),
            "names": list(names),
            "tags": list(tags),
            "label": label,
            "selected": chosen,
        },
        default={"selected": chosen},
        on_selected_change=lambda: None,
    )
    st.session_state[last] = _inside(result.selected, len(pixels))
    return int(st.session_state[last])


def _inside(choice: object, count: int) -> int:
    """The choice of an earlier, larger wall means the first picture of this one."""
    return choice if isinstance(choice, int) and 0 <= choice < count else 0
