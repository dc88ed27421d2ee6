"""Sphinx extension: what a cell proves is folded away, one line a cell.

* The claims of a cell become a line that opens to a table; its rows are where the text's links
  lead (`specbook.reading.page` gives the claims their addresses).
* So does the table of the sources of a chapter's laws; the list of labels that made it is not on
  the page.

The folds are ``<details>``, which work without scripts, and are opened by a link into them.
"""

from docutils import nodes
from specbook_nodes import element, table
from sphinx.transforms.post_transforms import SphinxPostTransform

from specbook.laws.book import Sources
from specbook.reading.claims import in_words

HEADER = ("in the text", "computed", "expected", "tolerance", "why", "kind")
WORDS = ("in the text", "why", "kind")  # where there are no numbers
SOURCES = "Sources of the equations"


def fold(line, *content, name):
    """Content behind a line, as nodes; `name` is its class."""
    start = f'<details class="fold {name}"><summary>{line}</summary>\n'
    start, end = (nodes.raw("", text, format="html") for text in (start, "</details>\n"))
    return [start, *content, end]


def parts(document, name):
    """The containers of this name that a notebook has: ``cell_code``, ``cell_code_output``."""
    found = document.findall(nodes.container)
    return [node for node in found if node.get("nb_element") == name]


def counted(records):
    """How many numbers and sentences were checked, in words."""
    sentences = sum(record["says"] is not None for record in records)
    numbers = len(records) - sentences
    words = [f"{count} {word}{'s' * (count > 1)}"
             for count, word in ((numbers, "number"), (sentences, "sentence")) if count]
    end = "" if sentences else f", {'all ' * (numbers > 1)}within tolerance"
    return f"{' and '.join(words)} checked{end}"


def claims_table(records):
    """A row for each claim, with its address."""
    rows, numbers = [], any(record["says"] is None for record in records)
    for record in records:
        says = record["says"] and f"“{record['says']}”"
        words = in_words(record).values() if numbers else ()
        rows.append([says or record["text"], *words, record["because"], record["kind"]])
    made = table(None, HEADER if numbers else WORDS, rows, "claims", stub=0)
    for row, record in zip(next(made.findall(nodes.tbody)), records, strict=True):
        row["ids"] = [f"claim-{record['name']}"]
        if numbers and record["says"] is not None:  # the sentence takes the place of numbers
            del row[1:4]
            row[0]["morecols"] = 3
    return made


class FoldClaims(SphinxPostTransform):
    """The lines of the claims of a cell, in one fold at the end of its output."""

    default_priority = 150  # after the choice of the mime type (4), before the bars (199)
    formats = ("html",)

    def run(self, **_):
        for output in parts(self.document, "cell_code_output"):
            lines = [line for line in output.findall(nodes.paragraph) if "claim" in line]
            if lines:
                records = [line["claim"] for line in lines]
                for line in lines:
                    line.parent.remove(line)
                output += fold(counted(records), claims_table(records), name="claims")


class FoldSources(SphinxPostTransform):
    """The table of sources, in a fold; its cell has no code on the page."""

    default_priority = 150
    formats = ("html",)

    def run(self, **_):
        for cell in parts(self.document, "cell_code"):
            for found in list(cell.findall(nodes.table)):
                head = next(found.findall(nodes.thead), element(nodes.thead))
                if tuple(entry.astext() for entry in head.findall(nodes.entry)) == Sources.columns:
                    place, index = found.parent, found.parent.index(found)
                    place[index : index + 1] = fold(SOURCES, found, name="sources")
                    cell.children = parts(cell, "cell_code_output")


def setup(app):
    app.add_post_transform(FoldClaims)
    app.add_post_transform(FoldSources)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
