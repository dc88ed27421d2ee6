"""Sphinx extension: the numbers that ``make sync`` wrote are those of the build.

* A written number that is not Sphinx's own is a warning, so a strict build stops at it.
* A link to an equation keeps its words, ``Eq. (4.5)`` among them, and gets the number if they
  lack it (in tables of sources); Sphinx alone would put the number in their place.
"""

import json
import sys
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from specbook.reading.mime import CAPTION, FIGURE

logger = logging.getLogger(__name__)
sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import forms  # noqa: E402
import plain  # noqa: E402


def counted(env):
    """Numbers by Sphinx's count, by label."""
    return {
        name.removeprefix("equation-"): ".".join(map(str, number))
        for kinds in env.toc_fignumbers.values()
        for kind, numbers in kinds.items() if kind in ("displaymath", "figure", "exercise")
        for name, number in numbers.items()
    }


def written(file):
    """The numbers that a page gives to labels, as (label, number)."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".ipynb":
        yield from forms.written(text)
        return
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield from forms.written(source)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            title = plain.TITLE.match(source)
            for kind, shown in ((FIGURE, title["title"] if title else ""),
                                (CAPTION, "".join(data.get("text/plain", "")))):
                if kind in data and (match := forms.WORDS["fig"].search(shown)):
                    yield data[kind]["name"], match["number"] or ""


def compare(app, env):
    """Warn about each number on a page that is not the one that the reader sees there."""
    numbers = counted(env)
    for docname in sorted(env.found_docs):
        for label, number in dict.fromkeys(written(Path(env.doc2path(docname)))):
            if label in numbers and number != numbers[label]:
                logger.warning(
                    "%s is number %s here, and %r is written: make sync",
                    label, numbers[label], number,
                    location=docname, type="specbook", subtype="number",
                )


class EquationWords(SphinxPostTransform):
    """Links in words to equations, resolved before MyST replaces the words by the number."""

    default_priority = 8  # that of MyST is 9

    def run(self, **options):
        equations, numbers = self.env.get_domain("math").equations, counted(self.env)
        for node in list(self.document.findall(pending_xref)):
            label = node["reftarget"]
            if node["reftype"] != "myst" or label not in equations or not node.astext().strip():
                continue
            there = equations[label][0]
            words = [child.deepcopy() for child in node.children]
            if f"({numbers.get(label)})" not in node.astext() and label in numbers:
                words.append(nodes.Text(f" ({numbers[label]})"))
            link = make_refnode(self.app.builder, self.env.docname, there, label, words)
            node.replace_self(link)


def setup(app):
    app.connect("env-check-consistency", compare)
    app.add_post_transform(EquationWords)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
