"""First crossing of a threshold by the generated variance, by root finding.

For centred data d ln(variance)/dc has the sign of

    lam (1 - q0) [E_1(c low^2) - E_1(c high^2)] - q0 [exp(-c low^2) - exp(-c high^2)] / c,

an integral of exp(-c s) against a function that changes sign at most once, so it changes sign at
most once itself, from minus to plus: the variance is monotone, or it falls and then rises. Hence
a rising crossing is unique, and a falling one lies before the turning point.
"""

import numpy as np
from scipy.optimize.elementwise import find_root

from ..measure import log_threshold
from .exponential import exp1_difference, log_growth

FIRST = -690.0  # ln of a clock before all learning
SCAN = 300  # clocks at which coupled modes, which may turn more than once, are bracketed
MARGIN = 1e-14  # a curve that only tends to the threshold does not cross it


def heights(lam, q0, low, high, target, criterion):
    """ln of start and of threshold over the final variance, each of shape (mode,).

    The ratios are formed before their logarithms, so that no digits are lost when start,
    target and end are close.
    """
    far = np.log1p(lam / high**2)
    start = 2 * q0 * np.log(high / low) - np.log1p(lam / low**2) + far
    with np.errstate(divide="ignore"):
        goal = far - np.log1p(low**2 / lam) if target == "data" else np.zeros(lam.shape)
    return start, log_threshold(start, goal, criterion)


def turning_clock(lam, q0, low, high):
    """ln of the clock at which the variance stops falling; NaN for a mode that does not turn."""

    def slope(log_c, lam, q0):
        c = np.exp(log_c)
        gone = -np.exp(-c * low**2) * np.expm1(-c * (high**2 - low**2))
        return lam * (1 - q0) * exp1_difference(c, low**2, high**2) - q0 * gone / c

    last = np.log(300 / low**2)
    root = find_root(slope, (np.full(lam.shape, FIRST), np.full(lam.shape, last)), args=(lam, q0))
    return np.where(root.success, root.x, np.nan)


def first_crossing(law, low, high, target, criterion):
    """Training time at which each mode first crosses its threshold, NaN if it never does.

    Parameters
    ----------
    law : LinearLaw
    low, high : float
        Noise range.
    target, criterion : str
        As in `LinearLaw.emergence_time`.

    Returns
    -------
    ndarray, shape (mode,), in units of tau
    """
    lam, q0 = law.variances, law.q0
    start, level = heights(lam, q0, low, high, target, criterion)

    def excess(log_c, lam, q0, level):
        return log_growth(np.exp(log_c), lam, q0, low, high) - level

    last = np.log(800 / (lam + low**2))  # after all learning
    turn = turning_clock(lam, q0, low, high)
    end = np.where((start > level) & (turn < last), turn, last)
    with np.errstate(invalid="ignore"):  # a threshold of variance 0
        root = find_root(
            excess, (np.full(lam.shape, FIRST), end), args=(lam, q0, level),
            tolerances={"xrtol": 1e-14},
        )
        crosses = root.success & (np.abs(excess(end, lam, q0, level)) > MARGIN) & (start != level)
    clock = np.where(crosses, np.exp(root.x), np.nan)
    if law._block:
        tied = law._tied
        clock[tied] = _scan(law._block, start[tied], level[tied], low, high)
    return clock / (2 * law.eta)


def _scan(block, start, level, low, high):
    """First clocks at which coupled modes cross: bracketed on a grid, then by root finding."""
    final = high**2 * (block.variances + low**2) / (block.variances + high**2)

    def excess(log_c):  # (clock, mode)
        variance = np.diagonal(block.moments(np.exp(log_c), low, high)[0], axis1=1, axis2=2)
        return np.log(variance / final) - level

    log_c = np.linspace(*block.span(low, high), SCAN)
    crossed = (excess(log_c) > 0) != (start > level)
    at = crossed.argmax(axis=0)
    found = np.flatnonzero(crossed.any(axis=0) & (at > 0) & np.isfinite(level))
    out = np.full(level.shape, np.nan)
    if found.size:
        root = find_root(
            lambda u, k: excess(u)[np.arange(u.size), k.astype(int)],
            (log_c[at[found] - 1], log_c[at[found]]),
            args=(found.astype(float),),
        )
        out[found] = np.exp(root.x)
    return out


def scanned_crossing(curve, start, final, span, criterion):
    """First clock at which each curve crosses its threshold: bracketed on a grid, then exact.

    Parameters
    ----------
    curve : callable
        ``curve(clock, mode)`` is the ln of a variance; arrays broadcast.
    start, final : ndarray, shape (mode,)
        ln of the variances between which the threshold lies.
    span : tuple of two ndarray, shape (mode,)
        ln of a clock before all learning and of one after it.
    criterion : str
        As in `LinearLaw.emergence_time`.

    Returns
    -------
    ndarray, shape (mode,)
        NaN for a mode that starts at the threshold or never crosses it.
    """
    level = log_threshold(start, final, criterion)
    grid = np.linspace(*np.broadcast_arrays(*span), SCAN)  # (clock, mode)
    modes = np.broadcast_to(np.arange(start.size), grid.shape)
    excess = curve(np.exp(grid), modes) - level
    crossed = (excess > 0) != (start > level)
    crossed &= np.abs(excess) > MARGIN
    at = crossed.argmax(axis=0)
    found = np.flatnonzero(crossed.any(axis=0) & (at > 0) & (start != level) & np.isfinite(level))
    out = np.full(start.shape, np.nan)
    if found.size:
        root = find_root(
            lambda u, mode: curve(np.exp(u), mode.astype(int)) - level[mode.astype(int)],
            (grid[at[found] - 1, found], grid[at[found], found]),
            args=(found.astype(float),),
            tolerances={"xrtol": 1e-14},
        )
        out[found] = np.exp(root.x)
    return out
