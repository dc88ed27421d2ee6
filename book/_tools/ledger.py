"""What the generated pages show: claims, laws with their tests, notation, in reading order.

Everything is read from the stored notebooks, from ``specbook.laws`` and, without running them,
from the tests. `book/_ext/specbook_ledger.py` puts it on the pages.
"""

import ast
import inspect
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import api
import prose
import yaml
from pages import BOOK, read_page

ROOT = BOOK.parent
DIRECTIVE = re.compile(r"^`{3,}\{([\w-]+)\}[ \t]*(\S*)", flags=re.M)
ELSEWHERE = "sec-laws-elsewhere"  # the section of laws that no page shows
UNSHOWN = "Stated in the package, on no page yet"


def contents(root=ROOT):
    """Names of the pages in the order of ``_toc.yml``, as Sphinx has them: ``book/index``."""

    def names(entries):
        for entry in entries:
            if "file" in entry:
                yield entry["file"]
            for below in entry.get("subtrees", [entry]):
                yield from names([*below.get("chapters", []), *below.get("sections", [])])

    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = (name for part in toc["parts"] for name in names(part["chapters"]))
    return [toc["root"], *parts]


def files(root=ROOT):
    """Files of these pages; a page that is not written yet is left out."""
    ends = (root / f"{name}{end}" for name in contents(root) for end in (".ipynb", ".md"))
    return [file for file in ends if file.exists()]


@cache
def _read(file, book, changed):
    return read_page(file, book)


def read_pages(root=ROOT):
    """The pages in reading order; a file that has not changed is read once."""
    book = root / BOOK.name
    return [_read(file, book, file.stat().st_mtime_ns) for file in files(root)]


def docname(page):
    """How Sphinx calls a page."""
    return f"{BOOK.name}/{page.path.rsplit('.', 1)[0]}"


def titles(page):
    """Titles of a page's sections by their label; the first is that of the page."""
    headings = (h for cell in page.prose() for h in prose.headings(cell.source))
    return {name: title for title, names in headings for name in names if name.startswith("sec-")}


@dataclass(frozen=True)
class Claim:
    """A claim and where it stands: `page` and `section` are labels for links."""

    page: str
    section: str
    record: dict

    @property
    def address(self):
        return f"{self.page}.html#claim-{self.record['name']}"


def claims(pages):
    """All claims in reading order."""
    from specbook.reading.mime import CLAIM

    return [
        Claim(docname(page), cell.section, record)
        for page in pages
        for cell in page.code()
        for record in cell.records(CLAIM)
    ]


def claims_file(found, version):
    """The ledger of claims as plain data, for the file that a reader downloads."""
    rows = [{"address": c.address, "section": c.section, **c.record} for c in found]
    return {"version": version, "count": len(rows), "claims": rows}


def places(pages):
    """The page of each displayed law, by label, in reading order."""
    return {
        label: docname(page)
        for page in pages
        for cell in page.prose()
        for _, label, _, _ in prose.displays(cell.source)
        if label
    }


def in_reading_order(laws, where):
    """Labels of all laws: as they stand in the book, then those that no page shows."""
    return [*(label for label in where if label in laws), *(x for x in laws if x not in where)]


def first_uses(letters, laws, where):
    """Label of the first displayed law that uses each letter, or None."""
    found = dict.fromkeys(letters)
    for label in reversed(in_reading_order(laws, where)):
        law = laws[label]
        used = law.left.free_symbols | law.right.free_symbols
        found |= {x: label for x in used if x in found and label in where}
    return found


def captions(root=ROOT):
    """Titles of the parts of the book by the folders of their chapters."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return {
        Path(chapter["file"]).parent.name: part["caption"]
        for part in toc["parts"] for chapter in part["chapters"] if "file" in chapter
    }


def letters_of(group, laws, where):
    """Letters of a group of the notation, with their parts and the first laws that use them.

    Those that mean the same everywhere come first, without a part; then all others, in the order
    in which the book uses them.
    """
    from specbook.laws import PARTS

    parts = {}
    for part, letters in PARTS.items():
        for letter in letters:
            parts.setdefault(letter, []).extend([part] * bool(part))
    first, order = first_uses(parts, laws, where), {label: n for n, label in enumerate(where)}
    chosen = [letter for letter in parts if letter.group == group]
    chosen.sort(key=lambda x: (bool(parts[x]), order.get(first[x], len(order))))
    return [(letter, parts[letter], first[letter]) for letter in chosen]


def made_sections(page, pages, laws):
    """Sections that the directives of a page make, as label -> title, in their order."""
    asked = {}
    for cell in page.prose():
        for name, argument in DIRECTIVE.findall(cell.source):
            asked.setdefault(name, []).append(argument)
    headings = {docname(p): next(iter(titles(p).values()), p.path) for p in pages}
    where, found = places(pages), {}
    for name, prefix, shown in (
        ("claims-ledger", "sec-claims", dict.fromkeys(claim.page for claim in claims(pages))),
        ("laws-table", "sec-laws", dict.fromkeys(where[x] for x in where if x in laws)),
    ):
        if name in asked:
            found |= {section_label(prefix, page): headings[page] for page in shown}
    if "laws-table" in asked and not laws.keys() <= where.keys():
        found[ELSEWHERE] = UNSHOWN
    for package in asked.get("api-submodules", ()):
        names = (name.removeprefix("specbook.") for name in api.submodules(package))
        found |= {section_label("sec-api", name): name for name in names}
    if "command-line" in asked:
        found |= {section_label("sec-command", name): name for name in commands()}
    return found


def section_label(prefix, name):
    """Label of a made section: the last part of the name of a page, a command or a module."""
    return f"{prefix}-{re.split('[ /.]', name)[-1]}".replace("_", "-")


def commands():
    """The commands of ``specbook`` by the words that call them."""
    from specbook import cli

    return {"specbook": cli.main} | {f"specbook {n}": c for n, c in cli.main.commands.items()}


def _labels(decorator):
    """Labels in ``@pytest.mark.holds("eq-...")``, also inside ``pytest.param(..., marks=...)``."""
    for call in ast.walk(decorator):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.holds"):
            yield from (a.value for a in call.args if isinstance(a, ast.Constant))


def test_files(root=ROOT):
    return sorted((root / "tests").glob("test_*.py"))


def holding_tests(root=ROOT):
    """Tests that say which laws they hold: label -> [``tests/file.py::test``, ...].

    The files are parsed, not imported.
    """
    found = {}
    for file in test_files(root):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for name, function in _functions(tree, f"tests/{file.name}"):
            for decorator in function.decorator_list:
                for label in _labels(decorator):
                    if name not in found.setdefault(label, []):
                        found[label].append(name)
    return found


def _functions(node, name):
    """Test functions of a file, also inside classes, by the names that pytest gives them."""
    for child in node.body:
        inner = f"{name}::{getattr(child, 'name', '')}"
        if isinstance(child, ast.FunctionDef) and child.name.startswith("test"):
            yield inner, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, inner)


def evaluator(law):
    """Full name of the function that evaluates a law: ``specbook.theory.LinearLaw.gain``.

    ``linear.gain`` is the method `gain` of what ``theory.linear`` returns. None if the law names
    no function, or one that the package does not have.
    """
    if not law.theory:
        return None
    first, *rest = law.theory.split(".")
    place = import_module("specbook")
    if first not in dir(place):
        place = import_module("specbook.theory")
    name = place.__name__
    for part in (first, *rest):
        if inspect.isfunction(place):  # its methods are those of the class that it returns
            place = getattr(inspect.getmodule(place), _returned(place), None)
            name = f"{name.rpartition('.')[0]}.{getattr(place, '__name__', '?')}"
        place, name = getattr(place, part, None), f"{name}.{part}"
    return name if callable(place) else None


def _returned(function):
    """Type that a function returns, as its docstring says."""
    from numpydoc.docscrape import FunctionDoc

    returns = FunctionDoc(function)["Returns"]
    return returns[0].type if returns else ""


def evaluated(laws):
    """Labels of the laws that each function evaluates, by its full name."""
    found = {}
    for law in laws.values():
        if name := evaluator(law):
            found.setdefault(name, []).append(law.label)
    return found
