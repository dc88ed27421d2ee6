"""Variances along modes, and the times at which they cross a threshold."""

import numpy as np

from .._check import array, broadcast, choice

#: Which mean of start and target counts as the threshold of emergence.
CRITERIA = ("harmonic", "geometric", "arithmetic")


def mode_variances(samples, modes):
    """Variance of samples along each mode, normalised by N.

    Parameters
    ----------
    samples : array_like, shape (N, d)
        One sample a row, N >= 2.
    modes : array_like, shape (d, modes)
        Directions of length 1, one a column.

    Returns
    -------
    ndarray, shape (modes,)
        In squared data units.

    Notes
    -----
    Projecting first costs N d modes operations and never forms a covariance.
    """
    samples, modes = array("samples", samples, ndim=2), array("modes", modes, ndim=2)
    if samples.ndim != 2 or samples.shape[0] < 2:
        raise ValueError(f"samples must have shape (N, d) with N >= 2, found {samples.shape}")
    if modes.ndim != 2 or modes.shape[0] != samples.shape[1]:
        raise ValueError(
            f"modes must have shape ({samples.shape[1]}, modes), one a column, found {modes.shape}"
        )
    return (samples @ modes).var(axis=0)


def threshold(initial, target, criterion):
    """Mean of initial and target variance that a mode has to cross to count as learned.

    Parameters
    ----------
    initial, target : array_like
        Variances before training and in the data, not negative.
    criterion : {"harmonic", "geometric", "arithmetic"}
        Which mean. There is no default, because fitted exponents depend on it.

    Returns
    -------
    ndarray
        The threshold, eq-harmonic or eq-geometric of the book for two of the three.
    """
    initial, target = (
        array(name, value, low=0, ndim=32).reshape(np.shape(value))
        for name, value in (("initial", initial), ("target", target))
    )
    with np.errstate(divide="ignore"):  # the logarithm of 0
        return np.exp(log_threshold(np.log(initial), np.log(target), criterion))


def log_threshold(initial, target, criterion):
    """Logarithm of `threshold` from those of both variances; exact where they are near 0.

    Parameters
    ----------
    initial, target : array_like
        Logarithms of the variances before training and in the data.
    criterion : {"harmonic", "geometric", "arithmetic"}
        Which mean.

    Returns
    -------
    ndarray
    """
    choice("criterion", criterion, CRITERIA)
    if criterion == "geometric":
        return initial / 2 + target / 2
    sign = 1 if criterion == "arithmetic" else -1  # the harmonic mean is that of the inverses
    a, b = sign * np.asarray(initial), sign * np.asarray(target)
    near = np.maximum(np.abs(a), np.abs(b)) < 1
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.log1p((np.expm1(np.where(near, a, 0)) + np.expm1(np.where(near, b, 0))) / 2)
        return sign * np.where(near, close, np.logaddexp(a, b) - np.log(2))


def emergence_time(variance, initial, target, tau, criterion):
    """First training time at which each mode crosses the mean of its start and its target.

    Parameters
    ----------
    variance : array_like, shape (time, mode)
        Recorded variance along each mode, in squared data units.
    initial, target : array_like, shape (mode,) or scalar
        Variance at the start of training and of the data, same units, positive.
    tau : array_like, shape (time,)
        Training times, positive and increasing.
    criterion : {"harmonic", "geometric", "arithmetic"}
        Which mean is the threshold.

    Returns
    -------
    ndarray, shape (mode,)
        Times in units of `tau`, interpolated linearly in log `tau` and log variance; NaN where
        no crossing lies inside `tau`.

    Raises
    ------
    ValueError
        If a variance is not positive, `tau` is not positive and increasing, lengths differ,
        or `criterion` is unknown.

    Notes
    -----
    First passage as in Wang & Pehlevan, arXiv:2503.03206, section 6. Deviation: crossings are
    interpolated, not rounded to a recorded checkpoint, and nothing is smoothed before.

    Examples
    --------
    >>> tau = np.geomspace(1e-3, 1e3, 2000)
    >>> rise = 4 + (0.01 - 4) * np.exp(-2 * tau[:, None] * 4)
    >>> emergence_time(rise, 0.01, [4.0], tau, "arithmetic").round(4)
    array([0.0866])
    """
    variance = array("variance", variance, above=0, ndim=2)
    tau = array("tau", tau, above=0)
    if (np.diff(tau) <= 0).any():
        raise ValueError("tau must increase strictly")
    if variance.ndim != 2 or variance.shape[0] != tau.size:
        raise ValueError(
            f"variance must have shape (time, mode) with {tau.size} times, found {variance.shape}"
        )
    initial, target = (
        np.log(broadcast(name, array(name, value, above=0), variance.shape[1], "variance"))
        for name, value in (("initial", initial), ("target", target))
    )
    level = log_threshold(initial, target, criterion)
    curve = np.log(variance)
    rising = initial < level
    passed = np.where(rising, curve >= level, curve <= level)
    after = passed.argmax(axis=0)
    before = np.maximum(after - 1, 0)
    mode = np.arange(variance.shape[1])
    low, high = curve[before, mode], curve[after, mode]
    share = np.divide(level - low, high - low, out=np.zeros_like(low), where=high != low)
    time = np.exp(np.log(tau[before]) + share * np.log(tau[after] / tau[before]))
    inside = passed.any(axis=0) & ~passed[0]
    return np.where(inside, time, np.nan)
