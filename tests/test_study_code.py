"""A stored result is stale if code that it used has changed, and only then."""

import ast
import shutil
import textwrap
from pathlib import Path

import pytest

from specbook.studies import _code, experiment

STUDY = "specbook.studies.neural_networks", "work"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A copy of the package."""
    place = tmp_path_factory.mktemp("whole") / "specbook"
    leave = shutil.ignore_patterns("__pycache__", "results", "laws", "theory", "reading")
    return Path(shutil.copytree(_code.PACKAGE, place, ignore=leave))


@pytest.fixture(scope="module")
def before(whole):
    return _code.digest(STUDY, package=whole)


@pytest.fixture
def edited(whole):
    """A function that edits files of the copy, which are put back at the end."""
    originals = {}

    def edit(file, old, new):
        path = whole / file
        originals.setdefault(path, path.read_text(encoding="utf-8"))
        assert old in path.read_text(encoding="utf-8"), f"{file} no longer holds {old!r}"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    yield edit
    for path, text in originals.items():
        path.write_text(text, encoding="utf-8")


def test_the_copy_has_the_hash_of_the_package(before):
    assert before == _code.digest(STUDY)
    study = experiment("neural_networks")
    assert study.source() == _code.digest(STUDY, (STUDY[0], "Setup"))


def test_what_the_study_of_networks_depends_on():
    found = {name for _, name in _code.closure(STUDY)}
    inside = "work measured network clean_data GAIN_LEVELS measure Points Caller CHUNK alignment"
    inside += " train Run denoising_loss Settings pick_device ResidualMLP UNet Unshared Network"
    inside += " Preconditioned Denoiser edm_schedule edm_scalings METHODS heun euler Spectrum"
    inside += " natural_patches gaussian PHOTOGRAPHS"
    assert set(inside.split()) <= found
    outside = "cost PRICE PRESETS Probe Record Meter descend plan Raw width_for from_epsilon"
    outside += " power_law digits perform __version__"
    assert not set(outside.split()) & found


UNUSED = "def unused(x):\n    return x\n\n\nUNUSED = [unused]\n\n\n"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("noise.py", "def edm_schedule", UNUSED + "def edm_schedule"),
        ("experiments/mlp.py", "class ResidualMLP", "import os\n\n\nclass ResidualMLP"),
        ("noise.py", "from large to small", "which fall"),
        ("noise.py", "Noise levels: schedules", "Schedules"),
        ("noise.py", "    n, rho = integer(", "\n    # a comment\n    n, rho = integer("),
        ("experiments/layers.py", 'f"x must be a tensor of', 'f"x should be a tensor of'),
        ("studies/neural_networks.py", "(3.5, 0.6)", "(4.5, 0.6)"),
        ("experiments/probe.py", "MODES = ", "OTHERS = "),
    ],
    ids=["function", "import", "docstring", "docstring of a module", "comment",
         "words of an error", "price", "probe"],
)
def test_what_does_not_count(whole, before, edited, file, old, new):
    edited(file, old, new)
    assert _code.digest(STUDY, package=whole) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("noise.py", "np.log(sigma) / 4", "np.log(sigma) / 5"),
        ("noise.py", "sigma_min=0.002", "sigma_min=0.003"),
        ("experiments/caller.py", "CHUNK = 1024", "CHUNK = 512"),
        ("studies/neural_networks.py", "SIGMA_DATA = 0.5", "SIGMA_DATA = 0.6"),
        ("studies/neural_networks.py", "(0.02, 0.1, 0.5, 2.0)", "(0.02, 0.1, 0.5, 3.0)"),
        ("experiments/layers.py", "    dim: int\n", "    dim: int\n    scale = 2\n"),
        ("experiments/denoisers.py", "class Preconditioned(Denoiser)",
         "class Preconditioned(nn.Module)"),
        ("experiments/settings.py", "@dataclass(frozen=True)", "@dataclass"),
        ("experiments/points.py", "self.clean + sigma * self.latents",
         "self.clean - sigma * self.latents"),
        ("sampler.py", '"heun": heun', '"heun": euler'),
        ("experiments/step.py", "1 - decay", "decay"),
    ],
    ids=["function", "default argument", "constant", "constant of the study",
         "tuple of the study", "base class", "base", "decorator", "method", "dictionary",
         "average"],
)
def test_what_counts(whole, before, edited, file, old, new):
    edited(file, old, new)
    assert _code.digest(STUDY, package=whole) != before


def body_of(path, name):
    """Source of the first statement after the docstring of a function."""
    source = path.read_text(encoding="utf-8")
    (node,) = (n for n in ast.parse(source).body if getattr(n, "name", "") == name)
    return ast.get_source_segment(source, node.body[1])


@pytest.mark.parametrize(("file", "name"), [("sampler.py", "heun"), ("noise.py", "edm_schedule")])
def test_functions_reached_by_a_dictionary_or_as_an_attribute(whole, before, edited, file, name):
    first = body_of(whole / file, name)
    edited(file, first, f"del []\n    {first}")
    assert _code.digest(STUDY, package=whole) != before


def test_a_function_that_has_moved(whole, before, edited):
    source = (whole / "noise.py").read_text(encoding="utf-8")
    (node,) = (n for n in ast.parse(source).body if getattr(n, "name", "") == "edm_schedule")
    text = ast.get_source_segment(source, node)
    imports = "import numpy as np\n\nfrom ._check import flag, integer, noise_range, scalar\n\n\n"
    (whole / "schedules.py").write_text(imports + text + "\n", encoding="utf-8")
    try:
        edited("noise.py", text, "from .schedules import edm_schedule")
        assert _code.digest(STUDY, package=whole) == before
        edited("studies/neural_networks.py", "noise.edm_schedule", "schedules.edm_schedule")
        edited("studies/neural_networks.py", "experiments, noise\n", "experiments, schedules\n")
        assert _code.digest(STUDY, package=whole) == before
    finally:
        (whole / "schedules.py").unlink()


# --- one construct at a time ---------------------------------------------------------------------

PARTS = """
    import numpy as np
    from . import other

    SIZE = 3
    TABLE = {"double": lambda x: 2 * x}
    TABLE["half"] = other.half
    if SIZE > 2:
        LIMIT = 9

    def decorate(f):
        return f

    class Base:
        def size(self):
            return SIZE

    class Kind(Base):
        factor = other.FACTOR

        def value(self, x=LIMIT):
            return x * self.factor

    def by_scope(other, values):
        return [SIZE2 for SIZE2 in values] + [other.unused]

    SIZE2 = 4

    @decorate
    def work(run, device, checkpoint):
        from .other import late
        inner = lambda x: late(x)
        if isinstance(run, Kind):
            return by_scope(run, TABLE[device](np.ones(3)))
        return getattr(run, device)
"""
OTHER = """
    FACTOR = 2

    def half(x):
        return x / 2

    def late(x):
        return x + 1

    def unused(x):
        return x
"""


@pytest.fixture
def made_up(tmp_path):
    """Write a package of two modules; gives what `work` reaches in it, and its hash."""

    def write(parts=PARTS, other=OTHER):
        (tmp_path / "made").mkdir(exist_ok=True)
        for name, text in (("__init__", ""), ("parts", parts), ("other", other)):
            (tmp_path / "made" / f"{name}.py").write_text(textwrap.dedent(text))
        root, package = ("made.parts", "work"), tmp_path / "made"
        reached = {name for _, name in _code.closure(root, package=package)}
        return reached, _code.digest(root, package=package)

    return write


def test_names_lead_to_definitions(made_up):
    reached, _ = made_up()
    assert reached == {
        "work", "decorate", "late", "Kind", "Base", "SIZE", "LIMIT", "FACTOR", "by_scope", "TABLE",
        "half",
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SIZE = 3", "SIZE = 5"),
        ("2 * x", "3 * x"),
        ('["half"]', '["other"]'),
        ("LIMIT = 9", "LIMIT = 8"),
        ("return f", "return None"),
        ("return SIZE\n", "return SIZE + 1\n"),
        ("Kind(Base)", "Kind"),
        ("@decorate", ""),
        ("x=LIMIT", "x=SIZE"),
        ("isinstance(run, Kind)", "isinstance(run, Base)"),
        ("late(x)", "late(x + 0)"),
        ("import late", "import half as late"),
    ],
)
def test_changes_that_count(made_up, old, new):
    before = made_up()[1]
    assert old in PARTS and made_up(PARTS.replace(old, new))[1] != before


@pytest.mark.parametrize(("old", "new"), [("x / 2", "x / 3"), ("x + 1", "x + 2"), ("= 2", "= 3")])
def test_changes_elsewhere_that_count(made_up, old, new):
    before = made_up()[1]
    assert old in OTHER and made_up(other=OTHER.replace(old, new))[1] != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SIZE2 = 4", "SIZE2 = 5"),
        ("import numpy as np", "import numpy as xp"),
        ("from . import other\n", "from made import other\n"),
        ("from . import other\n", "from .other import half, FACTOR\n"),
        ("from .other import late", "from . import other as o"),
    ],
)
def test_changes_that_do_not_count(made_up, old, new):
    before, parts = made_up()[1], PARTS.replace(old, new)
    parts = parts.replace("np.ones", "xp.ones") if "xp" in new else parts
    if "half" in new:
        parts = parts.replace("= other.half", "= half").replace("other.FACTOR", "FACTOR")
    parts = parts.replace("late(x)", "o.late(x)") if " as o" in new else parts
    assert old in PARTS and made_up(parts)[1] == before
    assert made_up(other=OTHER.replace("return x\n", "return 2 * x\n"))[1] == before


def test_a_module_as_a_value_counts_whole(made_up):
    reached, before = made_up(PARTS.replace("getattr(run, device)", "getattr(other, device)"))
    assert "unused" in reached


@pytest.mark.parametrize(
    "refused",
    ["eval(device)", "globals()[device]", "missing(device)", "other.missing", "__import__(device)"],
)
def test_what_cannot_be_followed_is_refused(made_up, refused):
    with pytest.raises(ValueError, match="made.*(cannot be followed|is not defined)"):
        made_up(PARTS.replace("getattr(run, device)", refused))


def test_work_is_a_function_of_a_module():
    with pytest.raises(ValueError, match="work must be a function"):
        _code.digest(len)


def a_function(x):
    """Its hash was computed with Python 3.11; trees of 3.12 and 3.13 have more fields."""
    return [f"{x!r:>4}" for y in x if (z := y)], {**x}, z


def test_the_hash_is_the_same_in_all_pythons():
    assert _code.digest(a_function).startswith("fae17b8b406e")
