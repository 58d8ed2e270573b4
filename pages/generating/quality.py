"""How good a GAN's pictures are: its measured figures, between what bounds them."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from einstyle_core import measurements
from einstyle_core.errors import CheckpointError
from einstyle_core.gans import GANS, checkpoint_name, get
from pages.shared import models
from pages.shared.text import told

_REAL, _GAUSSIAN = "calibration/train", "calibration/pca_gaussian"


@dataclass(frozen=True)
class Figure:
    """One column of the card.

    Attributes:
        key: in metrics.json.
        title: on the page.
        meaning: one sentence, and which end is good.
        text: how a value is written.
    """

    key: str
    title: str
    meaning: str
    text: Callable[[float], str]


FIGURES: tuple[Figure, ...] = (
    Figure(
        "frechet", "Fréchet distance", "How far the pictures' features lie from real ones; 0 is best.", "{:.2f}".format
    ),
    Figure("precision", "Precision", "The share of its pictures that look like real ones.", "{:.0%}".format),
    Figure("recall", "Recall", "The share of real pictures that it could have made: variety.", "{:.0%}".format),
    Figure("coverage", "Coverage", "The share of real pictures with one of its own nearby.", "{:.0%}".format),
    Figure(
        "class_kl",
        "Class imbalance",
        "Divergence of its classes from equal shares, in nats; 0 is best.",
        "{:.3f}".format,
    ),
    Figure(
        "conditional_accuracy",
        "Class asked, class made",
        "How often a network that was not asked before sees the class that was wanted.",
        "{:.0%}".format,
    ),
    Figure(
        "cas", "Good to learn from", "Accuracy on real images of a network that saw only its pictures.", "{:.0%}".format
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
            "`python -m scripts.evaluate gans` does it.",
            icon=":material/straighten:",
        )
        return
    with st.container(horizontal=True, gap="medium"):
        for figure in FIGURES:
            if figure.key in record:
                st.metric(figure.title, figure.text(record[figure.key]), help=figure.meaning, width="content")
    copies = record["copies"]["pixels"]["near_copies"]
    st.markdown(
        f"**Does it copy?** {copies:.1%} of its pictures lie nearer to a training image than the nearest 1 % of real "
        "unseen ones do. Near 1 % nothing is copied."
    )
    st.markdown("**All of them**, between real training images and the plainest generator there is:")
    st.dataframe(_table(measured), hide_index=True, width="stretch")
    st.caption(
        f"{record['n']:,} pictures each against the 10,000 test images, in the features of a network that neither "
        f"sorts nor chooses pictures; measured {record['date']} by `{record['command']}`. Comparable with one another, "
        "not with figures from elsewhere: those use other features."
    )


def _table(measured: dict[str, measurements.Record]) -> pd.DataFrame:
    rows = {"real training images": _REAL}
    rows |= {cls.title: checkpoint_name(name) for name, cls in GANS.items()}
    rows |= {"a Gaussian of pixels": _GAUSSIAN}
    return pd.DataFrame(
        [
            {"pictures by": title}
            | {f.title: f.text(measured[key][f.key]) if f.key in measured[key] else "" for f in FIGURES}
            for title, key in rows.items()
            if key in measured
        ]
    )
