"""First crossing of a threshold by a curve that may turn: bracketed on a grid, then exact."""

import numpy as np
from scipy.optimize.elementwise import find_root

from ..measure import log_threshold

FIRST = -690.0  # ln of a clock before all learning
SCAN = 300  # clocks in the grid
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
    grid = np.linspace(*span, SCAN)  # (clock, mode)
    grid = np.concatenate([np.full((1, *grid.shape[1:]), FIRST), grid])
    with np.errstate(invalid="ignore"):  # a threshold of variance 0
        excess = curve(np.exp(grid), modes) - level
        moves = np.abs(start - level) > MARGIN
    crossed = (excess > 0) != (start > level)
    crossed &= (np.abs(excess) > MARGIN) & moves & np.isfinite(level)
    at = crossed.argmax(axis=0)
    found = np.flatnonzero(at)
    out = np.full(start.shape, np.nan)
    if found.size:
        grid = np.broadcast_to(grid, excess.shape)
        root = find_root(
            lambda u, mode: curve(np.exp(u), mode.astype(int)) - level[mode.astype(int)],
            (grid[at[found] - 1, found], grid[at[found], found]),
            args=(found.astype(float),),
            tolerances={"xrtol": 1e-14},
        )
        out[found] = np.exp(root.x)
    return out
