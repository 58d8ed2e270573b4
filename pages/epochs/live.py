"""Train live: the line, the progress, and the player that grows with the run."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import data, images
from einstyle_core.errors import DataError, EinstyleError
from einstyle_core.gans import GANS, history
from einstyle_core.gans.live import STEPS, STEPS_PER_REPORT, Run, Stage
from pages.components import epoch_player as player
from pages.epochs import shelf
from pages.shared.text import plain, told

POLL_SECONDS = 2.0
_RUN = "live-run"
_SHOWN = "live-shown"

_STATES = {
    "done": "The run is done. Play it, or train another.",
    "stopped": "The run was stopped. What it has learned so far is below.",
    "failed": "The run failed.",
}


@st.cache_resource(show_spinner=False)
def stage() -> Stage:
    """The one stage of this process: all visitors share it."""
    return Stage()


def show() -> None:
    """The whole section."""
    st.markdown(
        f"A GAN starts from nothing, on this machine, and learns for up to {STEPS} steps of 64 pictures, a third of an "
        "epoch of the shipped ones. First shapes appear after about a hundred. It runs at the lowest priority, one at "
        "a time; whoever comes second waits in line. A run whose page is left is given up."
    )
    run: Run | None = st.session_state.get(_RUN)
    if not data.is_available():
        _offer_data()
    else:
        _controls(run)
    if run is None:
        return
    if run.is_over:
        _result(run)
    else:
        _follow(run)


def _controls(run: Run | None) -> None:
    busy = run is not None and not run.is_over
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "GAN", list(GANS), format_func=shelf.title, key="live-gan", disabled=busy, width=180, index=None,
            placeholder="Choose one",
        )  # fmt: skip
        steps = st.select_slider(
            "Steps", range(50, STEPS + 1, 50), value=STEPS, key="live-steps", disabled=busy, width=220
        )
        if busy:
            st.button("Stop", icon=":material/stop:", key="live-stop", on_click=_stop)
        else:
            st.button(
                "Train it now",
                type="primary",
                icon=":material/model_training:",
                key="live-start",
                disabled=name is None,
                on_click=_start,
                args=(name, steps),
            )
    if refusal := st.session_state.pop("live-refusal", None):
        st.warning(refusal, icon=":material/hourglass_disabled:")


@st.fragment(run_every=POLL_SECONDS)
def _follow(run: Run) -> None:
    """Ask how far the run is; asking is also what keeps it alive."""
    reports, _ = run.seen()
    if run.is_over:
        st.rerun()
    if ahead := stage().ahead(run):
        runs = "One run is" if ahead == 1 else f"{ahead} runs are"
        st.info(
            f"{runs} before yours. It starts by itself; a run takes a few minutes. Leaving this page gives up your "
            "place.",
            icon=":material/groups:",
        )
        return
    if not reports:
        st.progress(0.0, "Starting: a process of its own opens the 60,000 training images …")
        return
    done = len(reports)
    pace = sum(report.seconds for report in reports[-5:]) / len(reports[-5:])
    left = pace * (run.planned - done)
    st.progress(
        done / run.planned,
        f"Step {done * STEPS_PER_REPORT} of {run.steps}, {pace / STEPS_PER_REPORT:.1f} s a step, "
        f"about {_spoken(left)} left",
    )
    _play(run)


def _result(run: Run) -> None:
    words = f"{_STATES[run.state]} {told(EinstyleError(run.message))}".strip()
    if run.state == "failed":
        st.error(words, icon=":material/error:")
    else:
        st.markdown(words)
    reports, frames = run.seen()
    if not reports:
        return
    _play(run)
    st.download_button(
        "Animation (GIF)",
        lambda: images.write_gif(_stacked(frames), 200),
        f"{run.gan}-live.gif",
        "image/gif",
        on_click="ignore",
        icon=":material/download:",
        key="live-gif",
    )


def _play(run: Run) -> None:
    reports, frames = run.seen()
    key = f"live-{id(run)}"
    kept: tuple[str, int, player.Run] | None = st.session_state.get(_SHOWN)
    if kept is None or kept[:2] != (key, len(reports)):
        shown = player.Run(
            f"{run.gan}-live",
            shelf.title(run.gan),
            "live",
            run.planned,
            player.describe(reports, history.find_chapters(reports)),
            player.make_sheet(_stacked(frames)),
            scale=STEPS_PER_REPORT,
        )
        kept = (key, len(reports), shown)
        st.session_state[_SHOWN] = kept
    player.epoch_player([kept[2]], key=key, follow=True, unit="step")


def _start(name: str, steps: int) -> None:
    try:
        st.session_state[_RUN] = stage().submit(name, steps=steps)
    except EinstyleError as error:
        st.session_state["live-refusal"] = told(error)


def _stop() -> None:
    run: Run | None = st.session_state.get(_RUN)
    if run:
        stage().stop(run)


def _offer_data() -> None:
    st.info(
        "Training needs the training images of Fashion-MNIST, which are not on this machine.", icon=":material/image:"
    )
    if not st.button("Download Fashion-MNIST (31 MB)", icon=":material/download:", key="live-data"):
        return
    bar = st.progress(0.0, "Asking the server …")

    def advance(done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0), f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")

    try:
        data.fetch(advance)
    except (DataError, OSError) as error:
        bar.empty()
        st.error(told(error) if isinstance(error, DataError) else plain(str(error)), icon=":material/cloud_off:")
        return
    st.rerun()


def _stacked(frames: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.stack(frames)


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(5, 5 * round(seconds / 5))} s"
