"""Sphinx extension: ``{cite-entries}`` shows the BibTeX entries that ``specbook cite`` prints."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from specbook.reading import citation


class CiteEntries(SphinxDirective):
    """The entries of the labels that are its arguments; without any, book and papers."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self):
        labels = self.arguments[0].split() if self.arguments else []
        try:
            text = citation.cite(*labels)
        except ValueError as error:
            raise self.error(str(error)) from None
        self.env.note_dependency(str(citation.__file__).replace("citation.py", "addresses.json"))
        return [nodes.literal_block(text, text, language="bibtex")]


def setup(app):
    app.add_directive("cite-entries", CiteEntries)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
