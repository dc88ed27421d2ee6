"""Run the chapters with nbval, but compare their outputs within a tolerance.

    python book/_tools/outside.py        (copies of them, outside the repository)

What may differ, and how far, stands in `_tools/compare.py`. A cell may set its own ``rtol`` in
its metadata, ``{"nbval": {"rtol": 1e-5}}``; a consistency check keeps that below 1e-4.
"""

import os
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "_tools"))

from compare import RTOL, compare_outputs  # noqa: E402
from pages import QUIET  # noqa: E402

nbval = pytest.importorskip("nbval.plugin")
os.environ.update(QUIET)  # kernels inherit this
LONGEST = 40  # seconds for a chapter: twenty-four of them on two cores take eight minutes


class TolerantCell(nbval.IPyNbCell):
    """A cell whose outputs are compared by `compare.compare_outputs`."""

    def compare_outputs(self, test, ref, skip_compare=None):
        rtol = self.cell.metadata.get("nbval", {}).get("rtol", RTOL)
        self.comparison_traceback = compare_outputs(test, ref, rtol)
        return not self.comparison_traceback


def pytest_itemcollected(item):
    # nbval has no hook for a comparer. Rebinding nbval.plugin.IPyNbCell would break its own
    # super() call, which looks that name up, so the class of the collected item is changed.
    if type(item) is nbval.IPyNbCell:
        item.__class__ = TolerantCell


def pytest_terminal_summary(terminalreporter):
    """Seconds of each chapter, with the start of its kernel; those that are too long are named."""
    seconds = Counter()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if hasattr(report, "duration"):
            seconds[report.nodeid.partition("::")[0]] += report.duration
    terminalreporter.section("seconds of each chapter")
    for name, spent in seconds.most_common():
        remark = f"  more than {LONGEST} s: make it smaller, or load a result"
        terminalreporter.write_line(f"{spent:6.1f}  {name}{remark * (spent > LONGEST)}")
