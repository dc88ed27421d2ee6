"""Divergence between Gaussians."""

import numpy as np

from .._check import array, choice

#: Directions of a divergence.
DIRECTIONS = ("generated||data", "data||generated")
LARGEST = 1e150  # shift, whose square is still a number


def gaussian_divergence(log_ratio, shift=0.0, variances=1.0, direction="generated||data"):
    """Kullback–Leibler divergence between Gaussians that share their modes, mode by mode.

    Parameters
    ----------
    log_ratio : array_like, shape (..., mode)
        Logarithm of generated over data variance.
    shift : array_like
        Generated minus data mean along each mode.
    variances : array_like, shape (mode,)
        Data variances, positive and finite.
    direction : {"generated||data", "data||generated"}
        Which of the two the average is taken over (the first).

    Returns
    -------
    ndarray, shape (..., mode)
        Divergence in nats; sum over modes for the whole.

    Notes
    -----
    eq-kl and eq-kl-reverse of the book: (r - 1 - ln r + shift**2 / lam) / 2 with r the ratio of
    the first to the second variance and lam the second one. r - 1 - ln r is summed as a series
    near r = 1, where subtracting would lose all digits.
    """
    choice("direction", direction, DIRECTIONS)
    bounds = {
        "log_ratio": {"infinite_ok": True}, "shift": {"low": -LARGEST, "high": LARGEST},
        "variances": {"above": 0},
    }
    x, shift, variances = (
        array(name, value, ndim=32, **bounds[name]).reshape(np.shape(value))
        for name, value in (("log_ratio", log_ratio), ("shift", shift), ("variances", variances))
    )
    with np.errstate(over="ignore"):  # an infinite divergence
        distance = shift**2 / variances
    if direction == "data||generated":
        with np.errstate(over="ignore", invalid="ignore"):
            return (_bregman(-x) + np.where(distance > 0, distance * np.exp(-x), 0)) / 2
    return (_bregman(x) + distance) / 2


def _bregman(x):
    """exp(x) - 1 - x without cancellation near 0."""
    small = np.where(np.abs(x) < 0.1, x, 0.0)
    series = np.zeros_like(small)
    for n in range(12, 1, -1):  # Horner: x**2/2! + x**3/3! + ... + x**12/12!
        series = (series + 1.0) * small / n
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(
            np.abs(x) < 0.1, series * small, np.where(x == np.inf, np.inf, np.expm1(x) - x)
        )
