"""Gaussian samples with given variances, Gaussian fields with a given power spectrum."""

import numpy as np

from .._check import array, broadcast, generator, integer


def gaussian(variances, n=10_000, *, mean=0.0, rng=0):
    """Gaussian samples with independent coordinates.

    Parameters
    ----------
    variances : array_like, shape (mode,)
        Not negative, in squared data units.
    n : int
        Number of samples, at least 1.
    mean : array_like, shape (mode,), or scalar
        In data units.
    rng : int or numpy.random.Generator
        Seed of the draws.

    Returns
    -------
    ndarray, shape (n, mode)
    """
    variances = array("variances", variances, low=0)
    mean = broadcast("mean", array("mean", mean), variances.size, "variances")
    noise = generator("rng", rng).standard_normal((integer("n", n), variances.size))
    return mean + np.sqrt(variances) * noise


def random_field(power, n=1000, *, rng=0):
    """Periodic Gaussian random fields with a given power spectrum: a control without structure.

    Parameters
    ----------
    power : array_like, shape (height, width)
        Variances of the unitary discrete Fourier transform, as `spectrum.power_spectrum` gives
        them: not negative, and equal at opposite frequencies.
    n : int
        Number of fields, at least 1.
    rng : int or numpy.random.Generator
        Seed of the draws.

    Returns
    -------
    ndarray, shape (n, height, width)
        Fields of mean 0. Statistics are the same at every pixel, so cosines and sines are the
        modes, and `power` holds their variances.
    """
    power = array("power", power, low=0, ndim=2)
    if power.ndim != 2:
        raise ValueError(f"power must have shape (height, width), found {power.shape}")
    opposite = np.roll(power[::-1, ::-1], 1, axis=(0, 1))
    if np.abs(power - opposite).max() > 1e-10 * power.max():
        raise ValueError("power must be equal at opposite frequencies, as in a real field")
    noise = generator("rng", rng).standard_normal((integer("n", n), *power.shape))
    return np.fft.ifft2(np.sqrt(power) * np.fft.fft2(noise)).real
