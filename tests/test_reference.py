"""The reference of the package has every public name, each with a complete docstring."""

import dataclasses
import inspect
import sys

import api
import pytest
from docutils import nodes


def test_the_reference_has_every_public_name(made_site):
    listed = set(made_site.app.env.get_domain("py").objects)
    assert api.everything().keys() <= listed, sorted(api.everything().keys() - listed)
    summary = made_site.page("appendix/api").astext()
    for module in api.modules():
        assert api.public(module) or api.submodules(module), module
        for name in api.public(module):
            assert name.removeprefix("specbook.") in summary


def _documented(doc):
    names = [parameter.name for part in ("Parameters", "Attributes") for parameter in doc[part]]
    return {name.strip(" *") for group in names for name in group.split(",")}


@pytest.mark.parametrize("name", sorted(api.everything()))
def test_docstring(name):
    """A summary, every argument with type and description, what is returned."""
    from numpydoc.docscrape import get_doc_object
    from numpydoc.validate import validate

    value = inspect.unwrap(api.everything()[name])
    doc = get_doc_object(value)
    found = dict(validate(doc)["errors"])
    # missing docstring or summary; sections unknown, in a wrong order or twice; arguments that
    # are unknown, in a wrong order, without type or description
    wanted = "GL06 GL07 GL08 SS01 SS03 SS06 PR02 PR03 PR04 PR07 PR10".split()
    if inspect.isclass(value):
        # a data class documents its fields as attributes
        if not issubclass(value, Exception):
            arguments = set(inspect.signature(value).parameters)
            assert arguments <= _documented(doc), sorted(arguments - _documented(doc))
        if dataclasses.is_dataclass(value):
            assert {field.name for field in dataclasses.fields(value)} <= _documented(doc)
    else:
        wanted.append("PR01")
        is_property = isinstance(inspect.getattr_static(_home(name), name.split(".")[-1]), property)
        if not (doc["Yields"] or is_property):
            wanted.append("RT01")
    assert {code: found[code] for code in wanted if code in found} == {}


def _home(name):
    """The class or module that a name stands in."""
    above = name.rpartition(".")[0]
    if above in api.everything():
        return api.everything()[above]
    return sys.modules[above]


def test_help_texts_are_those_of_the_commands(made_site):
    from click.testing import CliRunner

    from specbook import cli

    blocks = made_site.page("appendix/api/command-line").findall(nodes.literal_block)
    shown = [block.astext() for block in blocks]
    for words, text in zip([[], *([c] for c in cli.main.commands)], shown, strict=True):
        printed = CliRunner().invoke(cli.main, [*words, "--help"], prog_name="specbook").output
        assert " ".join(printed.split()) == " ".join(text.split())
    assert "-h, --help" in shown[0]
