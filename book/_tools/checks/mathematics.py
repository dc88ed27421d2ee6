"""Inline mathematics: a relation is a law, a definition or a setting; a number is a setting."""

import re

import latex
import prose
from pages import Problem

from . import equations
from .exempt import Exempt

RELATION = re.compile(r"=|\\(?:propto|approx|simeq|equiv|neq|sim|doteq|cong)(?![a-zA-Z])")
PLAIN = {"0", "1", "2"}
BARE = re.compile(r"(?:[\d.,+\-^{}\s]|\\times|\\cdot|\\[,;!])+")  # no symbol in it
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def settings_of(page):
    """Settings shown in a notebook: symbol = value, all their numbers, and the values whole."""
    from specbook.reading.mime import SETTINGS

    pairs, values, whole = set(), set(PLAIN), {latex.tokens(n) for n in (*PLAIN, "-1", "-2")}
    for cell in page.code():
        for record in cell.records(SETTINGS):
            for row in record:
                pairs.add(latex.tokens(f"{row['symbol']} = {row['value']}"))
                values |= set(NUMBER.findall(row["value"]))
                whole.add(latex.tokens(row["value"]))
    return pairs, values, whole


def _is_definition(shown, page):
    """True if it says of a letter of the page's part what its definition says."""
    from specbook.laws import PARTS, notation

    part = page.path.partition("/")[0]
    letters = notation(part if part in PARTS else "")
    left, _, right = shown.partition("=")
    return any(
        latex.same(letter.latex, left) and not equations.differs(right, letter.definition, letters)
        for letter in letters if letter.definition is not None
    )


def check_mathematics(pages, laws=None, exempt=None):
    """Relations and numbers inside ``$...$`` are backed by a law, a definition or a setting."""
    laws = equations._laws() if laws is None else laws
    known = {latex.tokens(law.latex) for law in laws.values()}
    exempt = exempt or Exempt()
    problems = []
    for page in pages:
        pairs, values, whole = settings_of(page)
        for cell in page.prose():
            for shown in prose.inline(cell.source):
                sequence = latex.tokens(shown)
                if sequence in known or sequence in pairs or exempt.covers_mathematics(shown):
                    continue
                if RELATION.search(shown):
                    if _is_definition(shown, page):
                        continue
                    message = (
                        f"${shown}$ is neither a law, nor a definition of the notation table, nor a"
                        " setting of this notebook: make it one, or give a reason in exempt.txt"
                    )
                    problems.append(Problem(page.path, cell.where, message))
                    continue
                allowed = values
                if BARE.fullmatch(shown) and sequence not in whole:
                    allowed = values - PLAIN  # 8 x 1 is not 8 x 8, although 1 needs no reason
                strange = [n for n in NUMBER.findall(shown) if n not in allowed]
                if strange:
                    message = (
                        f"the number {', '.join(strange)} in ${shown}$ is not among the settings of"
                        " this notebook: correct it, or show it with settings(...)"
                    )
                    problems.append(Problem(page.path, cell.where, message))
    return problems
