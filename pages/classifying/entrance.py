"""Every way in for pictures: files, camera, clipboard, samples; and the work that begins with it, to be stopped."""

import streamlit as st

from einstyle_core.errors import CheckpointError
from einstyle_core.images import FORMATS, Limits
from pages.shared import answers, intake, networks, samples, tray
from pages.shared.text import plain, remaining

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
        with st.expander("Add a sample", icon=":material/photo_library:"):
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
    """Ten pictures to click."""
    samples.offer(10, take_all=True)


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
    return f"{work.done + 1} of {work.total}: {plain(work.waiting[0][1])}{remaining(work.seconds_left)}"


def _clear() -> None:
    tray.clear()
    intake.clear()
    samples.forget_link()


def _round() -> int:
    """Part of the inputs' keys: after each batch they are fresh and empty."""
    count: int = st.session_state.setdefault("upload_round", 0)
    return count
