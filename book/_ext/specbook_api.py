"""Sphinx extension: the reference of the package, tied to the laws of the book.

* ``eq-...`` in a docstring becomes the number of that equation and leads to it;
* a function that evaluates a law says so below its docstring;
* names in single backticks lead to their entry, where there is one;
* ``{api-summary} MODULE`` lists the public names of a module;
* ``{api-submodules} PACKAGE`` documents the modules that a package offers;
* ``{command-line}`` shows the help texts of the commands.
"""

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from specbook_nodes import element, labelled, to_object
from sphinx.domains.python import PyXRefRole
from sphinx.util.docutils import SphinxDirective

sys.path.append(str(Path(__file__).resolve().parents[1] / "_tools"))

import api  # noqa: E402
import ledger  # noqa: E402

LABEL = re.compile(r"(?<![`\w-])eq-[\w-]*\w")
WIDTH = 72  # of the help texts


class Name(PyXRefRole):
    """A name in single backticks: a link if the reference has it, otherwise code."""

    def run(self):
        self.refdomain, self.reftype = "py", "obj"
        self.classes = ["xref", "py", "py-obj"]
        found, messages = self.create_xref_node()
        for node in found:
            node["specbook_name"] = True
        return found, messages


def plain_name(app, env, node, content):
    """Leave a name without an entry as code; it is no broken link."""
    return content if node.get("specbook_name") else None


def list_members(app):
    """Tell autodoc which imported names of a package are public: it asks for ``__all__``."""
    for name in api.parts():
        module = import_module(name)
        if hasattr(module, "__path__"):
            module.__all__ = api.listed(module)


def place_labels(app):
    """Which laws stand on which page, for the docstrings."""
    from specbook.laws import BOOK

    app.specbook_where = ledger.places(ledger.read_pages(Path(app.srcdir)))
    app.specbook_evaluated = ledger.evaluated(BOOK)


def link_laws(app, what, name, value, options, lines):
    """Link the labels in a docstring, and say which laws a function evaluates."""
    from specbook.laws import BOOK

    def number(label):
        return f":eq:`{label}`" if label in app.specbook_where else f"``{label}``"

    def link(match):
        before = match.string[: match.start()].rstrip()
        if "quation" in before:  # the docstring has the word already
            return number(match[0])
        return f"{'Equation' if before[-1:] in '.' else 'equation'} {number(match[0])}"

    lines[:] = [LABEL.sub(link, line) for line in lines]
    if labels := app.specbook_evaluated.get(name):
        laws = (f"{BOOK[label].title} {number(label)}" for label in labels)
        lines += ["", f"**Evaluates** {', '.join(laws)}.", ""]


def summary(value):
    """First paragraph of a docstring as nodes, with what stands in backticks as code."""
    first = " ".join((inspect.getdoc(value) or "").partition("\n\n")[0].split())
    parts = re.split(r"(`+)(.+?)\1", first)
    words, code = parts[::3], parts[2::3]
    found = [nodes.Text(words[0])]
    for name, text in zip(code, words[1:], strict=True):
        found += [element(nodes.literal, name), nodes.Text(text)]
    return found


class Summary(SphinxDirective):
    """The public names of a module with the first lines of their docstrings."""

    required_arguments = 1

    def run(self):
        module = self.arguments[0]
        self.env.note_dependency(sys.modules[api.__name__].__file__)
        items = []
        for part in (module, *api.submodules(module)):
            self.env.note_dependency(sys.modules[part].__file__)
            for name, value in api.public(part).items():
                self.env.note_dependency(inspect.getsourcefile(inspect.unwrap(value)))
                line = element(nodes.paragraph, to_object(name), ": ", *summary(value))
                items.append(element(nodes.list_item, line))
        return [element(nodes.bullet_list, *items)]


class Submodules(SphinxDirective):
    """A section for each module that a package offers beside its own functions."""

    required_arguments = 1

    def run(self):
        self.env.note_dependency(sys.modules[api.__name__].__file__)
        lines = []
        for module in api.submodules(self.arguments[0]):
            title = module.removeprefix("specbook.")
            lines += [f"({ledger.section_label('sec-api', module)})=", f"## `{title}`", ""]
            lines += ["```{eval-rst}", f".. automodule:: {module}", "   :members:", "```", ""]
        inside = nodes.Element()
        self.state.nested_parse(StringList(lines), self.content_offset, inside, match_titles=True)
        return inside.children


class CommandLine(SphinxDirective):
    """Every command of ``specbook`` with the help text that it prints."""

    def run(self):
        import click

        from specbook import cli

        self.env.note_dependency(cli.__file__)
        out = []
        for name, command in ledger.commands().items():
            # With the command's own settings, as the shell would call it: a command remembers the
            # option for help that it was first asked with.
            settings = {"terminal_width": WIDTH} | command.context_settings
            text = command.get_help(click.Context(command, info_name=name, **settings))
            label = ledger.section_label("sec-command", name)
            content = element(nodes.literal_block, text, language="text")
            out.append(labelled(self.state.document, label, name, content))
        return out


def setup(app):
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("numpydoc")
    app.add_role("name", Name())
    app.add_directive("api-summary", Summary)
    app.add_directive("api-submodules", Submodules)
    app.add_directive("command-line", CommandLine)
    app.connect("builder-inited", list_members)
    app.connect("builder-inited", place_labels)
    app.connect("autodoc-process-docstring", link_laws, priority=900)  # after numpydoc
    app.connect("missing-reference", plain_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
