"""Answers to the exercises of the chapter on depth behind preconditioning, in plain NumPy."""

import numpy as np

from ..exercises import Exercise


def _half(variance, rate=4, sigma=0.5, assumed=0.6, start=1e-6):
    """Time at which two layers have half of their best gain."""
    away = sigma * abs(variance - assumed**2) / assumed
    best, cross = away / (variance + sigma**2), away / (sigma**2 + assumed**2)
    return np.log(best / start - 1) / (rate * cross)


def _loop(weights, steps=100, rate=0.05, variance=0.04, sigma=0.5, assumed=0.5, weighted=True):
    """Gain of the denoiser, and that of the network, after descent on all weights of a mode."""
    total = sigma**2 + assumed**2
    skip, scale = assumed**2 / total, sigma * assumed / total
    slope_scale = 2 * scale * (total / (sigma * assumed) ** 2 if weighted else 1)
    weights = np.array(weights)
    for _ in range(steps):
        miss = (skip + scale * weights.prod()) * (variance + sigma**2) - variance
        others = [np.delete(weights, i).prod() for i in range(weights.size)]
        weights = weights - rate * slope_scale * miss * np.array(others)
    return skip + scale * weights.prod(), weights.prod()


_LAST, _THREE = _half(0.3), [0.3, 0.3, -0.3]

EXERCISES = (
    Exercise(
        "ex-precond-last", _LAST, 1e-4,
        (
            (_half(0.05), "That is the smallest variance; what counts is the distance from the"
             " assumed variance."),
            (_half(0.5), "Compare distances of variances: this mode lies farther from the square of"
             " the assumed standard deviation."),
            (_half(2.0), "That is the largest variance, which is the first."),
            (_half(0.3, rate=2), "That is the rate of one factor; two layers have twice that."),
        ),
        "a training time",
    ),
    Exercise(
        "ex-precond-plateau", 100.0, 1e-3,
        (
            (1e4, "Integrate the power four thirds: its integral has the power minus one third."),
            (50.0, "The cross term is one half where the noise level equals the assumed standard"
             " deviation."),
            (100 / 3, "Integrating the power cancels the number of layers against three."),
            (np.log(1e6) / 2, "That is the wait of two layers, a logarithm of the start."),
        ),
        "a training time",
    ),
    Exercise(
        "ex-precond-loop", _loop(_THREE)[0], 1e-5,
        (
            (_loop(_THREE)[1], "That is the gain of the network; the denoiser adds what is passed"
             " on."),
            (_loop([0.3, -0.3])[0], "That has two weights; take a third."),
            (_loop(_THREE, weighted=False)[0], "The loss has EDM's weight."),
            (_loop([0.3, 0.3, 0.3])[0], "The last weight starts with the sign of what is to be"
             " learned."),
        ),
        "a gain",
    ),
)
