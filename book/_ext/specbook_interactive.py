"""Sphinx extension: interactive figures move on the pages that have one.

`specbook.reading.interactive` stores a picture and a plot. The picture is on the page as that of
any figure; this extension adds the plot as data, and the scripts that draw it in the picture's
place: plotly (MIT licence, `_static/plotly`) and ``interactive.js``. Other pages load neither.
"""

import json
from pathlib import Path

from specbook.reading.mime import FIGURE, PLOT

SCRIPTS = ("plotly/plotly-basic.min.js", "interactive.js")


def plots(notebook):
    """The plots of a notebook's outputs by the names of their figures."""
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", ()))
    found = (output.get("data", {}) for output in outputs)
    return {data[FIGURE]["name"]: data[PLOT] for data in found if {FIGURE, PLOT} <= data.keys()}


def script(name, plot):
    """A plot as data at the end of a page."""
    data = json.dumps(plot, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<script type="application/json" class="interactive-data" data-figure="{name}">'
        f"{data}</script>\n"
    )


def add_plots(app, pagename, templatename, context, doctree):
    """Give a page its plots, and the scripts if there are any."""
    if doctree is None or app.builder.name != "html":
        return
    file = Path(app.env.doc2path(pagename))
    if file.suffix != ".ipynb":
        return
    found = plots(json.loads(file.read_text(encoding="utf-8")))
    if not found:
        return
    for name in SCRIPTS:  # called here, this adds them to this page only
        app.add_js_file(name, loading_method="defer")
    context["body"] += "".join(script(name, plot) for name, plot in found.items())


def setup(app):
    app.connect("html-page-context", add_plots)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
