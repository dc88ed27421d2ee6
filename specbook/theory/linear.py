"""The one-layer linear denoiser, trained by gradient flow at each noise level apart."""

import numpy as np

from .._check import array, choice
from ..measure import DIRECTIONS, gaussian_divergence
from .crossing import first_crossing
from .divergence import full_divergence
from .exponential import log_growth
from .mode_law import ModeLaw, Sampling, per_mode
from .noncentred import CoupledModes

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


class LinearLaw(ModeLaw):
    """Closed forms for a linear denoiser; made by `linear`, which documents the arguments.

    Attributes
    ----------
    variances, q0, mean, b0 : ndarray, shape (mode,)
        As given to `linear`, one entry for each mode.
    eta : float
        Learning rate of gradient flow.
    """

    def __init__(self, variances, eta, q0, mean, b0):
        variances, scalar_modes, (self.q0, self.mean, self.b0) = per_mode(
            variances, q0=q0, mean=mean, b0=b0
        )
        super().__init__(variances, eta, scalar_modes)
        self._tied = np.zeros(variances.size, bool)
        if (self.mean != 0).any():
            self._tied = (self.mean != 0) | (self.b0 != 0)
        self._block = self._coupled(self._tied) if self._tied.any() else None

    def _coupled(self, group):
        parts = (self.variances, self.q0, self.mean, self.b0)
        return CoupledModes(*(values[group] for values in parts))

    # --- denoiser: eq-gain; for coupled modes, the diagonal of the weight matrix -------------

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

    # --- generated distribution: eq-generated-variance in the form of eq-stable -------------

    def _flow_variance(self, clock, low, high):
        out = np.exp(self._log_growth(clock, low, high))
        return out * (high**2 * (self.variances + low**2) / (self.variances + high**2))

    def _variance(self, clock, how):
        out = super()._variance(clock, how)
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
        how = Sampling.checked(sigma_min, sigma_max, sigmas, method)
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
    ):
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
        how = Sampling.checked(sigma_min, sigma_max, sigmas, method)
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

    def _crossing(self, low, high, target, criterion):
        return first_crossing(self, low, high, target, criterion)
