"""The picture of an interactive figure's first state, for paper and for where no script runs."""

import re

from .plotted import decoded

COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f")
DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-.", "longdash": (0, (8, 3))}
SYMBOLS = {"circle": "o", "square": "s", "diamond": "D", "x": "x", "cross": "P", "triangle-up": "^"}
FEW = 20  # plotly joins fewer points with a line and marks them, unless told otherwise
POINT = 0.75  # a plotly size is in pixels


def words(text):
    """Words of plotly as Matplotlib writes them."""
    text = re.sub(r"<su([bp])>(.*?)</su[bp]>",
                  lambda m: f"$\\mathregular{{{'_' if m[1] == 'b' else '^'}{{{m[2]}}}}}$",
                  text or "")
    return re.sub(r"<[^>]*>", " ", text.replace("<br>", "\n"))


def colour(text):
    """A colour of plotly as Matplotlib takes it."""
    if match := re.fullmatch(r"rgba?\(([^)]*)\)", text):
        parts = [float(part) for part in match[1].split(",")]
        return tuple([part / 255 for part in parts[:3]] + parts[3:])
    return text


def _curve(ax, trace, standard):
    line, marker = trace.get("line", {}), trace.get("marker", {})
    x, y = decoded(trace["x"]), decoded(trace["y"])
    mode = trace.get("mode") or ("lines+markers" if x.size < FEW else "lines")
    named = trace.get("showlegend", True) and trace.get("name")
    shade = colour(line.get("color") or marker.get("color") or standard)
    symbol = marker.get("symbol", "circle")
    style = {"color": shade, "alpha": trace.get("opacity", 1), "linestyle": "none"}
    if "lines" in mode:
        style["linestyle"] = DASHES[line.get("dash", "solid")]
        style["linewidth"] = POINT * line.get("width", 2)
    if "markers" in mode:
        filled = colour(marker.get("color") or line.get("color") or standard)
        style["marker"] = SYMBOLS[symbol.removesuffix("-open")]
        style["markersize"] = POINT * marker.get("size", 6)
        style["markeredgecolor"] = filled
        style["markerfacecolor"] = "none" if symbol.endswith("-open") else filled
    ax.plot(x, y, label=words(trace["name"]) if named else "_", **style)


def _axis(ax, which, spec):
    title = spec.get("title") or {}
    ax.set(**{f"{which}label": words(title if isinstance(title, str) else title.get("text"))})
    log = spec.get("type") == "log"
    if log:
        ax.set(**{f"{which}scale": "log"})
    if limits := spec.get("range"):
        ax.set(**{f"{which}lim": [10.0**v if log else v for v in limits]})


def draw(plot, controls):
    """Draw what a plot shows at first; the title says which choices these are."""
    import matplotlib.pyplot as plt

    layout = plot["layout"]
    fig, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    for i, trace in enumerate(plot["data"]):
        if trace.get("visible", True) is True:
            _curve(ax, trace, COLOURS[i % len(COLOURS)])
    for which in "xy":
        _axis(ax, which, layout.get(f"{which}axis", {}))
    ax.set_title(
        ", ".join(f"{words(c['name'])} = {words(c['choices'][c['first']])}" for c in controls),
        fontsize="medium",
    )
    if layout.get("showlegend", True) and ax.get_legend_handles_labels()[1]:
        ax.legend()
    return fig
