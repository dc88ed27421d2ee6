"""Targets are unique, links arrive, and every section has an address that outlives its title."""

import re

import ledger
import prose
from pages import BOOK, FENCE, Problem, anchors, blank, closing_anchors

LABEL = re.compile(r"^[ \t]*:(?:label|name):[ \t]*([\w-]+)[ \t]*$", flags=re.M)


def targets_of(cell):
    """Names that a cell can be linked by."""
    if cell.kind == "code":
        name = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
        return [name] if name else []
    names = [name for name, _ in anchors(cell.source)]
    names += LABEL.findall(FENCE.sub(blank, cell.source))
    return names + [label for _, label, _, _ in prose.displays(cell.source) if label]


# Words that say where a link leads, and whether a place is there: on the same page, how many
# pages later, how many cells later, path of the page.
PLACES = (
    (r"\babove\b", lambda same, pages, cells, path: same and cells <= 0),
    (r"\bbelow\b", lambda same, pages, cells, path: same and cells >= 0),
    (r"\bthere\b", lambda same, pages, cells, path: not same),
    (r"\bfoundations\b", lambda same, pages, cells, path: path.startswith("foundations/")),
    (r"\bchapters? before\b", lambda same, pages, cells, path: pages < 0),
    (r"\b(later|next) chapter\b", lambda same, pages, cells, path: pages > 0),
)
COMMON = set("all and are chapter equation exercise figure for from how its law not own that the"
             " their this what with".split())


def _stems(text):
    """Beginnings of the words of a text that tell it from others."""
    words = re.findall(r"[a-z]{3,}", re.sub(r"\$[^$]*\$", " ", text).lower())
    return {word[:5] for word in words if word not in COMMON}


def check_words(pages):
    """A link leads where its words say; words of another link's target are those of a swap."""
    from specbook.reading import citation

    known = citation.labels()
    order = {name.removeprefix("book/"): i for i, name in enumerate(ledger.contents())}
    home = {
        name: (page.path, i)
        for page in pages
        for i, cell in enumerate(page.cells)
        for name in targets_of(cell)
    }

    def position(path):
        return order.get(path.rpartition(".")[0], len(order))

    def about(name):
        place = known.get(name, {"page": "", "title": ""})
        chapter = place["page"].rpartition("/")[2]
        return _stems(f"{place['title']} {chapter} {name}".replace("-", " "))

    problems = []
    for page in pages:
        for i, cell in enumerate(page.cells):
            found = prose.links(cell.source) if cell.kind == "markdown" else ()
            inner = [(link.text, link.target[1:]) for link in found
                     if link.target[1:] in home and not link.target.startswith("#claim-")]
            for words, name in inner:
                path, place = home[name]
                apart = position(path) - position(page.path)
                says = [there(not apart, apart, place - i, path)
                        for pattern, there in PLACES if re.search(pattern, words)]
                others = {other for _, other in inner if other != name}
                if not says and not _stems(words) & about(name):
                    says = [not any(_stems(words) & about(other) for other in others)]
                if not all(says):
                    message = f"the words of the link [{words}] do not lead to {name}: swapped?"
                    problems.append(Problem(page.path, cell.where, message))
    return problems


def check_links(pages, book=BOOK):
    """Every heading has a ``sec-`` target, no target is used twice, every inner link resolves."""
    problems, home = [], {}
    for page in pages:
        above = []  # a figure's name may stand in front of its cell, too, for plain notebooks
        for cell in page.cells:
            names = [name for name in targets_of(cell) if cell.kind != "code" or name not in above]
            above = closing_anchors(cell.source) if cell.kind == "markdown" else []
            for name in names:
                if name in home:
                    message = f"the target {name} is used twice, here and in {home[name]}"
                    problems.append(Problem(page.path, cell.where, message))
                home.setdefault(name, page.path)
    for page in pages:
        for cell in page.prose():

            def report(message, page=page, cell=cell):
                problems.append(Problem(page.path, cell.where, message))

            for title, names in prose.headings(cell.source):
                if not any(name.startswith("sec-") for name in names):
                    report(f'the heading "{title}" lacks <a id="sec-..."></a> on the line above')
            for link in prose.links(cell.source):
                where, mark, name = link.target.partition("#")
                if re.match(r"[a-z]+:", link.target):
                    continue
                if not link.target:
                    report(f"the link [{link.text}]() leads nowhere")
                elif where and not (book / page.path).parent.joinpath(where).exists():
                    report(f"the file {where} of the link [{link.text}] does not exist")
                elif mark and name not in home:
                    report(f"nothing has the target {name} of the link [{link.text}]")
                if not link.text and page.path.endswith(".ipynb"):
                    report(
                        f"the link to {link.target} has no text and is invisible in a plain"
                        f" notebook: write [words]({link.target})"
                    )
    return problems
