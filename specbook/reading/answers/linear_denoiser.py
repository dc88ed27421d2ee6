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
_LATER = (1 + 0.1**2) / (0.001 + 0.1**2)
_SEEN, _LEVEL, _CLOCK = 0.09 + 0.4**2, 0.4, 2.0
_LEARNED = 1 - np.exp(-2 * _CLOCK * _SEEN)
_NOISE_WEIGHT = _LEVEL / _SEEN * _LEARNED

EXERCISES = (
    Exercise(
        "ex-how-much-later", _LATER, 0.02,
        (
            (1000, "So it is without noise. What does the denoiser see along the small mode?"),
            (1, "So it is where the noise is larger than both. Here it is between them."),
            (1 / _LATER, "The other way round: how many times later is the smaller one?"),
            ((1 + 0.1) / (0.001 + 0.1), "The noise enters by its variance."),
            (_LATER**2, "Times go like one over the rates, not like one over their squares."),
        ),
        "a factor",
    ),
    Exercise(
        "ex-predict-noise", _NOISE_WEIGHT, 1e-3,
        (
            (_LEVEL / _SEEN, "That is the best weight. How much of it is learned by then?"),
            (0.09 / _SEEN * _LEARNED, "That is the gain of a network that returns the clean point: "
             "what is the average of the input times z?"),
            (_LEVEL**2 / _SEEN * _LEARNED, "The average of the input times z is the noise level, "
             "not its square."),
            (_LEVEL / _SEEN * (1 - np.exp(-_CLOCK * _SEEN)),
             "The square in the loss gives a factor 2 in the rate."),
        ),
        "a weight",
    ),
    Exercise(
        "ex-momentum", 0.005, 0.01,
        (
            (0.05, "That is the rate of the loop as it was: with momentum it is too fast."),
            (0.5, "The other way round: momentum makes steps larger."),
            (0.05 / 1.9, "A gradient acts not only in the next step: sum over all later ones."),
            (0.05 * 0.9, "Nine tenths are what is left of a gradient after one step: sum over all "
             "of them."),
            (0.05 / 9, "The first step counts, too: the sum begins with one."),
        ),
        "a learning rate",
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
