"""Displayed equations are laws, and what a law prints is what it states."""

import latex
import prose
from pages import Problem


def _laws():
    from specbook.laws import Law

    return Law.book


def _notation():
    from specbook.laws.symbols import NOTATION

    return NOTATION


def check_equations(pages, laws=None):
    """Every ``$$`` block is labelled, is the LaTeX of its law, and stands in the book once."""
    laws, problems, seen = _laws() if laws is None else laws, [], {}
    for page in pages:
        for cell in page.prose():

            def report(message, page=page, cell=cell):
                problems.append(Problem(page.path, cell.where, message))

            for stray in prose.stray_displays(cell.source):
                report(f"found {stray!r}: write a displayed equation as $$ on lines of their own")
            for shown, label, _, _ in prose.displays(cell.source):
                if label is None:
                    report(f"the equation {shown!r} has no (eq-...) label behind its closing $$")
                elif label not in laws:
                    report(f"no law has the label {label}: add it to specbook/laws or correct it")
                elif shown != laws[label].latex:
                    report(
                        f"{label} shows {shown!r}, its law says {laws[label].latex!r}:"
                        " correct the wrong one, then make sync"
                    )
                if label in seen:
                    report(
                        f"{label} is shown twice, here and in {seen[label]}: keep one, link to it"
                    )
                elif label:
                    seen[label] = page.path
    return problems


def check_law(law, notation=None):
    """The printed form of one law, read back, is its SymPy statement."""
    notation = _notation() if notation is None else notation
    problems = []

    def report(message):
        problems.append(Problem("specbook/laws", law.label, message))

    named = [row for row in notation if latex.same(row.latex, law.left_latex)]
    sides = [("right", law.right_latex, law.right)]
    if named:
        if all(row.symbol != law.left for row in named):
            report(f"left_latex is the notation of {named[0].symbol}, but left is {law.left}")
    else:
        sides.append(("left", law.left_latex, law.left))
    for side, printed, stated in sides:
        try:
            distance = latex.largest_difference(latex.parse(printed, notation), stated)
        except ValueError as error:
            report(f"{side}_latex: {error}")
            continue
        if distance > 1e-9:
            report(f"{side}_latex {printed!r} differs from {stated} by {distance:.2g} (relative)")
    return problems


def check_definition(row, notation=None):
    """A notation's printed definition, read back, is its SymPy definition; symbols are unique."""
    notation = _notation() if notation is None else notation
    problems = []
    twins = [n.symbol for n in notation if latex.same(n.latex, row.latex) and n is not row]
    if twins:
        message = f"{row.latex} also stands for {twins[0]}: one symbol, one meaning"
        problems.append(Problem("specbook/laws/symbols", row.latex, message))
    if (row.definition is None) != (not row.definition_latex):
        message = "give both definition and definition_latex, or neither"
        return [*problems, Problem("specbook/laws/symbols", row.latex, message)]
    if row.definition is None:
        return problems
    try:
        read = latex.parse(row.definition_latex, notation)
        distance = latex.largest_difference(read, row.definition)
    except ValueError as error:
        return [*problems, Problem("specbook/laws/symbols", row.latex, str(error))]
    if distance > 1e-9:
        message = f"definition_latex differs from definition by {distance:.2g} (relative)"
        problems.append(Problem("specbook/laws/symbols", row.latex, message))
    return problems
