"""Linear networks behind a parametrisation such as EDM's, trained at each noise level apart."""

import numpy as np

from .._check import NOISE, integer, not_negative, per_mode, scalar
from .balanced import balanced
from .exponential import exp1_difference
from .layer_flows import log_span, logistic, riccati
from .parametrisation import Parametrisation
from .quadrature import AdaptiveLaw
from .two_layer import BALANCED

SPAN_LEVELS = 65  # noise levels at which first and last times are looked for
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
    sd = scalar("sigma_data", sigma_data, **NOISE)
    return behind(Parametrisation("edm", sd), variances, eta, layers, start, imbalance)


def behind(parametrisation, variances, eta, layers, start, imbalance):
    """The law of a linear network in this `Parametrisation`; others as in `preconditioned`."""
    variances, scalar_modes, (start, imbalance) = network(variances, layers, start, imbalance)
    part = 0 if scalar_modes else slice(None)
    if layers == 1 and (start == 0).all() and parametrisation.kind == "edm":
        return PreconditionedLaw(variances[part], eta, parametrisation)
    return DeepPreconditionedLaw(
        variances[part], eta, parametrisation, layers, start[part], imbalance[part]
    )


def network(variances, layers, start, imbalance):
    """Check layers and their start; what `per_mode` returns for the rest."""
    integer("layers", layers)
    given = dict(start=0.0 if start is None else start, imbalance=imbalance)
    variances, scalar_modes, (start, imbalance) = per_mode(variances, **given)
    not_negative(start=start, imbalance=imbalance)
    if layers != 2 and (imbalance > 0).any():
        raise ValueError(f"imbalance must be 0 unless layers is 2, found layers={layers}")
    if layers > 1 and ((start == 0) & (imbalance == 0)).any():
        raise ValueError(NEVER)
    return variances, scalar_modes, (start, imbalance)


class DeepPreconditionedLaw(AdaptiveLaw):
    """Linear layers behind a parametrisation; made by `preconditioned` and `for_model`.

    Attributes
    ----------
    variances, start, imbalance : ndarray, shape (mode,)
        As given to `preconditioned`, one entry for each mode.
    eta : float
        As given.
    kind : {"epsilon", "velocity", "edm"}
        What the network predicts, as in `for_model`; "v" is "edm" for a deviation of 1.
    sigma_data, scale : float, str
        As given to `preconditioned` and `for_model`; None for a kind that has none.
    parametrisation : tuple
        These three.
    layers : int
        Number of layers.
    """

    _shown = "kind", "sigma_data", "scale", "layers", "start", "imbalance"

    def __init__(self, variances, eta, parametrisation, layers, start, imbalance):
        variances, scalar_modes, (self.start, self.imbalance) = per_mode(
            variances, start=start, imbalance=imbalance
        )
        super().__init__(variances, eta, scalar_modes)
        self.kind, self.sigma_data, self.scale = self.parametrisation = parametrisation
        self.layers = layers
        self._smooth = layers == 1 and not self.start.any()
        self._balanced = balanced(layers) if layers > 2 else None

    def _size(self, clock, drive, damping, mode):
        """Size of the gain of the network: eq-precond-flow solved."""
        start, imbalance = self.start[mode], self.imbalance[mode]
        if self.layers > 2:
            return self._balanced(clock, drive, damping, start)
        if (self.imbalance == 0).all():  # eq-precond-logistic
            return logistic(BALANCED * clock, drive, damping, start)
        return riccati(clock, drive, damping, start, imbalance)

    def _gain(self, sigma, clock, mode):  # eq-precond-gain
        lam, start = self.variances[mode], self.start[mode]
        skip, scale, power, cross = self.parametrisation.problem(sigma, lam)
        ideal, scale = lam / (lam + sigma**2), np.sign(cross) * scale
        if self.layers == 1:
            rise = clock * power
            # the end is not what is left of a difference, so no digits are lost
            return (skip + scale * start) * np.exp(-rise) - ideal * np.expm1(-rise)
        drive = np.abs(cross)
        best = drive / power
        size = self._size(clock, drive, power, mode)
        rising = best > start
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            done = np.where(rising, size / best, 0.0)
        # between two gains that are not negative, where the size rises: the end is exact
        return np.where(rising, ideal * done + skip * (1 - done), skip + scale * size)

    def _span(self, low, high):
        layers, start, imbalance = self.layers, self.start, self.imbalance
        sigma = np.geomspace(low, high, SPAN_LEVELS)[:, None]
        _, _, power, cross = self.parametrisation.problem(sigma, self.variances)
        drive, largest = np.abs(cross), power.max(axis=0)
        best = drive / power
        top = np.maximum(np.maximum(best.max(axis=0), start), np.maximum(imbalance, 1e-300))
        first = 1e-8 / (layers * largest * np.maximum(top, 1))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if layers == 1:
                last = 60 / power
            elif layers == 2:
                rate = np.hypot(2 * drive, power * imbalance)
                last = (60 + np.log(8 * top / (start + imbalance))) / rate
            else:
                # plateau from the smaller of start and end, and the approach to the end
                least = np.minimum(best, start) ** (2 / layers - 1) / (1 - 2 / layers)
                last = (60 / best ** (1 - 2 / layers) + least) / (layers * drive)
        return log_span(first, np.where(np.isnan(last), np.inf, last).max(axis=0))


class PreconditionedLaw(DeepPreconditionedLaw):
    """Closed forms of one layer from zero behind EDM's parametrisation; made by `preconditioned`.

    Attributes
    ----------
    variances : ndarray, shape (mode,)
        As given to `preconditioned`.
    eta, sigma_data : float
        As given.
    parametrisation : tuple
        "edm", `sigma_data` and None.
    """

    def __init__(self, variances, eta, parametrisation):
        super().__init__(variances, eta, parametrisation, 1, 0.0, 0.0)

    def _rates(self, *sigma):
        """Rates of the gain at these noise levels over 2 eta: eq-emergence-edm-flow."""
        return [self.parametrisation.problem(np.float64(s), self.variances).power for s in sigma]

    def _log_variance(self, clock, mode, low, high):
        last, first = (rates[mode] for rates in self._rates(low, high))
        lam = self.variances[mode]
        end = 2 * np.log(high) + np.log((lam + low**2) / (lam + high**2))
        # E_1 falls, so the difference is formed from the slower rate to the faster one
        growth = exp1_difference(clock, np.minimum(last, first), np.maximum(last, first))
        return end + np.sign(first - last) * growth

    def _span(self, low, high):
        rates = self._rates(low, high)
        return np.log(1e-6 / np.maximum(*rates)), np.log(800 / np.minimum(*rates))
