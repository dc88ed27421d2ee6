"""Answers to the exercises of the chapter on full-width convolution, in plain NumPy."""

import numpy as np

from ..exercises import Exercise

_BEST = np.array([4.0, 1.0, 0.0, 1.0]) / np.array([5.0, 2.0, 1.0, 2.0])  # gains of four waves
_RIGHT = (_BEST[0] - _BEST[2]) / 4  # at shift one the waves are 1, i, -1, -i

_RATE = 1 / (32 * 32 * (1 + 80.0**2))

_STEPS = np.arange(1, 17)
_WALK = np.minimum(_STEPS[:, None], _STEPS).astype(float)


def _ring_average(matrix):
    """Mean covariance at each shift of a ring."""
    n = len(matrix)
    return np.array([matrix[np.arange(n), (np.arange(n) + r) % n].mean() for r in range(n)])


def _volume(row):
    """ln of the determinant of the circulant matrix with this first row."""
    return np.log(np.fft.fft(row).real).sum()


_LOST = (_volume(_ring_average(_WALK)) - np.linalg.slogdet(_WALK)[1]) / 2

EXERCISES = (
    Exercise(
        "ex-circulant-filter", _RIGHT, 1e-6,
        (
            (_BEST.sum() / 4, "That is the weight of the pixel itself, at shift zero."),
            ((_BEST[0] - _BEST[1] + _BEST[2] - _BEST[3]) / 4, "That is the place opposite."),
            (_RIGHT * 2, "The inverse transform divides by four, not by its root."),
            (_RIGHT * 4, "The inverse transform divides by the number of places."),
            (1.0, "That is from powers; transform the best gains, P / (P + 1)."),
        ),
        "a weight of the filter",
    ),
    Exercise(
        "ex-circulant-rate", _RATE, 1e-6,
        (
            (_RATE * 32 * 32, "That is the rate of a dense matrix: each weight of a filter counts"
             " once for each place."),
            (_RATE * 32, "The picture has 32 x 32 places, not 32."),
            (1 / (32 * 32 * (1 + 80.0)), "The noise level enters with its square."),
            (_RATE / 2, "The factor of a step is 1 - 2 eta n (P + sigma^2); it may go down to -1."),
        ),
        "a learning rate",
    ),
    Exercise(
        "ex-circulant-walk", _LOST, 1e-4,
        (
            (2 * _LOST, "The divergence has a factor one half."),
            (_LOST / np.log(2), "That is in bits; nats have the natural logarithm."),
            (_LOST / 16, "That is for each place; the question is about all of them."),
            ((np.log(np.diag(_WALK)).sum() - np.linalg.slogdet(_WALK)[1]) / 2,
             "That keeps the variance of each place and drops all covariances: average over shifts"
             " instead, that is, take the diagonal in the basis of waves."),
        ),
        "nats",
    ),
)
