"""Answers to the exercises of the chapter on networks, in plain NumPy."""

import numpy as np

from ..exercises import Exercise


def _weights(width, depth=1, dim=64):
    """Numbers that training changes in a residual MLP with as many noise features as units."""
    features = width + width % 2
    embedding = features * (features + 1)
    norm, layer = 2 * width, width * (width + 1)
    block = norm + 2 * layer + 2 * width * (features + 1)
    return embedding + (dim + 1) * width + depth * block + norm + (width + 1) * dim


def _width(target, depth=1):
    widths = np.arange(1, 500)
    off = [abs(np.log(_weights(int(width), depth) / target)) for width in widths]
    return float(widths[np.argmin(off)])


def _over(lam, steps=18, half=True):
    """Generated over data variance of a mode: best denoiser, EDM's levels, Heun or Euler."""
    ends = 80.0 ** (1 / 7), 0.002 ** (1 / 7)
    sigma = np.linspace(*ends, steps) ** 7
    x = sigma[0]

    def slope(x, s):
        return x * s / (lam + s**2)

    for a, b in zip(sigma[:-1], sigma[1:], strict=True):
        first = slope(x, a)
        end = x + (b - a) * first
        x = x + (b - a) * (first + slope(end, b)) / 2 if half else end
    return x**2 / lam


_PERFECT = _over(0.0025)

EXERCISES = (
    Exercise(
        "ex-networks-floor", 100 ** (1 / 8), 1e-3,
        (
            (10.0, "That is a floor that falls as one over the step. This one falls faster."),
            (100 ** (1 / 4), "That is the harmonic criterion; the geometric one stops half-way."),
            (100.0, "The threshold is the root of start times target, and the floor is a power."),
            (100 ** (-1 / 8), "The smaller mode takes longer: its threshold is lower."),
        ),
        "a factor",
    ),
    Exercise(
        "ex-networks-places", 64.0, 1e-6,
        (
            (8.0, "A patch has two sides: count its pixels."),
            (9.0, "That is the size of the filter. Count the places where each weight is used."),
            (1 / 64, "The other way round: how many times as fast."),
            (1.0, "Each weight collects the gradients of all places where it is used."),
        ),
        "a factor",
    ),
    Exercise(
        "ex-networks-width", _width(100_000), 1e-6,
        (
            (_width(100_000, depth=2), "That is the width with two blocks. The question has one."),
            (_width(100_000) + 1, "Nearly: by ratio a neighbour is closer."),
            (_width(100_000) - 1, "Nearly: by ratio a neighbour is closer."),
        ),
        "hidden units",
    ),
    Exercise(
        "ex-networks-perfect", _PERFECT, 2e-3,
        (
            (1.0, "The denoiser is perfect, the sampler is not: it takes few steps."),
            (_over(0.0025, half=False), "That is Euler's method; the study uses Heun's."),
            (np.sqrt(_PERFECT), "That is the ratio of standard deviations; variances are asked."),
            (1 / _PERFECT, "The other way round: generated over data variance."),
        ),
        "a ratio of variances",
    ),
)
