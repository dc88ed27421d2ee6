"""Interactive figures: a plotly figure with a slider or a menu, and a still for where it is dead.

What is stored holds both, so that a page or a notebook shows whichever it can.
"""

import json
import sys

import numpy as np

from .captions import show_caption
from .figures import _axes_data, check_message
from .greys import check_pictures, pictures
from .mime import FIGURE, PICTURE, PLOT, show
from .plotted import controls, decoded, series, states, stored, traces
from .svg import draw

LARGEST = 300_000  # bytes of one stored figure, still included


def _check_traces(plot):
    for trace in traces(plot):
        kind = trace.get("type", "scatter")
        if kind != "scatter":
            raise ValueError(f"fig has a trace of type {kind!r}: the book's script knows scatter")
        for axis in "xy":
            try:
                decoded(trace.get(axis, ()))
            except (TypeError, ValueError, KeyError):
                raise ValueError(f"fig has a trace whose {axis} are not numbers") from None
    for drawn in states(plot):
        shapes = {None if v is None else decoded(v).shape for state in drawn for v in state}
        if len(shapes) > 1 or shapes & {None, (0,)}:
            raise ValueError("each trace of fig needs x and y, as many of them in every frame")


def _check_controls(plot):
    found, layout = controls(plot), plot["layout"]
    if not found:
        raise ValueError("fig has no slider and no menu: show it with reading.figure")
    frames = {frame.get("name"): i for i, frame in enumerate(plot["frames"], start=1)}
    specs = [*layout.get("sliders", ()), *layout.get("updatemenus", ())]
    for control, spec in zip(found, specs, strict=True):
        where = f"{control['kind']} {control['name']!r}"
        if not control["name"]:
            raise ValueError(f"fig has a {where}: the page shows its name as its label")
        if len(control["choices"]) < 2 or not all(control["choices"]):
            raise ValueError(f"{where} needs at least two choices, each with a label")
        if not 0 <= control["first"] < len(control["choices"]):
            raise ValueError(f"{where}: active must be one of its choices")
        for i, step in enumerate(spec["steps" if control["kind"] == "slider" else "buttons"]):
            if step.get("method") != "animate":
                continue
            frame = (step.get("args") or [[None]])[0][0]
            if frame not in frames:
                raise ValueError(f"{where}: there is no frame {frame!r}")
            if i == control["first"] and any(
                not np.array_equal(decoded(a), decoded(b), equal_nan=True)
                for drawn in states(plot)
                for a, b in zip(drawn[0], drawn[frames[frame]], strict=True)
            ):
                raise ValueError(f"{where} begins with a frame that fig does not show at first")


def _check_still(plot, still):
    """The still has a line for every trace that the plot shows at first, of the same numbers."""
    drawn = [line.get_xydata() for ax in still.axes for line in ax.get_lines()]
    for trace in plot["data"]:
        points = np.column_stack([decoded(trace["x"]), decoded(trace["y"])])
        if trace.get("visible", True) is True and not any(
            line.shape == points.shape and np.allclose(line, points, rtol=1e-6, equal_nan=True)
            for line in drawn
        ):
            raise ValueError(f"still lacks {trace.get('name')!r}, which fig shows at first")


def plain(fig):
    """A plotly figure as plain JSON without its template, once it is known to be of use here."""
    base = getattr(sys.modules.get("plotly.basedatatypes"), "BaseFigure", ())
    if not isinstance(fig, base):
        raise ValueError(f"fig must be a plotly Figure, not {type(fig).__name__}")
    plot = {"data": [], "layout": {}, "frames": []} | fig.to_dict()
    plot = json.loads(json.dumps(plot, default=lambda value: value.tolist()))
    plot["layout"].pop("template", None)
    if not plot["data"]:
        raise ValueError("fig is empty: it has no traces")
    if "title" in plot["layout"]:
        raise ValueError("fig has a title: the page has a caption")
    if "$" in json.dumps([plot["layout"], [trace.get("name") for trace in traces(plot)]]):
        raise ValueError("fig has TeX ($) in its words: write σ<sub>0</sub>, τ, 10<sup>−3</sup>")
    _check_traces(plot)
    _check_controls(plot)
    return plot


def interactive(fig, name, *, still, caption, alt, shows):
    """Show a plotly figure that has a slider or a menu, with all that `figure` asks for.

    On the book's page the controls are ordinary ones, for the keyboard and for fingers; where
    no script runs, there is the still. In Colab it is plotly's own figure; in JupyterLab, too,
    as soon as the pointer reaches the picture.

    Parameters
    ----------
    fig : plotly.graph_objects.Figure
        Scatter traces on one pair of axes, and grey pictures (``layout.images``, made by
        `embedded`), with ``frames`` and ``layout.sliders``, with
        ``layout.updatemenus``, or both. Each slider and menu has a ``name``, which the page shows
        before it. What `fig` shows at first is what the ``active`` choices show. Words are plain
        or have ``<sub>`` and ``<sup>``, and no TeX.
    name : str
        Address in the book, ``fig-...``.
    still : matplotlib.figure.Figure
        What `fig` shows at first, for paper and for where no script runs: a line for each of its
        traces, an image for each picture. Its title says which choices these are. It is closed.
    caption : str
        One or two sentences in Markdown: the question and the answer.
    alt : str
        What is seen, and what the controls change, for those who cannot see it. It has to contain
        every sentence of `shows`, word for word.
    shows : dict of str to bool
        Sentences of the alt text with what the plotted data say about them.

    Raises
    ------
    ClaimError
        If a sentence of `shows` is false.
    ValueError
        If `fig` is not a plotly figure of this kind or is larger than 300 kB, if `still` shows
        other numbers, or if the alt text lacks one of the sentences, or there is none.
    """
    check_message(name, alt, shows)
    plot = plain(fig)
    _check_still(plot, still)
    check_pictures(plot, still)
    record = {
        "name": name, "caption": caption, "alt": alt, "shows": list(shows),
        "axes": [_axes_data(ax) for ax in still.axes],
        "controls": controls(plot), "series": series(plot),
    }
    if found := pictures(plot):
        record["pictures"] = found
    bundle = {
        PLOT: stored(plot), PICTURE: draw(still, name, alt), FIGURE: record,
        "text/plain": f"{name}: {alt}",
    }
    size = len(json.dumps(bundle))
    if size > LARGEST:
        raise ValueError(f"fig {name} takes {size // 1000} kB, more than {LARGEST // 1000}: "
                         "fewer frames or points")
    if "google.colab" in sys.modules:  # it shows plotly figures in a way of its own
        fig.show(renderer="colab")
    else:
        show(bundle, metadata={PICTURE: {"alt": alt}})
    show_caption(name, caption, alt)
