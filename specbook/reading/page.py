"""How the machine-readable outputs of a chapter look on the page (entry point for myst-nb).

A claim becomes one small line under its cell, with the address that the text links to; an
extension of the book, `specbook_folds`, gathers the lines of a cell into one fold. Figures,
settings and exercises show the picture, table or text of the same output; without this renderer a
strict build would stop at their unknown types. What moves in an interactive figure is put on the
page by an extension of the book (`specbook_interactive`); here, its picture is shown.
"""

from .claims import claim_line
from .mime import ALL, CLAIM, PLOT


class Page:
    """Renderer in the entry point group ``myst_nb.mime_renderers``."""

    # Lower numbers win: the claim's own line stands in for its text/plain.
    mime_priority_overrides = [("*", CLAIM, 5)]

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return the nodes of one output, none for data without a look, None if not ours."""
        from docutils import nodes

        if data.mime_type not in (*ALL, PLOT):
            return None
        if data.mime_type != CLAIM or inline:
            return []
        record = data.content
        label = f"claim-{record['name']}"
        line = nodes.paragraph("", claim_line(record), ids=[label], names=[label], claim=record)
        renderer.renderer.document.note_explicit_target(line)
        return [line]
