"""The consistency checks bite: a copy of the chapter is tampered with, and the check sees it.

Each tampering changes one thing in the copy and returns where; the check that owns it must
report that place, and must have found nothing there before. Where outputs are tampered with,
the untouched outputs stand in for the fresh run that nbval makes.
"""

import copy
import shutil
from dataclasses import replace

import carry
import checks
import nbformat
import pages as book_pages
import pytest
import sample_chapter
import sync
import tamper_outputs as outputs
import tamper_text as texts
from checks import exercises, imports, numbers
from compare import compare_outputs

from specbook.laws import BOOK
from specbook.laws.law import lines
from specbook.reading import exercises as all_exercises

CHAPTER = "training-time/linear-denoiser.ipynb"


class Book:
    """The pages of the book with one chapter that may be tampered with."""

    def __init__(self, source):
        self.before = {}  # problems of the untouched chapter, by check
        if source == "sample":
            self.path, self.others = "part/sample.ipynb", []
            self.original = sample_chapter.sample_notebook()
            self.exercises = sample_chapter.EXERCISES
        else:
            self.path = source
            file = book_pages.BOOK / source
            self.original = nbformat.read(file, as_version=4)
            self.others = [page for page in book_pages.read_book() if page.path != source]
            self.exercises = all_exercises()

    def problems(self, name, notebook):
        """What one check finds in the chapter."""
        pages = [*self.others, book_pages.page_of(notebook, self.path)]
        extra = {}
        if name == "exercises":
            extra["exercises"] = self.exercises
        found = checks.PAGE_CHECKS[name](pages, **extra)
        return {str(problem) for problem in found if problem.path == self.path}


SOURCES = ["sample"] + [CHAPTER] * (book_pages.BOOK / CHAPTER).exists()


@pytest.fixture(scope="module", params=SOURCES)
def book(request):
    return Book(request.param)


PAGE_TAMPERINGS = [
    ("cells", texts.wide_line),
    ("claims", texts.digit_in_claim),
    ("numbers", texts.number_typed),
    ("numbers", texts.number_in_words_of_a_link),
    ("equations", texts.sign_in_equation),
    ("equations", texts.equation_label),
    ("equations", texts.equation_unlabelled),
    ("equations", texts.equation_twice),
    ("links", texts.equation_reference),
    ("words of links", texts.links_swapped),
    ("mathematics", texts.inline_relation),
    ("mathematics", texts.inline_number),
    ("mathematics", texts.setting_changed),
    ("outputs", texts.setting_retyped),
    ("links", texts.anchor_removed),
    ("claims", outputs.claim_expectation_stored),
    ("claims", outputs.claim_value_stored),
    ("claims", outputs.claim_tolerance_stored),
    ("claims", outputs.claim_line_stored),
    ("claim-sources", outputs.claim_expected_is_value),
    ("claim-sources", outputs.claim_expected_is_made_from_value),
    ("claim-sources", outputs.claim_expected_is_literal),
    ("outputs", outputs.claim_deleted),
    ("claims", outputs.claim_anchor_moved),
    ("claims", outputs.claim_uncited),
    ("claim-sources", outputs.statement_that_cannot_be_false),
    ("figures", outputs.caption_number),
    ("figures", outputs.alt_number),
    ("figures", outputs.sentence_that_cannot_be_false),
    ("figures", outputs.alt_metadata),
    ("figures", outputs.alt_stored),
    ("figures", outputs.caption_metadata),
    ("figures", outputs.figure_without_data),
    ("figures", outputs.figure_unmentioned),
    ("figures", outputs.figure_alt_inside),
    ("figures", outputs.figure_id),
    ("pictures", outputs.figure_faint),
    ("pictures", outputs.figure_transparent),
    ("pictures", outputs.figure_small_type),
    ("pictures", outputs.figure_pale_type),
    ("outputs", outputs.order_of_execution),
    ("outputs", outputs.warning_stored),
    ("outputs", outputs.comparison_switched_off),
    ("outputs", outputs.comparison_loosened),
    ("outputs", outputs.times_stored),
    ("plain", texts.exercise_in_myst),
    ("plain", texts.directive_in_a_fence),
    ("plain", texts.table_in_a_list),
    ("plain", texts.address_of_another_page),
    ("plain", texts.solution_unfolded),
    ("plain", texts.title_of_a_figures_code),
    ("plain", texts.caption_below_a_figure),
    ("exercises", outputs.solution_judged_wrong),
    ("exercises", outputs.solution_missing),
]


@pytest.mark.parametrize(
    ("name", "tamper"), PAGE_TAMPERINGS, ids=[f"{n}-{t.__name__}" for n, t in PAGE_TAMPERINGS]
)
def test_tampering_is_seen_and_located(book, name, tamper):
    if name not in book.before:
        book.before[name] = book.problems(name, book.original)
    before = book.before[name]
    assert not before, "the untouched chapter has problems: " + "\n".join(before)
    copied = copy.deepcopy(book.original)
    where = tamper(copied)
    found = book.problems(name, copied)
    assert any(where in problem for problem in found), found or "nothing was found"


@pytest.mark.parametrize(
    "tamper",
    [
        outputs.figure_value,
        outputs.figure_sum,
        outputs.figure_moved,
        outputs.figure_bent,
        outputs.figure_cut,
        outputs.figure_recoloured,
        outputs.printed_digit,
        outputs.shown_text,
        outputs.output_removed,
        outputs.setting_stored,
        outputs.claim_because_stored,
        outputs.claim_value_stored,
        outputs.claim_expectation_stored,
        outputs.figure_without_data,
        outputs.alt_stored,
        outputs.warning_stored,
    ],
    ids=lambda tamper: tamper.__name__,
)
def test_a_fresh_run_differs_from_tampered_outputs(book, tamper):
    stored = copy.deepcopy(book.original)
    where = tamper(stored)
    for fresh, old in zip(book.original.cells, stored.cells, strict=True):
        found = compare_outputs(fresh.get("outputs", []), old.get("outputs", []))
        assert bool(found) == (old.id == where), (old.id, found)


def test_an_accepted_wrong_answer_is_seen(book):
    for exercise in book.exercises.values():
        assert not exercises.check_exercise(exercise)
        hints = ((exercise.answer, exercise.hints[0][1]), *exercise.hints[1:])
        wrong = type(exercise)(exercise.label, exercise.answer, exercise.rtol, hints)
        assert any("accepts the wrong answer" in str(p) for p in exercises.check_exercise(wrong))
        loose = type(exercise)(exercise.label, exercise.answer, 3.0, exercise.hints)
        assert exercises.check_exercise(loose)
        fewer = type(exercise)(exercise.label, exercise.answer, exercise.rtol, exercise.hints[:2])
        assert exercises.check_exercise(fewer)


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("experiments/runs.py", "from specbook import theory"),
        ("experiments/runs.py", "from ..theory import linear"),
        ("experiments/runs.py", "from .. import laws"),
        ("experiments/runs.py", "import specbook"),
        ("experiments/runs.py", "import matplotlib.pyplot as plt"),
        ("experiments/probe_readings.py", "import sympy"),
        ("experiments/runs.py", "import specbook.laws.linear_denoiser as l"),
        ("experiments/deep/runs.py", "from ...theory import linear"),
        ("experiments/runs.py", "def f():\n    import_module('specbook.theory')"),
        ("theory/linear.py", "import torch"),
        ("theory/linear.py", "from torch import nn"),
        ("laws/linear_denoiser.py", "import numpy as np"),
        ("laws/linear_denoiser.py", "from ..theory import linear"),
        ("sampler.py", "from .theory import linear"),
        ("sampler.py", "import torch"),
        ("reading/claims.py", "from ..theory import linear"),
    ],
)
def test_a_forbidden_import_is_seen(tmp_path, part, line):
    file = tmp_path / "specbook" / part
    file.parent.mkdir(parents=True)
    file.write_text("import numpy as np\n" if "laws" not in part else "import sympy as sp\n")
    assert not imports.check_file(file, tmp_path / "specbook")
    file.write_text(file.read_text() + line + "\n")
    assert imports.check_file(file, tmp_path / "specbook")


@pytest.mark.parametrize("label", sorted(BOOK))
def test_a_flipped_sign_or_lost_factor_in_the_latex_of_a_law_is_seen(label):
    law, tried = BOOK[label], 0
    slips = ((" + ", " - "), (" - ", " + "), ("^2", ""), ("2", "3"), (r"\lambda", r"\mu"),
             (r"\sigma_0", r"\sigma_T"))
    rarer = ((r"\sqrt", ""), (r"\cos", r"\sin"), (r"w_{\mathrm{p}}", r"q_{\mathrm{p}}"),
             ("e^{-", "e^{"))
    if not any(old in law.right_latex for old, _ in slips):
        slips = rarer
    for old, new in slips:
        if old in law.right_latex:
            tried += 1
            wrong = replace(law, right_latex=law.right_latex.replace(old, new, 1))
            assert checks.equations.check_law(wrong), wrong.right_latex
    assert tried or len(law.right_latex) < 20


def test_a_slip_in_the_lines_for_narrow_screens_alone_is_seen():
    law = BOOK["eq-descent"]
    printed = lines(r"w_\star + (q_0 - w_\star)", r"\cdot (1 - 2\eta(\lambda + \sigma^2))^n")
    assert not checks.equations.check_law(replace(law, right_latex=printed))
    printed.narrow = printed.narrow.replace("1 - 2", "1 + 2")
    (problem,) = checks.equations.check_law(replace(law, right_latex=printed))
    assert "right_latex.narrow" in problem.message


def test_a_needless_exemption_is_seen(tmp_path, monkeypatch):
    file = tmp_path / "exempt.txt"
    needed = numbers.Exempt.__init__.__defaults__[0].read_text()
    file.write_text(needed + "\nsurely 42\tno reason\n")
    monkeypatch.setattr(numbers.Exempt.__init__, "__defaults__", (file,))
    assert [p.where for p in numbers.check_exempt(book_pages.read_book())] == ["surely 42"]


def test_sync_repairs_what_it_owns(book, tmp_path):
    damaged = copy.deepcopy(book.original)
    for tamper in (
        texts.digit_in_claim,
        texts.sign_in_equation,
        outputs.alt_metadata,
        outputs.caption_metadata,
    ):
        tamper(damaged)
    file = tmp_path / book.path
    file.parent.mkdir()
    book_pages.write_notebook(file, damaged)
    report = "\n".join(sync.sync(tmp_path))
    repaired = nbformat.read(file, as_version=4)
    assert repaired == book.original
    for what in ("an equation", "a number", "caption"):
        assert what in report
    assert sync.sync(tmp_path) == [sync.NOTHING]


def test_sync_carries_address_and_author(tmp_path):
    for name in ("_config.yml", "pyproject.toml", "CITATION.cff", "README.md"):
        shutil.copy(book_pages.BOOK.parent / name, tmp_path)
    assert carry.carry(tmp_path) == []
    config = tmp_path / "_config.yml"
    text = config.read_text().replace("github.com/specbook/specbook", "github.com/some/where")
    text = text.replace("branch: main ", "branch: v9.8 ")
    config.write_text(text.replace("author: The specbook authors", "author: A. N. Author"))
    assert {"CITATION.cff", "README.md", "pyproject.toml"} <= set(carry.carry(tmp_path))
    left = "".join(file.read_text() for file in tmp_path.iterdir())
    assert left.count("git+https://github.com/some/where@v9.8") == 2
    assert "/specbook/specbook" not in left and "The specbook authors" not in left
    assert carry.carry(tmp_path) == []
