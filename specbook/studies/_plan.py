"""What the runs of a preset would cost, as a table."""

import os
from dataclasses import asdict

from .._check import integer
from ._experiment import checked
from ._perform import picked

SEEDS = ("rng", "seed")  # runs that differ in these alone share a row


def plan(experiment, preset, jobs=None, device="auto"):
    """What a preset would run, as text: the whole cost, then a table of the runs.

    Parameters
    ----------
    experiment : Experiment
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
        Runs that differ in their seed alone share a row: what they are called, how many seeds,
        steps of training where there are any, and estimated times on one core.
    """
    jobs = None if jobs is None else integer("jobs", jobs)
    listed, kind = checked(experiment).runs(preset), picked(device).partition(":")[0]
    seconds = [experiment.cost(run) for run in listed]
    processes = jobs or os.cpu_count() or 1
    wall = max(sum(seconds) / processes, max(seconds))
    other = "" if kind == "cpu" else f" (estimated for a CPU; {kind} will be used)"
    total = (
        f"{len(listed)} runs, about {_time(sum(seconds))} of one core; on {processes} cores"
        f" about {_time(wall)}{other}"
    )
    return "\n".join([total, "", *_table(_rows(listed, seconds))])


def _rows(listed, seconds):
    """The table as texts: a head, then a row for the runs that share all but the seed."""
    groups = {}
    for run, cost in zip(listed, seconds, strict=True):
        fields = {k: v for k, v in asdict(run).items() if k not in SEEDS}
        groups.setdefault(tuple(fields.items()), []).append(cost)
    every = [dict(key) for key in groups]
    yield "run", "seeds", "steps", "each", "together"
    for fields, costs in zip(every, groups.values(), strict=True):
        yield (
            _name(fields, every), str(len(costs)), f"{fields.get('steps', '')}",
            _time(sum(costs) / len(costs)), _time(sum(costs)),
        )


def _name(fields, every):
    """The label of a run, with what tells it from others of that label."""
    label = fields.get("label")
    alike = [other for other in every if other.get("label") == label]
    told = ", ".join(
        f"{name} {value}" for name, value in fields.items()
        if name not in ("label", "steps")
        and (label is None or any(other[name] != value for other in alike))
    )
    if label is None:
        return told
    return f"{label} ({told})" if told else label


def _table(rows):
    """Rows of texts in columns: the first to the left, numbers to the right."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [text.rjust(width) for text, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def _time(seconds):
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
