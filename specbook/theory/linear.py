"""The one-layer linear denoiser, trained by gradient flow at each noise level apart."""

import numpy as np

from .._check import NOISE, array, per_mode
from ..measure import gaussian_divergence
from ..sampler import Sampling
from .exponential import log_growth
from .mode_law import ModeLaw
from .noncentred import CoupledModes, mean_of_data


def linear(variances, eta=1.0, q0=0.0, *, ridge=0.0, mean=0.0, b0=0.0):
    """Law of a linear denoiser D(x; sigma) = W x + b with a start along the modes of the data.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variance of the data along each mode, not negative, in squared data units.
    eta : float
        Learning rate of gradient flow, positive. Laws depend on eta * tau alone.
    q0 : array_like, shape (mode,), or scalar
        Gain before training, the same at all noise levels.
    ridge : array_like, shape (mode,), or scalar
        Factor of a penalty on the squared weights W in the loss (not on b), not negative, in
        squared data units, the same at all noise levels.
    mean : array_like, shape (mode,), or scalar
        Mean of the data along each mode, at most 1e6 in size, in data units. Modes with a mean
        are coupled: they are solved together, all others by the closed form.
    b0 : array_like, shape (mode,), or scalar
        Bias before training, in data units.

    Returns
    -------
    LinearLaw
        With methods that take training times `tau` (shape (time,) or scalar) and return
        arrays of shape (time, mode); axes of scalar arguments are dropped. For data with a mean
        a `CoupledLaw`, which has the same methods.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite or of the wrong shape, or a variance or the ridge
        negative.

    Notes
    -----
    Wang & Pehlevan, arXiv:2503.03206, sections 2 and 4; loss summed over dimensions. With a ridge
    the gain forgets at the rate of variance + ridge and tends to the variance over the sum of
    variance, ridge and noise; as sigma_min falls, every trained mode then collapses like
    sigma_min to the power 2 ridge / (variance + ridge). Derived here.

    Examples
    --------
    >>> law = linear([1.0, 0.1])
    >>> law.generated_variance([0.0, 1e6]).round(4)
    array([[0.    , 0.    ],
           [0.9998, 0.1   ]])
    >>> linear([1.0, 0.1], ridge=0.1).gain(1.0, np.inf).round(4)
    array([0.4762, 0.0833])
    """
    array("ridge", ridge, low=0)
    mean_of_data(mean)
    variances, scalar_modes, parts = per_mode(variances, q0=q0, ridge=ridge, mean=mean, b0=b0)
    q0, ridge, mean, b0 = parts
    part = 0 if scalar_modes else slice(None)
    if (mean != 0).any():
        q0, ridge, mean, b0 = (values[part] for values in parts)
        return CoupledLaw(variances[part], eta, q0, ridge, mean, b0)
    return LinearLaw(variances[part], eta, q0[part], ridge[part], b0[part])


class OneLayerLaw(ModeLaw):
    """Closed forms of one layer on centred data; what it is made of is said by its subclasses."""

    def __init__(self, variances, eta, q0, ridge, scalar_modes=False):
        super().__init__(variances, eta, scalar_modes)
        self.q0, self.ridge = q0, ridge
        self._rate = variances + ridge
        self._share = np.divide(
            variances, self._rate, out=np.ones(variances.size), where=self._rate > 0
        )

    def _gain(self, sigma, clock, mode):  # eq-gain
        lam = self.variances[mode]
        noisy = lam + sigma**2 + self.ridge[mode]
        # both terms are positive and neither is a difference, so no digits are lost
        rise = clock * noisy
        return self.q0[mode] * np.exp(-rise) - lam / noisy * np.expm1(-rise)

    # --- generated variance: eq-generated-variance in the form of eq-stable -----------------

    def _log_variance(self, clock, mode, low, high):
        return log_growth(clock, self._rate[mode], self.q0[mode], self._share[mode], low, high)

    def _unit(self, low, high):
        """What endless training generates."""
        plain = high**2 * (self._rate + low**2) / (self._rate + high**2)
        return plain * np.exp((self._share - 1) * self._fall(low, high))

    def _fall(self, low, high):
        """ln of the noise range over that of the noisy state, both as ratios of variances."""
        return np.log1p(self._rate / low**2) - np.log1p(self._rate / high**2)

    def _log_unit(self, low, high):
        plain = np.log1p(low**2 / self._rate) - np.log1p(self._rate / high**2)
        return plain - np.log(self._share) + (self._share - 1) * self._fall(low, high)

    def _span(self, low, high):
        return np.log(1e-6 / (self._rate + high**2)), np.log(800 / (self._rate + low**2))


class LinearLaw(OneLayerLaw):
    """Closed forms for a linear denoiser; made by `linear`, which documents the arguments.

    Attributes
    ----------
    variances, q0, ridge, b0 : ndarray, shape (mode,)
        As given to `linear`, one entry for each mode.
    eta : float
        Learning rate of gradient flow.
    """

    _shown = "q0", "ridge", "b0"

    def __init__(self, variances, eta, q0, ridge, b0):
        variances, scalar_modes, (q0, ridge, self.b0) = per_mode(
            variances, q0=q0, ridge=ridge, b0=b0
        )
        super().__init__(variances, eta, q0, ridge, scalar_modes)

    def bias(self, sigma, tau):
        """Bias of the denoiser along each mode.

        Parameters
        ----------
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviation, positive; it matters for data with a mean alone.
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the optimum.

        Returns
        -------
        ndarray, shape (sigma, time, mode)
            In data units; axes of scalar arguments are dropped.

        Notes
        -----
        eq-bias; eq-noncentred for data with a mean.
        """
        s = array("sigma", sigma, **NOISE)
        return self._squeeze(self._bias(s, self._clock(tau)), sigma, tau)

    def _bias(self, sigma, clock):
        return np.repeat((self.b0 * np.exp(-clock[:, None]))[None], sigma.size, axis=0)

    def generated_mean(
        self, tau, sigma_min=0.002, sigma_max=80.0, *, sigmas=None, method="heun", sampling=None
    ):
        """Mean of generated samples along each mode; the sampler starts from noise of mean 0.

        Parameters
        ----------
        tau : array_like, shape (time,), or scalar
            Training time, not negative; infinity gives the limit.
        sigma_min, sigma_max, sigmas, method, sampling : float, array_like, str, Sampling
            How samples are made, as in `generated_variance`.

        Returns
        -------
        ndarray, shape (time, mode)
            In data units.

        Notes
        -----
        eq-mean-flow, by collocation. A mode without mean and bias stays at 0.
        """
        how = Sampling.of(sigma_min, sigma_max, sigmas, method, sampling)
        return self._squeeze(self._mean(self._clock(tau), how), tau)

    def _mean(self, clock, how):
        out = np.zeros((clock.size, self.variances.size))
        for k in np.flatnonzero(self.b0):  # each bias acts alone
            out[:, [k]] = CoupledModes(self, [k], np.zeros(1))._mean(clock, how)
        return out

    def _divergence(self, clock, direction, how):
        log_ratio = self._table(clock, how) + self._over_data(how)
        shift = self._mean(clock, how)
        return gaussian_divergence(log_ratio, shift, self.variances, direction).sum(axis=1)


class CoupledLaw(LinearLaw):
    """A linear denoiser on data with a mean; made by `linear`, which documents the arguments.

    Attributes
    ----------
    variances, q0, ridge, mean, b0 : ndarray, shape (mode,)
        As given to `linear`, one entry for each mode. Modes with a mean or a bias are coupled.
    eta : float
        Learning rate of gradient flow.
    """

    _shown = "q0", "ridge", "mean", "b0"

    def __init__(self, variances, eta, q0, ridge, mean, b0):
        variances, scalar_modes, (q0, ridge, mean, b0) = per_mode(
            variances, q0=q0, ridge=ridge, mean=mean, b0=b0
        )
        super().__init__(variances, eta, q0, ridge, b0)
        self.mean, self._scalar = mean, scalar_modes
        tied = np.flatnonzero((mean != 0) | (b0 != 0))
        free = np.delete(np.arange(mean.size), tied)
        self._parts = [(tied, CoupledModes(self, tied, mean[tied]))]
        if free.size:
            q0, ridge, b0 = q0[free], ridge[free], b0[free]
            self._parts.append((free, LinearLaw(variances[free], eta, q0, ridge, b0)))

    def _joined(self, values):
        """One array over all modes from ``values(law)`` over the modes of each part."""
        parts = [(modes, values(law)) for modes, law in self._parts]
        out = np.empty((*parts[0][1].shape[:-1], self.variances.size))
        for modes, part in parts:
            out[..., modes] = part
        return out

    def _gains(self, sigma, clock):
        return self._joined(lambda law: law._gains(sigma, clock))

    def _bias(self, sigma, clock):
        return self._joined(lambda law: law._bias(sigma, clock))

    def _variance(self, clock, how):
        return self._joined(lambda law: law._variance(clock, how))

    def _mean(self, clock, how):
        return self._joined(lambda law: law._mean(clock, how))

    def _crossing(self, criterion, target, how):
        return self._joined(lambda law: law._crossing(criterion, target, how))

    def _divergence(self, clock, direction, how):
        return sum(law._divergence(clock, direction, how) for _, law in self._parts)
