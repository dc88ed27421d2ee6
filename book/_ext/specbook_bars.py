"""Sphinx extension: the bar of a folded cell says what it hides.

A cell's first line ``# @title NAME``, which Colab shows as its title, names the bar and is not
shown in the code. Without it the bar says "Code", or "Code of Fig. 4.2" if the cell draws it.
"""

import re

from docutils import nodes
from specbook_folds import parts
from sphinx.transforms.post_transforms import SphinxPostTransform

TITLE = re.compile(r"# *@title +([^\n{]*?) *(?:\{[^\n]*\})?(?:\n+|\Z)")
CODE, OF = "Code", "Code of "  # what a bar says without a title; the title of a figure's code


def take_title(cell):
    """The title of a cell, or nothing; its line is taken out of the code."""
    for source in parts(cell, "cell_code_source"):
        for block in source.findall(nodes.literal_block):
            if match := TITLE.match(block.astext()):
                text = block.astext()[match.end() :]
                block.rawsource, block.children = text, []
                block += nodes.Text(text)
                return match[1]
    return ""


class NameBars(SphinxPostTransform):
    """Titles out of the code of cells, and onto their bars."""

    default_priority = 150  # before HideInputCells (199) makes the bars
    formats = ("html",)

    def run(self, **_):
        for cell in parts(self.document, "cell_code"):
            title = take_title(cell)
            if cell.get("hide_mode") in (None, "output"):
                continue
            if not title or title.startswith(OF):
                title = OF + self.figure(cell) if self.figure(cell) else title or CODE
            cell["prompt_show"] = cell["prompt_hide"] = title

    def figure(self, cell):
        """The number of the figure that a cell draws, in words, or nothing."""
        numbers = self.env.toc_fignumbers.get(self.env.docname, {}).get("figure", {})
        for figure in cell.findall(nodes.figure):
            for name in figure["ids"]:
                if name in numbers:
                    number = ".".join(map(str, numbers[name]))
                    return self.config.numfig_format["figure"] % number
        return ""


def setup(app):
    app.add_post_transform(NameBars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
