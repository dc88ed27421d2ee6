"""Answers to the exercises of the chapter on local convolution, in plain NumPy."""

import numpy as np

from ..exercises import Exercise

SIGMA_MIN, SIGMA_MAX = 0.002, 80.0
PLACES = 64


def _end(lam):
    """What the best denoiser generates from a variance, on the wide noise range."""
    return SIGMA_MAX**2 * (lam + SIGMA_MIN**2) / (lam + SIGMA_MAX**2)


def _column(by_distance, width):
    """Central column of the logarithm of the patch covariance after endless training."""
    place = np.arange(width)
    lam, modes = np.linalg.eigh(by_distance[np.abs(place[:, None] - place)])
    return (modes * np.log(_end(lam))) @ modes[width // 2]


def _worst(width):
    """Largest factor by which the endless spectrum misses the power 1 / (1 + k^2)."""
    k = np.minimum(np.arange(PLACES), PLACES - np.arange(PLACES))
    power = 1 / (1.0 + k**2)
    power /= power.mean()
    column = _column(np.fft.ifft(power).real, width)
    place = np.arange(width) - width // 2
    logs = np.cos(2 * np.pi * np.outer(np.arange(PLACES), place) / PLACES) @ column
    return np.exp(np.abs(logs - np.log(power)).max())


def _narrowest(factor):
    width = 1
    while _worst(width) >= factor:
        width += 2
    return width


_THREE = _column(np.array([1.0, 0.5, 0.2]), 3)
_WIDTH = _narrowest(1.25)

EXERCISES = (
    Exercise(
        "ex-local-pixel", _end(2.0), 5e-3,
        (
            (50.0, "That is the power of the data; a single pixel does not see it."),
            (2 / 50, "That is a ratio of variances; the variance itself is asked."),
            (SIGMA_MIN**2, "That is what an untrained filter of weight 0 leaves."),
            (np.sqrt(2.0), "That is a standard deviation; square it."),
        ),
        "a variance",
    ),
    Exercise(
        "ex-local-three", np.exp(_THREE.sum()), 1e-3,
        (
            (2.4, "That adds covariances; the logarithm of the matrix comes first."),
            (2.0, "That adds the central column of the covariance, not of its logarithm."),
            (_THREE.sum(), "That is the logarithm of the variance."),
            (np.exp(_THREE[1]), "All entries of the central column count, not the middle alone."),
        ),
        "a variance",
    ),
    Exercise(
        "ex-local-width", float(_WIDTH), 1e-9,
        (
            (float(_WIDTH // 2), "That is the reach; the width is twice the reach and one more."),
            (float(_WIDTH - 2), "Every frequency counts, also frequency zero, the worst one."),
            (float(_narrowest(3.0)), "That is enough for a factor of three."),
            (float(_WIDTH + 2), "A narrower filter is good enough."),
        ),
        "an odd number of places",
    ),
)
