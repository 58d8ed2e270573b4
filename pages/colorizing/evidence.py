"""What the network adds to the plain tint: to see, and in measured figures."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from einstyle_core import checkpoints, measurements
from einstyle_core.colorizer.palettes import RGB, to_hex
from einstyle_core.errors import CheckpointError
from pages.colorizing.brushes import NETWORK, Brush, coloured
from pages.colorizing.subject import PREVIEW_SIDE, Subject
from pages.components.compare import Side, compare
from pages.shared import models
from pages.shared.text import told

_SECTION = "colorizer"
ROWS = {
    "gan": "The network",
    "tint": "Plain tint",
    "l1": "The network without an opponent",
    "reference": "The paper's own formulation",
    "lookup": "The rule itself",
}
"""What is compared, by its name in metrics.json."""
QUESTIONS = {
    "unseen": "A colour never trained on",
    "told": "The class's colour, told",
    "inferred": "No colour told",
}


def measured() -> Mapping[str, measurements.Record]:
    """The figures of the colorizer and of what it must beat; where they are damaged the page gets its sentence."""
    try:
        return models.measured(_SECTION)
    except CheckpointError as error:
        st.error(told(error), icon=":material/healing:")
        return {}


def show(subject: Subject, colour: RGB, brush: Brush, figures: Mapping[str, measurements.Record]) -> None:
    """The network's version beside the plain tint of the same colour, and what was measured of both."""
    if brush is Brush.NETWORK or figures:
        st.subheader("What the network adds", anchor=False)
    if brush is Brush.NETWORK:
        st.markdown(
            "The plain tint puts the same chroma on every pixel of the garment, as photo editors do: shadows glow and "
            "highlights clip. The network learned how much colour cloth has at each lightness."
        )
        canvas, code = subject.canvas(PREVIEW_SIDE), to_hex(colour)
        brushes = (Brush.NETWORK, Brush.TINT)
        network, tint = (canvas.picture(coloured(subject, PREVIEW_SIDE, colour, how)) for how in brushes)
        compare(
            Side(network, "Network", f"coloured {code} by the network", code),
            Side(tint, "Plain tint", f"coloured {code} by the plain tint", code),
            key="evidence",
        )
    if figures:
        _show_figures(figures)


def judgement(figures: Mapping[str, measurements.Record]) -> str | None:
    """One sentence on how the network compares with the plain tint in colours it has never seen; None: not measured."""
    ours, tint = (figures.get(row, {}).get("unseen") for row in ("gan", "tint"))
    if not ours or not tint:
        return None
    mine, other = ours["ciede2000"], tint["ciede2000"]
    if mine < other:
        verdict = "the network comes nearer to how cloth of that colour looks"
    elif mine > other:
        verdict = "the plain tint comes nearer to how cloth of that colour looks: there the network adds nothing"
    else:
        verdict = "neither comes nearer to how cloth of that colour looks"
    return f"In colours that it has never seen, {verdict}: ΔE {mine:.1f} for the network, {other:.1f} for the tint."


def table(figures: Mapping[str, measurements.Record], question: str) -> pd.DataFrame:
    """What was measured where ``question`` was asked, a row for each way of colouring that answers it."""
    rows = {title: figures[row][question] for row, title in ROWS.items() if figures.get(row, {}).get(question)}
    return pd.DataFrame(
        {
            "": list(rows),
            "ΔE to the target": [f"{row['ciede2000']:.2f}" for row in rows.values()],
            "Hue within 15°": [f"{row['hue_within_15']:.1%}" for row in rows.values()],
            "Lightness kept (SSIM)": [f"{row['lightness_ssim']:.4f}" for row in rows.values()],
            "Colourfulness": [f"{row['colourfulness_ratio']:.0%}" for row in rows.values()],
        }
    )


def _show_figures(figures: Mapping[str, measurements.Record]) -> None:
    if sentence := judgement(figures):
        st.markdown(sentence)
    question = st.segmented_control(
        "Measured when",
        list(QUESTIONS),
        default="unseen",
        required=True,
        format_func=lambda name: QUESTIONS[name],
        key="measured",
    )
    st.table(table(figures, question).set_index(""))
    record = next(iter(figures.values()))
    st.caption(
        f"{record['n']:,} test images, measured {record['date']} with `{record['command']}`. ΔE is CIEDE2000 over the "
        "garment, smaller is better; colourfulness is that of the target, 100 % is right. The target is the rule by "
        "which the training colours were made: who knows it has nothing left to learn, so its row is a bound, no rival."
    )
    shipped = checkpoints.available().get(NETWORK)
    if shipped and "gan" in figures and figures["gan"]["checkpoint_sha256"] != shipped["sha256"]:
        st.caption("The network was measured on other weights than those that paint here.")
