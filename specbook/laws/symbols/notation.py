"""A row of the notation table."""

from dataclasses import dataclass

import sympy as sp

VAR, STD, DATA_UNIT = "data unit squared", "data unit", "data unit"


@dataclass(frozen=True)
class Notation:
    """One row of the notation table.

    Attributes
    ----------
    symbol : sympy.Symbol
        The symbol that laws are written with.
    latex : str
        How the book prints it.
    meaning, unit : str
        For the reader; without a unit it is a pure number.
    code : str
        Name in the package, if it has one.
    definition : sympy.Expr, optional
        What it abbreviates.
    definition_latex : str
        How the book prints that.
    """

    symbol: sp.Symbol
    latex: str
    meaning: str
    unit: str = ""
    code: str = ""
    definition: sp.Expr | None = None
    definition_latex: str = ""


def positive(names):
    """Positive SymPy symbols from a string of names."""
    return sp.symbols(names, positive=True)
