"""A letter of the book: a SymPy symbol that knows how it is printed and what it means."""

from functools import partial

import sympy as sp
from sympy.core.evalf import evalf_symbol, evalf_table

GROUPS = ("data", "training", "sampling", "measuring")
VAR, STD, DATA_UNIT = "data unit squared", "data unit", "data unit"


class Letter(sp.Symbol):
    """One symbol of the laws, and its row of the notation table.

    Parameters
    ----------
    name : str
        Name of the SymPy symbol; no other letter of the book has it.
    latex : str
        How the book prints it: unique in its part of the book.
    meaning, unit : str
        For the reader; without a unit it is a pure number.
    code : str
        Name in the package, if it has one.
    group : {"data", "training", "sampling", "measuring"}
        Table in which a reader would look for it. `data`, `training`, `sampling` and `measuring`
        of this module make a letter of that group.
    definition : sympy.Expr, optional
        What it abbreviates.
    definition_latex : str
        How the book prints that, if SymPy's way is not good enough.
    index : sympy.Symbol or tuple of them
        Indices that it carries: a sum, product or mean over one of them takes another value of
        this letter in each of its terms.
    **assumptions : bool
        As for `sympy.Symbol`; positive if there are none.
    """

    def __new__(cls, name, latex, meaning="", unit="", code="", *, group="data", definition=None,
                definition_latex="", index=(), **assumptions):
        if group not in GROUPS:
            raise ValueError(f"group of {name} must be one of {GROUPS}, not {group!r}")
        letter = sp.Symbol.__xnew__(cls, name, **(assumptions or {"positive": True}))
        letter.latex, letter.meaning, letter.unit, letter.code = latex, meaning, unit, code
        letter.group, letter.definition = group, definition
        if definition is not None and not definition_latex:
            definition_latex = sp.latex(definition, ln_notation=True)
        letter.definition_latex = definition_latex
        letter.index = index if isinstance(index, tuple) else (index,)
        return letter

    def at(self, index, number):
        """The value of the letter at one value of an index that it carries.

        Parameters
        ----------
        index : sympy.Symbol
            One of its indices.
        number : int
            The value of that index.

        Returns
        -------
        Letter
            It carries the other indices.
        """
        rest = tuple(other for other in self.index if other != index)
        name, latex = f"{self.name}[{number}]", f"{self.latex}[{number}]"
        return Letter(name, latex, index=rest, **self._assumptions_orig)

    @classmethod
    def class_key(cls):
        """Key by which SymPy sorts: letters stand among other symbols, by name.

        Returns
        -------
        tuple
        """
        return sp.Symbol.class_key()

    def __getnewargs_ex__(self):
        own = ("group", "definition", "definition_latex", "index")
        positional = (self.name, self.latex, self.meaning, self.unit, self.code)
        return positional, {n: getattr(self, n) for n in own} | self._assumptions_orig

    def _latex(self, printer):
        return self.latex


evalf_table[Letter] = evalf_symbol  # SymPy chooses by the class how to compute a number
data, training, sampling, measuring = (partial(Letter, group=group) for group in GROUPS)
