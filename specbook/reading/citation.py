"""BibTeX entries of the book, of any labelled place in it, and of the papers it builds on.

Where the labels stand, and the entries of the papers, is packaged in ``addresses.json``, which
``make sync`` writes from the pages, the laws and ``book/references.bib``. The page's "cite"
buttons use the same `Book`.
"""

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from .. import __version__

MATHEMATICS = re.compile(r"((?<!\\)\$(?:[^$\\]|\\.)+\$)")
# A capital inside a title, which a style must not make small; after a colon none does.
NAME = re.compile(r"(?<!: )\b\w*[A-Z]\w*")
LEDGER = "book/appendix/claims"  # the page that has an entry for every claim
NEAR = 5  # suggestions for a label that does not exist


def latex(text):
    """Plain text with LaTeX's special characters escaped; mathematics between ``$`` stays.

    >>> print(latex("50 % of $x_0$"))
    50 \\% of $x_0$
    """
    return _by_part(text, _escape)


def _title(text):
    """The same, with braces round names and acronyms, so that no style makes them small."""

    def keep(plain, position):
        return NAME.sub(
            lambda m: m[0] if m.start() + position == 0 and m[0][1:].islower() else f"{{{m[0]}}}",
            _escape(plain),
        )

    return _by_part(text, keep)


def _escape(plain, position=0):
    plain = re.sub(r"([&%$#_{}])", r"\\\1", plain.replace("\\", ""))
    return plain.replace("−", "$-$").replace("–", "--")


def _by_part(text, change):
    """`text` with `change(part, number)` in place of each part that is not mathematics."""
    parts = MATHEMATICS.split(text)
    parts[::2] = [change(part, number) for number, part in enumerate(parts[::2])]
    return "".join(parts)


def _entry(kind, key, fields):
    rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{kind}{{{key},\n{rows}}}\n"


@dataclass(frozen=True)
class Book:
    """What every entry of the book repeats.

    Attributes
    ----------
    title : str
    author : str
        One name, also where it has several words.
    year : str
    version : str
    url : str
        Address of the published pages, ending in a slash.
    subtitle : str
        Added to the title where the whole book is cited.
    """

    title: str
    author: str
    year: str
    version: str
    url: str
    subtitle: str = ""

    @property
    def key(self):
        """Last part of the address: the first word of every key."""
        return self.url.rstrip("/").rsplit("/", 1)[-1]

    def address(self, page, label):
        """Lasting address of a label.

        Parameters
        ----------
        page : str
            Page relative to the book's address, ``book/part/slug.html``.
        label : str
            ``sec-...``, ``eq-...``, ``fig-...``, ``claim-...`` or ``ex-...``.
        """
        return f"{self.url}{page}#{label}"

    def place(self, page, label, title):
        """BibTeX entry of one labelled place; its key names the book, the page and the label.

        Parameters
        ----------
        page, label : str
            As in `address`.
        title : str
            Plain text, with mathematics between ``$``.
        """
        slug = page.rsplit("/", 1)[-1].removesuffix(".html")
        return _entry(
            "incollection",
            f"{self.key}:{slug}:{label}",
            {
                "author": f"{{{latex(self.author)}}}",  # several words, not first and last name
                "title": _title(title),
                "booktitle": latex(self.title),
                "year": self.year,
                "note": f"Version {self.version}",
                "url": self.address(page, label),
            },
        )

    def whole(self):
        """BibTeX entry of the whole book."""
        title = f"{self.title}: {self.subtitle}" if self.subtitle else self.title
        fields = {
            "author": f"{{{latex(self.author)}}}",
            "title": f"{{{latex(title)}}}",
            "year": self.year,
            "note": f"Version {self.version}",
            "url": self.url,
        }
        return _entry("misc", self.key, fields)


@cache
def addresses():
    """The packaged data: the book, the papers, and for each page its labels (treat as fixed)."""
    text = files(__package__).joinpath("addresses.json").read_text(encoding="utf-8")
    return json.loads(text)


def labels():
    """Every label of the book, as a dict from label to page and what is known of the place."""
    return {
        label: {"page": page, **place}
        for page, places in addresses()["pages"].items()
        for label, place in places.items()
    }


def _places():
    """Whatever can be cited: `labels`, and each claim at its entry in the ledger of claims."""
    claims = {
        f"claim-{name}": {"page": LEDGER, "title": f"Claim {name}"}
        for name in addresses()["claims"]
    }
    return labels() | claims


def cite(*wanted):
    """BibTeX entries for labels of the book, with the papers that their equations come from.

    Parameters
    ----------
    *wanted : str
        Labels: ``eq-...``, ``sec-...``, ``fig-...``, ``ex-...``; ``claim-...`` leads to the
        entry in the ledger of claims. Without any, the whole book and the papers that it explains.

    Returns
    -------
    str
        Entries, none of them twice. A comment line before an equation's says whether a paper
        states it or the book derives it.

    Raises
    ------
    ValueError
        If the book has no such label; the message names labels that are spelt alike.

    Examples
    --------
    >>> print(cite("eq-gain"))  # doctest: +ELLIPSIS
    % eq-gain, derived again: Wang & Pehlevan, arXiv:2503.03206, equation 7
    @incollection{specbook:linear-denoiser:eq-gain,
    ...
    @misc{WangPehlevan2025,
    ...
    """
    data, known = addresses(), _places()
    book = Book(**data["book"], version=__version__)
    unknown = [label for label in wanted if label not in known]
    if unknown:
        raise ValueError(" ".join(map(_unknown, unknown)))
    blocks, papers = [], []
    for label in dict.fromkeys(wanted):
        place = known[label]
        comment = f"% {label}, {place['source']}\n" if "source" in place else ""
        comment = comment.replace("@", "(at)")  # BibTeX takes @ for the start of an entry
        blocks.append(comment + book.place(f"{place['page']}.html", label, place["title"]))
        papers += place.get("papers", [])
    if not wanted:
        blocks, papers = [book.whole()], data["explained"]
    blocks += [data["papers"][key] for key in dict.fromkeys(papers)]
    return "\n".join(blocks)


def _unknown(label):
    """Why a label cannot be cited, and which labels are near."""
    known = _places()
    near = get_close_matches(label, known, n=NEAR, cutoff=0.5)
    near += [k for k in known if k.split("-", 1)[-1] == label and k not in near]
    if not near:
        kinds = ", ".join(sorted({k.split("-")[0] + "-..." for k in known}))
        return f"The book has no label {label!r}; its labels are {kinds}."
    return f"The book has no label {label!r}. Near it: {', '.join(near[:NEAR])}."
