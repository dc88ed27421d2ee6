"""Answers to the exercises of the chapter on flow matching, in plain NumPy."""

import numpy as np

from ..exercises import Exercise


def _generated(lam, n, heun=True):
    """Variance that n equal steps in t make with the best velocity of a mode of variance lam."""
    times = np.linspace(0, 1, n + 1)
    gain = (times * lam - (1 - times)) / (times**2 * lam + (1 - times) ** 2)
    x = 1.0
    for k in range(n):
        slope = gain[k] * x
        guess = x + slope / n
        x = x + (slope + gain[k + 1] * guess) / (2 * n) if heun else guess
    return x**2


def _fewest(lam=0.01, error=0.01, heun=True):
    """Fewest steps with which the generated variance is within `error` of the data's."""
    n = 1
    while abs(_generated(lam, n, heun) / lam - 1) > error:
        n += 1
    return n


_FEWEST = _fewest()

EXERCISES = (
    Exercise(
        "ex-flow-mirror", 9.0, 1e-6,
        (
            (81.0, "That would be an exponent of -1; by this criterion it is near one half."),
            (1 / 9, "The other way round: the mode of small variance is the later one."),
            (1.0, "The variances are mirror images; the clock is scaled as well."),
            (3.0, "The variances differ by a factor of 81, not of 9."),
        ),
        "a ratio of times",
    ),
    Exercise(
        "ex-flow-score", 121.0, 1e-6,
        (
            (100.0, "That is one over the squared noise level; the noise on the path is 1 - t."),
            (11.0, "The weight is the variance of the noise, not its standard deviation."),
            (1.21, "That is one over t squared; the noise has the share 1 - t."),
            (1 / 121, "The other way round: how many times slower?"),
        ),
        "a ratio of rates",
    ),
    Exercise(
        "ex-flow-tied", np.sqrt(1.04), 1e-6,
        (
            (1.04, "That is the variance; the standard deviation is asked."),
            (0.2, "That is what the data have; a square cannot reach the best gain everywhere."),
            (1.2, "Variances add, standard deviations do not."),
            (np.sqrt(1.2), "Square the standard deviation of the data first."),
            (1.0, "The last part of the path is learned: it adds the variance of the data."),
        ),
        "a standard deviation",
    ),
    Exercise(
        "ex-flow-steps", float(_FEWEST), 1e-9,
        (
            (float(_FEWEST + 1), "Count the steps, not the times at which the sampler stops."),
            (float(_FEWEST - 1), "With one step less the error is still above one per cent."),
            (float(_fewest(heun=False)), "That is the answer for Euler's method."),
            (float(_fewest(error=0.1)), "That is enough for ten per cent; one per cent is asked."),
        ),
        "a number of steps",
    ),
)
