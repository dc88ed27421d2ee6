"""Run the chapters with nbval, but compare their outputs within a tolerance.

    pytest --nbval book --nbval-current-env --nbval-cell-timeout=120

What may differ, and how far, stands in `_tools/compare.py`. A cell may set its own ``rtol`` in
its metadata, ``{"nbval": {"rtol": 1e-5}}``; a consistency check keeps that below 1e-4.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "_tools"))

from compare import RTOL, compare_outputs  # noqa: E402
from pages import QUIET  # noqa: E402

nbval = pytest.importorskip("nbval.plugin")
os.environ.update(QUIET)  # kernels inherit this


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
