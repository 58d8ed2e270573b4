"""What each GAN is: its paper's claim, its own source, and what the reference recipe does instead."""

import inspect
import re
from typing import Any

import pandas as pd
import streamlit as st

from einstyle_core.gans import GAN, GANS, get
from pages.epochs import shelf

_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")


def show() -> None:
    """The whole section."""
    name: str = st.segmented_control(
        "GAN", list(GANS), default=next(iter(GANS)), required=True, format_func=shelf.title, key="source"
    )
    fixed, reference = get(name, "fixed"), get(name, "reference")
    st.subheader(f"{fixed.title}, {fixed.year}", anchor=False)
    paper = _ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", fixed.paper)
    st.markdown(f"{fixed.summary}  \n{paper}")
    st.caption(f"Its losses are {shelf.SCALES[name]}.")
    st.code(source(fixed), language="python")
    with st.expander("What the reference recipe does instead", icon=":material/compare_arrows:"):
        st.markdown(
            "The collection that the paper used, with only its crashes repaired. It is kept as the baseline that the "
            "fixed recipe must beat."
        )
        st.dataframe(differences(name), hide_index=True, alt="Options of the recipe that differ")
        st.code(inspect.getsource(reference), language="python")


def source(cls: type[GAN]) -> str:
    """The file that a GAN is written in, with the paper's claim in its first lines."""
    module = inspect.getmodule(cls)
    assert module is not None
    return inspect.getsource(module).strip()


def differences(name: str) -> pd.DataFrame:
    """The options in which the two recipes of a GAN differ, as text."""
    fixed, reference = (_options(get(name, recipe)) for recipe in ("fixed", "reference"))
    rows = [
        {"option": key, "fixed": str(fixed.get(key, "")), "reference": str(reference.get(key, ""))}
        for key in fixed | reference
        if fixed.get(key) != reference.get(key)
    ]
    return pd.DataFrame(rows, columns=["option", "fixed", "reference"])


def _options(cls: type[GAN]) -> dict[str, Any]:
    return vars(cls.recipe)
