"""First crossing of a threshold by the generated variance, by root finding.

For centred data d ln(variance)/dc has the sign of

    lam (1 - q0) [E_1(c low^2) - E_1(c high^2)] - q0 [exp(-c low^2) - exp(-c high^2)] / c,

an integral of exp(-c s) against a function that changes sign at most once, so it changes sign at
most once itself, from minus to plus: the variance is monotone, or it falls and then rises. Hence
a rising crossing is unique, and a falling one lies before the turning point.
"""

import numpy as np
from scipy.optimize.elementwise import find_root

from .exponential import exp1_difference

SCAN = 600  # times at which coupled modes, which may turn more than once, are bracketed


def first_crossing(law, level, start, low, high):
    """Training time at which each mode first reaches `level`, NaN if it never does.

    Parameters
    ----------
    law : LinearLaw
    level, start : ndarray, shape (mode,)
        Threshold and variance before training.
    low, high : float
        Noise range.

    Returns
    -------
    ndarray, shape (mode,), in units of tau
    """
    lam, q0 = law.variances, law.q0
    with np.errstate(divide="ignore"):
        height = np.log(level) - np.log(law._final(low, high))
        begin = np.log(start) - np.log(law._final(low, high))
    first = np.full(lam.shape, -690.0)  # ln c: before all learning
    last = np.log(800 / (lam + low**2))  # after it, to rounding error

    def excess(log_c, lam, q0, height):
        c = np.exp(log_c)
        shared = exp1_difference(c, low**2, high**2)
        own = exp1_difference(c, lam + low**2, lam + high**2)
        return own - (1 - q0) * np.exp(-c * lam) * shared - height

    def slope(log_c, lam, q0):
        c = np.exp(log_c)
        gone = -np.exp(-c * low**2) * np.expm1(-c * (high**2 - low**2))
        return lam * (1 - q0) * exp1_difference(c, low**2, high**2) - q0 * gone / c

    falling = begin > height
    turn = find_root(slope, (first, last), args=(lam, q0))
    end = np.where(falling & turn.success, turn.x, last)
    with np.errstate(invalid="ignore"):
        root = find_root(excess, (first, end), args=(lam, q0, height), tolerances={"xrtol": 1e-14})
    found = root.success & np.isfinite(height) & (begin != height)
    out = np.where(found, np.exp(root.x) / (2 * law.eta), np.nan)
    if law._block:
        tied = law._tied
        out[tied] = _scan(law._block, level[tied], start[tied], low, high)
    return out


def _scan(block, level, start, low, high):
    """First crossing of coupled modes: bracketed on a grid of times, then bisected."""

    def variance(tau):
        return np.diagonal(block.moments(tau, low, high)[0], axis1=1, axis2=2)

    slowest = np.min(block.variances + low**2) / (1 + np.sum(block.mean**2))
    ends = np.log([1e-6 / (np.max(block.variances) + high**2), 800 / slowest])
    log_tau = np.linspace(*ends, SCAN) - np.log(2 * block.eta)
    above = variance(np.exp(log_tau)) > level
    out = np.full(level.shape, np.nan)
    for k in range(level.size):
        if level[k] == start[k]:
            continue
        crossed = np.flatnonzero(above[:, k] != (start[k] > level[k]))
        if crossed.size == 0:
            continue
        at = crossed[0]
        if at == 0:
            continue
        result = find_root(
            lambda u, k=k: np.log(variance(np.exp(np.atleast_1d(u)))[:, k] / level[k]),
            (log_tau[at - 1 : at], log_tau[at : at + 1]),
        )
        out[k] = np.exp(result.x[0])
    return out
