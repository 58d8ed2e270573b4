"""What a visitor takes along: the changed picture, crisp, with the recipe that makes it again; and plain numbers."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from einstyle_core import __version__, checkpoints
from einstyle_core.data import CLASS_NAMES
from pages.attacking import lineup, sweeps, wording
from pages.attacking.subjects import Subject
from pages.attacking.sweeps import Attacked, Setting
from pages.shared import models, networks, pictures, travel, tray

_SCALE = 20
_TITLE = "Recipe"  # of the text inside the PNG


def recipe(
    subject: Subject,
    setting: Setting,
    source: str,
    pixels: NDArray[np.uint8],
    answers: Mapping[str, NDArray[np.float32]],
    here: int,
) -> dict[str, Any]:
    """Everything that it takes to make the picture again, and what every network said of it.

    ``answer`` is of the picture as it was computed; ``answer_to_saved`` is of the same rounded to 256 tones.
    """
    shipped = checkpoints.available()
    return {
        "made_by": f"E_in-style {__version__}",
        "picture": {
            "name": subject.name,
            "class": None if subject.truth is None else CLASS_NAMES[subject.truth],
            "pixels_sha256": hashlib.sha256(subject.pixels.tobytes()).hexdigest(),
        },
        "attack": {
            "method": setting.method,
            "epsilon": setting.epsilons[here],
            "epsilon_scale": "pixels from 0 to 1",
            "masked": setting.masked,
            "away_from": "the network's own answer" if setting.label is None else CLASS_NAMES[setting.label],
            **_particulars(setting, source, shipped),
        },
        "changed_pixels_sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        "networks": {
            name: {
                "checkpoint_sha256": shipped[name]["sha256"],
                "answer_before": CLASS_NAMES[int(values[0].argmax())],
                "answer": CLASS_NAMES[int(values[here].argmax())],
                "probabilities": [float(value) for value in values[here]],
                "answer_to_saved": CLASS_NAMES[int(models.probabilities(name, pixels[None])[0].argmax())],
            }
            for name, values in answers.items()
            if name in shipped
        },
        "link": f"{st.context.url or ''}?{urlencode(st.query_params.to_dict())}",
    }


def _particulars(setting: Setting, source: str, shipped: Mapping[str, checkpoints.CheckpointInfo]) -> dict[str, Any]:
    if setting.method == "noise":
        return {"seed": setting.draw}
    made = {"gradient_of": source, "gradient_checkpoint_sha256": shipped[source]["sha256"] if source in shipped else ""}
    if setting.method == "pgd":
        made |= {"steps": sweeps.PGD_STEPS, "restarts": sweeps.PGD_RESTARTS, "seed": 0}  # type: ignore[dict-item]
    return made


def png(pixels: NDArray[np.uint8], text: str) -> bytes:
    """The picture as whole squares of pixels, with its recipe inside the file."""
    info, buffer = PngInfo(), io.BytesIO()
    info.add_itxt(_TITLE, text)
    Image.fromarray(pictures.enlarged(pixels, _SCALE)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def offer(
    subject: Subject,
    setting: Setting,
    sources: Mapping[str, str],
    moved: Mapping[str, Attacked],
    answers: Mapping[str, NDArray[np.float32]],
    here: int,
) -> None:
    """Downloads of the picture where the slider stands, and the ways to the other pages."""
    made = list(moved) if setting.method != "noise" else list(moved)[:1]
    epsilon = setting.epsilons[here]
    with st.container(horizontal=True, vertical_alignment="center", key="takeaway"):
        source = made[0]
        if len(made) > 1:
            source = st.selectbox(
                "Which picture", made, format_func=lambda name: f"The picture made to fool {lineup.spoken(name)}",
                key="take-which", label_visibility="collapsed", width=330,
            )  # fmt: skip
        pixels = moved[source].pixels(here)

        def text() -> str:
            shown = {name: values for name, values in answers.items() if sources[name] == source}
            return json.dumps(recipe(subject, setting, source, pixels, shown, here), indent=1)

        name = f"einstyle-{setting.method}-{source}-{wording.number(epsilon)}"
        st.download_button(
            "Picture (PNG)", lambda: png(pixels, text()), f"{name}.png", "image/png",
            on_click="ignore", icon=":material/download:",
            help="28×28, enlarged without smoothing; the recipe is inside the file, too.",
        )  # fmt: skip
        st.download_button(
            "Recipe (JSON)", text, f"{name}.json", "application/json", on_click="ignore", icon=":material/receipt_long:"
        )
    with st.container(horizontal=True, gap="large", key="travels"):
        travel.offer(subject.take, here="robustness", words="Use the original in")
        travel.offer(
            lambda: tray.add_sample(f"{subject.name}, changed by {wording.number(epsilon)}", pixels, subject.truth),
            here="robustness",
            words="Use the changed picture in",
            key="travel-changed",
        )


def show_numbers(
    setting: Setting,
    moved: Mapping[str, Attacked],
    answers: Mapping[str, NDArray[np.float32]],
    here: int,
) -> None:
    """The pictures and every probability where the slider stands, without anything that moves."""
    with st.grid(4, min_column_width=120, gap="small"):
        for source, attacked in moved.items():
            pictures.show_pixels(
                attacked.pixels(here),
                f"plain-{source}",
                f"the picture made to fool {lineup.spoken(source)}",
                f"ε {wording.number(setting.epsilons[here])}, {lineup.short(source)}",
            )
    st.dataframe(_table(answers, here), hide_index=True, width="stretch", height="content")


def _table(answers: Mapping[str, NDArray[np.float32]], here: int) -> pd.DataFrame:
    columns: dict[str, Sequence[str]] = {"class": list(CLASS_NAMES)}
    for name, values in answers.items():
        columns[networks.title(name)] = [f"{100 * value:.1f} %" for value in values[here].tolist()]
    return pd.DataFrame(columns)
