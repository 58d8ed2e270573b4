"""How good a GAN's pictures are: its measured figures, between what bounds them."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from einstyle_core import measurements
from einstyle_core.errors import CheckpointError
from einstyle_core.gans import GANS, checkpoint_name, get
from pages.shared import makers, models
from pages.shared.text import told

_COMMAND = "python -m scripts.evaluate gans"
_REAL, _GAUSSIAN = "calibration/train", "calibration/pca_gaussian"


@dataclass(frozen=True)
class Figure:
    """One column of the card.

    Attributes:
        key: in metrics.json.
        title: on the page.
        meaning: one sentence, and which end is good.
        pattern: how a value is written, as ``printf`` does.
        unit: what a value is multiplied by before.
    """

    key: str
    title: str
    meaning: str
    pattern: str
    unit: float = 1

    def text(self, value: float) -> str:
        """A value as it is read."""
        return self.pattern % (value * self.unit)


FIGURES: tuple[Figure, ...] = (
    Figure("frechet", "Fréchet distance", "How far the pictures' features lie from real ones; 0 is best.", "%.2f"),
    Figure("precision", "Precision", "The share of its pictures that look like real ones.", "%.0f%%", 100),
    Figure("recall", "Recall", "The share of real pictures that it could have made: variety.", "%.0f%%", 100),
    Figure("coverage", "Coverage", "The share of real pictures with one of its own nearby.", "%.0f%%", 100),
    Figure("class_kl", "Class imbalance", "Divergence of its classes from equal shares, in nats; 0 is best.", "%.3f"),
    Figure(
        "conditional_accuracy",
        "Class asked, class made",
        "How often an independent network sees the class that was asked for. A GAN that cannot be asked has its "
        "pictures sorted by another network first: then it is how often the two agree.",
        "%.0f%%",
        100,
    ),
    Figure(
        "cas",
        "Good to learn from",
        "Accuracy on real images of a network that saw only its pictures.",
        "%.0f%%",
        100,
    ),
)


def show(gan: str) -> None:
    """The chosen GAN's card, and all GANs in one table."""
    facts = get(gan)
    try:
        measured = models.measured("gans")
    except CheckpointError as error:
        st.error(told(error), icon=":material/healing:")
        return
    record = measured.get(checkpoint_name(gan))
    st.markdown(f"**{facts.title}** ({facts.year}). {facts.summary}")
    st.caption(facts.paper)
    if record is None:
        st.info(
            "These pictures have not been measured on this machine yet; where the dataset is present, "
            f"`{_COMMAND}` does it.",
            icon=":material/straighten:",
        )
    else:
        if facts.remark:
            st.markdown(facts.remark)
        _show_card(record)
    if measured:
        _show_all(measured, record or next(iter(measured.values())))


def usual_distance() -> float | None:
    """How far a real picture that no GAN has seen lies from the nearest training image; None where not measured.

    The median, Euclidean, of pixels in [0, 1].
    """
    try:
        record = models.measured("gans").get(_REAL)
    except CheckpointError:  # told where the figures are shown
        return None
    return float(record["copies"]["pixels"]["unseen"]["50%"]) if record else None


def _show_card(record: measurements.Record) -> None:
    with st.container(horizontal=True, gap="medium"):
        for figure in FIGURES:
            if figure.key in record:
                st.metric(figure.title, figure.text(record[figure.key]), help=figure.meaning, width="content")
    copies = record["copies"]["pixels"]["near_copies"]
    st.markdown(
        f"**Does it copy?** {copies:.1%} of its pictures lie nearer to a training image than the nearest 1% of real "
        "unseen ones do. Near 1% nothing is copied."
    )


def _show_all(measured: dict[str, measurements.Record], record: measurements.Record) -> None:
    st.markdown("**All of them**, between real training images and the plainest generator there is:")
    st.dataframe(
        _table(measured),
        hide_index=True,
        width="stretch",
        placeholder="",
        column_config={f.title: st.column_config.NumberColumn(format=f.pattern, help=f.meaning) for f in FIGURES},
    )
    st.caption(
        f"{record['n']:,} pictures each against the 10,000 test images, in the features of a network that neither "
        f"sorts nor chooses pictures; measured {record['date']} by `{record['command']}`. Comparable with one another, "
        "not with figures from elsewhere: those use other features."
    )
    if foreign := _with_other_weights(measured):
        st.warning(
            f"Measured on other weights than those in use here: {', '.join(foreign)}. Measure again: `{_COMMAND}`",
            icon=":material/straighten:",
        )


def _with_other_weights(measured: dict[str, measurements.Record]) -> list[str]:
    """The titles of the GANs whose figures are not those of their checkpoints."""
    return [
        get(name).title
        for name, info in makers.shipped().items()
        if (record := measured.get(checkpoint_name(name))) and record["checkpoint_sha256"] != info["sha256"]
    ]


def _table(measured: dict[str, measurements.Record]) -> pd.DataFrame:
    """Numbers, not words, so that a click on a column's head sorts them."""
    rows = {"real training images": _REAL}
    rows |= {cls.title: checkpoint_name(name) for name, cls in GANS.items()}
    rows |= {"a Gaussian of pixels": _GAUSSIAN}
    return pd.DataFrame(
        [
            {"pictures by": title}
            | {f.title: measured[key][f.key] * f.unit if f.key in measured[key] else None for f in FIGURES}
            for title, key in rows.items()
            if key in measured
        ]
    )
