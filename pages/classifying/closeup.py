"""One picture closely: the answer, how the garment was found, every probability."""

from pathlib import Path

import streamlit as st

from einstyle_core.data import CLASS_NAMES
from einstyle_core.images import png_bytes
from pages.shared import catalogue, figures, networks, pictures, samples, travel, tray
from pages.shared.catalogue import Answered
from pages.shared.text import plain
from pages.shared.tray import Item
from pages.shared.verdicts import DOUBT_RULE, LABELS, OUTSIDE, agreement, doubt, said

_SCROLL_HERE = """
<script>
  // {count}: other text each time, or it would not run again
  document.querySelector(".st-key-closeup")?.scrollIntoView({{behavior: "smooth"}});
</script>
"""


def show(entry: Answered) -> None:
    """The whole section."""
    item = entry.item
    with st.container(key="closeup"):
        show_heading(item)
        if item.is_blank:
            st.markdown("### Nothing found")
            st.markdown("The picture is of one tone all over: there is nothing in it to recognise.")
            show_steps(item, list(entry.predictions))
            offer_other_ways(item, list(entry.predictions))
            return
        st.markdown(f"### {said(entry.answer)}")
        if len(entry.predictions) > 1:
            st.markdown(agreement({networks.spoken(name): each for name, each in entry.predictions.items()}))
        show_steps(item, list(entry.predictions))
        for column, name in zip(st.columns(len(entry.predictions), gap="medium"), entry.predictions, strict=True):
            with column:
                show_answer(name, entry)
        offer_other_ways(item, list(entry.predictions))


def show_heading(item: Item) -> None:
    """The picture's name, and what can be done with it."""
    if count := tray.scroll_wanted():
        st.html(_SCROLL_HERE.format(count=count), unsafe_allow_javascript=True)
    truth = "" if item.truth is None else f" · labelled {LABELS[item.truth]}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(plain(item.name) + truth, width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if not item.is_blank:
                travel.offer(lambda: item.key, here="classify")
            st.button(
                "Remove this picture",
                icon=":material/delete:",
                type="tertiary",
                key="remove",
                on_click=_remove,
                args=(item,),
            )


def show_answer(name: str, entry: Answered) -> None:
    """What one network says, with its ten probabilities."""
    prediction = entry.predictions[name]
    st.markdown(f"**{networks.title(name)}**  \n{said(prediction)}")
    has_to_choose = prediction.scope is None and entry.decision == OUTSIDE
    remark = " It knows nothing but the ten, and has to name one." if has_to_choose else ""
    st.caption(doubt(prediction) + remark, help=DOUBT_RULE)
    each = ", ".join(f"{label} {value:.0%}" for label, value in zip(CLASS_NAMES, prediction.probabilities, strict=True))
    st.plotly_chart(
        figures.probability_bars(prediction),
        key=f"bars-{name}",
        config=figures.STILL,
        alt=f"{networks.title(name)}: {each}",
    )


def show_steps(item: Item, asked: list[str]) -> None:
    """From the picture to what the networks see, step by step."""
    garment = item.garment
    has_photo_network = networks.PHOTO in asked
    columns, narrowest = (4, 136) if has_photo_network else (3, 104)  # on a phone two rows of two, or one of three
    found = "What was found" if item.quality else "The whole picture is used"
    with st.container(key="preparation"), st.grid(columns, min_column_width=narrowest, gap="small"):
        st.image(garment.original, caption="The picture", width="stretch", output_format="PNG", alt="the picture")
        st.image(pictures.spotlit(garment), caption=found, width="stretch", output_format="PNG", alt="cut out")
        if has_photo_network:
            st.image(
                pictures.colours(item.view),
                caption="What the photo network sees",
                width="stretch",
                output_format="PNG",
                alt="the garment and the ground around it in 192 by 192 pixels",
            )
        seen = "What the paper's networks see" if has_photo_network else "What the networks see"
        pictures.show_pixels(item.pixels, "seen", "the picture in 28 by 28 gray pixels", seen)
    for note in garment.notes:
        st.info(note, icon=":material/content_cut:")
    if not item.is_sample and not has_photo_network:
        st.caption(
            "The networks see nothing but the 28×28 gray pixels on the right. They learned from catalogue pictures on "
            "black; of an ordinary photograph they are often wrong, even where they are sure. If you would not know "
            "the garment from the right-hand picture, try another way of preparing it."
        )


def offer_other_ways(item: Item, asked: list[str]) -> None:
    """What else was tried to prepare the picture, a part of it to look in, and what the networks see as a file."""
    with st.expander("Prepare it another way", icon=":material/tune:", key="prepare"):
        _offer_candidates(item, networks.PHOTO in asked)
        _offer_crop(item)
    st.download_button(
        "What they see (PNG)",
        lambda: png_bytes(pictures.enlarged(item.pixels, 16)),
        f"{Path(catalogue.file_name(item)).stem}-28x28.png",
        "image/png",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def _offer_candidates(item: Item, has_photo_network: bool) -> None:
    if has_photo_network:
        st.caption("For the paper's two networks: which 28×28 pixels they see. The photo network keeps its own view.")
    with st.grid(4, min_column_width=152, gap="small"):
        for number, (name, pixels) in enumerate(item.candidates.items()):
            with st.container(gap="xxsmall"):
                pictures.show_pixels(pixels, f"candidate-{number}", name)
                st.button(
                    name.capitalize(),
                    key=f"candidate-button-{number}",
                    type="primary" if name == item.chosen else "secondary",
                    width="stretch",
                    on_click=tray.choose,
                    args=(item.key, name),
                )


def _offer_crop(item: Item) -> None:
    with st.form("crop", border=False):
        across = st.slider("Keep from left to right", 0, 100, item.part[0], format="%d %%", key=f"across-{item.key}")
        down = st.slider("Keep from top to bottom", 0, 100, item.part[1], format="%d %%", key=f"down-{item.key}")
        if st.form_submit_button("Look for the garment in this part", icon=":material/crop:"):
            tray.crop(item.key, (across, down))
            st.rerun()


def _remove(item: Item) -> None:
    tray.remove(item.key)
    if item.place is not None:
        samples.remove_from_link(item.place)
