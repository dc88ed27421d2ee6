"""Sphinx extension: repairs of what the theme and Jupyter Book put on the pages."""

import re
from pathlib import Path

# What is wrong in the theme's HTML (a pattern), and what stands in its place.
REPAIRS = (
    # 1.5 MB of script that turns icons into pictures; the theme has them in two fonts, too.
    (
        r'<!-- So that users can add custom icons -->\s*<script src="[^"]*fontawesome\.js[^>]*>'
        r"</script>",
        "",
    ),
    # An icon is decoration: the button or link round it has a name.
    (
        r'<(i|span) class="((?:theme-switch )?fa[bs]?[ -][^"]*)"(?! aria-hidden)',
        r'<\1 class="\2" aria-hidden="true"',
    ),
    # The name of a control must begin with the text that is seen on it, and it must have a name.
    (r'(<button class="btn search-button-field[^>]*?) title="Search" aria-label="Search"', r"\1"),
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    (
        r'>([^<]*)(</a><details[^>]*><summary)(><span class="toctree-toggle") role="presentation"',
        r'>\1\2 aria-label="Pages below \1"\3',
    ),
    # Everything stands in a landmark.
    (
        r'<div id="pst-primary-sidebar" class',
        '<div id="pst-primary-sidebar" role="navigation" aria-label="Book" class',
    ),
    # Equations are reached by their labels (specbook_cite).
    (r'(href="[^"]*#)equation-(eq-)', r"\1\2"),
    # Without scripts nobody chooses between light and dark, and a page has no colours.
    (r'(<html[^>]*) data-theme="auto"', r'\1 data-theme="light"'),
    # One viewport, not three.
    (r'<meta name="viewport" content="width=device-width, initial-scale=1"\s*/>\s*', ""),
)


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take thebe off the page: it loads from another host and raises an error on every page."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in f"{script.filename}{script.attributes.get('body', '')}".lower()
    ]


def drop_mathjax(app, pagename, templatename, context, doctree):
    """Take MathJax off pages without mathematics: Sphinx gives it to those that list such pages."""
    if not app.env.domaindata["math"]["has_equations"].get(pagename):
        context["script_files"] = [
            script
            for script in context["script_files"]
            if not str(script.filename).endswith(app.config.mathjax_path)
            and "window.MathJax" not in script.attributes.get("body", "")
        ]


def repair(html):
    """A page of the theme without its known faults."""
    for fault, cure in REPAIRS:
        html = re.sub(fault, cure, html)
    return html


def repair_pages(app, exception):
    """Repair all pages when they are written; once more does no harm."""
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    for file in Path(app.outdir).rglob("*.html"):
        if static in file.parents:
            continue
        html = file.read_text(encoding="utf-8")
        if (repaired := repair(html)) != html:
            file.write_text(repaired, encoding="utf-8")


def setup(app):
    app.connect("html-page-context", drop_thebe)
    app.connect("html-page-context", drop_mathjax, priority=900)  # after MathJax was added
    app.connect("build-finished", repair_pages, priority=400)
    app.add_js_file("page.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
