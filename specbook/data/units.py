"""Data in a unit of their own."""

import numpy as np

from .._check import array, choice, flag, scalar
from ..spectrum import Spectrum

#: What has the wanted standard deviation after `standardise`.
UNITS = ("largest mode", "mean mode", "pixel")


def standardise(samples, unit="largest mode", *, deviation=1.0, remove_mean=True):
    """Samples about their mean, in a unit of their own, and their spectrum in this unit.

    One number scales all coordinates, so modes stay as they are and ratios of variances too.

    Parameters
    ----------
    samples : array_like, shape (N, d)
        One sample a row, N >= 2.
    unit : {"largest mode", "mean mode", "pixel"}
        What gets the standard deviation `deviation`: the mode of largest variance, or, in the
        mean of squares, the modes that have variance, or all d coordinates.
    deviation : float
        Standard deviation in the new unit, positive.
    remove_mean : bool
        Subtract the mean of each coordinate. Without it the samples are only scaled.

    Returns
    -------
    x0 : ndarray, shape (N, d)
        Samples in the new unit.
    spectrum : specbook.spectrum.Spectrum
        That of `x0`.
    unit : float
        How many units of `samples` are one new unit.

    Examples
    --------
    >>> x0, spectrum, unit = standardise([[2.0, 1.0], [-2.0, 1.0]])
    >>> x0
    array([[ 1.,  0.],
           [-1.,  0.]])
    >>> float(unit)
    2.0
    """
    choice("unit", unit, UNITS)
    remove_mean = flag("remove_mean", remove_mean)
    deviation = scalar("deviation", deviation, above=0)
    samples = array("samples", samples, ndim=2)
    raw = Spectrum.from_samples(samples)
    times, square = {
        "largest mode": (1.0, raw.variances[0]),
        "mean mode": (1.0, raw.variances.mean()),
        "pixel": (np.sqrt(raw.mean.size), raw.variances.sum()),
    }[unit]
    times, root = times * deviation, np.sqrt(square)
    x0 = (samples - raw.mean if remove_mean else samples) * times / root
    return x0, Spectrum.from_samples(x0), root / times
