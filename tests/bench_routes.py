"""What `bench` compares the package with: integration, networks in a loop; and its data."""

import math

import numpy as np
import torch
from scipy.integrate import solve_ivp

LOW, HIGH = 0.002, 80.0  # noise range


def by_ode(lam, tau, q0, rtol):
    """Generated variance of all modes and times as one differential equation, in log sigma."""

    def slope(log_sigma, log_x):
        sigma2 = math.exp(2 * log_sigma)
        best = lam / (lam + sigma2)
        gain = best + (q0 - best) * np.exp(-2 * tau * (lam + sigma2))
        return (1 - gain).ravel()

    start = np.full(tau.size * lam.size, math.log(HIGH))
    found = solve_ivp(slope, (math.log(HIGH), math.log(LOW)), start, rtol=rtol, atol=rtol)
    return np.exp(2 * found.y[:, -1]).reshape(tau.size, lam.size)


def by_quadrature(lam, tau, q0, points):
    """The same by Gauss and Legendre's rule in log sigma, one time after the other."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    half = math.log(HIGH / LOW) / 2
    sigma2 = LOW**2 * np.exp(2 * half * (1 + nodes))
    noisy = lam[:, None] + sigma2
    best = lam[:, None] / noisy
    out = np.empty((tau.size, lam.size))
    for row, t in zip(out, tau.ravel(), strict=True):
        gain = best + (q0 - best) * np.exp(-2 * t * noisy)
        row[:] = HIGH**2 * np.exp(-2 * half * ((1 - gain) @ weights))
    return out


def decaying(n, d, rng):
    """Samples whose variances fall by a power law, in random directions of a few reflections."""
    x = rng.standard_normal((n, d)) * np.arange(1, d + 1) ** -0.75
    for _ in range(3):
        v = rng.standard_normal(d)
        x -= 2 / (v @ v) * np.outer(x @ v, v)
    return x


def alone(x, sigma, rate, seed, batch):
    """One member as usually written: `torch.nn.Linear`, autograd, SGD. Yields after each step."""
    d = x.shape[1]
    net = torch.nn.Linear(d, d, bias=False, dtype=x.dtype)
    torch.nn.init.zeros_(net.weight)
    descent = torch.optim.SGD(net.parameters(), lr=rate)
    places, normal = np.random.default_rng(seed).spawn(2)
    while True:
        clean = x[torch.from_numpy(places.integers(len(x), size=batch))]
        noisy = clean + sigma * torch.from_numpy(normal.standard_normal((batch, d)))
        loss = (net(noisy) - clean).square().sum(dim=1).mean()
        descent.zero_grad()
        loss.backward()
        descent.step()
        yield net.weight.detach()
