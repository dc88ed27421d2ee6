"""The doctor finds what is wrong, says what to do, and tells nobody's name or folders."""

import getpass
import json
import platform
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import specbook
from specbook import doctor, sampler, theory
from specbook.cli import main
from specbook.doctor import checks, machine
from specbook.doctor.report import Finding, Report, run, without_names

HOME = "/".join(("", "home", "someone"))  # in pieces: a test looks for folders of machines
ORACLES = Path(__file__).parent / "oracles"


@pytest.fixture(scope="module")
def healthy():
    return doctor.examine()


def finding(found, what):
    return next(one for one in found if one.what == what)


def test_this_installation_is_healthy(healthy):
    assert healthy.healthy, [f for f in healthy.findings if f.state == "FAILED"]
    assert set(healthy.sections) == {"Versions", "Device", "Arithmetic", "Known values"}
    assert healthy.seconds < 5
    text = healthy.markdown()
    assert f"| specbook | ok | {specbook.__version__} |" in text
    assert f"| numpy | ok | {np.__version__} |" in text
    assert "All is well" in text and "FAILED" not in text
    assert json.loads(healthy.json())["healthy"] is True


def test_report_names_nobody(healthy):
    for text in (healthy.markdown(), healthy.json()):
        for private in (str(Path.home()), str(Path.cwd()), platform.node()):
            assert len(private) < 3 or private not in text
        assert "/site-packages" not in text and str(Path(specbook.__file__).parent) not in text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"libx.so: cannot open {HOME}/.venv/lib/libx.so: no", "libx.so: cannot open libx.so: no"),
        (f"path:{HOME}/x.py", "path:x.py"),
        ("see https://pytorch.org/get-started/locally", "see https://pytorch.org/get-started/locally"),
        (r"in C:\Users\someone\env\numpy\core.pyd", "in core.pyd"),
        ("1/3 of a/b is and/or", "1/3 of a/b is and/or"),
        ("pip install 'specbook[torch]'", "pip install 'specbook[torch]'"),
    ],
)
def test_folders_are_left_out(text, clean):
    assert without_names(text) == clean


def test_user_is_left_out(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "jane")
    assert without_names("made by jane, in january") == "made by (user), in january"
    monkeypatch.setattr(getpass, "getuser", lambda: "al")
    assert without_names("also al") == "also al", "too short to be told from a word"

    def nobody():
        raise KeyError("no user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert without_names("made by jane") == "made by jane"


# --- every check can fail ---------------------------------------------------------------------


def wrong_theory(monkeypatch):
    right = theory.linear
    monkeypatch.setattr(theory, "linear", lambda v, eta=1.0, **rest: right(v, 1.001 * eta, **rest))


def wrong_sampler(monkeypatch):
    monkeypatch.setattr(sampler, "heun", sampler.euler)


def wrong_training(monkeypatch):
    right = theory.descent_gain
    monkeypatch.setattr(
        theory, "descent_gain", lambda v, s, n, rates, q0: right(v, s, n, 1.0001 * rates, q0)
    )


def wrong_streams(monkeypatch):
    right = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed: right(seed + 1))


def wrong_photographs(monkeypatch):
    from specbook import data

    right = data.photograph
    monkeypatch.setattr(data, "photograph", lambda name: right(name) ** 1.1)


def wrong_products(monkeypatch):
    right = np.matmul
    monkeypatch.setattr(np, "matmul", lambda a, b: right(a.astype("f4"), b.astype("f4")))


def wrong_eigenvalues(monkeypatch):
    right = np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda a: right(a.astype("f4")))


def wrong_functions(monkeypatch):
    import scipy.special

    right = scipy.special.exp1
    monkeypatch.setattr(scipy.special, "exp1", lambda x: right(np.float32(x)))


def wrong_torch_float64(monkeypatch):
    right = torch.from_numpy
    monkeypatch.setattr(torch, "from_numpy", lambda a: right(a).float())


def few_digits(monkeypatch):
    right = torch.Tensor.float
    monkeypatch.setattr(torch.Tensor, "float", lambda x: right(x).bfloat16().to(torch.float32))


def hardly_a_digit(monkeypatch):
    monkeypatch.setattr(torch.Tensor, "float", lambda x: (4 * x).round().to(torch.float32) / 4)


@pytest.mark.parametrize(
    ("check", "fault", "state"),
    [
        (checks.products, wrong_products, "FAILED"),
        (checks.eigenvalues, wrong_eigenvalues, "FAILED"),
        (checks.functions, wrong_functions, "FAILED"),
        (checks.torch_float64, wrong_torch_float64, "FAILED"),
        (checks.torch_float32, few_digits, "note"),
        (checks.torch_float32, hardly_a_digit, "FAILED"),
        (checks.laws, wrong_theory, "FAILED"),
        (checks.sampler, wrong_sampler, "FAILED"),
        (checks.training, wrong_training, "FAILED"),
        (checks.streams, wrong_streams, "note"),
        (checks.photographs, wrong_photographs, "note"),
    ],
)
def test_every_check_notices_its_fault(check, fault, state, monkeypatch):
    assert run(check).state == "ok"
    fault(monkeypatch)
    found = run(check)
    assert found.state == state and found.advice


def test_flushed_denormals_are_noted():
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor cannot flush")
    try:
        found = run(checks.denormals)
    finally:
        torch.set_flush_denormal(False)
    assert found.state == "note" and found.advice
    assert run(checks.denormals).state == "ok"


def test_an_exception_is_a_finding():
    def check():
        """a check"""
        raise RuntimeError("in /usr/lib/python/x.py")

    assert run(check) == Finding(
        "a check", "FAILED", "RuntimeError: in x.py",
        "This should not happen: the error's text says where.",
    )


def test_all_checks_are_listed():
    listed = {*checks.ARITHMETIC, *checks.KNOWN}
    written = {
        value
        for name, value in vars(checks).items()
        if callable(value) and getattr(value, "__module__", "") == checks.__name__
        and name not in ("verdict", "relative", "reference", "evaluated")
    }
    assert written == listed


def test_reference_values_are_those_of_the_oracles():
    cases = json.loads((ORACLES / "spectral_bias.json").read_text())["cases"]
    by_id = {case["id"]: case for case in cases}
    stored = checks.reference("cases")
    assert len(stored) >= 6
    for case in stored:
        origin = by_id[case["id"]]
        assert (case["kind"], case["input"]) == (origin["kind"], origin["input"])
        expected = origin["expected"]
        if case["kind"] == "kl":
            expected = expected["kl_gen_data"]
        assert case["expected"] == expected


# --- packages -------------------------------------------------------------------------------


def test_without_torch_the_laws_are_examined(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # import torch fails as if it were not there
    found = doctor.examine()
    assert found.healthy
    versions = found.sections["Versions"]
    assert finding(versions, "torch").state == "note"
    assert "pip install 'specbook[torch]'" in found.markdown()
    states = {one.what: one.state for one in found.findings}
    assert states["a trained denoiser against the law of the same steps"] == "skipped"
    assert states["the law of the linear denoiser against brute-force integration"] == "ok"


def test_a_broken_torch_is_told_from_a_missing_one(monkeypatch):
    right = machine.importlib.import_module

    def broken(name):
        if name == "torch":
            raise OSError(f"{HOME}/env/libtorch.so: undefined symbol")
        return right(name)

    monkeypatch.setattr(machine.importlib, "import_module", broken)
    found = finding(machine.versions(), "torch")
    assert found.state == "FAILED" and "Reinstall" in found.advice
    assert found.found == "OSError: libtorch.so: undefined symbol"


def test_a_missing_package_fails(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpmath", None)
    found = finding(machine.versions(), "mpmath")
    assert (found.state, found.found) == ("FAILED", "not installed")
    assert 'pip install "mpmath>=' in found.advice


def test_a_package_outside_its_range_fails(monkeypatch):
    monkeypatch.setattr(
        metadata, "requires", lambda name: ["numpy>=9", "nonesuch>=1; extra=='test'"]
    )
    versions = machine.versions()
    assert "needs >=9" in finding(versions, "numpy").found
    assert finding(versions, "numpy").advice == 'pip install "numpy>=9"'
    assert finding(versions, "extra test").found.startswith("not installed: nonesuch")


def test_without_metadata(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    assert finding(machine.versions(), "packages").state == "FAILED"


class FakeTorch:
    """What `accelerators` asks of PyTorch, with one GPU."""

    class version:
        cuda = "12.8"

    class backends:
        class mps:
            is_available = staticmethod(lambda: True)

    class cuda:
        seen = True
        is_available = classmethod(lambda cls: cls.seen)
        device_count = staticmethod(lambda: 1)

        @staticmethod
        def get_device_properties(i):
            return type("P", (), dict(name="GPU X", total_memory=8 * 2**30, major=9, minor=0))


def test_accelerators(monkeypatch):
    first, second = machine.accelerators(FakeTorch)
    assert first.found == "GPU X, 8 GiB, capability 9.0, CUDA 12.8" and second.what == "mps"
    monkeypatch.setattr(FakeTorch.cuda, "seen", False)
    assert "driver" in machine.accelerators(FakeTorch)[0].advice


# --- report and command ---------------------------------------------------------------------


def test_states():
    with pytest.raises(ValueError, match="state"):
        Finding("a", "fine", "b")


def test_a_failed_check_makes_the_command_fail(monkeypatch):
    bad = Report({"Arithmetic": [Finding("a | b", "FAILED", "x | y", "Do this.")]}, 0.1)
    monkeypatch.setattr(doctor, "examine", lambda progress: bad)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "- **a | b** (FAILED): Do this." in result.output
    assert "1 of 1 checks failed" in result.output and r"x \| y" in result.output
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert result.exit_code == 1 and json.loads(result.stdout)["healthy"] is False


def test_the_command(monkeypatch, healthy):
    def examine(progress):
        progress("versions")
        return healthy

    monkeypatch.setattr(doctor, "examine", examine)
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert result.exit_code == 0 and json.loads(result.stdout)["sections"]
    assert "versions ..." in result.stderr
