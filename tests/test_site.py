"""What the site adds to the pages: descriptions, repairs, search words, citations."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from small_book import EXTENSIONS, build
from specbook_page import REPAIRS, repair

ROOT = Path(__file__).parents[1]

# --- descriptions ---------------------------------------------------------------------------

TOPICS = (
    "(sec-a)=\n# A\n\n**What you will learn**\n- why one thing comes first;\n- the formula $x$;\n"
    "- " + "a long story " * 20 + "\n\n**What you need**: nothing at all, " + "really " * 20 + "\n"
)
ASKED = "A question of some length stands in front of it, does it not?"
ANSWER = "The answer is that one thing comes first and the other last."
DESCRIPTIONS = {
    "front": ("---\ndescription: In the front matter & more\n---\n\n# A\n\nText.\n",
              "In the front matter & more"),
    "short": (f"# A\n\n{ASKED}\n\n**In short.** The answer is that one thing *comes* first and "
              f"the other last. With $x$ in it there is more.\n\n{TOPICS[9:]}", ANSWER),
    "title": (f"# A\n\n{ASKED}\n\n## In short\n\n{ANSWER}\n\nNo more of it.\n", ANSWER),
    "question": (f"# A\n\n{ASKED}\n\n**In short.** With $x$ in it there is more to say than one "
                 "would like to read.\n", ASKED),
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


# --- repairs of the theme -------------------------------------------------------------------


def test_repairs_change_a_page_once():
    page = (
        '<html lang="en" data-theme="auto">'
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
    assert once.startswith('<html lang="en" data-theme="light">'), "colours without scripts"
    assert all(re.compile(fault) for fault, _ in REPAIRS)


def test_only_pages_with_mathematics_load_mathjax(tmp_path):
    """Sphinx gives it to a page that lists others, too."""
    pages = {"a": "# A\n\n```{toctree}\nb\n```\n", "b": "# B\n\nA formula: $x$.\n"}
    built = build(tmp_path, pages, "sphinx.ext.mathjax", "specbook_page",
                  mathjax_path="tex-mml.js", mathjax3_config={"options": {}})
    for name, there in (("a", False), ("b", True)):
        text = built.read(f"{name}.html")
        assert ("tex-mml.js" in text) is ("window.MathJax" in text) is there


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
