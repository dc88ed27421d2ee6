"""Plain gradient descent with the exact gradient: the law of its finite steps."""

import numpy as np

from .._check import NOISE, array, scalar


def descent_gain(variances, sigma, steps, rates, q0=0.0):
    """Gain after plain gradient descent with the exact gradient.

    Parameters
    ----------
    variances : array_like, shape (mode,)
        Variances of the data, centred.
    sigma : array_like, shape (sigma,)
        Noise standard deviations.
    steps : array_like of int, shape (sigma, time) or (time,)
        Steps taken in each interval of time.
    rates : array_like, shape (sigma, time) or (time,)
        Learning rate in each interval.
    q0 : float
        Gain before training.

    Returns
    -------
    ndarray, shape (sigma, time, mode)

    Notes
    -----
    eq-descent, with the product over intervals of constant learning rate.
    """
    lam = array("variances", variances, low=0, high=NOISE["high"])
    s = array("sigma", sigma, **NOISE)
    steps = np.atleast_2d(array("steps", steps, low=0, ndim=2))
    rates = np.atleast_2d(array("rates", rates, above=0, ndim=2))
    q0 = scalar("q0", q0)
    if (steps != np.round(steps)).any():
        raise ValueError("steps must be whole numbers")
    for name, value in (("steps", steps), ("rates", rates)):
        if value.shape[0] not in (1, s.size) or value.shape[1] != steps.shape[1]:
            raise ValueError(
                f"{name} has shape {value.shape}; give (sigma, time) or (time,) with"
                f" {s.size} noise levels and {steps.shape[1]} times"
            )
    noisy = lam + s[:, None, None] ** 2
    with np.errstate(over="ignore", invalid="ignore"):
        left = np.cumprod((1 - 2 * rates[..., None] * noisy) ** steps[..., None], axis=1)
    if not np.isfinite(left).all():
        raise ValueError("rates are too large: the gain leaves float64 within these steps")
    best = lam / noisy
    return best + (q0 - best) * left
