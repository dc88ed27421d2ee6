"""Laws of emergence: identities with the laws they come from, and limits against the exact law."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from specbook import measure, theory
from specbook.laws import emergence_law as emergence
from specbook.laws import generated_distribution as generated
from specbook.laws import linear_denoiser as linear
from specbook.laws import symbols as s

GAMMA = np.euler_gamma
WIDE = dict(sigma_min=1e-9, sigma_max=1e9)


def same(left, right):
    """True if two expressions agree at random points to 25 digits."""
    rng = np.random.default_rng(0)
    symbols = sorted((left - right).free_symbols, key=str)
    for _ in range(4):
        at = {v: sp.Rational(int(rng.integers(20, 200)), 100) for v in symbols}
        a, b = (e.subs(at).evalf(30) for e in (left, right))
        if abs(a - b) > 1e-25 * (1 + abs(b)):
            return False
    return True


def number(law, **values):
    """The right side of a law as a float, from values by the names of its symbols."""
    at = {getattr(s, name): sp.Float(float(value), 40) for name, value in values.items()}
    return float(law.right.subs(at | {s.gamma_E: sp.EulerGamma.evalf(40)}).evalf(30))


@pytest.mark.holds("eq-emergence-arithmetic", "eq-emergence-place", "eq-geometric")
def test_thresholds():
    at = {s.lam: 0.3, s.lam_start: 2.0}
    named = {"arithmetic": emergence.arithmetic, "geometric": generated.geometric}
    for criterion, law in named.items():
        expected = measure.threshold(2.0, 0.3, criterion)
        assert float(law.right.subs(at)) == pytest.approx(float(expected))
    assert same(emergence.place.right.subs(s.psi, sp.Rational(1, 2)), generated.geometric.right)
    assert same(emergence.place.right.subs(s.psi, 0), s.lam_start)
    assert same(emergence.place.right.subs(s.psi, 1), s.lam)
    way = sp.log(emergence.place.right / s.lam_start) / sp.log(s.lam / s.lam_start)
    assert same(sp.expand_log(way, force=True), s.psi)


@pytest.mark.holds("eq-emergence-units", "eq-stable")
def test_own_units_are_the_law_before():
    definitions = {v: v.definition for v in (s.xi, s.zeta_0, s.zeta_T)}
    assert same(emergence.own_units.right.subs(definitions), generated.stable.right)


@pytest.mark.parametrize("q0", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("criterion", measure.CRITERIA)
def test_homogeneity(q0, criterion):
    """(lambda, sigma_0^2, sigma_T^2, tau) -> (c, c, c, 1 / c): exponent -1, exactly."""
    lam, scale = np.array([0.004, 0.3, 7.0]), 13.7
    low, high = 0.01, 30.0
    times = theory.linear(lam, q0=q0).emergence_time(criterion, low, high)
    ends = low * np.sqrt(scale), high * np.sqrt(scale)
    # the start scales as well: its exponents add up to one variance
    scaled = theory.linear(lam * scale, q0=q0).emergence_time(criterion, *ends)
    assert scaled * scale == pytest.approx(times, rel=1e-11, nan_ok=True)


@pytest.mark.holds("eq-emergence-inverse")
@pytest.mark.parametrize("psi", [0.25, 0.5, 0.8])
def test_inverse_law_is_the_limit(psi):
    """From 10^-100 to 10^-100000 times the variance of the mode the clock tends to the law."""
    limit = number(emergence.inverse, psi=psi, eta=0.35, lam=1.7) * 2 * 0.35 * 1.7
    gaps = []
    for digits in (100, 1000, 10000, 100000):
        floor = mp.mpf(10) ** -digits
        found = crossing(lambda x, f=floor: rise(x, f), psi * -mp.log(floor) + mp.log(floor))
        gaps.append(float(found / limit - 1))
    assert abs(gaps[-1]) < 2e-5
    ratio = np.array(gaps[:-1]) / gaps[1:]
    assert np.allclose(ratio[1:], 10, rtol=0.02)  # the error is of first order in 1 / Lambda


def rise(x, floor):
    """ln of generated variance over that of the data, start 0, no upper end, with 30 digits."""
    with mp.workdps(30):
        return mp.e1(x) - mp.exp(-x) * mp.e1(x * floor)


def crossing(curve, level, start=(0.01, 5.0)):
    with mp.workdps(30):
        return mp.findroot(lambda x: curve(x) - level, start, solver="anderson", tol=1e-22)


@pytest.mark.holds("eq-emergence-geometric-time")
def test_first_correction_of_the_geometric_time():
    errors = []
    for digits in (50, 100, 200, 400):
        floor = mp.mpf(10) ** -digits
        found = float(crossing(lambda x, f=floor: rise(x, f), mp.log(floor) / 2))
        law = number(emergence.geometric_time, room=digits * np.log(10))
        errors.append(found - law)
        assert law < np.log(2)
    order = np.log2(np.abs(errors[:-1]) / np.abs(errors[1:]))
    assert np.allclose(order, 2, atol=0.05)


@pytest.mark.holds("eq-emergence-harmonic-time")
def test_harmonic_time():
    errors = []
    for digits in (4, 40, 400, 4000):
        room = digits * mp.log(10)
        floor = mp.exp(-room)
        level = mp.log(2 * floor / (1 + floor))
        found = float(crossing(lambda x, f=floor: rise(x, f), level, (0.1 / room, 2 / room)))
        implicit = mp.findroot(
            lambda x, r=room: x - mp.log(2) / (r + 1 - mp.euler - mp.log(x)), 0.7 / room
        )
        right = number(emergence.harmonic_time, room=room, xi_star=implicit)
        assert right == pytest.approx(float(implicit), rel=1e-12)
        errors.append(abs(found / float(implicit) - 1))
    assert errors[0] < 0.05 and errors[1] < 4e-3 and errors[2] < 4e-4 and errors[3] < 4e-5


@pytest.mark.holds("eq-emergence-plateau", "eq-emergence-decaying")
@pytest.mark.parametrize("q0", [0.3, 0.5, 1.0])
@pytest.mark.parametrize("psi", [0.35, 0.5, 0.7])
def test_decaying_modes(q0, psi):
    lam, low, high = 1e-10, 1e-7, 1e8
    law = theory.linear(lam, q0=q0, eta=0.7)
    tau = number(emergence.decaying, psi=psi, q_0=q0, lam=lam, sig_0=low, sig_T=high, eta=0.7)
    start = high ** (2 * q0) * low ** (2 - 2 * q0)
    level = start ** (1 - psi) * lam**psi
    assert 1e5 / high**2 < 1.4 * tau < 1e-5 / lam  # where the law is said to hold
    assert law.generated_variance(tau, low, high) == pytest.approx(level, rel=1e-3)
    plateau = number(emergence.plateau, sig_0=low, q_0=q0, c=1.4 * tau)
    assert plateau == pytest.approx(level, rel=1e-10)


# --- EDM's parametrisation ------------------------------------------------------------------


def edm(expression):
    return expression.subs({v: v.definition for v in (s.omega, s.omega_0, s.omega_T, s.c_skip)})


@pytest.mark.holds("eq-emergence-edm-flow", "eq-emergence-edm-gain")
def test_edm_flow_descends_the_weighted_loss():
    # x0-prediction through c_skip x + c_out a (c_in x), loss weighted by 1 / c_out^2
    from specbook import noise

    total = s.sig**2 + s.sig_d**2
    c_skip, c_out, c_in = s.sig_d**2 / total, s.sig * s.sig_d / sp.sqrt(total), 1 / sp.sqrt(total)
    numbers = noise.edm_scalings(0.7, 0.3)
    for mine, theirs in zip((c_skip, c_out, c_in), numbers[:3], strict=True):
        assert float(mine.subs({s.sig: 0.7, s.sig_d: 0.3})) == pytest.approx(float(theirs))
    a = sp.Symbol("a")
    gain = c_skip + c_out * c_in * a
    loss = linear.loss.right.subs({s.mu: 0, s.b: 0}).subs(s.w, gain) / c_out**2
    slope = c_out * c_in * -s.eta * sp.diff(loss, a)
    assert same(slope, emergence.edm_flow.right.subs(s.w, gain))
    law = edm(emergence.edm_gain.right).subs(s.w_star, linear.optimum.right)
    assert same(sp.diff(law, s.tau), emergence.edm_flow.right.subs(s.w, law))
    assert same(law.subs(s.tau, 0), c_skip)


@pytest.mark.holds("eq-emergence-edm-phi")
def test_edm_growth_function_integrates_the_flow():
    gain = edm(emergence.edm_gain.right).subs(s.w_star, linear.optimum.right)
    growth = edm(emergence.edm_log_phi.right)
    assert sp.simplify(sp.diff(growth, s.sig) - (1 - gain) / s.sig) == 0


@pytest.mark.holds("eq-emergence-edm-stable", "eq-emergence-edm-phi")
def test_edm_stable_form_is_the_same():
    growth = edm(emergence.edm_log_phi.right)
    phi = {at: sp.exp(growth.subs(s.sig, at)) for at in (s.sig_0, s.sig_T)}
    stated = generated.generated_variance.right.subs({s.Phi_0: phi[s.sig_0], s.Phi_T: phi[s.sig_T]})
    stable = edm(emergence.edm_stable.right).subs(s.c, 2 * s.eta * s.tau)
    assert same(sp.log(stated), sp.log(generated.trained.right) + stable)


@pytest.mark.holds("eq-emergence-edm-start")
def test_edm_start_is_the_best_denoiser_of_the_assumed_data():
    best = generated.trained.right.subs(s.lam, s.sig_d**2)
    assert same(emergence.edm_start.right, best)
    at = {s.lam: 3, s.sig_d: sp.Rational(1, 2), s.sig_0: sp.Rational(1, 10), s.sig_T: 7}
    early = edm(emergence.edm_stable.right).subs(at).subs(s.c, sp.Float("1e-30", 60)).evalf(40)
    start = (generated.trained.right.subs(at) * sp.exp(early)).evalf(40)
    assert abs(start / emergence.edm_start.right.subs(at) - 1) < 1e-25


def chi_of(half_log):
    """The number of the geometric time: the mean of exp(-chi e^t) over |t| < y is one half."""
    with mp.workdps(30):
        y = mp.mpf(half_log)
        return mp.findroot(
            lambda k: mp.e1(k * mp.exp(y)) - mp.e1(k * mp.exp(-y)) + y,
            (mp.mpf("0.55"), mp.mpf("0.7")), solver="anderson", tol=1e-24,
        )


@pytest.mark.holds("eq-emergence-edm-time")
@pytest.mark.parametrize("lam", [1e-4, 0.02, 0.2, 0.3, 5.0, 200.0])
def test_edm_time(lam):
    law = theory.preconditioned(lam, eta=0.3)
    found = law.emergence_time("geometric", 0.002, 80.0, target="final")
    rates = [(lam + v**2) / (0.25 + v**2) for v in (0.002, 80.0)]
    chi = chi_of(abs(np.log(rates[0] / rates[1])) / 2)
    expected = number(emergence.edm_time, chi=chi, eta=0.3, omega_0=rates[0], omega_T=rates[1])
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.holds("eq-emergence-edm-chi", "eq-emergence-edm-chi-least")
def test_edm_number_falls_from_one_bound_to_the_other():
    upper, lower = number(emergence.edm_chi), number(emergence.edm_chi_least)
    values = [float(chi_of(y)) for y in (0.01, 0.1, 0.5, 1, 2, 4, 8, 16)]
    assert np.all(np.diff(values) < 0)
    assert values[0] == pytest.approx(upper, rel=1e-4) and values[0] < upper
    assert values[-1] == pytest.approx(lower, rel=1e-6) and values[-1] > lower


def test_edm_number_proof_step_by_step():
    """The sum of the values at t and -t exceeds 1 up to one t, and the product of logs says so."""
    u, chi, t = sp.symbols("u chi t", positive=True)
    hill, bracket = sp.log(u) * sp.log(1 - u), (1 - u) * sp.log(1 - u) - u * sp.log(u)
    assert sp.simplify(sp.diff(hill, u) * u * (1 - u) - bracket) == 0
    assert sp.simplify(sp.diff(bracket, u, 2) * u * (1 - u) + 1 - 2 * u) == 0
    assert sp.limit(bracket, u, 0, "+") == 0
    assert bracket.subs(u, sp.Rational(1, 2)) == 0
    assert sp.simplify(bracket + bracket.subs(u, 1 - u)) == 0
    value = sp.exp(-chi * sp.exp(t))
    logs = sp.expand_log(sp.log(value) * sp.log(value.subs(t, -t)), force=True)
    assert sp.simplify(logs - chi**2) == 0
    along = [mp.mpf(k) / 50 for k in range(1, 500)]
    for chi in (0.05, 0.3, 0.6, 0.69, mp.log(2), 0.8, 3.0):
        with mp.workdps(40):
            values = [(mp.exp(-chi * mp.exp(v)), mp.exp(-chi * mp.exp(-v))) for v in along]
            above = [a + b > 1 for a, b in values]
            assert above == [mp.log(a) * mp.log1p(-a) > mp.mpf(chi) ** 2 for a, _ in values]
        assert above == sorted(above, reverse=True)  # first above, then below for good
        assert any(above) == (chi < mp.log(2)) and not above[-1]


@pytest.mark.holds("eq-emergence-edm-rising", "eq-emergence-edm-decaying")
@pytest.mark.parametrize("psi", [0.3, 0.5, 0.7])
def test_edm_any_criterion(psi):
    for law, ratio in ((emergence.edm_rising, 1e12), (emergence.edm_decaying, 1e-12)):
        lam = 0.25 * ratio
        tau = number(law, psi=psi, eta=0.7, lam=lam, sig_d=0.5)
        level = 0.25 ** (1 - psi) * lam**psi
        value = theory.preconditioned(lam, eta=0.7).generated_variance(tau, **WIDE)
        assert value == pytest.approx(level, rel=1e-3)
