"""What was measured on the test images: the curves under the slider, the paper beside it, which class becomes which."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from einstyle_core import checkpoints
from einstyle_core.data import CLASS_NAMES
from einstyle_core.errors import CheckpointError
from einstyle_core.measurements import Record
from pages.attacking import lineup
from pages.attacking.sweeps import Setting
from pages.components.epsilon_sweep import MeasuredCurve, PaperPoint
from pages.shared import figures, models, networks
from pages.shared.text import told

_COMMAND = "python -m scripts.evaluate robustness"
_SCOPES = {True: "masked", False: "unmasked"}

# What the paper reports of its attack, on pixels from -1 to 1: there a step is twice as long as on pixels from 0 to 1.
PAPER_EPSILON, PAPER_ACCURACY, PAPER_SCALE = 0.05, 0.75, 2


def measured(shown: Sequence[str]) -> dict[str, Record]:
    """The shown networks' records, of those that were measured; damaged measurements get their sentence elsewhere."""
    try:
        records = models.measured("robustness")
    except CheckpointError:
        return {}
    return {name: records[name] for name in shown if name in records}


def curves(setting: Setting, shown: Sequence[str]) -> dict[str, Any]:
    """The arguments of the component that say what was measured for this kind of attack."""
    found: dict[str, Record] = {}
    for name, record in measured(shown).items():
        curve = record["curves"].get(_SCOPES[setting.masked], {}).get(setting.method)
        if curve:
            found[name] = curve
    counts = {curve["n"] for curve in found.values()}
    together = f"{counts.pop():,} " if len(counts) == 1 else ""
    is_papers = setting.masked and setting.method == "fgsm"
    return {
        "curves": [
            MeasuredCurve(
                title=lineup.short(name) + ("" if together else f" (n = {curve['n']:,})"),
                tone=lineup.tone(name),
                robust=lineup.is_robust(name),
                epsilons=curve["epsilon"],
                accuracy=curve["accuracy"],
            )
            for name, curve in found.items()
        ],
        "curve_words": f"Share of {together}test images still recognised, as measured{_search(list(found.values()))}:",
        "paper": PaperPoint(PAPER_EPSILON / PAPER_SCALE, PAPER_ACCURACY, "the paper") if is_papers else None,
    }


def _search(curves: Sequence[Record]) -> str:
    """How hard PGD searched where the curves are its, ``" (PGD: 20 steps, 1 start)"``; else nothing."""
    searches = {(curve["steps"], curve["restarts"]) for curve in curves if "steps" in curve and "restarts" in curve}
    words = [f"{steps} steps, {starts} start{'' if starts == 1 else 's'}" for steps, starts in sorted(searches)]
    return f" (PGD: {' or '.join(words)})" if words else ""


def show(shown: Sequence[str], epsilon: float) -> None:
    """The paper's figure beside ours, and the flow of classes at ``epsilon``."""
    records = measured(shown)
    if not records:
        st.info(
            "No network has been measured under attack on this machine yet, so there are no accuracy curves. Where the "
            f"dataset is present, `{_COMMAND}` measures them.",
            icon=":material/straighten:",
        )
        return
    show_paper(records)
    show_flow(records, epsilon)
    for name, record in records.items():
        shipped = checkpoints.available().get(name)
        if shipped and shipped["sha256"] != record["checkpoint_sha256"]:
            st.warning(
                f"The figures of {lineup.spoken(name)} under attack were measured on other weights than those in use. "
                f"Measure again: `{_COMMAND}`",
                icon=":material/straighten:",
            )


def show_paper(records: dict[str, Record]) -> None:
    """What the paper said at its epsilon, and what every shown network does at the same step."""
    same = PAPER_EPSILON / PAPER_SCALE
    st.subheader("What the paper said, and what is so here", anchor=False)
    with st.container(horizontal=True, gap="large"):
        st.metric(f"The paper, ε {PAPER_EPSILON:g} on −1 to 1", f"{PAPER_ACCURACY:.0%}", width="content")
        for name, record in records.items():
            accuracy = _at(record["curves"]["masked"]["fgsm"], same)
            if accuracy is None:
                continue
            st.metric(
                networks.title(name),
                f"{accuracy:.2%}",
                f"{(accuracy - PAPER_ACCURACY) * 100:+.2f} points",
                delta_color="off",
                delta_arrow="off",
                width="content",
            )
    st.caption(
        f"Still recognised under FGSM on the garment's pixels. The paper counts on pixels from −1 to 1, where a step "
        f"of {PAPER_EPSILON:g} is as long as {same:g} here."
    )


def show_flow(records: dict[str, Record], epsilon: float) -> None:
    """Which class becomes which at the measured epsilon next to the slider's."""
    st.subheader("Which class becomes which", anchor=False)
    name: str = st.segmented_control(
        "Of which network",
        list(records),
        default=next(iter(records)),
        required=True,
        format_func=networks.title,
        key="flow",
        bind="query-params",
        label_visibility="collapsed",
    )
    flow = records[name]["flow"]
    place = int(np.abs(np.array(flow["epsilon"]) - epsilon).argmin())
    counts = np.array(flow["counts"][place])
    wrong = counts - np.diag(counts.diagonal())
    st.plotly_chart(
        figures.class_flow(counts, CLASS_NAMES),
        key=f"flow-chart-{name}",
        config={"displayModeBar": False},
        alt=f"Which class becomes which: {_most(wrong, 5)}",
    )
    closest = flow["to_closest"][place]
    fell = f" Of those that the attack brought down, {closest:.0%} fell to the closest wrong class." if closest else ""
    st.caption(
        f"{counts.sum():,} test images under FGSM on the garment's pixels at ε {flow['epsilon'][place]:g}, the "
        f"measured size next to the slider's: {wrong.sum():,} are taken for another class. Most often: "
        f"{_most(wrong, 3)}.{fell}"
    )


def tell_damage() -> None:
    """The sentence that damaged measurements get."""
    try:
        models.measured("robustness")
    except CheckpointError as error:
        st.error(told(error), icon=":material/healing:")


def _at(curve: Record, epsilon: float) -> float | None:
    """The accuracy that was measured at exactly this epsilon."""
    pairs = zip(curve["epsilon"], curve["accuracy"], strict=True)
    return next((accuracy for at, accuracy in pairs if abs(at - epsilon) < 1e-9), None)


def _most(wrong: np.ndarray, count: int) -> str:
    """``"Shirt → Coat 120, ..."``, the most frequent."""
    rows, columns = np.unravel_index(np.argsort(-wrong, axis=None, kind="stable")[:count], wrong.shape)
    return ", ".join(
        f"{CLASS_NAMES[row]} → {CLASS_NAMES[column]} {wrong[row, column]:,}"
        for row, column in zip(rows, columns, strict=True)
        if wrong[row, column]
    )
