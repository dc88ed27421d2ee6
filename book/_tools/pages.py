"""The pages of the book as the checks see them: cells, sections, outputs."""

import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

BOOK = Path(__file__).resolve().parents[1]
# Environment of the kernels: one thread a process, and no progress bars, which are for people.
QUIET = {
    "TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1",
}
ANCHOR = re.compile(r'^(?:<a id="([\w-]+)"></a>|\(([\w-]+)\)=)[ \t]*$', flags=re.M)
FENCE = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1[ \t]*$", flags=re.M | re.S)


@dataclass
class Cell:
    """A cell of a notebook, or one section of a Markdown page."""

    page: str
    id: str
    kind: str
    source: str
    section: str = ""
    metadata: dict = field(default_factory=dict)
    outputs: list = field(default_factory=list)
    execution_count: int | None = None

    def records(self, mime):
        """The machine-readable outputs of one type, in the order in which a reader sees them."""
        return [output["data"][mime] for output in self.outputs if mime in output.get("data", {})]

    @property
    def where(self):
        """How a message names this place."""
        return f"section {self.section or '(start)'}, cell {self.id}"


@dataclass
class Page:
    """A notebook or Markdown page; `path` is relative to the book's folder."""

    path: str
    cells: list
    notebook: object = None

    def code(self):
        return [cell for cell in self.cells if cell.kind == "code"]

    def prose(self):
        return [cell for cell in self.cells if cell.kind == "markdown"]

    @property
    def is_chapter(self):
        """Chapters are the notebooks inside the folder of a part."""
        return self.notebook is not None and "/" in self.path and "appendix/" not in self.path


@dataclass(frozen=True)
class Problem:
    """Something inconsistent, where it is, and what to do about it."""

    path: str
    where: str
    message: str

    def __str__(self):
        return f"{self.path}: {self.where}: {self.message}"


def blank(match):
    """Spaces instead of the matched text, so that positions and lines stay."""
    return re.sub(r"[^\n]", " ", match[0])


def anchors(source):
    """All targets that a Markdown text defines, as (name, position)."""
    return [(m[1] or m[2], m.start()) for m in ANCHOR.finditer(FENCE.sub(blank, source))]


def closing_anchors(source):
    """The targets at the very end of a Markdown cell: they label the code cell that follows."""
    names = []
    for line in reversed(source.rstrip().splitlines()):
        if match := ANCHOR.match(line):
            names.append(match[1] or match[2])
        elif line.strip():
            break
    return names


def _sections(path, text):
    """Cut a Markdown page at its ``sec-`` targets."""
    starts = [position for name, position in anchors(text) if name.startswith("sec-")]
    bounds = [0, *starts, len(text)]
    cells = []
    for begin, end in zip(bounds, bounds[1:], strict=False):
        part = text[begin:end]
        if part.strip():
            name = next((n for n, _ in anchors(part) if n.startswith("sec-")), "start")
            cells.append(Cell(path, name, "markdown", part, section=name))
    return cells


def read_page(file, book=BOOK):
    """Read a notebook or a Markdown page."""
    file = Path(file)
    path = file.relative_to(book).as_posix()
    if file.suffix == ".md":
        return Page(path, _sections(path, file.read_text(encoding="utf-8")))
    return page_of(nbformat.read(file, as_version=4), path)


def page_of(notebook, path):
    """The page of a notebook that has been read already; it shares cells with it."""
    cells, section = [], ""
    for raw in notebook.cells:
        if raw.cell_type == "markdown":
            names = [n for n, _ in anchors(raw.source) if n.startswith("sec-")]
            section = names[0] if names else section
        cells.append(
            Cell(
                path,
                raw.get("id", "?"),
                raw.cell_type,
                raw.source,
                section,
                raw.metadata,
                raw.get("outputs", []),
                raw.get("execution_count"),
            )
        )
        if raw.cell_type == "markdown" and names:
            section = names[-1]
    return Page(path, cells, notebook)


def page_files(book=BOOK):
    """All pages of the book: no folder that begins with an underscore or a dot."""
    files = (f for kind in ("*.md", "*.ipynb") for f in Path(book).rglob(kind))
    return sorted(
        f for f in files if not any(p[0] in "._" for p in f.relative_to(book).parent.parts)
    )


def read_book(book=BOOK):
    return [read_page(file, book) for file in page_files(book)]


def write_atomically(file, text):
    """Replace a file in one step: whoever reads or kills sees the old text or the new one."""
    file = Path(file)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise


def write_notebook(file, notebook):
    write_atomically(file, nbformat.writes(notebook).rstrip("\n") + "\n")
