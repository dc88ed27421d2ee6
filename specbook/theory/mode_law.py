"""What all laws of modes have in common: their clock, their axes, sampling and emergence."""

from dataclasses import dataclass

import numpy as np

from .._check import array, broadcast, choice, noise_range, scalar
from ..measure import CRITERIA
from ..sampler import METHODS, check_sigmas
from .crossing import scanned_crossing
from .sampling import sampled_variance

FOREVER = 1e290  # a clock at which all is learned


def per_mode(variances, **others):
    """Check the arguments of a law and give each one entry per mode.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variances of the data, not negative.
    **others : array_like, shape (mode,), or scalar
        Further arguments by their names.

    Returns
    -------
    variances : ndarray, shape (mode,)
    scalar_modes : bool
        Whether all arguments were scalars.
    others : list of ndarray, each of shape (mode,)
    """
    parts = {"variances": array("variances", variances, low=0)}
    parts |= {name: array(name, value) for name, value in others.items()}
    scalar_modes = all(np.ndim(value) == 0 for value in (variances, *others.values()))
    size, longest = max((value.size, name) for name, value in parts.items())
    if parts["variances"].size > 1:
        size, longest = parts["variances"].size, "variances"
    variances, *rest = (broadcast(name, value, size, longest) for name, value in parts.items())
    return variances, scalar_modes, rest


@dataclass(frozen=True)
class Sampling:
    """How samples are made: the exact flow over a noise range, or a sampler's steps."""

    low: float
    high: float
    sigmas: list | None
    method: str

    @classmethod
    def checked(cls, sigma_min, sigma_max, sigmas=None, method="heun"):
        choice("method", method, tuple(METHODS))
        low, high = noise_range(sigma_min, sigma_max)
        return cls(low, high, None if sigmas is None else check_sigmas(sigmas), method)


class ModeLaw:
    """A denoiser that multiplies each mode of the data by a gain.

    A law says how with three methods, whose arrays broadcast against each other; times are
    given by the clock 2 eta tau, modes by their index:

    ``_gain(sigma, clock)``
        Gain, shape (sigma, time, mode), from vectors of noise levels and clocks.
    ``_log_variance(clock, mode, low, high)``
        ln of the variance that the exact flow generates.
    ``_span(low, high)``
        ln of a clock before all learning and of one after it, each of shape (mode,).

    Attributes
    ----------
    variances : ndarray, shape (mode,)
        Variance of the data along each mode, in squared data units.
    eta : float
        Learning rate of gradient flow.
    """

    def __init__(self, variances, eta, scalar_modes):
        self.variances = variances
        self.eta = scalar("eta", eta, above=0)
        self._scalar = scalar_modes

    def _clock(self, tau):
        """The training clock 2 eta tau; a huge number stands for infinity."""
        tau = array("tau", tau, low=0, infinite_ok=True)
        with np.errstate(over="ignore"):
            return np.minimum(2 * self.eta * tau, FOREVER)

    def _squeeze(self, out, *arguments):
        """Drop the axes of scalar arguments, and that of the modes if all were scalars."""
        if self._scalar:
            out = out[..., 0]
        for axis in reversed(range(len(arguments))):
            if np.ndim(arguments[axis]) == 0:
                out = out.take(0, axis=axis)
        return out

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
        s = array("sigma", sigma, above=0)
        return self._squeeze(self._gain(s, self._clock(tau)), sigma, tau)

    def generated_variance(
        self, tau, sigma_min=0.002, sigma_max=80.0, *, sigmas=None, method="heun"
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

        Returns
        -------
        ndarray, shape (time, mode)
            In squared data units.
        """
        how = Sampling.checked(sigma_min, sigma_max, sigmas, method)
        return self._squeeze(self._variance(self._clock(tau), how), tau)

    def _variance(self, clock, how):
        if how.sigmas is None:
            return self._flow_variance(clock, how.low, how.high)
        levels = np.array([s for s in how.sigmas if s > 0])
        return sampled_variance(self._gain(levels, clock), how.sigmas, how.method)

    def _flow_variance(self, clock, low, high):
        modes = np.arange(self.variances.size)
        return np.exp(self._log_variance(clock[:, None], modes, low, high))

    def emergence_time(self, criterion, sigma_min=0.002, sigma_max=80.0, target="data"):
        """Training time at which each mode first crosses the mean of its start and its target.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}
            Which mean of the variances. There is no default, because exponents depend on it.
        sigma_min, sigma_max : float
            Noise range of the probability-flow ODE.
        target : {"data", "final"}
            The variance of the data, or the one that endless training generates.

        Returns
        -------
        ndarray, shape (mode,)
            By root finding; NaN for a mode that starts at the threshold or never crosses it.

        Notes
        -----
        eq-harmonic, eq-geometric. A curve may turn, so the first crossing is bracketed on a
        grid of times before it is found exactly.
        """
        low, high = noise_range(sigma_min, sigma_max)
        choice("target", target, ("data", "final"))
        choice("criterion", criterion, CRITERIA)
        out = self._crossing(low, high, target, criterion)
        return out[0] if self._scalar else out

    def _crossing(self, low, high, target, criterion):
        modes = np.arange(self.variances.size)

        def curve(clock, mode):
            return self._log_variance(clock, mode, low, high)

        with np.errstate(divide="ignore"):  # a variance of 0 is never reached
            final = np.log(self.variances) if target == "data" else curve(FOREVER, modes)
        clock = scanned_crossing(curve, curve(0.0, modes), final, self._span(low, high), criterion)
        return clock / (2 * self.eta)
