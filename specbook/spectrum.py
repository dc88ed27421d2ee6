"""Mean, mode variances and modes of a data set."""

from dataclasses import dataclass

import numpy as np

from ._check import array, integer


@dataclass(frozen=True)
class Spectrum:
    """Mean and eigen-decomposition of the covariance of a data set.

    Attributes
    ----------
    mean : ndarray, shape (d,)
        Mean of the data, in data units.
    variances : ndarray, shape (modes,)
        Variance along each mode, in squared data units, from large to small.
    modes : ndarray, shape (d, modes)
        Orthonormal modes as columns; the entry of largest size is positive.
    """

    mean: np.ndarray
    variances: np.ndarray
    modes: np.ndarray

    @classmethod
    def from_samples(cls, samples, rank=None):
        """Spectrum of samples, by covariance if N >= d and by the Gram matrix if N < d.

        Parameters
        ----------
        samples : array_like, shape (N, d)
            One sample a row, N >= 2. The covariance is normalised by N.
        rank : int, optional
            Keep that many leading modes. By default modes whose variance is below rounding
            error, max(N, d) eps times the largest, are dropped.

        Raises
        ------
        ValueError
            If there are fewer than two samples, if they contain NaN, or all are equal.
        """
        x = array("samples", samples, ndim=2)
        if x.ndim != 2 or x.shape[0] < 2:
            raise ValueError(f"samples must have shape (N, d) with N >= 2, found {x.shape}")
        if rank is not None:
            rank = integer("rank", rank)
        n, d = x.shape
        size = np.abs(x).max()
        mean = x.mean(axis=0)
        x = x - mean
        if n >= d:
            variances, modes = np.linalg.eigh(x.T @ x / n)
        else:
            variances, dual = np.linalg.eigh(x @ x.T / n)
            modes = x.T @ dual / np.sqrt(np.maximum(n * variances, np.finfo(float).tiny))
        variances, modes = variances[::-1], modes[:, ::-1]
        if variances[0] <= (4 * np.finfo(float).eps * size) ** 2:
            raise ValueError("samples are all equal: they have no variance")
        keep = variances > max(n, d) * np.finfo(float).eps * variances[0]
        if rank is not None:
            keep &= np.arange(variances.size) < rank
        variances, modes = variances[keep], modes[:, keep]
        largest = np.abs(modes).argmax(axis=0)
        modes = modes * np.sign(modes[largest, np.arange(modes.shape[1])])
        return cls(mean, variances, modes)

    def project(self, samples):
        """Coordinates of `samples`, shape (N, d), along the modes: shape (N, modes)."""
        return (array("samples", samples, ndim=2) - self.mean) @ self.modes

    def restore(self, coordinates):
        """Samples, shape (N, d), with these coordinates, shape (N, modes)."""
        return array("coordinates", coordinates, ndim=2) @ self.modes.T + self.mean
