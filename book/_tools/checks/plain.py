"""A plain notebook reads like the page: numbers, links, boxes, folded cells and captions."""

import re

import labels
import plain
from pages import FENCE, Problem, blank

INDENTED = re.compile(r"^[ \t]+\|.*\|[ \t]*$", flags=re.M)
DIRECTIVE = re.compile(r"^[ \t]*(?:`{3,}|~{3,}|:{3,})\{[\w:-]+\}", flags=re.M)


def check_plain(pages):
    """`make sync` has nothing to write into a page: no number is wrong, no form is MyST's."""
    known = labels.collect(pages)
    problems = [
        Problem(page.path, cell.where, f"not as a plain notebook needs it ({what}): make sync")
        for page in pages
        for cell, what, _, _ in plain.changes(page, known)
    ]
    return problems + [
        Problem(page.path, cell.where, message)
        for page in pages if page.notebook is not None
        for cell in page.prose()
        for message in raw(cell.source)
    ]


def raw(source):
    """What Jupyter shows as it is typed, and sync cannot turn into something else."""
    for match in DIRECTIVE.finditer(source):
        yield f"{match[0].strip()} is not known: write a box, :::{{admonition}} Title"
    for match in INDENTED.finditer(FENCE.sub(blank, source)):
        yield f"a table inside a list is shown as bars: put {match[0].strip()[:30]} below the list"
