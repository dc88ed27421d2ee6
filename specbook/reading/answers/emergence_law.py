"""Answers to the exercises of the chapter on the law of emergence, in plain NumPy."""

import numpy as np

from ..exercises import Exercise

SIGMA_MIN, SIGMA_MAX = 0.002, 80.0
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(400)


def _variance(lam, clock, sd):
    """Variance that a matrix behind EDM's parametrisation generates, by quadrature of its gain."""
    low, high = np.log(SIGMA_MIN), np.log(SIGMA_MAX)
    square = np.exp(low + high + (high - low) * POINTS)
    best, skip = lam / (lam + square), sd**2 / (sd**2 + square)
    gain = best + (skip - best) * np.exp(-clock * (lam + square) / (sd**2 + square))
    return SIGMA_MAX**2 * np.exp(-(high - low) * (WEIGHTS * (1 - gain)).sum())


def _time(lam, sd, level):
    """Training time at which a rising mode crosses a level, by bisection."""
    low, high = np.log(1e-6), np.log(1e3)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _variance(lam, np.exp(middle), sd) < level else (low, middle)
    return np.exp(low) / 2


def _ratio(mean):
    times = [_time(1.0, sd, mean(_variance(1.0, 0.0, sd), 1.0)) for sd in (0.25, 0.5)]
    return times[0] / times[1]


_GEOMETRIC = _ratio(lambda a, b: np.sqrt(a * b))

EXERCISES = (
    Exercise(
        "ex-emergence-pixels", 2 / 10**2, 1e-6,
        (
            (2 / 10, "Variances are squares: ten times the values, a hundred times the variance."),
            (2.0, "Time has a unit here. It would stay behind EDM's preconditioning."),
            (2.0 * 10**2, "Larger variances are learned earlier, not later."),
        ),
        "a training time",
    ),
    Exercise(
        "ex-emergence-pair", 100.0, 1e-6,
        (
            (10.0, "The variances differ by a factor of ten thousand, not of a hundred."),
            (1e4, "That is the exponent minus one. Behind EDM's preconditioning it is half of it."),
            (0.01, "The other way round: later over earlier."),
            (1.0, "The number chi is the same for both, the root of the rates is not."),
        ),
        "a factor",
    ),
    Exercise(
        "ex-emergence-ramp", 16.0, 1e-6,
        (
            (4.0, "That is the exponent minus one; on the ramp it is minus psi over the gain."),
            (2.0, "Divide the place by the gain, do not multiply."),
            (1 / 16, "The smaller mode takes longer: its threshold is lower down the ramp."),
        ),
        "a factor",
    ),
    Exercise(
        "ex-emergence-sigma-data", _GEOMETRIC, 1e-4,
        (
            (1 / _GEOMETRIC, "The other way round: the new time over the old one."),
            (_ratio(lambda a, b: 2 * a * b / (a + b)), "That is the harmonic criterion."),
            (_ratio(lambda a, b: (a + b) / 2), "That is the arithmetic criterion."),
            (0.5, "That is the law far from the start; at this mode it is nearly so. Compute it."),
        ),
        "a factor",
    ),
)
