"""The linear network behind EDM's parametrisation, trained at each noise level apart."""

import numpy as np

from .._check import per_mode, scalar
from .exponential import exp1_difference
from .mode_law import ModeLaw


def preconditioned(variances, eta=1.0, sigma_data=0.5):
    """Law of a linear network behind EDM's parametrisation, started at zero.

    The denoiser is D(x; sigma) = c_skip x + c_out A (c_in x) with one matrix A for each noise
    level, and the loss has EDM's weight, 1 / c_out**2. Before training D is c_skip x, the best
    denoiser of data whose variance is sigma_data**2 along every mode.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variance of the data along each mode, not negative, in squared data units.
    eta : float
        Learning rate of gradient flow, positive. Laws depend on eta * tau alone, and tau has no
        unit here: the network sees inputs of unit size.
    sigma_data : float
        Standard deviation that the parametrisation assumes for the data, positive, in data
        units.

    Returns
    -------
    PreconditionedLaw
        With methods that take training times `tau` (shape (time,) or scalar) and return
        arrays of shape (time, mode); axes of scalar arguments are dropped.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite or of the wrong shape, a variance negative, or
        `eta` or `sigma_data` not positive.

    Notes
    -----
    eq-emergence-edm-gain and eq-emergence-edm-stable of the book, derived there; the
    parametrisation is that of Karras et al., arXiv:2206.00364, table 1.

    Examples
    --------
    >>> law = preconditioned([4.0, 0.25, 0.01])
    >>> law.generated_variance([0.0, 1.0, np.inf]).round(3)
    array([[0.25 , 0.25 , 0.25 ],
           [3.807, 0.25 , 0.072],
           [3.998, 0.25 , 0.01 ]])
    """
    return PreconditionedLaw(variances, eta, sigma_data)


class PreconditionedLaw(ModeLaw):
    """Closed forms behind EDM's parametrisation; made by `preconditioned`.

    Attributes
    ----------
    variances : ndarray, shape (mode,)
        As given to `preconditioned`.
    eta, sigma_data : float
        As given.
    """

    def __init__(self, variances, eta, sigma_data):
        variances, scalar_modes, _ = per_mode(variances)
        super().__init__(variances, eta, scalar_modes)
        self.sigma_data = scalar("sigma_data", sigma_data, above=0)

    def _rate(self, sigma, mode):
        """Rate of the gain over 2 eta: eq-emergence-edm-flow."""
        return (self.variances[mode] + sigma**2) / (self.sigma_data**2 + sigma**2)

    def _gain(self, sigma, clock, mode):
        skip = self.sigma_data**2 / (self.sigma_data**2 + sigma**2)
        best = self.variances[mode] / (self.variances[mode] + sigma**2)
        rise = clock * self._rate(sigma, mode)
        # both terms are positive and neither is a difference, so no digits are lost
        return skip * np.exp(-rise) - best * np.expm1(-rise)

    def _log_variance(self, clock, mode, low, high):
        first, last = self._rate(high, mode), self._rate(low, mode)
        lam = self.variances[mode]
        end = 2 * np.log(high) + np.log((lam + low**2) / (lam + high**2))
        # E_1 falls, so the difference is formed from the slower rate to the faster one
        growth = exp1_difference(clock, np.minimum(last, first), np.maximum(last, first))
        return end + np.sign(first - last) * growth

    def _span(self, low, high):
        rates = self._rate(low, slice(None)), self._rate(high, slice(None))
        return np.log(1e-6 / np.maximum(*rates)), np.log(800 / np.minimum(*rates))
