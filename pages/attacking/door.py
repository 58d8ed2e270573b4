"""The thumbnail on Home: a picture that one network is sure of, and what it says after a change that nobody notices."""

import numpy as np
import streamlit as st

from einstyle_core import data, images
from einstyle_core.data import CLASS_NAMES
from pages.attacking import evidence, lineup, subjects, sweeps, wording
from pages.attacking.sweeps import FINE, START, Setting
from pages.shared import figures, networks, samples

_SETTING = Setting("fgsm", masked=True)


def attacked_now() -> None:
    """The opening picture before and after the attack; without the dataset, the measured curves.

    Raises:
        CheckpointError, DataError: the network or the dataset is missing or damaged.
    """
    if not data.is_available():
        _curves()
        return
    (pixels,) = samples.images_of([subjects.OPENING])
    here = wording.nearest(FINE, START)
    moved = sweeps.attacked(networks.BEST, pixels, _SETTING).pixels(here)
    said = sweeps.answers(networks.BEST, networks.BEST, pixels, _SETTING)[[0, here]]
    with st.container(key="pixels-attacked-door"):
        st.image(
            images.grid(np.stack([pixels, moved]), columns=2, padding=1, scale=8, background=32),
            width="stretch",
            output_format="PNG",
            alt="a test image, and the same after the attack",
        )
    before, after = (f"{CLASS_NAMES[int(row.argmax())]} ({row.max():.0%})" for row in said)
    st.caption(
        f"Computed now: of the left one {lineup.spoken(networks.BEST)} says {before}, of the right one {after}. No "
        f"pixel differs by more than {255 * START:.1f} of 255 tones."
    )


def _curves() -> None:
    curves = {
        lineup.short(name): (
            record["curves"]["masked"]["fgsm"]["epsilon"],
            record["curves"]["masked"]["fgsm"]["accuracy"],
        )
        for name, record in evidence.measured(networks.SHOWN).items()
    }
    if not curves:
        return
    st.plotly_chart(
        figures.accuracy_curves(curves),
        key="door-curves",
        config=figures.STILL,
        alt="How many test images are still recognised the larger the change is",
    )
    st.caption("How many test images are still recognised, the larger the change of every pixel.")
