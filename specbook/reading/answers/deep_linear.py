"""Answers to the exercises of the chapter on deep linear denoisers, in plain NumPy."""

import numpy as np

from ..exercises import Exercise

_DOUBLING = np.log(2) / (8 * 0.05)


def _gain(first, second, variance=0.5, sigma=0.5, time=0.8, steps=2000):
    """Gain of two layers after gradient flow on both, by Runge–Kutta steps."""

    def slope(a):
        return -2 * ((variance + sigma**2) * a[0] * a[1] - variance) * a[::-1]

    a, h = np.array([first, second]), time / steps
    for _ in range(steps):
        k1 = slope(a)
        k2 = slope(a + h / 2 * k1)
        k3 = slope(a + h / 2 * k2)
        a = a + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(a + h * k3))
    return a[0] * a[1]


def _one_layer(start, rate=1.0, variance=0.5, sigma=0.5, time=0.8):
    best = variance / (variance + sigma**2)
    return best + (start - best) * np.exp(-2 * rate * time * (variance + sigma**2))


def _wrong_imbalance(start, imbalance):
    """Gain of two layers with the given product and difference of squares."""
    total = np.sqrt(imbalance**2 + 4 * start**2)
    return _gain(np.sqrt((total - imbalance) / 2), np.sqrt((total + imbalance) / 2))


_PRODUCT = 0.1 * 0.7
_WORTH = 128 * 2 * 0.01**2 / 4

EXERCISES = (
    Exercise(
        "ex-deep-doubling", _DOUBLING, 1e-4,
        (
            (np.log(2) / (2 * (0.05 + 2.0**2)), "That is a half-time of one layer; this network has"
             " two tied ones."),
            (np.log(2) / (8 * (0.05 + 2.0**2)), "The rate of a deep network does not contain the"
             " noise."),
            (np.log(2) / (4 * 0.05), "That is the rate of two untied layers; tied ones are twice as"
             " fast."),
            (np.log(2) / (2 * 0.05), "Both layers are used twice: the rate has a factor eight."),
        ),
        "a training time",
    ),
    Exercise(
        "ex-deep-unequal", _gain(0.1, 0.7), 1e-6,
        (
            (_gain(np.sqrt(_PRODUCT), np.sqrt(_PRODUCT)), "That is the gain of balanced layers;"
             " these differ."),
            (_wrong_imbalance(_PRODUCT, 0.6), "The imbalance is the difference of the squares."),
            (_one_layer(_PRODUCT), "That is one layer from the same gain."),
            (_one_layer(_PRODUCT, 0.48), "That is the limit of very unbalanced layers; these are in"
             " between."),
            (_wrong_imbalance(_PRODUCT, np.sqrt(0.48)), "The imbalance is the difference of the"
             " squares, without a root."),
        ),
        "a gain",
    ),
    Exercise(
        "ex-deep-worth", _WORTH, 1e-6,
        (
            (2 * _WORTH, "The sum of both arrows counts with a quarter."),
            (4 * _WORTH, "Divide the squared length of the sum by four."),
            (_WORTH / 2, "Both layers contribute: the variance of a sum is the sum of variances."),
            (_WORTH / 128, "Every hidden unit adds to the squared length."),
            (128 * 2 * 0.01 / 4, "The squared length needs the square of the standard deviation."),
        ),
        "a gain",
    ),
    Exercise(
        "ex-deep-plateau", 100.0, 1e-3,  # the exact time to half of the best gain gives 100.005
        (
            (1e4, "That is the ratio of the starts; the plateau goes with a power of it."),
            (1.5, "That is the ratio of the logarithms, as for two layers."),
            (0.01, "A smaller start waits longer."),
            (1e4 ** (1 / 3), "That is the power of three layers."),
        ),
        "a pure number",
    ),
)
