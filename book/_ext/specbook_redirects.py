"""Sphinx extension: addresses that moved lead to where they went, with their ``#label``.

``book/redirects.yml`` lists them::

    pages:                      # old page: new page
      book/part/old: book/part/new
    labels:                     # page where labels were: {label: page where they are}
      book/part/long:
        sec-topic: book/part/topic

At the address of a page that moved stands a page that leads to the new one. A page that lost
labels sends on whoever asks for them. A strict build stops at a target that does not exist and
at an old address that still does. The book's root leads to its first page in the same way.
"""

import json
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

# `moved`: label -> address of the page where it is; `otherwise`: where other visitors go.
SCRIPT = """<script>
(() => {{
  const moved = {moved}, otherwise = {otherwise};
  const go = () => {{
    const label = decodeURIComponent(location.hash.slice(1)).replace(/^equation-/, '');
    if (Object.hasOwn(moved, label)) location.replace(moved[label] + '#' + label);
    else if (otherwise) location.replace(otherwise + location.search + location.hash);
  }};
  addEventListener('hashchange', go);
  go();
}})();
</script>
"""
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>{title}</title>
<link rel="canonical" href="{canonical}" />
{script}<noscript><meta http-equiv="refresh" content="0; url={target}" /></noscript>
</head>
<body>
<main><h1>{title}</h1><p>This page has moved: <a href="{target}">{title}</a>.</p></main>
</body>
</html>
"""


def read(app):
    """The two tables of the file; empty if there is none."""
    file = Path(app.srcdir, app.config.specbook_redirects)
    data = (yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None) or {}
    return data.get("pages") or {}, data.get("labels") or {}


def ids(env, page):
    """Every address on a page."""
    return {name for node in env.get_doctree(page).findall(nodes.Element) for name in node["ids"]}


def problems(env, pages, labels):
    """What is wrong with the tables, as (page, message)."""
    for old, new in pages.items():
        if new not in env.found_docs:
            yield old, f"{old} is to lead to {new}, which is no page of the book"
        if old in env.found_docs:
            yield old, f"{old} is to lead to {new}, but is still a page of the book"
    for old, moved in labels.items():
        if old not in env.found_docs and old not in pages:
            yield old, f"{old} has lost labels, but is no page of the book and leads to none"
        left = ids(env, old) if old in env.found_docs else set()
        for label, new in moved.items():
            if label in left:
                yield old, f"{label} is to lead to {new}, but still is on {old}"
            if new not in env.found_docs:
                yield old, f"{label} is to lead to {new}, which is no page of the book"
            elif label not in ids(env, new):
                yield old, f"{label} is to lead to {new}, but is not there"


def check(app, env):
    """Warn about everything that is wrong."""
    for page, message in problems(env, *read(app)):
        where = page if page in env.found_docs else None
        logger.warning("redirects: %s", message, location=where, type="specbook", subtype="moved")


def script(builder, old, moved, otherwise=None):
    """The script of a page: addresses relative to it, so that it also works from a file."""
    addresses = {label: builder.get_relative_uri(old, new) for label, new in moved.items()}
    return SCRIPT.format(
        moved=json.dumps(addresses).replace("</", "<\\/"), otherwise=json.dumps(otherwise)
    )


def send_labels_on(app, pagename, templatename, context, doctree):
    """Give a page that lost labels the script that sends on whoever asks for them."""
    moved = read(app)[1].get(pagename)
    if moved:
        tag = script(app.builder, pagename, moved)
        context["metatags"] = context.get("metatags", "") + "\n" + tag


def write(app, exception):
    """Write a page at every address that moved, and at the root of the book."""
    if exception or app.builder.name != "html":
        return
    pages, labels = read(app)
    builder, config, titles = app.builder, app.config, app.env.titles
    if config.root_doc != "index":
        pages = {"index": config.root_doc, **pages}
    for old, new in pages.items():
        file = Path(builder.get_outfilename(old))
        if new not in titles or old in app.env.found_docs:
            continue  # check() has said so
        target = builder.get_relative_uri(old, new)
        file.parent.mkdir(parents=True, exist_ok=True)
        page = PAGE.format(
            language=config.language,
            title=escape(titles[new].astext()),
            canonical=escape((config.html_baseurl or "") + builder.get_target_uri(new)),
            script=script(builder, old, labels.get(old, {}), target),
            target=escape(target),
        )
        file.write_text(page, encoding="utf-8")


def setup(app):
    app.add_config_value("specbook_redirects", "book/redirects.yml", "env", types=[str])
    app.connect("env-check-consistency", check)
    app.connect("html-page-context", send_labels_on)
    # Before Jupyter Book writes a bare index.html (500), and before pages are repaired.
    app.connect("build-finished", write, priority=300)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
