"""A test that is named for a law but does not notice when it is wrong is reported."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TOY = """
from toy.laws.law import Law
square = Law(label="eq-square", right=lambda x: 2 * x**2)
"""
TOY_TESTS = """
import pytest
from toy.laws.shapes import square

@pytest.mark.holds("eq-square")
def test_square():
    assert square.right(3) == 18

@pytest.mark.holds("eq-square")
def test_idle():
    assert square
"""


@pytest.mark.slow
def test_a_test_that_notices_nothing_is_reported(tmp_path):
    (tmp_path / "toy" / "laws").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    for name in ("toy/__init__.py", "toy/laws/__init__.py"):
        (tmp_path / name).touch()
    (tmp_path / "toy/laws/law.py").write_text("from types import SimpleNamespace as Law\n")
    (tmp_path / "toy/laws/shapes.py").write_text(TOY)
    (tmp_path / "tests/test_toy.py").write_text(TOY_TESTS)
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "import mutate, mutate_holds; from pathlib import Path; mutate.WARM = ('pytest',)\n"
        "sys.exit(mutate_holds.main(sys.argv[1:], Path.cwd(), 'toy'))"
    )

    def run():
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
        )

    done = run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "nothing that was tried makes tests/test_toy.py::test_idle fail" in done.stdout
    file = tmp_path / "tests/test_toy.py"
    file.write_text(TOY_TESTS.replace("assert square\n", "assert square.right(1) == 2\n"))
    done = run()
    assert "(4 mutants, 2 tests): all noticed" in done.stdout and done.returncode == 0
    file.write_text(TOY_TESTS.replace("assert square.right(3) == 18", "assert square"))
    assert "do not notice" in run().stdout
