"""Plotly figures that read well on light and dark alike: no background of their own, one accent, quiet grays."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from einstyle_core.classifiers.prediction import Prediction
from einstyle_core.data import CLASS_NAMES
from pages.shared.verdicts import OUTSIDE, decided

QUIET = "rgba(138, 128, 122, 0.42)"
STILL = {"displayModeBar": False, "staticPlot": True}
"""Config of a figure that is only looked at: on a phone a finger scrolls past it."""


def accent() -> str:
    """The theme's primary colour."""
    return _themed("primaryColor")


def _themed(option: str) -> str:
    """A colour of the theme's side (light or dark) that the visitor sees."""
    side = "dark" if st.context.theme.type == "dark" else "light"
    return str(st.get_option(f"theme.{side}.{option}"))


def _on_accent() -> str:
    """A tone that can be read on the accent colour."""
    return "#1b181b" if st.context.theme.type == "dark" else "#ffffff"


def _faded(opacity: float) -> str:
    red, green, blue = (int(accent()[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def probability_bars(prediction: Prediction) -> go.Figure:
    """Ten bars in class order on a scale from 0 to 100 %, what is answered, or doubted, in the accent colour.

    Where the answer is none of the ten, no bar has it.
    """
    percent = np.array(prediction.probabilities) * 100
    is_outside = decided(prediction) == OUTSIDE
    highlighted = set() if is_outside else set(prediction.doubt or [prediction.label])
    figure = go.Figure(
        go.Bar(
            x=percent,
            y=list(CLASS_NAMES),
            orientation="h",
            marker_color=[accent() if label in highlighted else QUIET for label in CLASS_NAMES],
            text=[f"{value:.0f} %" if value >= 1 else "<1 %" for value in percent],
            textposition="outside",
            cliponaxis=False,
        )
    )
    figure.update_layout(
        height=290,
        margin={"l": 0, "r": 44, "t": 4, "b": 24},
        bargap=0.28,
        xaxis={"range": [0, 100], "tickvals": [0, 50, 100], "ticktext": ["0", "50 %", "100 %"], "fixedrange": True},
        yaxis={"autorange": "reversed", "fixedrange": True},
    )
    return figure


def confusion_matrix(counts: NDArray[np.integer], names: Sequence[str]) -> go.Figure:
    """A matrix to click: rows the truth, columns the answer, the tone from the share of the row.

    Plotly selects points, not cells of a heatmap: an invisible point in the middle of each cell takes the click.
    """
    # The square root lets a mix-up of 5 % be seen beside the 95 % that are right.
    tone = np.sqrt(counts / np.maximum(counts.sum(1, keepdims=True), 1))
    size, text = len(names), _themed("textColor")
    across, down = np.meshgrid(np.arange(size), np.arange(size))
    figure = go.Figure(
        go.Heatmap(
            z=tone,
            colorscale=[[0, _faded(0.04)], [1, _faded(1)]],
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverinfo="skip",
        )
    )
    figure.add_scatter(
        x=across.ravel(),
        y=down.ravel(),
        mode="markers+text",
        text=[str(count) if count else "" for count in counts.ravel()],
        textfont={"size": 11, "color": [_on_accent() if value > 0.6 else text for value in tone.ravel()]},
        marker={"symbol": "square", "size": 30, "color": "rgba(0,0,0,0)", "line": {"width": 0}},
        # With a colour for the selected text Plotly leaves the other texts as they are; without it, it dims them.
        selected={"marker": {"color": _themed("backgroundColor")}, "textfont": {"color": text}},
        unselected={"marker": {"opacity": 1}},
        customdata=[f"{names[row]} taken for {names[col]}" for row in range(size) for col in range(size)],
        hovertemplate="%{customdata}: %{text}<extra></extra>",
        showlegend=False,
    )
    ticks = {
        "tickvals": list(range(size)),
        "ticktext": list(names),
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }
    figure.update_layout(
        height=560 if size == len(CLASS_NAMES) else 570,
        margin={"l": 0, "r": 0, "t": 130 if size == len(CLASS_NAMES) else 160, "b": 0},
        clickmode="event+select",
        dragmode=False,
        xaxis={
            **ticks,
            "side": "top",
            "tickangle": -90,
            "range": [-0.5, size - 0.5],
            "title": {"text": "what the network said", "standoff": 8},
        },
        yaxis={**ticks, "range": [size - 0.5, -0.5], "title": {"text": "what it was", "standoff": 8}},
    )
    return figure


def class_flow(counts: NDArray[np.integer], names: Sequence[str]) -> go.Figure:
    """What each class (left) is taken for (right): mistakes in the accent colour, what stayed in gray.

    Streams of less than one in two hundred of their class are left out.
    """
    size = len(names)
    shown = [(row, col) for row in range(size) for col in range(size) if counts[row, col] * 200 >= counts[row].sum()]
    wrong = _faded(0.5)
    places = np.linspace(0.02, 0.98, size).tolist()
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": [*names, *names],
                "x": [0.001] * size + [0.999] * size,
                "y": [*places, *places],
                "color": [QUIET] * (2 * size),
                "line": {"width": 0},
                "pad": 9,
                "thickness": 8,
                "hovertemplate": "%{label}: %{value}<extra></extra>",
            },
            link={
                "source": [row for row, _ in shown],
                "target": [size + col for _, col in shown],
                "value": [int(counts[row, col]) for row, col in shown],
                "color": [QUIET.replace("0.42", "0.22") if row == col else wrong for row, col in shown],
                "hovertemplate": "%{source.label} taken for %{target.label}: %{value}<extra></extra>",
            },
            textfont={"color": _themed("textColor"), "size": 12},
        )
    )
    figure.update_layout(height=440, margin={"l": 4, "r": 4, "t": 12, "b": 12})
    return figure


def accuracy_curves(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> go.Figure:
    """Accuracy over epsilon by name, both in [0, 1]: a small figure to look at."""
    figure = go.Figure()
    for tone, (name, (epsilons, accuracy)) in zip(("accent", "quiet"), curves.items(), strict=False):
        figure.add_scatter(
            x=list(epsilons),
            y=[100 * value for value in accuracy],
            name=name,
            line={"color": accent() if tone == "accent" else QUIET, "width": 3},
        )
    figure.update_layout(
        height=230,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        xaxis={"title": "ε", "fixedrange": True},
        yaxis={"range": [0, 100], "ticksuffix": " %", "fixedrange": True},
        legend={"x": 1, "xanchor": "right", "y": 1},
    )
    return figure
