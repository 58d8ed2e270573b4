"""The confusion matrix to click: how often each class is taken for which, and the very pictures."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import checkpoints, data, images
from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import CheckpointError, DataError, EinstyleError
from pages.shared import figures, models, networks, samples, scores, tray
from pages.shared.text import told

_LOOK_ALIKES = (("T-shirt/top", "Shirt"), ("Pullover", "Coat"), ("Sneaker", "Ankle boot"))
_CELL = "cell"  # in the URL: the two positions, as "6-0"
_MOST_CASES = 60
_PROBLEM = "case_problem"
PICTURES_TAB = "Your pictures"


@st.fragment
def show() -> None:
    """The whole section; what happens in it reruns nothing else."""
    measured = networks.measured()
    if not measured:
        return
    name = networks.choose("Whose mistakes?", list(measured), "mistakes-of")
    record = measured[name]
    counts = np.array(record["confusion"])
    groups = choose_groups()
    joined = scores.join(counts, groups)
    names = [scores.group_name(group) for group in groups]
    show_scores(counts, joined, record["n"])
    _tell_foreign_weights(name, record["checkpoint_sha256"])

    matrix, cases = st.columns([3, 2], gap="medium")
    with matrix:
        event = st.plotly_chart(
            figures.confusion_matrix(joined, names),
            key=f"matrix-{name}-{len(groups)}",
            on_select="rerun",
            selection_mode="points",
            config={"displayModeBar": False},
            alt=f"Confusion counts of the {networks.title(name)}; choose a cell with the two lists beside it",
        )
        st.caption(f"{record['n']:,} test images. A row is what it was, a column what the network said. Click a cell.")
    with cases:
        truth, said = choose_cell(groups, event["selection"]["points"])
        count, total = int(joined[truth, said]), int(joined[truth].sum())
        taken = "recognised" if truth == said else f"taken for {names[said]}"
        st.markdown(f"**{count:,} of {total:,}** pictures of {names[truth]} were {taken}.")
        show_cases(name, groups[truth], groups[said], count)


def choose_groups() -> scores.Groups:
    """The switch that joins look-alike classes, and which."""
    if not st.toggle(
        "Join classes that look alike",
        key="join",
        bind="query-params",
        help="The paper's idea: where even people cannot tell two classes apart in 28×28 pixels, count them as one.",
    ):
        return scores.SINGLES
    joined: list[list[int]] = []
    for number, (column, default) in enumerate(zip(st.columns(3), _LOOK_ALIKES, strict=True), start=1):
        chosen = column.multiselect(
            f"Group {number}", CLASS_NAMES, default=list(default), key=f"group{number}", bind="query-params"
        )
        joined.append([CLASS_NAMES.index(label) for label in chosen])
    return scores.partition(joined)


def show_scores(counts: NDArray[np.integer], joined: NDArray[np.integer], n: int) -> None:
    """The accuracy, and what joining makes of it."""
    before, after = scores.accuracy(counts), scores.accuracy(joined)
    with st.container(horizontal=True, gap="large"):
        st.metric("Right, of ten classes", f"{before:.2%}", width="content")
        if len(joined) < len(counts):
            st.metric(
                f"Right, of {len(joined)} classes",
                f"{after:.2%}",
                f"{(after - before) * 100:+.2f} points",
                width="content",
                help="The pictures and the answers are the same; mix-ups within a group no longer count as mistakes.",
            )
    if len(joined) < len(counts):
        wrong, left = round((1 - before) * n), round((1 - after) * n)
        st.caption(f"Of {wrong:,} mistakes, {wrong - left:,} were between joined classes; {left:,} are left.")


def choose_cell(groups: scores.Groups, points: Sequence[dict[str, int]]) -> tuple[int, int]:
    """The cell in question (truth, answer), as positions in ``groups``: by click, by the two lists, or by link.

    Kept and linked are classes, not positions, so that joining classes does not change what is looked at. Each
    partition has lists of its own: a browser may still send a choice out of the options that it had before.
    """
    cell: tuple[int, int] = st.session_state.setdefault("cell_classes", _linked_cell())
    clicked = (int(points[0]["y"]), int(points[0]["x"])) if points else None
    is_new_click = clicked is not None and clicked != st.session_state.get("clicked_cell")
    st.session_state["clicked_cell"] = clicked
    if clicked and is_new_click:
        cell = groups[clicked[0]][0], groups[clicked[1]][0]
    home = {index: group[0] for group in groups for index in group}
    signature = "-".join("".join(str(index) for index in group) for group in groups)
    firsts = []
    for place, label in enumerate(("It was", "and the network said")):
        key = f"cell-{place}-{signature}"
        if is_new_click or key not in st.session_state:
            st.session_state[key] = home[cell[place]]
        firsts.append(
            st.selectbox(label, [group[0] for group in groups], format_func=lambda i: _name(groups, i), key=key)
        )
    truth, said = firsts
    st.session_state["cell_classes"] = truth, said
    if (truth, said) != _linked_cell():
        st.query_params[_CELL] = f"{truth}-{said}"
    places = {group[0]: place for place, group in enumerate(groups)}
    return places[truth], places[said]


def show_cases(name: str, truths: Sequence[int], answers: Sequence[int], count: int) -> None:
    """The test images of ``truths`` that network ``name`` took for one of ``answers``, the surest answer first."""
    if not data.is_available():
        st.info(
            "To see them, Fashion-MNIST is needed: `python -m scripts.fetch_data` (31 MB).", icon=":material/image:"
        )
        return
    try:
        probabilities = models.test_probabilities(name, models.fingerprint(name))
        test = models.test_images()
    except (CheckpointError, DataError) as error:
        st.error(told(error), icon=":material/healing:")
        return
    chosen = np.flatnonzero(np.isin(test.labels.numpy(), truths) & np.isin(probabilities.argmax(1), answers))
    chosen = chosen[np.argsort(-probabilities[chosen].max(1), kind="stable")][:_MOST_CASES]
    if not len(chosen):
        st.caption("There is no such picture.")
        return
    sheet = images.grid(samples.images_of(chosen.tolist()), columns=10, padding=1, scale=3, background=96)
    with st.container(key="pixels-cases"):
        st.image(sheet, width="stretch", output_format="PNG", alt=f"{len(chosen)} test images of this cell")
    shown = "All of them" if len(chosen) == count else f"{len(chosen)} of them"
    st.caption(f"{shown}, the one that the network was surest of first.")
    with st.container(horizontal=True):
        if st.button(
            "Look at the first one closely",
            icon=":material/search:",
            key="open-case",
            on_click=_look_closely,
            args=(int(chosen[0]),),
        ):
            if _PROBLEM not in st.session_state:
                st.rerun(scope="app")
            st.error(st.session_state.pop(_PROBLEM), icon=":material/luggage:")
        st.download_button(
            "Sheet (PNG)",
            lambda: images.png_bytes(sheet),
            f"{name}-{truths[0]}-{answers[0]}.png",
            "image/png",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )


def _look_closely(index: int) -> None:
    try:
        tray.focus(samples.add(index))
    except EinstyleError as error:
        st.session_state[_PROBLEM] = told(error)
    else:
        st.session_state["view"] = PICTURES_TAB


def _linked_cell() -> tuple[int, int]:
    """The cell in the URL; Shirt taken for T-shirt/top where it says none, or nonsense."""
    parts = st.query_params.get(_CELL, "").split("-")
    if len(parts) == 2 and all(len(part) == 1 and part in "0123456789" for part in parts):
        return int(parts[0]), int(parts[1])
    return 6, 0


def _name(groups: scores.Groups, first: int) -> str:
    return next(scores.group_name(group) for group in groups if group[0] == first)


def _tell_foreign_weights(name: str, measured_sha256: str) -> None:
    shipped = checkpoints.available().get(name)
    if shipped and shipped["sha256"] != measured_sha256:
        st.warning(
            f"These figures were measured on other weights of the {networks.title(name)} than those in use. "
            "Measure again: `python -m scripts.evaluate classifiers`",
            icon=":material/straighten:",
        )
