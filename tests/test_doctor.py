"""The doctor finds what is wrong, says what to do, and tells nobody's name or folders."""

import getpass
import json
import platform
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

import specbook
from specbook import doctor, sampler, theory
from specbook.cli import main

HOME = "/".join(("", "home", "someone"))  # in pieces: a test looks for folders of machines


def state(findings, what):
    return next(one.state for one in findings if one.what == what)


def test_this_installation_is_healthy_and_nobody_is_named():
    found = doctor.examine()
    assert doctor.healthy(found), [f for f in found if f.state == "FAILED"]
    assert {"specbook", "numpy", "torch", "threads"} <= {one.what for one in found}
    assert json.loads(doctor.as_json(found))["healthy"] is True
    for text in (doctor.as_markdown(found), doctor.as_json(found)):
        for private in (str(Path.home()), str(Path.cwd()), platform.node(), "/site-packages"):
            assert len(private) < 3 or private not in text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"libx.so: cannot open {HOME}/.venv/lib/libx.so: no", "libx.so: cannot open libx.so: no"),
        ("see https://pytorch.org/get-started/locally", "see https://pytorch.org/get-started/locally"),
        (r"in C:\Users\someone\env\numpy\core.pyd", "in core.pyd"),
        ("1/3 of a/b; made by jane, in january", "1/3 of a/b; made by (user), in january"),
    ],
)
def test_folders_and_user_are_left_out(text, clean, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "jane")
    assert doctor.without_names(text) == clean


def test_known_value_is_that_of_the_oracle():
    text = (Path(__file__).parent / "oracles/spectral_bias.json").read_text()
    (case,) = (c for c in json.loads(text)["cases"] if c["id"] == "c_var_one_layer_3")
    assert case["expected"] == doctor.KNOWN_VALUE
    names = {"lam": "variance", "Q": "q0", "tau": "tau", "sigma0": "sigma_min",
             "sigmaT": "sigma_max"}
    assert {new: case["input"][old] for old, new in names.items()} == doctor.KNOWN


def wrong_law(monkeypatch):
    right = theory.linear
    monkeypatch.setattr(theory, "linear", lambda v, **rest: right(v, 1.001, **rest))


def wrong_sampler(monkeypatch):
    monkeypatch.setattr(sampler, "heun", sampler.euler)


def wrong_training(monkeypatch):
    right = theory.descent_gain
    monkeypatch.setattr(theory, "descent_gain", lambda v, s, n, r: right(v, s, n, 1.0001 * r))


@pytest.mark.parametrize(
    ("check", "fault"),
    list(zip(doctor.CHECKS, (wrong_law, wrong_sampler, wrong_training), strict=True)),
)
def test_every_check_notices_its_fault(check, fault, monkeypatch):
    assert doctor.run(check).state == "ok"
    fault(monkeypatch)
    found = doctor.run(check)
    assert found.state == "FAILED" and found.advice


def test_without_torch_the_laws_are_examined(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # import torch fails as if it were not there
    for name in [name for name in sys.modules if name.startswith("specbook.experiments")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(specbook, "experiments", raising=False)
    found = doctor.examine()
    assert doctor.healthy(found)
    assert state(found, doctor.training.__doc__) == "skipped"
    assert state(found, doctor.law.__doc__) == "ok"


def test_packages_outside_their_range_or_missing(monkeypatch):
    lines = [
        "numpy>=9", "nonesuch>=1", "torch>=9; extra=='torch'", "no-book>=1; extra=='book'",
        "no-picture>=1; extra=='pictures'", "specbook[plot]; extra=='all'",
        "no-picture>=1; extra=='all'",
    ]
    monkeypatch.setattr(metadata, "requires", lambda name: lines)
    found = {one.what: one for one in doctor.versions()}
    assert found["numpy"].state == found["nonesuch"].state == "FAILED"
    assert found["numpy"].advice == 'pip install "numpy>=9"'
    assert found["torch"].state == "note" and "no-book" not in found
    assert found["no-picture"].state == "note"
    assert found["no-picture"].advice == 'pip install "specbook[pictures]"'
    assert "specbook" in found and found["specbook"].found == specbook.__version__


def test_the_command_says_what_fails(monkeypatch):
    bad = [doctor.Finding("a | b", "FAILED", "x | y", "Do this.")]
    monkeypatch.setattr(doctor, "examine", lambda: bad)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "- **a | b** (FAILED): Do this." in result.output and r"x \| y" in result.output
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert result.exit_code == 1 and json.loads(result.output)["healthy"] is False
    monkeypatch.setattr(doctor, "examine", lambda: [doctor.Finding("a", "ok", "b")])
    assert CliRunner().invoke(main, ["doctor", "--json"]).exit_code == 0
