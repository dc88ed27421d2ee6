"""Sphinx extension: what a link's card shows, as data for ``_static/cards.js``.

A card opens at every link to a claim, equation, figure, section, paper or term. When the pages
are written, everything that they can show goes into ``_static/cards-data.js``: a script, because
a page opened from a file may not read other files. Pictures are named there, not contained.
"""

import json
import re
import sys
from pathlib import Path

from docutils import nodes
from specbook_numbers import counted

from specbook.reading.claims import in_words

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import ledger  # noqa: E402
import references  # noqa: E402

DATA = "_static/cards-data.js"
LONGEST = 280  # characters of the text from a section
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z\\])")
HERE = {"measured": "measured here", "derived": "derived here", "stated": "stated by a paper"}


def text_of(node):
    r"""Text of a node in one line, with its mathematics as ``\(...\)``."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, nodes.math):
        return rf"\({node.astext()}\)"
    return "".join(map(text_of, node.children))


def line_of(node):
    return " ".join(text_of(node).split())


def first_sentences(text):
    """The first sentence of a text, and as many more as fit."""
    first, *others = SENTENCE.split(text)
    for sentence in others:
        if len(first) + len(sentence) > LONGEST:
            break
        first = f"{first} {sentence}"
    return first if first.endswith((".", "?", "!")) else f"{first.rstrip(':')} …"


def texts(section):
    """Paragraphs and items of lists in a section, or else in the first part of it that has some."""
    found = []
    for part in section.children:
        if isinstance(part, nodes.paragraph):
            found.append(line_of(part))
        elif isinstance(part, nodes.bullet_list | nodes.enumerated_list):
            found += [" ".join(map(line_of, item.children)) for item in part.children]
    inner = (nodes.section, nodes.admonition)
    below = (part for part in section.children if isinstance(part, inner))
    return list(filter(None, found)) or next(filter(None, map(texts, below)), [])


def section_card(section):
    """Title and beginning of a section: its first text, and what follows if that is short."""
    lines = []
    for text in texts(section):
        if sum(map(len, lines)) > LONGEST // 4:
            break
        lines.append(first_sentences(text))
    return {"title": line_of(section[0]), "lines": lines}


def figure_card(figure):
    """Caption and picture of a figure; which picture is written is known at the end."""
    caption = next(figure.findall(nodes.caption), None)
    images = [(image["uri"], image.get("alt", "")) for image in figure.findall(nodes.image)]
    return {"lines": [line_of(caption)] if caption else [], "pictures": images}


def term_card(paragraph):
    """A term, which stands in bold face at the start of its paragraph, and its explanation."""
    term = next(paragraph.findall(nodes.strong), None)
    title = line_of(term).rstrip(".") if term else ""
    return {"title": title, "lines": [line_of(paragraph).removeprefix(title).lstrip(". ")]}


MAKERS = (
    ("sec-", nodes.section, section_card),
    ("fig-", nodes.figure, figure_card),
    ("term-", nodes.paragraph, term_card),
)


def collect(app, doctree):
    """Keep what the cards need of a page, from its doctree."""
    found = {}
    for prefix, kind, card in MAKERS:
        for node in doctree.findall(kind):
            if not node.children or (prefix == "sec-" and not isinstance(node[0], nodes.title)):
                continue
            made = card(node) | ({"page": True} if prefix == "sec-" and not found else {})
            found |= {name: made for name in node["ids"] if name.startswith(prefix)}
    for equation in doctree.findall(nodes.math_block):
        if (equation.get("label") or "").startswith("eq-"):
            found[equation["label"]] = {"title": "", "tex": equation.astext()}
    kept(app.env)[app.env.docname] = found


def kept(env):
    """What `collect` found, by page; it stays with the environment."""
    if not hasattr(env, "specbook_cards"):
        env.specbook_cards = {}
    return env.specbook_cards


def purge(app, env, docname):
    kept(env).pop(docname, None)


def merge(app, env, docnames, other):
    kept(env).update({name: kept(other)[name] for name in docnames if name in kept(other)})


def claim_card(record):
    """Value, expectation in the unit of the prose, why, and where it comes from."""
    name = record["name"]
    end = f"{HERE[record['kind']]} · claim {name}"
    if record["says"] is not None:
        return {"title": f"“{record['says']}”", "lines": [f"Holds: {record['because']}", end]}
    words = in_words(record)
    lines = [f"expected {words['expected']} ± {words['tol']}", record["because"], end]
    return {"title": record["text"], "lines": lines}


def reference_card(entry):
    lines = [f"{references.authors(entry)} ({entry.fields['year']})", references.link(entry)[0]]
    return {"title": references.title(entry), "lines": lines}


def section_number(env, docname, name, card):
    """Number of a section as the page prints it; empty if it has none."""
    found = env.toc_secnumbers.get(docname, {})
    return ".".join(map(str, found.get("" if card.get("page") else f"#{name}") or ()))


def picture(app, images):
    """Address of the picture that was written, and its alternative text."""
    for uri, alt in images:
        file = app.builder.images.get(uri) or app.env.images.get(uri, ("", ""))[1]
        if file and Path(app.outdir, app.builder.imagedir, file).exists():
            return {"picture": f"{app.builder.imagedir}/{file}", "alt": alt}
    return {}


def cards(app):
    """All cards by the id of what they show."""
    from specbook.laws import BOOK

    found, numbers = {}, counted(app.env)
    for docname, entries in sorted(kept(app.env).items()):
        for name, entry in entries.items():
            card = {key: entry[key] for key in ("title", "lines", "tex") if key in entry}
            count = numbers.get(name, "")
            if name.startswith("fig-"):
                card = {"title": f"Fig. {count}", **card, **picture(app, entry["pictures"])}
            elif name.startswith("eq-"):
                law = BOOK.get(name)
                title = law.title if law else ""
                tex = (law.narrow or law.latex) if law else entry["tex"]
                card = {"title": f"Eq. ({count})" + (f": {title}" if title else ""), "tex": tex}
            elif count := section_number(app.env, docname, name, entry):
                card["title"] = f"{count} {card['title']}"
            found[name] = card
    for claim in ledger.claims(ledger.read_pages(Path(app.srcdir))):
        found[f"claim-{claim.record['name']}"] = claim_card(claim.record)
    for key, entry in references.read_papers()[0].items():
        found[references.label(key)] = reference_card(entry)
    return found


def write_cards(app, exception):
    """Write the data of all cards."""
    if exception is None and app.builder.name == "html":
        data = json.dumps(cards(app), ensure_ascii=False, separators=(",", ":"))
        file = Path(app.outdir, DATA)
        file.write_text(f"window.bookCards={data};\n", encoding="utf-8")


def setup(app):
    # After the labels became addresses (specbook_cite, 100).
    app.connect("doctree-read", collect, priority=600)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("build-finished", write_cards)
    app.add_css_file("cards.css")
    app.add_js_file("jump.js", loading_method="defer")  # first: cards.js uses it
    app.add_js_file("cards.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
