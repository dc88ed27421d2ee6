"""Sphinx extension: repairs of what the theme and Jupyter Book put on the pages."""

from html import escape

from docutils import nodes


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take thebe off the page: it loads from another host and raises an error on every page."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in f"{script.filename}{script.attributes.get('body', '')}".lower()
    ]


def describe(app, pagename, templatename, context, doctree):
    """Describe the page to search engines and previews.

    By its `description` in the front matter, or by its first paragraph without mathematics;
    the OpenGraph extension alone would take raw TeX.
    """
    if doctree is None:
        return
    meta = context["meta"] = dict(context.get("meta") or {})
    paragraphs = (
        paragraph.astext()
        for paragraph in doctree.findall(nodes.paragraph)
        if isinstance(paragraph.parent, nodes.section)
        and next(paragraph.findall(nodes.math), None) is None
    )
    first = next((text for text in paragraphs if len(text) > 60), app.config.html_title)
    description = meta.get("description", first.replace("\n", " "))
    meta["og:description"] = description
    tag = f'<meta name="description" content="{escape(description)}" />\n'
    context["metatags"] = context.get("metatags", "") + tag


def share_visitors(app):
    """Let the `singlehtml` builder use the `html` visitors of myst-nb and sphinx-proof."""
    handlers = app.registry.translation_handlers
    for node, visitors in handlers.get("html", {}).items():
        handlers.setdefault("singlehtml", {}).setdefault(node, visitors)


def setup(app):
    app.connect("html-page-context", drop_thebe)
    app.connect("html-page-context", describe, priority=400)  # before OpenGraph's 500
    app.connect("builder-inited", share_visitors)
    app.add_js_file("page.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
