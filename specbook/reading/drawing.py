"""Figures that several chapters draw alike."""

from .._check import integer

MARKERS = "osD^v<>"  # a second cue beside colour
# From blue over green to red, each with a contrast of at least 3.6 to white and to the dark page.
RAMP = (
    "#2f72d6", "#0e8a96", "#2f8f4e", "#7c8a1d", "#b8791a", "#cf5a2e", "#c9405f", "#9a5bc4",
)


def ramp(count):
    """Colours in an order, for lines that are seen on white and on the dark page.

    Parameters
    ----------
    count : int
        How many, at most 10,000; they run from blue to red.

    Returns
    -------
    list of tuple of float
        Red, green and blue, between 0 and 1.

    Raises
    ------
    ValueError
        If `count` is no whole number from 1 to 10,000.
    """
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    count = integer("count", count, high=10_000)
    along = LinearSegmentedColormap.from_list("ramp", RAMP[:-1])
    return [along(place)[:3] for place in np.linspace(0, 1, count)]


def draw_pictures(axes, pictures, limits=None):
    """Grey pictures in a row of axes, without ticks.

    Parameters
    ----------
    axes : sequence of matplotlib.axes.Axes
        One for each picture.
    pictures : sequence of array_like, shape (height, width) or (side * side,)
        A flat picture is a square, row by row.
    limits : float or "symmetric", optional
        Black and white stand for minus and plus this value; "symmetric": the largest size in each
        picture. By default grey values are stretched in each picture.

    Raises
    ------
    ValueError
        If the number of pictures is not that of the axes, or a flat picture is no square.
    """
    import numpy as np

    for axis, picture in zip(axes, pictures, strict=True):
        picture = np.asarray(picture)
        if picture.ndim == 1:
            side = round(picture.size**0.5)
            if side * side != picture.size:
                raise ValueError(f"pictures has one of {picture.size} pixels, which is no square")
            picture = picture.reshape(side, side)
        top = np.abs(picture).max() if limits == "symmetric" else limits
        ends = {} if top is None else {"vmin": -top, "vmax": top}
        axis.imshow(picture, cmap="gray", **ends)
        axis.set(xticks=[], yticks=[])


def draw_runs(axis, x, law, runs, modes, colours, names=None, goals=None):
    """Curves of a law as lines, and of several runs as markers, on logarithmic axes.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Where to draw.
    x : array_like, shape (time,)
        Training times.
    law : array_like, shape (time, mode)
        Curves by the law.
    runs : array_like, shape (run, time, mode)
        The same curves, measured.
    modes : sequence of int
        Which modes; at most seven, each with a marker of its own.
    colours : sequence of color
        One for each of `modes`.
    names : sequence of str, optional
        Their names in the legend, by default "mode 1" and so on, counted from one.
    goals : array_like, shape (mode,), optional
        Values that thin horizontal lines mark.
    """
    names = names or [f"mode {mode + 1}" for mode in modes]
    if not len(modes) <= len(MARKERS):
        raise ValueError(f"modes must be at most {len(MARKERS)}, found {len(modes)}")
    for mode, name, colour, marker in zip(modes, names, colours, MARKERS, strict=False):
        axis.loglog(x, law[:, mode], color=colour, lw=1)
        if goals is not None:
            axis.axhline(goals[mode], color=colour, lw=0.5)
        label = [name] + ["_"] * (len(runs) - 1)
        axis.loglog(x, runs[:, :, mode].T, marker, ms=2.5, color=colour, label=label)
