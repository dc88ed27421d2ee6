"""Flow matching with a linear velocity, trained by gradient flow at each time of the path apart."""

from typing import NamedTuple

import numpy as np
from scipy.special import erf, exp1, factorial

from .._check import array, choice, per_mode
from ..sampler import METHODS
from .exponential import LARGE
from .mode_law import FOREVER, OVERFLOWS, ModeLaw

_N = np.arange(19, 0, -1)
EIN = np.append(-((-1.0) ** _N) / (_N * factorial(_N)), 0.0)  # Ein as a power series below 1
LATEST = 1e-200  # a mode of smaller variance counts as one of variance 0 in the search for times


def flow_matching(variances, eta=1.0, q0=0.0):
    """Law of flow matching with a linear velocity v(x; t) = W x + b, for centred data.

    The state at time t of the path is x_t = t x0 + (1 - t) z: standard normal noise z at t = 0,
    data x0 at t = 1. The target of the velocity is x0 - z.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variance of the data along each mode, not negative, in units of the noise's variance.
    eta : float
        Learning rate of gradient flow, positive. Laws depend on eta * tau alone.
    q0 : array_like, shape (mode,), or scalar
        Gain of the velocity before training, the same at all t.

    Returns
    -------
    FlowMatchingLaw
        With methods that take training times `tau` (shape (time,) or scalar) and return
        arrays of shape (time, mode); axes of scalar arguments are dropped.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite or of the wrong shape, or a variance negative.

    Notes
    -----
    Formulas as in Wang & Pehlevan, arXiv:2503.03206, appendix on flow matching; loss summed
    over dimensions. There is no noise range: the path has both ends.

    Examples
    --------
    >>> law = flow_matching([2.0, 0.1])
    >>> law.generated_variance([0.0, 1.0, 1e6]).round(4)
    array([[1.    , 1.    ],
           [1.9118, 0.3234],
           [2.    , 0.1   ]])
    """
    return FlowMatchingLaw(variances, eta, q0)


class FlowMatchingLaw(ModeLaw):
    """Closed forms for flow matching; made by `flow_matching`, which documents the arguments.

    Attributes
    ----------
    variances, q0 : ndarray, shape (mode,)
        As given to `flow_matching`, one entry for each mode.
    eta : float
        Learning rate of gradient flow.
    """

    _shown = ("q0",)

    def __init__(self, variances, eta, q0):
        variances, scalar_modes, (self.q0,) = per_mode(variances, q0=q0)
        super().__init__(variances, eta, scalar_modes)

    @OVERFLOWS
    def gain(self, t, tau):
        """Gain of the velocity along each mode.

        Parameters
        ----------
        t : array_like, shape (t,), or scalar
            Time of the path, from 0 (noise) to 1 (data).
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.

        Returns
        -------
        ndarray, shape (t, time, mode)
            Axes of scalar arguments are dropped.

        Notes
        -----
        eq-flow-gain. Where the state has no variance (t = 1 in a mode without variance) nothing
        is learned, and the gain stays at its start.
        """
        at = _path_times("t", t)
        return self._squeeze(self._gains(at, self._clock(tau)), t, tau)

    def _gain(self, t, clock, mode):
        lam = self.variances[mode]
        state = t**2 * lam + (1 - t) ** 2
        target = t * lam - (1 - t)
        best = np.divide(target, state, out=np.zeros_like(state), where=state > 0)
        rise = clock * state
        return self.q0[mode] * np.exp(-rise) - best * np.expm1(-rise)

    @OVERFLOWS
    def generated_variance(self, tau, times=None, *, method="heun"):
        """Variance of generated samples along each mode.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.
        times : array_like, shape (steps + 1,), optional
            Times of the path at which a sampler stops, increasing from 0 to 1: its exact
            product, by `method`. Without them the flow is solved exactly.
        method : {"heun", "euler"}
            Which sampler.

        Returns
        -------
        ndarray, shape (time, mode)
            In units of the noise's variance.

        Notes
        -----
        eq-flow-variance; with `times`, eq-flow-euler or eq-flow-heun.
        """
        how = _Path.checked(times, method)
        return self._squeeze(self._variance(self._clock(tau), how), tau)

    @OVERFLOWS
    def emergence_time(self, criterion, target="data", *, times=None, method="heun"):
        """Training time at which each mode first crosses the mean of its start and its target.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}
            Which mean of the variances. There is no default, because exponents depend on it.
        target : {"data", "final"}
            The variance of the data, or the one that endless training generates. Without `times`
            they are the same.
        times, method : array_like, str
            How samples are made, as in `generated_variance`.

        Returns
        -------
        ndarray, shape (mode,)
            By root finding; NaN for a mode that starts at the threshold or never crosses it.

        Notes
        -----
        eq-harmonic, eq-geometric. From a positive `q0` the variance may cross the target and
        come back to it from above, so the first crossing is bracketed on a grid of times.
        """
        return self._emergence(criterion, target, _Path.checked(times, method))

    @OVERFLOWS
    def kl(self, tau, direction="generated||data", *, times=None, method="heun"):
        """Divergence between generated and data distribution, both Gaussian, in nats.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.
        direction : {"generated||data", "data||generated"}
            Which of the two the average is taken over (the first).
        times, method : array_like, str
            How samples are made, as in `generated_variance`.

        Returns
        -------
        ndarray, shape (time,)
            Summed over modes.

        Notes
        -----
        eq-kl and eq-kl-reverse.
        """
        return self._kl(tau, direction, _Path.checked(times, method))

    def _sampled(self, clock, mode, how):
        """Variance that a sampler makes of standard normal noise, by the product of its steps."""
        axes = [1] * np.broadcast(clock, mode).ndim
        h = np.diff(how.sigmas).reshape(-1, *axes)
        gain = self._gain(how.sigmas.reshape(-1, *axes), clock, mode)
        first = h * gain[:-1]
        step = first if how.method == "euler" else (first + h * gain[1:] * (1 + first)) / 2
        return (1 + step).prod(axis=0) ** 2

    def _log_variance(self, clock, mode):
        """eq-flow-variance in the form ln = Ein(c lam) - Ein(c) + q0 (mean of two erf(x) / x)."""
        clock, mode = np.broadcast_arrays(clock, mode)
        lam, q0 = self.variances[mode], self.q0[mode]
        with np.errstate(over="ignore", divide="ignore", under="ignore"):
            late, early = clock * lam, clock
            # Ein(x) = E_1(x) + ln x + Euler's constant: above 1 the logarithms are taken together
            logs = np.where(late > 1, np.log(lam), -np.log(early) - np.euler_gamma)
            logs = np.where(early > 1, logs, np.where(late > 1, np.log(late) + np.euler_gamma, 0.0))
            r = np.sqrt(clock / (lam + 1))
            start = 2 * np.exp(-clock * (lam / (lam + 1))) / (lam + 1)
            start = start * (_erf_ratio(r) + lam * _erf_ratio(lam * r))
            out = _ein_without_log(late) - _ein_without_log(early) + logs + q0 * start
            return np.where(clock >= FOREVER, np.log(lam), out)

    def _span(self):
        slowest = np.maximum(self.variances, LATEST) / (1 + self.variances)
        return np.log(1e-6 / (1 + self.variances)), np.log(800 / slowest)


class _Path(NamedTuple):
    """In the place of a `Sampling`: the exact flow, or a sampler that stops at these times."""

    sigmas: np.ndarray | None
    method: str
    ends: tuple = ()  # of a noise range, which there is not

    @classmethod
    def checked(cls, times, method):
        choice("method", method, tuple(METHODS))
        if times is not None:
            times = _path_times("times", times)
            if times.size < 2 or (np.diff(times) <= 0).any() or times[0] != 0 or times[-1] != 1:
                raise ValueError("times must increase strictly, from 0 to 1")
        return cls(times, method)


def _path_times(name, value):
    """Times of the path in [0, 1] as an array, or ``ValueError`` naming the argument."""
    t = array(name, value, low=0)
    if (t > 1).any():
        raise ValueError(f"{name} must be at most 1, where the data are, found {t.max():g}")
    return t


def _ein_without_log(x):
    """Ein(x), the integral of (1 - exp(-s)) / s from 0 to x; above 1 less ln x + Euler's constant.

    What is left above 1 is E_1(x).
    """
    return np.where(x > 1, exp1(np.clip(x, 1.0, LARGE)), np.polyval(EIN, np.minimum(x, 1.0)))


def _erf_ratio(x):
    """sqrt(pi) / 2 erf(x) / x, which is 1 at x = 0."""
    tiny = x < 1e-9
    return np.sqrt(np.pi) / 2 * np.where(tiny, 2 / np.sqrt(np.pi), erf(x) / np.where(tiny, 1, x))
