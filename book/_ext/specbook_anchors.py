"""Sphinx extension: ``<a id="sec-x"></a>`` alone on a line is a target, ``(sec-x)=`` in MyST.

A plain notebook shows nothing for it and links to it still work there. Before a heading it
labels the section; at the end of a Markdown cell it labels the code cell that follows. A claim
that a cell shows has its label there (`specbook.reading.page`); its anchor is left out.
"""

import json
import re

from specbook.reading.mime import CLAIM

ANCHOR = re.compile(r'<a id="([\w-]+)"></a>\s*')
FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def shown_claims(notebook):
    """Labels of the claims that the cells of a notebook show on the page."""
    return {
        f"claim-{output['data'][CLAIM]['name']}"
        for cell in notebook["cells"]
        if not {"remove-cell", "remove-output"} & set(cell["metadata"].get("tags", ()))
        for output in cell.get("outputs", ())
        if CLAIM in output.get("data", {})
    }


def targets(text, without=()):
    """Return Markdown `text` with its anchor lines as MyST targets, except in code blocks.

    Labels in `without` are no targets.
    """
    lines, fence = [], None
    for line in text.split("\n"):
        mark = FENCE.match(line)
        anchor = ANCHOR.fullmatch(line)
        if mark and fence is None:
            fence = mark[1]
        elif mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = None
        elif anchor and fence is None:
            lines.append("")  # a target must not continue a paragraph
            if anchor[1] not in without:
                lines.append(f"({anchor[1]})=")
            continue
        lines.append(line)
    return "\n".join(lines)


def read_source(app, docname, source):
    """Rewrite a page, or the Markdown cells of a notebook, before it is parsed."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        source[0] = targets(source[0])
        return
    notebook = json.loads(source[0])
    claims = shown_claims(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = targets("".join(cell["source"]), claims)
    source[0] = json.dumps(notebook)


def setup(app):
    app.connect("source-read", read_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
