"""Experiments that are too long for a chapter, and their results in files."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path

from .. import _files
from .._check import choice
from . import _code

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
    """

    name: str
    presets: dict
    work: Callable
    cost: Callable

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
        if not isinstance(folder, str | PathLike):
            raise ValueError(f"folder must be a path, not {type(folder).__name__}")
        name = self.name if preset == "book" else f"{self.name}.{preset}"
        return Path(folder) / f"{name}.npz", Path(folder) / f"{name}.json"

    def source(self):
        """Hash of the code that `work` can reach, by itself and through the classes of the runs.

        Returns
        -------
        str
            The result of a run is valid as long as this stays the same; what stands unused in the
            same modules, and `cost`, do not count.
        """
        kinds = {type(run) for runs in self.presets.values() for run in runs}
        return _code.digest(self.work, *kinds)


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


def checked(experiment):
    """An `Experiment` as it is; all else is a ``ValueError``."""
    if not isinstance(experiment, Experiment):
        raise ValueError(
            f"experiment must be a specbook.studies.Experiment, not {type(experiment).__name__}:"
            " specbook.studies.experiment(name) gives one"
        )
    return experiment


def store(experiment, preset, folder, source, device, seconds, arrays):
    """Write arrays, a dict for each run, and their provenance."""
    content = _files.packed(
        {f"{i}/{name}": value for i, each in enumerate(arrays) for name, value in each.items()}
    )
    provenance = {
        "experiment": experiment.name, "preset": preset, "source": source, "device": device,
        "runs": [asdict(run) for run in experiment.runs(preset)], "versions": _files.versions(),
        "seconds": seconds, "sha256": _files.digest(content),
    }
    npz, about = experiment.files(preset, folder)
    _files.write(npz, content)
    _files.write(about, _files.as_json(provenance))


def read(experiment, preset="book", *, folder):
    """A stored result, if the present code and settings would make it.

    Parameters
    ----------
    experiment : Experiment
        What was run.
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
    runs = checked(experiment).runs(preset)
    npz, about = experiment.files(preset, folder)
    again = f"make it with: specbook run {experiment.name} --preset {preset}"
    missing = [file.name for file in (npz, about) if not file.exists()]
    if missing:
        raise ValueError(f"{missing[0]} is missing: {again}")
    try:
        provenance = _files.read_json(about)
        lacking = {"sha256", "source", "runs"} - provenance.keys()
        if lacking:
            raise ValueError(f"{about.name} does not say {min(lacking)}")
        arrays = _files.unpacked(npz, provenance["sha256"])
    except ValueError as error:
        raise ValueError(f"{error}; {again}") from error
    if provenance["source"] != experiment.source():
        raise ValueError(f"{npz.name} was made by other code: {again}")
    if provenance["runs"] != json.loads(json.dumps([asdict(run) for run in runs])):
        raise ValueError(f"{npz.name} was made with other settings: {again}")
    each = tuple({} for _ in runs)
    for name, value in arrays.items():
        place, _, name = name.partition("/")
        each[int(place)][name] = value
    return Result(runs, each, provenance)


def is_stored(experiment, preset, folder):
    """Whether `read` would give a result.

    Parameters
    ----------
    experiment : Experiment
        What was run.
    preset : {"quick", "book", "gpu"}
        Which of its lists of runs.
    folder : path
        Where to look.

    Returns
    -------
    bool
    """
    with suppress(ValueError):
        return bool(read(experiment, preset, folder=folder).runs)
    return False
