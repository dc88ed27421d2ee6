"""What the site adds to the pages: redirects, icons, descriptions, citations, search words."""

import io
import json
import re
from pathlib import Path

import jsonschema
import pydata_sphinx_theme
import pytest
import yaml
from fontTools.ttLib import TTFont
from small_book import EXTENSIONS, build
from specbook_icons import codepoints, cut
from specbook_page import REPAIRS, repair

ROOT = Path(__file__).parents[1]

PAGES = {
    "book/start": "(sec-start)=\n# Start\n\n(sec-left)=\n## Left\n\n$$a = b$$ (eq-left)\n",
    "book/part/new": (
        "(sec-new)=\n# The <new> page\n\n(sec-gone)=\n## Gone\n\n$$c = d$$ (eq-gone)\n"
    ),
}
REDIRECTS = """
pages:
  book/old/page: book/part/new
labels:
  book/start:
    sec-gone: book/part/new
    eq-gone: book/part/new
"""


def moved(folder, redirects=REDIRECTS):
    files = {} if redirects is None else {"book/redirects.yml": redirects}
    return build(folder, PAGES, "specbook_cite", "specbook_redirects", files=files)


def problems(built):
    return re.findall(r"redirects: (.*?)(?:\x1b|$)", built.warnings, flags=re.M)


# --- redirects ------------------------------------------------------------------------------


def test_a_page_that_moved_leads_on(tmp_path):
    built = moved(tmp_path)
    assert problems(built) == []
    page = built.read("book/old/page.html")
    target = "https://example.org/book/book/part/new.html"
    assert f'<link rel="canonical" href="{target}" />' in page
    assert '<meta http-equiv="refresh" content="0; url=../part/new.html" />' in page
    assert "<title>The &lt;new&gt; page</title>" in page
    assert 'otherwise = "../part/new.html"' in page


def test_a_page_that_lost_labels_sends_them_on(tmp_path):
    built = moved(tmp_path)
    page = built.read("book/start.html")
    (table,) = re.findall(r"const moved = (\{.*?\}), otherwise = null", page)
    assert json.loads(table) == {"sec-gone": "part/new.html", "eq-gone": "part/new.html"}
    assert "const moved" not in built.read("book/part/new.html")


@pytest.mark.parametrize("redirects", [None, "", "pages: {}\nlabels:\n"])
def test_nothing_has_moved(tmp_path, redirects):
    built = moved(tmp_path, redirects)
    assert problems(built) == []
    assert "const moved" not in built.read("book/start.html")
    assert 'url=book/start.html"' in built.read("index.html"), "the root leads to the first page"


@pytest.mark.parametrize(
    ("redirects", "message"),
    [
        ("pages: {book/old: book/none}", "book/old is to lead to book/none, which is no page"),
        ("pages: {book/start: book/part/new}", "book/start .* but is still a page"),
        ("labels: {book/start: {sec-none: book/part/new}}", "sec-none .* but is not there"),
        ("labels: {book/start: {eq-none: book/part/new}}", "eq-none .* but is not there"),
        ("labels: {book/start: {sec-gone: book/none}}", "sec-gone .* which is no page"),
        ("labels: {book/start: {sec-left: book/part/new}}", "sec-left .* but still is on"),
        ("labels: {book/start: {eq-left: book/part/new}}", "eq-left .* but still is on"),
        ("labels: {book/none: {sec-gone: book/part/new}}", "book/none has lost labels, but is no"),
    ],
)
def test_a_redirect_that_cannot_be_right_is_a_warning(tmp_path, redirects, message):
    assert any(re.match(message, line) for line in problems(moved(tmp_path, redirects)))


def test_redirects_of_the_book():
    """The book's own table has the two parts, and a page never leads to itself."""
    file = ROOT / "book" / "redirects.yml"
    if not file.exists():
        pytest.skip("no address has moved")
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert set(data) <= {"pages", "labels"}
    for old, new in (data.get("pages") or {}).items():
        assert old != new
    for old, labels in (data.get("labels") or {}).items():
        assert labels and old not in labels.values()


# --- descriptions ---------------------------------------------------------------------------

TOPICS = (
    "(sec-a)=\n# A\n\n**What you will learn**\n- why one thing comes first;\n- the formula $x$;\n"
    "- " + "a long story " * 20 + "\n\n**What you need**: nothing at all, " + "really " * 20 + "\n"
)
DESCRIPTIONS = {
    "front": ("---\ndescription: In the front matter & more\n---\n\n# A\n\nText.\n",
              "In the front matter & more"),
    "topics": (TOPICS, "Why one thing comes first."),
    "text": ("# A\n\nShort.\n\nWith $x$ in it there is much to say, but it is not said here.\n\n"
             "The first sentence that counts is this one." + " Then follows another." * 20,
             "The first sentence that counts is this one." + " Then follows another." * 7),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_description(tmp_path, name):
    text, expected = DESCRIPTIONS[name]
    extensions = "specbook_describe", "sphinxext.opengraph"
    built = build(tmp_path, {"page": text}, *extensions, ogp_site_url="https://x.org")
    html = built.read("page.html").replace("&amp;", "&")
    assert f'<meta name="description" content="{expected}" />' in html
    assert f'<meta property="og:description" content="{expected}" />' in html


# --- repairs of the theme, icons ------------------------------------------------------------


def test_repairs_change_a_page_once():
    page = (
        '<!-- So that users can add custom icons -->\n<script src="fontawesome.js?v=1"></script>'
        '<summary aria-label="Toggle hidden content"><i class="fas fa-sun"></i></summary>'
        '<a class="x" href="a.html">Package</a><details><summary>'
        '<span class="toctree-toggle" role="presentation"></span></summary>'
        '<a href="b.html#equation-eq-gain">'
    )
    once = repair(page)
    assert once == repair(once)
    assert "fontawesome" not in once and '<i class="fas fa-sun" aria-hidden="true">' in once
    assert "<summary>" in once and '<summary aria-label="Pages below Package">' in once
    assert 'href="b.html#eq-gain"' in once
    assert all(re.compile(fault) for fault, _ in REPAIRS)


def test_icons_are_cut_out_of_the_theme():
    static = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
    names = codepoints((static / "styles/pydata-sphinx-theme.css").read_text(encoding="utf-8"))
    assert names["fa-sun"] == 0xF185 and names["fa-magnifying-glass"] == names["fa-search"]
    file = static / "vendor/fontawesome/webfonts/fa-solid-900.ttf"
    small = cut(file, {names["fa-sun"], names["fa-moon"]})
    assert small[:4] == b"wOFF" and len(small) < 3000 < file.stat().st_size
    kept = TTFont(io.BytesIO(small)).getBestCmap()
    assert set(kept) == {names["fa-sun"], names["fa-moon"]}


# --- words for the search -------------------------------------------------------------------


def test_search_finds_the_words_of_others(tmp_path):
    pages = {"a": "# A\n\nAn eigenvector of it.\n", "b": "# B\n\nRegularisation and more.\n"}
    built = build(tmp_path, pages, "specbook_search")
    index = json.loads(built.read("searchindex.js").removeprefix("Search.setIndex(").rstrip(");\n"))
    where = {word: index["docnames"][pages] for word, pages in index["terms"].items()
             if isinstance(pages, int)}
    assert where["eigenmod"] == "a" and where["regular"] == "b"


# --- citation -------------------------------------------------------------------------------


def test_citation_file_follows_its_format():
    schema = json.loads((ROOT / "tests/schemas/cff-1.2.0.json").read_text(encoding="utf-8"))
    # Dates are strings in the schema; a plain YAML loader would make them dates.
    citation = yaml.load((ROOT / "CITATION.cff").read_text(encoding="utf-8"), yaml.BaseLoader)
    jsonschema.Draft7Validator.check_schema(schema)
    valid = jsonschema.Draft7Validator(schema)
    faults = [error for error in valid.iter_errors(citation) if "year" not in error.absolute_path]
    assert faults == []
    for broken in ({**citation, "authors": []}, {**citation, "date-released": "today"}):
        assert not valid.is_valid(broken)


def test_citation_file_names_the_papers_of_the_bibliography():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    bibliography = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    assert len(citation["references"]) == 3
    for paper in citation["references"]:
        number = paper["identifiers"][0]["value"].removeprefix("arXiv:")
        (entry,) = re.findall(rf"^@[^@]*eprint = {{{number}}}[^@]*", bibliography, flags=re.M)
        assert f"title = {{{paper['title']}}}" in entry and str(paper["year"]) in entry
        assert paper["url"] == f"https://arxiv.org/abs/{number}"
        assert all(author["family-names"] in entry for author in paper["authors"])


def test_every_extension_is_loaded():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    ours = {file.stem for file in EXTENSIONS.glob("*.py") if "def setup(" in file.read_text()}
    assert ours == set(config["sphinx"]["local_extensions"])
