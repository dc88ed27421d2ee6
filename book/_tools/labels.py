"""The labels of the book: which page each stands on, and the numbers that Sphinx gives them.

Equations, figures and exercises are counted by chapter in the order of the page, as the build
does, which compares (`book/_ext/specbook_numbers.py`).
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

import forms
import ledger
import prose
import references
import yaml
from pages import BOOK, anchors


@dataclass(frozen=True)
class Labels:
    """Pages (``book/part/slug``) and numbers (``4.5``) of labels; not every label has a number."""

    home: dict
    number: dict

    def address(self, label, docname):
        """Where a link on the page `docname` leads: in the page, or the published one."""
        home = self.home.get(label, docname)
        return f"#{label}" if home == docname else f"{prose.base()}{home}.html#{label}"


def targets_of(cell):
    """Names that a cell can be linked by."""
    from specbook.reading.mime import FIGURE

    if cell.kind == "code":
        return [record["name"] for record in cell.records(FIGURE)]
    equations = [label for _, label, _, _ in prose.displays(cell.source) if label]
    return [name for name, _ in anchors(cell.source) if name not in equations] + equations


@cache
def chapters(root=BOOK.parent):
    """Numbers of the chapters by the names of their pages, as ``_toc.yml`` counts them."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    names = [
        chapter["file"]
        for part in toc["parts"] if part.get("numbered")
        for chapter in part["chapters"] if "file" in chapter
    ]
    return {name: str(number) for number, name in enumerate(names, start=1)}


def collect(pages, root=BOOK.parent):
    """The labels of these pages; those of pages that the contents lack have no number."""
    home, number, counts = {}, {}, Counter()
    order = {name: i for i, name in enumerate(ledger.contents(root))}
    names = {ledger.docname(page): page for page in pages}
    bibliography = root / BOOK.name / "references.bib"
    if bibliography.exists():
        list_of_papers = f"{BOOK.name}/{references.PAGE}".removesuffix(".md")
        keys = references.read_papers(bibliography)[0]
        home |= {references.label(key): list_of_papers for key in keys}
    for name in sorted(names, key=lambda name: order.get(name, len(order))):
        for cell in names[name].cells:
            if cell.kind == "markdown" and names[name].notebook is not None:
                cell = replace(cell, source=forms.to_plain(cell.source, {}))
            for label in targets_of(cell):
                home.setdefault(label, name)
                kind = label.partition("-")[0]
                if name not in order or not counted(cell, kind) or label in number:
                    continue
                chapter = chapters(root).get(name, "")
                counts[kind, chapter] += 1
                number[label] = f"{chapter}.{counts[kind, chapter]}".lstrip(".")
    return Labels(home, number)


def counted(cell, kind):
    """Whether a target of this kind is the place itself; a figure's is its code cell."""
    return kind in ("eq", "ex") if cell.kind == "markdown" else kind == "fig"
