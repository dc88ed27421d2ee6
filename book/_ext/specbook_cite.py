"""Sphinx extension: every section can be cited by an address that outlives its title.

* a section without a ``sec-...`` label is a warning, so a strict build stops at it;
* so is mathematics in a heading: menus and links to it would show raw TeX;
* the label, not the title, is the section's address in the page's own links;
* a "cite" button beside each heading copies a BibTeX entry;
* ``citation_*`` meta tags describe the page to reference managers.
"""

import json
import re
from html import escape

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)


def sections(doctree):
    """Every section under a heading, with its heading; some directives make sections without."""
    for section in doctree.findall(nodes.section):
        if section.children and isinstance(section[0], nodes.title):
            yield section, section[0]


def label_of(section):
    """The section's ``sec-...`` label, or None."""
    return next((name for name in section["ids"] if name.startswith("sec-")), None)


def require_labels(app, doctree):
    """Warn about headings without a label or with mathematics; put the label first of the ids."""
    for section, title in sections(doctree):
        label = label_of(section)
        where = {"location": section, "type": "specbook", "subtype": "heading"}
        if next(title.findall(nodes.math), None):
            logger.warning("mathematics in a heading: %s", title.astext(), **where)
        if label is None:
            logger.warning("section without a sec-... label: %s", title.astext(), **where)
        else:
            section["ids"] = [label, *(name for name in section["ids"] if name != label)]


def latex(text):
    """Plain text with LaTeX's special characters escaped."""
    return re.sub(r"([&%$#_{}])", r"\\\1", text)


def year_of(config):
    return re.search(r"\d{4}", str(config.copyright))[0]


def bibtex(config, page, label, title):
    """The BibTeX entry of one section; its key names the book, the page and the label."""
    book = config.html_baseurl.rstrip("/").rsplit("/", 1)[-1]
    key = f"{book}:{page.rsplit('/', 1)[-1].removesuffix('.html')}:{label}"
    fields = {
        "author": f"{{{config.author}}}",  # a name of several words, not first and last name
        "title": latex(title),
        "booktitle": latex(config.html_title or config.project),
        "year": year_of(config),
        "note": f"Version {config.release}",
        "url": f"{page}#{label}",
    }
    rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@incollection{{{key},\n{rows}}}\n"


def add_citations(app, pagename, templatename, context, doctree):
    """Give a page its meta tags and the entries that the buttons copy."""
    if doctree is None:  # search, index
        return
    config = app.config
    page = config.html_baseurl + app.builder.get_target_uri(pagename)
    headings = ((label_of(section), title.astext()) for section, title in sections(doctree))
    titles = {label: title for label, title in headings if label}
    if not titles:
        return
    meta = {
        "citation_title": next(iter(titles.values())),
        "citation_author": config.author,
        "citation_inbook_title": config.html_title or config.project,
        "citation_publication_date": year_of(config),
        "citation_public_url": page,
    }
    entries = {
        label: {"title": title, "bibtex": bibtex(config, page, label, title)}
        for label, title in titles.items()
    }
    data = json.dumps(entries).replace("</", "<\\/")  # a title must not end the script
    tags = [f'<meta name="{name}" content="{escape(str(text))}" />' for name, text in meta.items()]
    tags.append(f'<script type="application/json" id="book-cite">{data}</script>')
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(tags) + "\n"


def setup(app):
    # Before the collector of the table of contents (priority 500), which copies the addresses.
    app.connect("doctree-read", require_labels, priority=100)
    app.connect("html-page-context", add_citations)
    app.add_js_file("cite.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
