"""The checks of a chapter's pattern bite, one by one, on a small chapter that has it."""

import pytest
from checks import pattern
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pages import page_of

PATH = "part/small.ipynb"
OPENING = """<a id="sec-small"></a>
# A small chapter

When does it rise? That depends on one number.

**In short.** It rises [twice](#claim-twice). It is [3.1](#claim-a), [3.2](#claim-b) and
[3.3](#claim-c) high.

**What you need**: nothing. **Time**: ten minutes.
"""
TABLE = "| a | b |\n|---|---|\n| [1](#claim-a) | [2](#claim-b) |\n| [3](#claim-c) | [4](#claim-d) |"
EXERCISES = """<a id="sec-small-exercises"></a>
## Exercises

<a id="ex-a"></a>
**Exercise 1.1 (Which?).** *Predict first*: which is last?

<a id="ex-b"></a>
**Exercise 1.2 (Why?).** *Derive* the time.

:::{exercise} A loop
:label: ex-c

*Change the code*: take two of them.
:::
"""
INSTALL = "# @title Setup\ntry:\n    import specbook\nexcept ImportError:\n    %pip install it"


def chapter():
    """A notebook that has the pattern, and its cells by name."""
    cells = {
        "opening": new_markdown_cell(OPENING),
        "setup": new_code_cell(INSTALL, metadata={"tags": ["hide-cell"]}),
        "picture": new_code_cell("figure(fig, 'fig-a')", metadata={"tags": ["hide-input"]}),
        "idea": new_markdown_cell(
            '<a id="sec-small-idea"></a>\n## Idea\n\nIt must rise. So we solve for it:'
        ),
        "step": new_code_cell(
            "solve(equation)",
            outputs=[new_output("execute_result", data={"text/plain": "[2*x + 1]"})],
        ),
        "table": new_markdown_cell(f"Many numbers.\n\n{TABLE}"),
        "check": new_code_cell(
            "# @title Check\nresidual", metadata={"tags": ["hide-cell"]},
            outputs=[new_output("execute_result", data={"text/plain": "0"})],
        ),
        "remember": new_markdown_cell('<a id="sec-small-remember"></a>\n## Remember\n\nIt rises.'),
        "exercises": new_markdown_cell(EXERCISES),
        "optional": new_markdown_cell(
            '<a id="sec-small-more"></a>\n## ★ More\n\n' + "word " * 3000
            + '\n\n<a id="sec-small-proof"></a>\n### A proof\n\n' + "word " * 3000
        ),
    }
    for name, cell in cells.items():
        cell.id = name
    return new_notebook(cells=list(cells.values())), cells


def problems(change=lambda cells: None, first_edition=frozenset()):
    notebook, cells = chapter()
    change(cells)
    return [str(p) for p in pattern.check_pattern([page_of(notebook, PATH)], set(first_edition))]


def test_the_small_chapter_has_the_pattern():
    assert problems() == []


def edited(name, *pairs, add="", tags=None, output=None):
    """A change of one cell."""

    def change(cells):
        cell = cells[name]
        for old, new in pairs:
            assert old in cell.source
            cell.source = cell.source.replace(old, new)
        cell.source += add
        if tags is not None:
            cell.metadata["tags"] = tags
        if output is not None:
            cell.outputs[0]["data"] = output

    return change


WORDS = "\n\n" + "word " * pattern.MOST_WORDS
BROKEN = {
    "words of core text": ("opening", edited("remember", add=WORDS)),
    "4 linked numbers": ("opening", edited("opening", ("[twice]", "[2 times]"))),
    "open code cell before": ("setup", edited("setup", tags=[])),
    "installs the package is open": ("setup", edited("setup", tags=[])),
    "no cell that installs": ("opening", edited("setup", ("ImportError", "OSError"))),
    "no picture": ("opening", edited("picture", ("figure", "print"))),
    "words before the first picture": ("opening", edited("opening", add="\n\n" + "word " * 340)),
    'no "In short"': ("opening", edited("opening", ("In short", "Abstract"))),
    'no "What you need"': ("opening", edited("opening", ("What you need", "Needed"))),
    'no "minutes"': ("opening", edited("opening", ("ten minutes", "short"))),
    'box "Remember"': ("optional", edited("remember", ("Remember", "Summary"))),
    "2 exercises": ("optional", edited("exercises", (":label: ex-c", ""))),
    "to predict": ("optional", edited("exercises", ("Predict first", "Tell"))),
    "to derive": ("optional", edited("exercises", ("Derive", "Compute"))),
    "to change code": ("optional", edited("exercises", ("Change the code", "Use it"))),
    "ends in the middle": ("idea", edited("idea", ("So we solve for it:", "So"))),
    "goes on with a sentence": ("table", edited("table", ("Many numbers.", "is the answer."))),
    "nothing but zeros": ("step", edited("step", output={"text/plain": "[0, 0]"})),
}


@pytest.mark.parametrize("message", BROKEN)
def test_what_breaks_the_pattern_is_seen_where_it_is(message):
    where, change = BROKEN[message]
    assert any(message in found and where in found for found in problems(change))


@pytest.mark.parametrize(
    "change",
    [
        edited("remember", ("## Remember", ":::{admonition} Remember"), ("rises.", "rises.\n:::")),
        edited("remember", ("## Remember", "**Remember**")),
        edited("optional", ("## ★ More", "## More (optional)")),
        edited("optional", ("## ★ More", "## Sources")),
        edited("idea", ("So we solve for it:", "It is\n\n$$\nx = y\n$$ (eq-x)")),
        edited("idea", ("So we solve for it:", "It is *so.*\n\n<a id=\"claim-x\"></a>")),
        edited("table", ("Many", "- [1](#claim-a), [2](#claim-b)\n- [3](#claim-c), [4](#claim-d)")),
        edited("step", output={"text/plain": "0.05"}),
        edited("step", output={"text/plain": "Eq(x, 0)"}),
        edited("check", output={"text/plain": "[0, 0]"}),
    ],
    ids=range(10),
)
def test_what_keeps_the_pattern(change):
    assert problems(change) == []


@pytest.mark.parametrize("text", ["0", "[0, 0, 0]", "(0, 0.0)", "Matrix([[0], [0]])", "{0: 0}"])
def test_what_is_zero(text):
    assert problems(edited("step", output={"text/plain": text}))


def test_words_are_counted_as_they_are_read():
    text = (
        "See [the law](#eq-a) of $a + b$ — it falls.\n\n$$\na = b + c\n$$ (eq-a)\n\n"
        '<a id="claim-x"></a>\n```\nmake book\n```\n'
    )
    assert pattern._words(text) == len("See the law of x it falls".split())


def test_the_list_of_the_first_edition_only_shrinks():
    (found,) = problems(first_edition={PATH})
    assert "it has the pattern" in found and "FIRST_EDITION" in found
    assert problems(BROKEN["no picture"][1], first_edition={PATH}) == []
    (_, gone) = problems(first_edition={PATH, "part/gone.ipynb"})
    assert "no such chapter" in gone and "part/gone.ipynb" in gone
    assert len(pattern.FIRST_EDITION) <= 9, "a new chapter is not put on it"
