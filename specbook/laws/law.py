"""A law: one labelled equation of the book, stated once, in SymPy."""

from dataclasses import dataclass

import sympy as sp

from .operators import numeric

PROVENANCE = ("stated", "derived", "derived again")


def lines(*parts):
    """LaTeX of one expression broken into lines, so that it fits on a phone.

    Parameters
    ----------
    *parts : str
        LaTeX of the lines.

    Returns
    -------
    str
    """
    return r"\begin{aligned}[t]&" + r"\\&".join(parts) + r"\end{aligned}"


@dataclass(frozen=True)
class Law:
    """One labelled equation of the book.

    Attributes
    ----------
    label : str
        Address in the book, ``eq-...``.
    title : str
        What the equation is, in a few words.
    left, right : sympy.Expr
        The two sides.
    right_latex : str
        How the book prints the right side: set by hand, and parsed by a test that compares it
        with `right`.
    provenance : {"stated", "derived", "derived again"}
        Stated in a paper, derived in this book, or derived here after a paper that states it.
    source : str
        Paper and equation, or where in the book it is derived.
    conditions : str
        When it holds.
    relation : str
        LaTeX of the relation between the sides.
    theory : str
        Public name of the function that evaluates it, if there is one.
    """

    label: str
    title: str
    left: sp.Expr
    right: sp.Expr
    right_latex: str
    provenance: str
    source: str
    conditions: str = ""
    relation: str = "="
    theory: str = ""

    def __post_init__(self):
        if self.provenance not in PROVENANCE:
            raise ValueError(
                f"provenance of {self.label} must be one of {PROVENANCE}, not {self.provenance!r}"
            )

    @property
    def left_latex(self):
        """How the book prints the left side."""
        return sp.latex(self.left)

    @property
    def latex(self):
        """The displayed equation, as it stands in the chapter between ``$$``."""
        return f"{self.left_latex} {self.relation} {self.right_latex}"

    def _repr_latex_(self):
        return f"$\\displaystyle {self.latex}$"

    def function(self, *arguments):
        """The right side as a NumPy function.

        Parameters
        ----------
        *arguments : sympy.Symbol
            Its arguments, in this order.

        Returns
        -------
        callable
            Its arguments broadcast against each other. If the law has sums, products or means,
            an argument that carries their index varies along its last axis, in steps of the
            index; the others have no such axis. With several indices these are the last axes, in
            the order of the names of the indices.
        """
        return sp.lambdify(arguments, numeric(self.right, arguments), modules=["scipy", "numpy"])
