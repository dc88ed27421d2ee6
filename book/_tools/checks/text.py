"""Words have no independent evidence: a change of them must be meant.

``reviewed.json`` holds a short hash of every piece of text and code, as it was when somebody
last read it and said ``make sync``. Whatever differs from it is pointed out by its section.
"""

import hashlib
import json
from pathlib import Path

from pages import Problem

RECORD = Path(__file__).resolve().parents[1] / "reviewed.json"


def fingerprint(cell):
    """A short hash of what the author wrote in a cell; outputs have checks of their own."""
    written = [cell.kind, cell.source, sorted(cell.metadata.items())]
    text = json.dumps(written, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def record_of(pages):
    """The record of the book as it stands: for each page its cells in order."""
    return {page.path: [[cell.id, fingerprint(cell)] for cell in page.cells] for page in pages}


def read_record(file=RECORD):
    return json.loads(Path(file).read_text(encoding="utf-8")) if Path(file).exists() else {}


def changes(pages, record):
    """Cells that are new, changed, gone or moved since the record, as (path, where, what)."""
    found = []
    for page in pages:
        old = dict(map(tuple, record.get(page.path, [])))
        for cell in page.cells:
            if cell.id not in old:
                found.append((page.path, cell.where, "is new"))
            elif old[cell.id] != fingerprint(cell):
                found.append((page.path, cell.where, "was changed"))
        now = [cell.id for cell in page.cells]
        found += [(page.path, f"cell {gone}", "was deleted") for gone in old if gone not in now]
        kept = [name for name in old if name in now]
        if [name for name in now if name in old] != kept:
            found.append((page.path, "order of the cells", "was changed"))
        if len(set(now)) != len(now):
            found.append((page.path, "cell ids", "are not unique"))
    paths = {page.path for page in pages}
    found += [(path, "page", "was deleted") for path in record if path not in paths]
    return found


def check_text(pages, record=None):
    """The text is the text that was last reviewed."""
    record = read_record() if record is None else record
    return [
        Problem(path, where, f"{what} since it was last reviewed: read it again, then make sync")
        for path, where, what in changes(pages, record)
    ]
