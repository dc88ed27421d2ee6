"""The generated pages show all claims, laws and symbols, as they are."""

import json

import api
import ledger
import pytest
from docutils import nodes
from made_pages import ROOT, Site

from specbook.laws import BOOK, PARTS, notation
from specbook.laws.letter import GROUPS
from specbook.reading.claims import in_words
from specbook.reading.mime import CLAIM

TESTS = ledger.holding_tests()


def stored():
    """Claims by name, read from the stored notebooks without the ledger."""
    found = {}
    for file in (ROOT / "book").rglob("*.ipynb"):
        if any(part[0] in "._" for part in file.relative_to(ROOT / "book").parts):
            continue
        notebook = json.loads(file.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                if CLAIM in output.get("data", {}):
                    record = output["data"][CLAIM]
                    assert record["name"] not in found
                    found[record["name"]] = file.relative_to(ROOT), record
    return found


# --- claims ------------------------------------------------------------------------------------


def test_the_ledger_has_every_claim_and_no_other(made_site):
    listed = ledger.claims(ledger.read_pages())
    wanted = stored()
    assert [c.record["name"] for c in listed if c.record != wanted[c.record["name"]][1]] == []
    assert {c.record["name"] for c in listed} == set(wanted), "is each notebook in _toc.yml?"
    assert len(listed) == len(wanted) > 0
    for claim in listed:
        file, record = wanted[claim.record["name"]]
        assert claim.address == f"{file.as_posix()[:-6]}.html#claim-{record['name']}"
    assert made_site.data() == {
        "version": "9.8.7", "count": len(listed),
        "claims": [{"address": c.address, "section": c.section, **c.record} for c in listed],
    }


def test_the_page_shows_every_claim(made_site):
    doctree = made_site.page("appendix/claims")
    items = list(doctree.findall(nodes.definition_list_item))
    listed = ledger.claims(ledger.read_pages())
    assert len(items) == len(listed)
    for item, claim in zip(items, listed, strict=True):
        text, record = item.astext(), claim.record
        assert record["text"] in text and record["name"] in text and record["because"] in text
        assert record["kind"] in text
        assert item[0]["ids"] == [f"claim-{record['name']}"], "where `specbook cite` leads"
        if record["says"] is None:
            assert "expected {expected} ± {tol}".format(**in_words(record)) in text
    last = list(doctree.findall(nodes.row))[-1]
    assert last[1].astext() == str(len(listed))


def test_a_tampered_claim_changes_the_page_and_the_file(tmp_path):
    page, again = "appendix/claims.md", Site(tmp_path)
    listed = {claim.record["name"] for claim in ledger.claims(ledger.read_pages())}
    name, (file, record) = next((n, v) for n, v in stored().items() if n in listed)
    again.build(page)
    before = again.page("appendix/claims").astext()
    text = (tmp_path / file).read_text(encoding="utf-8")
    changed = text.replace(json.dumps(record["because"], ensure_ascii=False), '"a tampered reason"')
    assert changed != text
    (tmp_path / file).write_text(changed, encoding="utf-8")
    again.build(page)  # an incremental build: the page is made anew because it depends on the file
    after = again.page("appendix/claims").astext()
    assert "a tampered reason" in after and "a tampered reason" not in before
    [found] = [row for row in again.data()["claims"] if row["name"] == name]
    assert found["because"] == "a tampered reason"


# --- laws and their tests ------------------------------------------------------------------------


def test_the_page_shows_every_law_with_its_tests(made_site):
    doctree = made_site.page("appendix/equations")
    items = list(doctree.findall(nodes.definition_list_item))
    assert len(items) == len(BOOK)
    shown = {}
    for item in items:
        shown[list(item[0].findall(nodes.literal))[-1].astext()] = item
    assert shown.keys() == BOOK.keys()
    for label, item in shown.items():
        law = BOOK[label]
        assert [n.astext() for n in item.findall(nodes.math_block)] == [law.latex]
        assert law.title in item.astext() and law.provenance in item.astext()
        for test in TESTS.get(label, []):
            assert test.removeprefix("tests/").replace("::", " ", 1) in item.astext()


@pytest.mark.parametrize("label", sorted(BOOK))
def test_every_law_is_held(label):
    assert TESTS.get(label), f'mark a test with @pytest.mark.holds("{label}")'


def test_every_label_of_a_marker_exists():
    assert TESTS.keys() <= BOOK.keys()


@pytest.mark.parametrize("label", sorted(k for k, law in BOOK.items() if law.theory))
def test_the_function_that_evaluates_a_law_is_documented(label):
    name = ledger.evaluator(BOOK[label])
    assert name in api.everything(), f"{BOOK[label].theory} is not a public name of specbook"


def test_names_of_evaluators():
    law = type("Law", (), {"label": "eq-x"})
    for theory, name in {
        "": None, "linear.gain": "specbook.theory.LinearLaw.gain",
        "descent_gain": "specbook.theory.descent_gain", "sampler.heun": "specbook.sampler.heun",
        "theory.linear": "specbook.theory.linear", "linear.nothing": None, "nothing.gain": None,
    }.items():
        law.theory = theory
        assert ledger.evaluator(law) == name


def test_markers_are_found_where_they_are(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(
        "import pytest\n"
        "@pytest.mark.holds('eq-a', 'eq-b')\ndef test_one(): pass\n"
        "class TestB:\n    @pytest.mark.holds('eq-a')\n    def test_two(self): pass\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.holds('eq-c'))])\n"
        "def test_three(x): pass\n"
        "@pytest.mark.holds('eq-d')\ndef helper(): pass\n"
    )
    assert ledger.holding_tests(tmp_path) == {
        "eq-a": ["tests/test_a.py::test_one", "tests/test_a.py::TestB::test_two"],
        "eq-b": ["tests/test_a.py::test_one"],
        "eq-c": ["tests/test_a.py::test_three"],
    }


# --- notation ------------------------------------------------------------------------------------


def test_the_notation_page_has_every_symbol_once(made_site):
    doctree = made_site.page("notation")
    rows = [row for body in doctree.findall(nodes.tbody) for row in body.findall(nodes.row)]
    shown = {(next(row[0].findall(nodes.math)).astext(), row[4].astext()): row for row in rows}
    assert len(list(doctree.findall(nodes.table))) == len(GROUPS)
    captions = ledger.captions()
    wanted = {
        (letter.latex, ", ".join(captions[p] for p in PARTS if p and letter in PARTS[p])): letter
        for part in PARTS for letter in PARTS[part]
    }
    assert len(rows) == len(shown) and shown.keys() == wanted.keys()
    for place, letter in wanted.items():
        text = shown[place].astext()
        assert letter.unit in text and letter.code in text and letter.definition_latex in text


def test_the_first_use_of_a_symbol():
    pages = ledger.read_pages()
    where = ledger.places(pages)
    letters = {x: None for part in PARTS for x in notation(part)}
    first = ledger.first_uses(letters, BOOK, where)
    order = list(where)
    for symbol, label in first.items():
        using = [
            x for x in order if x in BOOK
            and symbol in BOOK[x].left.free_symbols | BOOK[x].right.free_symbols
        ]
        assert label == (using[0] if using else None), symbol
