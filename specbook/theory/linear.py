"""The one-layer linear denoiser, trained by gradient flow at each noise level apart."""

import numpy as np

from .._check import array, choice, noise_range, scalar
from ..measure import DIRECTIONS, gaussian_divergence, threshold
from ..sampler import METHODS, check_sigmas
from .crossing import first_crossing
from .divergence import full_divergence
from .exponential import exp1_difference
from .noncentred import CoupledModes
from .sampling import sampled_variance

CACHED = 2**15  # points of a (time, mode) grid handled at once, so that they stay in the cache


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


class LinearLaw:
    """Closed forms for a linear denoiser; made by `linear`."""

    def __init__(self, variances, eta, q0, mean, b0):
        self._scalar = all(np.ndim(v) == 0 for v in (variances, q0, mean, b0))
        self.variances = array("variances", variances, low=0)
        size = self.variances.size
        self.eta = scalar("eta", eta, above=0)
        rest = {}
        for name, value in (("q0", q0), ("mean", mean), ("b0", b0)):
            value = array(name, value)
            if value.size not in (1, size) and size != 1:
                raise ValueError(f"{name} has {value.size} entries, variances has {size}")
            rest[name] = value
        size = max(size, *(v.size for v in rest.values()))
        self.variances = np.broadcast_to(self.variances, size)
        self.q0, self.mean, self.b0 = (np.broadcast_to(v, size) for v in rest.values())
        self._tied = np.zeros(size, bool)
        if (self.mean != 0).any():
            self._tied = (self.mean != 0) | (self.b0 != 0)
        self._block = self._coupled(self._tied) if self._tied.any() else None

    def _coupled(self, group):
        parts = (self.variances, self.q0, self.mean, self.b0)
        return CoupledModes(*(values[group] for values in parts), self.eta)

    def _squeeze(self, out, *arguments):
        """Drop the axes of scalar arguments, and that of the modes if all were scalars."""
        if self._scalar:
            out = out[..., 0]
        for axis in reversed(range(len(arguments))):
            if np.ndim(arguments[axis]) == 0:
                out = out.take(0, axis=axis)
        return out

    def gain(self, sigma, tau):
        """Gain of the denoiser along each mode, shape (sigma, time, mode).

        Parameters
        ----------
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviation, positive.
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the optimum.

        Notes
        -----
        eq-gain. For coupled modes, the diagonal of the weight matrix.
        """
        s = array("sigma", sigma, above=0)
        t = _times(tau)
        noisy = self.variances + s[:, None, None] ** 2
        # both terms are positive and neither is a difference, so no digits are lost
        rise = 2 * self.eta * t[:, None] * noisy
        out = self.q0 * np.exp(-rise) - self.variances / noisy * np.expm1(-rise)
        if self._block:
            theta = self._block.theta(s, t)
            out[..., self._tied] = np.diagonal(theta, axis1=-2, axis2=-1)
        return self._squeeze(out, sigma, tau)

    def bias(self, tau, sigma=None):
        """Bias of the denoiser along each mode, shape (time, mode).

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviation. For centred data the bias is the same at all of them and
            `sigma` may be left out; for data with a mean it is needed.

        Returns
        -------
        ndarray, shape (time, mode), or (sigma, time, mode) if `sigma` is given
        """
        t = _times(tau)
        plain = self.b0 * _decay(2 * self.eta * t[:, None], np.ones(1))
        if sigma is None:
            if self._block:
                raise ValueError(
                    "sigma is needed: with a mean, the bias depends on the noise level"
                )
            return self._squeeze(plain, tau)
        s = array("sigma", sigma, above=0)
        out = np.repeat(plain[None], s.size, axis=0)
        if self._block:
            out[..., self._tied] = self._block.theta(s, t)[..., -1]
        return self._squeeze(out, sigma, tau)

    def _log_growth(self, tau, low, high):
        """ln of generated over final variance of the closed form, shape (time, mode)."""
        c = 2 * self.eta * tau[:, None]
        lam = self.variances
        shared = exp1_difference(c, low**2, high**2)  # depends on time alone
        out = np.empty((tau.size, lam.size))
        rows = max(1, CACHED // lam.size)
        for i in range(0, tau.size, rows):
            part = slice(i, i + rows)
            memory = _decay(c[part], lam)
            memory *= (1 - self.q0) * shared[part]
            own = exp1_difference(c[part], lam + low**2, lam + high**2)
            np.subtract(own, memory, out=out[part])
        return out

    def _final(self, low, high):
        lam = self.variances
        return high**2 * (lam + low**2) / (lam + high**2)

    def generated_variance(
        self, tau, sigma_min=0.002, sigma_max=80.0, *, sigmas=None, method="heun"
    ):
        """Variance of generated samples along each mode, shape (time, mode).

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

        Returns
        -------
        ndarray, in squared data units

        Notes
        -----
        eq-generated-variance in the form of eq-stable; coupled modes by collocation.
        """
        t = _times(tau)
        if sigmas is not None:
            sigmas = check_sigmas(sigmas)
            choice("method", method, tuple(METHODS))
            levels = [s for s in sigmas if s > 0]
            gain = self.gain(levels, t)
            out = sampled_variance(gain[..., None] if self._scalar else gain, sigmas, method)
        else:
            sigma_min, sigma_max = noise_range(sigma_min, sigma_max)
            out = self._log_growth(t, sigma_min, sigma_max)
            np.exp(out, out=out)
            out *= self._final(sigma_min, sigma_max)
        if self._block:
            covariance, _ = self._block.moments(t, sigma_min, sigma_max, sigmas, method)
            out[:, self._tied] = np.diagonal(covariance, axis1=1, axis2=2)
        return self._squeeze(out, tau)

    def generated_mean(self, tau, sigma_min=0.002, sigma_max=80.0, *, sigmas=None, method="heun"):
        """Mean of generated samples along each mode, shape (time, mode), in data units.

        Parameters as in `generated_variance`; the sampler starts from noise of mean 0.

        Notes
        -----
        eq-mean-flow, by collocation. A mode without mean and bias stays at 0.
        """
        t = _times(tau)
        if sigmas is None:
            sigma_min, sigma_max = noise_range(sigma_min, sigma_max)
        out = np.zeros((t.size, self.variances.size))
        # With a mean, all modes that have one move together; without, each bias acts alone.
        groups = (
            [self._tied] if self._block else np.eye(self.variances.size, dtype=bool)[self.b0 != 0]
        )
        for group in groups:
            modes = self._coupled(group)
            out[:, group] = modes.moments(t, sigma_min, sigma_max, sigmas, method)[1]
        return self._squeeze(out, tau)

    def kl(
        self, tau, direction="generated||data", sigma_min=0.002, sigma_max=80.0, *,
        sigmas=None, method="heun",
    ):  # fmt: skip
        """Divergence between generated and data distribution, both Gaussian, in nats.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
        direction : {"generated||data", "data||generated"}
        sigma_min, sigma_max, sigmas, method
            As in `generated_variance`.

        Returns
        -------
        ndarray, shape (time,)
            Summed over modes, with the term of the mean.

        Notes
        -----
        eq-kl and eq-kl-reverse; for coupled modes with their full covariance.
        """
        choice("direction", direction, DIRECTIONS)
        if (self.variances == 0).any():
            raise ValueError(
                "variances must be positive for a divergence: leave out modes of variance 0"
            )
        t = _times(tau)
        shift = (
            np.atleast_2d(
                self.generated_mean(t, sigma_min, sigma_max, sigmas=sigmas, method=method)
            ).reshape(t.size, -1)
            - self.mean
        )
        if sigmas is None:
            low, high = noise_range(sigma_min, sigma_max)
            lam = self.variances
            log_ratio = (
                np.log1p(low**2 / lam) - np.log1p(lam / high**2) + self._log_growth(t, low, high)
            )
        else:
            variance = self.generated_variance(t, sigmas=sigmas, method=method)
            log_ratio = np.log(variance.reshape(t.size, -1) / self.variances)
        free = ~self._tied
        out = np.zeros(t.size)
        if free.any():
            out += gaussian_divergence(
                log_ratio[:, free], shift[:, free], self.variances[free], direction
            ).sum(axis=1)
        if self._block:
            low, high = (None, None) if sigmas is not None else noise_range(sigma_min, sigma_max)
            covariance, _ = self._block.moments(t, low, high, sigmas, method)
            out += full_divergence(
                covariance, shift[:, self._tied], self.variances[self._tied], direction
            )
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
            By root finding; NaN for a mode that starts at the threshold or never reaches it.
        """
        low, high = noise_range(sigma_min, sigma_max)
        choice("target", target, ("data", "final"))
        # logarithms, because the start, sigma_max**(2 q0) sigma_min**(2 - 2 q0), may underflow
        start = np.exp(2 * self.q0 * np.log(high) + 2 * (1 - self.q0) * np.log(low))
        goal = self.variances if target == "data" else self._final(low, high)
        level = threshold(start, goal, criterion)
        out = first_crossing(self, level, start, low, high)
        return out[0] if self._scalar else out


def _times(tau):
    return array("tau", tau, low=0, infinite_ok=True)


def _decay(c, x):
    """exp(-c x), which is 1 for x = 0 also at c = infinity."""
    if np.isfinite(c).all():
        exponent = np.multiply(c, x)
    else:
        with np.errstate(invalid="ignore"):
            exponent = np.where(x > 0, c * x, 0.0)
    np.negative(exponent, out=exponent)
    return np.exp(exponent, out=exponent)
