"""Targets are unique, links arrive, and every section has an address that outlives its title."""

import re

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
