"""Linear denoisers on data with a mean: weights and bias learn together.

With theta = [W b] and M the second moments of (noisy data, 1), gradient flow gives
theta(tau) = theta* + (theta(0) - theta*) exp(-2 eta tau M) (eq-noncentred). Modes along which
the data have a mean are coupled, so the probability flow is a matrix equation. It is
integrated by Gauss collocation in ln sigma.
"""

import numpy as np

from .._check import NOISE, array, broadcast, covariance, scalar
from ..measure import gaussian_divergence
from ..sampler import sample
from .mode_law import ModeLaw

STAGES = 8  # order 16
PANEL = 0.25  # width of a panel in ln sigma; halving it changes results by less than 1e-12
CHUNK = 2**24  # numbers held at once while integrating
FARTHEST = 1e6  # mean of the data: the slowest rate, over the fastest, falls with its fourth power


def _curvature(noisy, mean):
    """Eigenvectors and eigenvalues of M, shapes (sigma, d + 1, d + 1) and (sigma, d + 1).

    M = A A^T with the A below: its singular values keep relative accuracy where eigenvalues of
    M, whose small ones are differences of large numbers, would not.
    """
    levels, d = noisy.shape
    a = np.zeros((levels, d + 1, d + 1))
    a[:, np.arange(d), np.arange(d)] = np.sqrt(noisy)
    a[:, :d, d] = mean
    a[:, d, d] = 1
    u, root, _ = np.linalg.svd(a)
    return u, root**2


def _flow(variances, ridge, mean, start, sigma, clock):
    """theta at each noise level and clock, shape (sigma, clock, d, d + 1).

    `start` is theta before training along the modes of the data, shape (d, d + 1).
    """
    d = variances.size
    noise = sigma[:, None] ** 2 + ridge  # a penalty on W acts like noise
    noisy = variances + noise  # (sigma, d)
    u, rates = _curvature(noisy, mean)
    back = np.swapaxes(u, -1, -2)[:, None]
    with np.errstate(over="ignore"):  # long done
        rise = clock[None, :, None] * rates[:, None, :]  # (sigma, clock, d + 1)

    target = np.zeros((sigma.size, d, d + 1))
    target[:, np.arange(d), np.arange(d)] = variances / noisy
    target[:, :, d] = noise / noisy * mean
    # what is left of the start and what is learned of the target, neither as a difference
    left = ((start @ u)[:, None] * np.exp(-rise)[:, :, None, :]) @ back
    learned = -((target @ u)[:, None] * np.expm1(-rise)[:, :, None, :]) @ back
    done = rise.min(axis=-1) > 800
    return left + np.where(done[:, :, None, None], target[:, None], learned)


def mean_of_data(mean):
    """The mean as an array, or ``ValueError`` where rates of training would be rounding errors."""
    return array("mean", mean, low=-FARTHEST, high=FARTHEST)


def linear_weights(cov, sigma, tau, *, eta=1.0, start=0.0, mean=0.0, b0=0.0):
    """Weight matrix and bias of a linear denoiser after gradient flow, from any start.

    Parameters
    ----------
    cov : array_like, shape (d, d)
        Covariance of the data: symmetric, positive semi-definite, in squared data units.
    sigma : float
        Noise standard deviation, positive.
    tau : float
        Training time, not negative.
    eta : float
        Learning rate of gradient flow.
    start : array_like, shape (d, d), or scalar
        Weights before training; a scalar multiplies the identity.
    mean, b0 : array_like, shape (d,), or scalar
        Mean of the data, at most 1e6 in size, and bias before training, in data units.

    Returns
    -------
    weights : ndarray, shape (d, d)
    bias : ndarray, shape (d,)

    Notes
    -----
    eq-noncentred of the book; Wang & Pehlevan, arXiv:2503.03206, equation 7 for centred data.
    """
    cov, variances, modes = covariance("cov", cov)
    d = len(cov)
    sigma, tau = scalar("sigma", sigma, **NOISE), scalar("tau", tau, low=0, infinite_ok=True)
    weights = array("start", start, ndim=2)
    if weights.size == 1:
        weights = weights.ravel()[0] * np.eye(d)
    if weights.shape != (d, d):
        raise ValueError(f"start must have shape {(d, d)} or be a scalar, found {weights.shape}")
    mean = broadcast("mean", mean_of_data(mean), d, "cov") @ modes
    bias = broadcast("b0", array("b0", b0), d, "cov") @ modes
    theta_0 = np.column_stack([modes.T @ weights @ modes, bias])
    clock = np.array([2 * scalar("eta", eta, above=0) * tau])
    theta = _flow(variances, 0.0, mean, theta_0, np.array([sigma]), clock)[0, 0]
    return modes @ theta[:, :d] @ modes.T, modes @ theta[:, d]


def gauss_collocation(stages):
    """Nodes on [0, 1], matrix and weights of the Gauss collocation method."""
    nodes, weights = np.polynomial.legendre.leggauss(stages)
    nodes, weights = (nodes + 1) / 2, weights / 2
    powers = np.arange(stages)
    vandermonde = nodes[:, None] ** powers
    integrals = nodes[:, None] ** (powers + 1) / (powers + 1)
    return nodes, np.linalg.solve(vandermonde.T, integrals.T).T, weights


class CoupledModes(ModeLaw):
    """The modes along which the data have a mean, and those that the bias ties to them.

    States carry one more entry, a constant of the size of the mean, so that the affine flow
    becomes linear.

    Parameters
    ----------
    law : LinearLaw
        Where the modes are from.
    modes : array_like of int, shape (d,)
        Which modes of the law.
    mean : ndarray, shape (d,)
        Mean of the data along them.
    """

    def __init__(self, law, modes, mean):
        super().__init__(law.variances[modes], law.eta)
        self.ridge, self.mean = law.ridge[modes], mean
        self.start = np.column_stack([np.diag(law.q0[modes]), law.b0[modes]])
        self.constant = max(1.0, np.abs(mean).max(), np.abs(law.b0[modes]).max())

    def _theta(self, sigma, clock):
        """Weights and bias side by side, shape (sigma, clock, d, d + 1)."""
        return _flow(self.variances, self.ridge, self.mean, self.start, sigma, clock)

    def _gains(self, sigma, clock):
        return np.diagonal(self._theta(sigma, clock), axis1=2, axis2=3)

    def _bias(self, sigma, clock):
        return self._theta(sigma, clock)[..., -1]

    def _span(self, low, high):
        ends = np.array([[low], [high]])
        _, rates = _curvature(self.variances + self.ridge + ends**2, self.mean)
        return np.log([1e-12 / rates.max()]), np.log([50 / rates.min()])

    def _extended(self, sigma, clock):
        """[W b] with a last row that keeps the constant, shape (sigma, clock, d + 1, d + 1)."""
        d = self.variances.size
        out = np.zeros((sigma.size, clock.size, d + 1, d + 1))
        out[..., :d, :] = self._theta(sigma, clock)
        out[..., :d, d] /= self.constant
        out[..., d, d] = 1
        return out

    def _transport(self, clock, low, high):
        """Map of extended states from noise level high to low, shape (clock, d + 1, d + 1)."""
        size = self.variances.size + 1
        nodes, matrix, weights = gauss_collocation(STAGES)
        panels = int(np.ceil(np.log(high / low) / PANEL))
        edges = np.linspace(np.log(high), np.log(low), panels + 1)
        h = edges[1] - edges[0]
        state = np.broadcast_to(np.eye(size), (clock.size, size, size))
        unit = np.eye(STAGES * size)
        for left in edges[:-1]:
            flow = np.eye(size) - self._extended(np.exp(left + h * nodes), clock)
            flow = np.swapaxes(flow, 0, 1)  # (clock, stage, ...)
            slopes = (flow @ state[:, None]).reshape(clock.size, -1, size)
            # block row i, block column j of the stage equations: a_ij G_i
            coupling = np.einsum("ij,tiab->tiajb", matrix, flow).reshape(clock.size, *unit.shape)
            slopes = np.linalg.solve(unit - h * coupling, slopes)
            slopes = slopes.reshape(clock.size, STAGES, size, size)
            state = state + h * np.einsum("i,tiab->tab", weights, slopes)
        return state

    def _sampled_transport(self, clock, how):
        """The same map for the discrete sampler."""
        at = dict(zip(how.levels.tolist(), self._extended(how.levels, clock), strict=True))
        unit = np.tile(np.eye(self.variances.size + 1), (clock.size, 1, 1))
        return sample(lambda x, s: at[s] @ x, unit, how.sigmas, how.method)

    def moments(self, clock, how):
        """Covariance (clock, d, d) and mean (clock, d) of samples, from noise of mean 0."""
        d = self.variances.size
        levels = STAGES**2 if how.sigmas is None else len(how.sigmas)
        rows = max(1, CHUNK // (levels * (d + 1) ** 2))
        covariances, means = [], []
        for i in range(0, clock.size, rows):
            part = clock[i : i + rows]
            a = (
                self._transport(part, *how.ends)
                if how.sigmas is None
                else self._sampled_transport(part, how)
            )
            linear = how.sigma_max * a[:, :d, :d]
            covariances.append(linear @ np.swapaxes(linear, 1, 2))
            means.append(a[:, :d, d] * self.constant)
        return np.concatenate(covariances), np.concatenate(means)

    def _variance(self, clock, how):
        return np.diagonal(self.moments(clock, how)[0], axis1=1, axis2=2)

    def _mean(self, clock, how):
        return self.moments(clock, how)[1]

    def _curve(self, clock, mode, how):
        with np.errstate(divide="ignore"):
            log = np.log(self._variance(clock.ravel(), how)).reshape(*clock.shape, -1)
        if clock.shape[-1] == 1:
            return log[..., 0, mode]
        return np.take_along_axis(log, mode[:, None], axis=-1)[..., 0]

    def _divergence(self, clock, direction, how):
        """Of Gaussians of which only one has the modes of the data."""
        covariance, mean = self.moments(clock, how)
        root = np.sqrt(self.variances)
        values, vectors = np.linalg.eigh(covariance / (root[:, None] * root))
        along = np.squeeze(((mean - self.mean) / root)[:, None, :] @ vectors, axis=1)
        with np.errstate(divide="ignore"):  # an infinite divergence
            log_ratio = np.log(np.maximum(values, 0))
        return gaussian_divergence(log_ratio, along, 1.0, direction).sum(axis=1)
