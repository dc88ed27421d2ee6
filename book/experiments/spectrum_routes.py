"""Routes to a spectrum: CPU time and error of each, on patches of the photographs in colour.

    python book/experiments/spectrum_routes.py          (a few minutes, one thread, 3 GB)

writes ../results/spectrum-routes.json. The chapter on spectra of data loads that file with
`load`, and runs `compare` again with smaller patches.
"""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import hashlib
import inspect
import json
import platform
import re
import time
from pathlib import Path

import numpy as np
import scipy

import specbook
from specbook import data, spectrum
from specbook.spectrum import Spectrum

RESULT = Path(__file__).parents[1] / "results" / "spectrum-routes.json"
SETTINGS = dict(size=32, per_photograph=3334, rank=100, few=1000, seed=0, rounds=3)


def source_hash():
    """Hash of the code behind the result: this file, the routes, and the patches.

    Docstrings, comments and white space do not count.
    """
    code = Path(__file__).read_text(encoding="utf-8")
    for part in (spectrum, data.natural_patches, data.photograph):
        code += inspect.getsource(part)
    bare = re.sub(r'"{3}[\s\S]*?"{3}|#.*|\s', "", code)
    return hashlib.sha256(bare.encode()).hexdigest()


def clock(work):
    """CPU seconds of a call, and what it returned."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def compare(size, per_photograph, rank, few, seed, rounds):
    """Time and error of each route to the spectrum of colour patches.

    Returns
    -------
    dict
        d, samples; `times`: for each route its CPU time in every round, in units of one product
        of two d x d matrices; `errors`: relative errors of the variances, by rank.
    """
    images = data.natural_patches(size, per_photograph=per_photograph, colour=True, rng=seed)
    images = np.random.default_rng(seed).permutation(images)
    (n, d), part = images.shape, images[:few]
    square = np.random.default_rng(seed).standard_normal((d, d))
    routes = {
        "product": lambda: square @ square,
        "covariance": lambda: Spectrum.from_samples(images, method="covariance"),
        "lanczos": lambda: Spectrum.from_samples(images, rank, method="lanczos"),
        "fourier": lambda: Spectrum.stationary(images.reshape(n, size, size, 3)),
        "covariance, few": lambda: Spectrum.from_samples(part, method="covariance"),
        "gram, few": lambda: Spectrum.from_samples(part, method="gram"),
    }
    times, found = {name: [] for name in routes}, {}
    for _ in range(rounds):  # alternately, so that a busy machine is busy for all
        for name, route in routes.items():
            seconds, found[name] = clock(route)
            times[name].append(seconds)
    unit = np.median(times.pop("product"))
    every = found["covariance"].variances
    singular = [np.linalg.svd(x - x.mean(axis=0), compute_uv=False) for x in (images, part)]
    exact, exact_few = (s**2 / len(x) for s, x in zip(singular, (images, part), strict=True))
    errors = {
        "covariance": every / exact[: every.size] - 1,
        "lanczos": found["lanczos"].variances / exact[:rank] - 1,
        "fourier": found["fourier"].variances[: every.size] / exact[: every.size] - 1,
    }
    for name in ("covariance, few", "gram, few"):
        kept = found[name].variances
        errors[name] = kept / exact_few[: kept.size] - 1
    return {
        "d": d, "samples": n,
        "condition": float(exact[0] / exact[every.size - 1]),
        "times": {name: [s / unit for s in each] for name, each in times.items()},
        "errors": {name: error.tolist() for name, error in errors.items()},
    }


def summary(result):
    """For each route: ratio of times, its spread, largest error and error of the last mode."""
    return {
        name: {
            "time": float(np.median(result["times"][name])),
            "spread": float(np.ptp(result["times"][name])),
            "largest error": float(np.abs(error).max()),
            "last mode": float(error[-1]),
            "median error": float(np.median(np.abs(error))),
            "modes": len(error),
        }
        for name, error in result["errors"].items()
    }


def load(file=RESULT):
    """The stored result, or ``ValueError`` if other code has made it."""
    stored = json.loads(Path(file).read_text(encoding="utf-8"))
    if stored["provenance"]["source"] != source_hash():
        raise ValueError(f"{Path(file).name} was made by other code: run {Path(__file__).name}")
    return stored


def main():
    result = compare(**SETTINGS)
    stored = {
        "d": result["d"], "samples": result["samples"], "condition": result["condition"],
        "routes": summary(result),
        "provenance": {
            "source": source_hash(), "settings": SETTINGS, "specbook": specbook.__version__,
            "python": platform.python_version(), "numpy": np.__version__,
            "scipy": scipy.__version__, "machine": platform.machine(),
        },
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
