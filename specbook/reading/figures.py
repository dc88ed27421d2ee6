"""Figures that carry their caption, their alt text, their message and their data."""

import numpy as np

from .captions import show_caption
from .claims import ClaimError
from .mime import FIGURE, PICTURE, show
from .svg import draw

LONGEST = 20  # numbers kept per plotted array; longer ones are thinned, their sums kept whole


def _numbers(values):
    """Plotted numbers with 9 digits; long arrays as every n-th value beside sums of all."""
    values = np.asarray(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan))
    flat = values.ravel()
    step = -(-flat.size // LONGEST) if flat.size else 1
    kept = [float(f"{v:.9g}") if np.isfinite(v) else None for v in flat[::step]]
    finite = flat[np.isfinite(flat)]
    return {
        "shape": list(values.shape),
        "every": step,
        "values": kept,
        "sum": float(f"{finite.sum():.9g}"),
        "sum_of_squares": float(f"{(finite**2).sum():.9g}"),
    }


def _axes_data(ax):
    """What is drawn in one Axes, as plain JSON."""
    record = {
        "title": ax.get_title(), "xlabel": ax.get_xlabel(), "ylabel": ax.get_ylabel(),
        "xscale": ax.get_xscale(), "yscale": ax.get_yscale(),
        "lines": [
            {
                "label": str(line.get_label()),
                "x": _numbers(line.get_xdata()),
                "y": _numbers(line.get_ydata()),
            }
            for line in ax.get_lines()
        ],
        "points": [_numbers(c.get_offsets()) for c in ax.collections if len(c.get_offsets()) > 1],
        "images": [_numbers(image.get_array()) for image in ax.get_images()],
        "bars": [[float(f"{v:.9g}") for v in p.get_bbox().bounds] for p in ax.patches],
        "texts": [t.get_text() for t in ax.texts],
    }
    return {key: value for key, value in record.items() if value not in ("", [])}


def check_message(name, alt, shows):
    """Refuse a name that is no address, and sentences that are false or not in the alt text."""
    if not name.startswith("fig-"):
        raise ValueError(f"name must begin with 'fig-', found {name!r}")
    if not shows:
        raise ValueError(
            f"shows of {name} is empty: say at least one thing that the data can refute"
        )
    for sentence, true in shows.items():
        if sentence not in alt:
            raise ValueError(f"alt of {name} lacks the sentence {sentence!r} of shows")
        if not bool(true):
            raise ClaimError(f"{name}: the plotted data contradict “{sentence}”")


def figure(fig, name, *, caption, alt, shows):
    """Show a Matplotlib figure with its caption, alt text, message and data.

    The picture is an SVG. Type that would be smaller than 9 pixels on a phone is enlarged; lines
    and markers with very many points are stored as pixels.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Drawn figure; it is closed.
    name : str
        Address in the book, ``fig-...``.
    caption : str
        One or two sentences in Markdown: the question and the answer.
    alt : str
        What the picture shows, for those who cannot see it. It has to contain every
        sentence of `shows`, word for word.
    shows : dict of str to bool
        Sentences of the alt text with what the plotted data say about them.

    Raises
    ------
    ClaimError
        If a sentence of `shows` is false.
    ValueError
        If the alt text lacks one of the sentences, or there is none; if the picture is larger
        than 150 kB.
    """
    check_message(name, alt, shows)
    record = {
        "name": name, "caption": caption, "alt": alt, "shows": list(shows),
        "axes": [_axes_data(ax) for ax in fig.axes if ax.get_label() != "<colorbar>"],
    }
    show(
        {PICTURE: draw(fig, name, alt), FIGURE: record, "text/plain": f"{name}: {alt}"},
        metadata={PICTURE: {"alt": alt}},
    )
    show_caption(name, caption, alt)
