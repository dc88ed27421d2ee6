"""Numbers in prose are claims: a number that nobody computed may not stand in the text."""

import re

import forms
import prose
from pages import Problem, blank

from .exempt import Exempt


def _in_address(token, target):
    """True if a number of a link's text stands in its address too, as in arXiv:2503.03206."""
    digits = re.sub(r"[^\d.]", "", token).strip(".")
    return target.startswith("http") and digits in target


def check_numbers(pages, exempt=None):
    """No number in the running text, unless it is a claim link or on the exempt list."""
    exempt, problems = exempt or Exempt(), []
    for page in pages:
        for cell in page.prose():
            found, text = prose.numbers(cell.source)
            for token, start, end in found:
                if not exempt.covers(text, start, end):
                    message = (
                        f"the number {token} has no evidence: cite a claim, [{token}](#claim-...),"
                        " write a setting as mathematics, or give a reason in exempt.txt"
                    )
                    problems.append(Problem(page.path, cell.where, message))
            for link in prose.links(cell.source):
                if link.image or link.target.startswith("#claim-"):
                    continue
                pattern = forms.WORDS.get(link.target[1:].partition("-")[0])
                words = pattern.sub(blank, link.text) if pattern else link.text  # sync counts them
                for match in prose.NUMBER.finditer(words):
                    token = match[0].rstrip(".,/·")
                    if _in_address(token, link.target) or exempt.covers(link.text, *match.span()):
                        continue
                    message = f"the number {token} in the link [{link.text}] is not in its address"
                    problems.append(Problem(page.path, cell.where, message))
    return problems


def check_exempt(pages):
    """Every line of exempt.txt is still needed by some page."""
    from .mathematics import check_mathematics

    exempt = Exempt()
    check_numbers(pages, exempt)
    check_mathematics(pages, exempt=exempt)
    return [
        Problem("book/_tools/exempt.txt", pattern, "nothing in the book needs this line: delete it")
        for pattern in exempt.stale()
    ]
