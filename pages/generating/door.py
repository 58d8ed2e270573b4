"""The thumbnail on Home: ten garments that nobody sewed, drawn now."""

import streamlit as st

from einstyle_core import images
from einstyle_core.gans import get
from pages.generating import zoo
from pages.generating.recipe import COUNTS, Recipe
from pages.shared import makers

_SHOWN = 10


def generated_now() -> None:
    """The first pictures of the GAN that was measured best.

    Raises:
        CheckpointError: its checkpoint is missing or damaged.
    """
    name = makers.best()
    if name is None:
        return
    with st.container(key="pixels-generated-door"):
        st.image(
            images.grid(
                zoo.draw(Recipe(name, count=COUNTS[0])).pixels[:_SHOWN], columns=5, padding=1, scale=5, background=32
            ),
            width="stretch",
            output_format="PNG",
            alt="ten generated pictures",
        )
    st.caption(f"Drawn now by {get(name).title}, from random numbers alone. No photograph of these garments exists.")
