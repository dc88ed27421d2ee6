"""Mean, mode variances and modes of a data set, by several routes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._check import array, choice, integer
from .fourier import waves
from .layout import flattened, picture_axes, sound
from .streaming import BLOCK, EPS, chunks, covariance

METHODS = ("auto", "covariance", "gram", "lanczos")
LANCZOS_TOL = 1e-10  # residual of a mode over its variance
LANCZOS_RESTARTS = 300


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
    shape : (int, int, int) or None
        Channels, height and width of the pictures; None for data that came flat.
    layout : {"channels_last", "channels_first"} or None
        Order of the d numbers of a picture: the channels of a pixel side by side, or one channel
        after the other. None for data that came flat, and for pictures of one channel.
    """

    mean: np.ndarray
    variances: np.ndarray
    modes: np.ndarray
    shape: tuple | None = None
    layout: str | None = None

    @classmethod
    def from_samples(cls, samples, rank=None, method="auto", *, layout=None):
        """Spectrum of samples.

        Parameters
        ----------
        samples : array_like
            One sample a row, of shape (N, d); or pictures, (N, height, width) or, as `layout`
            says, (N, height, width, channels) or (N, channels, height, width), which are flattened
            in the order in which they come. N >= 2. The covariance is normalised by N.
        rank : int, optional
            Keep that many leading modes, at most min(N, d). By default all modes are kept whose
            variance is above rounding error, max(N, d) eps times the largest.
        method : {"auto", "covariance", "gram", "lanczos"}
            All give the same spectrum. "covariance" sums the d x d matrix in chunks of rows, so
            `samples` may be a memory-mapped file; "gram" uses the N x N matrix of inner products;
            "lanczos" finds few leading modes of large problems by multiplying vectors, by the
            covariance if N >= d and else by the samples: it needs a `rank` below min(N, d).
            "auto" is "covariance" if N >= d, else "gram".
        layout : {"channels_last", "channels_first"}, optional
            Where pictures of four axes have their channels. Without it that is the axis with 1, 3
            or 4 entries, if they are fewer than those of both other axes.

        Returns
        -------
        Spectrum
            Of pictures it knows `shape` and `layout`, so that a probe can tell whether a model
            takes the numbers in the same order.

        Raises
        ------
        ValueError
            If there are fewer than two samples, if they contain NaN, or all are equal; if
            `rank`, `method` or `layout` do not fit, or `layout` is needed.
        numpy.linalg.LinAlgError
            A ValueError too: if Lanczos does not converge.

        Notes
        -----
        Small variances are accurate to about eps times the largest one, by every route. Where
        variances coincide the modes are any orthonormal basis of their space.
        """
        x, shape, layout = flattened("samples", samples, layout)
        n, d = x.shape
        choice("method", method, METHODS)
        if method == "auto":
            method = "covariance" if n >= d else "gram"
        most = min(n, d) - (method == "lanczos")
        if rank is not None and integer("rank", rank) > most:
            raise ValueError(
                f"rank must be at most {most} for {n} samples in {d} dimensions, found {rank}"
            )
        if rank is None and method == "lanczos":
            raise ValueError("rank must be given for method='lanczos'")
        sums = [(c.sum(axis=0), max(c.max(), -c.min())) for c in chunks("samples", x)]
        mean, size = sum(s for s, _ in sums) / n, max(m for _, m in sums)
        if method == "gram":
            x = x - mean
            variances, dual = np.linalg.eigh(x @ x.T / n)
            modes = x.T @ dual / np.sqrt(np.maximum(n * variances, np.finfo(float).tiny))
        elif method == "lanczos" and n < d:
            x = x - mean
            variances, modes = _lanczos(lambda v: x.T @ (x @ v) / n, d, rank)
        else:
            matrix = covariance(x, mean)
            variances, modes = (
                np.linalg.eigh(matrix) if method == "covariance"
                else _lanczos(lambda v: matrix @ v, d, rank)
            )
        if variances[-1] <= (4 * EPS * size) ** 2:
            raise ValueError("samples are all equal: they have no variance")
        return cls(mean, *_leading(variances, modes, max(n, d), rank), shape, layout)

    @classmethod
    def stationary(cls, images, rank=None, *, layout=None):
        """Spectrum of images as if their statistics were the same at every place (Fourier).

        The covariance is averaged over all shifts, with opposite edges joined, so the modes are
        cosines and sines and no d x d matrix is diagonalised. A cut-out of a picture is not
        periodic: for it this is an approximation, worst for small variances.

        Parameters
        ----------
        images : array_like
            At least two pictures of one size, as for `from_samples`.
        rank : int, optional
            Keep that many leading modes, at most d = height * width * channels.
        layout : {"channels_last", "channels_first"}, optional
            As for `from_samples`.

        Returns
        -------
        Spectrum
            For images flattened in their order to shape (N, d). The mean is the same at every
            pixel. Channels that are correlated share modes: at each frequency a mode mixes them
            with its own weights and phases.
        """
        mean, variances, modes, count, *picture = waves(images, rank, layout)
        return cls(mean, *_leading(variances, modes, count, rank), *picture)

    def project(self, samples):
        """Coordinates of samples along the modes.

        Parameters
        ----------
        samples : array_like, shape (N, d)
            One sample a row; or pictures of the `shape` and `layout` of the spectrum.

        Returns
        -------
        ndarray, shape (N, modes)
            In data units, with the mean of the data subtracted.
        """
        x = array("samples", samples, ndim=4)
        if x.ndim > 2 and self.shape and x.shape[1:] in picture_axes(self.shape, self.layout):
            x = x.reshape(len(x), -1)
        if x.ndim > 2 or x.shape[-1] != self.mean.size:
            raise ValueError(
                f"samples must have shape (N, {self.mean.size})"
                + (f", or be pictures of {self.shape}, {self.layout}" if self.shape else "")
                + f", as the spectrum, found {x.shape}"
            )
        return (x - self.mean) @ self.modes

    def restore(self, coordinates):
        """Samples with these coordinates: the inverse of `project`.

        Parameters
        ----------
        coordinates : array_like, shape (N, modes)
            Coordinates along the modes, in data units.

        Returns
        -------
        ndarray, shape (N, d)
            In the space that the modes span, with the mean of the data added.
        """
        return array("coordinates", coordinates, ndim=2) @ self.modes.T + self.mean

    def save(self, file):
        """Write all attributes to an ``.npz`` file, without pickles.

        Parameters
        ----------
        file : str or Path
            Where to write; NumPy adds ``.npz`` if it is missing.
        """
        known = {"shape": self.shape, "layout": self.layout}
        known = {name: np.array(value) for name, value in known.items() if value is not None}
        np.savez(Path(file), mean=self.mean, variances=self.variances, modes=self.modes, **known)

    @classmethod
    def load(cls, file):
        """Read what `save` wrote.

        Parameters
        ----------
        file : str or Path
            The ``.npz`` file.

        Returns
        -------
        Spectrum

        Raises
        ------
        ValueError
            If the file is missing, truncated or not one of ours.
        """
        try:
            with np.load(Path(file), allow_pickle=False) as stored:
                mean, variances, modes = (stored[k] for k in ("mean", "variances", "modes"))
                shape = tuple(stored["shape"].tolist()) if "shape" in stored else None
                layout = str(stored["layout"]) if "layout" in stored else None
        except Exception as error:  # a truncated archive raises many kinds
            raise ValueError(f"file {str(file)!r} cannot be read as a spectrum: {error}") from None
        fit = modes.shape == (mean.size, variances.size) and sound(shape, layout, mean.size)
        if not fit:
            raise ValueError(f"file {str(file)!r} holds arrays that do not fit together")
        return cls(mean, variances, modes, shape, layout)


def _lanczos(apply, d, rank):
    """Leading variances (rising) and modes of a d x d covariance that is applied to vectors."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    operator = LinearOperator((d, d), apply, dtype=float)
    start = np.random.default_rng(0).standard_normal(d)
    try:
        return eigsh(operator, rank, v0=start, tol=LANCZOS_TOL, maxiter=LANCZOS_RESTARTS)
    except ArpackNoConvergence as error:
        raise np.linalg.LinAlgError(
            f"Lanczos found {len(error.eigenvalues)} of rank={rank} modes: ask for a smaller rank,"
            " or use method='covariance' or 'gram'"
        ) from None


def _leading(variances, modes, count, rank):
    """From rising to falling variances, without those of rounding size, signs fixed."""
    variances, modes = variances[::-1][:rank], modes[:, ::-1][:, :rank]
    kept = np.count_nonzero(variances > count * EPS * variances[0])
    variances, modes = variances[:kept].copy(), modes[:, :kept]
    blocks = [modes[:, start : start + BLOCK] for start in range(0, kept, BLOCK)]
    largest = np.concatenate([np.abs(block).argmax(axis=0) for block in blocks])
    return variances, modes * np.sign(modes[largest, np.arange(kept)])
