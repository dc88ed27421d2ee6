"""The pattern of a chapter, as far as it can be checked: what CONTRIBUTING asks for and why.

A section is optional if its title begins with a star or ends in "(optional)". *Core text* is what
is left without optional sections, exercises and sources, without code and displayed formulas.
"""

import re
from functools import partial
from itertools import takewhile

import prose
from pages import ANCHOR, FENCE, Problem, blank

from .cells import FOLDS

MOST_WORDS = 2500  # of core text: forty minutes
OPENING = 350  # words before the first picture: about one screen
MOST_NUMBERS = 3  # linked numbers in a paragraph
FEWEST_EXERCISES = 3
KINDS = {"predict": "to predict before running", "derive": "to derive", "change": "to change code"}
# Titles of sections that are not core text.
ASIDE = re.compile(r"★.*|.* \(optional\)|Exercises|Sources")
# Chapters of the first edition, which the checks below pass over. The list only shrinks: a chapter
# that satisfies all of them has to leave it, and a new chapter is not put on it.
FIRST_EDITION = {
    "foundations/data-spectra.ipynb",
    "foundations/denoising-gaussians.ipynb",
    "foundations/gaussian-equivalence.ipynb",
    "training-time/deep-linear.ipynb",
    "training-time/emergence-law.ipynb",
    "training-time/flow-matching.ipynb",
    "training-time/full-width-convolution.ipynb",
    "training-time/local-convolution.ipynb",
    "training-time/neural-networks.ipynb",
}
COMMENT_LINE = re.compile(r"^[ \t]*(?:<!--.*-->|-{3,}|:{3,}[^\n]*|:\w+:.*)[ \t]*$", flags=re.M)
EXERCISE = re.compile(r'<a id="(ex-[\w-]+)"></a>|^[ \t]*:label:[ \t]*(ex-[\w-]+)', flags=re.M)
ITEM = re.compile(r"\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])")
PICTURE = re.compile(r"^(?:figure|interactive)\(", flags=re.M)
NOT_ZERO = re.compile(r"[1-9]|[A-Za-z]")
DRESS = re.compile(r"\\(?:displaystyle|left|right|begin|end|quad|text)|matrix|Matrix|array|\bc+\b")


def _folded(cell):
    return any(tag.startswith(FOLDS) for tag in cell.metadata.get("tags", []))


def _shown(source):
    """A Markdown text without anchors, comments and the lines of directives."""
    for pattern in (FENCE, ANCHOR, COMMENT_LINE):
        source = pattern.sub(blank, source)
    return source


def _words(source):
    """How many words a text has; a formula in a line is one, a displayed one is none."""
    source = prose.INLINE.sub("x", prose.DISPLAY.sub("", _shown(source)))
    source = prose.LINK.sub(lambda match: match["text"], source)
    return sum(any(c.isalnum() for c in word) for word in source.split())


def sections(page):
    """The text of a page in pieces: (title, whether it is core text, source)."""
    aside, title = None, ""  # level of the heading under which nothing is core text
    for cell in page.prose():
        clean, start = FENCE.sub(blank, cell.source), 0
        for match in [*prose.HEADING.finditer(clean), None]:
            end = match.start() if match else len(clean)
            if clean[start:end].strip():
                yield title, aside is None, cell.source[start:end]
            if match is None:
                continue
            level, title = len(match[1]), match[2]
            if aside is not None and level <= aside:
                aside = None
            if aside is None and ASIDE.fullmatch(title):
                aside = level
            start = match.end()


def _length(page):
    count = sum(_words(source) for _, core, source in sections(page) if core)
    if count > MOST_WORDS:
        yield page.cells[0], (
            f"{count} words of core text, more than {MOST_WORDS}: nobody learns more in one "
            'sitting. Put what is beyond the one message into sections "★ ...", or leave it out'
        )


def _numbers(page):
    for cell in page.prose():
        text = FENCE.sub(blank, cell.source)
        for part in re.split(r"\n[ \t]*\n", text):
            for paragraph in ITEM.split(part):
                if paragraph.lstrip().startswith("|"):
                    continue  # a table is where many numbers belong
                found = [
                    link.text for link in prose.links(paragraph)
                    if "#claim-" in link.target and any(c.isdigit() for c in link.text)
                ]
                if len(found) > MOST_NUMBERS:
                    yield cell, (
                        f"{len(found)} linked numbers in one paragraph ({', '.join(found)}), more "
                        f"than {MOST_NUMBERS}: a reader keeps three; put them into a table"
                    )


def _opening(page):
    picture, words = None, 0
    for cell in page.cells:
        if cell.kind == "code" and PICTURE.search(cell.source):
            picture = cell
            break
        if cell.kind == "markdown":
            words += _words(cell.source)
        elif not _folded(cell):
            yield cell, (
                "an open code cell before the first picture: the idea comes first; fold it "
                "(Setup), or move it down"
            )
    if picture is None:
        yield page.cells[0], "no picture: a chapter opens with one that already shows its answer"
    elif words > OPENING:
        yield page.cells[0], (
            f"{words} words before the first picture, more than {OPENING}: the opening is one "
            "screen that shows the answer"
        )
    opening = takewhile(lambda cell: cell.kind == "markdown" or _folded(cell), page.cells)
    text = "\n".join(cell.source for cell in opening if cell.kind == "markdown")
    for says, why in (
        ("In short", "three sentences that a reader takes along even without the rest"),
        ("What you need", "a reader must know whether to begin here"),
        ("minutes", "honest times, core and optional apart"),
    ):
        if says not in text:
            yield page.cells[0], f'no "{says}" before the first open code cell: {why}'


def _boxes(page):
    titles = [title for title, _, _ in sections(page)]
    boxed = re.findall(
        r"(?:\*\*|\{[\w-]+\}[ \t]*)(Remember)", "\n".join(c.source for c in page.prose())
    )
    if not boxed and not any(title.startswith("Remember") for title in titles):
        yield page.cells[-1], (
            'no section or box "Remember": the message, at most three formulas and one example '
            "in numbers are what a reader comes back for"
        )
    setup = [cell for cell in page.code() if "except ImportError" in cell.source]
    if not setup:
        yield page.cells[0], "no cell that installs the package: Colab needs it"
    for cell in setup:
        if not _folded(cell):
            yield cell, "the cell that installs the package is open: fold it, it teaches nothing"


def _exercises(page):
    text, found = "\n\n".join(cell.source for cell in page.prose()), []
    starts = [*EXERCISE.finditer(text)]
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        found.append(text[match.end() : following.start() if following else len(text)].lower())
    if len(found) < FEWEST_EXERCISES:
        yield page.cells[-1], f"{len(found)} exercises, fewer than {FEWEST_EXERCISES}"
    for kind, what in KINDS.items():
        if not any(re.search(rf"\b{kind}", text) for text in found):
            yield page.cells[-1], (
                f'no exercise {what}: one of them says "{kind.capitalize()}"; to plug numbers '
                "into a formula teaches less"
            )


def _sentences(page):
    for cell, following in zip(page.cells, page.cells[1:], strict=False):
        text, then = (_shown(c.source).strip() for c in (cell, following))
        if cell.kind == "markdown" and following.kind == "code" and text:
            last = text.splitlines()[-1].strip()
            whole = last.rstrip("*_`\"”)’ ")[-1:] in tuple(".:?!…")
            if not whole and not re.match(r"#|\||\$\$|`{3}|~{3}", last) and last[-2:] != "$$":
                yield cell, (
                    f"the text before a code cell ends in the middle of a sentence ({last[-40:]!r})"
                    ": who skips the code must be able to read on"
                )
        if cell.kind == "code" and following.kind == "markdown" and then[:1].islower():
            yield following, (
                f"the text behind a code cell goes on with a sentence ({then[:40]!r}): begin a "
                "new one"
            )


def _is_zero(text):
    """Whether a printed or typeset result is made of zeros."""
    plain = DRESS.sub("", text)
    return "0" in plain and not NOT_ZERO.search(plain)


def _zeros(page):
    for cell in page.code():
        texts = []
        for output in cell.outputs:
            data = output.get("data", {})
            texts.append(output.get("text") or data.get("text/plain") or "shown otherwise")
        if texts and not _folded(cell) and all(_is_zero(text) for text in texts):
            yield cell, (
                "an open cell that shows nothing but zeros is a check: fold it, title it Check, "
                "and let an open cell show the step (the equation, the solution, the limit)"
            )


RULES = (_length, _numbers, _opening, _boxes, _exercises, _sentences, _zeros)


def broken(page):
    """What a chapter lacks of the pattern, as (cell, message)."""
    return [found for rule in RULES for found in rule(page)]


def check_pattern(pages, first_edition=None):
    """Chapters have the pattern; those of the first edition are listed as long as they lack it."""
    listed = FIRST_EDITION if first_edition is None else first_edition
    problems, place = [], partial(Problem, "checks/pattern.py")
    chapters = {page.path: page for page in pages if page.is_chapter}
    for path, page in chapters.items():
        found = broken(page)
        if path not in listed:
            problems += [Problem(path, cell.where, message) for cell, message in found]
        elif not found:
            message = "it has the pattern: delete it from FIRST_EDITION in checks/pattern.py"
            problems.append(Problem(path, "pattern", message))
    return problems + [
        place(path, "no such chapter: delete it from FIRST_EDITION")
        for path in sorted(listed - chapters.keys())
    ]
