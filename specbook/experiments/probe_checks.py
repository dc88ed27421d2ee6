"""What a probe refuses before it measures."""

import warnings

import numpy as np
import torch

from .. import _files
from .._check import array, integer
from ..sampler import RANGE, Sampling
from ..spectrum import Spectrum
from .devices import pick_device
from .settings import increasing

# modes of the route "gram" may be off by 0.01 along variances of rounding size
ORTHONORMAL = 0.05
LARGE = 5  # of the largest noise level over the data: then 4 % of the variance are missing


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


def planned(record):
    """`record` of a probe: None, "all", or a list of increasing steps; or ``ValueError``."""
    all_of_them = isinstance(record, str) and record == "all"
    return record if record is None or all_of_them else increasing("record", record)


def fingerprints(spectrum, data):
    """What a probe was made with, as digests by name."""
    return {
        "spectrum": _files.digest(spectrum.mean, spectrum.variances, spectrum.modes),
        "data": None if data is None else _files.digest(data),
    }


def known_range(model):
    """Smallest and largest noise level that a model says it was trained at; None if it does not."""
    return getattr(model, "sigma_range", None)


def known_part(model):
    """The exact flow over the part of EDM's noise range that a model knows."""
    low, high = known_range(model) or RANGE
    if max(low, RANGE[0]) < min(high, RANGE[1]):
        low, high = max(low, RANGE[0]), min(high, RANGE[1])
    return Sampling(low, high)


def fits(model, spectrum, levels, first=False):
    """Refuse a model of pictures in another order, and warn of levels that it does not know.

    Parameters
    ----------
    model : callable
        Tells `sigma_range`, `shape` and `layout` if it is an adapter.
    spectrum : Spectrum
        Tells `shape` and `layout` if it is one of pictures.
    levels : ndarray
        Noise levels that it is asked for.
    first : bool
        Also warn if an adapter does not tell what it knows, or if the data are large.
    """
    _same_layout(model, spectrum)
    largest = np.sqrt(spectrum.variances.max())
    if first and hasattr(model, "sigma_range") and model.sigma_range is None:
        warnings.warn(
            "the adapter does not say which noise levels the model was trained at, so"
            f" {levels.min():.4g} to {levels.max():.4g} are measured: give it sigma_range=, in the"
            " units of x = x_0 + sigma z",
            UserWarning, stacklevel=3,
        )
    if first and largest > levels.max() / LARGE:
        warnings.warn(
            f"the data have a standard deviation of {largest:.3g} along their largest mode, which"
            f" noise of at most {levels.max():.4g} does not cover: are they in the units of the"
            " model?",
            UserWarning, stacklevel=3,
        )
    low, high = known_range(model) or (0, np.inf)
    slack = 1e-6
    if levels.min() < low * (1 - slack) or levels.max() > high * (1 + slack):
        warnings.warn(
            f"the sampler asks for noise levels from {levels.min():.4g} to {levels.max():.4g}, but"
            f" the model knows {low:.4g} to {high:.4g}: outside it answers at random. Give"
            f" Probe(..., sampling=Sampling({max(low, levels.min()):.4g},"
            f" {min(high, levels.max()):.4g}))",
            UserWarning, stacklevel=3,
        )


def _same_layout(model, spectrum):
    shape, layout = getattr(model, "shape", None), getattr(model, "layout", None)
    if shape is None or len(shape) != 3 or shape[0] == 1:
        return
    if spectrum.shape is None and layout is None:
        raise ValueError(
            f"layout is not known: the model takes pictures of shape {tuple(shape)}, and the"
            " spectrum is that of flat data. Make it of pictures, Spectrum.from_samples(x) with x"
            " of shape (N, channels, height, width), or tell the adapter:"
            " layout='channels_first' if the data were flattened with x.flatten(1), else"
            " layout='channels_last'"
        )
    layout = layout or "channels_last"  # what an adapter takes that was not told
    ours = spectrum.shape, spectrum.layout
    if spectrum.shape is not None and ours != (tuple(shape), layout):
        raise ValueError(
            f"layout: the spectrum is of pictures of shape {ours[0]}, {ours[1]}, but the adapter of"
            f" the model has {tuple(shape)}, {layout}. Give the adapter layout={ours[1]!r} and"
            f" shape={ours[0]}"
        )
