"""Answers to the exercises of the chapter on the generated distribution, in plain NumPy."""

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


_FEWEST = _fewest()
_LEFT = np.sqrt((1 + SIGMA_MIN**2) / (1 + SIGMA_MAX**2))  # share of the mean that stays away
_SHORT = 2.0**2 * _LEFT**2 / 2

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
        "ex-mean-left", _SHORT, 1e-4,
        (
            (2 * _SHORT, "The divergence has a factor one half."),
            (_SHORT / 2, "The mean is 2, and it enters with its square."),
            (2 * _LEFT, "That is by how much the mean is wrong; now insert it in the divergence."),
            (2.0**2 * _LEFT, "The share that is missing enters with its square, and with a half."),
            (2.0**2 / 2, "That is so before training, when all of the mean is missing."),
        ),
        "nats",
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
)
