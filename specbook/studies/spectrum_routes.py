"""Routes to a spectrum: CPU time and error of each, on patches of the photographs in colour.

    specbook run spectrum_routes --preset book        (a few minutes of one core, 3 GB)

The chapter on spectra of data loads the result, and does the preset "quick" again.
"""

import time
from dataclasses import dataclass

import numpy as np

from .. import data
from ..spectrum import Spectrum
from ._experiment import Experiment


@dataclass(frozen=True)
class Setup:
    """One comparison.

    Attributes
    ----------
    side : int
        Pixels along a side of a patch.
    per_photograph : int
        Patches of each photograph.
    rank : int
        Modes that Lanczos finds.
    few : int
        Samples for the routes that compare few.
    rng : int
        Seed of patches and of their order.
    rounds : int
        How often each route is timed.
    """

    side: int
    per_photograph: int
    rank: int
    few: int
    rng: int = 0
    rounds: int = 1


def clock(route):
    """CPU seconds of a call, and what it returned."""
    start = time.process_time()
    result = route()
    return time.process_time() - start, result


def compare(run):
    """Time and error of each route to the spectrum of colour patches.

    Parameters
    ----------
    run : Setup

    Returns
    -------
    dict
        d, samples, condition; `times`: for each route its CPU time in every round, in units of one
        product of two d x d matrices; `errors`: relative errors of the variances, by rank.
    """
    images = data.natural_patches(
        run.side, per_photograph=run.per_photograph, colour=True, rng=run.rng
    )
    images = np.random.default_rng(run.rng).permutation(images)
    (n, d), part = images.shape, images[: run.few]
    square = np.random.default_rng(run.rng).standard_normal((d, d))
    routes = {
        "product": lambda: square @ square,
        "covariance": lambda: Spectrum.from_samples(images, method="covariance"),
        "lanczos": lambda: Spectrum.from_samples(images, run.rank, method="lanczos"),
        "fourier": lambda: Spectrum.stationary(images.reshape(n, run.side, run.side, 3)),
        "covariance, few": lambda: Spectrum.from_samples(part, method="covariance"),
        "gram, few": lambda: Spectrum.from_samples(part, method="gram"),
    }
    times, found = {name: [] for name in routes}, {}
    for _ in range(run.rounds):  # alternately, so that a busy machine is busy for all
        for name, route in routes.items():
            seconds, found[name] = clock(route)
            times[name].append(seconds)
    unit = np.median(times.pop("product"))
    every = found["covariance"].variances
    singular = [np.linalg.svd(x - x.mean(axis=0), compute_uv=False) for x in (images, part)]
    exact, exact_few = (s**2 / len(x) for s, x in zip(singular, (images, part), strict=True))
    errors = {
        "covariance": every / exact[: every.size] - 1,
        "lanczos": found["lanczos"].variances / exact[: run.rank] - 1,
        "fourier": found["fourier"].variances[: every.size] / exact[: every.size] - 1,
    }
    for name in ("covariance, few", "gram, few"):
        kept = found[name].variances
        errors[name] = kept / exact_few[: kept.size] - 1
    return {
        "d": d, "samples": n, "condition": exact[0] / exact[every.size - 1],
        "times": {name: np.array(each) / unit for name, each in times.items()}, "errors": errors,
    }


def work(run, device, checkpoint):
    """One comparison: of each route the ratio of times, its spread, and sizes of its errors."""
    result = compare(run)
    out = {name: np.array(result[name]) for name in ("d", "samples", "condition")}
    for name, error in result["errors"].items():
        row = {
            "time": np.median(result["times"][name]),
            "spread": np.ptp(result["times"][name]),
            "largest error": np.abs(error).max(),
            "last mode": error[-1],
            "median error": np.median(np.abs(error)),
            "modes": error.size,
        }
        out |= {f"{name}/{what}": np.array(value) for what, value in row.items()}
    return out


def rows(found):
    """What `work` found, route by route: name -> what was measured -> value."""
    out = {}
    for name, value in found.items():
        route, _, what = name.partition("/")
        if what:
            out.setdefault(route, {})[what] = value.item()
    return out


def cost(run):
    """Estimated seconds on one core."""
    d, n = 3 * run.side**2, 6 * run.per_photograph
    return (run.rounds * (3 * n * d**2 + 10 * d**3) + 4 * n * d**2) / 1e10


PRESETS = {
    "quick": (Setup(16, per_photograph=800, rank=50, few=300, rng=1),),
    "book": (Setup(32, per_photograph=3334, rank=100, few=1000, rounds=3),),
}
EXPERIMENT = Experiment("spectrum_routes", PRESETS, work, cost)
