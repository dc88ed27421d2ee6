"""Answers to the exercises of the chapter on denoising Gaussians, in plain NumPy."""

import numpy as np

from ..exercises import Exercise

SIGMA_MIN, SIGMA_MAX = 0.002, 80.0
_SHRINK = np.sqrt((1 + SIGMA_MIN**2) / (1 + SIGMA_MAX**2))


def _generated(sigmas, heun=False):
    """Variance that the sampler makes with the best denoiser of variance 1."""
    x = sigmas[0]
    for a, b in zip(sigmas[:-1], sigmas[1:], strict=True):
        slope = x * a / (1 + a**2)
        guess = x + (b - a) * slope
        x = x + (b - a) * (slope + guess * b / (1 + b**2)) / 2 if heun else guess
    return x**2


def _fewest(root=None, heun=False, begin=2):
    """Fewest noise levels with which the sampler's variance is within 1 % of the exact flow's."""
    exact, n = (SIGMA_MAX * _SHRINK) ** 2, begin
    while True:
        if root is None:
            sigmas = np.geomspace(SIGMA_MAX, SIGMA_MIN, n)
        else:
            sigmas = np.linspace(SIGMA_MAX ** (1 / root), SIGMA_MIN ** (1 / root), n) ** root
        if abs(_generated(sigmas, heun) / exact - 1) <= 0.01:
            return n
        n += 1


_FEWEST = _fewest(begin=500)

EXERCISES = (
    Exercise(
        "ex-denoise-one", 2 + 4 / 13 * 3, 1e-6,
        (
            (5.0, "That is the noisy point itself; the noise has to be taken into account."),
            (2 + 4 / 7 * 3, "The noise enters by its variance, not its standard deviation."),
            (2 + 9 / 13 * 3, "That is the share of the noise; the gain is the share of the data."),
            (4 / 13 * 5, "The gain multiplies the distance from the mean, not the coordinate."),
            (2 + 2 / 11 * 3, "Four is the variance of the data already."),
        ),
        "a coordinate",
    ),
    Exercise(
        "ex-lost-mean", 10 * (1 - _SHRINK), 1e-6,
        (
            (10.0, "Nearly: the start forgets the mean, and the flow carries that to the end."),
            (10 * _SHRINK, "That is what is missing."),
            (10 * (1 - _SHRINK**2), "A mean shrinks as the standard deviation, not the variance."),
            (10 * (1 + _SHRINK), "The start is too small, so the end is too small."),
        ),
        "a mean",
    ),
    Exercise(
        "ex-two-humps", 3.0, 1e-6,
        (
            (9.0, "That is a variance; the noise level is a standard deviation."),
            (6.0, "That is the distance between the points; half of it counts."),
            (1.0, "That is the answer for points at one and minus one."),
            (np.sqrt(3.0), "The point and the noise level have the same unit: which power fits?"),
        ),
        "a noise level",
    ),
    Exercise(
        "ex-euler-levels", float(_FEWEST), 1e-9,
        (
            (float(_FEWEST - 1), "Count the noise levels, not the steps between them."),
            (float(_fewest(heun=True)), "That is the answer for Heun's method."),
            (float(_fewest(root=7, begin=500)), "That is the answer for the EDM levels."),
            (float(round(np.log(SIGMA_MAX / SIGMA_MIN) / 0.01)),
             "The error of Euler's method is half the size of a step."),
        ),
        "a number of noise levels",
    ),
)
