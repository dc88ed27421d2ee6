"""The code of a cell as a syntax tree."""

import ast

from IPython.core.inputtransformer2 import TransformerManager


def tree(cell):
    """The syntax tree of a code cell; magics such as ``%pip`` become calls."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


def name_of(call):
    """``claim`` for ``claim(...)`` and ``reading.claim(...)``, but nothing for ``plt.figure()``."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr if ast.unparse(call.func.value).endswith("reading") else ""
    return getattr(call.func, "id", "")


def calls(node, name):
    """All calls of a function by its name."""
    return [c for c in ast.walk(node) if isinstance(c, ast.Call) and name_of(c) == name]
