"""Every way in for pictures: files, camera, clipboard, samples; and the work that begins with it, to be stopped."""

import math

import streamlit as st

from einstyle_core.data import CLASS_NAMES, is_available
from einstyle_core.errors import CheckpointError, DataError
from einstyle_core.images import FORMATS, Limits
from pages.shared import answers, intake, networks, pictures, samples, tray
from pages.shared.text import plain, told

_FILE_TYPES = [*(name.lower() for name in FORMATS), "jpg"]
_MOST_WARNINGS = 3


def show() -> None:
    """The inputs; where pictures wait, they are looked into before anything else of the page is drawn."""
    samples.follow_link()
    files = st.file_uploader(
        "Drop photos of garments here: one, or a whole catalogue (PNG, JPEG, WebP, GIF or BMP)",
        accept_multiple_files=True,
        key=f"upload-{_round()}",
        help=Limits().accepted,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Camera", icon=":material/photo_camera:", on_change="rerun", key="camera-open") as camera:
            shot = st.camera_input("Photograph a garment", key=f"camera-{_round()}") if camera.open else None
        with st.popover("Paste", icon=":material/content_paste:"):
            pasted = st.chat_input(
                "Click here, press Ctrl+V, then Enter", accept_file="multiple", file_type=_FILE_TYPES, key="paste"
            )
        if tray.items() and not intake.state().waiting:
            st.button("Clear all pictures", icon=":material/delete:", type="tertiary", on_click=_clear)
    if received := [*files, *([shot] if shot else []), *(pasted.files if pasted else [])]:
        intake.receive(received)
        st.session_state["upload_round"] = _round() + 1
        st.rerun()
    if intake.state().waiting:
        work_off()
        st.rerun()
    if tray.items():
        with st.expander("Add a test image", icon=":material/photo_library:"):
            offer_samples()
    else:
        offer_samples()
    tell_outcome()


def work_off() -> None:
    """Find the garments and ask the networks, one picture after the other; the page goes on when none waits."""
    work = intake.state()
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, "Looking for the garments …")
        st.button("Cancel", icon=":material/close:", on_click=intake.cancel, key="cancel")
    asked = networks.sound()
    while work.waiting:
        # Drawing is also where a click on Cancel, or on anything else, ends this run.
        bar.progress(work.done / work.total, _progress_line(work))
        if (key := intake.advance()) and not (item := tray.items()[key]).is_blank:
            for name in asked:
                try:
                    answers.predictions(name, [item])
                except CheckpointError:  # damaged since a moment ago; the page tells it when it shows the answers
                    continue
    if work.first:
        tray.focus(work.first)


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
        st.error(told(error), icon=":material/folder_off:")
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


def tell_outcome() -> None:
    """What became of the last batch where it is not all there."""
    work = intake.state()
    if work.cancelled:
        st.info(
            f"Stopped: {work.cancelled} of {work.total} pictures were not looked into. Drop them again to go on.",
            icon=":material/close:",
        )
    refused = [plain(sentence) for sentence in work.refused]
    if len(refused) > _MOST_WARNINGS:
        st.warning(f"{len(refused)} files were left out; the others are below.", icon=":material/broken_image:")
        with st.expander("Which, and why"):
            st.markdown("\n".join(f"- {sentence}" for sentence in refused))
        return
    for sentence in refused:
        st.warning(sentence, icon=":material/broken_image:")


def _progress_line(work: intake.Intake) -> str:
    line = f"{work.done + 1} of {work.total}: {plain(work.waiting[0][1])}"
    seconds = work.seconds_left
    if seconds is None or seconds < 5:
        return line
    if seconds < 100:
        return f"{line} · about {10 * math.ceil(seconds / 10)} s left"
    return f"{line} · about {math.ceil(seconds / 60)} min left"


def _clear() -> None:
    tray.clear()
    intake.clear()
    samples.forget_link()


def _round() -> int:
    """Part of the inputs' keys: after each batch they are fresh and empty."""
    count: int = st.session_state.setdefault("upload_round", 0)
    return count
