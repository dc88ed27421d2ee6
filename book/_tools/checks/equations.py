"""Displayed equations are laws, and what a law prints is what it states."""

import latex
import prose
from pages import Problem


def _laws():
    from specbook.laws import BOOK

    return BOOK


def _notation(label):
    from specbook.laws import PART_OF, notation

    return notation(PART_OF[label])


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


def check_law(law, letters=None):
    """Each side of a law as it is printed, read back, is its SymPy statement.

    A letter of the part on the left prints itself. The right side is read in one line and, where
    it is broken for narrow screens, in several.
    """
    letters = _notation(law.label) if letters is None else letters
    printed = {"right_latex": (law.right_latex, law.right)}
    if law.left not in letters:
        printed["left_latex"] = law.left_latex, law.left
    if law.narrow:
        printed["right_latex.narrow"] = law.right_latex.narrow, law.right
    return [
        Problem("specbook/laws", law.label, f"{name}: {message}")
        for name, (text, stated) in printed.items()
        if (message := differs(text, stated, letters))
    ]


def differs(printed, stated, letters):
    """What is wrong with the LaTeX of an expression, or nothing."""
    try:
        distance = latex.largest_difference(latex.parse(printed, letters), stated)
    except ValueError as error:
        return str(error)
    return f"{printed!r} differs from {stated} by {distance:.2g}" if distance > 1e-9 else ""


def check_letters(part, letters):
    """Letters of a part, with those of the core: each is printed like no other."""
    problems, seen = [], {}
    for letter in letters:
        twin = seen.setdefault(latex.tokens(letter.latex), letter)
        if twin is not letter:
            message = f"{letter.latex} also stands for {twin}: one letter, one meaning in a part"
            problems.append(Problem(f"specbook/laws, {part}", letter.latex, message))
    return problems


def check_definition(letter, letters):
    """A letter's printed definition, read back, is its SymPy definition."""
    if letter.definition is None:
        return []
    message = differs(letter.definition_latex, letter.definition, letters)
    return [Problem("specbook/laws", letter.latex, message)] if message else []
