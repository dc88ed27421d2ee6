"""What a probe refuses before it measures."""

import numpy as np
import torch

from .._check import array, integer
from ..spectrum import Spectrum
from .devices import pick_device

# modes of the route "gram" may be off by 0.01 along variances of rounding size
ORTHONORMAL = 0.05


def sound_spectrum(spectrum):
    """`spectrum` if a probe can use it, or ``ValueError``.

    Parameters
    ----------
    spectrum : Spectrum

    Returns
    -------
    Spectrum
    """
    if not isinstance(spectrum, Spectrum):
        raise ValueError(f"spectrum must be a Spectrum, not {type(spectrum).__name__}")
    mean = array("mean of spectrum", spectrum.mean)
    variances = array("variances of spectrum", spectrum.variances, low=0)
    modes = array("modes of spectrum", spectrum.modes, ndim=2)
    if modes.shape != (mean.size, variances.size):
        raise ValueError("spectrum holds arrays that do not fit together")
    # the product of all modes with all would take long for large pictures
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (variances.size, 4))
    if np.abs(modes.T @ (modes @ signs) - signs).max() > ORTHONORMAL:
        raise ValueError("modes of spectrum must be orthonormal columns")
    return spectrum


def numbers(device, dtype):
    """Device and type of numbers that can be used, or ``ValueError``.

    Parameters
    ----------
    device : str, torch.device or None
        As for `pick_device`; None stays None.
    dtype : torch.dtype or None
        Floating point.

    Returns
    -------
    device : torch.device or None
    dtype : torch.dtype or None
    """
    if dtype is not None and not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
        raise ValueError(
            f"dtype must be a floating-point type of torch, such as torch.float32, not {dtype!r}"
        )
    if device is not None:
        device = pick_device(device, dtype or torch.float32)
    return device, dtype


def chosen_modes(modes, count):
    """Numbers of the modes to measure, of `count`."""
    if modes is None:
        return np.arange(count)
    if np.ndim(modes) == 0:
        return np.arange(min(integer("modes", modes), count))
    modes = np.array([integer("modes", mode, low=0) for mode in modes], dtype=int)
    if modes.size == 0 or modes.max() >= count or len(set(modes.tolist())) < modes.size:
        raise ValueError(f"modes must be different numbers below {count}, found {modes.tolist()}")
    return modes


def clean_data(data, spectrum):
    """Data of the dimension of a spectrum, or None."""
    if data is None:
        return None
    data = array("data", data, ndim=2)
    if data.ndim != 2 or data.shape[1] != spectrum.mean.size:
        raise ValueError(
            f"data must have shape (N, {spectrum.mean.size}), as spectrum, found {data.shape}"
        )
    return data
