"""What cells show on a page: folds of claims and sources, bars with names, two forms of laws."""

import re
import sys
from unittest import mock

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from small_book import build

from specbook.laws import BOOK, sources
from specbook.reading import claim, statement

EXTENSIONS = (
    "myst_nb", "specbook_anchors", "specbook_bars", "specbook_folds", "specbook_equations",
    "specbook_numbers",
)
TEXT = """# Page

<a id="sec-x"></a>
## Section

It is [31%](#claim-a-share), [1.50](#claim-a-number), and [later is lower](#claim-a-sentence).

<a id="claim-a-share"></a>
<a id="claim-a-number"></a>
<a id="claim-a-sentence"></a>"""


def claimed(make, *args, **options):
    """The stored output of a claim."""
    bundles = []
    with mock.patch.object(sys.modules["specbook.reading.claims"], "show", bundles.append):
        make(*args, **options)
    return new_output("display_data", data=bundles[0])


SHARE = claimed(claim, "a-share", 0.311, expected=0.312, tol=0.02, because="by hand", form=".0%")
NUMBER = claimed(claim, "a-number", 1.5, expected=1.5, tol=1e-9, because="twice", kind="derived")
SENTENCE = claimed(statement, "a-sentence", "later is lower", True, because="compared")


def cell(source, *outputs, tags=()):
    return new_code_cell(
        source, outputs=list(outputs), execution_count=1, metadata={"tags": list(tags)}
    )


def page(folder, *cells, text=TEXT, builder="html", **config):
    """The HTML and the warnings of a page made from a notebook."""
    notebook = new_notebook(cells=[new_markdown_cell(text), *cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python"}
    notebook.metadata["language_info"] = {"name": "python"}
    files = {"page.ipynb": nbformat.writes(notebook)}
    settings = {"nb_execution_mode": "off", "numfig": True, "extensions": list(EXTENSIONS),
                "nb_render_markdown_format": "myst"}
    root = {"index": "# Book\n\n```{toctree}\n:numbered:\npage\n```\n"}
    built = build(folder, root, files=files, builder=builder, **settings, **config)
    return built.read("page.html" if builder == "html" else "index.html"), built.warnings


def cells_of(html):
    """Texts of the rows of the tables of a page."""
    rows = re.findall(r"<tr.*?</tr>", html, flags=re.S)
    cells = [re.findall(r"<t[hd][ >].*?</t[hd]>", row, flags=re.S) for row in rows]
    return [[re.sub("<[^>]*>", "", text).strip() for text in row] for row in cells]


def bars(html):
    """What the bars of folded cells say, closed and open."""
    return re.findall(r'class="(?:collapsed|expanded) admonition-title">(.*?)</p>', html)


# --- claims -------------------------------------------------------------------------------------


def test_claims_of_a_cell_fold_into_one_line(tmp_path):
    html, warnings = page(tmp_path, cell("x", SHARE, SENTENCE, NUMBER))
    assert warnings == ""
    assert re.findall("<summary>(.*?)</summary>", html) == ["2 numbers and 1 sentence checked"]
    assert cells_of(html) == [
        ["in the text", "computed", "expected", "tolerance", "why", "kind"],
        ["31%", "31%", "31%", "2 percentage points", "by hand", "measured"],
        ["“later is lower”", "compared", "measured"],
        ["1.50", "1.50000", "1.50000", "10⁻⁹", "twice", "derived"],
    ]
    assert re.search(r'<details class="fold claims"><summary>[^<]*</summary>\s*<table', html)
    assert re.search(r"</table>\s*</details>\s*</div>", html)
    assert "claim a-share" not in html, "no line of a claim in the text"


def test_sentences_alone_need_no_columns_of_numbers(tmp_path):
    html, _ = page(tmp_path, cell("x", SENTENCE), text="# Page")
    assert cells_of(html) == [
        ["in the text", "why", "kind"], ["“later is lower”", "compared", "measured"]
    ]


def test_links_lead_to_the_rows(tmp_path):
    html, warnings = page(tmp_path, cell("x", SHARE, SENTENCE), cell("y", NUMBER))
    assert warnings == "" and html.count("<details") == 2
    for name in ("a-share", "a-number", "a-sentence"):
        assert html.count(f'href="#claim-{name}"') == html.count(f'id="claim-{name}"') == 1
        assert re.search(f'<tr class="row-\\w+" id="claim-{name}">', html)


def test_a_claim_that_the_page_does_not_show_keeps_its_anchor(tmp_path):
    hidden = cell("x", SHARE, SENTENCE, NUMBER, tags=["remove-output"])
    html, warnings = page(tmp_path, hidden)
    assert warnings == "" and "<details" not in html
    assert html.count('id="claim-a-share"') == 1


@pytest.mark.parametrize("numbers, sentences, words", [
    (1, 0, "1 number checked, within tolerance"), (7, 0, "7 numbers checked, all within tolerance"),
    (0, 2, "2 sentences checked"), (3, 1, "3 numbers and 1 sentence checked"),
])
def test_what_the_line_says(numbers, sentences, words):
    from specbook_folds import counted

    assert counted([{"says": None}] * numbers + [{"says": "it"}] * sentences) == words


def test_folds_on_one_page_of_the_whole_book(tmp_path):
    html, warnings = page(tmp_path, cell("x", SHARE, SENTENCE, NUMBER), builder="singlehtml")
    assert warnings == ""
    assert html.count("<details") == html.count("</details>") == 1
    assert html.count('id="claim-a-share"') == 1 and "2 numbers and 1 sentence checked" in html


# --- sources ------------------------------------------------------------------------------------


def test_sources_fold_without_their_code(tmp_path):
    law = BOOK["eq-gain"]
    table = new_output("execute_result", execution_count=1, data={
        "text/markdown": sources("eq-gain")._repr_markdown_(), "text/plain": "eq-gain",
    })
    text = f"# Page\n\n$$\n{law.latex}\n$$ (eq-gain)"
    html, warnings = page(tmp_path, cell("laws.sources('eq-gain')", table), text=text)
    assert warnings == "" and "laws.sources" not in html
    assert re.search(r"<summary>Sources of the equations</summary>\s*<table", html)
    head, row = cells_of(html)
    assert tuple(head) == sources("eq-gain").columns
    assert row[:2] == [f"{law.title} (1.1)", law.provenance]
    assert html.count("<table") == 1 and re.search(r"</table>\s*</details>", html)
    assert re.search('<a class="reference[^>]*href="#eq-gain"', html)


def test_another_table_stays(tmp_path):
    table = new_output("execute_result", execution_count=1, data={
        "text/markdown": "| a | b |\n|---|---|\n| 1 | 2 |", "text/plain": "a",
    })
    html, _ = page(tmp_path, cell("table", table), text="# Page")
    assert "<details" not in html and "table" in html and cells_of(html)[1] == ["1", "2"]


# --- bars ---------------------------------------------------------------------------------------


def test_a_bar_says_what_it_hides(tmp_path):
    html, warnings = page(
        tmp_path,
        cell("# @title Solution\nanswer = 42", tags=["hide-cell"]),
        cell('# @title Check { display-mode: "form" }\n\nx == 0', tags=["hide-input"]),
        cell("plain = 1", tags=["hide-input"]),
        cell("# @title Shown\nopen_ = 1"),
        text="# Page",
    )
    assert warnings == ""
    assert bars(html) == ["Solution"] * 2 + ["Check"] * 2 + ["Code"] * 2
    assert "@title" not in html and "Shown" not in html
    for code in ("answer", "plain", "open_"):
        assert f'<span class="n">{code}</span>' in html, "highlighted as before"


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


def picture(name):
    """A cell's output that is a figure, with the cell's metadata of it."""
    made = new_output("display_data", data={"image/svg+xml": SVG, "text/plain": name})
    return made, {"mystnb": {"figure": {"caption": "It is.", "name": name}}}


@pytest.mark.parametrize("source", [
    "draw()", "# @title Code of the figure\ndraw()", "# @title Code of Fig. 9.9\ndraw()",
])
def test_the_bar_of_a_figure_has_its_number(tmp_path, source):
    cells = []
    for name in ("fig-a", "fig-b"):
        output, metadata = picture(name)
        cells.append(cell(source, output, tags=["hide-input"]))
        cells[-1].metadata |= metadata
    html, warnings = page(tmp_path, *cells, text="# Page", numfig_format={"figure": "Fig. %s"})
    assert warnings == ""
    assert bars(html) == ["Code of Fig. 1.1"] * 2 + ["Code of Fig. 1.2"] * 2


# --- equations in two forms ---------------------------------------------------------------------

BROKEN = BOOK["eq-descent"]


@pytest.mark.parametrize("label", ["eq-descent", "eq-gain"])
def test_an_equation_has_the_form_for_narrow_screens_beside_it(tmp_path, label):
    law = BOOK[label]
    text = f"# Page\n\n$$\n{law.latex}\n$$ ({label})\n\nSee [](#{label})."
    html, warnings = page(tmp_path, text=text)
    assert warnings == ""
    assert html.count(f'id="equation-{label}"') == 1 and html.count('class="eqno"') == 1
    (found,) = re.findall(r'<div class="([^"]*)math notranslate nohighlight"', html)
    shown = html.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    assert shown.count(law.latex) == 1
    assert ("two-forms" in found) == ('class="narrow"' in html) == bool(law.narrow)
    if law.narrow:
        assert f'<span class="narrow">\\[{law.narrow}\\]</span></div>' in shown


def test_a_law_that_a_cell_shows_has_both_forms(tmp_path):
    data = {"text/latex": BROKEN._repr_latex_(), "text/plain": "law"}
    shown = new_output("execute_result", data=data, execution_count=1)
    other = new_output("execute_result", data={**data, "text/latex": "$x$"}, execution_count=1)
    html, _ = page(tmp_path, cell("law", shown), cell("x", other), text="# Page")
    assert html.count('class="narrow"') == html.count("two-forms") == 1
