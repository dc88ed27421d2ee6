"""One layer of convolution whose filter is narrower than the image: the law of its training."""

import numpy as np

from .._check import NOISE, array, covariance
from ..stationary import patch_covariance as section
from ..stationary import ring
from .exponential import exp1_difference, log_growth
from .mode_law import ModeLaw

CLOSE = 1e-8  # how far given second moments may be from what they have to be, as a share


def local_convolution(patch_covariance, size, eta=1.0, w0=0.0, *, power=None):
    """Law of a convolution with a filter that sees a patch, on a ring of places.

    The denoiser is (D x)_i = sum_j w_j x_{i+j}, with j from -r to r: a cross-correlation with a
    filter of odd width 2 r + 1, its centre in the middle. Opposite edges are joined.

    Parameters
    ----------
    patch_covariance : array_like, shape (width, width), or (width**2, width**2) for pictures
        Covariance of a patch, averaged over all places, in squared data units; see
        `specbook.stationary.patch_covariance`. Pixels of a square patch are counted row by row.
    size : int or (int, int)
        Number of places of the ring, or height and width of the picture; at least `width`.
    eta : float
        Learning rate of gradient flow, positive. Laws depend on eta * tau alone.
    w0 : array_like, shape (width,) or (width, width), or scalar
        Filter before training, the same at all noise levels, and equal at opposite places. A
        scalar is the weight of the central place, all others being 0: the same gain at all
        frequencies.
    power : array_like, shape (n,) or (height, width), optional
        Variances of the data in the unitary Fourier transform. The law does not need them, for
        the filter sees the patch alone; ``emergence_time(..., target="data")`` does.

    Returns
    -------
    LocalConvolutionLaw
        Its modes are the frequencies of `numpy.fft.fft`, or those of `numpy.fft.fft2` row by
        row. Arrays have the shape (time, mode); axes of scalar arguments are dropped.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite or of the wrong shape; if the width is even or
        larger than the ring, if `patch_covariance` is not that of a patch averaged over all
        places, if `w0` is not symmetric, or if `power` belongs to another patch covariance.

    Notes
    -----
    Weights: Wang & Pehlevan, arXiv:2503.03206, proposition 5.4 (eq-local-weights); loss summed
    over places. The generated variance (eq-local-spectrum) is derived in the book. If the patch
    is the whole ring this is the full-width convolution: theory.linear of the power, with eta
    times the number of places.

    Patch variances are known to about 1e-16 of the largest one: compare that with sigma_min**2.

    Examples
    --------
    >>> law = local_convolution([[1.0, 0.5, 0.2], [0.5, 1.0, 0.5], [0.2, 0.5, 1.0]], 4)
    >>> law.filter(0.5, np.inf).round(3)
    array([0.095, 0.724, 0.095])
    >>> law.generated_variance(np.inf).round(3)
    array([2.218, 0.751, 0.254, 0.751])
    """
    return LocalConvolutionLaw(patch_covariance, size, eta, w0, power)


class LocalConvolutionLaw(ModeLaw):
    """Closed forms for a local filter; made by `local_convolution`, which says what is what.

    Attributes
    ----------
    patch_covariance, w0 : ndarray
        As given; the filter as a vector.
    size : tuple of int
        Places of the ring along each axis.
    width : int
        Side of the filter.
    variances, power : ndarray, shape (mode,)
        Power of the data at each frequency; NaN if it was not given.
    patch_variances : ndarray, shape (patch mode,)
        Variances along the symmetric modes of the patch, rising. The filter has no other parts.
    share : ndarray, shape (mode, patch mode)
        Exponents of eq-local-spectrum. They sum to 1 over patch modes; some are negative.
    eta : float
        Learning rate of gradient flow.
    """

    _shown = "size", "width"

    def __init__(self, patch_covariance, size, eta, w0, power):
        self.size = ring("size", size)
        self.width, moments = _patch("patch_covariance", patch_covariance, self.size)
        self.places, self.patch_covariance = int(np.prod(self.size)), moments
        self.power = _power(power, self.size, self.width, moments)
        super().__init__(self.power, eta)
        self.w0 = _start(w0, self.width, len(self.size))
        even = _even_basis(len(moments))
        variances, vectors = np.linalg.eigh(even.T @ moments @ even)
        self.patch_variances = np.maximum(variances, 0)
        self._modes = even @ vectors  # (weight, patch mode)
        self._waves = _cosines(self.size, self.width) @ self._modes  # (frequency, patch mode)
        self._centre, self._begin = self._modes[len(moments) // 2], self._modes.T @ self.w0
        self.share = self._waves * self._centre  # of eq-local-spectrum; sums to 1 over patch modes
        self._share_of_start = self._waves * self._begin

    # --- the filter: eq-local-weights ------------------------------------------------------

    def _weights(self, sigma, clock):
        """Filter along the modes of the patch, which are a new last axis."""
        noisy = self.patch_variances + sigma[..., None] ** 2
        with np.errstate(over="ignore"):  # long after all learning
            rise = clock[..., None] * noisy
        best = self.patch_variances / noisy * self._centre
        return self._begin * np.exp(-rise) - best * np.expm1(-rise)

    def filter(self, sigma, tau):
        """Weights of the filter.

        Parameters
        ----------
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviation, positive.
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.

        Returns
        -------
        ndarray, shape (sigma, time, width) or (sigma, time, width, width)
            Axes of scalar arguments are dropped.

        Notes
        -----
        eq-local-weights.
        """
        s = array("sigma", sigma, **NOISE)
        out = self._weights(s[:, None], self._clock(tau)) @ self._modes.T
        out = out.reshape(*out.shape[:2], *[self.width] * len(self.size))
        return self._squeeze(out, sigma, tau)

    def _gain(self, sigma, clock, mode):
        return _along(self._weights(sigma, clock), self._waves[mode])

    # --- generated distribution: eq-local-spectrum ------------------------------------------

    def _log_variance(self, clock, mode, low, high):
        c, rho = clock[..., None], self.patch_variances
        end = np.log(high**2 * (rho + low**2) / (rho + high**2))
        out = _along(log_growth(c, rho, 0.0, 1.0, low, high) + end, self.share[mode])
        if self._begin.any():
            kept = np.exp(-c * rho) * exp1_difference(c, low**2, high**2)
            out += _along(kept, self._share_of_start[mode])
        return out

    def _span(self, low, high):
        rates = self.patch_variances[[-1, 0]] + [high**2, low**2]
        return tuple(np.log([1e-6, 800.0] / rates)[:, None])

    def _data_variances(self, purpose):
        if np.isnan(self.variances).any():
            raise ValueError(
                f"{purpose} needs the power of the data, which the patch does not determine: give"
                " power= to local_convolution"
            )
        return self.variances


def _along(values, rows):
    """Sum over patch modes of values (..., 1 or mode, patch mode) and rows (mode, patch mode)."""
    if values.shape[-2] == 1:  # the same for all modes
        return values[..., 0, :] @ rows.T
    return np.einsum("...p,...p->...", values, rows)


def _patch(name, value, size):
    """Width of the patch and its covariance, checked."""
    matrix, _, _ = covariance(name, value)
    width = round(len(matrix) ** (1 / len(size)))
    if width ** len(size) != len(matrix):
        raise ValueError(f"{name} has {len(matrix)} pixels: the patch of a picture is a square")
    if width % 2 == 0 or width > min(size):
        raise ValueError(
            f"{name} is that of a patch of width {width}; the width must be odd and at most"
            f" {min(size)}, the size of the ring"
        )
    places = np.stack(np.unravel_index(np.arange(len(matrix)), [width] * len(size)), axis=-1)
    apart = places[:, None] - places
    _, same = np.unique(apart.reshape(-1, len(size)), axis=0, return_inverse=True)
    same = same.ravel()
    means = np.bincount(same, matrix.ravel()) / np.bincount(same)
    averaged = means[same].reshape(matrix.shape)
    if np.abs(averaged - matrix).max() > CLOSE * np.abs(matrix).max():
        raise ValueError(
            f"{name} must depend on the distance of two pixels alone: average over all places,"
            " as stationary.patch_covariance does"
        )
    return width, averaged


def _power(power, size, width, moments):
    """The power of the data as a vector, checked against the patch; NaN if it is not known."""
    if power is None:
        return np.full(int(np.prod(size)), np.nan)
    values = array("power", power, low=0, ndim=2)
    if values.shape != size:
        raise ValueError(f"power has shape {values.shape}, size is {size}")
    if np.abs(section(values, width) - moments).max() > CLOSE * np.abs(moments).max():
        raise ValueError("power belongs to another patch covariance than the one that is given")
    return values.ravel()


def _start(w0, width, axes):
    """The filter before training as a vector, checked."""
    given = array("w0", w0, ndim=2)
    if np.ndim(w0) == 0:
        start = np.zeros(width**axes)
        start[start.size // 2] = given[0]
        return start
    if given.shape != (width,) * axes:
        raise ValueError(f"w0 has shape {given.shape}, the filter {(width,) * axes}")
    start = given.ravel()
    if np.abs(start - start[::-1]).max() > CLOSE * np.abs(start).max():
        raise ValueError("w0 must be equal at opposite places, or gains are not real numbers")
    return (start + start[::-1]) / 2


def _even_basis(pixels):
    """Orthonormal filters that are symmetric about the centre, shape (pixel, filter)."""
    half = pixels // 2
    basis = np.zeros((pixels, half + 1))
    basis[half, 0] = 1
    pair = np.arange(half)
    basis[pair, pair + 1] = basis[pixels - 1 - pair, pair + 1] = np.sqrt(0.5)
    return basis


def _cosines(size, width):
    """cos of frequency times place, shape (frequency, weight); odd parts of a filter have none."""
    place = np.arange(width) - width // 2
    waves = np.ones((1, 1))
    for side in size:
        one = np.exp(2j * np.pi * np.outer(np.arange(side), place) / side)
        waves = np.kron(waves, one)
    return waves.real
