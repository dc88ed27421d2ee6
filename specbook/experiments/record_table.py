"""A record as a table."""

import csv
import io
from pathlib import Path

import numpy as np

from .. import _files
from .record_store import need_folder


def mode_numbers(record):
    """Numbers of the measured modes in their spectrum, as far as the record knows."""
    return np.array(record.about.get("settings", {}).get("modes", range(record.targets.size)))


def columns(record, criterion=None):
    """Columns of a record's table by their names; see `Record.to_dataframe`."""
    modes, lam = mode_numbers(record), record.targets
    if criterion is None:
        variance, steps = record.variance, record.steps
        return {
            "step": np.repeat(steps, lam.size),
            "mode": np.tile(modes, steps.size),
            "data_variance": np.tile(lam, steps.size),
            "best_variance": np.tile(record.reachable, steps.size),
            "generated_variance": variance.ravel(),
        }
    found = record.emergence(criterion)
    cases = {
        "no variance": lam == 0, "early": found.early, "never": found.never,
        "emerged": np.isfinite(found.time),
    }
    return {
        "mode": modes,
        "data_variance": lam,
        "time": found.time,
        "lower": found.lower,
        "upper": found.upper,
        "crossings": found.crossings,
        "status": np.select(list(cases.values()), list(cases), "nothing to learn"),
    }


def dataframe(table):
    """Columns as a table of pandas, or ``ImportError`` that says how to do without."""
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "to_dataframe needs pandas: pip install pandas, or write a file with to_csv"
        ) from None
    return pandas.DataFrame(table)


def write_csv(table, path):
    """Write columns as text with a line of names."""
    path = Path(path)
    need_folder(path)
    stream = io.StringIO(newline="")
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(table)
    rows.writerows(zip(*(column.tolist() for column in table.values()), strict=True))
    _files.write(path, stream.getvalue().encode())
