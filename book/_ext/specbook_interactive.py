"""Sphinx extension: interactive figures move on the pages that have one.

`specbook.reading.interactive` stores a picture and a plot. The picture is on the page as that of
any figure; this extension adds the plot as data, ``interactive.js`` and its style. The script
makes the controls; it loads plotly (MIT licence, `_static/plotly`), larger than the rest of a
page together, when a reader first reaches for the figure. Other pages load none of them.
"""

import json
from pathlib import Path

from specbook.reading.mime import FIGURE, PLOT

SCRIPT, STYLE = "interactive.js", "interactive.css"


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
    app.add_js_file(SCRIPT, loading_method="defer")  # called here, these are for this page only
    app.add_css_file(STYLE)
    context["body"] += "".join(script(name, plot) for name, plot in found.items())


def setup(app):
    app.connect("html-page-context", add_plots)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
