"""The code of a cell as a syntax tree."""

import ast

from IPython.core.inputtransformer2 import TransformerManager


def tree(cell):
    """The syntax tree of a code cell; magics such as ``%pip`` become calls."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


def name_of(call):
    """``claim`` for both ``claim(...)`` and ``reading.claim(...)``."""
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def calls(node, name):
    """All calls of a function by its name."""
    return [c for c in ast.walk(node) if isinstance(c, ast.Call) and name_of(c) == name]
