"""Text, laws, claims, figures, outputs, exercises and imports of the book agree.

Each test is one check on one page, law, definition, exercise or file; its message says what to
do. The checks themselves are tested by tampering, in ``test_tampering.py``.
"""

from functools import cache

import checks
import pages as book_pages
import pytest
from checks import equations, exercises, imports, numbers

from specbook.laws import BOOK, PARTS, notation
from specbook.reading import exercises as all_exercises

PATHS = [file.relative_to(book_pages.BOOK).as_posix() for file in book_pages.page_files()]


@cache
def problems(name):
    """All problems that one check finds in the book."""
    return checks.PAGE_CHECKS[name](book_pages.read_book())


def none_of(found):
    assert not found, "\n" + "\n".join(map(str, found))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", checks.PAGE_CHECKS)
def test_page(name, path):
    none_of([problem for problem in problems(name) if problem.path == path])


@pytest.mark.parametrize("name", checks.PAGE_CHECKS)
def test_beside_the_pages(name):
    none_of([problem for problem in problems(name) if problem.path not in PATHS])


def test_exempt_list_is_needed():
    none_of(numbers.check_exempt(book_pages.read_book()))


@pytest.mark.parametrize("label", sorted(BOOK))
def test_law_prints_what_it_states(label):
    none_of(equations.check_law(BOOK[label]))


@pytest.mark.parametrize("part", PARTS)
def test_letters(part):
    none_of(equations.check_letters(part, notation(part)))
    for letter in PARTS[part]:
        none_of(equations.check_definition(letter, notation(part)))


@pytest.mark.parametrize("label", sorted(all_exercises()))
def test_exercise(label):
    none_of(exercises.check_exercise(all_exercises()[label]))


def test_every_checker_has_its_exercise():
    asked = {
        name
        for page in book_pages.read_book()
        for cell in page.prose()
        for name in checks.links.targets_of(cell)
    }
    assert set(all_exercises()) <= asked, "delete checkers of exercises that no page has"


@pytest.mark.parametrize(
    "file", sorted(imports.PACKAGE.rglob("*.py")), ids=lambda f: str(f.relative_to(imports.PACKAGE))
)
def test_imports_run_one_way(file):
    none_of(imports.check_file(file))


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import specbook", ("torch", "matplotlib", "sympy", "scipy")),
        ("import specbook.theory", ("torch", "matplotlib")),
        ("import specbook.laws", ("torch", "matplotlib", "specbook.theory")),
        ("import specbook.experiments", ("matplotlib", "specbook.laws", "specbook.theory")),
        ("import specbook.reading", ("torch", "plotly", "specbook.laws", "specbook.theory")),
    ],
)
def test_import_loads_no_more_than_it_needs(statement, unwanted):
    loaded = imports.loaded_by(statement, unwanted)
    assert not loaded, f"{statement} loads {', '.join(loaded)}"
