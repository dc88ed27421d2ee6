"""Sphinx extension: pages that are made from the notebooks, the laws and the tests.

* ``{claims-ledger}``: every claim of every chapter, and ``claims.json`` beside the page;
* ``{laws-table}``: every law with its evidence;
* ``{notation-table} GROUP``: a group of the letters of `specbook.laws`.

What they show is collected in `book/_tools/ledger.py`. Each page notes the files that it was
made from, so that a change of any of them makes it anew.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from docutils import nodes
from specbook_nodes import element, labelled, table, to_equation, to_label, to_object
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from specbook.reading.citation import LEDGER
from specbook.reading.claims import in_words

logger = logging.getLogger(__name__)
sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import ledger  # noqa: E402
import prose  # noqa: E402


class Made(SphinxDirective):
    """What the three directives share."""

    def depend(self, *files):
        """Make this page anew when one of the files, the contents or this code changes."""
        from specbook import laws

        tools = [ledger.__file__, prose.__file__, __file__, self.root / "_toc.yml"]
        for file in (*tools, *Path(laws.__file__).parent.rglob("*.py"), *files):
            self.env.note_dependency(str(file))

    @property
    def root(self):
        return Path(self.env.srcdir)

    def pages(self):
        self.depend(*ledger.files(self.root))
        return ledger.read_pages(self.root)

    def inline(self, text):
        """Markdown of one line as nodes."""
        found, _ = self.state.inline_text(text, self.lineno)
        return found

    def section(self, prefix, page, heading, *entries):
        """A section with a heading, a label and a list of terms and explanations."""
        label = ledger.section_label(prefix, page) if page else ledger.ELSEWHERE
        content = element(nodes.definition_list, *entries, classes=["made"])
        return labelled(self.state.document, label, heading, content)


class ClaimsLedger(Made):
    """Every claim: what it says, what was expected, why, and where it is computed."""

    def run(self):
        pages = self.pages()
        titles = {ledger.docname(page): ledger.titles(page) for page in pages}
        headings = {name: next(iter(found.values()), name) for name, found in titles.items()}
        found = ledger.claims(pages)
        groups = dict.fromkeys(claim.page for claim in found)
        file = element(nodes.reference, "claims.json", refuri="", classes=["claims-file"])
        line = element(
            nodes.paragraph, "The same list as data, with the version of the book: ", file
        )
        out = [line, self.summary(found, headings)]
        for name in groups:
            mine = (self.entry(claim, titles[name]) for claim in found if claim.page == name)
            out.append(self.section("sec-claims", name, headings[name], *mine))
        return out

    def summary(self, found, headings):
        """How many claims of which kind each chapter makes."""
        kinds = sorted({claim.record["kind"] for claim in found})

        def row(title, claims):
            count = Counter(claim.record["kind"] for claim in claims)
            numbers = sum(claim.record["says"] is None for claim in claims)
            parts = (len(claims), numbers, len(claims) - numbers, *(count[kind] for kind in kinds))
            return [title, *parts]

        names = dict.fromkeys(claim.page for claim in found)
        rows = [row(headings[name], [c for c in found if c.page == name]) for name in names]
        header = ["chapter", "claims", "numbers", "sentences", *kinds]
        caption = "How many claims there are, by chapter."
        return table(caption, header, [*rows, row("all chapters", found)])

    def entry(self, claim, titles):
        """One claim, as a term and its explanation."""
        record, name = claim.record, claim.record["name"]
        words = f"“{record['says']}”" if record["says"] else record["text"]
        code = element(nodes.literal, name)
        term = element(nodes.term, to_label(f"claim-{name}", words), " ", code)
        term["ids"] = [f"claim-{name}"]  # where `specbook cite` leads
        facts = [f"{record['kind']} on {record.get('device', 'cpu')}"]
        if claim.section in titles:
            facts += [", in ", to_label(claim.section, titles[claim.section])]
        if record["says"] is None:
            words = in_words(record)
            facts.append("; value {value}, expected {expected} ± {tol}".format(**words))
        because = element(nodes.paragraph, record["because"])
        body = element(nodes.definition, element(nodes.paragraph, *facts), because)
        return element(nodes.definition_list_item, term, body)


class LawsTable(Made):
    """Every law: the equation, who says so, when it holds, what evaluates it, what tests it."""

    def run(self):
        from specbook.laws import BOOK

        self.depend(*ledger.test_files(self.root))
        pages = self.pages()
        headings = {ledger.docname(p): next(iter(ledger.titles(p).values()), "") for p in pages}
        where, tests = ledger.places(pages), ledger.holding_tests(self.root)
        groups = {}
        for label in ledger.in_reading_order(BOOK, where):
            groups.setdefault(where.get(label), []).append(BOOK[label])
        headings[None] = ledger.UNSHOWN
        return [
            self.section("sec-laws", name, headings[name], *(
                self.entry(law, name, headings[name], tests.get(law.label, [])) for law in laws
            ))
            for name, laws in groups.items()
        ]

    def entry(self, law, page, heading, tests):
        """One law, as a term and its explanation."""
        number = to_equation(law.label) if page else element(nodes.literal, law.label)
        term = element(nodes.term, number, f" {law.title} ", element(nodes.literal, law.label))
        shown = nodes.math_block(law.latex, law.latex, nowrap=False, number=None)
        here = f"the chapter “{heading}”" if page else "the book"
        source = law.source.replace("this chapter", here)
        rows = [(law.provenance, element(nodes.paragraph, *self.inline(source)))]
        if law.conditions:
            rows.append(("holds for", element(nodes.paragraph, *self.inline(law.conditions))))
        if name := ledger.evaluator(law):
            rows.append(("evaluated by", element(nodes.paragraph, to_object(name))))
        elif law.theory:
            here = self.get_location()
            logger.warning("%s: the package has no %s", law.label, law.theory, location=here)
        rows.append(("held by", self.tests(tests)))
        facts = element(nodes.field_list, *(
            element(nodes.field, element(nodes.field_name, what), element(nodes.field_body, body))
            for what, body in rows
        ))
        body = element(nodes.definition, shown, facts)
        return element(nodes.definition_list_item, term, body)

    def tests(self, names):
        """Names of tests, each a link to its file in the repository."""
        if not names:
            return element(nodes.paragraph, "no test")
        settings = self.config.html_theme_options
        files = f"{settings.get('repository_url', '')}/blob/{settings.get('repository_branch', '')}"
        items = []
        for name in names:
            file, _, test = name.partition("::")
            words = [element(nodes.literal, Path(file).name), " ", element(nodes.literal, test)]
            items.append(element(nodes.reference, *words, refuri=f"{files}/{file}"))
        points = (element(nodes.list_item, element(nodes.paragraph, item)) for item in items)
        return element(nodes.bullet_list, *points)


class NotationTable(Made):
    """The symbols of one group, each with its meaning and the first law that uses it."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = {}

    def run(self):
        from specbook.laws import BOOK
        from specbook.laws.letter import GROUPS

        group = self.arguments[0]
        if group not in GROUPS:
            raise self.error(f"no group {group!r} of letters: {', '.join(GROUPS)}")
        captions, where = ledger.captions(self.root), ledger.places(self.pages())
        rows = [
            self.row(letter, ", ".join(captions.get(part, part) for part in parts), first)
            for letter, parts, first in ledger.letters_of(group, BOOK, where)
        ]
        header = ["symbol", "meaning", "unit", "in the package", "part", "first in"]
        return [table(f"Symbols of the group “{group}”.", header, rows, "notation", stub=1)]

    def row(self, letter, parts, label):
        meaning = self.inline(letter.meaning)
        if letter.definition is not None:
            latex = f"{letter.latex} = {letter.definition_latex}"
            meaning += [nodes.Text(": "), element(nodes.math, latex)]
        code = [element(nodes.literal, letter.code)] if letter.code else ""
        first = [to_equation(label)] if label else ""
        return [[element(nodes.math, letter.latex)], meaning, letter.unit, code, parts, first]


def link_claims(app, doctree, docname):
    """Lead to the data file: beside the page, or where the page is published."""
    beside = app.builder.name == "html"
    for link in doctree.findall(nodes.reference):
        if "claims-file" in link["classes"]:
            address = f"{LEDGER}.json"
            link["refuri"] = Path(address).name if beside else app.config.html_baseurl + address


def write_claims(app, exception):
    """Write the ledger of claims as data, beside the page that shows it."""
    if exception is None and app.builder.format == "html" and LEDGER in app.env.found_docs:
        file = Path(app.outdir, f"{LEDGER}.json")
        file.parent.mkdir(parents=True, exist_ok=True)
        found = ledger.claims(ledger.read_pages(Path(app.srcdir)))
        data = ledger.claims_file(found, app.config.release)
        file.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def setup(app):
    app.add_directive("claims-ledger", ClaimsLedger)
    app.add_directive("laws-table", LawsTable)
    app.add_directive("notation-table", NotationTable)
    app.connect("doctree-resolved", link_claims)
    app.connect("build-finished", write_claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
