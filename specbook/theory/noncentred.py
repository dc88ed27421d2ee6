"""Linear denoisers on data with a mean: weights and bias learn together.

With theta = [W b] and M the second moments of (noisy data, 1), gradient flow gives
theta(tau) = theta* + (theta(0) - theta*) exp(-2 eta tau M) (eq-noncentred). Modes along which
the data have a mean are coupled, so the probability flow is a matrix equation. It is
integrated by Gauss collocation in ln sigma.
"""

import numpy as np

from .._check import array, broadcast, choice, covariance, scalar
from ..sampler import METHODS, check_sigmas, sample

STAGES = 8  # order 16
PANEL = 0.25  # width of a panel in ln sigma; halving it changes results by less than 1e-12
CHUNK = 2**24  # numbers held at once while integrating


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


def _flow(variances, mean, start, sigma, clock):
    """theta at each noise level and clock, shape (sigma, clock, d, d + 1).

    `start` is theta before training along the modes of the data, shape (d, d + 1).
    """
    d = variances.size
    noisy = variances + sigma[:, None] ** 2  # (sigma, d)
    u, rates = _curvature(noisy, mean)
    back = np.swapaxes(u, -1, -2)[:, None]
    rise = clock[None, :, None] * rates[:, None, :]  # (sigma, clock, d + 1)

    target = np.zeros((sigma.size, d, d + 1))
    target[:, np.arange(d), np.arange(d)] = variances / noisy
    target[:, :, d] = sigma[:, None] ** 2 / noisy * mean
    # what is left of the start and what is learned of the target, neither as a difference
    left = ((start @ u)[:, None] * np.exp(-rise)[:, :, None, :]) @ back
    learned = -((target @ u)[:, None] * np.expm1(-rise)[:, :, None, :]) @ back
    done = rise.min(axis=-1) > 800
    return left + np.where(done[:, :, None, None], target[:, None], learned)


def linear_weights(cov, sigma, tau, *, eta=1.0, weights=0.0, mean=0.0, bias=0.0):
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
    weights : array_like, shape (d, d), or scalar
        Weights before training; a scalar multiplies the identity.
    mean, bias : array_like, shape (d,), or scalar
        Mean of the data and bias before training, in data units.

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
    sigma, tau = scalar("sigma", sigma, above=0), scalar("tau", tau, low=0, infinite_ok=True)
    weights = array("weights", weights, ndim=2)
    if weights.size == 1:
        weights = weights.ravel()[0] * np.eye(d)
    if weights.shape != (d, d):
        raise ValueError(f"weights must have shape {(d, d)} or be a scalar, found {weights.shape}")
    mean = broadcast("mean", array("mean", mean), d, "cov") @ modes
    bias = broadcast("bias", array("bias", bias), d, "cov") @ modes
    start = np.column_stack([modes.T @ weights @ modes, bias])
    clock = np.array([2 * scalar("eta", eta, above=0) * tau])
    theta = _flow(variances, mean, start, np.array([sigma]), clock)[0, 0]
    return modes @ theta[:, :d] @ modes.T, modes @ theta[:, d]


def gauss_collocation(stages):
    """Nodes on [0, 1], matrix and weights of the Gauss collocation method."""
    nodes, weights = np.polynomial.legendre.leggauss(stages)
    nodes, weights = (nodes + 1) / 2, weights / 2
    powers = np.arange(stages)
    vandermonde = nodes[:, None] ** powers
    integrals = nodes[:, None] ** (powers + 1) / (powers + 1)
    return nodes, np.linalg.solve(vandermonde.T, integrals.T).T, weights


class CoupledModes:
    """The modes along which the data have a mean, and those that the bias ties to them.

    Time is the training clock c = 2 eta tau. States carry one more entry, a constant of the
    size of the mean, so that the affine flow becomes linear.

    Parameters
    ----------
    variances, q0, mean, b0 : ndarray, shape (d,)
    """

    def __init__(self, variances, q0, mean, b0):
        self.variances, self.mean = variances, mean
        self.start = np.column_stack([np.diag(q0), b0])
        self.constant = max(1.0, np.abs(mean).max(), np.abs(b0).max())

    def theta(self, sigma, clock):
        """Weights and bias side by side, shape (sigma, clock, d, d + 1)."""
        return _flow(self.variances, self.mean, self.start, sigma, clock)

    def span(self, low, high):
        """Logarithms of a clock before all learning and of one after it."""
        ends = np.array([[low], [high]])
        _, rates = _curvature(self.variances + ends**2, self.mean)
        return np.log(1e-12 / rates.max()), np.log(50 / rates.min())

    def _extended(self, sigma, clock):
        """[W b] with a last row that keeps the constant, shape (sigma, clock, d + 1, d + 1)."""
        d = self.variances.size
        out = np.zeros((sigma.size, clock.size, d + 1, d + 1))
        out[..., :d, :] = self.theta(sigma, clock)
        out[..., :d, d] /= self.constant
        out[..., d, d] = 1
        return out

    def transport(self, clock, low, high):
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

    def sampled_transport(self, clock, sigmas, method):
        """The same map for the discrete sampler on the grid `sigmas`."""
        choice("method", method, tuple(METHODS))
        sigmas = check_sigmas(sigmas)
        levels = np.array([s for s in sigmas if s > 0])
        at = dict(zip(levels.tolist(), self._extended(levels, clock), strict=True))
        size = self.variances.size + 1
        unit = np.tile(np.eye(size), (clock.size, 1, 1))
        return sample(lambda x, s: at[s] @ x, unit, sigmas, method)

    def moments(self, clock, low, high, sigmas=None, method="heun"):
        """Covariance (clock, d, d) and mean (clock, d) of samples, from noise of mean 0."""
        d = self.variances.size
        levels = STAGES**2 if sigmas is None else len(sigmas)
        rows = max(1, CHUNK // (levels * (d + 1) ** 2))
        start = high if sigmas is None else float(np.max(sigmas))
        covariances, means = [], []
        for i in range(0, clock.size, rows):
            part = clock[i : i + rows]
            a = (
                self.transport(part, low, high)
                if sigmas is None
                else self.sampled_transport(part, sigmas, method)
            )
            linear = start * a[:, :d, :d]
            covariances.append(linear @ np.swapaxes(linear, 1, 2))
            means.append(a[:, :d, d] * self.constant)
        return np.concatenate(covariances), np.concatenate(means)
