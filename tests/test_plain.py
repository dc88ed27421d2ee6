"""A chapter as Jupyter shows it: numbers, links, captions, and nothing that only the page reads."""

import base64
import re
from collections import Counter
from functools import cache

import forms
import labels
import nbformat
import pages as book_pages
import plain
import prose
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from sample_chapter import sample_notebook
from small_book import build

from specbook.reading.mime import PICTURE

CHAPTERS = [f for f in book_pages.page_files() if f.suffix == ".ipynb"]
# What only MyST reads: a role, a directive or its option, a target, a label behind a formula.
RAW = re.compile(r"\{[\w:-]+\}`|:::|^:\w+:|^\([\w-]+\)=|\((?:eq|fig|sec|ex)-[\w-]+\)", flags=re.M)


@cache
def known():
    return labels.collect(book_pages.read_book())


@cache
def exporter():
    return HTMLExporter(exclude_input=True, template_name="basic")


def rendered(notebook):
    """The text and the outputs of a notebook in HTML, without code cells."""
    html, _ = exporter().from_notebook_node(notebook)
    return BeautifulSoup(html, "html.parser")


def alt(image):
    """The alt text of a picture, or the name within an SVG, whose alt text nbconvert drops."""
    kind, _, data = image["src"].partition("base64,")
    if "svg" in kind:
        picture = BeautifulSoup(base64.b64decode(data), "html.parser").svg
        return picture.get("aria-label") or (picture.title and picture.title.get_text())
    return image["alt"].replace("No description has been provided for this image", "")


def faults(notebook):
    """What a reader of the plain notebook stumbles over."""
    html = rendered(notebook)
    ids = {tag["id"] for tag in html.find_all(id=True)}
    for link in html.find_all("a", href=True):
        path, mark, label = link["href"].removeprefix(prose.base()).partition("#")
        if link["href"].startswith("#"):
            if label not in ids:
                yield f"nothing on the page has the target {label}"
        elif link["href"].startswith(prose.base()):
            if mark and f"{known().home.get(label)}.html" != path:
                yield f"{label} is not on {path}"
        elif not re.match(r"https?:", link["href"]):
            yield f"{link['href']} leads nowhere outside the repository"
        if not link.get_text(strip=True):
            yield f"the link to {link['href']} has no words"
    yield from ("a picture without an alt text" for image in html.find_all("img") if not alt(image))
    folded = {tag.get_text().removeprefix(tag.summary.get_text()) for tag in html("details")}
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    records = plain.figures_of(outputs)
    yield from ("no alt text below it" for record in records if record["alt"] not in folded)
    names = (record["name"] for record in records)
    wanted = Counter(f"Fig. {known().number.get(name, '')}".rstrip(". ") + "." for name in names)
    wanted -= Counter(tag.get_text() for tag in html.find_all("strong"))
    yield from (f"no caption begins with {head}" for head in wanted)
    for tag in html.find_all(["pre", "script", "style", "svg"]):
        tag.decompose()
    for tag in html.find_all("code"):
        tag.replace_with("`")
    yield from (f"left over in the text: {text}" for text in RAW.findall(html.get_text()))


@pytest.mark.parametrize("file", CHAPTERS, ids=lambda f: f.stem)
def test_chapter_as_jupyter_shows_it(file):
    assert list(faults(nbformat.read(file, as_version=4))) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("What is it?", "What {ref}`is` it?", "left over"),
        ("What is it?", ":::{note}\nWhat?\n:::", "left over"),
        ("What is it?", "What is it? (eq-optimum)", "left over"),
        ("(#fig-sample)", "(#fig-simple)", "fig-simple"),
        ("[the sample]", "[]", "no words"),
        ("(#fig-sample)", "(../other.ipynb)", "leads nowhere"),
        ("(#fig-sample)", f"({prose.base()}book/index.html#eq-gain)", "is not on book/index"),
    ],
)
def test_a_fault_is_seen(old, new, fault):
    notebook = sample_notebook()
    assert list(faults(notebook)) == []
    cell = next(c for c in notebook.cells if c.cell_type == "markdown" and old in c.source)
    cell.source = cell.source.replace(old, new)
    assert any(fault in found for found in faults(notebook))


def test_a_figure_without_alt_text_or_caption_is_seen():
    notebook = sample_notebook()
    cell = next(c for c in notebook.cells if plain.figures_of(c.get("outputs", ())))
    data = cell.outputs[0].data
    data[PICTURE] = re.sub(r' aria-label(?:ledby)?="[^"]*"|<title.*?</title>', "", data[PICTURE])
    del cell.outputs[1:]
    missing = "a picture without an alt text", "no alt text below it", "no caption begins with Fig."
    assert tuple(faults(notebook)) == missing


# --- the two forms of a text ------------------------------------------------------------------

MYST = """
(sec-a)=
# A

$$
x + 1
$$ (eq-a)

and [Eq.](#eq-a).

:::{admonition} The law
:class: important

$$
x
$$ (eq-b)

It holds.
:::

:::{exercise} How far?
:label: ex-a

With `:::{note}` in it.
:::

(sec-b)=
## B
"""
PLAIN = """
<a id="sec-a"></a>
# A

<a id="eq-a"></a>
$$
x + 1
\\tag{7.1}
$$

and [Eq.](#eq-a).

<!-- box important -->

---

**The law**

<a id="eq-b"></a>
$$
x
\\tag{7.2}
$$

It holds.

---

<!-- end of box -->

<a id="ex-a"></a>
**Exercise 7.3 (How far?).** With `:::{note}` in it.

<a id="sec-b"></a>
## B
"""
NUMBERS = {"eq-a": "7.1", "eq-b": "7.2", "ex-a": "7.3"}


def words(text):
    """A text without what the forms are free to change: empty lines, length of fences."""
    return [line for line in text.replace("::::", ":::").splitlines() if line.strip()]


def test_authors_may_write_myst():
    old = MYST.replace("(sec-a)=", '<a id="sec-a"></a>').replace("(sec-b)=", '<a id="sec-b"></a>')
    assert forms.to_plain(old, NUMBERS) == PLAIN
    assert forms.to_plain(PLAIN, NUMBERS) == PLAIN


def test_the_build_reads_the_plain_form():
    assert words(forms.to_myst(PLAIN)) == words(MYST)


@pytest.mark.parametrize("source", ["```\n# a\n$$\nx\n$$ (eq-a)\n```", "`:::{exercise} A`", ":::"])
def test_code_is_left_alone(source):
    assert forms.to_plain(source, NUMBERS) == source
    assert forms.to_myst(source) == source


def test_numbers_and_addresses_of_links():
    found = labels.Labels({"eq-a": "book/a/x", "eq-b": "book/a/y"}, NUMBERS)
    text = "[a law](#eq-a), [so, Eq. (1.1)](#eq-b), [Fig.](#fig-unknown), [a](https://x.org/#eq-a)"
    assert forms.with_links(text, found, "book/a/x") == (
        f"[a law, Eq. (7.1)](#eq-a), [so, Eq. (7.2)]({prose.base()}book/a/y.html#eq-b),"
        " [Fig.](#fig-unknown), [a](https://x.org/#eq-a)"
    )
    assert list(forms.written(PLAIN)) == [*NUMBERS.items(), ("eq-a", "")]


# --- the build compares -----------------------------------------------------------------------

CHAPTER = """# Title

<a id="eq-x"></a>
$$
x
\\tag{{{number}}}
$$

The [law, Eq. (1)](#eq-x), and [more, Eq.]({base}b.html#{label}).
"""


def built(folder, number="1", label="eq-y", extensions=("specbook_anchors", "specbook_numbers")):
    source = CHAPTER.format(number=number, label=label, base=prose.base())
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(source, id="a")]
    )
    contents = "# Front\n\n```{toctree}\nb\nchapter\n```\n"
    other = "# B\n\nText.\n\n$$\ny\n$$ (eq-y)\n\n(sec-elsewhere)=\n## More\n\nText.\n"
    return build(
        folder, {"front": contents, "b": other}, "myst_nb", *extensions,
        files={"chapter.ipynb": nbformat.writes(notebook)}, extensions=["myst_nb", *extensions],
        nb_execution_mode="off", numfig=True, math_numfig=False, nitpicky=True,
        html_baseurl=prose.base(),
    )


def test_a_written_number_is_compared_with_the_builds(tmp_path):
    right = built(tmp_path / "right", number="2")
    assert "eq-x is number 2 here, and '1' is written" in right.warnings  # the words of the link
    assert right.warnings.count("is written") == 2  # and the link without a number
    wrong = built(tmp_path / "wrong", number="7")
    assert "eq-x is number 2 here, and '7' is written: make sync" in wrong.warnings


def test_links_to_equations_keep_their_words(tmp_path):
    html = built(tmp_path).read("chapter.html")
    assert re.search(r'href="#eq-x"><span[^>]*>law, Eq. \(1\)</span>', html)
    assert re.search(r'href="b.html#eq-y"><span[^>]*>more, Eq.</span>', html)
    assert f"{prose.base()}b.html#" not in html.partition("<body>")[2]


def test_a_dead_address_in_the_book_is_a_warning(tmp_path):
    assert "eq-nowhere" in built(tmp_path, label="eq-nowhere").warnings
