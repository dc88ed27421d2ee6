"""The consistency checks bite: a copy of the chapter is tampered with, and the check sees it.

Each tampering changes one thing in the copy and returns where; the check that owns it must
report that place, and must have found nothing there before. Where outputs are tampered with,
the untouched outputs stand in for the fresh run that nbval makes.
"""

import base64
import copy
import io
import json
import re
from types import SimpleNamespace

import checks
import nbformat
import numpy as np
import pages as book_pages
import pytest
import sample_chapter
import sync
from checks import exercises, imports, numbers, text
from compare import compare_outputs
from PIL import Image

from specbook.laws import Law
from specbook.reading import exercises as all_exercises
from specbook.reading.mime import CLAIM, EXERCISE, FIGURE, SETTINGS

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
        known = [*self.others, book_pages.page_of(self.original, self.path)]
        extra = {}
        if name == "exercises":
            extra["exercises"] = self.exercises
        if name == "text":
            extra["record"] = text.record_of(known)
        found = checks.PAGE_CHECKS[name](pages, **extra)
        return {str(problem) for problem in found if problem.path == self.path}


SOURCES = ["sample"] + [CHAPTER] * (book_pages.BOOK / CHAPTER).exists()


@pytest.fixture(scope="module", params=SOURCES)
def book(request):
    return Book(request.param)


def markdown(notebook, pattern):
    """The first Markdown cell with a match of `pattern`, and the match."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (match := re.search(pattern, cell.source, flags=re.S)):
            return cell, match
    pytest.fail(f"no text matches {pattern}")


def outputs_with(notebook, mime, suits=lambda record: True):
    """The first code cell with such an output, and the data of the output."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}) and suits(output["data"][mime]):
                return cell, output["data"]
    pytest.fail(f"no cell has an output of type {mime}")


def rewrite(cell, match, new):
    cell.source = cell.source[: match.start()] + new + cell.source[match.end() :]
    return cell.id


def other_digit(text):
    """The text with its last digit changed."""
    place = max(i for i, c in enumerate(text) if c.isdigit())
    return text[:place] + str((int(text[place]) + 3) % 10) + text[place + 1 :]


def digit_in_claim(nb):
    cell, match = markdown(nb, r"\[[^\[\]]*\d[^\[\]]*\]\(#claim-")
    return rewrite(cell, match, other_digit(match[0]))


def number_typed(nb):
    cell, match = markdown(nb, r"(?<=[a-z]\. )(?=[A-Z])|$")
    cell.source += "\n\nThe error is 0.37 per cent."
    return cell.id


def number_in_words_of_a_link(nb):
    cell, _ = markdown(nb, ".")
    cell.source += "\n\nSee [all 17 of them](https://example.org/list)."
    return cell.id


def sign_in_equation(nb):
    cell, match = markdown(nb, r"(?<=\n\$\$\n)[^$]*? \+ [^$]*(?=\n\$\$ \(eq-)")
    return rewrite(cell, match, match[0].replace(" + ", " - ", 1))


def equation_label(nb):
    cell, match = markdown(nb, r"(?<=\n\$\$ \()eq-[\w-]+(?=\))")
    other = next(label for label in Law.book if label != match[0])
    return rewrite(cell, match, other)


def equation_unlabelled(nb):
    cell, match = markdown(nb, r"(?<=\n\$\$) \(eq-[\w-]+\)")
    return rewrite(cell, match, "")


def equation_reference(nb):
    cell, match = markdown(nb, r"\]\(#eq-[\w-]+\)")
    return rewrite(cell, match, "](#eq-nowhere)")


def equation_twice(nb):
    cell, match = markdown(nb, r"\n\$\$\n[^$]*\n\$\$ \(eq-[\w-]+\)\n")
    cell.source += "\n" + match[0]
    return cell.id


def inline_relation(nb):
    cell, _ = markdown(nb, ".")
    cell.source += r" Note that $w = \lambda / (\lambda - \sigma^2)$ here."
    return cell.id


def inline_number(nb):
    cell, _ = markdown(nb, ".")
    cell.source += r" There are $8317$ of them."
    return cell.id


def setting_changed(nb):
    """The settings say something else than the text: the text is pointed out."""
    rows = [row for cell in nb.cells for o in cell.get("outputs", [])
            for row in o.get("data", {}).get(SETTINGS, [])]  # fmt: skip
    for row in rows:
        quoted = f"${row['symbol']} = {row['value']}$" if row["symbol"] else f"${row['value']}$"
        for cell in nb.cells:
            if cell.cell_type == "markdown" and quoted in cell.source:
                cell.source = cell.source.replace(quoted, other_digit(quoted), 1)
                return cell.id
    cell, _ = markdown(nb, ".")  # the chapter quotes none in full: add one that is wrong
    cell.source += f" Here ${rows[0]['symbol'] or 'N'} = 8317$."
    return cell.id


def setting_retyped(nb):
    cell, _ = outputs_with(nb, SETTINGS)
    cell.source += "\nsettings((r'\\sigma', 0.07, 'noise'))"
    return cell.id


def anchor_removed(nb):
    cell, match = markdown(nb, r'<a id="sec-[\w-]+"></a>\n(?=#)')
    return rewrite(cell, match, "")


def word_changed(nb):
    cell, match = markdown(nb, r"(?<= )[a-z]{3,}(?= )")
    return rewrite(cell, match, "not")


def claim_expectation_stored(nb):
    cell, data = outputs_with(nb, CLAIM, lambda record: record["says"] is None)
    data[CLAIM]["expected"] += 2 * data[CLAIM]["tol"]
    return cell.id


def claim_value_stored(nb):
    cell, data = outputs_with(nb, CLAIM, lambda record: record["says"] is None)
    data[CLAIM]["value"] *= 1.3
    return cell.id


def claim_tolerance_stored(nb):
    cell, data = outputs_with(nb, CLAIM, lambda record: record["says"] is None)
    data[CLAIM]["tol"] = 10 * abs(data[CLAIM]["value"]) + 1
    return cell.id


def claim_line_stored(nb):
    cell, data = outputs_with(nb, CLAIM)
    data["text/plain"] += "!"
    return cell.id


def _claim_call(nb, keyword):
    """A cell that calls claim with a plain name or expression, and where `keyword` stands."""
    pattern = rf"(?<=\W){keyword}=(?P<given>[^,()\n]+|[^,()\n]*\([^()]*\))(?=,|\n|\))"
    for cell in nb.cells:
        match = re.search(r"(?<!\w)claim\(.*?" + pattern, cell.source, flags=re.S)
        if cell.cell_type == "code" and match:
            return cell, match
    pytest.fail("no claim is called")


def claim_expected_is_value(nb):
    cell, match = _claim_call(nb, "expected")
    name, value = re.match(r"claim\(\s*([^,]+),\s*(\w[^,]*)", match[0]).groups()
    cell.source = cell.source.replace(match[0], match[0].replace(match["given"], value), 1)
    return cell.id


def claim_expected_is_literal(nb):
    cell, match = _claim_call(nb, "expected")
    cell.source = cell.source.replace(match[0], match[0].replace(match["given"], "-1.11"), 1)
    return cell.id


def claim_deleted(nb):
    cell, _ = outputs_with(nb, CLAIM)
    cell.outputs = [o for o in cell.outputs if CLAIM not in o.get("data", {})]
    return cell.id


def claim_anchor_moved(nb):
    cell, match = markdown(nb, r'<a id="claim-[\w-]+"></a>')
    index = nb.cells.index(cell)
    rewrite(cell, match, "")
    return next(c.id for c in nb.cells[index:] if c.cell_type == "code")


def claim_uncited(nb):
    _, match = markdown(nb, r"\]\((#claim-[\w-]+)\)")
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(f"]({match[1]})", "](#sec-index)")
    name = match[1].removeprefix("#claim-")
    return outputs_with(nb, CLAIM, lambda record: record["name"] == name)[0].id


def alt_metadata(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["mystnb"]["image"]["alt"] += " It falls."
    return cell.id


def alt_stored(nb):
    cell, data = outputs_with(nb, FIGURE)
    data[FIGURE]["alt"] = "Something else than what the picture shows, but long enough."
    return cell.id


def caption_metadata(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["mystnb"]["figure"]["caption"] += " No."
    return cell.id


def figure_without_data(nb):
    cell, data = outputs_with(nb, FIGURE)
    del data[FIGURE]
    return cell.id


def figure_unmentioned(nb):
    cell, data = outputs_with(nb, FIGURE)
    name = data[FIGURE]["name"]
    for text_cell in nb.cells:
        if text_cell.cell_type == "markdown":
            text_cell.source = text_cell.source.replace(f"(#{name})", "(#sec-index)")
    return cell.id


def order_of_execution(nb):
    cell = [c for c in nb.cells if c.cell_type == "code"][-1]
    cell.execution_count += 1
    return cell.id


def warning_stored(nb):
    cell = next(c for c in nb.cells if c.cell_type == "code")
    cell.outputs.append(nbformat.v4.new_output("stream", name="stderr", text="Warning"))
    return cell.id


def comparison_switched_off(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["tags"] = ["nbval-ignore-output"]
    return cell.id


def comparison_loosened(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["nbval"] = {"rtol": 0.1}
    return cell.id


def times_stored(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.metadata["execution"] = {"iopub.status.busy": "2024-01-01T00:00:00Z"}
    return cell.id


def solutions(nb):
    """The folded solutions, as a notebook of their own that shares its cells."""
    titled = [c for c in nb.cells if c.cell_type == "code" and "#@title Solution" in c.source]
    return SimpleNamespace(cells=titled)


def solution_judged_wrong(nb):
    cell, data = outputs_with(solutions(nb), EXERCISE)
    data[EXERCISE]["right"] = False
    return cell.id


def solution_missing(nb):
    cell, data = outputs_with(solutions(nb), EXERCISE)
    nb.cells.remove(cell)
    return data[EXERCISE]["label"]


PAGE_TAMPERINGS = [
    ("claims", digit_in_claim), ("text", digit_in_claim),
    ("numbers", number_typed), ("numbers", number_in_words_of_a_link),
    ("equations", sign_in_equation), ("equations", equation_label),
    ("equations", equation_unlabelled), ("equations", equation_twice),
    ("links", equation_reference),
    ("mathematics", inline_relation), ("mathematics", inline_number),
    ("mathematics", setting_changed), ("outputs", setting_retyped),
    ("links", anchor_removed), ("text", word_changed),
    ("claims", claim_expectation_stored), ("claims", claim_value_stored),
    ("claims", claim_tolerance_stored), ("claims", claim_line_stored),
    ("claim-sources", claim_expected_is_value), ("claim-sources", claim_expected_is_literal),
    ("outputs", claim_deleted), ("claims", claim_anchor_moved), ("claims", claim_uncited),
    ("figures", alt_metadata), ("figures", alt_stored), ("figures", caption_metadata),
    ("figures", figure_without_data), ("figures", figure_unmentioned),
    ("outputs", order_of_execution), ("outputs", warning_stored),
    ("outputs", comparison_switched_off), ("outputs", comparison_loosened),
    ("outputs", times_stored),
    ("exercises", solution_judged_wrong), ("exercises", solution_missing),
]  # fmt: skip


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


def figure_value(nb):
    cell, data = outputs_with(nb, FIGURE, lambda r: any("lines" in axes for axes in r["axes"]))
    line = next(axes["lines"][0] for axes in data[FIGURE]["axes"] if "lines" in axes)
    line["y"]["values"][0] = line["y"]["values"][0] * 1.001 + 1e-6
    return cell.id


def figure_sum(nb):
    cell, data = outputs_with(nb, FIGURE, lambda r: any("lines" in axes for axes in r["axes"]))
    line = next(axes["lines"][0] for axes in data[FIGURE]["axes"] if "lines" in axes)
    line["y"]["sum"] = line["y"]["sum"] * 1.001 + 1e-6
    return cell.id


def figure_moved(nb):
    """Part of the stored picture, 60 rows of it, lies two pixels further to the right."""
    cell, data = outputs_with(nb, "image/png")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB"))
    busiest = np.argmax([np.abs(np.diff(pixels[i : i + 60].astype(int), axis=1)).sum()
                         for i in range(0, len(pixels) - 60, 20)]) * 20  # fmt: skip
    pixels = pixels.copy()
    pixels[busiest : busiest + 60] = np.roll(pixels[busiest : busiest + 60], 2, axis=1)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "png")
    data["image/png"] = base64.b64encode(stream.getvalue()).decode()
    return cell.id


def printed_digit(nb):
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output["output_type"] == "stream" and re.search(r"\d", output["text"]):
                output["text"] = other_digit(output["text"])
                return cell.id
    return shown_text(nb)


def shown_text(nb):
    cell, data = outputs_with(nb, "text/plain", lambda plain: not plain.startswith("claim "))
    data["text/plain"] = data["text/plain"] + " not"
    return cell.id


def output_removed(nb):
    cell, _ = outputs_with(nb, FIGURE)
    cell.outputs = []
    return cell.id


def setting_stored(nb):
    cell, data = outputs_with(nb, SETTINGS)
    row = next(row for row in data[SETTINGS] if re.search(r"\d", row["value"]))
    row["value"] = other_digit(row["value"])
    return cell.id


def claim_because_stored(nb):
    cell, data = outputs_with(nb, CLAIM)
    data[CLAIM]["because"] += ", and by magic"
    return cell.id


def figure_type_removed(nb):
    return figure_without_data(nb)


@pytest.mark.parametrize(
    "tamper",
    [figure_value, figure_sum, figure_moved, printed_digit, shown_text, output_removed,
     setting_stored, claim_because_stored, claim_value_stored, claim_expectation_stored,
     figure_type_removed, alt_stored, warning_stored],
    ids=lambda tamper: tamper.__name__,
)  # fmt: skip
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
        ("experiments/runs.py", "import specbook.laws.linear as l"),
        ("experiments/deep/runs.py", "from ...theory import linear"),
        ("experiments/runs.py", "def f():\n    import_module('specbook.theory')"),
        ("theory/linear.py", "import torch"),
        ("theory/linear.py", "from torch import nn"),
        ("laws/linear.py", "import numpy as np"),
        ("laws/linear.py", "from ..theory import linear"),
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


def _changed_law(law, latex):
    changed = copy.copy(law)
    object.__setattr__(changed, "right_latex", latex)
    return changed


@pytest.mark.parametrize("label", sorted(Law.book))
def test_a_flipped_sign_or_lost_factor_in_the_latex_of_a_law_is_seen(label):
    law, tried = Law.book[label], 0
    for old, new in ((" + ", " - "), (" - ", " + "), ("^2", ""), ("2", "3"), (r"\lambda", r"\mu")):
        if old in law.right_latex:
            tried += 1
            wrong = _changed_law(law, law.right_latex.replace(old, new, 1))
            assert checks.equations.check_law(wrong), wrong.right_latex
    assert tried or len(law.right_latex) < 20


def test_a_needless_exemption_is_seen(tmp_path, monkeypatch):
    file = tmp_path / "exempt.txt"
    needed = numbers.Exempt.__init__.__defaults__[0].read_text()
    file.write_text(needed + "\nsurely 42\tno reason\n")
    monkeypatch.setattr(numbers.Exempt.__init__, "__defaults__", (file,))
    assert [p.where for p in numbers.check_exempt(book_pages.read_book())] == ["surely 42"]


def test_sync_repairs_what_it_owns(book, tmp_path):
    damaged = copy.deepcopy(book.original)
    for tamper in (digit_in_claim, sign_in_equation, alt_metadata, caption_metadata):
        tamper(damaged)
    file = tmp_path / book.path
    file.parent.mkdir()
    book_pages.write_notebook(file, damaged)
    record = tmp_path / "reviewed.json"
    report = "\n".join(sync.sync(tmp_path, record))
    repaired = nbformat.read(file, as_version=4)
    assert repaired == book.original
    for what in ("an equation", "a number", "caption"):
        assert what in report
    assert json.loads(record.read_text())
    assert sync.sync(tmp_path, record) == [sync.NOTHING]
    word_changed(repaired)
    book_pages.write_notebook(file, repaired)
    assert "read these places again" in "\n".join(sync.sync(tmp_path, record))
