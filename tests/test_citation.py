"""Citations: entries that BibTeX reads, addresses that the pages have, data that are not stale."""

import re
from pathlib import Path

import addresses
import ledger
import pages
import pytest
import sync
import yaml
from pybtex.database import parse_string

import specbook
from specbook import laws
from specbook.reading import citation
from specbook.reading.citation import Book, cite, latex

ROOT = Path(__file__).parents[1]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
BOOK = Book("A Book", "Some Authors of it", "2026", "1.2", "https://x.org/spec/", "parts and all")


def entries(text):
    """What a BibTeX parser makes of it, by key."""
    return dict(parse_string(text, "bibtex").entries)


def test_place():
    key, entry = entries(BOOK.place("book/a/chap.html", "sec-b", "Loss & gain of 50 %")).popitem()
    assert (key, entry.type) == ("spec:chap:sec-b", "incollection")
    assert entry.fields["title"] == r"Loss \& gain of 50 \%"
    assert entry.fields["booktitle"] == "A Book" and entry.fields["year"] == "2026"
    assert entry.fields["note"] == "Version 1.2"
    assert entry.fields["url"] == "https://x.org/spec/book/a/chap.html#sec-b"
    (author,) = entry.persons["author"]
    assert author.last_names == ["{Some Authors of it}"], "one name, not first and last"


def test_whole_book():
    key, entry = entries(BOOK.whole()).popitem()
    assert key == "spec" and entry.fields["title"] == "{A Book: parts and all}"
    assert entry.fields["url"] == BOOK.url


@pytest.mark.parametrize(
    ("plain", "typeset"),
    [
        ("a_b #1 {c}", r"a\_b \#1 \{c\}"),
        ("gain of $x_0$ at 5 %", r"gain of $x_0$ at 5 \%"),
        ("−1 – 2", "$-$1 -- 2"),
        (r"no \command", "no command"),
    ],
)
def test_latex(plain, typeset):
    assert latex(plain) == typeset


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("The gain of EDM", "The gain of {EDM}"),
        ("SGD on Gaussian data", "{SGD} on {Gaussian} data"),
        ("Top: The gain", "Top: The gain"),
        ("In $N \\ge D$ all", "In $N \\ge D$ all"),
    ],
)
def test_titles_keep_the_capitals_of_names(title, kept):
    assert f"  title = {{{kept}}},\n" in BOOK.place("p.html", "sec-a", title)


PAPER = "@misc{One2025,\n  author = {One, A.},\n  title = {T},\n  eprint = {2501.00001},\n}\n"
SMALL = {
    "book": {"title": "A Book", "author": "X", "year": "2026", "url": "https://x.org/spec/"},
    "explained": ["One2025"],
    "papers": {"One2025": PAPER, "Two2024": PAPER.replace("One2025", "Two2024")},
    "claims": ["one"],
    "pages": {
        "book/a/first": {
            "sec-first": {"title": "The first"},
            "eq-gain": {"title": "Equation: gain", "source": "stated: One, equation 7",
                        "papers": ["One2025"]},
            "eq-sum": {"title": "Equation: sum", "source": "derived: here @ home",
                       "papers": ["One2025", "Two2024"]},
            "fig-rise": {"title": "Figure: It rises"},
        },
        "book/b/second": {
            "ex-half": {"title": "Exercise: Half"},
            "eq-plain": {"title": "Equation: plain", "source": "stated: a book", "papers": []},
        },
    },
}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(citation, "addresses", lambda: SMALL)


def test_an_equation_brings_the_paper_that_states_it(small):
    text = cite("eq-gain")
    assert text.startswith(
        "% eq-gain, stated: One, equation 7\n@incollection{spec:first:eq-gain,\n"
    )
    found = entries(text)
    assert set(found) == {"spec:first:eq-gain", "One2025"}
    entry = found["spec:first:eq-gain"]
    assert entry.fields["note"] == f"Version {specbook.__version__}"
    assert entry.fields["title"] == "Equation: gain"
    assert entry.fields["url"] == "https://x.org/spec/book/a/first.html#eq-gain"


def test_a_comment_does_not_begin_an_entry(small):
    assert cite("eq-sum").startswith("% eq-sum, derived: here (at) home\n")
    assert set(entries(cite("eq-sum"))) == {"spec:first:eq-sum", "One2025", "Two2024"}


@pytest.mark.parametrize(
    ("label", "address"),
    [
        ("sec-first", "a/first.html#sec-first"),
        ("fig-rise", "a/first.html#fig-rise"),
        ("claim-one", "appendix/claims.html#claim-one"),
        ("ex-half", "b/second.html#ex-half"),
        ("eq-plain", "b/second.html#eq-plain"),
    ],
)
def test_labels_without_a_paper(label, address, small):
    (entry,) = entries(cite(label)).values()
    assert entry.fields["url"] == f"https://x.org/spec/book/{address}"


def test_several_labels_share_their_paper(small):
    assert len(entries(cite("eq-gain", "sec-first", "eq-gain", "eq-sum"))) == 5


def test_without_a_label(small):
    assert set(entries(cite())) == {"spec", "One2025"}


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("eq-gian", "eq-gain"), ("fig-rises", "fig-rise"), ("gain", "eq-gain"), ("half", "ex-half"),
     ("claim-ona", "claim-one"), ("one", "claim-one")],
)
def test_an_unknown_label_names_near_ones(wrong, near, small):
    with pytest.raises(ValueError, match=rf"no label '{wrong}'.*\b{near}\b"):
        cite("eq-gain", wrong)


def test_a_hopeless_label_learns_the_kinds(small):
    with pytest.raises(ValueError, match="claim-..., eq-..., ex-..., fig-..., sec-..."):
        cite("zzzzzzzz")


# --- the packaged data against the book -----------------------------------------------------


def test_the_whole_book_and_the_papers_it_explains():
    found = entries(cite())
    numbers = {entry.fields.get("eprint") for entry in found.values()} - {None}
    assert found["specbook"].fields["url"] == CONFIG["html"]["baseurl"]
    assert numbers == {"2503.03206", "2505.24769", "2502.19499"}


def test_a_law_of_the_book():
    source = "derived again: Wang & Pehlevan, arXiv:2503.03206, equation 7"
    assert f"% eq-gain, {source}\n" in cite("eq-gain")
    assert "WangPehlevan2025" in entries(cite("eq-gain"))
    assert cite("eq-stable").startswith("% eq-stable, derived: ")
    assert "WangPehlevan2025" in entries(cite("eq-stable"))


def test_every_label_makes_an_entry():
    known = citation.labels()
    assert {label.split("-")[0] for label in known} == {"sec", "eq", "fig", "ex"}
    keys = {
        f"specbook:{place['page'].rsplit('/', 1)[-1]}:{label}" for label, place in known.items()
    }
    assert keys < set(entries(cite(*known)))


def test_data_are_those_of_the_book():
    text = addresses.written(addresses.collect(pages.read_book(), laws.BOOK))
    assert addresses.TARGET.read_text(encoding="utf-8") == text, "stale: make sync"


def test_every_claim_of_the_book_can_be_cited_and_no_other():
    names = [claim.record["name"] for claim in ledger.claims(pages.read_book())]
    found = entries(cite(*(f"claim-{name}" for name in names)))
    assert set(found) == {f"specbook:claims:claim-{name}" for name in names}
    with pytest.raises(ValueError, match=f"Near it: .*claim-{names[0]}"):
        cite(f"claim-{names[0]}x")


def test_every_law_on_a_page_can_be_cited():
    shown = {
        label
        for page in pages.read_book()
        for cell in page.prose()
        for _, label, _, _ in addresses.prose.displays(cell.source)
    }
    assert shown and shown <= set(citation.labels())


def test_papers_of_laws_are_in_the_bibliography():
    found = addresses.missing_papers(laws.BOOK, addresses.read_papers()[0])
    assert not found, f"book/references.bib lacks {found}"


def law(source, provenance="stated"):
    return type("Law", (), {"source": source, "provenance": provenance})


@pytest.mark.parametrize(
    ("source", "provenance", "keys"),
    [
        ("Chen, arXiv:2502.19499, equation 3", "stated", ["Chen2025"]),
        ("Gaussian integral; see Merger & Goldt, section 2", "stated", ["MergerGoldt2025"]),
        ("Karras et al., table 1", "stated", ["Karras2022"]),
        ("Chen et al., on something else", "stated", []),
        ("this chapter", "derived", ["WangPehlevan2025"]),
        ("a textbook", "stated", []),
        ("this chapter, from arXiv:2206.00364", "derived", ["Karras2022"]),
    ],
)
def test_papers_of_a_law(source, provenance, keys):
    papers, main = addresses.read_papers()[0], addresses.explained()
    got = addresses.papers_of(law(source, provenance), papers, {"2503.03206", "2206.00364"}, main)
    assert got == keys


def test_missing_papers_are_named():
    laws = {"eq-a": law("Somebody, arXiv:1234.56789"), "eq-b": law("arXiv:2502.19499")}
    assert addresses.missing_papers(laws, addresses.read_papers()[0]) == [("eq-a", "1234.56789")]


def test_captions_and_titles_without_markdown():
    assert addresses.plain("`a` *b* [c $x*y$](#fig-x), $z*$") == "a b c $x*y$, $z*$"


def test_addresses_are_those_of_the_built_pages():
    """A page that stands built has every address that its entries name."""
    data, checked = citation.addresses(), 0
    for page, places in data["pages"].items():
        html, source = ROOT / "_build/html" / f"{page}.html", ROOT / page
        sources = [source.with_name(source.name + end) for end in (".ipynb", ".md")]
        sources += (ROOT / "book/_ext").glob("*.py")
        times = [file.stat().st_mtime for file in sources if file.exists()]
        if not html.exists() or html.stat().st_mtime < max(times):
            continue
        ids = set(re.findall(r'\bid="([\w-]+)"', html.read_text(encoding="utf-8")))
        assert set(places) <= ids, f"{page}: {sorted(set(places) - ids)}"
        checked += 1
    if not checked:
        pytest.skip("no page is built")


def test_sync_writes_the_data(tmp_path, monkeypatch):
    target = tmp_path / "addresses.json"
    monkeypatch.setattr(addresses, "TARGET", target)
    book, laws = pages.read_book(), {"eq-x": law("Nobody, arXiv:9999.12345")}
    first, second = sync.sync_addresses(book, laws), sync.sync_addresses(book, laws)
    assert target.read_text(encoding="utf-8") == addresses.written(addresses.collect(book, laws))
    complaint = "eq-x names arXiv:9999.12345, which book/references.bib lacks: add its entry"
    assert first == [complaint, "addresses.json: labels, their pages and their sources"]
    assert second == [complaint]
