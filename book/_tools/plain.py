"""What ``make sync`` writes into a page so that a plain notebook reads like the page.

Markdown: numbers of equations, figures and exercises, addresses of other pages, and the plain
forms of `forms`. Code cells: whether a viewer folds them, the title it then shows, the caption
under a figure.
"""

import re

import forms
import ledger
from pages import closing_anchors

FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}  # tags of folded code
SHUT = {"hide-output", "hide-cell", "remove-output", "remove-cell"}  # tags of folded outputs
# The first line of a folded cell; Colab may have added how to show it, in braces.
TITLE = re.compile(r"# *@title +(?P<title>[^\n{]*?) *(?:\{[^\n]*\})?$", flags=re.M)
OF = "Code of "  # the title of a cell that draws a figure goes on with its number
IMPORTS = re.compile(r"^[ \t]*(?:import |from \S+ import |%pip )", flags=re.M)


def markdown(cell, page, labels):
    """The source that a Markdown cell should have, but for the anchors of figures."""
    if page.notebook is None:
        return forms.with_links(cell.source, labels, ledger.docname(page), absolute=False)
    source = forms.to_plain(cell.source, labels.number)
    return forms.with_links(source, labels, ledger.docname(page))


def figure_anchors(page):
    """Anchors of figures that the Markdown cells before them lack, as cell id -> names.

    A link to a figure leads there in a plain notebook.
    """
    from specbook.reading.mime import FIGURE

    before, missing = None, {}
    for cell in page.cells:
        if cell.kind == "markdown":
            before = cell
        for record in cell.records(FIGURE) if before else ():
            if record["name"] not in closing_anchors(before.source):
                missing.setdefault(before.id, []).append(record["name"])
    return missing


def with_anchors(source, names):
    """Markdown with these anchors at its end."""
    if not names:
        return source
    lines = "\n".join(f'<a id="{name}"></a>' for name in names)
    apart = "\n" if closing_anchors(source) else "\n\n"
    return source.rstrip() + apart + lines


def title_of(cell, number):
    """The title of a folded cell: its own, or one that says what the cell is for."""
    from specbook.reading.mime import CLAIM, EXERCISE, FIGURE, SETTINGS

    given = TITLE.match(cell.source)
    given = given["title"] if given else ""
    if records := cell.records(FIGURE):
        figure = f"Fig. {number[name]}" if (name := records[0]["name"]) in number else "the figure"
        return given if given and not given.startswith(OF) else OF + figure
    if given:
        return given
    if cell.records(EXERCISE):
        return "Solution"
    if re.match(r"(?:laws\.)?sources\(", cell.source):
        return "Sources"
    if cell.records(CLAIM):
        return "Check"
    if cell.records(SETTINGS):
        return "Settings"
    if any("text/markdown" in output.get("data", {}) for output in cell.outputs):
        return "Code of the table"
    return "Setup" if IMPORTS.search(cell.source) else "Functions"


def titled(cell, number):
    """The source that a code cell should have: the first line of a folded one is its title."""
    if not FOLDED & set(cell.metadata.get("tags", ())):
        return cell.source
    rest = TITLE.sub("", cell.source, count=1) if TITLE.match(cell.source) else f"\n{cell.source}"
    return f"# @title {title_of(cell, number)}{rest}"


def folding(cell):
    """Metadata with which JupyterLab and Colab fold a cell as the page does."""
    tags, wanted = set(cell.metadata.get("tags", ())), {}
    if tags & FOLDED:
        wanted = {"cellView": "form", "jupyter": {"source_hidden": True}}
    if tags & SHUT:
        wanted.setdefault("jupyter", {})["outputs_hidden"] = True
    return wanted


def figures_of(outputs):
    """The records of the figures among outputs."""
    from specbook.reading.mime import FIGURE

    return [o["data"][FIGURE] for o in outputs if FIGURE in o.get("data", {})]


def captioned(cell, number):
    """The outputs that a code cell should have: below each figure its caption."""
    from nbformat.v4 import new_output

    from specbook.reading.captions import caption_bundle
    from specbook.reading.mime import CAPTION, FIGURE

    outputs = []
    for output in cell.outputs:
        data = output.get("data", {})
        if CAPTION in data:
            continue
        outputs.append(output)
        if record := data.get(FIGURE):
            what = (record[key] for key in ("name", "caption", "alt"))
            bundle = caption_bundle(*what, number.get(record["name"]))
            outputs.append(new_output("display_data", data=bundle, metadata={}))
    return outputs


def changes(page, labels):
    """What sync would change, as (cell, what, attribute or key of the metadata, new value)."""
    anchors = figure_anchors(page)
    for cell in page.cells:
        if cell.kind == "markdown":
            new = with_anchors(markdown(cell, page, labels), anchors.get(cell.id, ()))
            if new != cell.source:
                yield cell, "the plain form of its text: numbers, links, boxes", "source", new
        elif cell.kind == "code":
            if (new := titled(cell, labels.number)) != cell.source:
                yield cell, "the title of a folded cell", "source", new
            wanted = folding(cell)
            for key in ("cellView", "jupyter"):
                if cell.metadata.get(key) != wanted.get(key):
                    yield cell, "how a viewer folds it", key, wanted.get(key)
            if (new := captioned(cell, labels.number)) != cell.outputs:
                yield cell, "the caption below its figure", "outputs", new
