"""Deep linear denoisers, balanced: the gain is a product of equal factors."""

import numpy as np

from .._check import integer, not_negative, per_mode
from .balanced import balanced
from .layer_flows import log_span
from .quadrature import QuadratureLaw
from .two_layer import BALANCED, FIXED_POINT, LogisticLaw


def deep_linear(variances, depth, eta=1.0, *, q0):
    """Law of a linear denoiser of several layers, balanced, with a start along the modes.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variance of the data along each mode, not negative, in squared data units.
    depth : int
        Number of layers, at least 2; all start with the same weight along a mode.
    eta : float
        Learning rate of gradient flow, positive. Laws depend on eta * tau alone.
    q0 : array_like, shape (mode,), or scalar
        Gain before training, the same at all noise levels: the product of the layers' weights
        along the mode. Positive, because 0 is a fixed point.

    Returns
    -------
    DeepLaw or LogisticLaw
        With the methods `gain`, `generated_variance`, `emergence_time` and `kl` of `linear`. At
        depth 2 the closed forms of `two_layer` without ties.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite, negative or of the wrong shape, depth is not a whole
        number of at least 2, or q0 is 0.

    Notes
    -----
    eq-deep-flow, eq-deep-implicit and, for a small start, eq-deep-small-start of the book. The
    time as a function of the gain is known, and inverted once for all modes, on a fine table;
    the generated variance is a Gauss quadrature over ln sigma with an error below 1e-12.

    Examples
    --------
    >>> law = deep_linear([1.0, 0.1], depth=3, q0=0.01)
    >>> law.gain(0.5, [0.0, 1.0, 1e6]).round(4)
    array([[0.01  , 0.01  ],
           [0.0508, 0.0114],
           [0.8   , 0.2857]])
    """
    depth = integer("depth", depth, low=2)
    variances, scalar_modes, (q0,) = per_mode(variances, q0=q0)
    not_negative(q0=q0)
    if (q0 == 0).any():
        raise ValueError(FIXED_POINT)
    part = 0 if scalar_modes else slice(None)
    if depth == 2:
        return LogisticLaw(variances[part], eta, q0[part], BALANCED)
    return DeepLaw(variances[part], depth, eta, q0[part])


class DeepLaw(QuadratureLaw):
    """Balanced networks of three or more layers; made by `deep_linear`.

    Attributes
    ----------
    variances, q0 : ndarray, shape (mode,)
        As given to `deep_linear`, one entry for each mode.
    depth : int
        Number of layers.
    eta : float
        Learning rate of gradient flow.
    """

    _shown = "depth", "q0"

    def __init__(self, variances, depth, eta, q0):
        variances, scalar_modes, (self.q0,) = per_mode(variances, q0=q0)
        super().__init__(variances, eta, scalar_modes)
        self.depth = depth
        self._product = balanced(depth)

    def _gain(self, sigma, clock, mode):
        lam = self.variances[mode]
        return self._product(clock, lam, lam + sigma**2, self.q0[mode])

    def _span(self, low, high):
        lam, q0, depth = self.variances, self.q0, self.depth
        top = np.maximum(q0, 1)
        first = 1e-8 / (depth * top ** (1 - 2 / depth) * (lam + (lam + high**2) * top))
        power = 2 - 2 / depth
        lasts = [np.where(lam > 0, 0.0, 1e14**power / (low**2 * q0**power))]  # it fades slowly
        for sigma in (low, high):
            best = lam / (lam + sigma**2)
            with np.errstate(divide="ignore", invalid="ignore"):
                start = np.minimum(best, q0) ** (2 / depth - 1) / (1 - 2 / depth)
                speed = depth * lam * best ** (1 - 2 / depth)
                scaled = start * best ** (1 - 2 / depth)
                lasts.append(np.where(lam > 0, (60 + scaled) / speed, 0.0))
        return log_span(first, np.max(lasts, axis=0))
