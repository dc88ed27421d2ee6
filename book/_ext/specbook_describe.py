"""Sphinx extension: each page says in a sentence or two what it is about, without mathematics.

Search engines and previews show it. It stands in the front matter of a page (``description``), or
comes from its text: what a chapter says "In short"; of chapters of the first edition, the list of
what they teach; else the first paragraph, where a chapter puts its question. The OpenGraph
extension alone would take raw TeX.
"""

import re
from html import escape

from docutils import nodes

LONGEST = 200  # characters of a description
SHORTEST = 50  # what is shorter says too little
SHORT = "In short"  # the words with which a chapter sums up
LEARN = "What you will learn"  # the words above the list that opens one of the first edition
FORMULA = "\ufffc"  # stands for a formula in a sentence


def has_mathematics(node):
    return next(node.findall(nodes.math), None) is not None


def joined(texts):
    """The first of the texts, and as many more as fit into a description."""
    line = ""
    for text in texts:
        longer = f"{line}; {text}" if line else text
        if len(longer) >= LONGEST:
            break
        line = longer
    return line and f"{line[0].upper()}{line[1:]}."


def sentences(paragraph, longest=LONGEST):
    """The first sentences of a paragraph that fit, up to the first with mathematics."""
    copy = paragraph.deepcopy()
    for formula in list(copy.findall(nodes.math)):
        formula.replace_self(nodes.Text(FORMULA))
    text, words = "", " ".join(copy.astext().split())
    for sentence in re.split(r"(?<=[.?!])\s", words.removeprefix(f"{SHORT}.").strip()):
        if FORMULA in sentence or len(text) + len(sentence) >= longest:
            break
        text = f"{text} {sentence}".strip()
    return text


def in_short(paragraph):
    """Whether a paragraph begins with these words, or is the first below such a title."""
    section = paragraph.parent
    below = isinstance(section, nodes.section) and paragraph is section.next_node(nodes.paragraph)
    return paragraph.astext().startswith(f"{SHORT}.") or (below and section[0].astext() == SHORT)


def description_of(doctree):
    """What a page is about, in less than `LONGEST` characters; empty if its text does not say."""
    for paragraph in filter(in_short, doctree.findall(nodes.paragraph)):
        if len(text := sentences(paragraph)) > SHORTEST:
            return text
    for paragraph in doctree.findall(nodes.paragraph):
        above = paragraph.astext().rstrip(".:") == LEARN
        following = paragraph.next_node(siblings=True, descend=False)
        if above and isinstance(following, nodes.bullet_list):
            items = [item.astext() for item in following if not has_mathematics(item)]
            return joined(" ".join(item.split()).rstrip(";.") for item in items)
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and not has_mathematics(paragraph):
            if len(text := sentences(paragraph)) > SHORTEST:
                return text
    return ""


def describe(app, pagename, templatename, context, doctree):
    """Write the description into the tags of the page."""
    if doctree is None:
        return
    meta = context["meta"] = dict(context.get("meta") or {})
    description = meta.get("description") or description_of(doctree)
    meta["og:description"] = description
    tag = f'<meta name="description" content="{escape(description)}" />\n'
    context["metatags"] = context.get("metatags", "") + tag


def setup(app):
    app.connect("html-page-context", describe, priority=400)  # before OpenGraph's 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}
