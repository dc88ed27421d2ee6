"""Answers to the exercises of the chapter on Gaussian equivalence, in plain NumPy."""

import numpy as np

from ..exercises import Exercise


def _share_left(sigma, points=4001, reach=10.0):
    """Loss of the best denoiser of the points 1 and -1 over that of the best linear one."""
    z = np.linspace(-reach, reach, points)
    density = np.exp(-(z**2) / 2)
    x = 1 + sigma * z  # by symmetry the point 1 is enough
    left = (density * (1 - np.tanh(x / sigma**2)) ** 2).sum() / density.sum()
    return left * (1 + sigma**2) / sigma**2


def _level(share):
    """Noise level at which that share of the linear loss is left."""
    low, high = 0.1, 5.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _share_left(middle) < share else (low, middle)
    return middle


EXERCISES = (
    Exercise(
        "ex-equivalence-batch", 4.0, 1e-6,
        (
            (13.0, "That would be so if error and input carried nothing but the data."),
            (3.0, "That is the excess; the noise of Gaussian data comes on top."),
            (7.0, "Two gains enter, that of the output and that of the input."),
            (2.0, "A factor in the standard deviation; the batch divides the variance."),
            (16.0, "The variance falls as one over the batch, not as one over its root."),
        ),
        "a factor",
    ),
    Exercise(
        "ex-equivalence-worst", np.sqrt(1 / 3), 1e-3,
        (
            (1.0, "At that level the noise of the gradient is largest. The gap has another law."),
            (1 / 3, "That is a variance; the noise level is a standard deviation."),
            (np.sqrt(1 / 2), "That is the level for data with skewness alone."),
            (np.sqrt(3.0), "There the gain is one quarter; it has to be three quarters."),
            (0.75, "That is the gain; which noise level has it?"),
        ),
        "a noise level",
    ),
    Exercise(
        "ex-equivalence-laplace", 0.1**3 * 0.9 * 9 / 6, 1e-4,
        (
            (0.1**3 * 0.9 * 3 / 6, "The excess kurtosis enters by its square."),
            (0.1**2 * 0.9 * 9 / 6, "For symmetric data the gain enters once more."),
            (0.1**3 * 0.9 * 9 / 2, "The half belongs to the skewness, the sixth to the kurtosis."),
            (0.9**3 * 0.1 * 9 / 6, "That is the gain nine tenths: little noise, not much."),
        ),
        "a share",
    ),
    Exercise(
        "ex-equivalence-half", _level(0.5), 1.5e-3,
        (
            (_level(0.5) ** 2, "That is a variance; the noise level is a standard deviation."),
            (1.0, "There the gap is far smaller than a half: compute it."),
            (_level(0.25), "There a quarter of the linear loss is left, not a half."),
            (_level(0.75), "There three quarters of the linear loss are left, not a half."),
        ),
        "a noise level",
    ),
)
