"""What the discrete sampler makes of a linear denoiser: the exact product over its steps."""

import numpy as np

from .._check import array, choice, integer, noise_range
from ..sampler import METHODS, check_sigmas, sample

ORDERS = {"euler": 1, "heun": 2}
AIMS = ("worst", "mean")
ROUNDS = 200  # of new weights; the worst error is then the smallest that weights reach, to 1 %
LEVELS = 2000  # on which the density of steps is tabulated


def sampled_variance(gain, sigmas, method="heun"):
    """Variance per mode that the sampler generates from noise of variance ``sigmas[0]**2``.

    Parameters
    ----------
    gain : array_like, shape (sigma, ...)
        Gain of the denoiser at each of `sigmas` but a final 0, in that order.
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing; the last may be 0.
    method : {"heun", "euler"}
        Which sampler.

    Returns
    -------
    ndarray, shape (...)
        In squared data units.

    Notes
    -----
    Each step multiplies a mode by the factor of eq-euler or eq-heun of the book. The product,
    eq-sampler-product, is formed by the sampler itself, `specbook.sampler`, acting on a mode of
    size 1. A last step to 0 multiplies as in eq-last-step.
    """
    choice("method", method, tuple(METHODS))
    sigmas = check_sigmas(sigmas)
    gain = array("gain", gain, ndim=32)
    levels = [s for s in sigmas if s > 0]
    if gain.shape[0] != len(levels):
        raise ValueError(
            f"gain has {gain.shape[0]} noise levels, sigmas has {len(levels)} above zero"
        )
    at = dict(zip(levels, gain, strict=True))
    factor = sample(lambda x, s: at[s] * x, np.ones(gain.shape[1:]), sigmas, method)
    return sigmas[0] ** 2 * factor**2


def sampler_error(variances, sigmas, method="heun"):
    """Log of the variance that the sampler generates over that of the exact flow, per mode.

    The denoiser is the best one for Gaussian data of these variances, and both are compared on
    the same noise range. 0.1 means about ten per cent too much variance.

    Parameters
    ----------
    variances : array_like, shape (mode,)
        Variance of the data along each mode, positive, in squared data units.
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing; the last may be 0 (then the last step is Euler's).
    method : {"heun", "euler"}
        Which sampler.

    Returns
    -------
    ndarray, shape (mode,)
        Never positive for Euler's method; never negative for Heun's, but for a step to 0.

    Notes
    -----
    Equations eq-euler-angle and eq-heun-angle of the book, summed as logarithms; derived there.
    For many equal steps of the logarithm it tends to eq-mode-error.

    Examples
    --------
    >>> sampler_error([1.0, 0.01], [80.0, 1.0, 0.1, 0.002]).round(3)
    array([5.458, 2.337])
    """
    choice("method", method, tuple(METHODS))
    lam = array("variances", variances, above=0)
    sigmas = np.array(check_sigmas(sigmas))[:, None]
    a, b = sigmas[:-1], sigmas[1:]
    tan = np.sqrt(lam) * (a - b) / (lam + a * b)  # of the angle of each step
    ratio = -np.log1p(tan**2) / 2  # log of its cosine: Euler's step over the exact one
    if method == "heun":
        flow = np.sqrt((lam + b**2) / (lam + a**2))
        added = tan**2 / np.sqrt(1 + tan**2) / (2 * flow)  # sine squared over 2 g cosine
        ratio = ratio + np.log1p(np.where(b > 0, added, 0.0))
    return 2 * ratio.sum(axis=0)


def fitted_schedule(variances, n, sigma_min=0.002, sigma_max=80.0, method="heun", aim="worst"):
    """Noise levels that suit a spectrum: the same error in each step of the sampler.

    Parameters
    ----------
    variances : array_like, shape (mode,)
        Variance of the data along each mode, positive, in squared data units.
    n : int
        Number of levels between `sigma_max` and `sigma_min`, both included; from 2 to 2000.
    sigma_min, sigma_max : float
        Smallest and largest noise standard deviation, in data units.
    method : {"heun", "euler"}
        The sampler that will use the levels.
    aim : {"worst", "mean"}
        What is made small: the largest error of a mode, or the mean over modes. The mean
        forgets the few modes of large variance where there are many small ones.

    Returns
    -------
    ndarray, shape (n,)
        Strictly decreasing.

    Notes
    -----
    Equation eq-best-step of the book; derived there to leading order in the size of the steps.
    For a single mode and Euler's method these are the equal angles of eq-best-angles. For the aim
    "worst" the modes are weighted until their errors, exact for these levels, are as equal as
    weights can make them.

    Examples
    --------
    >>> fitted_schedule([1.0], 5, method="euler", aim="mean").round(4)
    array([8.0000e+01, 2.3549e+00, 9.8960e-01, 4.1230e-01, 2.0000e-03])
    """
    lam = array("variances", variances, above=0)
    low, high = noise_range(sigma_min, sigma_max)
    n = integer("n", n, low=2)
    if n > LEVELS:
        raise ValueError(f"n must be at most {LEVELS}, found {n}")
    order = ORDERS[choice("method", method, tuple(METHODS))]
    choice("aim", aim, AIMS)
    log = np.linspace(np.log(high), np.log(low), LEVELS)
    noise = np.exp(2 * log)[:, None]
    window = lam / (lam + noise) * (noise / (lam + noise)) ** order
    weights, smallest = np.ones(lam.size), np.inf
    for _ in range(ROUNDS if aim == "worst" else 1):
        density = (window @ weights) ** (1 / (order + 1))
        share = np.append(0.0, np.cumsum(density[1:] + density[:-1]))
        levels = np.exp(np.interp(np.linspace(0, share[-1], n), share, log))
        levels[[0, -1]] = high, low
        if (np.diff(levels) >= 0).any():
            raise ValueError(
                f"n = {n} different levels from sigma_max = {high:g} to sigma_min = {low:g} cannot"
                " be told apart in float64 for these variances"
            )
        error = np.abs(sampler_error(lam, levels, method))
        if error.max() < smallest:
            smallest, best = error.max(), levels
        weights = weights * np.sqrt(error)
        weights = np.maximum(weights / (weights.max() or 1.0), 1e-12)
    return best
