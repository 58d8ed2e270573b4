"""Classify: what is this garment? Photos in, both networks' answers side by side, a whole catalogue sorted."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from einstyle_core.data import CLASS_NAMES, is_available
from einstyle_core.errors import DataError
from einstyle_core.exports import safe_name, visible
from einstyle_core.images import FORMATS, Limits, png_bytes
from pages.shared import catalogue, confusion, figures, networks, pictures, samples, scores, shell, tray
from pages.shared.catalogue import Answered
from pages.shared.text import plain
from pages.shared.verdicts import DOUBT_RULE, agreement, doubt

FILE_TYPES = [*(name.lower() for name in FORMATS), "jpg"]
GRID_PAGE = 24
MOST_WARNINGS = 3


def add_pictures() -> None:
    """Every way in: files, camera, clipboard, samples."""
    files = st.file_uploader(
        "Drop photos of garments here: one, or a whole catalogue",
        accept_multiple_files=True,
        key=f"upload-{_round()}",
        help=Limits().accepted,
    )
    if files:
        _take([(file.name, file.getvalue()) for file in files])

    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Camera", icon=":material/photo_camera:", on_change="rerun", key="camera-open") as camera:
            if camera.open and (shot := st.camera_input("Photograph a garment", key=f"camera-{_round()}")):
                _take([("camera.jpg", shot.getvalue())])
        with st.popover("Paste", icon=":material/content_paste:"):
            pasted = st.chat_input(
                "Click here, press Ctrl+V, then Enter", accept_file="multiple", file_type=FILE_TYPES, key="paste"
            )
            if pasted and pasted.files:
                _take([(file.name or "pasted.png", file.getvalue()) for file in pasted.files])
        if tray.items() and st.button("Clear all pictures", icon=":material/delete:", type="tertiary"):
            tray.clear()
            samples.forget_link()
            st.rerun()

    if tray.items():
        with st.expander("Add a test image", icon=":material/photo_library:"):
            offer_samples()
    else:
        offer_samples()

    refused = [plain(sentence) for sentence in tray.refusals()]
    if len(refused) > MOST_WARNINGS:
        st.warning(f"{len(refused)} files were left out; the others are below.", icon=":material/broken_image:")
        with st.expander("Which, and why"):
            st.markdown("\n".join(f"- {sentence}" for sentence in refused))
        return
    for sentence in refused:
        st.warning(sentence, icon=":material/broken_image:")


def offer_samples() -> None:
    """Ten test images to click, or the way to get them."""
    if not is_available():
        samples.offer_download()
        return
    shuffle = st.session_state.setdefault("shuffle", 0)
    try:
        choice = samples.one_of_each(shuffle)
        picked = samples.images_of(choice)
    except DataError as error:
        st.error(plain(str(error)), icon=":material/folder_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**No photo at hand?** Ten test images that no network has learned from:", width="content")
        if st.button("Take all ten", type="tertiary", icon=":material/done_all:"):
            for index in choice:
                samples.add(index)
            st.rerun()
        if st.button("Ten others", type="tertiary", icon=":material/shuffle:"):
            st.session_state["shuffle"] = shuffle + 1
            st.rerun()
    with st.grid(10, min_column_width=84, gap="xsmall"):
        for label, (index, pixels) in enumerate(zip(choice, picked, strict=True)):
            with st.container(gap="xxsmall"):
                pictures.show_pixels(pixels, f"sample-{label}", f"test image {index}: {CLASS_NAMES[label]}")
                if st.button(CLASS_NAMES[label], key=f"take-{label}", type="tertiary", width="stretch"):
                    tray.focus(samples.add(index))
                    st.rerun()


def show_batch(batch: Sequence[Answered]) -> None:
    """Many pictures: a sorted grid to click, corrections, the accuracy on them, and the files to take away."""
    count = len(batch)
    doubts = sum(entry.answer.doubt is not None for entry in batch)
    agreed = sum(entry.agreed for entry in batch)
    together = f" Both networks agree on {agreed}." if len(batch[0].predictions) > 1 else ""
    st.subheader(f"{count} pictures, sorted", anchor=False)
    st.markdown(
        f"By class, the surest first.{together} {networks.spoken(batch[0].asked).capitalize()} is in doubt on {doubts}."
    )
    pages = -(-count // GRID_PAGE)
    page = min(st.pagination(pages, key="grid-page"), pages) if pages > 1 else 1
    with st.grid(8, min_column_width=104, gap="small"):
        for entry in batch[(page - 1) * GRID_PAGE : page * GRID_PAGE]:
            _grid_cell(entry)
    with st.container(horizontal=True):
        st.download_button(
            "Table (CSV)",
            lambda: catalogue.csv_bytes(batch),
            "einstyle-labels.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/table:",
        )
        st.download_button(
            "Sorted files (ZIP, a folder per class)",
            lambda: catalogue.zip_bytes(batch),
            "einstyle-sorted.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/folder_zip:",
        )


def correct_labels(batch: Sequence[Answered]) -> None:
    """A table in which the visitor says what each picture is, and how right the networks were."""
    st.subheader("How right on your pictures?", anchor=False)
    st.markdown(
        "Choose in the second column what each picture is. The folders of the ZIP and the figures below follow at once."
    )
    table = pd.DataFrame(
        {
            "picture": [pictures.data_uri(entry.item.pixels) for entry in batch],
            "It is": [None if entry.item.truth is None else CLASS_NAMES[entry.item.truth] for entry in batch],
            **{
                networks.title(name): [
                    f"{e.predictions[name].label} {e.predictions[name].confidence:.0%}" for e in batch
                ]
                for name in batch[0].predictions
            },
            "file": [visible(entry.item.name) for entry in batch],
        }
    )
    order = hash(tuple(entry.item.key for entry in batch))
    editor = f"corrections-{order}"
    st.data_editor(
        table,
        key=editor,
        hide_index=True,
        num_rows="fixed",
        row_height=44,
        height=min(44 * len(batch) + 40, 480),
        disabled=[column for column in table.columns if column != "It is"],
        column_config={
            "picture": st.column_config.ImageColumn("28×28", width="small", help="what the networks see"),
            "file": st.column_config.TextColumn("File"),
            "It is": st.column_config.SelectboxColumn("It is …", options=list(CLASS_NAMES)),
        },
        on_change=lambda: _keep_corrections(editor, batch),
        placeholder="choose",
        alt="One row a picture: what it is, what each network says, its file",
    )
    labelled = [entry for entry in batch if entry.item.truth is not None]
    if len(labelled) < len(batch) and st.button(
        f"The other {len(batch) - len(labelled)} are as {networks.spoken(batch[0].asked)} says",
        icon=":material/done_all:",
        type="tertiary",
    ):
        for entry in batch:
            if entry.item.truth is None:
                tray.label(entry.item.key, entry.answer.label_index)
        st.rerun()
    if not labelled:
        return
    with st.container(horizontal=True, gap="medium"):
        for name in batch[0].predictions:
            right = sum(entry.predictions[name].label_index == entry.item.truth for entry in labelled)
            low, high = scores.wilson_interval(right, len(labelled))
            st.metric(
                f"{networks.title(name)} on your pictures",
                f"{right} of {len(labelled)}",
                f"{right / len(labelled):.0%} right; 95 % interval {low:.0%} to {high:.0%}",
                delta_color="off",
                delta_arrow="off",
                width="content",
            )


def show_picture(entry: Answered) -> None:
    """One picture: the answer, how it was prepared, every probability."""
    item = entry.item
    truth = f" · the dataset says {CLASS_NAMES[item.truth]}" if item.is_sample and item.truth is not None else ""
    st.caption(plain(item.name) + truth)
    together = agreement({networks.spoken(name): prediction for name, prediction in entry.predictions.items()})
    st.markdown(f"### {together}")
    preparation, answers = st.columns([5, 6], gap="medium")
    with preparation:
        show_preparation(item)
    with answers:
        for column, name in zip(st.columns(len(entry.predictions)), entry.predictions, strict=True):
            with column:
                show_answer(name, entry)


def show_answer(name: str, entry: Answered) -> None:
    """What one network says, with its ten probabilities."""
    prediction = entry.predictions[name]
    st.markdown(f"**{networks.title(name)}**  \n{prediction.label}, {prediction.confidence:.0%}")
    st.caption(doubt(prediction), help=DOUBT_RULE)
    each = ", ".join(f"{label} {value:.0%}" for label, value in zip(CLASS_NAMES, prediction.probabilities, strict=True))
    st.plotly_chart(
        figures.probability_bars(prediction),
        key=f"bars-{name}",
        config=figures.STILL,
        alt=f"{networks.title(name)}: {each}",
    )


def show_preparation(item: tray.Item) -> None:
    """Original, found garment, and what the networks see; with what else was tried."""
    garment = item.garment
    with st.container(key="preparation"):
        first, second, third = st.columns(3, wrap=False, gap="small")
        first.image(garment.original, caption="The picture", width="stretch", output_format="PNG", alt="the picture")
        second.image(garment.cutout, caption="The garment found", width="stretch", output_format="PNG", alt="cut out")
        with third:
            pictures.show_pixels(item.pixels, "seen", "the picture in 28 by 28 gray pixels", "What the networks see")
    for note in garment.notes:
        st.info(note, icon=":material/content_cut:")
    if not item.is_sample:
        st.caption(
            "The networks see nothing but the 28×28 gray pixels on the right. They learned from catalogue pictures on "
            "black; of an ordinary photograph they are often wrong, even where they are sure. If you would not know "
            "the garment from the right-hand picture, try another way of preparing it."
        )
    st.download_button(
        "What they see (PNG)",
        lambda: png_bytes(pictures.enlarged(item.pixels, 16)),
        f"{Path(safe_name(item.name)).stem}-28x28.png",
        "image/png",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )
    with st.expander("Prepare it another way", icon=":material/tune:"):
        names = list(garment.candidates)
        with st.grid(4, min_column_width=76, gap="xsmall"):
            for number, name in enumerate(names):
                with st.container(gap="xxsmall"):
                    pictures.show_pixels(garment.candidates[name], f"candidate-{number}", name)
                    st.button(
                        name.capitalize(),
                        key=f"candidate-button-{number}",
                        type="primary" if name == item.chosen else "secondary",
                        width="stretch",
                        on_click=tray.choose,
                        args=(item.key, name),
                    )
        with st.form("crop", border=False):
            across = st.slider("Keep from left to right", 0, 100, (0, 100), format="%d %%", key=f"across-{item.key}")
            down = st.slider("Keep from top to bottom", 0, 100, (0, 100), format="%d %%", key=f"down-{item.key}")
            if st.form_submit_button("Look for the garment in this part", icon=":material/crop:"):
                tray.crop(item.key, across, down)
                st.rerun()


def _grid_cell(entry: Answered) -> None:
    item, answer = entry.item, entry.answer
    with st.container(gap="xxsmall"):
        pictures.show_pixels(item.pixels, f"grid-{item.key}", f"{item.name}: {answer.label}")
        if st.button(answer.label, key=f"open-{item.key}", help=plain(item.name), width="stretch"):
            tray.focus(item.key)
            st.rerun()
        doubtful = ", nothing found" if item.garment.quality == 0 else ", in doubt" if answer.doubt else ""
        st.caption(f"{answer.confidence:.0%}{doubtful}")


def _keep_corrections(editor: str, batch: Sequence[Answered]) -> None:
    for row, changes in st.session_state[editor]["edited_rows"].items():
        if "It is" in changes:
            name = changes["It is"]
            tray.label(batch[int(row)].item.key, CLASS_NAMES.index(name) if name in CLASS_NAMES else None)


def _round() -> int:
    """Part of the inputs' keys: after each batch they are fresh and empty."""
    count: int = st.session_state.setdefault("upload_round", 0)
    return count


def _take(files: list[tuple[str, bytes]]) -> None:
    bar = st.progress(0.0, "Looking for the garments …")
    tray.add_files(
        files, lambda done, name: bar.progress(done / len(files), f"{done + 1} of {len(files)}: {plain(name)}")
    )
    st.session_state["upload_round"] = _round() + 1
    st.rerun()


def your_pictures() -> None:
    """The first tab."""
    samples.follow_link()
    add_pictures()
    kept = list(tray.items().values())
    if not kept:
        return
    sound = networks.usable()
    if not sound:
        for item in kept[-1:]:
            show_preparation(item)
        return
    asked = sound[0]
    if len(sound) > 1 and len(kept) > 1:
        asked = networks.choose("Sort and name by the answers of", sound, "network")
    elif networks.BEST in sound:
        asked = networks.BEST
    pixels = tray.stack(kept)
    answers = zip(*(networks.ask(name, pixels) for name in sound), strict=True)
    batch = catalogue.in_order(
        [Answered(item, dict(zip(sound, each, strict=True)), asked) for item, each in zip(kept, answers, strict=True)]
    )
    by_key = {entry.item.key: entry for entry in batch}
    focused = by_key.get(tray.focused(), batch[0])
    if len(batch) > 1:
        show_batch(batch)
        st.divider()
    show_picture(focused)
    if len(batch) > 1:
        st.divider()
        correct_labels(batch)


shell.begin(
    "Classify",
    "What is this garment? Two networks, which learned from catalogue pictures of ten kinds of garments, say what "
    "they take it for, and how sure they are.",
)
pictures_tab, mistakes_tab = st.tabs([confusion.PICTURES_TAB, "Where they go wrong"], key="view", bind="query-params")
with pictures_tab:
    your_pictures()
with mistakes_tab:
    confusion.show()
shell.footer()
