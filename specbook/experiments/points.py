"""Measuring a denoiser along the modes of the data: nothing is kept, nothing is timed."""

import numpy as np
from scipy.linalg import solve_triangular

from .._check import NOISE, array, generator, integer
from ..sampler import sample
from . import probe_checks as checks
from .caller import Caller


class Points:
    """Fixed latents, and the noised data that are made of them.

    Latents have mean 0 and unit variance along each mode exactly, and no correlation where
    their number allows it: so nothing is left to chance if the model is linear.

    Parameters
    ----------
    spectrum : Spectrum
        Mean, variances and modes of the data.
    chosen : sequence of int, shape (mode,)
        Modes that are measured, counted from 0; a number for as many leading ones.
    n : int
        Number of points; one more is taken if that makes them uncorrelated.
    rng : int or numpy.random.Generator
        For the latents.
    data : ndarray, shape (N, d), optional
        Clean data; by default Gaussian ones of this spectrum.
    """

    def __init__(self, spectrum, chosen, n, rng=0, data=None):
        spectrum = checks.sound_spectrum(spectrum)
        d, count = spectrum.modes.shape
        chosen, data = checks.chosen_modes(chosen, count), checks.clean_data(data, spectrum)
        n = integer("n", n, low=2)
        n += n == d  # centred points have one dimension less than their number
        rng = generator("rng", rng)
        z = rng.standard_normal((n, d))
        self.whole = n > d
        if self.whole:
            z = _whitened(z)
        along = z @ spectrum.modes
        if not self.whole:
            z = z - z.mean(axis=0) - (along - along.mean(axis=0)) @ spectrum.modes.T
            along = _whitened(along) if n > count else _standardised(along)
            z += along @ spectrum.modes.T
        self.spectrum, self.chosen, self.latents, self.along = spectrum, chosen, z, along
        self.modes = spectrum.modes[:, chosen]
        self.clean = None
        if data is not None:
            self.clean = data[rng.choice(len(data), n, replace=len(data) < n)]

    def noised(self, sigma):
        """Data with noise of one level.

        Parameters
        ----------
        sigma : float
            Noise standard deviation.

        Returns
        -------
        ndarray, shape (n, d)
        """
        if self.clean is not None:
            return self.clean + sigma * self.latents
        added = np.sqrt(self.spectrum.variances + sigma**2) - sigma
        moved = (self.along * added) @ self.spectrum.modes.T
        return self.spectrum.mean + sigma * self.latents + moved

    def response(self, x, out):
        """What a denoiser does to noised data.

        Parameters
        ----------
        x : ndarray, shape (n, d)
            What it was asked, from `noised`.
        out : ndarray, shape (n, d)
            What it answered.

        Returns
        -------
        gain : ndarray, shape (mode,)
            Slope of u.D(x) on u.x. On real data of more points than dimensions, in a regression
            on all directions together.
        explained : ndarray, shape (mode,)
            Squared correlation of the two; NaN if u.D(x) does not change.
        alignment : float
            `alignment` of the answers.
        """
        x, answers = x - x.mean(axis=0), (out - out.mean(axis=0)) @ self.modes
        along = x @ self.modes
        shared, size = (along * answers).sum(axis=0), (along**2).sum(axis=0)
        if self.clean is not None and self.whole:
            q, r = np.linalg.qr(x)
            gain = (self.modes * solve_triangular(r, q.T @ answers)).sum(axis=0)
        else:
            gain = shared / size
        total = size * (answers**2).sum(axis=0)
        explained = np.full(gain.shape, np.nan)
        np.divide(shared**2, total, out=explained, where=total > 0)
        return gain, explained, alignment(answers)


def alignment(coordinates):
    """Sum of the squared variances over that of all squared covariances; 1 if none is shared.

    Parameters
    ----------
    coordinates : ndarray, shape (n, mode)
        Along the modes of the data.

    Returns
    -------
    float
        NaN if nothing varies. Wang & Pehlevan, arXiv:2503.03206, appendix; n points without any
        correlation give less than 1 by chance, about ``1 / (1 + modes / n)`` for equal variances.
    """
    centred = coordinates - coordinates.mean(axis=0)
    squared = (centred.T @ centred) ** 2
    return float(np.trace(squared) / squared.sum()) if squared.any() else np.nan


def measure(model, points, levels, sigmas=None, *, method="heun", device=None, dtype=None):
    """What a denoiser does along the modes of the data: its gains, and what it generates.

    Parameters
    ----------
    model : callable
        ``D(x, sigma)`` as for `Probe`, or a `Caller`. Its mode and torch's random numbers are left
        as they were.
    points : Points
        Where it is asked.
    levels : array_like, shape (sigma,)
        Noise levels of the gains.
    sigmas : array_like, shape (steps + 1,), optional
        Noise levels of a sampler, decreasing, which then carries the latents of `points`.
    method : {"heun", "euler"}
        Which sampler.
    device, dtype : optional
        Of the numbers that the model gets; by default those of its first weight.

    Returns
    -------
    dict of ndarray
        gain, explained (sigma, mode) and alignment (sigma,) as `Points.response` says them; with
        `sigmas` also samples (n, d), their variances `sampled` (mode,), and `sampled_alignment`.

    Raises
    ------
    ValueError
        If the answers have another shape than the question, or contain NaN.
    """
    if not isinstance(points, Points):
        raise ValueError(f"points must be Points, not {type(points).__name__}")
    levels, out = array("levels", levels, **NOISE), {}
    device, dtype = checks.numbers(device, dtype)
    with model if isinstance(model, Caller) else Caller(model, device, dtype) as caller:
        if sigmas is not None:
            end = sample(caller, sigmas[0] * points.latents, sigmas, method)
            along = (end - end.mean(axis=0)) @ points.modes
            out = {"samples": end, "sampled": along.var(axis=0)}
            out["sampled_alignment"] = np.array(alignment(along))
        found = [points.response(x := points.noised(s), caller(x, s)) for s in levels]
    gain, explained, aligned = (np.array(part) for part in zip(*found, strict=True))
    return out | {"gain": gain, "explained": explained, "alignment": aligned}


def _whitened(z):
    """Columns of `z`, made orthogonal one after the other, with mean 0 and variance 1."""
    q, r = np.linalg.qr(z - z.mean(axis=0))
    return q * np.sqrt(len(z)) * np.sign(np.diag(r))


def _standardised(z):
    z = z - z.mean(axis=0)
    return z / z.std(axis=0)
