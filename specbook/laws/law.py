"""A law: one labelled equation of the book, stated once, in SymPy."""

import re
from dataclasses import dataclass

import sympy as sp

from .operators import numeric

PROVENANCE = ("stated", "derived", "derived again")
INDENT = re.compile(r"^\\q?quad\s+")  # of a line of several
TIMES = re.compile(r"^\\cdot\s*(?P<bracket>(?=[(\[]|\\left|\\[bB]ig))?")  # at its beginning


class Lines(str):
    """LaTeX as it stands on a wide page; `narrow` is the same in more lines."""

    narrow = ""


def lines(*parts, long=False):
    r"""LaTeX of one expression: for a wide page, and broken so that it fits on a phone.

    Parameters
    ----------
    *parts : str
        LaTeX of the lines on a phone. A wide page shows them in one line, without what indents
        them, and without a times at the beginning of a part.
    long : bool
        True if that line is too long: it is broken before each part that is not indented by
        ``\quad`` or ``\qquad``.

    Returns
    -------
    Lines
        A string with the attribute `narrow`.

    Raises
    ------
    ValueError
        If there is nothing to break.
    """
    rows = [parts[:1]]
    for part in parts[1:]:
        if long and not INDENT.match(part):
            rows.append((part,))
        else:
            rows[-1] += (part,)
    if len(parts) < 2 or (long and len(rows) < 2):
        raise ValueError(f"parts: there is nothing to break in {parts}, long={long}")
    whole = Lines(_joined(rows[0]) if len(rows) == 1 else _aligned(map(_joined, rows)))
    whole.narrow = _aligned(parts)
    return whole


def _joined(parts):
    """Parts in one line."""
    first, *others = (INDENT.sub("", part) for part in parts)
    others = (TIMES.sub(lambda m: r"\, " if m["bracket"] is None else "", p) for p in others)
    return " ".join([first, *others])


def _aligned(rows):
    return r"\begin{aligned}[t]&" + r"\\&".join(rows) + r"\end{aligned}"


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
        """The displayed equation for a wide page, as it stands in the chapter between ``$$``."""
        return f"{self.left_latex} {self.relation} {self.right_latex}"

    @property
    def narrow(self):
        """The displayed equation in more lines, for a narrow page, or None if it needs none."""
        broken = getattr(self.right_latex, "narrow", None)
        return broken and f"{self.left_latex} {self.relation} {broken}"

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
