"""Answers to the exercises of the chapter on the linear denoiser, in plain NumPy."""

import numpy as np

from ..exercises import Exercise

SIGMA_MIN, SIGMA_MAX = 0.002, 80.0
_HALF = np.log(2) / (2 * (0.01 + 0.2**2))


def _overshoot(lam=1.0, mean=2.0, sigma=1.0):
    """Largest gain of a mode with a mean, trained from zero, over its best gain."""
    noisy = lam + sigma**2
    rates, vectors = np.linalg.eigh(np.array([[noisy + mean**2, mean], [mean, 1.0]]))
    best = np.array([lam / noisy, sigma**2 / noisy * mean])
    parts = (best @ vectors) * vectors[0]  # of the gain; each decays at twice its own rate
    # at the peak both parts change at the same speed in opposite directions
    speeds = rates * parts
    tau = np.log(-speeds[1] / speeds[0]) / (2 * (rates[1] - rates[0]))
    return 1 - (parts * np.exp(-2 * rates * tau)).sum() / best[0]


_PEAK = _overshoot()

EXERCISES = (
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
        "ex-overshoot", _PEAK, 2e-4,
        (
            (_PEAK / 2, "That is the largest gain itself; divide it by the best gain."),
            (_PEAK - 1, "That is by how much it exceeds the best gain; the factor is asked."),
            (_overshoot(mean=1.0), "That is the answer for a mean of 1; here the mean is 2."),
            (5 / 3, "That is the compromise of weights without any bias; the bias does learn."),
            (1.0, "So it is without a mean. Here weights and bias pull on each other."),
        ),
        "a factor",
    ),
)
