"""theory.two_layer and theory.deep_linear against routes that do not share their code."""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from specbook import measure, reading, theory
from specbook.theory import quadrature
from specbook.theory.balanced import Balanced, Progress

CASES = json.loads((Path(__file__).parent / "oracles" / "spectral_bias.json").read_text())["cases"]
LAM = np.array([0.0, 1e-8, 1e-3, 0.3, 1.0, 20.0, 1e4])


def cases(kind):
    found = [
        pytest.param(c["input"], c["expected"], id=c["id"]) for c in CASES if c["kind"] == kind
    ]
    assert found, kind
    return pytest.mark.parametrize("given, expected", found)


def every_law(lam, q0, eta=1.0):
    """All laws of this file for the same data and the same start."""
    return {
        "tied": theory.two_layer(lam, eta, q0=q0),
        "balanced": theory.two_layer(lam, eta, q0=q0, tied=False),
        "nearly balanced": theory.two_layer(lam, eta, q0=q0, tied=False, imbalance=1e-9),
        "unbalanced": theory.two_layer(lam, eta, q0=q0, tied=False, imbalance=0.4),
        "very unbalanced": theory.two_layer(lam, eta, q0=q0, tied=False, imbalance=1e3),
        "three": theory.deep_linear(lam, 3, eta, q0=q0),
        "five": theory.deep_linear(lam, 5, eta, q0=q0),
        "thirty": theory.deep_linear(lam, 30, eta, q0=q0),
    }


# --- reference values made by brute force -----------------------------------------------------


@pytest.mark.holds("eq-deep-gain-tied")
@cases("weight_two_layer_tied")
def test_oracle_tied(given, expected):
    law = theory.two_layer(given["lam"], eta=given["eta"], q0=given["Q"])
    assert law.gain(given["sigma"], given["tau"]) == pytest.approx(expected, rel=1e-11)


@pytest.mark.holds("eq-deep-variance-tied")
@cases("generated_variance_two_layer_tied")
def test_oracle_tied_variance(given, expected):
    law = theory.two_layer(given["lam"], eta=given["eta"], q0=given["Q"])
    value = law.generated_variance(given["tau"], given["sigma0"], given["sigmaT"])
    assert value == pytest.approx(expected, rel=1e-11)


@pytest.mark.holds("eq-deep-matrix-flow")
@cases("weight_two_layer_tied_matrix")
def test_oracle_matrix(given, expected):
    value = theory.two_layer_weights(
        given["Sigma"], given["sigma"], given["tau"], eta=given["eta"], start=given["P0"]
    )
    assert np.allclose(value, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.holds("eq-deep-gain-untied", "eq-deep-riccati")
@cases("weight_two_layer_untied")
def test_oracle_untied(given, expected):
    a, c = given["a0"], given["c0"]
    law = theory.two_layer(given["lam"], eta=given["eta"], q0=a * c, tied=False,
                           imbalance=abs(c**2 - a**2))
    assert law.gain(given["sigma"], given["tau"]) == pytest.approx(expected, rel=1e-11)


@pytest.mark.holds("eq-deep-flow", "eq-deep-implicit")
@cases("weight_deep_balanced")
def test_oracle_deep(given, expected):
    depth = given["L"]
    law = theory.deep_linear(given["lam"], depth, given["eta"], q0=given["a0"] ** depth)
    assert law.gain(given["sigma"], given["tau"]) == pytest.approx(expected, rel=1e-11)


# --- many digits -------------------------------------------------------------------------------


def exact_untied(lam, delta, u0, sigma, c):
    """The closed form as it is printed, through the roots of the Riccati equation."""
    with mp.workdps(60):
        lam, delta, u0, sigma, c = map(mp.mpf, (lam, delta, u0, sigma, c))
        noisy = lam + sigma**2
        root = mp.sqrt(4 * lam**2 + noisy**2 * delta**2)
        high, low = ((2 * lam + sign * root) / (noisy * delta) for sign in (1, -1))
        y0 = (2 * u0 + mp.sqrt(delta**2 + 4 * u0**2)) / delta
        left = (y0 - high) / (y0 - low) * mp.exp(-root * c)
        y = (high - low * left) / (1 - left)
        return delta / 4 * (y - 1 / y)


@pytest.mark.holds("eq-deep-gain-untied")
def test_untied_gain_over_the_whole_range():
    rng = np.random.default_rng(1)
    worst = 0.0
    for _ in range(300):
        lam, tau, sigma = 10 ** rng.uniform([-8, -12, np.log10(0.002)], [4, 8, np.log10(80)])
        delta, q0 = 10 ** rng.uniform([-6, -6], [3, 0.5])
        q0 = 0.0 if rng.random() < 0.2 else q0
        exact = exact_untied(lam, delta, q0, sigma, 2 * tau)
        value = theory.two_layer(lam, q0=q0, tied=False, imbalance=delta).gain(sigma, tau)
        worst = max(worst, abs(float(value / exact - 1)))
    assert worst < 1e-12


@pytest.mark.holds("eq-deep-gain-tied", "eq-deep-variance-tied")
def test_tied_over_the_whole_range():
    rng = np.random.default_rng(2)
    for _ in range(150):
        lam, tau, sigma = 10 ** rng.uniform([-8, -12, np.log10(0.002)], [4, 8, np.log10(80)])
        q0 = 10 ** rng.uniform(-6, 0.5)
        low, high = 0.002, 80.0
        with mp.workdps(60):
            lam_, q, t = mp.mpf(lam), mp.mpf(q0), mp.mpf(tau)
            left = mp.exp(-8 * lam_ * t)
            best = lam_ / (lam_ + mp.mpf(sigma) ** 2)
            gain = best * q / ((best - q) * left + q)

            def log_phi(s, lam_=lam_, q=q, left=left):
                d = q + (1 - q) * left
                inside = lam_ * left + q * (1 - left) * (lam_ + s**2)
                return ((1 - q) * left * mp.log(s) + q / 2 * mp.log(inside)) / d

            ends = log_phi(mp.mpf(low)), log_phi(mp.mpf(high))
            variance = mp.mpf(high) ** 2 * mp.exp(2 * (ends[0] - ends[1]))
        law = theory.two_layer(lam, q0=q0)
        assert abs(float(law.gain(sigma, tau) / gain - 1)) < 1e-12
        assert abs(float(law.generated_variance(tau, low, high) / variance - 1)) < 1e-12


@pytest.mark.holds("eq-deep-flow", "eq-deep-implicit")
@pytest.mark.parametrize("depth", [2, 3, 4, 9, 40])
def test_deep_gain_has_the_time_of_the_integral(depth):
    rng = np.random.default_rng(depth)
    for _ in range(12):
        lam, sigma, q0 = 10 ** rng.uniform([-6, -2.5, -3], [2, 1.5, 0.3])
        best = lam / (lam + sigma**2)
        typical = 1 / (depth * lam * best ** (1 - 2 / depth))
        tau = typical * 10 ** rng.uniform(-2, 0.5)
        with mp.workdps(30):
            gain = mp.mpf(float(theory.deep_linear(lam, depth, q0=q0).gain(sigma, tau)))
            # substitute v = exp(t), which spreads the powers
            noisy, power = mp.mpf(lam) + mp.mpf(sigma) ** 2, mp.mpf(2) / depth - 1

            def slowness(t, noisy=noisy, lam=lam, power=power):
                return mp.exp(t * power) / (lam - noisy * mp.exp(t))

            integral = mp.quad(slowness, mp.linspace(mp.log(mp.mpf(q0)), mp.log(gain), 9))
            time = integral / (2 * depth)
        if abs(float(gain) / best - 1) > 1e-3:  # later the gain no longer tells the time
            assert float(time) == pytest.approx(tau, rel=1e-10 + 1e-14 / abs(1 - float(gain) / q0))


@pytest.mark.holds("eq-deep-implicit")
@pytest.mark.parametrize("b", [2 / 3 - 1, 2 / 50 - 1, 2 - 2 / 3, 2 - 2 / 50])
def test_progress_and_its_inverse(b):
    progress = Progress(b)
    with mp.workdps(40):
        for logit in (-50.0, -9.0, -0.7, -1e-9, 0.0, 0.4, 3.0, 30.0):
            rho = 1 / (1 + mp.exp(-mp.mpf(logit)))
            p = mp.mpf(b) + 1 if b < 0 else mp.mpf(b)
            exact = rho**p / p * mp.hyp2f1(1, p, 1 + p, rho)
            if b < 0:
                exact += rho ** mp.mpf(b) / mp.mpf(b)
            value = progress(np.array(logit))
            assert float(value) == pytest.approx(float(exact), rel=2e-14, abs=2e-14)
            found = 1 / (1 + np.exp(-progress.logit(value)))
            assert found == pytest.approx(float(rho), rel=5e-13)


@pytest.mark.holds("eq-deep-implicit")
@pytest.mark.parametrize("depth", [3, 4, 9, 50])
def test_table_of_the_solution(depth):
    """Gains of which the time is known: within what rounding of the time allows, near and far."""
    law, rng = Balanced(depth), np.random.default_rng(depth)
    best, damping = 10 ** rng.uniform(-6, 1, 4000), 10 ** rng.uniform(-2, 2, 4000)
    for b, side in ((2 / depth - 1, -1), (2 - 2 / depth, 1)):
        progress, start = Progress(b), best * 10 ** (side * rng.uniform(0.01, 30, 4000))
        first = np.log(np.minimum(start, best)) - np.log(np.abs(start - best))
        later = first + rng.uniform(0, 1, 4000) * (44 - first)
        ends = progress(np.array([first, later]))
        clock = (ends[1] - ends[0]) / (depth * best ** (2 - 2 / depth) * damping)
        rho = 1 / (1 + np.exp(-later))
        exact = best * rho if side < 0 else best / rho
        error = np.abs(law(clock, best * damping, damping, start) / exact - 1)
        rounding = 1e-15 * (1 + np.abs(ends).sum(axis=0)) * (1 - rho) / progress.slope(later)
        told = (rounding < 1e-6) & (np.abs(ends).max(axis=0) < 1e9)  # else time forgets the gain
        assert told.mean() > 0.15 and (error[told] < 1e-13 + 20 * rounding[told]).all()


# --- integration of the differential equations, layer by layer ----------------------------------


def trained(layers, lam, sigma, c):
    """Product of layers after gradient flow on each of them, by Runge–Kutta."""

    def slope(_, w):
        error = (lam + sigma**2) * np.prod(w) - lam
        return [-error * np.prod(np.delete(w, i)) for i in range(len(w))]

    out = solve_ivp(slope, (0, c), layers, method="DOP853", rtol=1e-12, atol=1e-14)
    return np.prod(out.y[:, -1])


@pytest.mark.holds("eq-deep-flow", "eq-deep-implicit", "eq-deep-gain-untied", "eq-deep-invariant")
@pytest.mark.parametrize("lam, sigma, tau", [(0.7, 1.1, 0.6), (2.0, 0.1, 0.9), (0.05, 0.8, 9.0)])
def test_gain_by_integration_of_each_layer(lam, sigma, tau):
    eta = 0.7
    for depth in (2, 3, 6):
        law = theory.deep_linear(lam, depth, eta, q0=0.3)
        brute = trained([0.3 ** (1 / depth)] * depth, lam, sigma, 2 * eta * tau)
        assert law.gain(sigma, tau) == pytest.approx(brute, rel=1e-9)
    for a, c in ((0.2, 0.9), (1.4, 0.05), (0.0, 0.5)):
        law = theory.two_layer(lam, eta, q0=a * c, tied=False, imbalance=abs(a**2 - c**2))
        assert law.gain(sigma, tau) == pytest.approx(
            trained([a, c], lam, sigma, 2 * eta * tau), rel=1e-9
        )
    # tied: W = p^2, and both uses of p push it
    out = solve_ivp(lambda _, p: -4 * eta * ((lam + sigma**2) * p**2 - lam) * p, (0, tau),
                    [0.3**0.5], method="DOP853", rtol=1e-12, atol=1e-14)
    law = theory.two_layer(lam, eta, q0=0.3)
    assert law.gain(sigma, tau) == pytest.approx(out.y[0, -1] ** 2, rel=1e-9)


@pytest.mark.holds("eq-deep-variance-tied")
@pytest.mark.parametrize("q0", [1e-3, 0.1, 1.0])
def test_variance_by_quadrature_of_the_gain(q0):
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = np.linspace(np.log(0.01), np.log(30.0), 41)
    half = (edges[1] - edges[0]) / 2
    sigma = np.exp(edges[:-1, None] + half * (nodes + 1)).ravel()
    weights = half * np.tile(weights, 40)
    tau = np.array([0.0, 1e-3, 0.1, 2.0, 50.0, 1e5, np.inf])
    for name, law in every_law(LAM, q0).items():
        lost = np.einsum("s,stm->tm", weights, 1 - law.gain(sigma, tau))
        expected = 30.0**2 * np.exp(-2 * lost)
        value = law.generated_variance(tau, 0.01, 30.0)
        assert value == pytest.approx(expected, rel=1e-11), name


@pytest.mark.holds("eq-deep-variance-tied", "eq-deep-balanced")
def test_balanced_variance_in_closed_form():
    rng = np.random.default_rng(6)
    for _ in range(50):
        lam, tau, q0 = 10 ** rng.uniform([-8, -12, -6], [4, 8, 0.5])
        with mp.workdps(60):
            lam_, q, low, high = map(mp.mpf, (lam, q0, 0.002, 80.0))
            left = mp.exp(-4 * lam_ * mp.mpf(tau))
            mixed = left + q * (1 - left)
            follows = lam_ * mixed / (q * (1 - left))
            ratio = (follows + low**2) / (follows + high**2)
            power = q / mixed
            variance = low ** (2 - 2 * power) * high ** (2 * power) * ratio**power
        value = theory.two_layer(lam, q0=q0, tied=False).generated_variance(tau, 0.002, 80.0)
        assert abs(float(value / variance - 1)) < 1e-12


def test_panels_are_fine_enough(monkeypatch):
    tau = np.geomspace(1e-6, 1e8, 25)
    for q0 in (1e-9, 1e-2, 1.0):
        laws = every_law(LAM, q0)
        coarse = {name: law.generated_variance(tau) for name, law in laws.items()}
        monkeypatch.setattr(quadrature, "PANEL", 0.4)
        for name, law in laws.items():
            assert law.generated_variance(tau) == pytest.approx(coarse[name], rel=1e-12), name
        monkeypatch.undo()


# --- limits ------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("q0", [1e-30, 1e-6, 0.1, 1.0, 3.0])
def test_finite_everywhere_and_exact_at_both_ends(q0):
    lam = np.concatenate([[0.0], np.geomspace(1e-8, 1e4, 13)])
    tau = np.concatenate([[0.0, 1e-300, 1e-20], np.geomspace(1e-10, 1e8, 19), [1e300, np.inf]])
    sigma = np.array([0.002, 0.3, 80.0])
    for name, law in every_law(lam, q0).items():
        gain = law.gain(sigma, tau)
        assert np.isfinite(gain).all() and (gain >= 0).all(), name
        assert gain[:, 0] == pytest.approx(q0, rel=1e-14), name
        assert gain[:, -1] == pytest.approx(lam / (lam + sigma[:, None] ** 2), rel=1e-13, abs=1e-99)
        variance = law.generated_variance(tau)
        assert np.isfinite(variance).all() and (variance > 0).all(), name
        assert variance[0] == pytest.approx(80 ** (2 * q0) * 0.002 ** (2 - 2 * q0), rel=1e-12), name
        end = 80**2 * (lam + 0.002**2) / (lam + 80**2)
        assert variance[-1] == pytest.approx(end, rel=1e-12), name
        steps = law.generated_variance(tau, sigmas=np.geomspace(80, 0.002, 30))
        assert np.isfinite(steps).all() and (steps >= 0).all(), name
        for criterion in ("harmonic", "geometric"):
            times = law.emergence_time(criterion)
            assert (times[~np.isnan(times)] > 0).all(), name


@pytest.mark.filterwarnings("error")
def test_extreme_noise_ranges():
    for name, law in every_law(np.array([0.5, 2.0]), 0.1).items():
        out = law.generated_variance([0.0, 1.0, np.inf], 1e-60, 1e60)
        assert np.isfinite(out).all() and out[2] == pytest.approx([0.5, 2.0], rel=1e-11), name


@pytest.mark.holds("eq-deep-gain-untied", "eq-deep-balanced", "eq-deep-unbalanced")
def test_balanced_and_unbalanced_limits():
    lam, sigma, tau = np.array([0.01, 0.5, 3.0]), np.array([0.1, 2.0]), np.array([0.1, 1.0, 9.0])
    balanced = theory.two_layer(lam, 0.7, q0=0.05, tied=False)
    close = theory.two_layer(lam, 0.7, q0=0.05, tied=False, imbalance=1e-7)
    assert close.gain(sigma, tau) == pytest.approx(balanced.gain(sigma, tau), rel=1e-9)
    half = theory.two_layer(lam, 0.35, q0=0.05)
    assert balanced.gain(sigma, tau) == pytest.approx(half.gain(sigma, tau), rel=1e-13)
    # one layer with eta times the imbalance
    delta = 1e5
    far = theory.two_layer(lam, 0.7 / delta, q0=0.05, tied=False, imbalance=delta)
    one = theory.linear(lam, 0.7, q0=0.05)
    assert far.gain(sigma, tau) == pytest.approx(one.gain(sigma, tau), rel=1e-8)
    assert far.generated_variance(tau) == pytest.approx(one.generated_variance(tau), rel=1e-7)
    # a product of 0 is learned from, if one of the layers is not 0
    asleep = theory.two_layer(lam, 0.7 / delta, q0=0.0, tied=False, imbalance=delta)
    assert asleep.gain(sigma, tau) == pytest.approx(
        theory.linear(lam, 0.7).gain(sigma, tau), rel=1e-8
    )


@pytest.mark.holds("eq-deep-harmonic-time")
def test_harmonic_time_of_a_tied_gain():
    lam, eta = np.geomspace(1e-3, 10, 5), 0.6
    for q0 in (1e-4, 0.3):
        law, time = theory.two_layer(lam, eta, q0=q0), np.log(2) / (8 * eta * lam)
        for sigma in (0.01, 5.0):
            gain = np.diagonal(law.gain(sigma, time))
            best = lam / (lam + sigma**2)
            assert gain == pytest.approx(2 / (1 / q0 + 1 / best), rel=1e-13)


@pytest.mark.holds("eq-deep-small-start")
@pytest.mark.parametrize("depth", [3, 4, 7])
def test_small_start_takes_the_time_of_the_plateau(depth):
    lam, sigma, q0 = np.array([0.1, 1.0, 10.0]), 0.01, 1e-24
    plateau = q0 ** (2 / depth - 1) / (2 * lam * (depth - 2))
    law = theory.deep_linear(lam, depth, q0=q0)
    before = np.diagonal(law.gain(sigma, 0.99 * plateau))
    after = np.diagonal(law.gain(sigma, 1.01 * plateau))
    assert (before < 1e-3).all() and (after > 0.9).all()


@pytest.mark.parametrize("depth", [3, 4, 12])
@pytest.mark.parametrize("q0", [1e-3, 1e-9])  # smaller ones need more digits of the time
def test_emergence_is_found_however_long_the_plateau(depth, q0):
    """A mode stays near a small start q0 for a time of about q0^(2 / depth - 1)."""
    lam = np.array([1e-2, 1.0])
    law = theory.deep_linear(lam, depth, q0=q0)
    level = measure.threshold(law.generated_variance(0.0), lam, "harmonic")
    reached = np.diagonal(law.generated_variance(law.emergence_time("harmonic")))
    assert reached == pytest.approx(level, rel=1e-9)


def test_emergence_is_where_the_curve_crosses():
    lam = np.geomspace(1e-2, 10, 5)
    for name, law in every_law(lam, 1e-3, 0.7).items():
        start, early = law.generated_variance(0.0), np.linspace(0.01, 0.99, 30)
        for criterion in ("harmonic", "geometric"):
            level = measure.threshold(start, lam, criterion)
            for mode, time in enumerate(law.emergence_time(criterion)):
                curve = law.generated_variance(np.append(early * time, time))[:, mode]
                assert curve[-1] == pytest.approx(level[mode], rel=1e-9), name
                assert (curve[:-1] < level[mode]).all(), name


# --- a start off the modes ------------------------------------------------------------------------


@pytest.mark.holds("eq-deep-matrix-flow", "eq-deep-gain-tied")
def test_matrix_flow_with_an_aligned_start_is_the_law():
    rng = np.random.default_rng(3)
    modes = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    lam = np.array([3.0, 1.0, 0.3, 0.0])
    q0 = np.array([0.1, 0.02, 0.5, 0.2])
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]  # P is not aligned, P P^T is
    out = theory.two_layer_weights(modes * lam @ modes.T, 0.6, 0.8, eta=0.7,
                                   start=modes * np.sqrt(q0) @ turn)
    gain = theory.two_layer(lam, 0.7, q0=q0).gain(0.6, 0.8)
    assert np.allclose(modes.T @ out @ modes, np.diag(gain), atol=1e-10)


@pytest.mark.holds("eq-deep-matrix-flow")
def test_matrix_flow_follows_the_gradient():
    rng = np.random.default_rng(4)
    root, p = rng.standard_normal((3, 3)), rng.standard_normal((3, 2)) * 0.4
    cov, sigma, step = root @ root.T, 0.7, 1e-5

    def loss(p):
        w = p @ p.T
        return np.trace((w - np.eye(3)) @ cov @ (w - np.eye(3)).T) + sigma**2 * np.sum(w**2)

    slope = np.empty((3, 2))
    for place in np.ndindex(3, 2):
        h = np.zeros((3, 2))
        h[place] = step
        slope[place] = (loss(p + h) - loss(p - h)) / (2 * step)
    time = 1e-5
    change = (theory.two_layer_weights(cov, sigma, time, start=p) - p @ p.T) / time
    assert np.allclose(change, -(slope @ p.T + p @ slope.T), rtol=1e-3, atol=1e-3)
    # far in time: the best rank-2 matrix, with modes of the data
    variances, modes = np.linalg.eigh(cov)
    end = theory.two_layer_weights(cov, sigma, 400.0, start=p)
    best = variances / (variances + sigma**2) * (np.arange(3) > 0)
    assert np.allclose(end, modes * best @ modes.T, atol=1e-8)


# --- bad input --------------------------------------------------------------------------------


def test_bad_input():
    with pytest.raises(ValueError, match="q0.*fixed point"):
        theory.two_layer([1.0], q0=0.0)
    with pytest.raises(ValueError, match="q0.*fixed point"):
        theory.two_layer([1.0, 2.0], q0=[0.0, 0.1], tied=False, imbalance=[0.0, 1.0])
    with pytest.raises(ValueError, match="q0.*fixed point"):
        theory.deep_linear([1.0], 3, q0=0.0)
    with pytest.raises(ValueError, match="q0"):
        theory.two_layer([1.0], q0=-0.1)
    with pytest.raises(ValueError, match="q0"):
        theory.deep_linear([1.0], 4, q0=-0.1)
    with pytest.raises(ValueError, match="imbalance"):
        theory.two_layer([1.0], q0=0.1, imbalance=0.2)
    with pytest.raises(ValueError, match="imbalance"):
        theory.two_layer([1.0], q0=0.1, tied=False, imbalance=-0.2)
    with pytest.raises(ValueError, match="imbalance"):
        theory.two_layer([1.0, 2.0], q0=0.1, tied=False, imbalance=[0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="tied"):
        theory.two_layer([1.0], q0=0.1, tied="yes")
    with pytest.raises(ValueError, match="variances"):
        theory.deep_linear([-1.0], 3, q0=0.1)
    with pytest.raises(ValueError, match="eta"):
        theory.two_layer([1.0], eta=0.0, q0=0.1)
    for depth in (1, 2.5, True, "3"):
        with pytest.raises(ValueError, match="depth"):
            theory.deep_linear([1.0], depth, q0=0.1)
    good = dict(cov=np.eye(2), sigma=1.0, tau=1.0, start=np.eye(2))
    for name, bad in (("cov", np.ones((2, 3))), ("cov", -np.eye(2)), ("sigma", 0.0), ("tau", -1.0),
                      ("tau", np.inf), ("start", np.eye(3)), ("start", [1.0, 2.0]),
                      ("eta", -1.0)):
        with pytest.raises(ValueError, match=name):
            theory.two_layer_weights(**{**good, name: bad})


def test_shapes_and_attributes():
    law = theory.two_layer(1.0, q0=0.1, tied=False, imbalance=[0.1, 0.2])
    assert law.gain([0.1, 1.0], [0.0, 1.0, 2.0]).shape == (2, 3, 2)
    assert law.gain(0.1, 1.0).shape == (2,) and law.imbalance.tolist() == [0.1, 0.2]
    assert theory.deep_linear(1.0, 3, q0=0.1).gain(0.1, 1.0).shape == ()
    assert theory.deep_linear([1.0], 3, q0=0.1).depth == 3
    assert theory.two_layer([1.0], q0=0.1).pace == 2 * theory.deep_linear([1.0], 2, q0=0.1).pace


# --- answers of the chapter, by another route ----------------------------------------------------


def test_answers_of_the_chapter():
    book = reading.exercises()
    time = book["ex-deep-doubling"].answer
    gain = theory.two_layer(0.05, q0=0.01).gain(2.0, time)
    assert 1 / gain == pytest.approx((1 / 0.01 + (0.05 + 4) / 0.05) / 2, rel=1e-12)
    law = theory.two_layer(0.5, q0=0.07, tied=False, imbalance=0.48)
    assert book["ex-deep-unequal"].answer == pytest.approx(law.gain(0.5, 0.8), rel=1e-10)
    rng = np.random.default_rng(0)
    arrows = 0.01 * rng.standard_normal((2, 128, 20000)).sum(axis=0) / 2
    assert book["ex-deep-worth"].answer == pytest.approx((arrows**2).sum(axis=0).mean(), rel=0.01)
    long, short = (
        measure.emergence_time(
            theory.deep_linear([1.0], 4, q0=q0).gain(0.01, tau), q0, 1.0, tau, "arithmetic"
        )[0]
        for q0, tau in ((1e-12, np.geomspace(1e5, 1e6, 4000)), (1e-8, np.geomspace(1e3, 1e4, 4000)))
    )
    assert book["ex-deep-plateau"].answer == pytest.approx(long / short, rel=1e-3)
    # who integrates the law to half of the best gain instead is not turned away
    exact = [
        mp.quad(lambda x: mp.exp(-x / 2) / (1 - mp.exp(x)), mp.linspace(mp.log(q), -mp.log(2), 12))
        for q in (1e-12, 1e-8)
    ]
    assert 100.004 < exact[0] / exact[1] < 100.006
    assert reading.check("ex-deep-plateau", float(exact[0] / exact[1]))


@pytest.mark.parametrize("depth", [3, 4, 9])
def test_a_mode_without_variance_fades(depth):
    """Its flow is dw/dtau = -2 eta L w^(3 - 2/L) sigma^2, which can be integrated by hand."""
    sigma, tau, q0, eta = 0.7, 0.9, 0.4, 1.3
    power = 2 - 2 / depth
    exact = (q0**-power + power * 2 * eta * depth * sigma**2 * tau) ** (-1 / power)
    law = theory.deep_linear(0.0, depth, eta, q0=q0)
    assert law.gain(sigma, tau) == pytest.approx(exact, rel=1e-13)
