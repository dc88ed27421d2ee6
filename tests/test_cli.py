"""The command line: what it prints, what it refuses, and that it starts quickly."""

import re

import numpy as np
import pytest
from checks import imports
from click.testing import CliRunner

import specbook
from specbook import reading
from specbook.cli import main


def run(*words):
    return CliRunner().invoke(main, list(words))


def test_help_lists_every_command():
    for words in (["--help"], ["-h"]):
        result = run(*words)
        assert result.exit_code == 0
        assert all(f"\n  {name} " in result.output for name in main.commands)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_each_command_has_help(name):
    result = run(name, "--help")
    assert result.exit_code == 0 and len(result.output.splitlines()) > 5


def test_version():
    assert specbook.__version__ in run("--version").output


def test_the_command_line_starts_without_the_heavy_packages():
    heavy = ("torch", "scipy", "sympy", "matplotlib", "numpy")
    assert not imports.loaded_by("import specbook.cli", heavy)
    # pages of the book, exercises: plain NumPy
    assert not imports.loaded_by(
        "from specbook.reading.citation import cite; cite()", ("torch", "sympy", "specbook.laws")
    )


# --- cite -----------------------------------------------------------------------------------


def test_cite():
    result = run("cite", "eq-gain", "eq-loss")
    assert result.exit_code == 0
    assert result.output == reading.citation.cite("eq-gain", "eq-loss")


def test_cite_the_book():
    assert "@misc{specbook," in run("cite").output


@pytest.mark.parametrize("ending", ["eq-gain", "equation-eq-gain"])
def test_cite_takes_an_address_from_the_page(ending):
    address = f"https://specbook.github.io/specbook/book/x.html#{ending}"
    assert run("cite", address).output == run("cite", "eq-gain").output


def test_cite_names_near_labels():
    result = run("cite", "eq-gian")
    assert result.exit_code == 2 and "eq-gain" in result.output
    assert "@" not in result.output, "no half of an answer"


# --- check ----------------------------------------------------------------------------------


def test_check_lists_exercises_with_titles():
    result = run("check")
    assert result.exit_code == 0
    assert "ex-untrained  Before any training (" in result.output
    assert len(result.output.splitlines()) == len(reading.exercises())


def test_check_judges():
    assert run("check", "ex-untrained", "0.16").exit_code == 0
    assert run("check", "ex-untrained", "4/25").exit_code == 0
    wrong = run("check", "ex-untrained", "0.4")
    assert wrong.exit_code == 1 and "standard deviation" in wrong.output


def test_the_example_of_the_help_is_right():
    example = re.search(r"specbook (check ex-\S+ \S+)", run("check", "--help").output)[1]
    result = run(*example.split())
    assert result.exit_code == 0 and result.output == "Right.\n"


@pytest.mark.parametrize("negative", ["-2.5", "-1e-3", "−0.5", "-1/3"])
def test_a_negative_answer_is_no_option(negative):
    result = run("check", "ex-untrained", negative)
    assert result.exit_code == 1 and "Not yet" in result.output


def test_several_numbers_are_an_array(monkeypatch):
    three = reading.Exercise("ex-three", np.array([1.0, -2.0, 0.5]), 1e-6)
    monkeypatch.setattr(reading, "exercises", lambda: {"ex-three": three})
    assert run("check", "ex-three", "1", "-2", "1/2").exit_code == 0
    assert "shape" in run("check", "ex-three", "1").output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["ex-untraind", "1"], "ex-untrained"),
        (["untrained", "1"], "ex-untrained"),
        (["zzz", "1"], "lists them all"),
        (["ex-untrained"], "specbook check ex-untrained NUMBER"),
        (["ex-untrained", "much"], "'much' is not a number"),
        (["ex-untrained", "1/0"], "'1/0' is not a number"),
    ],
)
def test_check_says_what_it_does_not_understand(words, says):
    result = run("check", *words)
    assert result.exit_code == 2 and says in result.output
