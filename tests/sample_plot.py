"""A small interactive figure: two curves, one shown at a time, over three times."""

import numpy as np

TIMES, X = (1.0, 2.0, 3.0), np.array([1.0, 2.0, 4.0])
ALT = "A curve over three points. Later curves lie higher. A slider sets time, a menu the power."
TEXT = {
    "caption": "Does it grow? It does.",
    "alt": ALT,
    "shows": {"Later curves lie higher.": True},
}


def sample_plot(**layout):
    """The plotly figure; `layout` changes its layout."""
    import plotly.graph_objects as go

    powers = (1, 2)
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}}
    return go.Figure(
        data=[
            go.Scatter(x=X, y=TIMES[1] * X**p, mode="lines+markers", name=f"power {p}",
                       visible=p == 1)
            for p in powers
        ],
        frames=[
            go.Frame(name=f"{t:g}", data=[go.Scatter(y=t * X**p) for p in powers], traces=[0, 1])
            for t in TIMES
        ],
        layout={
            "xaxis": {"title": {"text": "position x<sub>0</sub>"}, "type": "log", "range": [0, 1]},
            "yaxis": {"title": {"text": "height"}, "range": [0, 50]},
            "sliders": [{
                "name": "time τ", "active": 1,
                "steps": [{"label": f"{t:g}", "method": "animate", "args": [[f"{t:g}"], at_once]}
                          for t in TIMES],
            }],
            "updatemenus": [{
                "name": "power",
                "buttons": [
                    {"label": f"{p}", "method": "restyle",
                     "args": [{"visible": [p == q for q in powers]}]}
                    for p in powers
                ],
            }],
            **layout,
        },
    )  # fmt: skip
