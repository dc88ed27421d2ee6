"""Sphinx extension: long equations stand in one line, and in several on narrow screens.

A law that is written with `specbook.laws.law.lines` has both forms. They stand in one element with
one number and one address, and the style sheet shows the one that fits.
"""

from docutils import nodes
from sphinx.ext.mathjax import html_visit_displaymath

from specbook.laws import BOOK

BROKEN = {law.latex: law.narrow for law in BOOK.values() if law.narrow}


def narrow_form(node):
    """The form in several lines of a displayed equation, or None.

    It is known by its label, or is shown by a cell as it is.
    """
    if law := BOOK.get(node.get("label")):
        return law.narrow
    return BROKEN.get(node.astext().removeprefix(r"\displaystyle").strip())


def visit(self, node):
    """Write the equation, and in the same element its other form."""
    narrow = narrow_form(node)
    if narrow:
        node["classes"].append("two-forms")
    try:
        html_visit_displaymath(self, node)
    except nodes.SkipNode:
        if narrow:
            before, after = self.config.mathjax_display
            text = f"{before}{self.encode(narrow)}{after}"
            self.body.insert(-1, f'<span class="narrow">{text}</span>')
        raise


def setup(app):
    app.add_node(nodes.math_block, override=True, html=(visit, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
