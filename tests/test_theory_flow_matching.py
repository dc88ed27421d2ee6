"""theory.flow_matching by routes that do not share its code: oracle, 50 digits, integration."""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from specbook import measure, theory

ORACLES = Path(__file__).parent / "oracles" / "spectral_bias.json"
CASES = [
    pytest.param(case["input"], case["expected"], id=case["id"])
    for case in json.loads(ORACLES.read_text())["cases"]
    if case["kind"] == "generated_variance_flow_matching"
]
assert CASES


@pytest.mark.holds("eq-flow-variance")
@pytest.mark.parametrize("given, expected", CASES)
def test_oracle(given, expected):
    law = theory.flow_matching(given["lam"], eta=given["eta"], q0=given["Q"])
    assert law.generated_variance(given["tau"]) == pytest.approx(expected, rel=1e-13)


# --- 50 digits ---------------------------------------------------------------------------------


def exact_variance(lam, q0, tau):
    """The closed form with 50 digits, in terms of Ei."""
    with mp.workdps(50):
        lam, q0, c = mp.mpf(float(lam)), mp.mpf(float(q0)), 2 * mp.mpf(float(tau))
        if c == 0:
            return mp.exp(2 * q0)
        r = mp.sqrt(c / (lam + 1))
        start = q0 * mp.sqrt(mp.pi / (c * (lam + 1))) * mp.exp(-c * lam / (lam + 1))
        ln = mp.log(lam) + mp.ei(-c) - mp.ei(-c * lam) + start * (mp.erf(r) + mp.erf(lam * r))
        return mp.exp(ln)


@pytest.mark.holds("eq-flow-variance")
def test_variance_over_the_whole_range():
    rng = np.random.default_rng(1)
    worst = 0.0
    for i in range(300):
        lam = 10 ** rng.uniform(-8, 4)
        tau = (0.0, 1e-300, 1e-25, 1e8)[i // 10] if i < 40 else 10 ** rng.uniform(-14, 8)
        q0 = rng.choice([-1.0, 0.0, 0.1, 1.0, 3.0])
        value = theory.flow_matching(lam, q0=q0).generated_variance(tau)
        worst = max(worst, abs(float(value / exact_variance(lam, q0, tau) - 1)))
    assert worst < 1e-13


@pytest.mark.holds("eq-flow-variance")
def test_variance_on_both_sides_of_each_branch():
    edges = [np.nextafter(1.0, 0), 1.0, np.nextafter(1.0, 2), 1 - 1e-9, 1 + 1e-9]
    for c in edges:
        for lam in (1e-3, 0.5, 1.0, 2.0, 1e3):
            for clock in (c, c / lam, c * 1e-18 * (lam + 1), c * 700, c * 700 / lam):
                value = theory.flow_matching(lam, q0=0.4).generated_variance(clock / 2)
                assert abs(float(value / exact_variance(lam, 0.4, clock / 2) - 1)) < 1e-14


@pytest.mark.holds("eq-flow-gain", "eq-flow-optimum")
def test_gain_to_twelve_digits():
    rng = np.random.default_rng(2)
    for _ in range(200):
        lam, tau, t = 10 ** rng.uniform(-8, 4), 10 ** rng.uniform(-14, 8), rng.uniform(0, 1)
        q0 = rng.choice([0.0, 0.1, 1.0])
        with mp.workdps(50):
            state = mp.mpf(t) ** 2 * mp.mpf(lam) + (1 - mp.mpf(t)) ** 2
            target = mp.mpf(t) * mp.mpf(lam) - (1 - mp.mpf(t))
            left = mp.exp(-2 * mp.mpf(tau) * state)
            exact = target / state * (1 - left) + mp.mpf(q0) * left
            size = (mp.mpf(t) * mp.mpf(lam) + (1 - mp.mpf(t))) / state + mp.mpf(q0)
        value = theory.flow_matching(lam, q0=q0).gain(t, tau)
        assert abs(float((value - exact) / size)) < 1e-13


@pytest.mark.holds("eq-flow-variance", "eq-flow-untrained", "eq-flow-trained")
def test_exact_limits():
    lam = np.array([1e-8, 1e-2, 1.0, 1e4])
    for q0 in (-0.5, 0.0, 0.5, 1.0):
        law = theory.flow_matching(lam, q0=q0)
        assert np.allclose(law.generated_variance(0.0), np.exp(2 * q0), rtol=1e-15)
        assert np.allclose(law.generated_variance(np.inf), lam, rtol=1e-14)
        best = (0.3 * lam - 0.7) / (0.09 * lam + 0.49)
        assert np.allclose(law.gain(0.3, np.inf), best, rtol=1e-14)
        assert np.array_equal(law.gain(0.3, 0.0), np.full(4, q0))
        assert np.allclose(law.gain([0.0, 1.0], np.inf), np.array([[-1.0], [1.0]]), rtol=0)


@pytest.mark.filterwarnings("error")
def test_finite_everywhere():
    lam = np.concatenate([[0.0, 5e-324], np.geomspace(1e-8, 1e4, 30)])
    tau = np.concatenate([[0.0, 5e-324, 1e-310], np.geomspace(1e-20, 1e8, 50), [1e300, np.inf]])
    for q0 in (-1.0, 0.0, 0.3, 1.0):
        law = theory.flow_matching(lam, q0=q0)
        for out in (law.generated_variance(tau), law.generated_variance(tau, np.linspace(0, 1, 9))):
            assert np.isfinite(out).all() and (out >= 0).all()
        assert np.isfinite(law.gain([0.0, 1e-300, 0.5, 1.0], tau)).all()
    # a mode of the data without variance shrinks as its best velocity -1 / (1 - t) says
    tau, nothing = np.array([0.1, 3.0]), theory.flow_matching(0.0)
    small = theory.flow_matching(1e-30).generated_variance(tau)
    assert nothing.generated_variance(tau) == pytest.approx(small, rel=1e-13)
    assert nothing.generated_variance(np.inf) == 0
    assert np.isnan(nothing.emergence_time("harmonic"))


def test_shapes():
    law = theory.flow_matching([1.0, 0.1, 0.2], q0=[0.0, 0.1, 0.2], eta=0.5)
    assert law.gain([0.1, 0.2], [1.0, 2.0, 3.0, 4.0]).shape == (2, 4, 3)
    assert law.gain(0.1, [1.0, 2.0]).shape == (2, 3)
    assert law.generated_variance(1.0).shape == (3,)
    assert law.generated_variance([1.0, 2.0], [0.0, 1.0]).shape == (2, 3)
    one = theory.flow_matching(0.1)
    assert one.gain(0.5, 1.0).shape == one.generated_variance(1.0).shape == ()
    assert one.emergence_time("harmonic").shape == ()
    twice = theory.flow_matching([1.0, 0.1, 0.2], q0=[0.0, 0.1, 0.2]).generated_variance(0.5)
    assert law.generated_variance(1.0) == pytest.approx(twice, rel=1e-15)


# --- integration -------------------------------------------------------------------------------


@pytest.mark.holds("eq-flow-gradient", "eq-flow-gain", "eq-flow-variance", "eq-flow-ode")
@pytest.mark.parametrize("lam, q0", [(1.5, 0.1), (0.02, -0.4), (8.0, 1.0)])
def test_against_integration_of_loss_and_flow(lam, q0):
    """Both differential equations, from the mean square of the velocity's error."""
    eta, tau = 0.7, 1.3

    def trained(t):
        def slope(_, w):  # minus the derivative of E (w x_t - (x_0 - z))^2
            return -eta * 2 * (w * (t**2 * lam + (1 - t) ** 2) - (t * lam - (1 - t)))

        return solve_ivp(slope, (0, tau), [q0], rtol=1e-11, atol=1e-13).y[0, -1]

    law = theory.flow_matching(lam, eta=eta, q0=q0)
    for t in (0.0, 0.4, 1.0):
        assert law.gain(t, tau) == pytest.approx(trained(t), rel=1e-9)
    flow = solve_ivp(
        lambda t, x: trained(t) * x, (0, 1), [1.0], method="DOP853", rtol=1e-9, atol=1e-12
    )
    assert law.generated_variance(tau) == pytest.approx(flow.y[0, -1] ** 2, rel=1e-7)


@pytest.mark.holds("eq-flow-variance")
def test_against_quadrature_of_the_gain():
    nodes, weights = np.polynomial.legendre.leggauss(120)
    t, weights = (nodes + 1) / 2, weights / 2
    tau = np.array([1e-3, 0.3, 20.0])
    for q0 in (0.0, 0.7):
        law = theory.flow_matching([0.1, 0.6, 4.0], q0=q0)
        growth = np.tensordot(weights, law.gain(t, tau), 1)
        assert law.generated_variance(tau) == pytest.approx(np.exp(2 * growth), rel=1e-9)


@pytest.mark.holds("eq-flow-euler", "eq-flow-heun")
@pytest.mark.parametrize("method, order", [("euler", 1), ("heun", 2)])
def test_steps_tend_to_the_flow(method, order):
    law, tau = theory.flow_matching([0.3, 2.0], q0=0.2), [0.4, np.inf]
    exact = law.generated_variance(tau)

    def error(n):
        value = law.generated_variance(tau, np.linspace(0, 1, n + 1), method=method)
        return np.abs(np.log(value / exact))

    assert np.allclose(np.log2(error(400) / error(800)), order, atol=0.05)
    assert np.array_equal(law.generated_variance(tau, [0, 0.5, 1]),
                          law.generated_variance(tau, [0, 0.5, 1], method="heun"))


# --- emergence ---------------------------------------------------------------------------------


@pytest.mark.holds("eq-harmonic", "eq-geometric", "eq-flow-variance")
@pytest.mark.parametrize("criterion", measure.CRITERIA)
@pytest.mark.parametrize("q0", [0.0, 0.1, 1.0])
def test_emergence_is_read_from_the_curve(criterion, q0):
    lam, eta = np.geomspace(1e-3, 1e2, 11), 0.7
    law = theory.flow_matching(lam, eta=eta, q0=q0)
    found = law.emergence_time(criterion)
    tau = np.geomspace(1e-5, 1e5, 40000)
    curve = law.generated_variance(tau)
    read = measure.emergence_time(curve, np.exp(2 * q0), lam, tau, criterion)
    assert found == pytest.approx(read, rel=1e-5, nan_ok=True)
    assert np.isfinite(found).sum() >= 10
    level = measure.threshold(np.exp(2 * q0), lam, criterion)
    crossed = np.isfinite(found)
    at = np.diagonal(law.generated_variance(found[crossed])[:, crossed])
    assert at == pytest.approx(level[crossed], rel=1e-12)


@pytest.mark.holds("eq-flow-zero")
def test_mirror():
    """From gain 0 a mode of variance lam and one of 1 / lam are each other's mirror image."""
    lam = np.array([1e-8, 1e-3, 0.2, 0.9])
    law, mirror = theory.flow_matching(lam), theory.flow_matching(1 / lam)
    for one, other in (("geometric",) * 2, ("harmonic", "arithmetic"), ("arithmetic", "harmonic")):
        times = law.emergence_time(one)
        assert mirror.emergence_time(other) == pytest.approx(lam * times, rel=1e-11)
    assert np.isnan(theory.flow_matching(1.0).emergence_time("geometric"))


@pytest.mark.parametrize("lam, q0, low, high", [
    (6.0, 1.0, 6.0, 7.6),  # leaves its target before it falls to it
    (8.0, 1.0, 7.4, 9.0),  # passes its target and comes back from above
    (330.0, 3.0, 89.0, 403.0),  # falls far below its target and rises to it
])
def test_curves_that_turn(lam, q0, low, high):
    law = theory.flow_matching(lam, q0=q0)
    tau = np.geomspace(1e-6, 50, 40000)
    curve = law.generated_variance(tau)
    assert curve.min() < low * 1.01 and curve.max() > high * 0.99
    for criterion in measure.CRITERIA:
        read = measure.emergence_time(curve[:, None], np.exp(2 * q0), lam, tau, criterion)
        assert law.emergence_time(criterion) == pytest.approx(read[0], rel=1e-5)


@pytest.mark.parametrize("call, name", [
    (lambda: theory.flow_matching([-1.0]), "variances"),
    (lambda: theory.flow_matching([]), "variances"),
    (lambda: theory.flow_matching([1.0], eta=0.0), "eta"),
    (lambda: theory.flow_matching([1.0, 2.0], q0=[1.0, 2.0, 3.0]), "q0"),
    (lambda: theory.flow_matching([1.0], q0=np.nan), "q0"),
    (lambda: theory.flow_matching([1.0]).gain(-0.1, 1.0), "t"),
    (lambda: theory.flow_matching([1.0]).gain(1.1, 1.0), "t"),
    (lambda: theory.flow_matching([1.0]).gain(0.5, -1.0), "tau"),
    (lambda: theory.flow_matching([1.0]).generated_variance(np.nan), "tau"),
    (lambda: theory.flow_matching([1.0]).generated_variance(1.0, method="rk4"), "method"),
    (lambda: theory.flow_matching([1.0]).generated_variance(1.0, [0.0]), "times"),
    (lambda: theory.flow_matching([1.0]).generated_variance(1.0, [0.0, 0.5, 0.5, 1.0]), "times"),
    (lambda: theory.flow_matching([1.0]).generated_variance(1.0, [0.0, 0.5]), "times"),
    (lambda: theory.flow_matching([1.0]).generated_variance(1.0, [0.1, 1.0]), "times"),
    (lambda: theory.flow_matching([1.0]).generated_variance(1.0, [0.0, 2.0]), "times"),
    (lambda: theory.flow_matching([1.0]).emergence_time("median"), "criterion"),
])
def test_errors_name_the_argument(call, name):
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        call()
