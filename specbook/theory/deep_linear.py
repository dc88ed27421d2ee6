"""Deep linear denoisers, balanced: the gain is a product of equal factors.

With rho the smaller of gain over best gain and its inverse, training moves a function of rho
alone at constant speed (eq-deep-implicit):

    J_b(rho) = integral of t^(b - 1) / (1 - t) up to rho,

b = 2 / depth - 1 below the best gain (the divergence at 0 left out) and b = 2 - 2 / depth above.
"""

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.interpolate import CubicHermiteSpline
from scipy.special import digamma, poch

from .._check import integer, per_mode
from .layer_flows import log_span
from .quadrature import QuadratureLaw
from .two_layer import BALANCED, FIXED_POINT, LogisticLaw

TERMS = np.arange(55)  # of power series at arguments up to one half
DONE = 45.0  # logit of rho at which rho is 1 to rounding error
NOTHING = 1e-100  # best gain over start that counts as 0


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
    time as a function of the gain is known, and inverted by Newton's method to rounding error of
    the time; the generated variance is a Gauss quadrature over ln sigma with an error below 1e-12.

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
    if (q0 < 0).any():
        raise ValueError(f"q0 must be positive, found {q0.min():g}")
    if (q0 == 0).any():
        raise ValueError(FIXED_POINT)
    part = 0 if scalar_modes else slice(None)
    if depth == 2:
        return LogisticLaw(variances[part], eta, q0[part], BALANCED)
    return DeepLaw(variances[part], depth, eta, q0[part])


class Progress:
    """The function J_b of this module and its inverse, both in terms of logit rho."""

    def __init__(self, b):
        self.b, self.rising = b, b < 0
        positive = b + 1 if self.rising else b
        self._near_0 = 1 / (TERMS + positive)
        k = TERMS[1:]
        self._near_1 = np.append(0.0, poch(1 - positive, k) / poch(1.0, k) / k)
        self._constant = -digamma(positive) + digamma(1.0)
        self._positive = positive
        grid = np.concatenate([np.arange(-400.0 / max(1, b), -60, 10), np.arange(-60, DONE, 0.01)])
        value = self(grid)
        slope = self.slope(grid) / (np.hypot(1, value) if self.rising else value)
        self._guess = CubicHermiteSpline(self._flat(value), grid, 1 / slope)
        self._end = value[-1]

    def _flat(self, value):
        """A transform of J in which logit rho is nearly linear at both ends."""
        return np.arcsinh(value) if self.rising else np.log(value)

    def slope(self, logit):
        """Derivative of J by logit rho, which is rho^b."""
        return np.exp(-self.b * np.logaddexp(0, -logit))

    def __call__(self, logit):
        logit = np.asarray(logit)
        log_rho = -np.logaddexp(0, -logit)
        out = np.empty(logit.shape)
        low, high = logit < 0, logit >= 0
        at = log_rho[low]
        out[low] = np.exp(self._positive * at) * polyval(np.exp(at), self._near_0)
        at = log_rho[high] - logit[high]  # ln (1 - rho)
        out[high] = self._constant - at - polyval(np.exp(at), self._near_1)
        return out + np.exp(self.b * log_rho) / self.b if self.rising else out

    def inverse(self, value):
        """rho at which J has this value: a spline's guess and a step of Newton's method."""
        last = value >= self._end
        value = np.where(last, self._end, value)
        logit = self._guess(self._flat(value))
        logit = logit - (self(logit) - value) / self.slope(logit)
        return np.where(last, 1.0, np.exp(-np.logaddexp(0, -logit)))


class Balanced:
    """Solution x of dx / dclock = depth x^(2 - 2 / depth) (drive - damping x).

    Parameters
    ----------
    depth : int
        Number of layers, at least 3.
    """

    def __init__(self, depth):
        self.depth = depth
        self._below, self._above = Progress(2 / depth - 1), Progress(2 - 2 / depth)

    def __call__(self, clock, drive, damping, start):
        """The solution at arrays that broadcast: `drive` not negative, others but `clock` positive.

        Returns
        -------
        ndarray
        """
        clock, drive, damping, start = np.broadcast_arrays(clock, drive, damping, start)
        best = drive / damping
        nothing = best < NOTHING * start
        with np.errstate(over="ignore"):  # nothing to learn
            power = 2 - 2 / self.depth
            fading = 1 + 2 * (self.depth - 1) * damping * clock * start**power
            out = start * fading ** (-1 / power)
            speed = self.depth * drive * best ** (1 - 2 / self.depth)
            ahead = speed * clock
        for progress, part in (
            (self._below, (best > start) & ~nothing), (self._above, (best < start) & ~nothing)
        ):
            if part.any():
                b, q = best[part], start[part]
                # logit of the smaller over the larger
                logit = np.log(np.minimum(b, q)) - np.log(np.abs(b - q))
                rho = progress.inverse(progress(logit) + ahead[part])
                out[part] = b * rho if progress.rising else b / rho
        return np.where((clock == 0) | (best == start), start, out)


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
        self._product = Balanced(depth)

    def _gain(self, sigma, clock, mode):
        lam = self.variances[mode]
        return self._product(clock, lam, lam + sigma**2, self.q0[mode])

    def _span(self, low, high):
        lam, q0, depth = self.variances, self.q0, self.depth
        top = np.maximum(q0, 1)
        first = 1e-8 / (depth * top ** (1 - 2 / depth) * (lam + (lam + high**2) * top))
        lasts = [np.where(lam > 0, 0.0, 1e20 / low**2)]
        for sigma in (low, high):
            best = lam / (lam + sigma**2)
            with np.errstate(divide="ignore", invalid="ignore"):
                start = np.minimum(best, q0) ** (2 / depth - 1) / (1 - 2 / depth)
                speed = depth * lam * best ** (1 - 2 / depth)
                scaled = start * best ** (1 - 2 / depth)
                lasts.append(np.where(lam > 0, (60 + scaled) / speed, 0.0))
        return log_span(first, np.max(lasts, axis=0))
