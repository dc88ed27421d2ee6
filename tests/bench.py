"""What the package costs, as ratios to what it cannot do without (``make bench``).

    python tests/bench.py [--quick] [--only laws|spectra|ensembles]

Seconds differ from machine to machine and with what else runs there; ratios hardly do. So all
candidates of a comparison run in turns, in one process with one thread, and the table shows the
median over rounds of the ratios of CPU time within a round, with their quartiles. A ratio that
misses its target by more than `MARGIN` makes the exit status 1.
"""

# ruff: noqa: E402
import os

if __name__ == "__main__":  # before NumPy and PyTorch are loaded
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import math
import platform
import sys
import time
from dataclasses import dataclass
from unittest import mock

import numpy as np
import torch
from bench_routes import HIGH, LOW, alone, by_ode, by_quadrature, decaying
from scipy.special import exp1

from specbook import experiments, theory
from specbook.spectrum import Spectrum

SHORTEST = 0.05  # seconds of CPU time that one measurement takes at least
NODES = 12 * 11  # noise levels of a quadrature over the default range
MARGIN = 1.25  # what the same ratio differs by from run to run on a loaded machine


@dataclass(frozen=True)
class Row:
    """One ratio: `times` of CPU time per round, over those of its reference."""

    what: str
    ratios: np.ndarray
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def ratio(self):
        return float(np.median(self.ratios))

    @property
    def verdict(self):
        if self.at_most is not None:
            off = self.ratio / self.at_most
        elif self.at_least is not None:
            off = self.at_least / self.ratio
        else:
            return ""
        return "met" if off <= 1 else "near" if off <= MARGIN else "MISSED"

    def cells(self):
        target = f"≤ {self.at_most:g}" if self.at_most is not None else ""
        target = f"≥ {self.at_least:g}" if self.at_least is not None else target
        low, high = np.percentile(self.ratios, [25, 75])
        spread = f"{low:.3g} – {high:.3g}" if self.ratios.size > 1 else "one round"
        return self.what, f"{self.ratio:.3g}", spread, target, self.verdict, self.note


def alternate(rounds, **candidates):
    """CPU seconds of each candidate in each round, all in turns: name -> (rounds,)."""
    number = {}
    for name, work in candidates.items():
        for _ in range(2):  # the first run loads, compiles, fills caches
            begin = time.process_time()
            work()
            took = max(time.process_time() - begin, 1e-6)
        number[name] = math.ceil(SHORTEST / took)
    times = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, work in candidates.items():
            begin = time.process_time()
            for _ in range(number[name]):
                work()
            times[name].append((time.process_time() - begin) / number[name])
    return {name: np.array(found) for name, found in times.items()}


def error(value, exact):
    """Largest relative error, for the last column."""
    return f"relative error {np.max(np.abs(np.asarray(value) / exact - 1)):.0e}"


# --- laws -----------------------------------------------------------------------------------


def laws(quick):
    """The closed form against the integrals that it needs, and against integrating."""
    q0, rounds = 0.1, 5 if quick else 11
    for modes, times in ((128, 100), (512, 50) if quick else (3072, 200)):
        lam, tau = np.geomspace(1e-3, 1e2, modes), np.geomspace(1e-4, 1e4, times)
        law = theory.linear(lam, q0=q0)
        # Capped, as the law caps them: SciPy takes long where the integral underflows.
        near = np.minimum(2 * tau[:, None] * (lam + LOW**2), 700)
        far = np.minimum(2 * tau[:, None] * (lam + HIGH**2), 700)
        cost = alternate(
            rounds,
            law=lambda law=law, tau=tau: law.generated_variance(tau),
            integrals=lambda near=near, far=far: (exp1(near), exp1(far)),
        )
        yield Row(f"closed form, {modes} modes × {times} times / its two exponential integrals"
                  " a point", cost["law"] / cost["integrals"], at_most=1.5)
    modes, times = (32, 25) if quick else (128, 100)
    lam, tau = np.geomspace(1e-3, 1e2, modes), np.geomspace(1e-4, 1e4, times)[:, None]
    law = theory.linear(lam, q0=q0)
    exact = law.generated_variance(tau[:, 0])
    routes = {f"solve_ivp (RK45), rtol {r:.0e}": (lambda r=r: by_ode(lam, tau, q0, r))
              for r in (1e-6, 1e-9)}
    routes |= {f"Gauss–Legendre, {n} points": (lambda n=n: by_quadrature(lam, tau, q0, n))
               for n in (64, 128)}
    cost = alternate(3 if quick else 5, law=lambda: law.generated_variance(tau[:, 0]), **routes)
    for name, route in routes.items():
        yield Row(f"{name} / closed form, {modes} modes × {times} times",
                  cost[name] / cost["law"], note=error(route(), exact))
    modes, times = 128, 100
    lam, tau = np.geomspace(1e-3, 1e2, modes), np.geomspace(1e-4, 1e4, times)
    law, gains = theory.deep_linear(lam, 3, q0=0.01), np.linspace(0, 1, 2**16)
    cost = alternate(
        3, law=lambda: law.generated_variance(tau), times=lambda: law.emergence_time("harmonic"),
        exponentials=lambda: np.exp(gains),
    )
    at_each = cost["exponentials"] * NODES * modes / gains.size
    yield Row(f"three layers, {modes} modes × {times} times / an exponential a gain",
              cost["law"] / (times * at_each), at_most=60)
    yield Row(f"their emergence times / an exponential a gain at {times} times",
              cost["times"] / (times * at_each), at_most=90)


# --- spectra --------------------------------------------------------------------------------


def spectra(quick):
    """Routes to the spectrum against the products and decompositions that they need."""
    rng = np.random.default_rng(0)
    n, d, k = (1500, 512, 20) if quick else (12000, 3072, 100)
    rounds = 3
    x = decaying(n, d, rng)
    flat = np.ones(d), np.eye(d)

    def all_but_eigh():
        with mock.patch("numpy.linalg.eigh", lambda matrix: flat):
            Spectrum.from_samples(x, method="covariance")

    cost = alternate(rounds, product=lambda: x.T @ x, covariance=all_but_eigh)
    target = None if quick else 1.3
    yield Row(f"covariance route without eigh, {n} × {d} / x.T @ x in float64",
              cost["covariance"] / cost["product"], at_most=target)
    full = {}

    def whole():
        full["spectrum"] = Spectrum.from_samples(x, method="covariance")

    cost = timed_once(
        eigh=lambda: np.linalg.eigh(x.T @ x / n), whole=whole,
        lanczos=lambda: full.setdefault("top", Spectrum.from_samples(x, k, "lanczos")),
    )
    yield Row(f"covariance route, {n} × {d} / x.T @ x and eigh", cost["whole"] / cost["eigh"])
    top = full["spectrum"].variances
    yield Row(f"Lanczos, {k} modes / covariance route, {n} × {d}", cost["lanczos"] / cost["whole"],
              note=error(full["top"].variances, top[:k]))
    few = x[: d // 3]
    centred = few - few.mean(axis=0)

    def needed():
        _, dual = np.linalg.eigh(centred @ centred.T)
        return centred.T @ dual

    cost = alternate(rounds, needed=needed, gram=lambda: Spectrum.from_samples(few, method="gram"))
    yield Row(f"Gram route, {len(few)} × {d} / x @ x.T, eigh and x.T @ v",
              cost["gram"] / cost["needed"])
    side = 16 if quick else 32
    images = rng.standard_normal((400, side, side, 3))
    cost = alternate(
        rounds,
        transform=lambda: np.fft.fft2(images, axes=(1, 2)),
        fourier=lambda: Spectrum.stationary(images, rank=k),
    )
    yield Row(f"Fourier route, {len(images)} × {side} × {side} × 3, {k} modes / fft2 of the images",
              cost["fourier"] / cost["transform"])


def timed_once(**candidates):
    """CPU seconds of one run of each, where more would take minutes."""
    cost = {}
    for name, work in candidates.items():
        begin = time.process_time()
        work()
        cost[name] = np.array([time.process_time() - begin])
    return cost


# --- ensembles ------------------------------------------------------------------------------


def ensemble(members, d, target, quick, batch=64, rate=1e-3):
    """Linear denoisers of many noise levels trained together, against a loop over networks."""
    steps, rounds = (2, 3) if quick else (10, 5)
    many = 10 * steps  # the ensemble is so fast that its start would count
    rng = np.random.default_rng(1)
    data = rng.standard_normal((1000, d)) * np.arange(1, d + 1) ** -0.5
    data -= data.mean(axis=0)
    x, sigmas = torch.tensor(data), np.geomspace(0.02, 2.0, members)
    constant = np.full((members, 1), many), np.full((members, 1), rate)
    plan = experiments.Schedule(sigmas, np.array([rate * many]), *constant)
    nets = [alone(x, sigma, rate, member, batch) for member, sigma in enumerate(sigmas)]
    cost = alternate(
        rounds,
        loop=lambda: [next(net) for net in nets for _ in range(steps)],
        together=lambda: list(experiments.descend(data, plan, batch=batch)),
    )
    yield Row(
        f"loop over nn.Linear / `descend`: {members} levels, d = {d}, batch {batch}",
        cost["loop"] / steps * many / cost["together"],
        at_least=target,
    )


def ensembles(quick):
    """The size of the target, and one at which the products weigh more."""
    yield from ensemble(256, 16, 10.0, quick)
    if not quick:
        yield from ensemble(64, 64, None, quick)


PARTS = {"laws": laws, "spectra": spectra, "ensembles": ensembles}


def main(arguments=None):
    """Run the parts and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="tests/bench.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, in under a minute")
    parser.add_argument("--only", choices=PARTS, help="one part")
    chosen = parser.parse_args(arguments)
    say = sys.stdout.write
    say(f"Ratios of CPU time, one thread: {platform.processor() or platform.machine()};"
        f" Python {platform.python_version()}, numpy {np.__version__},"
        f" torch {torch.__version__}\n\n")
    say("| CPU time of / CPU time of | ratio | quartiles | target | | remark |\n")
    say("|---|---|---|---|---|---|\n")
    torch.set_num_threads(1)
    rows, begin = [], time.process_time()
    for name, part in PARTS.items():
        for row in part(chosen.quick) if chosen.only in (None, name) else ():
            rows.append(row)
            say(f"| {' | '.join(row.cells())} |\n")
            sys.stdout.flush()
    missed = [row for row in rows if row.verdict == "MISSED"]
    say(f"\n{time.process_time() - begin:.0f} s of CPU time. ")
    say(f"{len(missed)} missed by more than a quarter.\n" if missed else "No target missed.\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
