"""Linear denoisers on data with a mean: weights and bias learn together.

With theta = [W b] and M the second moments of (noisy data, 1), gradient flow gives
theta(tau) = theta* + (theta(0) - theta*) exp(-2 eta tau M) (eq-noncentred). Modes along which
the data have a mean are coupled, so the probability flow is a matrix equation. It is
integrated by Gauss collocation in ln sigma.
"""

import numpy as np

from .._check import array, choice, scalar
from ..sampler import METHODS, check_sigmas, sample

STAGES = 8  # order 16
PANEL = 0.25  # width of a panel in ln sigma; halving it changes results by less than 1e-12


def _flow(variances, mean, start, sigma, clock):
    """theta at each noise level and clock, shape (sigma, clock, d, d + 1).

    `start` is theta before training along the modes of the data, shape (d, d + 1).
    """
    d = variances.size
    noisy = variances + sigma[:, None] ** 2  # (sigma, d)
    # M = A A^T with this A: its singular values keep relative accuracy where eigenvalues of M,
    # whose small ones are differences of large numbers, would not.
    a = np.zeros((sigma.size, d + 1, d + 1))
    a[:, np.arange(d), np.arange(d)] = np.sqrt(noisy)
    a[:, :d, d] = mean
    a[:, d, d] = 1
    u, root, _ = np.linalg.svd(a)
    rates = root**2

    best = variances / noisy
    target = np.zeros((sigma.size, d, d + 1))
    target[:, np.arange(d), np.arange(d)] = best
    target[:, :, d] = sigma[:, None] ** 2 / noisy * mean
    with np.errstate(invalid="ignore"):
        learned = -np.expm1(-clock[None, :, None] * rates[:, None, :])  # (sigma, clock, d + 1)
    step = (target - start) @ u  # (sigma, d, d + 1)
    return start + (step[:, None] * learned[:, :, None, :]) @ np.swapaxes(u, -1, -2)[:, None]


def linear_weights(covariance, sigma, tau, *, eta=1.0, weights=0.0, mean=0.0, bias=0.0):
    """Weight matrix and bias of a linear denoiser after gradient flow, from any start.

    Parameters
    ----------
    covariance : array_like, shape (d, d)
        Symmetric, positive semi-definite, in squared data units.
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
    cov = array("covariance", covariance, ndim=2)
    if cov.ndim != 2 or cov.shape[0] != cov.shape[1]:
        raise ValueError(f"covariance must be square, found shape {cov.shape}")
    if not np.allclose(cov, cov.T, rtol=1e-10, atol=1e-14 * np.abs(cov).max()):
        raise ValueError("covariance must be symmetric")
    d = len(cov)
    variances, modes = np.linalg.eigh(cov)
    if variances[0] < -1e-10 * abs(variances[-1]):
        raise ValueError(f"covariance has a negative variance, {variances[0]:g}")
    sigma, tau = scalar("sigma", sigma, above=0), scalar("tau", tau, low=0)
    weights = array("weights", weights, ndim=2)
    if weights.size == 1:
        weights = weights.ravel()[0] * np.eye(d)
    if weights.shape != (d, d):
        raise ValueError(f"weights must have shape {(d, d)} or be a scalar, found {weights.shape}")
    mean = np.broadcast_to(array("mean", mean), (d,)) @ modes
    bias = np.broadcast_to(array("bias", bias), (d,)) @ modes
    start = np.column_stack([modes.T @ weights @ modes, bias])
    clock = np.array([2 * scalar("eta", eta, above=0) * tau])
    theta = _flow(np.maximum(variances, 0), mean, start, np.array([sigma]), clock)[0, 0]
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

    Parameters
    ----------
    variances, q0, mean, b0 : ndarray, shape (d,)
    eta : float
    """

    def __init__(self, variances, q0, mean, b0, eta):
        self.variances, self.mean, self.eta = variances, mean, eta
        self.start = np.column_stack([np.diag(q0), b0])

    def theta(self, sigma, tau):
        """Weights and bias side by side, shape (sigma, time, d, d + 1)."""
        return _flow(self.variances, self.mean, self.start, sigma, 2 * self.eta * tau)

    def _affine(self, theta):
        """I - [W b], with a row of zeros that carries the constant 1."""
        d = self.variances.size
        flow = np.zeros((*theta.shape[:-2], d + 1, d + 1))
        flow[..., :d, :] = -theta
        flow[..., np.arange(d), np.arange(d)] += 1
        return flow

    def transport(self, tau, sigma_min, sigma_max):
        """Map from the state at sigma_max to that at sigma_min, shape (time, d + 1, d + 1).

        The last column is the mean that it adds.
        """
        size = self.variances.size + 1
        nodes, matrix, weights = gauss_collocation(STAGES)
        panels = int(np.ceil(np.log(sigma_max / sigma_min) / PANEL))
        edges = np.linspace(np.log(sigma_max), np.log(sigma_min), panels + 1)
        h = edges[1] - edges[0]
        state = np.broadcast_to(np.eye(size), (tau.size, size, size))
        unit = np.eye(STAGES * size)
        for left in edges[:-1]:
            flow = self._affine(self.theta(np.exp(left + h * nodes), tau))  # (stage, time, ...)
            flow = np.swapaxes(flow, 0, 1)
            slopes = (flow @ state[:, None]).reshape(tau.size, -1, size)
            # (matrix kron flow): row block i, column block j holds a_ij G_i
            coupling = np.einsum("ij,tiab->tiajb", matrix, flow).reshape(tau.size, *unit.shape)
            slopes = np.linalg.solve(unit - h * coupling, slopes)
            slopes = slopes.reshape(tau.size, STAGES, size, size)
            state = state + h * np.einsum("i,tiab->tab", weights, slopes)
        return state

    def sampled_transport(self, tau, sigmas, method):
        """The same map for the discrete sampler on the grid `sigmas`."""
        choice("method", method, tuple(METHODS))
        sigmas = check_sigmas(sigmas)
        levels = np.array([s for s in sigmas if s > 0])
        size = self.variances.size + 1
        theta = np.zeros((levels.size, tau.size, size, size))
        theta[..., : size - 1, :] = self.theta(levels, tau)
        theta[..., size - 1, size - 1] = 1  # the constant 1 denoises to itself
        at = dict(zip(levels.tolist(), theta, strict=True))
        return sample(
            lambda x, s: at[s] @ x, np.tile(np.eye(size), (tau.size, 1, 1)), sigmas, method
        )

    def moments(self, tau, sigma_min, sigma_max, sigmas=None, method="heun"):
        """Covariance (time, d, d) and mean (time, d) of samples, started at noise of mean 0."""
        if sigmas is None:
            start, a = sigma_max, self.transport(tau, sigma_min, sigma_max)
        else:
            start, a = float(np.max(sigmas)), self.sampled_transport(tau, sigmas, method)
        linear = a[:, :-1, :-1]
        return start**2 * linear @ np.swapaxes(linear, 1, 2), a[:, :-1, -1]
