"""Two-layer linear denoisers: the tied one, D = P P^T x, and the untied one, D = W2 W1 x."""

import numpy as np
from scipy.integrate import solve_ivp

from .._check import NOISE, array, covariance, not_negative, per_mode, scalar
from .layer_flows import log_span, logistic, logistic_progress, riccati
from .mode_law import ModeLaw
from .quadrature import QuadratureLaw

SMALLEST, STIFFEST = 1e-100, 1e15  # of a start, and of time over the shortest time, of a matrix
TIED, BALANCED = 4.0, 2.0  # logistic rate over variance and clock 2 eta tau
FIXED_POINT = (
    "q0 must be positive: a gain of 0 is a fixed point of gradient flow, because each layer's"
    " gradient is multiplied by the other layers, so nothing would ever be learned"
)


def two_layer(variances, eta=1.0, *, q0, tied=True, imbalance=0.0):
    """Law of a two-layer linear denoiser with a start along the modes of the data.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variance of the data along each mode, not negative, in squared data units.
    eta : float
        Learning rate of gradient flow, positive. Laws depend on eta * tau alone.
    q0 : array_like, shape (mode,), or scalar
        Gain before training, the same at all noise levels: the product of the layers' weights
        along the mode. Positive, because 0 is a fixed point; with an imbalance it may be 0.
    tied : bool
        One matrix used twice, D = P P^T x; otherwise two matrices, D = W2 W1 x.
    imbalance : array_like, shape (mode,), or scalar
        Difference of the squared weights of both layers along the mode, at the start and, since
        training keeps it, at all times. Not negative; only without `tied`.

    Returns
    -------
    LogisticLaw or RiccatiLaw
        With the methods `gain`, `generated_variance`, `emergence_time` and `kl` of `linear`.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite, negative or of the wrong shape, or q0 is 0
        where nothing could be learned.

    Notes
    -----
    eq-deep-gain-tied, eq-deep-variance-tied and eq-deep-harmonic-time of the book for tied layers;
    eq-deep-balanced, eq-deep-unbalanced, eq-deep-riccati, eq-deep-rate and eq-deep-gain-untied for
    untied ones, whose imbalance is eq-deep-invariant.
    Tied and balanced networks have closed forms (Wang & Pehlevan, arXiv:2503.03206, proposition
    5.1, for the tied one); with an imbalance the gain is exact and the generated variance a Gauss
    quadrature over ln sigma with an error below 1e-12.

    Examples
    --------
    >>> law = two_layer([1.0, 0.1], q0=0.01)
    >>> law.generated_variance([0.0, 1.0, 1e6]).round(4)
    array([[0.    , 0.    ],
           [0.6923, 0.    ],
           [0.9998, 0.1   ]])
    """
    if not isinstance(tied, bool | np.bool_):
        raise ValueError(f"tied must be True or False, not {tied!r}")
    variances, scalar_modes, (q0, imbalance) = per_mode(variances, q0=q0, imbalance=imbalance)
    not_negative(q0=q0, imbalance=imbalance)
    if tied and (imbalance > 0).any():
        raise ValueError("imbalance must be 0 for a tied network, whose layers are one matrix")
    if ((q0 == 0) & (imbalance == 0)).any():
        raise ValueError(FIXED_POINT)
    part = 0 if scalar_modes else slice(None)
    if (imbalance == 0).all():
        return LogisticLaw(variances[part], eta, q0[part], TIED if tied else BALANCED)
    return RiccatiLaw(variances[part], eta, q0[part], imbalance[part])


class LogisticLaw(ModeLaw):
    """Closed forms of tied and of balanced two-layer networks; made by `two_layer`.

    Attributes
    ----------
    variances, q0 : ndarray, shape (mode,)
        As given to `two_layer`, one entry for each mode.
    eta : float
        Learning rate of gradient flow.
    pace : float
        Logistic rate over variance and clock 2 eta tau: 4 for a tied network, 2 for an untied one.
    """

    _shown = "q0", "pace"

    def __init__(self, variances, eta, q0, pace):
        variances, scalar_modes, (self.q0,) = per_mode(variances, q0=q0)
        super().__init__(variances, eta, scalar_modes)
        self.pace = pace

    def _gain(self, sigma, clock, mode):  # eq-deep-gain-tied
        lam = self.variances[mode]
        return logistic(self.pace * np.asarray(clock), lam, lam + sigma**2, self.q0[mode])

    def _log_variance(self, clock, mode, low, high):  # eq-deep-variance-tied, likewise
        left, gone = logistic_progress(self.pace * np.asarray(clock), self.variances[mode])
        q0 = self.q0[mode]
        still = left + self.variances[mode] * q0 * gone
        turned = q0 * gone / still
        with np.errstate(over="ignore", divide="ignore"):
            spread = np.log1p(-((low / high) ** 2)) + 2 * np.log(high / low)
            kept = np.logaddexp(0.0, spread - np.log1p(turned * high**2))
        return 2 * np.log(low) + q0 / still * kept

    def _span(self, low, high):
        lam, q0 = self.variances, self.q0
        first = 1e-8 / (lam + q0 * (lam + high**2))
        with np.errstate(divide="ignore"):
            last = np.where(lam > 0, (60 + np.maximum(0, -np.log(q0))) / lam, 1e17 / (q0 * low**2))
        return log_span(first, last)


class RiccatiLaw(QuadratureLaw):
    """Untied two-layer networks with an imbalance; made by `two_layer`.

    Attributes
    ----------
    variances, q0, imbalance : ndarray, shape (mode,)
        As given to `two_layer`, one entry for each mode.
    eta : float
        Learning rate of gradient flow.
    """

    _shown = "q0", "imbalance"

    def __init__(self, variances, eta, q0, imbalance):
        variances, scalar_modes, (self.q0, self.imbalance) = per_mode(
            variances, q0=q0, imbalance=imbalance
        )
        super().__init__(variances, eta, scalar_modes)

    def _gain(self, sigma, clock, mode):  # eq-deep-gain-untied
        lam = self.variances[mode]
        return riccati(clock, lam, lam + sigma**2, self.q0[mode], self.imbalance[mode])

    def _span(self, low, high):
        lam, delta = self.variances, self.imbalance
        largest = np.hypot(delta, 2 * np.maximum(self.q0, 1))
        first = 1e-8 / (2 * lam + (lam + high**2) * largest)
        rate = np.hypot(2 * lam, (lam + low**2) * delta)
        y0 = 2 * self.q0 + np.hypot(delta, 2 * self.q0)
        with np.errstate(divide="ignore"):
            last = np.where(
                rate > 0, (60 + np.maximum(0, np.log(8 / y0))) / rate, 1e17 / (y0 * low**2),
            )
        return log_span(first, last)


def two_layer_weights(cov, sigma, tau, *, eta=1.0, start):
    """Weight matrix P P^T of a tied two-layer denoiser after gradient flow, from any start.

    Parameters
    ----------
    cov : array_like, shape (d, d)
        Covariance of the data: symmetric, positive semi-definite, in squared data units.
    sigma : float
        Noise standard deviation, positive.
    tau : float
        Training time, not negative and finite.
    eta : float
        Learning rate of gradient flow, positive.
    start : array_like, shape (d, width)
        P before training, 0 or at least 1e-100 in size. Directions that it does not reach are
        never learned.

    Returns
    -------
    ndarray, shape (d, d)
        By integration of dP / d tau (eq-deep-matrix-flow), relative error about 1e-10.

    Notes
    -----
    Off the modes of the data there is no closed form.

    Examples
    --------
    >>> two_layer_weights(np.diag([1.0, 0.1]), 0.5, 1.0, start=[[0.1, 0.0], [0.1, 0.1]]).round(3)
    array([[0.776, 0.038],
           [0.038, 0.024]])
    """
    cov, variances, modes = covariance("cov", cov)
    sigma, tau = scalar("sigma", sigma, **NOISE), scalar("tau", tau, low=0)
    clock = 2 * scalar("eta", eta, above=0) * tau
    start = array("start", start, ndim=2)
    if start.ndim != 2 or start.shape[0] != len(cov):
        raise ValueError(f"start must have shape ({len(cov)}, width), found {start.shape}")
    noisy = variances + sigma**2
    shape, size = start.shape, np.abs(start).max()
    if 0 < size < SMALLEST:
        raise ValueError(f"start must be 0 or at least {SMALLEST:g} in size, found {size:g}")
    if clock * noisy.max() * max(1.0, size) ** 2 > STIFFEST:
        raise ValueError(
            f"tau is too long to integrate: 2 eta tau times variance plus sigma**2, and times the"
            f" square of start where it is above 1, must be at most {STIFFEST:g}"
        )

    def slope(_, p):
        p = p.reshape(shape)
        pull = p @ (p.T * noisy)  # W S
        pull = pull + pull.T
        pull[np.diag_indices_from(pull)] -= 2 * variances
        return -clock * (pull @ p).ravel()

    path = solve_ivp(
        slope, (0, 1), (modes.T @ start).ravel(), method="LSODA", rtol=1e-12,
        atol=1e-14 * max(size, SMALLEST),
    )
    if not path.success:
        raise FloatingPointError(f"the flow could not be integrated to tau = {tau:g}")
    p = modes @ path.y[:, -1].reshape(shape)
    return p @ p.T
