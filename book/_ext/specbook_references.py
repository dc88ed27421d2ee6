"""Sphinx extension: ``{references}`` lists the papers of ``references.bib``, with lasting ids.

Each entry is a target ``ref-KEY`` that the whole book links to by authors and year. (The anchors
of sphinxcontrib-bibtex are counted, so that a new entry moves them.) The sources of laws, in
tables and docstrings, name papers by their arXiv numbers: these lead to the entries, too.
"""

import re
import sys
from pathlib import Path

from docutils import nodes
from specbook_nodes import element, to_label
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import references  # noqa: E402

ARXIV = re.compile(r"\b(arXiv:\d{4}\.\d{4,5})\b")
NOT_IN = (nodes.reference, nodes.literal, nodes.literal_block, nodes.comment, addnodes.pending_xref)


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


def link_numbers(app, doctree):
    """Make arXiv numbers in the text links to the entries of their papers."""
    file = Path(app.srcdir, "book", "references.bib")
    entries = references.read_papers(file)[0] if file.exists() else {}
    known = {references.link(entry)[0]: references.label(key) for key, entry in entries.items()}
    for text in list(doctree.findall(nodes.Text)):
        parent = text.parent
        if not ARXIV.search(text) or any(isinstance(p, NOT_IN) for p in _above(text)):
            continue
        parts = [
            to_label(known[part].lower(), part) if part in known else nodes.Text(part)
            for part in ARXIV.split(text) if part
        ]
        parent.replace(text, parts)


def _above(node):
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app):
    app.add_directive("references", References)
    app.connect("doctree-read", link_numbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
