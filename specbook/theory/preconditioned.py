"""Linear networks behind EDM's parametrisation, trained at each noise level apart."""

import numpy as np

from .._check import integer, per_mode, scalar
from .deep_linear import Balanced
from .exponential import exp1_difference
from .layer_flows import log_span, logistic, riccati
from .mode_law import ModeLaw
from .quadrature import AdaptiveLaw
from .two_layer import BALANCED

NEVER = (
    "start must be positive for two or more layers: at 0 each layer's gradient is multiplied by"
    " other layers that are 0, so such a network never learns; with two layers a positive"
    " imbalance does as well"
)


def preconditioned(
    variances, eta=1.0, sigma_data=0.5, layers=1, start=None, imbalance=0.0
):
    """Law of a linear network behind EDM's parametrisation.

    The denoiser is D(x; sigma) = c_skip x + c_out F(c_in x) with one linear network F, a product
    of matrices, for each noise level, and the loss has EDM's weight, 1 / c_out**2. With F at zero
    D is c_skip x, the best denoiser of data whose variance is sigma_data**2 along every mode.

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
    layers : int
        Number of layers, at least 1; with the same weight along a mode but for `imbalance`.
    start : array_like, shape (mode,), or scalar, optional
        Size of the gain of F before training, the same at all noise levels, not negative; its
        sign is that of what it will learn, of variances - sigma_data**2. Not given it is 0.
        Two or more layers need it above 0, because 0 is a fixed point.
    imbalance : array_like, shape (mode,), or scalar
        For two layers: difference of their squared weights along the mode, kept by training, not
        negative. Where it is positive, `start` may be 0.

    Returns
    -------
    PreconditionedLaw or DeepPreconditionedLaw
        With methods that take training times `tau` (shape (time,) or scalar) and return
        arrays of shape (time, mode); axes of scalar arguments are dropped.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite, negative or of the wrong shape, `eta` or
        `sigma_data` not positive, `layers` not a whole number of at least 1, `imbalance` given
        without two layers, or start 0 where nothing could be learned.

    Notes
    -----
    One layer from zero: eq-emergence-edm-gain and eq-emergence-edm-stable of the book, derived
    there; the parametrisation is that of Karras et al., arXiv:2206.00364, table 1. More layers:
    eq-precond-flow; two balanced ones have the closed form eq-precond-logistic, more of them are
    solved like `deep_linear`, two unbalanced ones like `two_layer`. A mode whose variance is
    sigma_data**2 has nothing to learn and stays as it is. But for one layer from zero the
    variance that the exact flow generates is a quadrature with an error of its logarithm below
    1e-9.

    Examples
    --------
    >>> law = preconditioned([4.0, 0.25, 0.01])
    >>> law.generated_variance([0.0, 1.0, np.inf]).round(3)
    array([[0.25 , 0.25 , 0.25 ],
           [3.807, 0.25 , 0.072],
           [3.998, 0.25 , 0.01 ]])
    >>> law = preconditioned([4.0, 0.25, 0.01], layers=2, start=1e-3)
    >>> law.generated_variance([0.0, 1.0, np.inf]).round(3)
    array([[0.251, 0.25 , 0.249],
           [3.221, 0.25 , 0.247],
           [3.998, 0.25 , 0.01 ]])
    """
    layers = integer("layers", layers)
    given = dict(start=0.0 if start is None else start, imbalance=imbalance)
    variances, scalar_modes, (start, imbalance) = per_mode(variances, **given)
    for name, value in (("start", start), ("imbalance", imbalance)):
        if (value < 0).any():
            raise ValueError(f"{name} must be at least 0, found {value.min():g}")
    if layers != 2 and (imbalance > 0).any():
        raise ValueError(f"imbalance must be 0 unless layers is 2, found layers={layers}")
    if layers > 1 and ((start == 0) & (imbalance == 0)).any():
        raise ValueError(NEVER)
    part = 0 if scalar_modes else slice(None)
    if layers == 1 and (start == 0).all():
        return PreconditionedLaw(variances[part], eta, sigma_data)
    return DeepPreconditionedLaw(
        variances[part], eta, sigma_data, layers, start[part], imbalance[part]
    )


class PreconditionedLaw(ModeLaw):
    """Closed forms of one layer from zero; made by `preconditioned`.

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


class DeepPreconditionedLaw(AdaptiveLaw):
    """Several layers, or one that does not start at zero; made by `preconditioned`.

    Attributes
    ----------
    variances, start, imbalance : ndarray, shape (mode,)
        As given to `preconditioned`, one entry for each mode.
    eta, sigma_data : float
        As given.
    layers : int
        Number of layers.
    """

    def __init__(self, variances, eta, sigma_data, layers, start, imbalance):
        variances, scalar_modes, (self.start, self.imbalance) = per_mode(
            variances, start=start, imbalance=imbalance
        )
        super().__init__(variances, eta, scalar_modes)
        self.sigma_data = scalar("sigma_data", sigma_data, above=0)
        self.layers = layers
        self._balanced = Balanced(layers) if layers > 2 else None

    def _problem(self, sigma, mode):
        """Size of the cross term, power of the input and size of the best gain of the network."""
        lam, sd = self.variances[mode], self.sigma_data
        total, away = sigma**2 + sd**2, np.abs(lam - sd**2)
        drive = sigma * away / (sd * total)  # eq-precond-cross
        return drive, (lam + sigma**2) / total, sigma * away / (sd * (lam + sigma**2))

    def _size(self, clock, drive, damping, mode):
        """Size of the gain of the network: eq-precond-flow solved."""
        start, imbalance = self.start[mode], self.imbalance[mode]
        if self.layers == 1:
            left = np.exp(-clock * damping)
            return start * left - drive / damping * np.expm1(-clock * damping)
        if self.layers > 2:
            return self._balanced(clock, drive, damping, start)
        if (self.imbalance == 0).all():  # eq-precond-logistic
            return logistic(BALANCED * clock, drive, damping, start)
        return riccati(clock, drive, damping, start, imbalance)

    def _gain(self, sigma, clock, mode):  # eq-precond-gain
        lam, sd = self.variances[mode], self.sigma_data
        drive, damping, best = self._problem(sigma, mode)
        size = self._size(clock, drive, damping, mode)
        skip = sd**2 / (sigma**2 + sd**2)
        sign = np.sign(lam - sd**2)
        rising = best > self.start[mode]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            done = np.where(rising, size / best, 0.0)
        # between two gains that are not negative, where the size rises: the end is exact
        between = lam / (lam + sigma**2) * done + skip * (1 - done)
        return np.where(rising, between, skip + sign * sigma * sd / (sigma**2 + sd**2) * size)

    def _span(self, low, high):
        modes, layers = np.arange(self.variances.size), self.layers
        start, ends = self.start, [self._problem(sigma, modes) for sigma in (low, high)]
        lam, sd = self.variances, self.sigma_data
        top = np.maximum(start, np.abs(lam - sd**2) / (2 * sd * np.sqrt(np.maximum(lam, low**2))))
        top = np.maximum(np.maximum(top, self.imbalance), 1e-300)
        damping = np.maximum(ends[0][1], ends[1][1])
        first = 1e-8 / (layers * damping * np.maximum(top, 1))
        lasts = []
        for drive, power, best in ends:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                if layers == 1:
                    last = 60 / power
                elif layers == 2:
                    rate = np.hypot(2 * drive, power * self.imbalance)
                    last = (60 + np.log(8 * top / (start + self.imbalance))) / rate
                else:
                    # plateau from the smaller of start and end, and the approach to the end
                    least = np.minimum(best, start) ** (2 / layers - 1) / (1 - 2 / layers)
                    last = (60 / best ** (1 - 2 / layers) + least) / (layers * drive)
            lasts.append(np.where(np.isnan(last), np.inf, last))
        return log_span(first, np.max(lasts, axis=0))
