"""nbval with the tolerances of the book: a real kernel, untouched and tampered outputs."""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import nbformat
import outside
import pages as book_pages
import pytest
import run
import tamper_outputs as tampering
from compare import compare_image
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from specbook.reading.mime import CLAIM, FIGURE

CELLS = {
    "imports": "import matplotlib.pyplot as plt\n"
    "from specbook.reading import claim, figure, settings",
    "table": "print('error 0.12345 in 63 modes')",
    "formula": "import sympy as sp\nsp.Symbol('x')**2 + 1",
    "setting": "sigma = 0.05\nsettings((r'\\sigma', sigma, 'noise level'))",
    "claim": "x = 1.1098\nclaim('exponent', x, expected=1.11 + 0*x, tol=0.01, because='the law')",
    "value": "fig, ax = plt.subplots()\nax.plot([0, 1, 2], [1, 4, 9])\n"
    "figure(fig, 'fig-a', caption='Rises?', alt='It rises.', shows={'It rises.': True})",
    "picture": "fig, ax = plt.subplots()\nax.plot([0, 1, 2], [1, 4, 9])\n"
    "figure(fig, 'fig-b', caption='Rises?', alt='It rises.', shows={'It rises.': True})",
    "silent": "y = 2 * x",
    "untouched": "print(y, 'and', 1 / 3)",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A book of one notebook, executed, beside the comparer of the real one."""
    folder = tmp_path_factory.mktemp("run") / "book"
    (folder / "_tools").mkdir(parents=True)
    shutil.copy(book_pages.BOOK / "conftest.py", folder)
    for name in ("compare.py", "compare_svg.py", "pages.py"):
        shutil.copy(book_pages.BOOK / "_tools" / name, folder / "_tools")
    cells = [new_markdown_cell("# A notebook", id="text")]
    cells += [new_code_cell(source, id=name) for name, source in CELLS.items()]
    notebook = new_notebook(cells=cells, metadata={"widgets": {"state": {}}})
    book_pages.write_notebook(folder / "untouched.ipynb", notebook)
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(book_pages.BOOK.parent), os.environ.get("PYTHONPATH")))
    )
    run.execute(folder / "untouched.ipynb")
    return folder


@pytest.fixture(scope="module")
def found(folder):
    """Ids of the cells that nbval finds different, of three notebooks in one run: name -> ids."""
    for name, change in (("tampered", tamper), ("rounded", round_off)):
        notebook = nbformat.read(folder / "untouched.ipynb", as_version=4)
        change({cell.id: cell for cell in notebook.cells})
        book_pages.write_notebook(folder / f"{name}.ipynb", notebook)
    files = [folder / f"{name}.ipynb" for name in ("untouched", "tampered", "rounded")]
    report = folder / "report.xml"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval",
         *map(str, files), "--nbval-current-env", f"--junitxml={report}", f"--rootdir={folder}"],
        capture_output=True, check=False, cwd=folder,
    )
    tests, names = ElementTree.parse(report).findall(".//testcase"), list(CELLS)
    assert len(tests) == len(files) * len(names), "not every cell was run"
    failed = [test.find("failure") is not None for test in tests]
    of_each = (failed[i * len(names) :][: len(names)] for i in range(len(files)))
    return {
        file.stem: {name for name, bad in zip(names, those, strict=True) if bad}
        for file, those in zip(files, of_each, strict=True)
    }


def tamper(cells):
    """One change in each of seven cells, silent ones included."""

    def alone(name):
        return nbformat.NotebookNode(cells=[cells[name]])

    tampering.printed_digit(alone("table"))
    latex = cells["formula"].outputs[0]["data"]
    latex["text/latex"] = latex["text/latex"].replace("1", "2")
    tampering.setting_stored(alone("setting"))
    tampering.claim_expectation_stored(alone("claim"))
    tampering.figure_value(alone("value"))
    tampering.figure_moved(alone("picture"))
    cells["silent"].outputs = [nbformat.v4.new_output("stream", name="stdout", text="4\n")]


def round_off(cells):
    """What another machine may round otherwise."""
    claim = cells["claim"].outputs[0]["data"][CLAIM]
    claim["value"] += claim["tol"] / 20
    y = cells["value"].outputs[0]["data"][FIGURE]["axes"][0]["lines"][0]["y"]
    y["values"][1] *= 1 + 1e-9
    cells["untouched"].outputs[0]["text"] = "2.2196 and 0.333333333\n"


@pytest.mark.slow
def test_a_stored_run_is_clean(folder):
    notebook = nbformat.read(folder / "untouched.ipynb", as_version=4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert [c.execution_count for c in notebook.cells[1:]] == list(range(1, len(CELLS) + 1))
    assert not any("execution" in cell.metadata for cell in notebook.cells)
    assert not list(folder.glob(".*ipynb*")), "a temporary file was left behind"


@pytest.mark.slow
def test_nbval_passes_untouched_outputs_and_rounding_and_finds_each_tampered_one(found):
    changed = {"table", "formula", "setting", "claim", "value", "picture", "silent"}
    assert found == {"untouched": set(), "tampered": changed, "rounded": set()}


@pytest.mark.slow
def test_a_kernel_that_imports_another_package_is_seen(folder, tmp_path, capfd):
    """The notebook pass is to run against the wheel; its messages name files of the book."""
    shutil.copytree(folder / "_tools", tmp_path / "book" / "_tools")
    shutil.copy(folder / "conftest.py", tmp_path / "book")
    empty = tmp_path / "package"
    empty.mkdir()
    outside.write_canary(tmp_path / "book", empty)
    assert outside.nbval(tmp_path, empty, workers=1) == 1
    said = capfd.readouterr().out
    assert f"FAILED book/{outside.CANARY}::Cell 0" in said
    assert "seconds of each chapter" in said


@pytest.mark.slow
def test_pictures_of_other_versions_may_differ(tmp_path, capfd):
    """With --only-run a changed output passes; an error does not."""
    for name in outside.CHECKS:
        outside.copy(name, outside.BOOK, tmp_path / "book")
    other = new_output("stream", text="2\n")
    changed = new_code_cell("print(1)", outputs=[other], execution_count=1)
    book_pages.write_notebook(tmp_path / "book" / "changed.ipynb", new_notebook(cells=[changed]))
    wrong = new_notebook(cells=[new_code_cell("assert False", execution_count=1)])
    book_pages.write_notebook(tmp_path / "book" / "wrong.ipynb", wrong)
    assert outside.nbval(tmp_path, tmp_path, workers=1, compared=False) == 1
    said = capfd.readouterr().out
    assert "FAILED book/wrong.ipynb" in said and "FAILED book/changed.ipynb" not in said
    assert "1 failed, 1 passed" in said


@pytest.mark.slow
def test_a_notebook_pass_that_is_stopped_leaves_nothing(tmp_path):
    command = [sys.executable, outside.__file__, "linear-denoiser"]
    with subprocess.Popen(command, env=os.environ | {"TMPDIR": str(tmp_path)}) as process:
        while not list(tmp_path.glob("specbook-*/source/specbook")):
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
    assert process.returncode == 143
    assert list(tmp_path.glob("specbook-*")) == []


@pytest.mark.slow
def test_a_failing_chapter_keeps_its_file(folder):
    file = folder / "failing.ipynb"
    cells = [new_code_cell("print(1)", id="a"), new_code_cell("1 / 0", id="b")]
    book_pages.write_notebook(file, new_notebook(cells=cells))
    before = file.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run.execute(file)
    assert file.read_bytes() == before


def picture(shift, **style):
    """A curve among faint ones; `shift` in pixels."""
    import base64
    import io

    import numpy as np
    from matplotlib.figure import Figure

    fig = Figure(figsize=(6, 4), layout="constrained")
    ax = fig.subplots()
    x = np.linspace(0, 1, 100)
    for power in (1, 2, 3):
        ax.plot(x, x**power, lw=0.8, color="0.8")
    ax.set_ylim(0, 1)
    ax.plot(x, x**0.5 / 2 + shift / 385, **style)  # the axes are about 385 pixels high
    stream = io.BytesIO()
    fig.savefig(stream, format="png", dpi=110)
    return base64.b64encode(stream.getvalue()).decode()


@pytest.mark.parametrize(
    "style", [{}, {"lw": 0.8}, {"ls": "--"}, {"lw": 0.8, "ls": ":", "color": "0.6", "alpha": 0.5}],
    ids=["plain", "thin", "dashed", "faint dots"],
)
def test_a_line_that_moves_by_two_pixels_is_seen_and_rounding_is_not(style):
    stored = picture(0, **style)
    assert not compare_image(picture(0, **style), stored)
    assert not compare_image(picture(1e-3, **style), stored)
    assert compare_image(picture(2, **style), stored)
