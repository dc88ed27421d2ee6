"""A probe on disk: arrays with their settings in one file, a summary to read in another."""

import hashlib
import json
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..spectrum import Spectrum
from . import results

ALWAYS = {"gain": 3, "explained": 3, "alignment": 2, "product": 2, "points": 1}  # dimensions
SAMPLED = {"sampled": 2, "sampled_alignment": 1}


def _files(path):
    path = Path(path)
    stem = path.with_suffix("") if path.suffix in (".npz", ".json") else path
    return stem.with_name(stem.name + ".npz"), stem.with_name(stem.name + ".json")


def _fingerprint(*arrays):
    out = hashlib.sha256()
    for each in arrays:
        out.update(str(each.shape).encode() + np.ascontiguousarray(each).tobytes())
    return out.hexdigest()


def _made_of(spectrum, data):
    return {
        "spectrum": _fingerprint(spectrum.mean, spectrum.variances, spectrum.modes),
        "data": None if data is None else _fingerprint(data),
    }


def write(path, settings, meter, made_of, arrays):
    """Write a probe; see `Probe.save`.

    Parameters
    ----------
    path : path
    settings : dict
        Arguments of the probe that are plain values.
    meter : Meter
    made_of : (Spectrum, ndarray or None), or dict
        What the probe was made with, or its fingerprints if it was loaded without.
    arrays : dict of ndarray
    """
    made_of = made_of if isinstance(made_of, dict) else _made_of(*made_of)
    kept = {"settings": settings, "meter": meter.state(), "made_of": made_of}
    file, beside = _files(path)
    results.write(file, results.packed(arrays | {"probe": np.array(json.dumps(kept))}))
    cost = asdict(meter.cost())
    cost["share"] = cost["share"] if np.isfinite(cost["share"]) else None
    summary = settings | {
        "steps": arrays["steps"].tolist(), "cost": cost, "sigmas": arrays["sigmas"].tolist(),
        "modes": arrays["chosen"].tolist(), "versions": results.versions(),
    }
    results.write(beside, (json.dumps(summary, indent=1) + "\n").encode())


def read(path):
    """Settings and arrays of a stored probe, or ``ValueError`` that names `path`."""
    file, _ = _files(path)
    try:
        arrays = results.unpacked(file)
    except OSError:
        raise ValueError(f"path {str(file)!r} cannot be read: there is no such file") from None
    except ValueError as error:
        raise ValueError(f"path: {error}") from None
    with sound(path):
        return json.loads(arrays.pop("probe").item()), arrays


@contextmanager
def sound(path):
    """Errors inside mean that the file is not one of ours."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"path: {_files(path)[0].name} is not what a probe has saved") from error


class Outline(Spectrum):
    """A spectrum of which only the variances are known.

    Parameters
    ----------
    variances : ndarray, shape (modes,)
    """

    def __init__(self, variances):
        super().__init__(np.zeros(0), variances, np.zeros((0, variances.size)))


def records(arrays, levels, modes, sampled):
    """Measurements by their steps, from arrays by their names."""
    names = ALWAYS | SAMPLED if sampled else ALWAYS
    steps = arrays["steps"].tolist()
    for name, ndim in names.items() if steps else ():
        shape = {1: (), 2: (modes,), 3: (levels, modes)}[ndim]
        shape = (levels,) if name == "alignment" else shape
        if arrays[name].shape != (len(steps), *shape):
            raise ValueError(name)
    return {step: {name: arrays[name][i] for name in names} for i, step in enumerate(steps)}


def same(made_of, spectrum, data):
    """Raise ``ValueError`` if a probe was not made with these."""
    if not isinstance(spectrum, Spectrum):
        raise ValueError(f"spectrum must be a Spectrum, not {type(spectrum).__name__}")
    for name, now in _made_of(spectrum, data).items():
        if now != made_of[name]:
            raise ValueError(f"{name} is not what the stored probe was made with")
