"""Linear denoisers, one per noise level, trained by gradient descent on data.

All noise levels and runs are trained together as one stack of matrices. Each level has the
learning rate that it can bear, and all are recorded at common training times.
"""

from dataclasses import dataclass

import numpy as np
import torch

from .._check import NOISE, array, generator, integer, scalar
from ..sampler import check_sigmas, sample


@dataclass(frozen=True)
class Schedule:
    """Steps and learning rates that bring each noise level to common training times.

    Attributes
    ----------
    sigmas : ndarray, shape (sigma,)
        Noise levels.
    tau : ndarray, shape (time,)
        Training times, learning rate times steps, at which all levels are recorded.
    steps : ndarray of int, shape (sigma, time)
        Steps in the interval that ends at each time; 0 once a level has converged.
    rates : ndarray, shape (sigma, time)
        Learning rate in that interval.
    """

    sigmas: np.ndarray
    tau: np.ndarray
    steps: np.ndarray
    rates: np.ndarray


def plan(variances, sigmas, tau, *, cap=0.1, converged=1e-4):
    """Choose steps and learning rates for each noise level.

    Parameters
    ----------
    variances : array_like, shape (mode,)
        Variances of the data; the largest limits the learning rate, the smallest positive one
        says when a level has converged.
    sigmas : array_like, shape (sigma,)
        Noise levels, positive.
    tau : array_like, shape (time,)
        Recorded training times, positive and increasing.
    cap : float
        Largest learning rate in units of half the stable one, 1 / (lam_max + sigma**2);
        between 0 and 1. Smaller steps leave less noise of the gradient in the weights.
    converged : float
        A level stops when the product of (1 - 2 rate s) is below this in all modes.

    Returns
    -------
    Schedule
    """
    variances = array("variances", variances, low=0)
    sigmas, tau = array("sigmas", sigmas, **NOISE), array("tau", tau, above=0)
    if (np.diff(tau) <= 0).any():
        raise ValueError("tau must increase strictly")
    cap = scalar("cap", cap, above=0)
    if cap > 1:
        raise ValueError(f"cap must be at most 1, found {cap:g}: larger steps overshoot")
    converged = scalar("converged", converged, above=0)
    if converged >= 1:
        raise ValueError(f"converged must be below 1, found {converged:g}")
    if not (variances > 0).any():
        raise ValueError("variances has no positive entry")
    span = np.diff(tau, prepend=0.0)
    limit = cap / (2 * (variances.max() + sigmas**2))
    if tau[-1] > 1e9 * limit.min():
        raise ValueError(f"tau ends at {tau[-1]:g}, which takes over a billion steps: end earlier")
    steps = np.maximum(np.ceil(span / limit[:, None] - 1e-9), 1).astype(int)
    rates = span / steps
    slowest = variances[variances > 0].min() + sigmas[:, None] ** 2
    left = np.cumprod((1 - 2 * rates * slowest) ** steps, axis=1)
    done = np.concatenate([np.zeros((sigmas.size, 1), bool), left[:, :-1] < converged], axis=1)
    return Schedule(sigmas, tau, np.where(done, 0, steps), rates)


def descend(data, schedule, *, rng=0, batch=None, q0=0.0, device="cpu", dtype=torch.float64):
    """Train linear denoisers D(x; sigma) = W x on centred data by gradient descent.

    Returns a generator, so that the caller measures, draws and stops.

    Parameters
    ----------
    data : array_like, shape (N, d)
        Data with mean zero.
    schedule : Schedule
        Steps and learning rates, made by `plan`.
    rng : int or numpy.random.Generator, or a sequence of them
        For the batches; an independent run for each.
    batch : int, optional
        Samples in a step, drawn with fresh noise (stochastic gradient descent). Without it
        each step takes the exact gradient, averaged over all data and all noise.
    q0 : float
        Weights before training are `q0` times the identity.
    device : str or torch.device
        Where to compute.
    dtype : torch.dtype
        float64 by default: published numbers must not depend on the machine.

    Yields
    ------
    index : int
        Position in ``schedule.tau``.
    weights : torch.Tensor, shape (run, sigma, d, d)
        The live weights at that time: copy what you keep.

    Notes
    -----
    The loss is ``E |W (x0 + sigma z) - x0|^2``, summed over dimensions; each noise level draws its
    own batches. They are drawn with NumPy, so that a seed means the same batches on every
    machine and device.
    """
    clean = array("data", data, ndim=2)
    if clean.ndim != 2:
        raise ValueError(f"data must have shape (N, d), found {np.shape(data)}")
    if (np.abs(clean.mean(axis=0)) > 1e-6 * clean.std() + 1e-12).any():
        raise ValueError("data must be centred: subtract its mean first")
    if batch is not None:
        batch = integer("batch", batch)
    generators = [generator("rng", one) for one in (rng if np.iterable(rng) else [rng])]
    if not generators:
        raise ValueError("rng is empty: give at least one whole number or Generator")
    if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
        raise ValueError(f"dtype must be a floating-point torch type, not {dtype!r}")
    try:
        x = torch.tensor(clean, dtype=dtype, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device {str(device)!r} cannot be used: {error}") from None
    return _descend(x, schedule, generators, batch, scalar("q0", q0))


def _descend(x, schedule, generators, batch, q0):
    """The steps of `descend`, after its arguments have been checked."""
    (n, d), dtype, device = x.shape, x.dtype, x.device
    sigma = torch.as_tensor(schedule.sigmas, dtype=dtype, device=device)[:, None, None]
    eye = torch.eye(d, dtype=dtype, device=device)
    weights = (q0 * eye).expand(len(generators), len(sigma), d, d).contiguous()
    covariance = x.T @ x / n

    def gradient(weights, sigma, draws):
        """Gradient of the loss at each of some noise levels, shape (level, d, d)."""
        if batch is None:
            return 2 * (weights @ (covariance + sigma**2 * eye) - covariance)
        shape = (len(sigma), batch)
        clean = x[torch.from_numpy(draws.integers(n, size=shape)).to(device)]
        noise = torch.from_numpy(draws.standard_normal((*shape, d))).to(device, dtype)
        noisy = noise.mul_(sigma).add_(clean)
        missed = torch.baddbmm(clean, noisy, weights.mT, beta=-1)  # W x - x0
        return 2 / batch * (missed.mT @ noisy)

    for index in range(len(schedule.tau)):
        steps = schedule.steps[:, index]
        rate = torch.as_tensor(schedule.rates[:, index], dtype=dtype, device=device)[:, None, None]
        for step in range(steps.max()):
            live = np.flatnonzero(steps > step)
            part = slice(live[0], live[-1] + 1) if np.ptp(live) + 1 == live.size else live
            for run, draws in enumerate(generators):
                step_down = gradient(weights[run, part], sigma[part], draws)
                weights[run, part] -= rate[part] * step_down
        if not torch.isfinite(weights).all():
            raise FloatingPointError(
                "the weights diverged: lower cap (or enlarge batch) in the schedule"
            )
        yield index, weights


def generated(weights, sigmas, x, method="heun"):
    """Carry states through the sampler with one linear denoiser per noise level.

    Parameters
    ----------
    weights : torch.Tensor, shape (..., sigma, d, d)
        Weights at the noise levels of `sigmas` but a final 0, in that order.
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing.
    x : torch.Tensor, shape (..., d, n)
        States at ``sigmas[0]``, one a column.
    method : {"heun", "euler"}
        Which sampler.

    Returns
    -------
    torch.Tensor, shape (..., d, n)
    """
    levels = [s for s in check_sigmas(sigmas) if s > 0]
    if not torch.is_tensor(weights) or weights.ndim < 3:
        raise ValueError("weights must be a tensor of shape (..., sigma, d, d)")
    if not torch.is_tensor(x) or x.shape[-2] != weights.shape[-1]:
        raise ValueError(f"x must be a tensor of shape (..., {weights.shape[-1]}, n)")
    if weights.shape[-3] != len(levels):
        raise ValueError(f"weights has {weights.shape[-3]} noise levels, sigmas has {len(levels)}")
    at = {s: weights[..., i, :, :] for i, s in enumerate(levels)}
    return sample(lambda state, s: at[s] @ state, x, sigmas, method)


def generated_variance(weights, sigmas, modes, method="heun"):
    """Variance along `modes` that the sampler generates from noise, without sampling error.

    Parameters
    ----------
    weights : torch.Tensor, shape (..., sigma, d, d)
        Weights at the noise levels of `sigmas` but a final 0, in that order.
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing.
    modes : array_like, shape (d, mode)
        Orthonormal columns.
    method : {"heun", "euler"}
        Which sampler.

    Returns
    -------
    ndarray, shape (..., mode)

    Notes
    -----
    A linear denoiser maps the d unit vectors to the columns of a matrix A, and standard
    normal noise of level sigma to covariance sigma**2 A A^T: d states replace all samples.
    """
    modes = array("modes", modes, ndim=2)
    if not torch.is_tensor(weights) or weights.ndim < 3:
        raise ValueError("weights must be a tensor of shape (..., sigma, d, d)")
    d = weights.shape[-1]
    if modes.ndim != 2 or modes.shape[0] != d:
        raise ValueError(f"modes must have shape ({d}, modes), found {modes.shape}")
    unit = torch.eye(d, dtype=weights.dtype, device=weights.device).expand(
        *weights.shape[:-3], d, d
    )
    carried = generated(weights, sigmas, unit, method)
    along = torch.as_tensor(modes, dtype=weights.dtype, device=weights.device)
    return float(sigmas[0]) ** 2 * (along.T @ carried).square().sum(-1).cpu().numpy()
