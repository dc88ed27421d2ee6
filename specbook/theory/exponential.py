"""Differences of exponential integrals that stay exact at both ends of training."""

import numpy as np
from scipy.special import exp1

SMALL = 1e-17  # below this argument exp1(x) is -ln x - Euler's constant to rounding error
LARGE = 700.0  # beyond it exp1(x) is 0 to rounding error; SciPy is slow where it underflows


def _exp1(x):
    """exp1 of the scratch array `x`, in its place."""
    return exp1(np.minimum(x, LARGE, out=x), out=x)


def exp1_difference(c, low, high):
    """E_1(c low) - E_1(c high), with its limit ln(high / low) at c = 0.

    Parameters
    ----------
    c : ndarray
        Training clock 2 eta tau, not negative.
    low, high : ndarray or float
        Positive, broadcast against `c`.

    Returns
    -------
    ndarray
    """
    far = np.multiply(c, high)
    early = far < SMALL if far.min() < SMALL else None
    with np.errstate(invalid="ignore"):  # inf - inf at c = 0, where the limit is taken
        difference = _exp1(np.multiply(c, low))
        difference -= _exp1(far)
    return difference if early is None else np.where(early, np.log(high / low), difference)


def log_growth(c, rate, q0, share, low, high):
    """ln of generated over final variance of a centred mode: eq-stable of the book.

    Parameters
    ----------
    c : ndarray
        Training clock 2 eta tau, not negative.
    rate, q0, share : ndarray
        Variance of the data plus ridge, gain before training, and the variance's share of the sum;
        all broadcast against `c`.
    low, high : float
        Noise range.

    Returns
    -------
    ndarray
    """
    memory = np.exp(-(c * rate))
    memory *= (share - q0) * exp1_difference(c, low**2, high**2)
    return share * exp1_difference(c, rate + low**2, rate + high**2) - memory
