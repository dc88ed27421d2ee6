"""Sphinx extension: a search finds a page also by the words of others for what stands on it.

The papers say eigenmode where the book says mode or eigenvector; half of the readers spell
regularization with a z. Such words go into the index of the search, and nowhere else on the page.
The index of terms says which section introduces a term: a search for the term leads there. The
order of the results and their summaries are those of ``_static/search.js``.
"""

import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import glossary  # noqa: E402

OTHERS = {  # pattern of the book's words -> words that readers may look for
    r"eigenvector|modes? of (?:the|their) covariance": "eigenmode eigenmodes PCA",
    r"emergence time|learning time": "mode emergence",
    r"regularis": "regularization regularize weight decay",
    r"memoris": "memorization memorize",
    r"generalis": "generalization generalize",
    r"normalis": "normalization normalize",
    r"parametris": "parameterization parametrization",
    r"probability[- ]flow ODE": "DDIM",
    r"variance exploding": "VE SDE NCSN SMLD",
    r"variance preserving": "VP SDE DDPM",
    r"Heun": "EDM sampler",
}


def others(text):
    """What readers may look for on a page with this text."""
    return [words for pattern, words in OTHERS.items() if re.search(pattern, text, flags=re.I)]


def add_keywords(app, doctree):
    """Put the words into a ``keywords`` tag, which Sphinx indexes."""
    words = " ".join(others(" ".join(doctree.astext().split()))).split()
    if words:
        doctree.insert(0, nodes.meta(name="keywords", content=", ".join(words)))


def add_terms(app, doctree):
    """Make the section that introduces a term an entry of the index, under all its names."""
    sections = doctree.findall(nodes.section)
    home = {label: section for section in sections for label in section["ids"]}
    file = Path(app.srcdir, "book", "appendix", glossary.PAGE.name)
    for term in glossary.read_terms(file):
        if section := home.get(term.section):
            entries = [("single", name, term.section, "main", None) for name in term.names]
            section.insert(1, addnodes.index(entries=entries))


def add_script(app, pagename, templatename, context, doctree):
    if pagename == "search":  # called here, this adds it to this page only
        app.add_js_file("search.js", loading_method="defer")


def setup(app):
    app.connect("doctree-read", add_keywords)
    app.connect("doctree-read", add_terms)
    app.connect("html-page-context", add_script, priority=400)  # before specbook_page copies
    return {"parallel_read_safe": True, "parallel_write_safe": True}
