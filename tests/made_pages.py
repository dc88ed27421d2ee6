"""The generated pages, built by Sphinx in a folder of their own from copies of the sources."""

import io
import json
import shutil
import sys

import ledger
import pages as book_pages

ROOT = book_pages.BOOK.parent
MADE = ["notation.md", "appendix/claims.md", "appendix/equations.md", "appendix/api.md"]
MADE += sorted(f"appendix/api/{file.name}" for file in (ROOT / "book/appendix/api").glob("*.md"))
EXTENSIONS = ["myst_parser", "specbook_anchors", "specbook_ledger", "specbook_api"]
sys.path.append(str(book_pages.BOOK / "_ext"))


class Site:
    """A copy of the generated pages and of what they are made from."""

    def __init__(self, root):
        self.root = root
        for name in ("_toc.yml", *(str(f.relative_to(ROOT)) for f in ledger.files(ROOT))):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        shutil.copytree(ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("*[!y]"))

    def build(self, *pages):
        from sphinx.application import Sphinx
        from sphinx.util.docutils import docutils_namespace

        settings = {
            "extensions": EXTENSIONS, "myst_enable_extensions": ["dollarmath", "colon_fence"],
            "include_patterns": [f"book/{name}" for name in pages],
            "root_doc": f"book/{pages[0].removesuffix('.md')}",
            "default_role": "name", "numpydoc_show_class_members": False, "release": "9.8.7",
            "autodoc_typehints": "none", "smartquotes": False,
        }
        out = self.root / "_build"
        with docutils_namespace():  # building registers nodes and roles for the whole process
            self.app = Sphinx(
                self.root, None, out, out / "doctrees", "html", settings,
                status=None, warning=io.StringIO(),
            )
            self.app.build()
        return self

    def page(self, name):
        return self.app.env.get_doctree(f"book/{name}")

    def data(self):
        return json.loads((self.root / "_build/book/appendix/claims.json").read_text())
