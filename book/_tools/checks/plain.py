"""A plain notebook reads like the page: numbers, links, boxes, folded cells and captions."""

import labels
import plain
from pages import Problem


def check_plain(pages):
    """`make sync` has nothing to write into a page: no number is wrong, no form is MyST's."""
    known = labels.collect(pages)
    return [
        Problem(page.path, cell.where, f"not as a plain notebook needs it ({what}): make sync")
        for page in pages
        for cell, what, _, _ in plain.changes(page, known)
    ]
