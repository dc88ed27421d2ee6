"""Sphinx extension: ``<a id="sec-x"></a>`` alone on a line is a target, ``(sec-x)=`` in MyST.

A plain notebook shows nothing for it and links to it still work there. Before a heading it
labels the section; at the end of a Markdown cell it labels the code cell that follows.
"""

import json
import re

ANCHOR = re.compile(r'<a id="([\w-]+)"></a>\s*')
FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def targets(text):
    """Return Markdown `text` with its anchor lines as MyST targets, except in code blocks."""
    lines, fence = [], None
    for line in text.split("\n"):
        mark = FENCE.match(line)
        anchor = ANCHOR.fullmatch(line)
        if mark and fence is None:
            fence = mark[1]
        elif mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = None
        elif anchor and fence is None:
            lines += ["", f"({anchor[1]})="]  # a target must not continue a paragraph
            continue
        lines.append(line)
    return "\n".join(lines)


def read_source(app, docname, source):
    """Rewrite a page, or the Markdown cells of a notebook, before it is parsed."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        source[0] = targets(source[0])
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = targets("".join(cell["source"]))
    source[0] = json.dumps(notebook)


def setup(app):
    app.connect("source-read", read_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
