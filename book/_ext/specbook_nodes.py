"""Docutils nodes of the generated pages: links into the book, tables with header cells."""

from docutils import nodes
from sphinx import addnodes


def element(kind, *children, **attributes):
    """A docutils node with its children; strings become text."""
    node = kind(**attributes)
    node += [nodes.Text(child) if isinstance(child, str) else child for child in children]
    return node


def labelled(document, label, heading, *content):
    """A section with a heading and a label that the whole book can link to."""
    title = element(nodes.title, heading)
    section = element(nodes.section, title, *content, ids=[label], names=[label])
    document.note_explicit_target(section)
    return section


def to_label(label, *words, domain="std", kind="ref"):
    """A link to a label of the book, with words of its own or, for equations, its number."""
    words = words or [label]
    inner = element(nodes.inline, *words, classes=["xref", domain, f"{domain}-{kind}"])
    return element(
        addnodes.pending_xref, inner, refdomain=domain, reftype=kind, reftarget=label,
        refexplicit=domain == "std", refwarn=True,
    )


def to_equation(label):
    return to_label(label, domain="math", kind="eq")


def to_object(name):
    """A link to the entry of a function or class in the API reference."""
    words = element(nodes.literal, name.removeprefix("specbook."))
    return element(
        addnodes.pending_xref, words, refdomain="py", reftype="obj", reftarget=name,
        refexplicit=True, refwarn=True,
    )


def table(caption, header, rows, *classes, stub=0):
    """A table with a caption (or None) and header cells; column `stub` holds row headers."""
    group = nodes.tgroup(cols=len(header))
    group += [nodes.colspec(colwidth=1, stub=int(i == stub)) for i in range(len(header))]
    for kind, lines in ((nodes.thead, [header]), (nodes.tbody, rows)):
        group += element(kind, *(
            element(nodes.row, *(
                element(nodes.entry, element(nodes.paragraph, *_several(cell))) for cell in line
            ))
            for line in lines
        ))
    title = [element(nodes.title, caption)] if caption else []
    return element(nodes.table, *title, group, classes=["made", *classes])


def _several(cell):
    return cell if isinstance(cell, list) else [str(cell)]
