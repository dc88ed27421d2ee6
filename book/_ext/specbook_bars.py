"""Sphinx extension: the bar of a folded cell says what it hides.

A cell's first line ``# @title NAME``, which Colab shows as its title, names the bar and is not
shown in the code. Without it the bar says "Code", or "Code of Fig. 4.2" if the cell draws it.
"""

import sys
from pathlib import Path

from docutils import nodes
from specbook_folds import parts
from specbook_numbers import counted
from sphinx.transforms.post_transforms import SphinxPostTransform

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import plain  # noqa: E402

CODE = "Code"  # what a bar says without a title


def take_title(cell):
    """The title of a cell, or nothing; its line is taken out of the code."""
    for source in parts(cell, "cell_code_source"):
        for block in source.findall(nodes.literal_block):
            if match := plain.TITLE.match(block.astext()):
                text = block.astext()[match.end() :].lstrip("\n")
                block.rawsource, block.children = text, []
                block += nodes.Text(text)
                return match["title"]
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
            if (figure := self.figure(cell)) and (not title or title.startswith(plain.OF)):
                title = plain.OF + figure
            title = title or CODE
            cell["prompt_show"] = cell["prompt_hide"] = title

    def figure(self, cell):
        """The number of the figure that a cell draws, in words, or nothing."""
        numbers = counted(self.env)
        for figure in cell.findall(nodes.figure):
            for name in figure["ids"]:
                if name in numbers:
                    return self.config.numfig_format["figure"] % numbers[name]
        return ""


def setup(app):
    app.add_post_transform(NameBars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
