"""The one figure of a result."""

import plotly.graph_objects as go

from einstyle_core.ballots.results import percent
from einstyle_core.ballots.sheet import ENDS
from einstyle_core.ballots.statistics import Share
from pages.shared import figures


def share_bar(share: Share) -> go.Figure:
    """A's part of the decided votes on a line from all for A to all for B, with its interval and the middle."""
    figure = go.Figure()
    figure.add_scatter(x=[0, 100], y=[0, 0], mode="lines", line={"color": figures.QUIET, "width": 2})
    figure.add_scatter(x=[50, 50], y=[-1, 1], mode="lines", line={"color": figures.QUIET, "width": 2, "dash": "dot"})
    interval = {"color": figures.accent(), "width": 10}
    figure.add_scatter(x=[100 * share.low, 100 * share.high], y=[0, 0], mode="lines", line=interval, opacity=0.4)
    if share.n:
        figure.add_scatter(
            x=[100 * share.value],
            y=[0],
            mode="markers+text",
            text=f"A {percent(share.value)}",
            textposition="top center",
            marker={"size": 16, "color": figures.accent()},
            cliponaxis=False,
        )
    figure.update_layout(
        height=104,
        margin={"l": 24, "r": 24, "t": 8, "b": 28},
        showlegend=False,
        xaxis={
            "range": [100, 0],  # A's end is on the left, where A's picture is
            "tickvals": [0, 50, 100],
            "ticktext": ENDS[::-1],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={"range": [-1.2, 2], "visible": False, "fixedrange": True},
    )
    return figure
