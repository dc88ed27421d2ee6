"""The notation table of the book: one symbol, one LaTeX form, one meaning.

One module for each part of the book; `specbook.laws.symbols.NAME` finds a symbol of any of them.
"""

import sympy as sp

from . import basics, convolution, deep, emergence, flow_matching
from .notation import Notation

PARTS = (basics, emergence, deep, convolution, flow_matching)
GROUPS = {
    group.lower(): tuple(row for part in PARTS for row in getattr(part, group, ()))
    for group in ("DATA", "TRAINING", "SAMPLING", "MEASURING")
}
NOTATION = tuple(row for rows in GROUPS.values() for row in rows)

for _part in PARTS:
    for _name, _value in vars(_part).items():
        if isinstance(_value, sp.Symbol) and not _name.startswith("_"):
            if globals().setdefault(_name, _value) != _value:
                raise ValueError(f"symbols: {_name} is defined in two modules")

__all__ = ["GROUPS", "NOTATION", "Notation"]
