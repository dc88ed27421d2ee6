"""The experiments that the book declares in ``book/experiments``, found by their names."""

import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path

from .._check import integer
from . import runs
from .devices import pick_device


def home():
    """Folder of the book: above the working directory, or beside the package.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If there is none, as in a package that was installed without the repository.
    """
    for folder in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[2]):
        if (folder / "book" / "experiments").is_dir():
            return folder / "book"
    raise ValueError(
        "name: no experiments were found. They are part of the repository, not of the installed"
        " package: clone it and call specbook run inside it"
    )


def results_folder():
    """Folder of the stored results.

    Returns
    -------
    Path
    """
    return home() / "results"


def names():
    """Names of the declared experiments.

    Returns
    -------
    list of str
    """
    files = sorted((home() / "experiments").glob("*.py"))
    return [f.stem for f in files if "EXPERIMENT = " in f.read_text(encoding="utf-8")]


def experiment(name):
    """A declared experiment, or ``ValueError`` that lists what there is.

    Parameters
    ----------
    name : str
        File name in ``book/experiments`` without its ending.

    Returns
    -------
    Experiment
    """
    if name not in names():
        known = ", ".join(names()) or "none"
        raise ValueError(f"name: there is no experiment {name!r}; there are: {known}")
    folder = str(home() / "experiments")
    if folder not in sys.path:  # worker processes inherit the path, and find the module on it
        sys.path.append(folder)
    return importlib.import_module(name).EXPERIMENT


def plan(found, preset, jobs=None, device="auto"):
    """What a preset would run, as text: each run and its estimated cost.

    Parameters
    ----------
    found : Experiment
        What would be run.
    preset : {"quick", "book", "gpu"}
        Which of its lists of runs.
    jobs : int, optional
        Processes; by default one a core.
    device : str
        As in `specbook.experiments.train`.

    Returns
    -------
    str
    """
    jobs = None if jobs is None else integer("jobs", jobs)
    kind = pick_device(device).type
    listed = found.runs(preset)
    seconds = [found.cost(run) for run in listed]
    processes = jobs or os.cpu_count() or 1
    lines = [f"{each:7.0f} s  {run}" for run, each in zip(listed, seconds, strict=True)]
    wall = max(sum(seconds) / processes, max(seconds))
    other = "" if kind == "cpu" else f" (estimated for a CPU; {kind} will be used)"
    return "\n".join(
        [
            *lines,
            f"{len(listed)} runs, about {_time(sum(seconds))} of one core; on {processes} cores"
            f" about {_time(wall)}{other}",
        ]
    )


def _time(seconds):
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def _is_stored(found, preset):
    with suppress(ValueError):
        return bool(runs.load(found, preset, folder=results_folder()).runs)
    return False


def perform(found, preset, device="auto", resume=False, jobs=None, again=False):
    """Run and store a declared experiment, with a progress bar.

    Parameters
    ----------
    found : Experiment
        What to run.
    preset : {"quick", "book", "gpu"}
        Which of its lists of runs.
    device : str
        As in `specbook.experiments.train`.
    resume : bool
        Go on with what an interrupted call has left.
    jobs : int, optional
        Processes; by default one a core.
    again : bool
        Make anew what is stored already.

    Returns
    -------
    Result

    Raises
    ------
    ValueError
        Also if this code and these settings have a stored result, without `again`.
    """
    if not again and _is_stored(found, preset):
        name = found.files(preset, results_folder())[0].name
        raise ValueError(f"again: {name} is what this code makes; make it anew with --again")
    return runs.perform(
        found, preset, folder=results_folder(), device=device, resume=resume, jobs=jobs,
        progress=True,
    )


def load(name, preset="book"):
    """The stored result of a declared experiment, refused if code or settings have changed.

    Parameters
    ----------
    name : str
        File name in ``book/experiments`` without its ending.
    preset : {"quick", "book", "gpu"}
        Which of its lists of runs.

    Returns
    -------
    Result
    """
    return runs.load(experiment(name), preset, folder=results_folder())
