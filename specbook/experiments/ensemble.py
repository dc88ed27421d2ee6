"""Many small linear denoisers trained together by stochastic gradient descent.

A small network spends its time in calls, not in arithmetic. Members of an ensemble differ in
noise level, learning rate, start or seed, and take their steps as one batched product.
"""

import numpy as np
import torch

from .._check import array, broadcast, integer

AHEAD = 64  # steps for which the places in the data are drawn at once


def descend_together(
    data, sigmas, rates, record, *, seeds=0, batch=64, q0=0.0, device="cpu", dtype=torch.float64
):
    """Train an ensemble of linear denoisers D(x; sigma) = W x; a generator.

    Parameters
    ----------
    data : array_like, shape (N, d)
        Data with mean zero.
    sigmas : array_like, shape (member,), or scalar
        Noise level of each member, not negative.
    rates : array_like, shape (member,), or scalar
        Learning rate of each member, positive.
    record : sequence of int
        Numbers of steps at which the weights are handed out, increasing.
    seeds : int, or sequence of int, shape (member,)
        One for each member: batches and noise of its own. One for all: each step uses the same
        samples and the same standard normal noise for every member, scaled to its level.
        That compares members without the noise of the draw, and costs far less.
    batch : int
        Samples in a step.
    q0 : array_like, shape (member,), or scalar
        Weights before training are `q0` times the identity.
    device : str or torch.device
        Where to compute.
    dtype : torch.dtype
        A floating-point type: float64 by default, so that results do not depend on the machine.

    Yields
    ------
    index : int
        Position in `record`.
    weights : torch.Tensor, shape (member, d, d)
        The live weights after that many steps: copy what you keep.

    Raises
    ------
    ValueError
        If an argument does not fit, or no argument says how many members there are.
    FloatingPointError
        If a member diverges.

    Notes
    -----
    The loss of a member is ``|W (x0 + sigma z) - x0|^2``, summed over dimensions, averaged over
    the batch. A member's draws depend on its seed alone: from the two children that
    ``numpy.random.default_rng(seed).spawn(2)`` makes, the first draws the places of a batch in
    `data`, the second its noise. So it trains as it would alone, to rounding, and one seed for
    all is the same as that seed given to each.

    Examples
    --------
    >>> data = np.random.default_rng(0).standard_normal((500, 2))
    >>> data -= data.mean(axis=0)
    >>> for index, weights in descend_together(data, [0.1, 1.0], 0.01, [10, 1000]):
    ...     print(weights[:, 0, 0].numpy().round(1))  # gains on their way to 0.99 and 0.5
    [0.2 0.2]
    [1.  0.5]
    """
    x = _centred(data, device, dtype)
    members = {"sigmas": array("sigmas", sigmas, low=0), "rates": array("rates", rates, above=0)}
    members |= {"q0": array("q0", q0)}
    shared = np.ndim(seeds) == 0
    seeds = [integer("seeds", seed, low=0) for seed in ([seeds] if shared else seeds)]
    count, longest = max([(v.size, k) for k, v in members.items()] + [(len(seeds), "seeds")])
    if not shared and len(seeds) != count:
        raise ValueError(f"seeds has {len(seeds)} entries, {longest} has {count}: one each or one")
    level, rate, start = (
        torch.tensor(broadcast(name, value, count, longest), dtype=dtype, device=device)
        for name, value in members.items()
    )
    record = [integer("record", step, low=0) for step in record]
    if not record or sorted(set(record)) != record:
        raise ValueError("record must hold increasing numbers of steps, at least one")
    draws = _draws(x, integer("batch", batch), [np.random.default_rng(s).spawn(2) for s in seeds])
    weights = start[:, None, None] * torch.eye(x.shape[1], dtype=dtype, device=device)
    step = _step_shared if shared else _step_own
    return _record(weights, draws, step, level[:, None, None], rate[:, None, None], record)


def _centred(data, device, dtype):
    """`data` as a tensor, or ``ValueError``."""
    clean = array("data", data, ndim=2)
    if clean.ndim != 2:
        raise ValueError(f"data must have shape (N, d), found {np.shape(data)}")
    if (np.abs(clean.mean(axis=0)) > 1e-6 * clean.std() + 1e-12).any():
        raise ValueError("data must be centred: subtract its mean first")
    if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
        raise ValueError(f"dtype must be a floating-point torch type, not {dtype!r}")
    try:
        return torch.tensor(clean, dtype=dtype, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device {str(device)!r} cannot be used: {error}") from None


def _draws(x, batch, generators):
    """Clean samples and noise of one step after the other, shape (generator, batch, d)."""
    shape = (len(generators), batch, x.shape[1])
    noise = np.empty(shape)
    while True:
        places = np.stack([place.integers(len(x), size=(AHEAD, batch)) for place, _ in generators])
        places = torch.from_numpy(places).to(x.device)
        for ahead in range(AHEAD):
            for row, (_, normal) in zip(noise, generators, strict=True):
                normal.standard_normal(out=row)
            clean = x.index_select(0, places[:, ahead].reshape(-1)).view(shape)
            yield clean, torch.from_numpy(noise).to(x.device, x.dtype)


def _step_own(weights, clean, noise, level, rate):
    """One step of members that each have a batch of their own, in place."""
    noisy = torch.addcmul(clean, noise, level)
    missed = torch.baddbmm(clean, noisy, weights.mT, beta=-1)  # W x - x0
    missed *= -2 / clean.shape[1] * rate
    weights.baddbmm_(missed.mT, noisy)


def _step_shared(weights, clean, noise, level, rate):
    """One step of members that share a batch: its second moments say all, at every level."""
    (clean,), (noise,) = clean, noise
    own, cross, pure = clean.T @ clean, clean.T @ noise, noise.T @ noise
    wanted = own + level * cross  # x0 times the noisy point
    moments = wanted + level * cross.T + level**2 * pure
    slope = torch.baddbmm(wanted, weights, moments, beta=-1)
    weights.addcmul_(slope, -2 / len(clean) * rate)


def _record(weights, draws, step, level, rate, record):
    done = 0
    for index, wanted in enumerate(record):
        for _ in range(wanted - done):
            step(weights, *next(draws), level, rate)
        done = wanted
        if not torch.isfinite(weights).all():
            raise FloatingPointError("the weights diverged: lower rates, or enlarge batch")
        yield index, weights
