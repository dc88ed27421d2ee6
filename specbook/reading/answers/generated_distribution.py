"""Answers to the exercises of the chapter on the generated distribution, in plain NumPy."""

import numpy as np

from ..exercises import Exercise

SIGMA_MIN, SIGMA_MAX = 0.002, 80.0


def _levels(n):
    """Noise levels of the EDM sampler (Karras et al., equation 5, rho = 7)."""
    ends = SIGMA_MAX ** (1 / 7), SIGMA_MIN ** (1 / 7)
    return np.linspace(*ends, n) ** 7


def _generated(lam, sigmas, heun=True):
    """Variance that the sampler makes with the best denoiser of a mode of variance lam."""
    x = sigmas[0]
    for a, b in zip(sigmas[:-1], sigmas[1:], strict=True):
        slope = x * a / (lam + a**2)
        guess = x + (b - a) * slope
        x = x + (b - a) * (slope + guess * b / (lam + b**2)) / 2 if heun else guess
    return x**2


def _fewest(lam=0.01, error=0.01, heun=True):
    """Fewest noise levels with which the sampler's variance is within `error` of the exact one."""
    exact = SIGMA_MAX**2 * (lam + SIGMA_MIN**2) / (lam + SIGMA_MAX**2)
    n = 2
    while abs(_generated(lam, _levels(n), heun) / exact - 1) > error:
        n += 1
    return n


def _emergence(lam, height=0.5):
    """When the geometric threshold is crossed from gain 0, by the trapezoid rule and bisection.

    `height` is the share of the missing log-variance that is still missing then.
    """
    x = np.linspace(np.log(SIGMA_MIN), np.log(SIGMA_MAX), 20001)
    noisy = lam + np.exp(2 * x)
    goal = height * np.log(SIGMA_MIN**2) + (1 - height) * np.log(lam)
    low, high = -5.0, 15.0  # of the logarithm of the time
    for _ in range(60):
        middle = (low + high) / 2
        curve = 1 + lam / noisy * np.expm1(-2 * np.exp(middle) * noisy)
        area = ((curve[1:] + curve[:-1]) / 2 * np.diff(x)).sum()
        below = 2 * np.log(SIGMA_MAX) - 2 * area < goal
        low, high = (middle, high) if below else (low, middle)
    return np.exp(middle)


def _loop(lam, trained, steps=200, rate=0.5):
    """Variance of a mode by the loop of the chapter, which trains only some noise levels."""
    sigmas = np.geomspace(SIGMA_MAX, SIGMA_MIN, 24)
    noisy = lam + sigmas**2
    left = (1 - 2 * rate / (1 + sigmas**2) * noisy) ** steps
    gain = np.where(trained(sigmas), lam / noisy * (1 - left), 0.0)
    x = sigmas[0]
    for k in range(23):
        step = sigmas[k + 1] - sigmas[k]
        slope = (1 - gain[k]) * x / sigmas[k]
        there = (1 - gain[k + 1]) * (x + step * slope) / sigmas[k + 1]
        x = x + step * (slope + there) / 2
    return x**2


_FEWEST = _fewest()
_RATIO = _emergence(0.01) / _emergence(1.0)
_WHOLE = _loop(0.1, lambda sigmas: sigmas > 0)
_PARTS = [_loop(0.1, part) / _WHOLE for part in (lambda s: s > 0.3, lambda s: s < 0.3)]
_WRONG = [_loop(lam, lambda s: s > 0.3) / _loop(lam, lambda s: s > 0) for lam in (1.0, 0.01)]
_LEFT = np.sqrt((1 + SIGMA_MIN**2) / (1 + SIGMA_MAX**2))  # share of the mean that stays away
_SHORT = 2.0**2 * _LEFT**2 / 2

EXERCISES = (
    Exercise(
        "ex-generated-predict", _RATIO, 5e-4,
        (
            (100.0, "That is the estimate from the shelf. Now compute the exact ratio."),
            (10.0, "That is the ratio of the standard deviations; the rate goes as the variance."),
            (1 / _RATIO, "That is the ratio upside down: the small mode comes later."),
            (_emergence(0.01), "That is the time of the small mode; divide by that of the other."),
        ),
        "a ratio of two times",
    ),
    Exercise(
        "ex-generated-freeze", np.array(_PARTS), 0.01,
        (
            (_PARTS[::-1], "Above comes first, then below."),
            (np.sqrt(_PARTS), "Those are ratios of standard deviations; square them."),
            (_WHOLE * np.array(_PARTS), "Those are the variances; divide by the unchanged one's."),
            ([1.0, 1.0], "Train only some levels: multiply the step by (sigmas > 0.3)."),
            ([_WRONG[0], _PARTS[1]], "The first number is that of the first mode, not the second."),
        ),
        "two ratios of variances",
    ),
    Exercise(
        "ex-untrained", SIGMA_MIN * SIGMA_MAX, 1e-6,
        (
            (SIGMA_MIN**2, "That is the start from gain 0; here the gain is one half."),
            (SIGMA_MAX**2, "That is the start from gain 1; here the gain is one half."),
            (np.sqrt(SIGMA_MIN * SIGMA_MAX), "That is a standard deviation; square it."),
            ((SIGMA_MIN**2 + SIGMA_MAX**2) / 2, "The exponents are averaged, not the variances."),
        ),
        "a variance",
    ),
    Exercise(
        "ex-mean-left", _SHORT, 1e-4,
        (
            (2 * _SHORT, "The divergence has a factor one half."),
            (_SHORT / 2, "The mean is 2, and it enters with its square."),
            (2 * _LEFT, "That is by how much the mean is wrong; now insert it in the divergence."),
            (2.0**2 * _LEFT, "The share that is missing enters with its square, and with a half."),
            (2.0**2 / 2, "That is so before training, when all of the mean is missing."),
        ),
        "nats",
    ),
    Exercise(
        "ex-heun-levels", float(_FEWEST), 1e-9,
        (
            (float(_FEWEST - 1), "Count the noise levels, not the steps between them."),
            (float(_fewest(heun=False)), "That is the answer for Euler's method."),
            (float(_fewest(error=0.1)), "That is enough for ten per cent; one per cent is asked."),
        ),
        "a number of noise levels",
    ),
)
