"""Open cells stay narrow and short, and what is still too large only becomes less."""

from copy import deepcopy
from functools import cache

import pytest
import sample_chapter
from checks.cells import LONGEST, WIDEST, check_cells
from pages import page_of

PATH = "part/sample.ipynb"


sample = cache(sample_chapter.sample_notebook)


def problems(change=None, allowed=0, tags=()):
    """What the check finds in the small chapter after a change of its first code cell."""
    notebook = deepcopy(sample())
    for cell in notebook.cells:  # the sample itself is not formatted
        if cell.cell_type == "code":
            cell.source = "1"
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    if change is not None:
        first.source = change
    first.metadata["tags"] = list(tags)
    to_reteach = {PATH: allowed} if allowed else {}
    return first.id, [str(p) for p in check_cells([page_of(notebook, PATH)], to_reteach)]


@pytest.mark.parametrize("change, message", [
    ("x = 1  # " + "a" * (WIDEST - 8), "1 lines of more than 76"),
    ("x = 1\n" * LONGEST + "x", "26 lines"),
    ("x = 1\n" * LONGEST + "#" * (WIDEST + 1), "characters and 26 lines"),
])
def test_a_large_cell_is_seen(change, message):
    assert problems()[1] == []
    where, found = problems(change)
    assert len(found) == 1 and where in found[0] and message in found[0]
    for tag in ("hide-input", "hide-cell", "remove-input"):
        assert problems(change, tags=[tag])[1] == []
    assert problems(change, tags=["other"])[1]


def test_what_just_fits():
    assert problems("#" * WIDEST + "\n1" * (LONGEST - 1))[1] == []
    assert problems("%pip install https://" + "a" * 80)[1] == []


def test_the_list_only_shrinks():
    large = "#" * (WIDEST + 1)
    assert problems(large, allowed=1)[1] == []
    for change, allowed in ((None, 1), (large, 2)):
        (found,) = problems(change, allowed)[1]
        assert "lower" in found and PATH in found
    (found,) = check_cells([], {PATH: 1})
    assert found.path == PATH and "delete" in found.message
