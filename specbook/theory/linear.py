"""The one-layer linear denoiser, trained by gradient flow at each noise level apart."""

from dataclasses import dataclass

import numpy as np

from .._check import array, broadcast, choice, noise_range, scalar
from ..measure import CRITERIA, DIRECTIONS, gaussian_divergence
from ..sampler import METHODS, check_sigmas
from .crossing import first_crossing
from .divergence import full_divergence
from .exponential import log_growth
from .noncentred import CoupledModes
from .sampling import sampled_variance

CACHED = 2**15  # points of a (time, mode) grid handled at once, so that they stay in the cache
FOREVER = 1e290  # a clock at which all is learned


def linear(variances, eta=1.0, q0=0.0, mean=0.0, b0=0.0):
    """Law of a linear denoiser D(x; sigma) = W x + b with a start along the modes of the data.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variance of the data along each mode, not negative, in squared data units.
    eta : float
        Learning rate of gradient flow, positive. Laws depend on eta * tau alone.
    q0 : array_like, shape (mode,), or scalar
        Gain before training, the same at all noise levels.
    mean : array_like, shape (mode,), or scalar
        Mean of the data along each mode, in data units. Modes with a mean are coupled: they
        are solved together, all others by the closed form.
    b0 : array_like, shape (mode,), or scalar
        Bias before training, in data units.

    Returns
    -------
    LinearLaw
        With methods that take training times `tau` (shape (time,) or scalar) and return
        arrays of shape (time, mode); axes of scalar arguments are dropped.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite or of the wrong shape, or a variance negative.

    Notes
    -----
    Wang & Pehlevan, arXiv:2503.03206, sections 2 and 4; loss summed over dimensions.

    Examples
    --------
    >>> law = linear([1.0, 0.1])
    >>> law.generated_variance([0.0, 1e6]).round(4)
    array([[0.    , 0.    ],
           [0.9998, 0.1   ]])
    """
    return LinearLaw(variances, eta, q0, mean, b0)


@dataclass(frozen=True)
class _Sampling:
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


class LinearLaw:
    """Closed forms for a linear denoiser; made by `linear`, which documents the arguments.

    Attributes
    ----------
    variances, q0, mean, b0 : ndarray, shape (mode,)
        As given to `linear`, one entry for each mode.
    eta : float
        Learning rate of gradient flow.
    """

    def __init__(self, variances, eta, q0, mean, b0):
        parts = {"variances": array("variances", variances, low=0)}
        parts |= {n: array(n, v) for n, v in (("q0", q0), ("mean", mean), ("b0", b0))}
        self._scalar = all(np.ndim(v) == 0 for v in (variances, q0, mean, b0))
        size, longest = max((value.size, name) for name, value in parts.items())
        if parts["variances"].size > 1:
            size, longest = parts["variances"].size, "variances"
        parts = [broadcast(name, value, size, longest) for name, value in parts.items()]
        self.variances, self.q0, self.mean, self.b0 = parts
        self.eta = scalar("eta", eta, above=0)
        self._tied = np.zeros(size, bool)
        if (self.mean != 0).any():
            self._tied = (self.mean != 0) | (self.b0 != 0)
        self._block = self._coupled(self._tied) if self._tied.any() else None

    def _coupled(self, group):
        parts = (self.variances, self.q0, self.mean, self.b0)
        return CoupledModes(*(values[group] for values in parts))

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

    # --- denoiser -----------------------------------------------------------------------

    def gain(self, sigma, tau):
        """Gain of the denoiser along each mode.

        Parameters
        ----------
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviation, positive.
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the optimum.

        Returns
        -------
        ndarray, shape (sigma, time, mode)
            Axes of scalar arguments are dropped.

        Notes
        -----
        eq-gain. For coupled modes, the diagonal of the weight matrix.
        """
        s = array("sigma", sigma, above=0)
        return self._squeeze(self._gain(s, self._clock(tau)), sigma, tau)

    def _gain(self, sigma, clock):
        noisy = self.variances + sigma[:, None, None] ** 2
        # both terms are positive and neither is a difference, so no digits are lost
        rise = clock[:, None] * noisy
        out = self.q0 * np.exp(-rise) - self.variances / noisy * np.expm1(-rise)
        if self._block:
            theta = self._block.theta(sigma, clock)
            out[..., self._tied] = np.diagonal(theta, axis1=2, axis2=3)
        return out

    def bias(self, tau, sigma=None):
        """Bias of the denoiser along each mode.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the optimum.
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviation. For centred data the bias is the same at all of them and
            `sigma` may be left out; for data with a mean it is needed.

        Returns
        -------
        ndarray, shape (time, mode)
            If `sigma` is given, shape (sigma, time, mode).

        Notes
        -----
        eq-bias; eq-noncentred for data with a mean.
        """
        clock = self._clock(tau)
        plain = self.b0 * np.exp(-clock[:, None])
        if sigma is None:
            if self._block:
                raise ValueError(
                    "sigma is needed: with a mean, the bias depends on the noise level"
                )
            return self._squeeze(plain, tau)
        s = array("sigma", sigma, above=0)
        out = np.repeat(plain[None], s.size, axis=0)
        if self._block:
            out[..., self._tied] = self._block.theta(s, clock)[..., -1]
        return self._squeeze(out, sigma, tau)

    # --- generated distribution -----------------------------------------------------------

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

        Notes
        -----
        eq-generated-variance in the form of eq-stable; coupled modes by collocation.
        """
        how = _Sampling.checked(sigma_min, sigma_max, sigmas, method)
        return self._squeeze(self._variance(self._clock(tau), how), tau)

    def _variance(self, clock, how):
        if how.sigmas is None:
            out = np.exp(self._log_growth(clock, how.low, how.high))
            out *= how.high**2 * (self.variances + how.low**2) / (self.variances + how.high**2)
        else:
            levels = np.array([s for s in how.sigmas if s > 0])
            out = sampled_variance(self._gain(levels, clock), how.sigmas, how.method)
        if self._block:
            covariance, _ = self._block.moments(clock, **vars(how))
            out[:, self._tied] = np.diagonal(covariance, axis1=1, axis2=2)
        return out

    def _log_growth(self, clock, low, high):
        """ln of generated over final variance of the closed form, shape (time, mode)."""
        c, lam = clock[:, None], self.variances
        out = np.empty((clock.size, lam.size))
        rows = max(1, CACHED // lam.size)
        for i in range(0, clock.size, rows):
            out[i : i + rows] = log_growth(c[i : i + rows], lam, self.q0, low, high)
        return out

    def generated_mean(self, tau, sigma_min=0.002, sigma_max=80.0, *, sigmas=None, method="heun"):
        """Mean of generated samples along each mode; the sampler starts from noise of mean 0.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.
        sigma_min, sigma_max : float
            Noise range of the probability-flow ODE.
        sigmas : array_like, optional
            Noise levels of a sampler instead: its exact product, by `method`.
        method : {"heun", "euler"}
            Which sampler.

        Returns
        -------
        ndarray, shape (time, mode)
            In data units.

        Notes
        -----
        eq-mean-flow, by collocation. A mode without mean and bias stays at 0.
        """
        how = _Sampling.checked(sigma_min, sigma_max, sigmas, method)
        return self._squeeze(self._mean(self._clock(tau), how), tau)

    def _mean(self, clock, how):
        out = np.zeros((clock.size, self.variances.size))
        # With a mean, all modes that have one move together; without, each bias acts alone.
        alone = np.eye(self.variances.size, dtype=bool)[self.b0 != 0]
        for group in [self._tied] if self._block else alone:
            out[:, group] = self._coupled(group).moments(clock, **vars(how))[1]
        return out

    def kl(
        self, tau, direction="generated||data", sigma_min=0.002, sigma_max=80.0, *,
        sigmas=None, method="heun",
    ):  # fmt: skip
        """Divergence between generated and data distribution, both Gaussian, in nats.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.
        direction : {"generated||data", "data||generated"}
            Which of the two the average is taken over (the first).
        sigma_min, sigma_max : float
            Noise range of the probability-flow ODE.
        sigmas : array_like, optional
            Noise levels of a sampler instead, as in `generated_variance`.
        method : {"heun", "euler"}
            Which sampler.

        Returns
        -------
        ndarray, shape (time,)
            Summed over modes, with the term of the mean.

        Notes
        -----
        eq-kl and eq-kl-reverse; for coupled modes with their full covariance.
        """
        choice("direction", direction, DIRECTIONS)
        how = _Sampling.checked(sigma_min, sigma_max, sigmas, method)
        lam, free = self.variances, ~self._tied
        if (lam == 0).any():
            raise ValueError(
                "variances must be positive for a divergence: leave out modes of variance 0"
            )
        clock = self._clock(tau)
        shift = self._mean(clock, how) - self.mean
        if how.sigmas is None:
            log_ratio = self._log_growth(clock, how.low, how.high)
            log_ratio += np.log1p(how.low**2 / lam) - np.log1p(lam / how.high**2)
        else:
            with np.errstate(divide="ignore"):  # a variance of 0 gives an infinite divergence
                log_ratio = np.log(self._variance(clock, how) / lam)
        each = gaussian_divergence(log_ratio[:, free], shift[:, free], lam[free], direction)
        out = each.sum(axis=1)
        if self._block:
            covariance, _ = self._block.moments(clock, **vars(how))
            tied = self._tied
            out += full_divergence(covariance, shift[:, tied], lam[tied], direction)
        return out[0] if np.ndim(tau) == 0 else out

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
        eq-harmonic, eq-geometric. For coupled modes the crossing is bracketed on a grid of
        times first, since their variance may turn more than once.
        """
        low, high = noise_range(sigma_min, sigma_max)
        choice("target", target, ("data", "final"))
        choice("criterion", criterion, CRITERIA)
        out = first_crossing(self, low, high, target, criterion)
        return out[0] if self._scalar else out
