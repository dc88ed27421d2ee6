"""Sphinx extension: notebooks are stored in the form that every viewer shows, and built as MyST.

What that form is, and how it becomes MyST, stands in `book/_tools/forms.py`. Captions below
figures are left out, since the page has captions of its own. A claim that a cell shows has its
label there (`specbook.reading.page`); its anchor is left out.
"""

import json
import sys
from pathlib import Path

from specbook.reading.mime import CAPTION, CLAIM

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import forms  # noqa: E402


def shown_claims(notebook):
    """Labels of the claims that the cells of a notebook show on the page."""
    return {
        f"claim-{output['data'][CLAIM]['name']}"
        for cell in notebook["cells"]
        if not {"remove-cell", "remove-output"} & set(cell["metadata"].get("tags", ()))
        for output in cell.get("outputs", ())
        if CLAIM in output.get("data", {})
    }


def read_source(app, docname, source):
    """Rewrite a page, or the cells of a notebook, before it is parsed."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        source[0] = forms.targets(source[0])
        return
    notebook = json.loads(source[0])
    claims = shown_claims(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = forms.to_myst("".join(cell["source"]), claims)
        elif outputs := cell.get("outputs"):
            cell["outputs"] = [o for o in outputs if CAPTION not in o.get("data", {})]
            for output in cell["outputs"]:
                if shown := output.get("data", {}).get("text/markdown"):
                    output["data"]["text/markdown"] = forms.inner_links("".join(shown))
    source[0] = json.dumps(notebook)


def setup(app):
    app.connect("source-read", read_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
