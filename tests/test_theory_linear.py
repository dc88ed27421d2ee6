"""theory.linear against routes that do not share its code: oracles, 50 digits, ODE integration."""

import json
import time
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import exp1

from specbook import theory

CASES = json.loads((Path(__file__).parent / "oracles" / "spectral_bias.json").read_text())["cases"]


def cases(kind):
    found = [
        pytest.param(c["input"], c["expected"], id=c["id"]) for c in CASES if c["kind"] == kind
    ]
    assert found, kind
    return pytest.mark.parametrize("given, expected", found)


# --- reference values made by brute force -----------------------------------------------------


@pytest.mark.holds("eq-noncentred")
@cases("weights_one_layer")
def test_oracle_weights(given, expected):
    w, b = theory.linear_weights(given["Sigma"], given["sigma"], given["tau"], eta=given["eta"],
                                 start=given["W0"])
    assert np.allclose(w, expected, rtol=1e-12) and np.allclose(b, 0, atol=1e-15)


@pytest.mark.holds("eq-noncentred")
@cases("weights_bias_noncentred")
def test_oracle_weights_and_bias(given, expected):
    w, b = theory.linear_weights(
        given["Sigma"],
        given["sigma"],
        given["tau"],
        eta=given["eta"],
        start=given["W0"],
        mean=given["mu"],
        b0=given["b0"],
    )
    assert np.allclose(w, expected["W"], rtol=1e-12)
    assert np.allclose(b, expected["b"], rtol=1e-12)


@pytest.mark.holds("eq-generated-variance", "eq-stable")
@cases("generated_variance_one_layer")
def test_oracle_variance(given, expected):
    law = theory.linear(given["lam"], eta=given["eta"], q0=given["Q"])
    value = law.generated_variance(given["tau"], given["sigma0"], given["sigmaT"])
    assert value == pytest.approx(expected, rel=1e-11)


@pytest.mark.holds("eq-mean-flow")
@cases("generated_mean_one_layer")
def test_oracle_mean(given, expected):
    law = theory.linear(given["lam"], eta=given["eta"], q0=given["Q"], b0=given["b0"],
                        mean=given["data_mean"])
    value = law.generated_mean(given["tau"], given["sigma0"], given["sigmaT"])
    assert value == pytest.approx(expected, rel=1e-11)


@pytest.mark.holds("eq-kl", "eq-kl-reverse")
@cases("kl")
def test_oracle_divergence(given, expected):
    law = theory.linear(given["lams"], eta=given["eta"], q0=given["Q"])
    ends = given["sigma0"], given["sigmaT"]
    assert law.generated_variance(given["tau"], *ends) == pytest.approx(
        expected["variances"], rel=1e-11
    )
    assert law.kl(given["tau"], "generated||data", *ends) == pytest.approx(
        expected["kl_gen_data"], rel=1e-11
    )
    assert law.kl(given["tau"], "data||generated", *ends) == pytest.approx(
        expected["kl_data_gen"], rel=1e-11
    )


@pytest.mark.holds("eq-harmonic", "eq-geometric")
@cases("emergence_time_one_layer")
def test_oracle_emergence(given, expected):
    law = theory.linear(given["lam"], eta=given["eta"], q0=given["Q"])
    value = law.emergence_time(given["criterion"], given["sigma0"], given["sigmaT"])
    assert value == pytest.approx(expected, rel=1e-11)


# --- 50 digits over the whole range --------------------------------------------------------


def exact_variance(lam, q0, tau, low, high):
    """Proposition 4.2 with 50 digits, from its statement."""
    with mp.workdps(50):
        lam, q0, low, high = map(mp.mpf, map(float, (lam, q0, low, high)))
        c = 2 * mp.mpf(float(tau))
        if c == 0:
            return high ** (2 * q0) * low ** (2 - 2 * q0)

        def log_phi(sigma):
            ei = mp.ei(-c * sigma**2) * mp.exp(-c * lam) * (1 - q0)
            return (mp.log(lam + sigma**2) + ei - mp.ei(-c * (lam + sigma**2))) / 2

        return high**2 * mp.exp(2 * (log_phi(low) - log_phi(high)))


@pytest.mark.holds("eq-generated-variance", "eq-stable")
def test_variance_to_1e_10_over_the_whole_range():
    rng = np.random.default_rng(1)
    worst = 0.0
    for i in range(300):
        lam = 10 ** rng.uniform(-8, 4)
        tau = (0.0, 1e-300, 1e-25, 1e8)[i // 10] if i < 40 else 10 ** rng.uniform(-14, 8)
        q0 = rng.choice([0.0, 0.1, 0.5, 1.0, 1.3])
        low, high = np.sort(10 ** rng.uniform(np.log10(0.002), np.log10(80), 2))
        if i % 3 == 0:
            low, high = 0.002, 80.0
        value = theory.linear(lam, q0=q0).generated_variance(tau, low, high)
        worst = max(worst, abs(float(value / exact_variance(lam, q0, tau, low, high) - 1)))
    assert worst < 1e-12


@pytest.mark.holds("eq-gain")
def test_gain_to_1e_10_over_the_whole_range():
    rng = np.random.default_rng(2)
    for _ in range(200):
        lam, tau, sigma = 10 ** rng.uniform([-8, -14, np.log10(0.002)], [4, 8, np.log10(80)])
        q0 = rng.choice([0.0, 0.1, 1.0])
        with mp.workdps(50):
            noisy = mp.mpf(lam) + mp.mpf(sigma) ** 2
            left = mp.exp(-2 * mp.mpf(tau) * noisy)
            exact = mp.mpf(lam) / noisy * (1 - left) + mp.mpf(q0) * left
        value = theory.linear(lam, q0=q0).gain(sigma, tau)
        assert abs(float(value / exact - 1)) < 1e-12 if exact > 1e-300 else value < 1e-290


def test_finite_everywhere():
    lam = np.concatenate([[0.0], np.geomspace(1e-8, 1e4, 40)])
    tau = np.concatenate([[0.0, 5e-324, 1e-310], np.geomspace(1e-20, 1e8, 60), [1e300, np.inf]])
    for q0 in (0.0, 0.3, 1.0):
        law = theory.linear(lam, q0=q0)
        for out in (law.generated_variance(tau), law.gain([0.002, 1.0, 80.0], tau),
                    law.generated_variance(tau, sigmas=np.geomspace(80, 0.002, 30))):
            assert np.isfinite(out).all() and (out >= 0).all()
        assert np.isfinite(theory.linear(lam[1:], q0=q0).kl(tau[3:])).all()


@pytest.mark.holds("eq-gain", "eq-generated-variance", "eq-stable")
def test_exact_limits():
    lam = np.array([1e-8, 1e-2, 1.0, 1e4])
    for q0 in (0.0, 0.5, 1.0):
        law = theory.linear(lam, q0=q0)
        start = 80 ** (2 * q0) * 0.002 ** (2 - 2 * q0)
        end = 80**2 * (lam + 0.002**2) / (lam + 80**2)
        assert np.allclose(law.generated_variance(0.0), start, rtol=1e-13)
        assert np.allclose(law.generated_variance(np.inf), end, rtol=1e-14)
        assert np.array_equal(law.gain(2.0, np.inf), lam / (lam + 4))
        assert np.allclose(law.gain(2.0, 0.0), q0, rtol=0, atol=0)


# --- integration of both differential equations -----------------------------------------------


def integrated(lam, tau, eta, q0, mean, b0, low, high):
    """Covariance and mean by Runge–Kutta on the loss gradient and on the probability flow."""
    lam, mean, b0, q0 = (
        np.broadcast_to(np.asarray(v, float), len(lam)) for v in (lam, mean, b0, q0)
    )
    d = len(lam)

    def trained(sigma):
        second = np.diag(lam) + np.outer(mean, mean)

        def slope(_, theta):
            w, b = theta.reshape(d, d + 1)[:, :d], theta.reshape(d, d + 1)[:, d]
            grad_w = 2 * (w @ (second + sigma**2 * np.eye(d)) + np.outer(b, mean) - second)
            grad_b = 2 * (w @ mean + b - mean)
            return -eta * np.column_stack([grad_w, grad_b]).ravel()

        start = np.column_stack([np.diag(q0), b0]).ravel()
        out = solve_ivp(slope, (0, tau), start, method="LSODA", rtol=1e-11, atol=1e-13)
        return out.y[:, -1].reshape(d, d + 1)

    def flow(log_sigma, y):
        theta = trained(np.exp(log_sigma))
        y = y.reshape(d, d + 1)
        out = y - theta[:, :d] @ y
        out[:, d] -= theta[:, d]
        return out.ravel()

    start = np.column_stack([np.eye(d) * high, np.zeros(d)]).ravel()
    out = solve_ivp(
        flow, (np.log(high), np.log(low)), start, method="DOP853", rtol=1e-9, atol=1e-12
    )
    y = out.y[:, -1].reshape(d, d + 1)
    return y[:, :d] @ y[:, :d].T, y[:, d]


@pytest.mark.holds(
    "eq-noncentred", "eq-generated-variance", "eq-stable", "eq-mean-flow", "eq-kl", "eq-kl-reverse"
)
@pytest.mark.parametrize(
    "lam, q0, mean, b0",
    [
        ([1.5, 0.2], [0.1, 0.4], 0.0, [0.3, 0.0]),
        ([1.5], 0.1, [0.8], 0.0),
        ([1.5, 0.2], [0.1, 0.4], [0.8, -0.5], [0.0, 0.3]),
        ([1.5, 0.2, 0.7], 0.2, [0.8, 0.0, 0.0], [0.0, 0.3, 0.0]),
    ],
)
def test_against_integration(lam, q0, mean, b0):
    eta, tau, low, high = 0.7, 0.6, 0.1, 6.0
    law = theory.linear(lam, eta=eta, q0=q0, mean=mean, b0=b0)
    covariance, average = integrated(lam, tau, eta, q0, mean, b0, low, high)
    assert np.allclose(law.generated_variance(tau, low, high), np.diag(covariance), rtol=1e-7)
    assert np.allclose(law.generated_mean(tau, low, high), average, rtol=1e-7, atol=1e-9)
    shift = average - mean
    inverse = np.diag(1 / np.asarray(lam))
    kl = (np.trace(inverse @ covariance) - len(lam) - np.linalg.slogdet(inverse @ covariance)[1]
          + shift @ inverse @ shift) / 2
    assert law.kl(tau, "generated||data", low, high) == pytest.approx(kl, rel=1e-6)
    back = np.linalg.inv(covariance)
    reverse = (np.trace(back @ np.diag(lam)) - len(lam) - np.linalg.slogdet(back @ np.diag(lam))[1]
               + shift @ back @ shift) / 2
    assert law.kl(tau, "data||generated", low, high) == pytest.approx(reverse, rel=1e-6)


def exact_one_mode(lam, m, b0, q0, tau, low, high):
    """Variance and mean of one mode with a mean: quadrature with 30 digits."""
    with mp.workdps(30):
        lam, m, b0, q0, low, high = map(mp.mpf, (lam, m, b0, q0, low, high))
        c = 2 * mp.mpf(tau)

        def theta(sigma):
            a = lam + sigma**2 + m**2
            gap = mp.sqrt((a - 1) ** 2 + 4 * m**2)
            high_rate = (a + 1 + gap) / 2
            low_rate = (lam + sigma**2) / high_rate  # the product of the rates is lam + sigma^2
            best = lam / (lam + sigma**2)
            first, second = q0 - best, b0 - (1 - best) * m
            e1, e2 = mp.exp(-c * low_rate), mp.exp(-c * high_rate)
            # exp(-cM) = e2 + (e1 - e2) (M - high_rate) / (low_rate - high_rate)
            f = (e1 - e2) / (low_rate - high_rate)
            w = best + first * (e2 + f * (a - high_rate)) + second * f * m
            b = (1 - best) * m + first * f * m + second * (e2 + f * (1 - high_rate))
            return w, b

        def gauss(f, u0, u1, panels=40):
            edges = [u0 + (u1 - u0) * mp.mpf(i) / panels for i in range(panels + 1)]
            return mp.quad(f, edges, maxdegree=4)

        u0, u1 = mp.log(low), mp.log(high)
        growth = gauss(lambda u: 1 - theta(mp.exp(u))[0], u0, u1)
        return high**2 * mp.exp(-2 * growth), theta


@pytest.mark.holds("eq-noncentred")
@pytest.mark.parametrize("lam, m, b0, q0, tau", [
    (1.0, 2.0, 0.0, 0.1, 0.5), (1e-3, 5.0, 0.2, 0.0, 30.0), (1e-8, 1.0, 0.0, 0.0, 1e8),
    (1e4, 0.1, 1.0, 0.5, 1e-4), (0.01, 10.0, 0.0, 0.1, 1e4),
])
def test_mode_with_a_mean_to_1e_10(lam, m, b0, q0, tau):
    variance, theta = exact_one_mode(lam, m, b0, q0, tau, 0.002, 80.0)
    law = theory.linear(lam, q0=q0, mean=m, b0=b0)
    assert abs(float(law.generated_variance(tau) / variance - 1)) < 1e-10
    for sigma in (0.002, 0.1, 3.0, 80.0):
        w, b = (float(v) for v in theta(mp.mpf(sigma)))
        assert law.gain(sigma, tau) == pytest.approx(w, rel=1e-9, abs=1e-13)
        assert law.bias(sigma, tau) == pytest.approx(b, rel=1e-9, abs=1e-12)


@pytest.mark.holds("eq-mean-flow")
def test_mean_of_centred_data_by_quadrature():
    lam, q0, b0, tau, low, high = 0.5, 0.2, 0.9, 1.3, 0.002, 80.0
    law = theory.linear(lam, q0=q0, b0=b0)

    def spread(sigma):  # ln Phi up to a constant is half the log of what stops at sigma
        return mp.sqrt(exact_variance(lam, q0, tau, sigma, high))

    with mp.workdps(25):
        # a unit of state at sigma arrives at low multiplied by spread(low) / spread(sigma)
        integral = mp.quad(
            lambda u: spread(low) / spread(mp.exp(u)) if u < mp.log(high) else spread(low) / high,
            mp.linspace(mp.log(low), mp.log(high), 25),
        )
        expected = float(b0 * mp.exp(-2 * tau) * integral)
    assert law.generated_mean(tau) == pytest.approx(expected, rel=1e-10)


def test_modes_orthogonal_to_the_mean_keep_the_closed_form():
    alone = theory.linear([1.0, 0.1], q0=0.1)
    tied = theory.linear([1.0, 0.3, 0.1], q0=0.1, mean=[0.0, 2.0, 0.0])
    tau = np.geomspace(1e-3, 1e3, 9)
    assert np.array_equal(alone.generated_variance(tau), tied.generated_variance(tau)[:, [0, 2]])
    small = theory.linear([1.0, 0.1], q0=0.1, mean=[1e-9, 0.0]).generated_variance(tau)
    assert np.allclose(small, alone.generated_variance(tau), rtol=1e-11)


@pytest.mark.holds("eq-noncentred")
def test_weights_of_data_without_variance_in_a_direction():
    covariance = np.outer([1.0, 2.0], [1.0, 2.0]) / 3  # rounding may give a variance below zero
    w, b = theory.linear_weights(covariance, 0.5, 1e6, mean=[1.0, -1.0])
    best = covariance @ np.linalg.inv(covariance + 0.25 * np.eye(2))
    assert np.allclose(w, best, atol=1e-10)
    assert np.allclose(b, (np.eye(2) - best) @ [1.0, -1.0], atol=1e-10)


@pytest.mark.filterwarnings("error")
def test_digits_where_start_and_target_differ_by_orders_of_magnitude():
    law = theory.linear([1e-8, 1.0], mean=[1.0, 2.0], q0=1.0)
    assert law.gain(80.0, np.inf)[0] == pytest.approx(1e-8 / (1e-8 + 6400), rel=1e-14)
    assert theory.linear(1.0, mean=1e-8, b0=2.0).bias(1.0, np.inf) == pytest.approx(0.5e-8)
    many = theory.linear(np.geomspace(1, 1e-8, 20), mean=100 * np.cos(np.arange(20.0)), q0=1.5)
    end = 6400 * (many.variances + 4e-6) / (many.variances + 6400)
    assert np.allclose(many.generated_variance(np.inf), end, rtol=1e-10)
    assert theory.linear(1.0).generated_variance(0.0, sigmas=[80, 0.002]) == pytest.approx(
        4e-6, rel=1e-14
    )
    assert theory.linear(1.0).gain(1.0, 1e308) == 0.5


def exact_product(lam, tau, grid):
    """Heun's product for the start at gain zero, with 40 digits."""
    with mp.workdps(40):
        lam, x = mp.mpf(lam), mp.mpf(grid[0])

        def w(s):
            return -lam / (lam + s**2) * mp.expm1(-2 * mp.mpf(tau) * (lam + s**2))

        for a, b in zip(map(mp.mpf, grid[:-1]), map(mp.mpf, grid[1:]), strict=True):
            slope = (x - w(a) * x) / a
            guess = x + (b - a) * slope
            x = guess if b == 0 else x + (b - a) / 2 * (slope + (guess - w(b) * guess) / b)
        return x**2


@pytest.mark.holds("eq-heun")
@pytest.mark.parametrize("lam, tau", [(1e-8, 1e-3), (1.0, 1e-20), (0.3, 0.2), (1e4, 1e6)])
def test_digits_of_the_sampler(lam, tau):
    grid = [*np.geomspace(80, 0.002, 20).tolist(), 0.0]
    value = theory.linear(lam).generated_variance(tau, sigmas=grid)
    assert abs(float(value / exact_product(lam, tau, grid)) - 1) < 1e-12


@pytest.mark.filterwarnings("error")
def test_divergence_of_a_collapsed_mode_is_infinite():
    grid = [80.0, 1.0, 0.0]
    for direction in ("generated||data", "data||generated"):
        assert theory.linear([1.0, 2.0]).kl(0.0, direction, sigmas=grid) == np.inf


@pytest.mark.holds("eq-kl")
def test_divergence_on_a_grid():
    law, grid = theory.linear([2.0, 0.3], q0=0.1), np.geomspace(80, 0.002, 30)
    ratio = law.generated_variance(0.7, sigmas=grid) / [2.0, 0.3]
    assert law.kl(0.7, sigmas=grid) == pytest.approx(((ratio - 1 - np.log(ratio)) / 2).sum())


def test_a_law_keeps_its_own_copy():
    variances = np.array([1.0, 2.0])
    law = theory.linear(variances)
    variances[0] = -5
    assert np.isfinite(law.generated_variance(1.0)).all()


def test_emergence_of_a_mode_far_below_the_noise():
    law, low, high = theory.linear(2e-10), 1e-5, 1.0
    time = law.emergence_time("arithmetic", low, high, target="final")
    assert law.generated_variance(time, low, high) == pytest.approx(2e-10, rel=1e-8)
    deep = theory.linear(5e-11)  # below the square of the last noise level
    time = deep.emergence_time("geometric", low, high, target="final")
    start, end = 1e-10, 1.5e-10
    level = np.sqrt(start * end)
    assert deep.generated_variance(time, low, high) == pytest.approx(level, rel=1e-8)


def test_a_threshold_that_is_only_approached_is_not_crossed():
    assert np.isnan(theory.linear(6400.0).emergence_time("arithmetic"))


def test_span_of_coupled_modes_covers_all_learning():
    cases = (
        ([1.0, 0.2], [3.0, -40.0], 0.5),
        ([50.0, 1e-6], [0.1, 0.1], 0.0),
        ([0.2, 0.1], [300.0, 200.0], 0.3),
    )
    for lam, mean, q0 in cases:
        _, block = theory.linear(lam, mean=mean, q0=q0)._parts[0]
        (first,), (last,) = np.exp(block._span(0.002, 80.0))
        for sigma in (0.002, 1.0, 80.0):
            begin, end = block._theta(np.array([sigma]), np.array([first, last]))[0]
            assert np.allclose(begin, block.start, atol=1e-9)
            best = block._theta(np.array([sigma]), np.array([1e290]))[0, 0]
            assert np.allclose(end, best, rtol=1e-9, atol=1e-12)
        second = np.diag(lam) + np.outer(mean, mean)
        for sigma, end, value in ((80.0, max, 1e-12 / first), (0.002, min, 50 / last)):
            m = np.block([[second + sigma**2 * np.eye(2), np.c_[mean]], [np.r_[mean], 1.0]])
            with mp.workdps(30):  # rates of M, the fastest and the slowest
                rates = mp.eigsy(mp.matrix(m.tolist()), eigvals_only=True)
            assert value == pytest.approx(float(end(rates)), rel=1e-6)


@pytest.mark.holds("eq-mean-flow")
def test_end_of_the_mean():
    mean = np.array([3.0, -20.0])
    law = theory.linear([1.0, 0.2], q0=0.3, mean=mean, b0=[0.5, 0.0])
    kept = np.sqrt(
        (law.variances + 4e-6) / (law.variances + 6400)
    )  # of the start, which ignores it
    assert np.allclose(law.generated_mean(np.inf), mean * (1 - kept), rtol=1e-11)
    before = theory.linear(1.0, q0=0.0, mean=3.0, b0=5.0).generated_mean(0.0, 0.1, 10.0)
    assert before == pytest.approx(5.0 * (1 - 0.1 / 10.0), rel=1e-12)  # gain 0: D is the bias


# --- sampler, descent, divergence ------------------------------------------------------------


@pytest.mark.holds("eq-euler", "eq-heun")
@pytest.mark.parametrize("last", [0.002, 0.0])
@pytest.mark.parametrize("method", ["heun", "euler"])
def test_sampler_product(method, last):
    lam, tau = np.array([2.0, 0.05]), np.array([0.3, 4.0])
    sigmas = np.append(np.geomspace(80, 0.01, 12), last)
    law = theory.linear(lam, q0=0.1)
    for j, t in enumerate(tau):
        for k, v in enumerate(lam):
            factor = 1.0
            for a, b in zip(sigmas[:-1], sigmas[1:], strict=True):
                r = (1 - law.gain(a, t)[k]) / a
                if method == "euler" or b == 0:
                    factor *= 1 + (b - a) * r
                else:
                    r_next = (1 - law.gain(b, t)[k]) / b
                    factor *= 1 + (b - a) / 2 * (r + r_next * (1 + (b - a) * r))
            value = law.generated_variance(tau, sigmas=sigmas, method=method)[j, k]
            assert value == pytest.approx(80**2 * factor**2, rel=1e-12)
            assert v > 0
    one = theory.linear(2.0, q0=0.1).generated_variance(0.3, sigmas=sigmas, method=method)
    assert one == pytest.approx(
        law.generated_variance(0.3, sigmas=sigmas, method=method)[0], rel=1e-14
    )


def test_sampler_of_modes_with_a_mean():
    law = theory.linear([1.0, 0.2], q0=0.1, mean=[1.0, -0.7], b0=[0.0, 0.1])
    grid = np.geomspace(80, 0.002, 1500)
    assert np.allclose(
        law.generated_variance(0.4, sigmas=grid), law.generated_variance(0.4), rtol=1e-4
    )
    assert np.allclose(law.generated_mean(0.4, sigmas=grid), law.generated_mean(0.4), rtol=1e-4)
    assert law.kl(0.4, sigmas=grid) == pytest.approx(law.kl(0.4), rel=1e-4)
    w, b = law.gain(80.0, 0.4), law.bias(80.0, 0.4)
    last = law.generated_mean(0.4, sigmas=[80.0, 0.0])  # one step returns D: mean is the bias
    assert np.allclose(last, b, rtol=1e-12) and w.shape == (2,)
    # starting mean 0, so the variance of one step to 0 is the squared rows of the weights
    full, _ = theory.linear_weights(np.diag([1.0, 0.2]), 80.0, 0.4, start=0.1, mean=[1.0, -0.7],
                                    b0=[0.0, 0.1])
    assert np.allclose(law.generated_variance(0.4, sigmas=[80.0, 0.0]), 80**2 * (full**2).sum(1))


@pytest.mark.holds("eq-euler", "eq-heun")
@pytest.mark.parametrize("method, order", [("euler", 1), ("heun", 2)])
def test_order_of_the_sampler(method, order):
    law = theory.linear(0.3, q0=0.2)
    exact = law.generated_variance(1.0, 0.05, 20.0)
    steps = np.array([160, 320, 640, 1280])
    grids = [np.geomspace(20, 0.05, n + 1) for n in steps]
    error = [abs(law.generated_variance(1.0, sigmas=g, method=method) / exact - 1) for g in grids]
    assert -np.polyfit(np.log(steps), np.log(error), 1)[0] == pytest.approx(order, abs=0.05)


@pytest.mark.holds("eq-descent")
def test_descent_gain_steps_and_tends_to_the_flow():
    lam, sigma = np.array([1.0, 0.3]), np.array([0.5, 2.0])
    steps, rates = np.array([[3, 5], [4, 2]]), np.array([[0.01, 0.02], [0.03, 0.005]])
    out = theory.descent_gain(lam, sigma, steps, rates, q0=0.2)
    for i, s in enumerate(sigma):
        w = np.full(2, 0.2)
        for j in range(2):
            for _ in range(steps[i, j]):
                w = w - rates[i, j] * 2 * ((lam + s**2) * w - lam)
            assert np.allclose(out[i, j], w, rtol=1e-13)
    flow = theory.linear(lam, q0=0.2).gain(sigma, 0.4)
    n = np.array([50, 100, 200, 400])
    error = [
        np.abs(theory.descent_gain(lam, sigma, [k], [0.4 / k], q0=0.2)[:, 0] - flow).max()
        for k in n
    ]
    assert -np.polyfit(np.log(n), np.log(error), 1)[0] == pytest.approx(1, abs=0.1)


@pytest.mark.holds("eq-kl")
def test_divergence_keeps_its_digits_when_almost_learned():
    lam, tau = 1.0, 1e9
    value = theory.linear(lam).kl(tau, "generated||data", 1e-6, 1e6)
    with mp.workdps(50):
        ratio = exact_variance(lam, 0, tau, 1e-6, 1e6) / lam
        expected = (ratio - 1 - mp.log(ratio)) / 2
    assert abs(float(value / expected - 1)) < 1e-3 or float(expected) < 1e-24
    moderate = theory.linear([1.0, 0.2]).kl(5.0)
    ratios = theory.linear([1.0, 0.2]).generated_variance(5.0) / [1.0, 0.2]
    assert moderate == pytest.approx(float(((ratios - 1 - np.log(ratios)) / 2).sum()), rel=1e-12)


# --- emergence -----------------------------------------------------------------------------


@pytest.mark.holds("eq-harmonic", "eq-geometric")
@pytest.mark.parametrize("criterion", ["harmonic", "geometric", "arithmetic"])
@pytest.mark.parametrize("target", ["data", "final"])
@pytest.mark.parametrize("q0", [0.0, 0.1, 0.5, 1.0])
def test_emergence_is_the_first_crossing(criterion, target, q0):
    lam = np.geomspace(1e-5, 1e2, 9)
    law = theory.linear(lam, eta=0.5, q0=q0)
    times = law.emergence_time(criterion, target=target)
    start = 80 ** (2 * q0) * 0.002 ** (2 - 2 * q0)
    goal = lam if target == "data" else 80**2 * (lam + 0.002**2) / (lam + 80**2)
    level = {"harmonic": 2 / (1 / start + 1 / goal), "geometric": np.sqrt(start * goal),
             "arithmetic": (start + goal) / 2}[criterion]
    tau = np.geomspace(1e-9, 1e9, 4000)
    curve = law.generated_variance(tau)
    for k in range(lam.size):
        side = np.sign(curve[:, k] - level[k])
        change = np.flatnonzero(side != np.sign(start - level[k]))
        if np.isnan(times[k]):
            assert change.size == 0
        else:
            assert tau[change[0] - 1] <= times[k] <= tau[change[0]]
            assert law.generated_variance(times[k])[k] == pytest.approx(level[k], rel=1e-9)


@pytest.mark.holds("eq-harmonic", "eq-geometric")
@pytest.mark.parametrize(
    "lam, q0, low, high, criterion",
    [
        (4.021e-3, 0.17723, 0.056222, 10.18, "harmonic"),
        (12.956, 0.17102, 3.087, 40.378, "arithmetic"),
        (3.99e-6, 0.087769, 1.6601e-3, 0.26619, "geometric"),
    ],
)
def test_emergence_takes_the_first_of_two_crossings(lam, q0, low, high, criterion):
    # the variance falls through the threshold and later rises through it again
    law = theory.linear(lam, q0=q0)
    start = law.generated_variance(0.0, low, high)
    level = {
        "harmonic": 2 / (1 / start + 1 / lam),
        "geometric": np.sqrt(start * lam),
        "arithmetic": (start + lam) / 2,
    }[criterion]
    tau = np.geomspace(1e-4 / high**2, 1e3 / lam, 20_000)
    above = law.generated_variance(tau, low, high) > level
    changes = np.flatnonzero(np.diff(above.astype(int)))
    assert above[0] and changes.size == 2
    time = law.emergence_time(criterion, low, high)
    assert tau[changes[0]] <= time <= tau[changes[0] + 1]


@settings(max_examples=60, deadline=None)
@given(
    st.floats(1e-6, 1e3), st.floats(0.0, 1.5), st.floats(1e-3, 1.0), st.floats(1.1, 1e4),
    st.floats(1e-4, 1e4), st.floats(1e-3, 1e3),
)
def test_the_law_is_homogeneous(lam, q0, low, ratio, tau, factor):
    # all variances times a factor and all times by it: the generated variance takes the factor
    law = theory.linear(lam, q0=q0).generated_variance(tau, low, low * ratio)
    root = np.sqrt(factor)
    scaled = theory.linear(factor * lam, q0=q0)
    value = scaled.generated_variance(tau / factor, root * low, root * low * ratio)
    assert value == pytest.approx(factor * law, rel=1e-10)


def test_emergence_is_homogeneous():
    # (lam, sigma^2, 1 / tau) scale together
    base = theory.linear([0.3], q0=0.1).emergence_time("harmonic", 0.01, 10.0)
    scaled = theory.linear([1.2], q0=0.1).emergence_time("harmonic", 0.02, 20.0)
    # the start scales as variance only through both ends of the noise range
    assert scaled == pytest.approx(base / 4, rel=1e-12)


def test_emergence_of_a_mode_that_cannot_emerge():
    assert np.isnan(theory.linear([0.0]).emergence_time("geometric")).all()
    same = theory.linear(0.16, q0=0.5)  # starts at its target
    assert (
        np.isnan(same.emergence_time("harmonic", 0.002, 80.0))
        or same.emergence_time("harmonic") > 0
    )


@pytest.mark.holds("eq-harmonic")
def test_emergence_with_a_mean():
    law = theory.linear([1.0, 0.2], q0=0.1, mean=[0.6, -0.3])
    times = law.emergence_time("harmonic")
    start = 80**0.2 * 0.002**1.8
    for k, lam in enumerate((1.0, 0.2)):
        level = 2 / (1 / start + 1 / lam)
        assert law.generated_variance(times[k])[k] == pytest.approx(level, rel=1e-8)
        assert law.generated_variance(times[k] * 0.99)[k] < level
    slow = theory.linear([1.0, 0.2], eta=0.01, q0=0.1, mean=[0.6, -0.3])
    assert np.allclose(slow.emergence_time("harmonic"), 100 * times, rtol=1e-6)
    far = theory.linear(1e-3, q0=0.0, mean=4.0)  # a large mean makes it late
    late = far.emergence_time("arithmetic")
    tau = np.geomspace(late / 100, late * 1.001, 300)
    curve = far.generated_variance(tau)
    assert curve[-1] > (1e-3 + 4e-6) / 2 > curve[:-1].max() * 0.98
    near = theory.linear([1.0, 0.2], q0=0.1, mean=[1e-9, 1e-9]).emergence_time("geometric")
    assert np.allclose(
        near, theory.linear([1.0, 0.2], q0=0.1).emergence_time("geometric"), rtol=1e-8
    )


# --- shapes, errors, cost ----------------------------------------------------------------------


def test_shapes_and_squeezing():
    law, one = theory.linear([1.0, 0.5, 0.1]), theory.linear(0.5)
    assert law.gain([1.0, 2.0], [0.0, 1.0, 2.0, 3.0]).shape == (2, 4, 3)
    assert law.gain(1.0, [0.0, 1.0]).shape == (2, 3)
    assert law.gain(1.0, 1.0).shape == (3,) and one.gain(1.0, 1.0).shape == ()
    assert law.generated_variance([1.0, 2.0]).shape == (2, 3)
    assert law.generated_variance(1.0).shape == (3,) and one.generated_variance([1.0]).shape == (1,)
    assert law.bias([1.0, 2.0], [1.0]).shape == (2, 1, 3)
    assert law.bias(1.0, [1.0, 2.0]).shape == (2, 3) and one.bias(1.0, 1.0).shape == ()
    assert law.generated_mean([1.0]).shape == (1, 3) and one.generated_mean(1.0).shape == ()
    assert law.kl([1.0, 2.0]).shape == (2,) and np.ndim(one.kl(1.0)) == 0
    assert law.emergence_time("harmonic").shape == (3,)
    assert np.ndim(one.emergence_time("harmonic")) == 0
    assert theory.linear(0.5, q0=[0.0, 0.1]).generated_variance(1.0).shape == (2,)


def test_the_shorter_argument_is_named():
    with pytest.raises(ValueError, match="^q0 has"):
        theory.linear([1.0, 2.0], q0=[0.1, 0.2, 0.3])


@pytest.mark.holds("eq-bias")
def test_eta_and_tau_enter_as_their_product():
    a, b = theory.linear([1.0, 0.1], eta=0.25, q0=0.1), theory.linear([1.0, 0.1], q0=0.1)
    assert np.allclose(a.generated_variance(4.0), b.generated_variance(1.0), rtol=1e-14)
    assert np.allclose(a.gain(0.5, 4.0), b.gain(0.5, 1.0), rtol=1e-14)
    assert np.allclose(a.emergence_time("harmonic"), 4 * b.emergence_time("harmonic"), rtol=1e-12)
    c = theory.linear([1.0, 0.1], eta=0.25, b0=1.0)
    assert np.allclose(c.bias(1.0, 4.0), np.exp(-2.0))


@pytest.mark.parametrize("call, name", [
    (lambda: theory.linear([1.0, np.nan]), "variances"),
    (lambda: theory.linear([1.0, -0.1]), "variances"),
    (lambda: theory.linear([]), "variances"),
    (lambda: theory.linear([[1.0]]), "variances"),
    (lambda: theory.linear("one"), "variances"),
    (lambda: theory.linear([1.0, np.inf]), "variances"),
    (lambda: theory.linear([1.0], eta=0.0), "eta"),
    (lambda: theory.linear([1.0], eta=[1.0]), "eta"),
    (lambda: theory.linear([1.0, 2.0, 3.0], q0=[0.1, 0.2]), "q0"),
    (lambda: theory.linear([1.0, 2.0], mean=[1.0, 2.0, 3.0]), "mean"),
    (lambda: theory.linear([1.0], b0=np.nan), "b0"),
    (lambda: theory.linear([1.0]).gain(0.0, 1.0), "sigma"),
    (lambda: theory.linear([1.0]).gain(1.0, -1.0), "tau"),
    (lambda: theory.linear([1.0]).gain(1.0, np.nan), "tau"),
    (lambda: theory.linear([1.0]).generated_variance(1.0, 2.0, 1.0), "sigma_min"),
    (lambda: theory.linear([1.0]).generated_variance(1.0, 1.0, 1.0), "sigma_min"),
    (lambda: theory.linear([1.0]).generated_variance(1.0, 0.0, 1.0), "sigma_min"),
    (lambda: theory.linear([1.0]).generated_variance(1.0, sigmas=[1.0, 2.0]), "sigmas"),
    (lambda: theory.linear([1.0]).generated_variance(1.0, sigmas=[1.0]), "sigmas"),
    (lambda: theory.linear(1.0).generated_variance(1.0, sigmas=[1.0, 0.5], method="rk4"), "method"),
    (lambda: theory.linear([1.0]).generated_mean(1.0, 3.0, 1.0), "sigma_min"),
    (lambda: theory.linear([1.0]).generated_mean(1.0, method="rk4"), "method"),
    (lambda: theory.linear([1.0]).generated_mean(1.0, sigmas=[1.0, 2.0]), "sigmas"),
    (lambda: theory.linear([1.0]).generated_variance(1.0, 1e-200), "sigma_min"),
    (lambda: theory.linear([1.0]).generated_variance(1.0, [0.1, 0.2]), "sigma_min"),
    (lambda: theory.linear([1.0]).generated_variance(None), "tau"),
    (lambda: theory.linear(["1"]), "variances"),
    (lambda: theory.linear([True]), "variances"),
    (lambda: theory.linear([1j]), "variances"),
    (lambda: theory.linear([[1.0], [1.0, 2.0]]), "variances"),
    (lambda: theory.linear(np.ma.masked_array([1.0, 2.0], [0, 1])), "variances"),
    (lambda: theory.linear(1.0, q0=[0.1, 0.2], mean=[1.0, 2.0, 3.0]), "q0"),
    (lambda: theory.linear_weights(np.eye(2), 1.0, 1.0, mean=[1.0, 2.0, 3.0]), "mean"),
    (lambda: theory.descent_gain([1.0], 1.0, [1.5], [0.1]), "steps"),
    (lambda: theory.descent_gain([1.0], 1.0, [1, 2], [0.1]), "rates"),
    (lambda: theory.descent_gain([1.0], 1.0, [1], [0.1], q0=np.nan), "q0"),
    (lambda: theory.linear([1.0]).kl(1.0, "forward"), "direction"),
    (lambda: theory.linear([1.0, 0.0]).kl(1.0), "variances"),
    (lambda: theory.linear([1.0]).emergence_time("median"), "criterion"),
    (lambda: theory.linear([1.0]).emergence_time("harmonic", target="both"), "target"),
    (lambda: theory.linear([1.0], mean=1.0).bias(0.0, 1.0), "sigma"),
    (lambda: theory.linear_weights([[1.0, 0.5]], 1.0, 1.0), "cov"),
    (lambda: theory.linear_weights([[1.0, 0.5], [0.1, 1.0]], 1.0, 1.0), "cov"),
    (lambda: theory.linear_weights([[1.0, 3.0], [3.0, 1.0]], 1.0, 1.0), "cov"),
    (lambda: theory.linear_weights(np.eye(2), 1.0, 1.0, start=np.eye(3)), "start"),
    (lambda: theory.sampled_variance(np.ones((3, 2)), [2.0, 1.0]), "gain"),
    (lambda: theory.descent_gain([1.0], 1.0, [1], [0.0]), "rates"),
])
def test_errors_name_the_argument(call, name):
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        call()


def test_cost_is_that_of_two_exponential_integrals():
    lam, tau = np.geomspace(1e-3, 1e2, 256), np.geomspace(1e-4, 1e4, 200)
    law = theory.linear(lam, q0=0.1)
    x, y = (2 * tau[:, None] * (lam + s**2) for s in (0.002, 80.0))

    def seconds(f):
        begin = time.process_time()
        f()
        return time.process_time() - begin

    def both():
        exp1(x)
        exp1(y)

    ratios = [seconds(lambda: law.generated_variance(tau)) / seconds(both) for _ in range(9)]
    assert min(ratios) < 1.25
