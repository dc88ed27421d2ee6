"""The bench measures what it says; how fast this machine is does not matter here."""

import re
import subprocess
import sys
from pathlib import Path

import bench
import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def quick():
    command = [sys.executable, "tests/bench.py", "--quick"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def rows(text):
    """Cells of the table below its head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_quick_prints_ratios(quick):
    table = rows(quick.stdout)
    assert len(table) >= 12, quick.stderr
    assert all(len(row) == 6 and float(row[1]) > 0 for row in table)
    assert {row[3] for row in table} == {"", "≤ 1.5", "≤ 60", "≤ 90", "≥ 10"}
    assert all(bool(row[3]) == bool(row[4]) for row in table)
    assert quick.returncode == ("MISSED" in quick.stdout), quick.stderr


def test_the_routes_that_are_compared_agree(quick):
    errors = {row[0]: row[5] for row in rows(quick.stdout)}
    worst = {
        "solve_ivp (RK45), rtol 1e-06": 1e-3,
        "solve_ivp (RK45), rtol 1e-09": 1e-6,
        "Gauss–Legendre, 64 points": 1e-8,
        "Gauss–Legendre, 128 points": 1e-12,
        "Lanczos": 1e-12,
    }
    for start, bound in worst.items():
        (remark,) = [remark for name, remark in errors.items() if name.startswith(start)]
        found = re.search(r"error (\S+\d)", remark)
        assert float(found[1]) <= bound, (start, remark)


@pytest.mark.parametrize(
    ("target", "ratio", "verdict"),
    [
        ({"at_most": 1.5}, 1.4, "met"),
        ({"at_most": 1.5}, 1.8, "near"),
        ({"at_most": 1.5}, 1.9, "MISSED"),
        ({"at_least": 10.0}, 11.0, "met"),
        ({"at_least": 10.0}, 8.5, "near"),
        ({"at_least": 10.0}, 7.9, "MISSED"),
        ({}, 99.0, ""),
    ],
)
def test_verdicts(target, ratio, verdict, monkeypatch, capsys):
    row = bench.Row("a / b", np.array([0.5 * ratio, ratio, 9 * ratio]), **target)
    assert row.ratio == ratio and row.verdict == verdict
    monkeypatch.setattr(bench, "PARTS", {"laws": lambda quick: [row]})
    assert bench.main([]) == (verdict == "MISSED")
    assert verdict in capsys.readouterr().out


def test_alternate_compares_work_of_known_cost():
    numbers = np.random.default_rng(0).standard_normal(200_000)

    def once():
        np.sort(numbers)

    cost = bench.alternate(7, once=once, thrice=lambda: (once(), once(), once()))
    assert cost["once"].shape == (7,)
    assert np.median(cost["thrice"] / cost["once"]) == pytest.approx(3, rel=0.3)


def test_integration_in_the_bench_is_that_of_the_law():
    lam, tau = np.array([0.02, 3.0]), np.array([[0.1], [20.0]])
    exact = bench.theory.linear(lam, q0=0.2).generated_variance(tau[:, 0])
    assert bench.by_ode(lam, tau, 0.2, 1e-9) == pytest.approx(exact, rel=1e-6)
    assert bench.by_quadrature(lam, tau, 0.2, 128) == pytest.approx(exact, rel=1e-12)
