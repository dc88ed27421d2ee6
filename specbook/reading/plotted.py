"""What the plot of an interactive figure holds: numbers, controls, and how they are stored.

A plot is plotly's figure as plain JSON: data, layout and frames. Numbers are stored as float32.
"""

import base64
import copy
import json

import numpy as np

from .figures import _numbers

AXIS = {
    "automargin": True, "showline": True, "linecolor": "#444", "ticks": "outside",
    "gridcolor": "#e6e6e6", "zeroline": False, "exponentformat": "power",
}
HEIGHT = 520  # pixels in Jupyter, where plotly's controls take room in the plot


def decoded(value):
    """An array of a stored plot, whichever way it is coded."""
    if isinstance(value, dict):
        values = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
        return values.astype(float)
    return np.asarray([np.nan if v is None else v for v in value], dtype=float)


def coded(values):
    """An array as plotly reads it: base64 of float32."""
    with np.errstate(over="ignore"):
        small = np.asarray(values, "<f4")
    if np.isinf(small).any():
        raise ValueError("fig has numbers that a float32 cannot hold: use other units")
    return {"dtype": "f4", "bdata": base64.b64encode(small.tobytes()).decode()}


def traces(plot):
    """Every set of drawn numbers: the traces and, for each frame, what it changes."""
    yield from plot["data"]
    for frame in plot["frames"]:
        yield from frame["data"]


def states(plot):
    """For each trace, its arrays x and y as first drawn and then in each frame."""
    found = [[(trace.get("x"), trace.get("y"))] for trace in plot["data"]]
    for frame in plot["frames"]:
        changed = _changed(frame)
        for i, known in enumerate(found):
            part = changed.get(i, {})
            x, y = known[0]
            known.append((part.get("x", x), part.get("y", y)))
    return found


def _changed(frame):
    """What a frame changes, by the number of the trace."""
    return dict(zip(frame.get("traces", range(len(frame["data"]))), frame["data"], strict=False))


def controls(plot):
    """The sliders and menus of a plot: kind, name, choices, and which is chosen at first."""
    layout = plot["layout"]
    found = []
    for kind, specs, steps in (
        ("slider", layout.get("sliders", ()), "steps"),
        ("menu", layout.get("updatemenus", ()), "buttons"),
    ):
        for spec in specs:
            choices = [step.get("label", "") for step in spec.get(steps, ())]
            first = spec.get("active", 0)
            found.append({"kind": kind, "name": spec.get("name"), "choices": choices,
                          "first": first})
    return found


def series(plot):
    """The plotted numbers of a stored plot as the record keeps them: all frames of each trace."""
    found = []
    for k, (trace, drawn) in enumerate(zip(plot["data"], states(plot), strict=True)):
        record = {"label": trace.get("name") or ""}
        for i, axis in enumerate("xy"):
            moves = any(axis in _changed(frame).get(k, {}) for frame in plot["frames"])
            record[axis] = _numbers([decoded(s[i]) for s in (drawn if moves else drawn[:1])])
        found.append(record)
    return found


def _axis(axis):
    """An axis in the book's look; a logarithmic one has ticks at powers of ten."""
    standard = dict(AXIS)
    if axis.get("type") == "log" and "range" in axis:
        standard["dtick"] = 1 if abs(axis["range"][1] - axis["range"][0]) < 8 else 2
    return standard | axis


def stored(plot):
    """The plot as it is stored: every array of numbers as float32, axes in the book's look."""
    plot = copy.deepcopy(plot)
    plot["layout"].setdefault("height", HEIGHT)
    for name in ("xaxis", "yaxis"):
        plot["layout"][name] = _axis(plot["layout"].get(name, {}))
    for trace in traces(plot):
        trace |= {axis: coded(decoded(trace[axis])) for axis in "xy" if axis in trace}
    return json.loads(json.dumps(plot))
