"""Inline mathematics: a relation is a law, a definition or a setting; a number is a setting."""

import re

import latex
import prose
from pages import Problem

from . import equations
from .exempt import Exempt

RELATION = re.compile(r"=|\\(?:propto|approx|simeq|equiv|neq|sim|doteq|cong)(?![a-zA-Z])")
PLAIN = {"0", "1", "2"}
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def _settings(page):
    """Settings shown in a notebook, as token sequences of the pairs, and all their numbers."""
    from specbook.reading.mime import SETTINGS

    pairs, values = set(), set(PLAIN)
    for cell in page.code():
        for record in cell.records(SETTINGS):
            for row in record:
                pairs.add(latex.tokens(f"{row['symbol']} = {row['value']}"))
                values |= set(NUMBER.findall(row["value"]))
    return pairs, values


def _known(laws, notation):
    """Token sequences of everything that inline mathematics may state."""
    known = {latex.tokens(law.latex) for law in laws.values()}
    known |= {
        latex.tokens(f"{row.latex} = {row.definition_latex}")
        for row in notation if row.definition is not None
    }  # fmt: skip
    return known


def check_mathematics(pages, laws=None, notation=None, exempt=None):
    """Relations and numbers inside ``$...$`` are backed by a law, a definition or a setting."""
    laws = equations._laws() if laws is None else laws
    notation = equations._notation() if notation is None else notation
    known = _known(laws, notation)
    exempt = exempt or Exempt()
    problems = []
    for page in pages:
        pairs, values = _settings(page)
        for cell in page.prose():
            for shown in prose.inline(cell.source):
                sequence = latex.tokens(shown)
                if sequence in known or sequence in pairs or exempt.covers_mathematics(shown):
                    continue
                if RELATION.search(shown):
                    message = (
                        f"${shown}$ is neither a law, nor a definition of the notation table, nor a"
                        " setting of this notebook: make it one, or give a reason in exempt.txt"
                    )
                    problems.append(Problem(page.path, cell.where, message))
                    continue
                strange = [n for n in NUMBER.findall(shown) if n not in values]
                if strange:
                    message = (
                        f"the number {', '.join(strange)} of ${shown}$ is not among the settings of"
                        " this notebook: correct it, or show it with settings(...)"
                    )
                    problems.append(Problem(page.path, cell.where, message))
    return problems
