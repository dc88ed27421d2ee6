"""Sphinx extension: repairs of what the theme and Jupyter Book put on the pages."""


def drop_thebe(app, pagename, templatename, context, doctree):
    """Take thebe off the page: it loads from another host and raises an error on every page."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in f"{script.filename}{script.attributes.get('body', '')}".lower()
    ]


def share_visitors(app):
    """Let the `singlehtml` builder use the `html` visitors of myst-nb and sphinx-proof."""
    handlers = app.registry.translation_handlers
    for node, visitors in handlers.get("html", {}).items():
        handlers.setdefault("singlehtml", {}).setdefault(node, visitors)


def setup(app):
    app.connect("html-page-context", drop_thebe)
    app.connect("builder-inited", share_visitors)
    app.add_js_file("page.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
