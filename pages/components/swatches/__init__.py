"""A row of colours of which one is chosen, by click, touch or arrow keys."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_row = st.components.v2.component(
    "einstyle_swatches",
    html='<div class="row" role="radiogroup"></div>',
    css=_text("style.css"),
    js=_text("swatches.js"),
)


def swatches(colours: Sequence[str], chosen: str, key: str, label: str, on_pick: Callable[[], None]) -> None:
    """Show colours; a pick is a trigger, so the same colour can be picked again after another came from elsewhere.

    Args:
        colours: ``#rrggbb``, each once.
        chosen: which is marked; none where it is not among them.
        key: the widget's; ``st.session_state[key].picked`` is the colour while ``on_pick`` runs.
        label: what is chosen, for a screen reader.
        on_pick: called when a colour was picked.
    """
    _row(
        key=key,
        data={"colours": list(colours), "chosen": chosen, "label": label},
        on_picked_change=on_pick,
    )
