"""The consistency checks: each takes the pages of the book and returns a list of problems."""

from . import (
    cells,
    claims,
    equations,
    exercises,
    figures,
    imports,
    links,
    mathematics,
    numbers,
    outputs,
    text,
)

PAGE_CHECKS = {
    "cells": cells.check_cells,
    "equations": equations.check_equations,
    "mathematics": mathematics.check_mathematics,
    "numbers": numbers.check_numbers,
    "links": links.check_links,
    "claims": claims.check_claims,
    "claim-sources": claims.check_sources,
    "figures": figures.check_figures,
    "outputs": outputs.check_outputs,
    "exercises": exercises.check_exercises,
    "text": text.check_text,
}

__all__ = ["PAGE_CHECKS", "equations", "imports"]
