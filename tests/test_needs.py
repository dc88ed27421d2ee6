"""What is optional: the core runs without it, and errors name the command that brings it."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from specbook import _needs, doctor

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
IMPORTED_AS = {package: name for name, package in _needs.INSTALLED_AS.items()}
CORE = {"click", "numpy", "scipy"}
TOOLS = {"IPython", "docutils", "packaging"}  # with a way of their own if they are missing


def brought(extra):
    """Names under which an extra's packages are imported, those of extras in it included."""
    found = set()
    for line in map(Requirement, EXTRAS[extra]):
        if line.name == "specbook":
            found |= set().union(*map(brought, line.extras))
        else:
            found.add(IMPORTED_AS.get(line.name, line.name))
    return found


OPTIONAL = sorted(brought("all"))
# A call for each part that needs something, and the beginning of what it says.
CALLS = {
    "from specbook import experiments": "specbook.experiments needs torch",
    "import specbook; specbook.experiments": "specbook.experiments needs torch",
    "from specbook.experiments import Probe": "specbook.experiments needs torch",
    "from specbook import laws": "specbook.laws needs sympy",
    "from specbook import data; data.digits()": "specbook.data.digits needs scikit-learn",
    "from specbook import data; data.load_images('x.png')":
        "specbook.data.load_images needs pillow",
    "from specbook import studies; studies.experiment('neural_networks')":
        "specbook.experiments needs torch",
    "from specbook import studies as s; s.perform(s.experiment('spectrum_routes'), folder='.')":
        "specbook.studies.perform needs joblib",
    "from types import SimpleNamespace as S; from specbook import reading;"
    " reading.figure(S(axes=[]), 'fig-a', caption='', alt='b', shows={'b': True})":
        "specbook.reading.figure needs matplotlib",
}


HIDE = """
class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        there = name.partition(".")[0] not in blocked
        return self.finder.find_spec(name, path, target) if there else None
sys.meta_path = [Without(finder) for finder in sys.meta_path]
"""


def without(blocked, code, folder):
    """Run code as if packages were not installed; its error as (type, message)."""
    script = (
        f"import sys\nblocked = {sorted(blocked)!r}\n{HIDE}"
        f"try:\n    exec({code!r})\nexcept Exception as error:\n"
        "    import json; print('\\n' + json.dumps([type(error).__name__, str(error)]))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1]) if "\n[" in run.stdout else None


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "x.png").write_bytes(b"no picture")
    yield tmp_path
    assert [file.name for file in tmp_path.iterdir()] == ["x.png"], "files were written"


def test_errors_name_the_command(folder):
    # One process for all: each import that fails leaves nothing behind.
    code = "import json\nfound = {}\n"
    for call in CALLS:
        code += (
            f"try:\n    exec({call!r}, {{}})\n"
            f"except ModuleNotFoundError as error:\n    found[{call!r}] = str(error)\n"
        )
    code += "raise ValueError(json.dumps(found))"
    kind, text = without(OPTIONAL, code, folder)
    assert kind == "ValueError", text
    found = json.loads(text)
    for call, says in CALLS.items():
        extra = re.fullmatch(rf'{re.escape(says)}: pip install "specbook\[(\w+)\]"', found[call])
        assert extra, found[call]
        missing = says.rpartition(" ")[2]
        assert IMPORTED_AS.get(missing, missing) in brought(extra[1])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "neural_networks", "--dry"], 'pip install "specbook[torch]"'),
        (["run", "spectrum_routes"], 'pip install "specbook[run]"'),
        (["run", "spectrum_routes", "--dry"], "1 runs, about"),
        (["run"], "neural_networks"),
        (["check", "ex-untrained", "4/25"], "Right."),
        (["cite"], "@misc{specbook,"),
        (["doctor"], "All is well."),
    ],
)
def test_commands_without_anything_optional(words, says, folder):
    code = (
        "from click.testing import CliRunner\nfrom specbook.cli import main\n"
        f"raise ValueError(CliRunner().invoke(main, {words!r}).output)"
    )
    kind, text = without({*OPTIONAL, "packaging", "IPython"}, code, folder)
    assert kind == "ValueError" and says in text and "Traceback" not in text, text


def test_the_core_computes_without_anything_optional(folder):
    code = (
        "import numpy as np\nfrom specbook import data, measure, noise, sampler, spectrum\n"
        "from specbook import stationary, theory, reading\n"
        "law = theory.linear([1.0, 0.1])\nlaw.emergence_time('harmonic')\n"
        "x = data.gaussian([1.0, 0.1], 50)\ns = spectrum.Spectrum.from_samples(x)\n"
        "measure.power_law([1, 2, 4], [3.0, 1.5, 0.75])\n"
        "sampler.heun(lambda x, s: x, x, noise.edm_schedule(5))\n"
        "np.save('x.npy', np.zeros((2, 4, 4)))\ndata.load_images('x.npy')\n"
        "import os; os.remove('x.npy')\n"
        "reading.check('ex-untrained', 0.16)\n"
    )
    assert without(OPTIONAL, code, folder) is None


def test_every_import_is_of_the_core_or_of_an_extra():
    found = set()
    for file in (ROOT / "specbook").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    guests = {"pandas"}  # of readers who have it; the others are told what does without
    assert found - set(sys.stdlib_module_names) - guests <= CORE | TOOLS | {*OPTIONAL}
    assert {Requirement(line).name for line in PROJECT["dependencies"]} == CORE


def test_extras_that_must_be_complete():
    assert brought("all") == set().union(*map(brought, doctor.EXTRAS)) | {"plotly"}
    for extra in ("book", "test"):
        assert brought("all") <= brought(extra)


def test_chapters_install_what_they_import():
    for file in (ROOT / "book").rglob("*.ipynb"):
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        if "specbook" not in code:
            continue
        (extra,) = re.findall(r'%pip install -q "specbook\[(\w+)\] @ git\+', code)
        imports = re.findall(r"^ *(?:from|import) (\w+)", code, flags=re.M)
        outside = set(imports) - set(sys.stdlib_module_names) - CORE - {"specbook", "IPython"}
        assert outside <= brought(extra), file.name
