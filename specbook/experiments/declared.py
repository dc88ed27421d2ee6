"""The experiments that the book declares in ``book/experiments``, found by their names."""

import importlib
import os
import sys
from pathlib import Path

from . import runs


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


def plan(found, preset, jobs=None):
    """What a preset would run, as text: each run and its estimated cost.

    Parameters
    ----------
    found : Experiment
        What would be run.
    preset : {"quick", "book", "gpu"}
        Which of its lists of runs.
    jobs : int, optional
        Processes; by default one a core.

    Returns
    -------
    str
    """
    listed = found.runs(preset)
    seconds = [found.cost(run) for run in listed]
    processes = jobs or os.cpu_count() or 1
    lines = [f"{each:7.0f} s  {run}" for run, each in zip(listed, seconds, strict=True)]
    hours = sum(seconds) / 3600
    wall = max(sum(seconds) / processes, max(seconds)) / 60
    return "\n".join(
        [
            *lines,
            f"{len(listed)} runs, about {hours:.2f} hours of one core; on {processes} cores about"
            f" {wall:.0f} minutes",
        ]
    )


def perform(found, preset, device="auto", resume=False, jobs=None):
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

    Returns
    -------
    Result
    """
    return runs.perform(
        found, preset, folder=results_folder(), device=device, resume=resume, jobs=jobs,
        progress=True,
    )  # fmt: skip


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
