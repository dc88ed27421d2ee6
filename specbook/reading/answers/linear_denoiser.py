"""Answers to the exercises of the chapter on the linear denoiser, in plain NumPy."""

import numpy as np

from ..exercises import Exercise

SIGMA_MIN, SIGMA_MAX = 0.002, 80.0


def _levels(n):
    """Noise levels of the EDM sampler (Karras et al., equation 5, rho = 7)."""
    ends = SIGMA_MAX ** (1 / 7), SIGMA_MIN ** (1 / 7)
    return np.linspace(*ends, n) ** 7


def _generated(lam, sigmas, heun=True):
    """Variance that the sampler makes with the best denoiser of a mode of variance lam."""
    x = sigmas[0]
    for a, b in zip(sigmas[:-1], sigmas[1:], strict=True):
        slope = x * a / (lam + a**2)
        guess = x + (b - a) * slope
        x = x + (b - a) * (slope + guess * b / (lam + b**2)) / 2 if heun else guess
    return x**2


def _fewest(lam=0.01, error=0.01, heun=True):
    """Fewest noise levels with which the sampler's variance is within `error` of the exact one."""
    exact = SIGMA_MAX**2 * (lam + SIGMA_MIN**2) / (lam + SIGMA_MAX**2)
    n = 2
    while abs(_generated(lam, _levels(n), heun) / exact - 1) > error:
        n += 1
    return n


_HALF = np.log(2) / (2 * (0.01 + 0.2**2))
_FEWEST = _fewest()

EXERCISES = (
    Exercise(
        "ex-untrained", SIGMA_MIN * SIGMA_MAX, 1e-6,
        (
            (SIGMA_MIN**2, "That is the start from gain 0; here the gain is one half."),
            (SIGMA_MAX**2, "That is the start from gain 1; here the gain is one half."),
            (np.sqrt(SIGMA_MIN * SIGMA_MAX), "That is a standard deviation; square it."),
            ((SIGMA_MIN**2 + SIGMA_MAX**2) / 2, "The exponents are averaged, not the variances."),
        ),
        "a variance",
    ),
    Exercise(
        "ex-learning-rate", 1 / (1 + SIGMA_MAX**2), 1e-5,
        (
            (1 / (2 * (1 + SIGMA_MAX**2)), "At this rate the fastest mode is learned in one step; "
             "it stays stable up to twice that."),
            (1 / (1 + SIGMA_MAX), "The noise enters by its variance, not its standard deviation."),
            (1 / (1 + SIGMA_MIN**2), "One rate has to serve all noise levels: which is the worst?"),
            (1 / SIGMA_MAX**2, "Close: the variance of the data counts too."),
        ),
        "a learning rate",
    ),
    Exercise(
        "ex-half-time", _HALF, 1e-6,
        (
            (2 * _HALF, "The square in the loss gives a factor 2 in the rate."),
            (np.log(2) / (2 * 0.01), "The rate holds the variance of the noise as well."),
            (np.log(2) / (2 * (0.01 + 0.2)), "The noise enters by its variance."),
            (1 / (2 * (0.01 + 0.2**2)), "In that time the distance falls by e, not by 2."),
        ),
        "a time",
    ),
    Exercise(
        "ex-heun-levels", float(_FEWEST), 1e-9,
        (
            (float(_FEWEST - 1), "Count the noise levels, not the steps between them."),
            (float(_fewest(heun=False)), "That is the answer for Euler's method."),
            (float(_fewest(error=0.1)), "That is enough for ten per cent; one per cent is asked."),
        ),
        "a number of noise levels",
    ),
)  # fmt: skip
