"""What the discrete sampler makes of a linear denoiser: the exact product over its steps."""

import numpy as np

from .._check import array, choice
from ..sampler import METHODS, check_sigmas, sample


def sampled_variance(gain, sigmas, method="heun"):
    """Variance per mode that the sampler generates from noise of variance ``sigmas[0]**2``.

    Parameters
    ----------
    gain : array_like, shape (sigma, ...)
        Gain of the denoiser at each of `sigmas` but a final 0, in that order.
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing; the last may be 0.
    method : {"heun", "euler"}

    Returns
    -------
    ndarray, shape (...)
        In squared data units.

    Notes
    -----
    Each step multiplies a mode by the factor of eq-euler or eq-heun of the book. The product
    is formed by the sampler itself, `specbook.sampler`, acting on a mode of size 1.
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
