"""Sphinx extension: sections, equations and figures can be cited by lasting addresses.

* a section without a ``sec-...`` label is a warning, so a strict build stops at it;
* so is mathematics in a heading: menus and links to it would show raw TeX;
* the label of a section, not its title, is its address in the page's own links;
* an equation can be reached by its label, too, without the prefix that Sphinx puts before it;
* a "cite" button beside each heading, equation and figure copies what ``specbook cite`` prints;
* ``citation_*`` meta tags describe the page to reference managers.
"""

import json
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util import logging

from specbook.reading import citation

logger = logging.getLogger(__name__)


def sections(doctree):
    """Every section under a heading, with its heading; some directives make sections without."""
    for section in doctree.findall(nodes.section):
        if section.children and isinstance(section[0], nodes.title):
            yield section, section[0]


def label_of(node, kind):
    """The node's label of this kind (``sec``, ``eq``, ``fig``), or None."""
    return next((name for name in node["ids"] if name.startswith(f"{kind}-")), None)


def set_addresses(app, doctree):
    """Make labels addresses; warn about headings that have none, or mathematics."""
    for section, title in sections(doctree):
        where = {"location": section, "type": "specbook", "subtype": "heading"}
        if next(title.findall(nodes.math), None):
            logger.warning("mathematics in a heading: %s", title.astext(), **where)
        if label := label_of(section, "sec"):
            section["ids"] = [label, *(name for name in section["ids"] if name != label)]
        else:
            logger.warning("section without a sec-... label: %s", title.astext(), **where)
    for equation in doctree.findall(nodes.math_block):
        label = equation.get("label") or ""
        if label.startswith("eq-") and label not in equation["ids"]:
            equation["ids"].append(label)  # not first: Sphinx counts equations by the first


def labels_of(doctree):
    """Labels of the page that get a button, in the order of the page."""
    for node in doctree.findall(nodes.Element):
        for kind, what in (("sec", nodes.section), ("eq", nodes.math_block), ("fig", nodes.figure)):
            if isinstance(node, what) and (label := label_of(node, kind)):
                yield label


def entries(pagename, doctree):
    """What the page's buttons copy: label -> title and BibTeX."""
    known, labels = citation.labels(), list(labels_of(doctree))
    unknown = [label for label in labels if known.get(label, {}).get("page") != pagename]
    if unknown:
        logger.warning(
            "no entry for %s: 'make sync' carries the labels of the pages to specbook cite",
            ", ".join(unknown), location=pagename, type="specbook", subtype="cite",
        )
    return {
        label: {"title": known[label]["title"].replace("$", ""), "bibtex": citation.cite(label)}
        for label in labels if label not in unknown
    }


def meta_tags(app, pagename, title):
    """``citation_*`` tags of a page, by name."""
    config = app.config
    book = config.html_title or config.project
    address = config.html_baseurl + app.builder.get_target_uri(pagename)
    tags = {"citation_title": title, "citation_author": config.author}
    if title != book:
        tags["citation_inbook_title"] = book
    released = Path(app.srcdir, "CITATION.cff")
    if released.exists():
        day = yaml.safe_load(released.read_text(encoding="utf-8"))["date-released"]
        tags["citation_publication_date"] = f"{day:%Y/%m/%d}"
    return tags | {
        "citation_language": config.language,
        "citation_public_url": address,
        "citation_fulltext_html_url": address,
    }


def add_citations(app, pagename, templatename, context, doctree):
    """Give a page its meta tags and the entries that the buttons copy."""
    title = next((title for _, title in sections(doctree)), None) if doctree else None
    if title is None:  # search, index
        return
    tags = [
        f'<meta name="{name}" content="{escape(str(text))}" />'
        for name, text in meta_tags(app, pagename, title.astext()).items()
    ]
    data = json.dumps(entries(pagename, doctree)).replace("</", "<\\/")  # must not end the script
    tags.append(f'<script type="application/json" id="book-cite">{data}</script>')
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(tags) + "\n"


def setup(app):
    # Before the collector of the table of contents (priority 500), which copies the addresses.
    app.connect("doctree-read", set_addresses, priority=100)
    app.connect("html-page-context", add_citations)
    app.add_js_file("cite.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
