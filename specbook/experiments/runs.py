"""Experiments that are too long for a chapter: run once, resumed after a kill, stored.

An experiment is a list of runs. Each finished run is kept in a file of its own, and a run in
progress keeps its checkpoint, so that a kill at any moment loses at most the steps since the
last checkpoint. The result is written when all runs are done.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from .._check import choice, integer
from . import results
from .processes import end_with, locked
from .training import pick_device

PRESETS = ("quick", "book", "gpu")


@dataclass(frozen=True)
class Experiment:
    """What is run and stored under one name.

    Attributes
    ----------
    name : str
        Of the result's files.
    presets : dict
        For "quick", "book" and "gpu" (not all need be there) the runs: a sequence of frozen
        dataclasses of plain values. "book" is what a chapter loads.
    work : callable
        ``work(run, device, checkpoint)`` returns a dict of arrays. `checkpoint` is a path
        whose neighbours with the same beginning belong to this run alone.
    cost : callable
        ``cost(run)`` estimates seconds on one core.
    sources : tuple
        Modules, functions and classes that the result depends on.
    """

    name: str
    presets: dict
    work: Callable
    cost: Callable
    sources: tuple

    def runs(self, preset):
        """The runs of a preset, or ``ValueError`` if there is no such preset.

        Parameters
        ----------
        preset : {"quick", "book", "gpu"}
            Which of the lists.

        Returns
        -------
        tuple
        """
        choice("preset", preset, tuple(p for p in PRESETS if p in self.presets))
        return tuple(self.presets[preset])

    def files(self, preset, folder):
        """Paths of the result: arrays and provenance.

        Parameters
        ----------
        preset : {"quick", "book", "gpu"}
            Which of the lists of runs.
        folder : path
            Where results are kept.

        Returns
        -------
        tuple of two Path
        """
        name = self.name if preset == "book" else f"{self.name}.{preset}"
        return Path(folder) / f"{name}.npz", Path(folder) / f"{name}.json"


@dataclass(frozen=True)
class Result:
    """A stored result.

    Attributes
    ----------
    runs : tuple
        Settings of each run.
    arrays : tuple of dict
        What each run returned.
    provenance : dict
        Source hash, settings, device, versions, seconds of each run.
    """

    runs: tuple
    arrays: tuple
    provenance: dict


def _key(run, source, device):
    text = json.dumps([type(run).__name__, asdict(run), source, device], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _one(experiment, run, device, part, parent):
    """Do one run and store it; a run that is stored already is only read."""
    end_with(parent)
    file, threads = part.with_name(part.name + ".npz"), torch.get_num_threads()
    with locked(part.with_name(part.name + ".lock"), wait=True):
        try:
            return results.unpacked(file)
        except (FileNotFoundError, ValueError):  # not done, or not whole
            pass
        if device == "cpu":
            torch.set_num_threads(1)  # the same sums in the same order, however many processes
        try:
            start = time.perf_counter()
            arrays = experiment.work(run, device, part.with_name(part.name + ".state"))
            seconds = time.perf_counter() - start
        finally:
            torch.set_num_threads(threads)
        stored = {f"array/{name}": value for name, value in arrays.items()}
        results.write(file, results.packed(stored | {"seconds": seconds}))
        for left in part.parent.glob(f"{part.name}.state*"):
            left.unlink()
        return results.unpacked(file)


def perform(
    experiment, preset="book", *, folder, device="auto", resume=False, jobs=None, progress=False
):
    """Do all runs of an experiment and store the result.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    preset : {"quick", "book", "gpu"}
        Which of its lists of runs.
    folder : path
        Where the result goes; finished runs wait in its folder ``.parts``.
    device : str
        As in `train`. One process a GPU; on the CPU `jobs` processes of one thread.
    resume : bool
        Go on with what an interrupted call has left. Without it such remains are an error, so
        that nothing is lost by accident.
    jobs : int, optional
        Processes; by default one a core.
    progress : bool
        Show a bar.

    Returns
    -------
    Result

    Raises
    ------
    ValueError
        If `preset`, `device` or `jobs` does not fit, another call is at work, or there are
        remains of an interrupted call: without `resume`, or of other code, settings or device.

    Notes
    -----
    The seconds of a run that was interrupted are those since it was resumed.
    """
    jobs = None if jobs is None else integer("jobs", jobs)
    runs, source = experiment.runs(preset), results.source_hash(*experiment.sources)
    device = str(pick_device(device))
    parts = Path(folder) / ".parts" / f"{experiment.name}.{preset}"
    parts.mkdir(parents=True, exist_ok=True)
    paths = [parts / _key(run, source, device) for run in runs]
    jobs = 1 if device.startswith(("cuda", "mps")) else jobs or -1
    with locked(parts.with_name(parts.name + ".lock"), wait=False):
        _check_remains(parts, paths, resume)
        found = _all(experiment, runs, device, paths, jobs, progress)
        _store(experiment, preset, folder, source, device, runs, found)
        for file in parts.iterdir():
            file.unlink()
        parts.rmdir()
    return load(experiment, preset, folder=folder)


def _check_remains(parts, paths, resume):
    remains = {file.name for file in parts.iterdir()}
    if remains and not resume:
        raise ValueError(
            f"resume: {parts} holds runs of an interrupted call. Go on with them (--resume), or"
            " delete that folder to start over"
        )
    if remains and not any(name.startswith(path.name) for name in remains for path in paths):
        raise ValueError(
            f"resume: the runs in {parts} belong to other code, other settings or another device."
            " Delete that folder to start over"
        )


def _all(experiment, runs, device, paths, jobs, progress):
    """What the runs found, in their order."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    found = []
    with tqdm(total=len(runs), disable=not progress, unit="run") as bar:
        done = Parallel(n_jobs=jobs, return_as="generator")(
            delayed(_one)(experiment, run, device, path, os.getpid())
            for run, path in zip(runs, paths, strict=True)
        )
        for each in done:
            found.append(each)
            bar.update()
    return found


def _store(experiment, preset, folder, source, device, runs, found):
    """Write arrays and provenance."""
    arrays = {
        f"{i}/{name.removeprefix('array/')}": value
        for i, each in enumerate(found)
        for name, value in each.items()
        if name.startswith("array/")
    }
    content = results.packed(arrays)
    provenance = {
        "experiment": experiment.name, "preset": preset, "source": source, "device": device,
        "runs": [asdict(run) for run in runs], "versions": results.versions(),
        "seconds": [round(float(each["seconds"]), 1) for each in found],
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    npz, about = experiment.files(preset, folder)
    results.write(npz, content)
    results.write(about, (json.dumps(provenance, indent=1) + "\n").encode())


def load(experiment, preset="book", *, folder):
    """A stored result, if the present code and settings would make it.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    preset : {"quick", "book", "gpu"}
        Which of its lists of runs.
    folder : path
        Where `perform` has put it.

    Returns
    -------
    Result

    Raises
    ------
    ValueError
        If the result is missing or damaged, or if code or settings have changed since.
    """
    runs = experiment.runs(preset)
    npz, about = experiment.files(preset, folder)
    again = f"make it with: specbook run {experiment.name} --preset {preset}"
    missing = [file.name for file in (npz, about) if not file.exists()]
    if missing:
        raise ValueError(f"{missing[0]} is missing: {again}")
    try:
        provenance = results.read_json(about)
        lacking = {"sha256", "source", "runs"} - provenance.keys()
        if lacking:
            raise ValueError(f"{about.name} does not say {min(lacking)}")
        arrays = results.unpacked(npz, provenance["sha256"])
    except ValueError as error:
        raise ValueError(f"{error}; {again}") from error
    if provenance["source"] != results.source_hash(*experiment.sources):
        raise ValueError(f"{npz.name} was made by other code: {again}")
    if provenance["runs"] != json.loads(json.dumps([asdict(run) for run in runs])):
        raise ValueError(f"{npz.name} was made with other settings: {again}")
    each = tuple(
        {
            name.partition("/")[2]: value
            for name, value in arrays.items()
            if name.partition("/")[0] == str(i)
        }
        for i in range(len(runs))
    )
    return Result(runs, each, provenance)
