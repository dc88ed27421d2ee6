"""A book of a few pages, built by Sphinx with single extensions of the book, without its theme."""

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"
sys.path.insert(0, str(EXTENSIONS))


@dataclass
class Built:
    """Folder of the pages, and the warnings of the build."""

    html: Path
    warnings: str

    def read(self, page):
        return (self.html / page).read_text(encoding="utf-8")


def build(folder, pages, *extensions, files=None, builder="html", **config):
    """Build `pages` (path without ending -> MyST text) in an empty folder; the first is the root.

    `files` are further files of the source folder by path; `config` are settings of Sphinx.
    """
    source, root = Path(folder) / "source", next(iter(pages))
    alone = "---\norphan: true\n---\n\n"  # not in a table of contents, and no warning for it
    pages = {name: text if name == root else alone + text for name, text in pages.items()}
    for name, text in {**{f"{p}.md": t for p, t in pages.items()}, **(files or {})}.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")
    settings = {
        "extensions": ["myst_parser", *extensions],
        "myst_enable_extensions": ["dollarmath", "colon_fence"],
        "root_doc": root,
        "html_baseurl": "https://example.org/book/",
        "html_theme": "basic",
        "source_suffix": {".rst": "restructuredtext"},  # extensions add to it, not to a default
        **config,
    }
    out, warnings = Path(folder) / "html", io.StringIO()
    with patch_docutils(str(source)), docutils_namespace():
        Sphinx(
            str(source), None, str(out), str(Path(folder) / "doctrees"), builder,
            confoverrides=settings, status=None, warning=warnings, freshenv=True,
        ).build(force_all=True)
    return Built(out, warnings.getvalue())
