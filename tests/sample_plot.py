"""A small interactive figure: two curves, one shown at a time, over three times; a book with it."""

from unittest import mock

import nbformat
import numpy as np
from checks.figures import mystnb
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from small_book import build

from specbook import reading
from specbook.reading import plots
from specbook.reading.mime import FIGURE, PICTURE

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
                       visible=p == 1, line={"color": colour})
            for p, colour in zip(powers, ("black", "#2f72d6"), strict=True)
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
    )


def sample_still():
    """What the figure shows at first."""
    from matplotlib.figure import Figure

    fig = Figure()
    ax = fig.subplots()
    ax.semilogx(X, TIMES[1] * X, "o-", color="#2f72d6", label="power 1")
    ax.set_title("time τ = 2, power = 1")
    return fig


PAGE = "part/deep/plot.html"


def shown(fig, name="fig-plot", **text):
    """What is stored of a figure, and its metadata."""
    with mock.patch.object(plots, "show") as show:
        reading.interactive(fig, name, **{"still": sample_still(), **TEXT, **text})
    (bundle,), keywords = show.call_args
    return bundle, keywords["metadata"]


def build_page(folder, bundle, *extensions, **config):
    """A book of two pages; the figure is on `PAGE`."""
    output = new_output("display_data", data=bundle, metadata={PICTURE: {"alt": ALT}})
    metadata = {"mystnb": mystnb(bundle[FIGURE])}
    cell = new_code_cell("interactive(...)", id="b", execution_count=1, outputs=[output],
                         metadata=metadata)
    notebook = new_notebook(cells=[new_markdown_cell("# A chapter\n", id="a"), cell])
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }
    return build(
        folder, {"start": "# Start\n\n```{toctree}\npart/deep/plot\n```\n"},
        files={"part/deep/plot.ipynb": nbformat.writes(notebook)}, nb_execution_mode="off",
        extensions=["myst_nb", "specbook_interactive", "specbook_pictures", *extensions],
        **config,
    )
