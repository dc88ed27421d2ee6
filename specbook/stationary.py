"""Second moments that are the same at every place of a ring: power, channels, patches."""

import numpy as np

from ._check import array, covariance, integer
from .spectrum.streaming import numbers, spectral_matrices


def ring(name, size):
    """Check the size of a ring of places, or of a picture whose opposite edges are joined.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    size : int or (int, int)
        Number of places, or height and width.

    Returns
    -------
    tuple of int
    """
    sides = (size,) if np.ndim(size) == 0 else tuple(size)
    if len(sides) not in (1, 2):
        raise ValueError(f"{name} must be one number of places, or (height, width), found {size!r}")
    return tuple(integer(name, side) for side in sides)


def power(covariance_matrix, size):
    """Power of the data as a convolution sees it: of the covariance averaged over all shifts.

    Parameters
    ----------
    covariance_matrix : array_like, shape (n, n)
        Covariance of the n places (pixels of pictures row by row), in squared data units.
    size : int or (int, int)
        Number of places n on a ring, or height and width of a picture with n pixels, whose
        opposite edges are joined.

    Returns
    -------
    ndarray, shape (n,) or (height, width)
        Variance of each coefficient of the unitary Fourier transform, in the order of
        `numpy.fft.fft` or `numpy.fft.fft2`. Covariances between frequencies are lost.

    Examples
    --------
    >>> power([[2.0, 1.0], [1.0, 4.0]], 2)
    array([4., 2.])
    """
    matrix, _, _ = covariance("covariance_matrix", covariance_matrix)
    sides = ring("size", size)
    if np.prod(sides) != len(matrix):
        raise ValueError(f"size {size!r} does not fit a covariance of {len(matrix)} places")
    axes = tuple(range(len(sides)))
    half = np.fft.fftn(matrix.reshape(*sides, -1), axes=axes).reshape(len(matrix), *sides)
    both = np.fft.ifftn(half, axes=tuple(a + 1 for a in axes))  # F Sigma F*, its diagonal is real
    diagonal = both.reshape(len(matrix), -1).diagonal().real.reshape(sides)
    return np.maximum(diagonal, 0)


def channel_power(images):
    """Covariance of the channels at each frequency, of the unitary Fourier transform.

    Parameters
    ----------
    images : array_like, shape (N, height, width, channels)
        At least two pictures of one size.

    Returns
    -------
    ndarray of complex, shape (height, width, channels, channels)
        Hermitian matrices in squared data units: the mean of the coefficient of the first channel
        times the complex conjugate of that of the second, about the mean of all pixels of each
        channel. The diagonal is the `specbook.spectrum.power_spectrum` of each channel.
    """
    x = numbers("images", images, (4,), "(N, height, width, channels)")
    with np.errstate(over="ignore", invalid="ignore"):
        found = spectral_matrices(x)[2]
    if not np.isfinite(found).all():
        raise ValueError("images hold numbers whose squares overflow: choose a larger unit")
    return found


def patch_covariance(power, side):
    """Covariance of a patch of the data, averaged over all its places on the ring.

    Parameters
    ----------
    power : array_like, shape (n,) or (height, width)
        Variances of the unitary Fourier transform: not negative, equal at opposite frequencies,
        as `power` and `specbook.spectrum.power_spectrum` give them.
    side : int
        Side of the patch, at most the smallest side of the ring.

    Returns
    -------
    ndarray, shape (side, side), or (side * side, side * side) for pictures
        In squared data units. Pixels of a patch are counted row by row. An entry depends on the
        distance of its two pixels alone.

    Notes
    -----
    eq-local-patch-covariance of the book.

    Examples
    --------
    >>> patch_covariance([4.0, 1.0, 1.0], 2)
    array([[2., 1.],
           [1., 2.]])
    """
    values = array("power", power, low=0, ndim=2)
    axes = tuple(range(values.ndim))
    opposite = np.roll(np.flip(values), 1, axis=axes)
    if np.abs(values - opposite).max() > 1e-10 * values.max():
        raise ValueError("power must be equal at opposite frequencies, as in a real field")
    if integer("side", side) > min(values.shape):
        raise ValueError(f"side must be at most {min(values.shape)}, found {side}")
    by_distance = np.fft.ifftn(values).real
    places = np.stack(np.meshgrid(*[np.arange(side)] * values.ndim, indexing="ij"), axis=-1)
    places = places.reshape(-1, values.ndim)
    apart = places[:, None] - places
    return by_distance[tuple(np.moveaxis(apart, -1, 0))]
