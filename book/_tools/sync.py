"""Carry what is stated once into the pages: laws, figure metadata, claims, address, author.

Numbers of equations and figures and all that a plain notebook needs are written, too (`plain`).

    python book/_tools/sync.py          (or: make sync)
"""

import sys

import addresses
import labels
import plain
import prose
from carry import carry
from checks import figures
from pages import BOOK, page_files, read_book, read_page, write_atomically, write_notebook

NOTHING = "Nothing to do: pages, laws, claims, figures and numbers agree."


def _replace(source, pieces):
    """Replace the pieces (start, end, new), which do not overlap."""
    for start, end, new in sorted(pieces, reverse=True):
        source = source[:start] + new + source[end:]
    return source


def with_laws(source, laws):
    """Markdown with every labelled equation as its law prints it."""
    return _replace(
        source,
        [
            (start, end, laws[label].latex)
            for _, label, start, end in prose.displays(source)
            if label in laws
        ],
    )


def with_claims(source, claims):
    """Markdown with every claim link in the words of its claim."""
    return _replace(
        source,
        [
            (link.start, link.end, claims[link.target[7:]]["text"])
            for link in prose.links(source)
            if link.target.startswith("#claim-") and link.target[7:] in claims
            and " ".join(link.text.split()) != claims[link.target[7:]]["text"]
        ],
    )


def sync_page(page, laws, claims, known_labels):
    """Bring one page in line, in memory; return what was changed, for the report."""
    from specbook.reading.mime import FIGURE

    changed = []
    for i, cell in enumerate(page.cells):
        if cell.kind == "markdown":
            for carry, known, what in (
                (with_laws, laws, "an equation written from its law"),
                (with_claims, claims, "a number written from its claim"),
            ):
                new = carry(cell.source, known)
                if new != cell.source:
                    changed.append(f"{page.path}: {cell.where}: {what}")
                    cell.source = new
        elif cell.kind == "code":
            records = cell.records(FIGURE)
            wanted = figures.mystnb(records[0]) if records else {}
            found = dict(cell.metadata.get("mystnb", {}))
            width = found.get("image", {}).get("width")
            if wanted and width:
                wanted["image"]["width"] = width
            rest = {k: v for k, v in found.items() if k not in ("image", "figure")}
            if found != rest | wanted:
                changed.append(f"{page.path}: {cell.where}: caption and alt text of its figure")
                cell.metadata["mystnb"] = rest | wanted
                if not cell.metadata["mystnb"]:
                    del cell.metadata["mystnb"]
        if page.notebook is not None:
            page.notebook.cells[i].source = cell.source
    return changed + make_plain(page, known_labels)


def make_plain(page, known_labels):
    """Give a page what a plain notebook needs; return what was changed."""
    changed, raw = [], {}
    if page.notebook is not None:
        raw = dict(zip(map(id, page.cells), page.notebook.cells, strict=True))
    for cell, what, where, new in list(plain.changes(page, known_labels)):
        changed.append(f"{page.path}: {cell.where}: {what}")
        if where in ("source", "outputs"):
            setattr(cell, where, new)
            if id(cell) in raw:
                raw[id(cell)][where] = new
        elif new is None:
            del cell.metadata[where]
        else:
            cell.metadata[where] = new
    return changed


def all_claims(pages):
    from specbook.reading.mime import CLAIM

    cells = (cell for page in pages for cell in page.code())
    return {record["name"]: record for cell in cells for record in cell.records(CLAIM)}


def sync_addresses(pages, laws):
    """Write what ``specbook cite`` knows, if it has changed."""
    new = addresses.written(addresses.collect(pages, laws))
    report = [
        f"{label} names arXiv:{number}, which book/references.bib lacks: add its entry"
        for label, number in addresses.missing_papers(laws, addresses.read_papers()[0])
    ]
    if not addresses.TARGET.exists() or addresses.TARGET.read_text(encoding="utf-8") != new:
        write_atomically(addresses.TARGET, new)
        report.append(f"{addresses.TARGET.name}: labels, their pages and their sources")
    return report


def sync(book=BOOK):
    """Bring all pages in line; return the lines of the report."""
    from specbook.laws import BOOK as LAWS

    report = []
    if book == BOOK:
        report += [f"{path}: address and author from _config.yml" for path in carry(BOOK.parent)]
    pages = read_book(book)
    claims, known_labels = all_claims(pages), labels.collect(pages)
    for file in page_files(book):
        page = read_page(file, book)
        changed = sync_page(page, LAWS, claims, known_labels)
        if not changed:
            continue
        report += changed
        if page.notebook is None:
            write_atomically(file, "".join(cell.source for cell in page.cells))
        else:
            write_notebook(file, page.notebook)
    if book == BOOK:
        report += sync_addresses(read_book(book), LAWS)
    return report or [NOTHING]


if __name__ == "__main__":
    sys.stdout.write("\n".join(sync()) + "\n")
