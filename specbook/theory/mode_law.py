"""What all laws of modes have in common: their clock, their axes, sampling and emergence."""

import numpy as np

from .._check import NOISE, array, choice, scalar
from ..measure import CRITERIA, DIRECTIONS, gaussian_divergence
from ..sampler import Sampling
from .crossing import first_crossing
from .sampling import sampled_variance
from .shown import Shown

FOREVER = 1e290  # a clock at which all is learned
CACHED = 2**15  # points of a (time, mode) grid handled at once, so that they stay in the cache
TARGETS = ("data", "final")
OVERFLOWS = np.errstate(over="ignore")  # a rate times a huge time is infinite, and all is learned


class ModeLaw(Shown):
    """A denoiser that multiplies each mode of the data by a gain.

    A law says how with three methods. Times are given by the clock 2 eta tau, of shape (..., 1)
    for all modes alike or (..., mode), modes by their index, of shape (mode,):

    ``_gain(sigma, clock, mode)``
        Gain; `sigma` broadcasts against the others.
    ``_log_variance(clock, mode, low, high)``
        ln of the variance that the exact flow generates, in units of `_unit`.
    ``_span(low, high)``
        ln of a clock up to which curves are straight and of one after all learning, each of
        shape (mode,) or (1,).

    Attributes
    ----------
    variances : ndarray, shape (mode,)
        Variance of the data along each mode, in squared data units.
    eta : float
        Learning rate of gradient flow.
    """

    places = 1  # of a filter's weights, each of which learns at all of them

    def __init__(self, variances, eta, scalar_modes=False):
        self.variances = variances
        self.eta = scalar("eta", eta, **NOISE)
        self._scalar = scalar_modes

    def _clock(self, tau):
        """The training clock 2 eta tau, times `places`; a huge number stands for infinity."""
        tau = array("tau", tau, low=0, infinite_ok=True)
        with np.errstate(over="ignore"):
            return np.minimum(2 * (self.places * self.eta) * tau, FOREVER)

    def _squeeze(self, out, *arguments):
        """Drop the axes of scalar arguments, and that of the modes if all were scalars."""
        if self._scalar:
            out = out[..., 0]
        for axis in reversed(range(len(arguments))):
            if np.ndim(arguments[axis]) == 0:
                out = out.take(0, axis=axis)
        return out

    @OVERFLOWS
    def gain(self, sigma, tau):
        """Gain of the denoiser along each mode.

        Parameters
        ----------
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviation, positive.
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.

        Returns
        -------
        ndarray, shape (sigma, time, mode)
            Axes of scalar arguments are dropped.
        """
        s = array("sigma", sigma, **NOISE)
        return self._squeeze(self._gains(s, self._clock(tau)), sigma, tau)

    def _gains(self, sigma, clock):
        """Gains at vectors of noise levels and clocks, shape (sigma, time, mode)."""
        return self._gain(sigma[:, None, None], clock[:, None], np.arange(self.variances.size))

    @OVERFLOWS
    def generated_variance(
        self, tau, sigma_min=0.002, sigma_max=80.0, *, sigmas=None, method="heun", sampling=None
    ):
        """Variance of generated samples along each mode.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.
        sigma_min, sigma_max : float
            Noise range of the probability-flow ODE, solved exactly. It starts from noise of
            variance sigma_max**2 and stops at sigma_min without a last step to 0.
        sigmas : array_like, optional
            Noise levels of a sampler instead: its exact product, by `method`.
        method : {"heun", "euler"}
            Which sampler.
        sampling : Sampling, optional
            Instead of all of these; it may also stand in the place of `sigma_min`.

        Returns
        -------
        ndarray, shape (time, mode)
            In squared data units.
        """
        how = Sampling.of(sigma_min, sigma_max, sigmas, method, sampling)
        return self._squeeze(self._variance(self._clock(tau), how), tau)

    @OVERFLOWS
    def emergence_time(
        self, criterion, sigma_min=0.002, sigma_max=80.0, target="data", *, sigmas=None,
        method="heun", sampling=None,
    ):
        """Training time at which each mode first crosses the mean of its start and its target.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}
            Which mean of the variances. There is no default, because exponents depend on it.
        sigma_min, sigma_max : float
            Noise range, as in `generated_variance`.
        target : {"data", "final"}
            The variance of the data, or the one that endless training generates.
        sigmas, method, sampling : array_like, str, Sampling
            How samples are made instead, as in `generated_variance`.

        Returns
        -------
        ndarray, shape (mode,)
            By root finding; NaN for a mode that starts at the threshold or never crosses it.

        Notes
        -----
        eq-harmonic, eq-geometric. A curve may turn, so the first crossing is bracketed on a
        grid of times before it is found exactly.
        """
        how = Sampling.of(sigma_min, sigma_max, sigmas, method, sampling)
        return self._emergence(criterion, target, how)

    def _emergence(self, criterion, target, how):
        choice("criterion", criterion, CRITERIA)
        if choice("target", target, TARGETS) == "data":
            self._data_variances("target='data'")
        out = self._crossing(criterion, target, how) / (2 * self.places * self.eta)
        return out[0] if self._scalar else out

    @OVERFLOWS
    def kl(
        self, tau, direction="generated||data", sigma_min=0.002, sigma_max=80.0, *, sigmas=None,
        method="heun", sampling=None,
    ):
        """Divergence between generated and data distribution, both Gaussian, in nats.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.
        direction : {"generated||data", "data||generated"}
            Which of the two the average is taken over (the first).
        sigma_min, sigma_max, sigmas, method, sampling : float, array_like, str, Sampling
            How samples are made, as in `generated_variance`.

        Returns
        -------
        ndarray, shape (time,)
            Summed over modes.

        Notes
        -----
        eq-kl and eq-kl-reverse.
        """
        how = Sampling.of(sigma_min, sigma_max, sigmas, method, sampling)
        return self._kl(tau, direction, how)

    def _kl(self, tau, direction, how):
        choice("direction", direction, DIRECTIONS)
        if (self._data_variances("a divergence") == 0).any():
            raise ValueError(
                "variances must be positive for a divergence: leave out modes of variance 0"
            )
        out = self._divergence(self._clock(tau), direction, how)
        return out[0] if np.ndim(tau) == 0 else out

    # --- the same on tables over (time, mode); `how` is a `Sampling` ------------------------

    def _unit(self, *ends):
        """Variances in whose units `_log_variance` counts; a law may have better ones than 1."""
        return np.ones(self.variances.size)

    def _log_unit(self, *ends):
        """ln of these units over the variances of the data."""
        return -np.log(self.variances)

    def _data_variances(self, purpose):
        """Variances of the data, for a law that may not know them."""
        return self.variances

    def _over_data(self, how):
        """ln of the units of `_curve` over the variances of the data."""
        with np.errstate(divide="ignore"):  # a variance of 0 is never reached
            return self._log_unit(*how.ends) if how.sigmas is None else -np.log(self.variances)

    def _curve(self, clock, mode, how):
        """ln of the generated variance; that of the exact flow in units of `_unit`."""
        if how.sigmas is None:
            return self._log_variance(clock, mode, *how.ends)
        with np.errstate(divide="ignore"):  # a mode that the last step removes
            return np.log(self._sampled(clock, mode, how))

    def _sampled(self, clock, mode, how):
        """Variance by the sampler's product."""
        levels = how.levels.reshape(-1, *[1] * np.broadcast(clock, mode).ndim)
        with np.errstate(invalid="ignore"):  # a product beyond the range of float64
            out = sampled_variance(self._gain(levels, clock, mode), how.sigmas, how.method)
        return np.where(np.isnan(out), np.inf, out)

    def _table(self, clock, how):
        """`_curve` at all of these clocks, shape (time, mode)."""
        modes = np.arange(self.variances.size)
        rows = max(1, CACHED // modes.size)
        parts = [clock[i : i + rows, None] for i in range(0, clock.size, rows)]
        return np.concatenate([self._curve(part, modes, how) for part in parts])

    def _variance(self, clock, how):
        if how.sigmas is None:
            return np.exp(self._table(clock, how)) * self._unit(*how.ends)
        return self._sampled(clock[:, None], np.arange(self.variances.size), how)

    def _divergence(self, clock, direction, how):
        log_ratio = self._table(clock, how) + self._over_data(how)
        return gaussian_divergence(log_ratio, 0.0, self.variances, direction).sum(axis=1)

    def _crossing(self, criterion, target, how):
        """Clock at which each mode emerges."""
        start, end = self._table(np.array([0.0, FOREVER]), how)
        if target == "data":
            end = -self._over_data(how)
        span = self._span(*how.ends)
        return first_crossing(lambda c, k: self._curve(c, k, how), start, end, span, criterion)
