"""Sums over samples that need not fit into memory: a few samples at a time, in float64."""

import numpy as np

from .._check import array

CHUNK = 2**21  # numbers that are turned to float64 at a time: 16 MB
BLOCK = 64  # rows or columns of a d x d matrix that are handled at a time: they stay in cache
EPS = np.finfo(float).eps


def numbers(name, value, ndim, shape):
    """`value` as an array without a copy, checked for shape; its entries are checked in chunks."""
    x = value if isinstance(value, np.ndarray) else array(name, value, ndim=max(ndim))
    if x.ndim not in ndim or x.shape[0] < 2 or x.size == 0:
        raise ValueError(f"{name} must have shape {shape} with N >= 2, found {x.shape}")
    return x


def _parts(x):
    """A few samples at a time."""
    rows = max(1, CHUNK // x[0].size)
    return (x[start : start + rows] for start in range(0, len(x), rows))


def chunks(name, x):
    """Float64 copies of a few samples at a time, without NaN."""
    return (array(name, part, ndim=x.ndim) for part in _parts(x))


def covariance(x, mean):
    """Covariance of checked samples, summed by BLAS in one triangle, which halves the work."""
    from scipy.linalg.blas import dsyrk

    lower = np.zeros((mean.size, mean.size), order="F")
    for part in _parts(x):
        lower = dsyrk(1 / len(x), (part - mean).T, beta=1, c=lower, lower=1, overwrite_c=1)
    for start in range(0, mean.size, BLOCK):
        rows = slice(start, start + BLOCK)
        lower[rows, start + BLOCK :] = lower[start + BLOCK :, rows].T
        lower[rows, rows] += np.tril(lower[rows, rows], -1).T
    return lower


def spectral_matrices(x, fade=1.0):
    """Mean of each channel, largest entry, covariance of the channels at each frequency."""
    sums = [(c.sum(axis=(0, 1, 2)), np.abs(c).max()) for c in chunks("images", x)]
    mean = sum(s for s, _ in sums) / (x.size // x.shape[3])
    half = 0
    for chunk in chunks("images", x):
        z = np.fft.rfft2(np.moveaxis((chunk - mean) * fade, 3, 1).copy(), norm="ortho")
        half = half + np.einsum("niyx,njyx->yxij", z, z.conj())
    (h, w), kx = x.shape[1:3], np.arange(half.shape[1], x.shape[2])
    opposite = half[-np.arange(h)[:, None] % h, w - kx].conj()  # waves that rfft2 leaves out
    return mean, max(m for _, m in sums), np.concatenate([half, opposite], axis=1) / len(x)
