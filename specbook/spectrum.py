"""Mean, mode variances and modes of a data set, by several routes; power spectra of images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ._check import array, choice, integer

METHODS = ("auto", "covariance", "gram", "lanczos")
CHUNK = 2**21  # numbers that are turned to float64 at a time: 16 MB
BLOCK = 64  # rows or columns of a d x d matrix that are handled at a time: they stay in cache
LANCZOS_TOL = 1e-10  # residual of a mode over its variance
LANCZOS_RESTARTS = 300
_EPS = np.finfo(float).eps


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
    def from_samples(cls, samples, rank=None, method="auto"):
        """Spectrum of samples.

        Parameters
        ----------
        samples : array_like, shape (N, d)
            One sample a row, N >= 2. The covariance is normalised by N.
        rank : int, optional
            Keep that many leading modes, at most min(N, d). By default all modes are kept whose
            variance is above rounding error, max(N, d) eps times the largest.
        method : {"auto", "covariance", "gram", "lanczos"}
            All give the same spectrum. "covariance" sums the d x d matrix in chunks of rows, so
            `samples` may be a memory-mapped file; "gram" uses the N x N matrix of inner products;
            "lanczos" finds few leading modes of large problems by multiplying vectors, by the
            covariance if N >= d and else by the samples: it needs a `rank` below min(N, d).
            "auto" is "covariance" if N >= d, else "gram".

        Raises
        ------
        ValueError
            If there are fewer than two samples, if they contain NaN, or all are equal; if
            `rank` or `method` do not fit.
        numpy.linalg.LinAlgError
            A ValueError too: if Lanczos does not converge.

        Notes
        -----
        Small variances are accurate to about eps times the largest one, by every route. Where
        variances coincide the modes are any orthonormal basis of their space.
        """
        x = _numbers("samples", samples, (2,), "(N, d)")
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
        sums = [(c.sum(axis=0), max(c.max(), -c.min())) for c in _chunks("samples", x)]
        mean, size = sum(s for s, _ in sums) / n, max(m for _, m in sums)
        if method == "gram":
            x = x - mean
            variances, dual = np.linalg.eigh(x @ x.T / n)
            modes = x.T @ dual / np.sqrt(np.maximum(n * variances, np.finfo(float).tiny))
        elif method == "lanczos" and n < d:
            x = x - mean
            variances, modes = _lanczos(lambda v: x.T @ (x @ v) / n, d, rank)
        else:
            covariance = _covariance(x, mean)
            variances, modes = (
                np.linalg.eigh(covariance) if method == "covariance"
                else _lanczos(lambda v: covariance @ v, d, rank)
            )
        if variances[-1] <= (4 * _EPS * size) ** 2:
            raise ValueError("samples are all equal: they have no variance")
        return cls(mean, *_leading(variances, modes, max(n, d), rank))

    @classmethod
    def stationary(cls, images, rank=None):
        """Spectrum of images as if their statistics were the same at every place (Fourier).

        The covariance is averaged over all shifts, with opposite edges joined, so the modes are
        cosines and sines and no d x d matrix is diagonalised. A cut-out of a picture is not
        periodic: for it this is an approximation, worst for small variances.

        Parameters
        ----------
        images : array_like, shape (N, height, width) or (N, height, width, channels)
            At least two pictures of one size.
        rank : int, optional
            Keep that many leading modes, at most d = height * width * channels.

        Returns
        -------
        Spectrum
            For images flattened to shape (N, d). The mean is the same at every pixel. Channels
            that are correlated share modes: at each frequency a mode mixes them with its own
            weights and phases.
        """
        x = _numbers("images", images, (3, 4), "(N, height, width) or (..., channels)")
        x = x[..., None] if x.ndim == 3 else x
        n, (h, w, c) = len(x), x.shape[1:]
        if rank is not None and integer("rank", rank) > h * w * c:
            raise ValueError(f"rank must be at most {h * w * c}, found {rank}")
        mean, size, matrices = _spectral_matrices(x)
        if np.einsum("yxii->yxi", matrices).real.max() <= (4 * _EPS * size) ** 2 * h * w:
            raise ValueError("images are all equal: they have no variance")
        ky, kx = np.indices((h, w)).reshape(2, -1)
        mirror = (-ky % h) * w + -kx % w
        pairs = np.flatnonzero(np.arange(h * w) <= mirror)  # one of each pair of opposite waves
        alone = pairs == mirror[pairs]  # a wave that is its own opposite: cosine only
        matrices = matrices.reshape(-1, c, c)[pairs]
        matrices[alone] = matrices[alone].real
        power, weights = np.linalg.eigh(matrices)
        exists = np.ones((pairs.size, c, 2), dtype=bool)
        exists[alone, :, 1] = False
        pair, channel, part = np.nonzero(exists)  # part 0: cosine, 1: sine
        order = np.argsort(power[pair, channel], kind="stable")
        order = order if rank is None else order[-rank:]
        pair, channel, part = pair[order], channel[order], part[order]
        ky, kx = ky[pairs][pair, None, None], kx[pairs][pair, None, None]
        y, x = np.indices((h, w))
        wave = np.exp(2j * np.pi * (ky * y / h + kx * x / w))[..., None]
        wave = (wave * weights[pair, :, channel][:, None, None]).reshape(pair.size, -1)
        scale = np.sqrt(np.where(alone[pair], 1, 2) / (h * w))[:, None]
        modes = (scale * np.where(part[:, None] == 0, wave.real, wave.imag)).T
        mean = np.tile(mean, h * w)
        return cls(mean, *_leading(power[pair, channel], modes, max(n, h * w), rank))

    def project(self, samples):
        """Coordinates of samples along the modes.

        Parameters
        ----------
        samples : array_like, shape (N, d)
            One sample a row.

        Returns
        -------
        ndarray, shape (N, modes)
            In data units, with the mean of the data subtracted.
        """
        return (array("samples", samples, ndim=2) - self.mean) @ self.modes

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
        """Write the three arrays to an ``.npz`` file, without pickles.

        Parameters
        ----------
        file : str or Path
            Where to write; NumPy adds ``.npz`` if it is missing.
        """
        np.savez(Path(file), mean=self.mean, variances=self.variances, modes=self.modes)

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
        except Exception as error:  # a truncated archive raises many kinds
            raise ValueError(f"file {str(file)!r} cannot be read as a spectrum: {error}") from None
        if modes.shape != (mean.size, variances.size):
            raise ValueError(f"file {str(file)!r} holds arrays that do not fit together")
        return cls(mean, variances, modes)


def power_spectrum(images, window=False):
    """Variance of each coefficient of the unitary discrete Fourier transform.

    Parameters
    ----------
    images : array_like, shape (N, height, width)
        At least two pictures of one size.
    window : bool
        Fade every image out towards its edges with a Hann window of unit mean square. Without it
        the jump between opposite edges spreads variance from low frequencies to high ones.

    Returns
    -------
    ndarray, shape (height, width)
        Power at the frequencies of `radial_frequency`, in squared data units. Without window
        it sums to the variance summed over pixels, about the mean of all pixels.
    """
    x = _numbers("images", images, (3,), "(N, height, width)")
    fade = np.ones(x.shape[1:])
    if window:
        if min(x.shape[1:]) < 4:
            raise ValueError(f"images must have at least 4 x 4 pixels for a window: {x.shape}")
        fade = np.outer(*(1 - np.cos(2 * np.pi * np.arange(m) / m) for m in x.shape[1:]))
    _, _, matrices = _spectral_matrices(x[..., None], fade[..., None])
    return matrices[..., 0, 0].real / (fade**2).mean()


def radial_frequency(height, width=None):
    """Length of the frequency of each Fourier coefficient.

    Parameters
    ----------
    height, width : int
        Size of the picture in pixels; without `width` it is a square.

    Returns
    -------
    ndarray, shape (height, width)
        In cycles per pixel.
    """
    height = integer("height", height)
    width = height if width is None else integer("width", width)
    return np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))


def _numbers(name, value, ndim, shape):
    """`value` as an array without a copy, checked for shape; its entries are checked in chunks."""
    x = value if isinstance(value, np.ndarray) else array(name, value, ndim=max(ndim))
    if x.ndim not in ndim or x.shape[0] < 2 or x.size == 0:
        raise ValueError(f"{name} must have shape {shape} with N >= 2, found {x.shape}")
    return x


def _parts(x):
    """A few samples at a time."""
    rows = max(1, CHUNK // x[0].size)
    return (x[start : start + rows] for start in range(0, len(x), rows))


def _chunks(name, x):
    """Float64 copies of a few samples at a time, without NaN."""
    return (array(name, part, ndim=x.ndim) for part in _parts(x))


def _covariance(x, mean):
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


def _spectral_matrices(x, fade=1.0):
    """Mean of each channel, largest entry, covariance of the channels at each frequency."""
    chunks = [(c.sum(axis=(0, 1, 2)), np.abs(c).max()) for c in _chunks("images", x)]
    mean = sum(s for s, _ in chunks) / (x.size // x.shape[3])
    half = 0
    for chunk in _chunks("images", x):
        z = np.fft.rfft2(np.moveaxis((chunk - mean) * fade, 3, 1).copy(), norm="ortho")
        half = half + np.einsum("niyx,njyx->yxij", z, z.conj())
    (h, w), kx = x.shape[1:3], np.arange(half.shape[1], x.shape[2])
    opposite = half[-np.arange(h)[:, None] % h, w - kx].conj()  # waves that rfft2 leaves out
    return mean, max(m for _, m in chunks), np.concatenate([half, opposite], axis=1) / len(x)


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
    kept = np.count_nonzero(variances > count * _EPS * variances[0])
    variances, modes = variances[:kept].copy(), modes[:, :kept]
    blocks = [modes[:, start : start + BLOCK] for start in range(0, kept, BLOCK)]
    largest = np.concatenate([np.abs(block).argmax(axis=0) for block in blocks])
    return variances, modes * np.sign(modes[largest, np.arange(kept)])
