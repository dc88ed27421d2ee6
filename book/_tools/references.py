"""The papers of ``book/references.bib``: their entries, how the text names them, their links."""

import re

from pages import BOOK
from pybtex.database import parse_string

PAGE = "appendix/references.md"  # the page that lists them


def read_papers(file=BOOK / "references.bib"):
    """The entries of ``references.bib`` by key, and their text as it stands there."""
    text = file.read_text(encoding="utf-8")
    texts = re.findall(r"^@.*?^}\n", text, flags=re.M | re.S)
    entries = parse_string(text, "bibtex").entries
    return dict(entries), dict(zip(entries, texts, strict=True))


def label(key):
    """What a link to a paper leads to: ``[Chen (2025)](#ref-Chen2025)``."""
    return f"ref-{key}"


def families(entry):
    """Family names of the authors."""
    people = entry.persons["author"]
    return [" ".join([*person.prelast_names, *person.last_names]) for person in people]


def short(entry):
    """Authors and year, as the text names a paper: ``Karras et al. (2022)``."""
    names = families(entry)
    authors = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{authors} ({entry.fields['year']})"


def authors(entry):
    """All authors: the first with the family name in front, by which the list is sorted."""
    names = []
    for person, family in zip(entry.persons["author"], families(entry), strict=True):
        first = " ".join([*person.first_names, *person.middle_names])
        names.append(f"{first} {family}" if names else f"{family}, {first}")
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def title(entry):
    """The title without the braces that keep its capitals."""
    return re.sub(r"[{}]", "", entry.fields["title"])


def venue(entry):
    """Where a paper that is not a preprint appeared: journal and pages, or proceedings."""
    fields = entry.fields
    if "journal" not in fields:
        return fields.get("booktitle", "")
    number = f"({fields['number']})" if "number" in fields else ""
    pages = f":{fields['pages'].replace('--', '–')}" if "pages" in fields else ""
    return f"{fields['journal']} {fields.get('volume', '')}{number}{pages}".strip()


def link(entry):
    """Words and address of the paper itself: its arXiv number, its DOI, or the host."""
    address = entry.fields["url"]
    if "eprint" in entry.fields:
        return f"arXiv:{entry.fields['eprint']}", address
    if address.startswith("https://doi.org/"):
        return address.removeprefix("https://").replace("doi.org/", "doi:"), address
    return re.sub(r"^https://(www\.)?|/.*$", "", address), address


def in_order(entries):
    """Keys sorted as the list of references is: by authors, then by year."""
    return sorted(entries, key=lambda key: (
        [name.lower() for name in families(entries[key])], entries[key].fields["year"], key
    ))
