"""Home: the paper's questions as doors, and what the models behind them can and cannot do."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from einstyle_core import data, images
from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import CheckpointError, DataError
from pages.attacking.door import attacked_now
from pages.colorizing.door import coloured_now
from pages.generating.door import generated_now
from pages.shared import models, networks, pictures, registry, samples, scores, shell
from pages.shared.text import told


@dataclass(frozen=True)
class Door:
    """A question of the paper that a page of this app answers.

    Attributes:
        page: the page's name; the door is shown where that page has something to show.
        order: which of the paper's questions it is.
        question: in a visitor's words.
        promise: what one can do there.
        action: what the link says.
        thumbnail: draws something that our own models compute now.
    """

    page: str
    order: str
    question: str
    promise: str
    action: str
    thumbnail: Callable[[], None]


def classified_now() -> None:
    """Ten test images and what the network says of them now; without the dataset, its measured confusion."""
    if data.is_available():
        _ten_answers()
    else:
        _confusion_thumbnail()


def _ten_answers() -> None:
    chosen = samples.one_of_each(shuffle=0)
    pixels = samples.images_of(chosen)
    predictions = networks.ask(networks.BEST, pixels)
    right = sum(prediction.label_index == truth for truth, prediction in enumerate(predictions))
    wrong = [
        f"the {CLASS_NAMES[truth]} for a {prediction.label}"
        for truth, prediction in enumerate(predictions)
        if prediction.label_index != truth
    ]
    with st.container(key="pixels-door"):
        st.image(
            images.grid(pixels, columns=5, padding=1, scale=5, background=32),
            width="stretch",
            output_format="PNG",
            alt="ten test images, one of each class",
        )
    mistakes = f"; it takes {', '.join(wrong)}" if wrong else ""
    st.caption(f"Computed now: {networks.spoken(networks.BEST)} knows {right} of these ten test images{mistakes}.")


def _confusion_thumbnail() -> None:
    record = models.measured("classifiers").get(networks.BEST)
    if record is None:
        return
    counts = np.array(record["confusion"])
    tones = (255 * np.sqrt(counts / counts.sum(1, keepdims=True))).astype(np.uint8)
    with st.container(key="pixels-door"):
        st.image(
            pictures.enlarged(tones, 28),
            width=280,
            output_format="PNG",
            alt="what each class is taken for, as a ten by ten matrix",
        )
    st.caption("What each of ten classes (rows) is taken for (columns): the brighter, the more often.")


DOORS: tuple[Door, ...] = (
    Door(
        page="classify",
        order="The paper's first question",
        question="What is this garment?",
        promise=(
            "Drop one photo or a whole catalogue. Two networks name each garment, side by side, with every "
            "probability. Correct them, see how right they are on *your* pictures, and take the sorted files home."
        ),
        action="Classify a picture",
        thumbnail=classified_now,
    ),
    Door(
        page="robustness",
        order="The paper's second question",
        question="What does it take to fool it?",
        promise=(
            "Drag ε and watch two networks fail on a picture that looks the same to you: the picture, the change and "
            "every probability move under your hand. Random noise of the same size stands beside it as the proof."
        ),
        action="Attack a picture",
        thumbnail=attacked_now,
    ),
    Door(
        page="generate",
        order="What the paper is named after",
        question="Can a machine make new clothes?",
        promise=(
            "Ask a GAN for a garment, by class and by seed. Walk from one picture to another, see which "
            "training image comes nearest, and try to tell the generated ones from the real ones."
        ),
        action="Generate garments",
        thumbnail=generated_now,
    ),
    Door(
        page="colorize",
        order="The paper's third part",
        question="Which colour suits it?",
        promise=(
            "Your garment in the colours you are thinking of: folds, prints and background stay, the cloth changes. "
            "Drag a divider between two versions, print the colourway sheet, and let your group choose."
        ),
        action="Colour a garment",
        thumbnail=coloured_now,
    ),
)


def show_doors() -> None:
    """A card for each question whose page exists and has something to show."""
    for door in DOORS:
        page = registry.find(door.page)
        if page is None or not page.is_furnished():
            continue
        with st.container(border=True, key=f"door-{door.page}"):
            words, picture = st.columns(2, gap="large", vertical_alignment="center")
            with words:
                st.caption(door.order)
                st.subheader(door.question, anchor=False)
                st.markdown(door.promise)
                if st.button(door.action, type="primary", icon=page.icon, key=f"open-{door.page}"):
                    st.switch_page(page.to_page())
            with picture:
                try:
                    door.thumbnail()
                except (CheckpointError, DataError) as error:
                    st.error(told(error), icon=":material/healing:")


def show_models() -> None:
    """What each network can and cannot do, in measured figures."""
    st.subheader("What the networks can do, and what they cannot", anchor=False)
    measured = networks.measured()
    if not measured:
        return
    for column, name in zip(st.columns(len(measured), gap="large"), measured, strict=True):
        with column:
            _model_card(name, measured[name])
    st.markdown(
        "Neither has seen a photograph, a colour, or anything but ten kinds of garments on black: whatever you show "
        "them, they answer with one of the ten."
    )


def _model_card(name: str, record: dict[str, object]) -> None:
    counts = np.array(record["confusion"])
    per_class = counts.diagonal() / counts.sum(1)
    best, worst = int(per_class.argmax()), int(per_class.argmin())
    other, share = scores.worst_mix_up(counts, worst)
    accuracy, paper = scores.accuracy(counts), record.get("paper_accuracy")
    st.metric(
        networks.title(name),
        f"{accuracy:.1%} right",
        f"{(accuracy - paper) * 100:+.1f} points against the paper's {paper:.0%}" if isinstance(paper, float) else None,
    )
    st.markdown(
        f"**Best at** {CLASS_NAMES[best]}: {per_class[best]:.0%} of them are recognised.  \n"
        f"**Weakest at** {CLASS_NAMES[worst]}: {per_class[worst]:.0%}; {share:.0%} are taken for {CLASS_NAMES[other]}."
    )
    st.caption(f"{record['n']:,} test images, measured {record['date']}.")


shell.begin(
    "E_in-style",
    "Clothing in 28×28 pixels: what networks recognise in it, and where they fail. A paper to walk through with your "
    "own pictures.",
)
show_doors()
show_models()
shell.footer()
