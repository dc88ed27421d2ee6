"""First crossing of a threshold by a curve that may turn: bracketed on a grid, then exact."""

import numpy as np
from scipy.optimize.elementwise import find_root

from ..measure import log_threshold

FIRST = -690.0  # ln of a clock before all learning
SCAN, SKIP = 301, 4  # clocks in the grid; every fourth is looked at first, all where one may hide
DIP = 1e-9  # towards the threshold and away from it, between which two crossings may hide
MARGIN = 1e-14  # a curve that starts at the threshold or only tends to it does not cross it


def first_crossing(curve, start, final, span, criterion):
    """First clock at which each curve crosses its threshold.

    Parameters
    ----------
    curve : callable
        ``curve(clock, mode)`` is the ln of a variance; arrays broadcast.
    start, final : ndarray, shape (mode,)
        ln of the variances between which the threshold lies.
    span : tuple of two ndarray, shape (mode,) or (1,)
        ln of a clock up to which the curve is straight, and of one after all learning.
    criterion : str
        As in `ModeLaw.emergence_time`.

    Returns
    -------
    ndarray, shape (mode,)
        NaN for a mode that starts at the threshold or never crosses it.
    """
    level, modes = log_threshold(start, final, criterion), np.arange(start.size)
    fine = np.linspace(*span, SCAN)  # (clock, mode)
    with np.errstate(invalid="ignore"):  # a threshold of variance 0
        may = (np.abs(start - level) > MARGIN) & np.isfinite(level)

    def bracket(grid, part):
        """ln of the clocks around the first crossing, NaN without one, and if some may hide."""
        grid = np.concatenate([np.full((1, *grid.shape[1:]), FIRST), grid])
        with np.errstate(invalid="ignore"):
            excess = curve(np.exp(grid), part) - level[part]
            far = np.abs(excess)
            dips = (far[1:-1] < far[:-2] - DIP) & (far[1:-1] < far[2:] - DIP)
        crossed = ((excess > 0) != (start > level)[part]) & (far > MARGIN) & may[part]
        at, rows = crossed.argmax(axis=0), np.arange(1, len(dips) + 1)[:, None]
        hidden = (dips & ((rows < at - 1) | (at == 0)) & may[part]).any(axis=0)
        ends = np.take_along_axis(np.broadcast_to(grid, excess.shape), np.array([at - 1, at]), 0)
        return np.where(at > 0, ends, np.nan), hidden

    ends, hidden = bracket(fine[::SKIP], modes)
    again = np.flatnonzero(hidden)
    if again.size:
        ends[:, again], _ = bracket(fine if fine.shape[1] == 1 else fine[:, again], again)
    found = np.flatnonzero(np.isfinite(ends[0]))
    out = np.full(start.shape, np.nan)
    if found.size:
        root = find_root(
            lambda u, mode: curve(np.exp(u), mode.astype(int)) - level[mode.astype(int)],
            tuple(ends[:, found]),
            args=(found.astype(float),),
            tolerances={"xrtol": 1e-14},
        )
        out[found] = np.exp(root.x)
    return out
