"""theory.preconditioned against routes that do not share its code."""

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from specbook import noise, theory
from specbook.measure import CRITERIA

LAM = np.array([1e-8, 1e-3, 0.2, 0.25, 0.3, 8.0, 1e4])


def exact_gain(lam, sigma, tau, sd):
    """Gain from the regression of the network itself: input variance, covariance with target."""
    lam, sigma, sd = map(mp.mpf, map(float, (lam, sigma, sd)))
    total = sigma**2 + sd**2
    c_skip, c_out, c_in = sd**2 / total, sigma * sd / mp.sqrt(total), 1 / mp.sqrt(total)
    seen = c_in**2 * (lam + sigma**2)
    target = c_in * (lam - c_skip * (lam + sigma**2)) / c_out  # <input (x0 - c_skip x) / c_out>
    a = -mp.expm1(-2 * mp.mpf(float(tau)) * seen) * target / seen
    return c_skip + c_out * c_in * a


def exact_variance(lam, tau, low, high, sd):
    """ln Phi in its stated form, with 50 digits."""
    with mp.workdps(50):
        lam, tau, low, high, sd = map(mp.mpf, map(float, (lam, tau, low, high, sd)))
        if tau == 0:
            return high**2 * (sd**2 + low**2) / (sd**2 + high**2)

        def log_phi(sigma):
            rate = (lam + sigma**2) / (sigma**2 + sd**2)
            return (mp.log(lam + sigma**2) - mp.ei(-2 * tau * rate)) / 2

        return high**2 * mp.exp(2 * (log_phi(low) - log_phi(high)))


@pytest.mark.holds("eq-emergence-edm-gain")
def test_gain_by_fifty_digits():
    rng = np.random.default_rng(0)
    for _ in range(200):
        lam, tau, sigma, sd = 10 ** rng.uniform([-8, -14, -2.7, -2], [4, 8, 1.9, 2])
        with mp.workdps(50):
            exact = exact_gain(lam, sigma, tau, sd)
        value = theory.preconditioned(lam, sigma_data=sd).gain(sigma, tau)
        assert abs(float(value / exact - 1)) < 1e-12


@pytest.mark.holds("eq-emergence-edm-stable", "eq-emergence-edm-phi")
def test_variance_by_fifty_digits_over_the_whole_range():
    rng, worst = np.random.default_rng(1), 0.0
    for i in range(300):
        lam, sd = 10 ** rng.uniform([-8, -2], [4, 2])
        sd = 0.5 if i % 2 else sd
        tau = (0.0, 1e-300, 1e-25, 1e-17, 1e8)[i // 10] if i < 50 else 10 ** rng.uniform(-20, 8)
        low, high = np.sort(10 ** rng.uniform(np.log10(0.002), np.log10(80), 2))
        if i % 3 == 0:
            low, high = 0.002, 80.0
        value = theory.preconditioned(lam, sigma_data=sd).generated_variance(tau, low, high)
        worst = max(worst, abs(float(value / exact_variance(lam, tau, low, high, sd) - 1)))
    assert worst < 1e-12


@pytest.mark.holds("eq-emergence-edm-stable")
def test_variance_by_quadrature_of_the_gain():
    tau, low, high, sd = 0.8, 0.002, 80.0, 0.4
    for lam in (1e-4, 0.1, 30.0):
        with mp.workdps(25):
            growth = mp.quad(
                lambda u, v=lam: 1 - exact_gain(v, mp.exp(u), tau, sd),
                mp.linspace(mp.log(low), mp.log(high), 25),
            )
            expected = float(mp.mpf(high) ** 2 * mp.exp(-2 * growth))
        value = theory.preconditioned(lam, sigma_data=sd).generated_variance(tau, low, high)
        assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.holds("eq-emergence-edm-flow", "eq-emergence-edm-gain", "eq-emergence-edm-stable")
def test_against_integration_of_both_equations():
    """Weights by Runge-Kutta on the gradient of EDM's loss for the network, then the flow."""
    lam, eta, tau, sd = 2.0, 0.7, 0.4, 0.6

    def trained(sigma):
        c_skip, c_out, c_in, _, weight = (float(v) for v in noise.edm_scalings(sigma, sd))

        def slope(_, a):  # minus eta times the derivative of weight E (D - x0)^2
            w = c_skip + c_out * c_in * a
            return -eta * weight * 2 * c_out * c_in * (w * (lam + sigma**2) - lam)

        end = solve_ivp(slope, (0, tau), [0.0], method="LSODA", rtol=1e-11, atol=1e-13).y[0, -1]
        return c_skip + c_out * c_in * end

    def flow(u, x):
        return x * (1 - trained(np.exp(u)))

    law = theory.preconditioned(lam, eta, sd)
    for sigma in (0.05, 1.0, 20.0):
        assert law.gain(sigma, tau) == pytest.approx(trained(sigma), rel=1e-8)
    x = solve_ivp(flow, np.log([6.0, 0.1]), [6.0], method="DOP853", rtol=1e-9, atol=1e-12).y[0, -1]
    assert law.generated_variance(tau, 0.1, 6.0) == pytest.approx(x**2, rel=1e-7)


@pytest.mark.holds("eq-emergence-edm-start", "eq-emergence-edm-stable", "eq-emergence-edm-gain")
def test_exact_limits():
    law = theory.preconditioned(LAM)
    start = 6400 * (0.25 + 4e-6) / (0.25 + 6400)
    assert np.allclose(law.generated_variance(0.0), start, rtol=1e-13)
    assert np.allclose(law.generated_variance(np.inf), 6400 * (LAM + 4e-6) / (LAM + 6400), 1e-13)
    assert np.array_equal(law.gain(2.0, np.inf), LAM / (LAM + 4))
    assert np.allclose(law.gain(2.0, 0.0), 0.25 / 4.25, rtol=1e-15)
    still = theory.preconditioned(0.25).generated_variance(np.geomspace(1e-9, 1e9, 50))
    assert np.allclose(still, start, rtol=1e-13)  # data as assumed: nothing to learn


@pytest.mark.filterwarnings("error")
def test_finite_everywhere():
    lam = np.concatenate([[0.0], np.geomspace(1e-8, 1e4, 40)])
    tau = np.concatenate([[0.0, 5e-324, 1e-310], np.geomspace(1e-20, 1e8, 60), [1e300, np.inf]])
    for sd in (0.01, 0.5, 30.0):
        law = theory.preconditioned(lam, sigma_data=sd)
        for out in (law.generated_variance(tau), law.gain([0.002, 1.0, 80.0], tau),
                    law.generated_variance(tau, sigmas=noise.edm_schedule(20))):
            assert np.isfinite(out).all() and (out >= 0).all()


def test_becomes_flow_matching_on_an_unlimited_range():
    """sigma_min -> 0 and sigma_max -> infinity: E_1 at lambda / sigma_data^2 and at 1."""
    lam, sd, tau = 3.0, 0.6, 0.35
    with mp.workdps(30):
        ratio = mp.mpf(lam) / sd**2
        expected = lam * mp.exp(mp.e1(2 * tau * ratio) - mp.e1(2 * tau))
    value = theory.preconditioned(lam, sigma_data=sd).generated_variance(tau, 1e-9, 1e9)
    assert value == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("target", ["data", "final"])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_emergence_time_solves_its_equation(criterion, target):
    lam, low, high = np.array([1e-3, 0.05, 1.0, 40.0]), 0.002, 80.0
    found = theory.preconditioned(lam, eta=0.3).emergence_time(criterion, low, high, target)
    means = {"harmonic": lambda a, b: 2 * a * b / (a + b), "geometric": lambda a, b: (a * b) ** 0.5,
             "arithmetic": lambda a, b: (a + b) / 2}
    for one, time in zip(lam, found, strict=True):
        start, end = (exact_variance(one, t, low, high, 0.5) for t in (0.0, 1e9))
        level = means[criterion](float(start), one if target == "data" else float(end))
        root = brentq(
            lambda u, v=one, y=level: float(exact_variance(v, np.exp(u), low, high, 0.5)) - y,
            np.log(1e-8), np.log(1e6), xtol=1e-13,
        )
        assert time * 0.3 == pytest.approx(np.exp(root), rel=1e-10)


def test_a_huge_mode_emerges_at_once():
    lam, low, high = 1e10, 0.002, 1e7  # at the lowest level its rate is 8e10
    time = theory.preconditioned(lam).emergence_time("geometric", low, high)
    start, reached = (exact_variance(lam, t, low, high, 0.5) for t in (0.0, time))
    assert float(reached) == pytest.approx((float(start) * lam) ** 0.5, rel=1e-10)


def test_no_emergence_where_there_is_nothing_to_learn():
    start = float(theory.preconditioned(1.0).generated_variance(0.0))
    assert np.isnan(theory.preconditioned(start).emergence_time("geometric"))


def test_scalars_and_axes():
    law = theory.preconditioned(2.0)
    assert law.gain(1.0, 1.0).shape == () and law.generated_variance(1.0).shape == ()
    assert law.gain([1.0, 2.0], [1.0]).shape == (2, 1)
    many = theory.preconditioned([1.0, 2.0], sigma_data=0.7)
    assert many.generated_variance([1.0, 2.0, 3.0]).shape == (3, 2)
    assert many.gain([1.0], [1.0, 2.0, 3.0]).shape == (1, 3, 2)


@pytest.mark.parametrize(
    "given, name",
    [
        (dict(variances=[]), "variances"), (dict(variances=[-1.0]), "variances"),
        (dict(variances=[np.nan]), "variances"), (dict(variances=[1.0], eta=0.0), "eta"),
        (dict(variances=[1.0], sigma_data=0.0), "sigma_data"),
        (dict(variances=[1.0], sigma_data=[0.5, 0.5]), "sigma_data"),
        (dict(variances=[1.0], sigma_data=np.inf), "sigma_data"),
    ],
)
def test_bad_input_is_named(given, name):
    with pytest.raises(ValueError, match=name):
        theory.preconditioned(**given)


def test_bad_arguments_of_the_methods_are_named():
    law = theory.preconditioned([1.0])
    for call, name in (
        (lambda: law.gain(0.0, 1.0), "sigma"), (lambda: law.gain(1.0, -1.0), "tau"),
        (lambda: law.generated_variance(1.0, 2.0, 1.0), "sigma"),
        (lambda: law.emergence_time("mean"), "criterion"),
    ):
        with pytest.raises(ValueError, match=name):
            call()
