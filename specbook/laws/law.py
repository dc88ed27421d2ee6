"""A law: one labelled equation of the book, stated once, in SymPy."""

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

PROVENANCE = ("stated", "derived")


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
    left_latex, right_latex : str
        How the book prints them: set by hand, and parsed by a test that compares the right
        side with `right` and looks the left side up in the notation table.
    provenance : {"stated", "derived"}
        Stated in a paper, or derived in this book.
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
    left_latex: str
    right_latex: str
    provenance: str
    source: str
    conditions: str = ""
    relation: str = "="
    theory: str = ""

    book: ClassVar[dict] = {}

    def __post_init__(self):
        if self.provenance not in PROVENANCE:
            raise ValueError(
                f"provenance of {self.label} must be one of {PROVENANCE}, not {self.provenance!r}"
            )
        if self.label in Law.book:
            raise ValueError(f"label {self.label!r} is used by two laws")
        Law.book[self.label] = self

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
        """
        return sp.lambdify(arguments, self.right, modules=["scipy", "numpy"])


@dataclass(frozen=True, repr=False)
class Sources:
    """The table at the end of a chapter: where each of its laws comes from."""

    laws: tuple

    def __repr__(self):
        return "\n".join(f"{law.label} ({law.provenance}): {law.source}" for law in self.laws)

    def _repr_markdown_(self):
        rows = [
            "| equation | what it is | provenance | source | conditions |",
            "|---|---|---|---|---|",
        ]
        for law in self.laws:
            cells = (f"[](#{law.label})", law.title, law.provenance, law.source, law.conditions)
            rows.append(f"| {' | '.join(cells)} |")
        return "\n".join(rows)


def sources(*labels):
    """The laws with these labels as a table for the reader.

    Parameters
    ----------
    *labels : str
        Labels of laws, in the order of the table.

    Returns
    -------
    Sources
        A notebook shows it as a table.

    Raises
    ------
    ValueError
        If there is no law of that label.
    """
    unknown = [label for label in labels if label not in Law.book]
    if unknown:
        raise ValueError(f"labels: there is no law {', '.join(unknown)}")
    return Sources(tuple(Law.book[label] for label in labels))
