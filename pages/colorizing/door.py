"""What Home shows of Colorize: one garment in a palette, coloured now."""

import numpy as np
import streamlit as st

from einstyle_core import images
from einstyle_core.colorizer.palettes import PALETTES
from einstyle_core.errors import CheckpointError
from pages.colorizing import subject as subjects
from pages.colorizing.brushes import NETWORK, Brush, coloured
from pages.colorizing.subject import TILE_SIDE
from pages.shared import models

_PALETTE = PALETTES["paper"]


def coloured_now() -> None:
    """The example in ten colours; nothing where there is no example."""
    subject = subjects.example()
    if subject is None:
        return
    try:
        models.load(NETWORK)
        brush = Brush.NETWORK
    except CheckpointError:  # its page says how to restore it
        brush = Brush.TINT
    ways = np.stack([coloured(subject, TILE_SIDE, colour, brush) for colour in _PALETTE.colours])
    with st.container(key="pixels-door-colorize"):
        st.image(
            images.grid(ways, columns=5, padding=1, scale=5, background=32),
            width="stretch",
            output_format="PNG",
            alt="one garment in ten colours",
        )
    how = "by the network" if brush is Brush.NETWORK else "with a plain tint"
    st.caption(f"Coloured now, {how}: one garment in the paper's ten colours.")
