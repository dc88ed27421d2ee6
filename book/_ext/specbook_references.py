"""Sphinx extension: ``{references}`` lists the papers of ``references.bib``, with lasting ids.

Each entry is a target ``ref-KEY`` that the whole book links to by authors and year. (The anchors
of sphinxcontrib-bibtex are counted, so that a new entry moves them.)
"""

import sys
from pathlib import Path

from docutils import nodes
from specbook_nodes import element
from sphinx.util.docutils import SphinxDirective

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import references  # noqa: E402


def item(key, entry):
    """One paper: authors, year, title, where it appeared, and a link to it."""
    words, address = references.link(entry)
    where = references.venue(entry)
    text = element(
        nodes.paragraph,
        f"{references.authors(entry)} ({entry.fields['year']}). ",
        element(nodes.emphasis, references.title(entry)),
        f". {where}. " if where else ". ",
        element(nodes.reference, words, refuri=address),
    )
    name = references.label(key)
    return element(nodes.list_item, text, ids=[name], names=[name.lower()])


class References(SphinxDirective):
    """All papers, sorted by authors."""

    def run(self):
        file = Path(self.env.srcdir, "book", "references.bib")
        self.env.note_dependency(str(file))
        self.env.note_dependency(references.__file__)
        entries, _ = references.read_papers(file)
        standard, items = self.env.get_domain("std"), []
        for key in references.in_order(entries):
            items.append(item(key, entries[key]))
            name = references.label(key)
            standard.note_hyperlink_target(
                name.lower(), self.env.docname, name, references.short(entries[key])
            )
        return [element(nodes.bullet_list, *items, classes=["references"])]


def setup(app):
    app.add_directive("references", References)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
