"""The consistency checks: each takes the pages of the book and returns a list of problems."""

from . import (
    cells,
    claims,
    equations,
    exercises,
    figures,
    links,
    mathematics,
    numbers,
    outputs,
    pattern,
    pictures,
    plain,
    references,
)

PAGE_CHECKS = {
    "cells": cells.check_cells,
    "pattern": pattern.check_pattern,
    "equations": equations.check_equations,
    "mathematics": mathematics.check_mathematics,
    "numbers": numbers.check_numbers,
    "links": links.check_links,
    "words of links": links.check_words,
    "references": references.check_references,
    "claims": claims.check_claims,
    "claim-sources": claims.check_sources,
    "figures": figures.check_figures,
    "pictures": pictures.check_pictures,
    "outputs": outputs.check_outputs,
    "exercises": exercises.check_exercises,
    "plain": plain.check_plain,
}
