"""What cards, the list of references and the index of terms are made of."""

import base64
import json
import re

import glossary
import ledger
import pages
import pytest
import references
from checks.references import check_references
from docutils import nodes
from small_book import build
from specbook_cards import LONGEST, claim_card, first_sentences, line_of

from specbook.reading import citation

CLAIM = {"name": "half", "value": 0.512, "expected": 0.5, "tol": 0.02, "form": ".0%",
         "text": "51%", "says": None, "because": "a sum", "kind": "derived", "device": "cpu"}


# --- cards ----------------------------------------------------------------------------------


def test_a_claim_in_the_unit_of_the_text():
    card = claim_card(CLAIM)
    assert card["title"] == "51%" and card["lines"][1] == "a sum"
    assert card["lines"][0].startswith("expected 50% ± 2") and "0.5" not in card["lines"][0]
    assert card["lines"][2] == "derived here · claim half"


def test_a_statement():
    card = claim_card({**CLAIM, "says": "it holds", "kind": "stated"})
    assert card == {"title": "“it holds”",
                    "lines": ["Holds: a sum", "stated by a paper · claim half"]}


def test_mathematics_in_a_line():
    node = nodes.paragraph("", "", nodes.Text("the\n gain "), nodes.math("", "w_1"))
    assert line_of(node) == r"the gain \(w_1\)"


def test_first_sentences():
    long = "A sentence of some length. " * 20
    assert first_sentences(long).count("length.") == LONGEST // 27
    assert first_sentences("One, e.g. this. Two.") == "One, e.g. this. Two."
    assert first_sentences("x" * 999) == "x" * 999 + " …", "never less than one sentence"
    assert first_sentences("Before a formula:") == "Before a formula …"


PAGE = """(sec-top)=
# The top

Text that is long enough to be the beginning of a section of a book.

(sec-inner)=
## Inner part

Short.

- One point.
- Another, which is longer, so that the card has enough with it

Not on the card any more.

(sec-outer)=
## Without text

### A section below

A section below it has enough text to stand on the card, so that it is not a title alone.

Not on the card.

(term-word)=
**Word** (also: token). What the word means.

$$ x $$ (eq-made)

```{figure} dot.png
:name: fig-dot
:alt: a dot

One $x$.
```
"""
INNER = "A section below it has enough text to stand on the card, so that it is not a title alone."
DOT = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5"
       "ErkJggg==")


def test_what_a_page_gives_to_the_cards(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger, "read_pages", lambda root: [])
    (tmp_path / "source").mkdir()
    (tmp_path / "source/dot.png").write_bytes(base64.b64decode(DOT))
    built = build(tmp_path, {"page": PAGE}, "sphinx.ext.mathjax", "specbook_cards",
                  numfig=True, math_numfig=False)
    text = built.read("_static/cards-data.js")
    found = json.loads(text.removeprefix("window.bookCards=").removesuffix(";\n"))
    assert found["sec-top"] == {"title": "The top", "lines": [
        "Text that is long enough to be the beginning of a section of a book."]}
    assert found["sec-inner"] == {"title": "Inner part", "lines": [
        "Short.", "One point.", "Another, which is longer, so that the card has enough with it …"]}
    assert found["sec-outer"]["lines"] == [INNER], "a section without text of its own"
    assert found["term-word"]["title"] == "Word"
    assert found["term-word"]["lines"] == ["(also: token). What the word means."]
    assert found["eq-made"]["tex"].strip() == "x"
    assert found["fig-dot"] == {"title": "Fig. 1", "lines": [r"One \(x\)."],
                                "picture": "_images/dot.png", "alt": "a dot"}
    assert found["ref-Karras2022"]["lines"][1] == "arXiv:2206.00364"


# --- references -----------------------------------------------------------------------------


def entry(key):
    return references.read_papers()[0][key]


@pytest.mark.parametrize(
    ("key", "short"),
    [("Chen2025", "Chen (2025)"), ("WangPehlevan2025", "Wang and Pehlevan (2025)"),
     ("Karras2022", "Karras et al. (2022)"),
     ("SchaafHateren1996", "van der Schaaf and van Hateren (1996)")],
)
def test_how_the_text_names_a_paper(key, short):
    assert references.short(entry(key)) == short


def test_an_entry():
    assert references.authors(entry("Saxe2013")) == (
        "Saxe, Andrew M., James L. McClelland and Surya Ganguli"
    )
    assert references.venue(entry("Bloomfield1973")) == "Biometrika 60(2):217–226"
    assert references.link(entry("Bloomfield1973"))[0] == "doi:10.1093/biomet/60.2.217"
    assert references.link(entry("Braun2022"))[0] == "openreview.net"
    assert "{" not in references.title(entry("Guo2010"))


def test_the_list_is_sorted_and_each_entry_is_a_target(tmp_path):
    text = "[Chen (2025)](#ref-Chen2025), after arXiv:2206.00364, arXiv:9999.00001\n"
    pages_ = {"a": f"# A\n\n{text}", "b": "# B\n\n```{references}\n```\n"}
    bib = references.BOOK.joinpath("references.bib").read_text(encoding="utf-8")
    built = build(tmp_path, pages_, "specbook_references", files={"book/references.bib": bib})
    a = built.read("a.html")
    assert "b.html#ref-Chen2025" in a
    assert "b.html#ref-Karras2022" in a, "the number of a paper that the list has is a link"
    assert ", arXiv:9999.00001" in a
    order = references.in_order(references.read_papers()[0])
    at = [built.read("b.html").index(f'id="ref-{key}"') for key in order]
    assert at == sorted(at) and order[0] == "Ahmed1974"
    assert not [line for line in built.warnings.splitlines() if "ref-" in line]


def page(text, path="a/b.ipynb"):
    return pages.Page(path, [pages.Cell(path, "c1", "markdown", text)])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[Chen (2025)](#ref-Chen2025)", None),
        ("Chen has shown it [in 2025](#ref-Chen2025)", None),
        ("[Chen (2025)](https://x.org/book/appendix/references.html#ref-Chen2025)", None),
        ("[Chen](#ref-Chen2025)", "lacks the year"),
        ("[Karras et al. (2025)](#ref-Chen2025)", "does not name its author"),
        ("[Chen (2026)](#ref-Chen2026)", "no entry Chen2026"),
        ("[arXiv:2502.19499](https://arxiv.org/abs/2502.19499)", "leaves the book"),
        ("[Field](https://doi.org/10.1364/JOSAA.4.002379)", "leaves the book"),
    ],
)
def test_how_papers_are_cited(text, fault):
    found = [problem.message for problem in check_references([page(text)])]
    assert (found == []) if fault is None else fault in found[0]


# --- terms ----------------------------------------------------------------------------------


def test_every_term_stands_in_the_section_that_introduces_it():
    texts = {}
    for book_page in pages.read_book():
        for cell in book_page.prose():
            texts[cell.section] = f"{texts.get(cell.section, '')} {cell.source}"
    terms = glossary.read_terms()
    missing = [
        f"{term.names[0]}: {term.section}"
        for term in terms
        if not any(glossary.in_text(name, texts.get(term.section, "")) for name in term.names)
    ]
    assert missing == []
    assert len(terms) >= 50 and len({term.label for term in terms}) == len(terms)
    text = glossary.PAGE.read_text(encoding="utf-8")
    assert text.count("\n(term-") == len(terms), "a term in another form"
    links = re.findall(r"Introduced in \[([^\]]*)\]\(#([\w-]+)\)", text)
    titles = citation.labels()
    assert [(words, name) for words, name in links if titles[name]["title"] != words] == []
    names = [term.names[0].lower() for term in terms]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("name", "text", "there"),
    [("Heun's method", "the method of Heun", True), ("modes", "a mode", False),
     ("mode", "all modes", True), ("noise level", "noise without", False)],
)
def test_words_of_a_term(name, text, there):
    assert glossary.in_text(name, text) is there


def test_a_search_for_a_term_leads_to_its_section(tmp_path):
    """The index of the search has the section under all names of the term."""
    terms = "(sec-terms)=\n# T\n\n(term-gain)=\n**Gain** (also: factor). A. In [B](#sec-b).\n"
    files = {"book/appendix/terms.md": "---\norphan: true\n---\n" + terms}
    built = build(tmp_path, {"a": "(sec-a)=\n# A\n\n(sec-b)=\n## B\n\nThe gain.\n"},
                  "specbook_cite", "specbook_search", files=files)
    index = json.loads(built.read("searchindex.js").removeprefix("Search.setIndex(").rstrip(");\n"))
    place = index["docnames"].index("a")
    for name in ("gain", "factor"):
        assert index["indexentries"][name] == [[place, "sec-b", True]]
