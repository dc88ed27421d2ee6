"""The index of terms: what it explains, under which other words, and where they are introduced.

A term stands on ``book/appendix/terms.md`` as a target, its name in bold face, other words in
brackets, sentences, and a link to the section that introduces it.
"""

import re
from dataclasses import dataclass

from pages import BOOK

PAGE = BOOK / "appendix" / "terms.md"
TERM = re.compile(
    r"^\((?P<label>term-[\w-]+)\)=\n\*\*(?P<name>[^*]+)\*\*(?: \(also: (?P<also>[^)]+)\))?\."
    r".*?\[[^\]]*\]\(#(?P<section>sec-[\w-]+)\)\.$",
    flags=re.M,
)


@dataclass(frozen=True)
class Term:
    """A term with other words for it, and the section that introduces it."""

    label: str
    names: tuple
    section: str


def read_terms(file=PAGE):
    """All terms in the order of the page; none where there is no such page."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [
        Term(m["label"], (m["name"], *filter(None, (m["also"] or "").split(", "))), m["section"])
        for m in TERM.finditer(text)
    ]


def in_text(name, text):
    """True if a text has each word of a name, in any form: ``modes`` has ``mode``."""
    known = {word[:6] for word in re.findall(r"\w+", text.lower())}
    words = re.findall(r"\w+", re.sub(r"['’]s\b", "", name.lower()))
    return all(any(k.startswith(word[:6]) for k in known) for word in words)
