"""The last measurement of a record as numbers for a logger."""

import numpy as np

from .._check import choice
from ..measure import CRITERIA
from .curves import Curves
from .record_plot import spread
from .record_table import mode_numbers


def scalars(record, criterion, count):
    """Numbers by their names; see `Record.scalars`."""
    alignment = record.alignment[:, -1]
    out = {"probe/alignment": float(alignment.mean())}
    last = Curves(record.targets, record.sampling, record.mode)
    last.add(0, record.found[max(record.found)])
    ratio, numbers = last.variance[0], mode_numbers(record)
    for place in spread(record.targets, count):
        name = f"probe/variance_ratio/mode_{numbers[place]}"
        out[name] = float(ratio[place] / record.targets[place])
    if criterion is not None:
        name = f"probe/modes_emerged_{choice('criterion', criterion, CRITERIA)}"
        out[name] = float(_emerged(record, criterion))
    return out


def _emerged(record, criterion):
    """How many modes have crossed their threshold; none before anything is measured twice."""
    if max(record.found) == 0:
        return 0
    found = record.emergence(criterion)
    return np.count_nonzero(found.early | np.isfinite(found.time))
