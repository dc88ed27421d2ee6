"""Doing the runs of an experiment: stopped at any moment, they go on.

Each finished run is kept in a file of its own, and a run in progress keeps its checkpoint, so
that a kill loses at most the steps since the last checkpoint. The result is written when all
runs are done.
"""

import json
import os
import sys
import time
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from .. import _files
from .._check import integer
from .._needs import need
from ._experiment import checked, read, store
from ._processes import end_with, locked


def picked(device):
    """The device by its name, as `specbook.experiments.pick_device`; without torch the CPU."""
    if device in ("auto", "cpu") and find_spec("torch") is None:
        return "cpu"
    from ..experiments import pick_device

    return str(pick_device(device))


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
        As in `specbook.experiments.train`. One process a GPU; on the CPU `jobs` processes of one
        thread.
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
    need("specbook.studies.perform", "run", "joblib", "threadpoolctl", "tqdm")
    jobs = None if jobs is None else integer("jobs", jobs)
    runs, source, device = checked(experiment).runs(preset), experiment.source(), picked(device)
    parts = Path(folder) / ".parts" / f"{experiment.name}.{preset}"
    parts.mkdir(parents=True, exist_ok=True)
    paths = [parts / _key(run, source, device) for run in runs]
    jobs = 1 if device.startswith(("cuda", "mps")) else jobs or -1
    with locked(parts.with_name(parts.name + ".lock"), wait=False):
        _check_remains(parts, paths, resume)
        found = _all(experiment, runs, device, paths, jobs, progress)
        seconds = [round(float(each.pop("seconds")), 1) for each in found]
        arrays = [{name[len("array/") :]: each[name] for name in each} for each in found]
        store(experiment, preset, folder, source, device, seconds, arrays)
        for file in parts.iterdir():
            file.unlink()
        parts.rmdir()
    return read(experiment, preset, folder=folder)


def _key(run, source, device):
    text = json.dumps([type(run).__name__, asdict(run), source, device], sort_keys=True)
    return _files.digest(text.encode())[:20]


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


def _one(experiment, run, device, part, parent):
    """Do one run and store it; a run that is stored already is only read."""
    end_with(parent)
    file = part.with_name(part.name + ".npz")
    with locked(part.with_name(part.name + ".lock"), wait=True):
        try:
            return _files.unpacked(file)
        except (FileNotFoundError, ValueError):  # not done, or not whole
            pass
        with _one_thread() if device == "cpu" else nullcontext():
            start = time.perf_counter()
            arrays = experiment.work(run, device, part.with_name(part.name + ".state"))
            seconds = time.perf_counter() - start
        stored = {f"array/{name}": value for name, value in arrays.items()}
        _files.write(file, _files.packed(stored | {"seconds": seconds}))
        for left in part.parent.glob(f"{part.name}.state*"):
            left.unlink()
        return _files.unpacked(file)


@contextmanager
def _one_thread():
    """The same sums in the same order, however many processes there are."""
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    before = torch and torch.get_num_threads()
    with threadpool_limits(1):
        if torch:
            torch.set_num_threads(1)
        try:
            yield
        finally:
            if torch:
                torch.set_num_threads(before)
