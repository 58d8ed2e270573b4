"""What a visitor takes along: the changed picture, crisp, with the recipe that makes it again; and plain numbers."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from einstyle_core import __version__, checkpoints
from einstyle_core.data import CLASS_NAMES
from pages.attacking import lineup, links, sweeps, wording
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
    link: str | None,
) -> dict[str, Any]:
    """Everything that it takes to make the picture again, and what every network said of it.

    ``answer`` is of the picture as it was computed; ``answer_to_saved`` is of the same rounded to 256 tones. ``link``
    is None of a picture that a link cannot show.
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
        "link": link,
    }


def _particulars(setting: Setting, source: str, shipped: Mapping[str, checkpoints.CheckpointInfo]) -> dict[str, Any]:
    if setting.method == "noise":
        return {"seed": setting.draw}
    made: dict[str, Any] = {
        "away_from": "the network's own answer" if setting.label is None else CLASS_NAMES[setting.label],
        "gradient_of": source,
        "gradient_checkpoint_sha256": shipped[source]["sha256"] if source in shipped else "",
    }
    if setting.method == "pgd":
        made |= {"steps": sweeps.PGD_STEPS, "restarts": sweeps.PGD_RESTARTS, "seed": 0}
    return made


def file_name(setting: Setting, source: str, epsilon: float) -> str:
    """Without its ending: ``"einstyle-fgsm-cnn-0.025"``; noise is of no network."""
    whose = f"{setting.draw}" if setting.method == "noise" else source
    return f"einstyle-{setting.method}-{whose}-{wording.number(epsilon)}"


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
    is_movable = sweeps.movable(subject.pixels, setting)
    pixels = _offer_downloads(subject, setting, sources, moved, answers, here) if is_movable else subject.pixels
    with st.container(horizontal=True, gap="large", key="travels"):
        travel.offer(subject.take, here="robustness", words="Use the original in")
        if is_movable:
            name = f"{subject.name}, changed by {wording.number(setting.epsilons[here])}"
            travel.offer(
                lambda: tray.add_sample(name, pixels, subject.truth),
                here="robustness",
                words="Use the changed picture in",
                key="travel-changed",
            )


def _offer_downloads(
    subject: Subject,
    setting: Setting,
    sources: Mapping[str, str],
    moved: Mapping[str, Attacked],
    answers: Mapping[str, NDArray[np.float32]],
    here: int,
) -> NDArray[np.uint8]:
    """Which of the changed pictures, as a file or as its recipe; returns it."""
    made, epsilon = list(moved), setting.epsilons[here]
    with st.container(horizontal=True, vertical_alignment="center", key="takeaway"):
        source = made[0]
        if len(made) > 1:
            source = st.selectbox(
                "Which picture", made, format_func=lambda name: _capital(wording.picture(setting, name)),
                key="take-which", label_visibility="collapsed", width=330,
            )  # fmt: skip
        pixels = moved[source].pixels(here)
        # Here, not in the recipe: that is written when it is clicked on, and by then Streamlit knows no URL.
        link = links.to(subject.sample, setting, epsilon, source, any(map(lineup.is_robust, answers)))

        def text() -> str:
            shown = {name: values for name, values in answers.items() if sources[name] == source}
            return json.dumps(recipe(subject, setting, source, pixels, shown, here, link), indent=1)

        name = file_name(setting, source, epsilon)
        st.download_button(
            "Picture (PNG)", lambda: png(pixels, text()), f"{name}.png", "image/png",
            on_click="ignore", icon=":material/download:",
            help="28×28, enlarged without smoothing; the recipe is inside the file, too.",
        )  # fmt: skip
        st.download_button(
            "Recipe (JSON)", text, f"{name}.json", "application/json", on_click="ignore", icon=":material/receipt_long:"
        )
    return pixels


def show_numbers(
    setting: Setting,
    is_movable: bool,
    moved: Mapping[str, Attacked],
    answers: Mapping[str, NDArray[np.float32]],
    here: int,
) -> None:
    """The pictures and every probability where the slider stands, without anything that moves."""
    epsilon = wording.number(setting.epsilons[here])
    with st.grid(4, min_column_width=120, gap="small"):
        for source, attacked in moved.items():
            pictures.show_pixels(
                attacked.pixels(here),
                f"plain-{source}",
                wording.picture(setting, source) if is_movable else "the picture",
                f"ε {epsilon}, {lineup.short(source)}" if is_movable and setting.method != "noise" else f"ε {epsilon}",
            )
    st.dataframe(_table(answers, here), hide_index=True, width="stretch", height="content")


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _table(answers: Mapping[str, NDArray[np.float32]], here: int) -> pd.DataFrame:
    columns: dict[str, Sequence[str]] = {"class": list(CLASS_NAMES)}
    for name, values in answers.items():
        columns[networks.title(name)] = [f"{100 * value:.1f} %" for value in values[here].tolist()]
    return pd.DataFrame(columns)
