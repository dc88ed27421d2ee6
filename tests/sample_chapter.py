"""A small chapter with everything that the checks look at, made without a kernel."""

import sys
from unittest import mock

import nbformat
from checks import figures
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sample_plot import TEXT, sample_plot, sample_still

from specbook.laws import BOOK
from specbook.reading import Exercise
from specbook.reading import claims as claims_module
from specbook.reading import figures as figures_module
from specbook.reading import plots as plots_module

# The package's names `exercises` and `settings` are the functions of these modules.
exercises_module = sys.modules["specbook.reading.exercises"]
settings_module = sys.modules["specbook.reading.settings"]

EXERCISES = {
    f"ex-sample-{i}": Exercise(
        f"ex-sample-{i}", 2.5 * i, 1e-3,
        ((5.0 * i, "Halve it."), (-2.5 * i, "Mind the sign."), (25.0 * i, "Too large.")),
    )
    for i in (1, 2, 3)
}

LAW = "eq-optimum"

CELLS = [
    "# A sample\n",
    "First some settings.",
    ">settings((r'\\sigma', sigma := 0.05, 'noise level'),\n"
    "         ('N', count := 63, 'modes'))",
    '<a id="sec-sample-law"></a>\n## The law\n\nThe best gain is\n\n$$\n'
    + BOOK[LAW].latex
    + f"\n$$ ({LAW})\n\nand [the law](#{LAW}) holds at $\\sigma = 0.05$ for $63$ modes. "
    "Coarse modes come first, as [the sample](#fig-sample) and [the plot](#fig-plot) show. "
    "The exponent is [−1.11](#claim-exponent), and indeed [it falls](#claim-falls).\n\n"
    '<a id="claim-exponent"></a>\n<a id="claim-falls"></a>',
    ">measured, law = -1.1098, -1.1095 + 0 * sigma\n"
    "claim('exponent', measured, expected=law, tol=0.01,\n"
    "      because='the law on the same grid')\n"
    "statement('falls', 'it falls', measured < 0, because='its sign')",
    "A picture.",
    ">import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\n"
    "fig, ax = plt.subplots()\nheights = [1, 4, 9]\nax.plot([0, 1, 2], heights)\n"
    "figure(fig, 'fig-sample', caption='Does it rise? It does.',\n"
    "  alt='A curve over three points. The curve rises from left to right.',\n"
    "  shows={'The curve rises from left to right.': heights[0] < heights[2]})",
    "A figure with a slider.",
    ">interactive(sample_plot(), 'fig-plot', still=sample_still(), **TEXT)",
    "A table of numbers.",
    ">print('error 0.12345 in 63 modes')",
    '<a id="sec-sample-exercises"></a>\n## Exercises\n',
]  # a leading > marks code
for i in EXERCISES:
    CELLS += [
        f":::{{exercise}} A title\n:label: {i}\nWhat is it?\n:::",
        f"> # @title Solution\nanswer = {EXERCISES[i].answer}\ncheck('{i}', answer)",
    ]
CELLS[0] = '<a id="sec-sample"></a>\n' + CELLS[0]


def _run(source, names):
    """Outputs of one cell, as a kernel would store them."""
    outputs = []

    def show(bundle, metadata=None):
        outputs.append(new_output("display_data", data=bundle, metadata=metadata or {}))

    def write(*words):
        text = " ".join(map(str, words)) + "\n"
        outputs.append(new_output("stream", name="stdout", text=text))

    patches = [
        mock.patch.object(module, "show", show)
        for module in (
            claims_module, settings_module, figures_module, plots_module, exercises_module
        )
    ]
    patches.append(mock.patch.object(exercises_module, "exercises", lambda: EXERCISES))
    for patch in patches:
        patch.start()
    try:
        exec(source, names | {"print": write})
    finally:
        for patch in patches:
            patch.stop()
    return outputs


def sample_notebook():
    """The sample, with outputs and figure metadata."""
    names = {
        "claim": claims_module.claim, "statement": claims_module.statement,
        "settings": settings_module.settings, "figure": figures_module.figure,
        "interactive": plots_module.interactive, "sample_plot": sample_plot, "TEXT": TEXT,
        "sample_still": sample_still,
        "check": exercises_module.check, "sigma": 0.05, "count": 63,
    }
    notebook, count = new_notebook(), 0
    for i, text in enumerate(CELLS):
        if not text.startswith(">"):
            notebook.cells.append(new_markdown_cell(text, id=f"text-{i}"))
            continue
        count += 1
        source = text[1:].lstrip()
        cell = new_code_cell(source, id=f"code-{i}", execution_count=count)
        cell.outputs = _run(source, names)
        if source.startswith("# @title"):
            cell.metadata["tags"] = ["hide-cell"]
        if "figure(" in source or "interactive(" in source:
            record = cell.outputs[0]["data"][figures_module.FIGURE]
            cell.metadata["mystnb"] = nbformat.from_dict(figures.mystnb(record))
        notebook.cells.append(cell)
    return nbformat.reads(nbformat.writes(notebook), as_version=4)
