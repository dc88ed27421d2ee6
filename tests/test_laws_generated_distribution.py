"""Laws of the chapter on the generated distribution: the area and what follows from it."""

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad, solve_ivp
from test_laws_linear_denoiser import same

from specbook import theory
from specbook.laws import denoising_gaussians as denoising
from specbook.laws import generated_distribution as generated
from specbook.laws import linear_denoiser as linear
from specbook.laws import symbols as s

GAIN = linear.gain.right.subs(s.w_star, linear.optimum.right)
LOW, HIGH = 0.05, 20.0


@pytest.mark.holds("eq-log-slope")
def test_slope_in_logarithms():
    flow = denoising.probability_flow.right.subs(s.D, s.w * s.x)
    assert same(generated.log_slope.right, flow * s.sig / s.x)  # d ln x = dx / x


@pytest.mark.holds("eq-area", "eq-area-variance")
@pytest.mark.parametrize("gain", [0.0, 0.3, 1.0])
def test_area_of_a_constant_gain(gain):
    # the flow of a constant gain, solved step by step without logarithms
    path = solve_ivp(lambda sigma, x: (1 - gain) * x / sigma, (HIGH, LOW), [HIGH],
                     rtol=1e-11, atol=1e-13)
    at = {s.w: gain, s.sig_0: LOW, s.sig_T: HIGH}
    area = float(generated.area.right.subs(at).doit())
    variance = float(generated.area_variance.right.subs({s.area: area, s.sig_T: HIGH}))
    assert variance == pytest.approx(path.y[0, -1] ** 2, rel=1e-8)


@pytest.mark.holds("eq-area", "eq-area-variance", "eq-missing")
@pytest.mark.parametrize("tau", [0.3, 4.0])
def test_area_of_the_trained_gain(tau):
    lam, q0 = 0.2, 0.1
    law = theory.linear(lam, q0=q0)
    integrand = sp.lambdify(
        s.sig, generated.area.right.function.subs(s.w, GAIN).subs(
            {s.lam: lam, s.q_0: q0, s.eta: 1, s.tau: tau}
        )
    )
    best = sp.lambdify(
        s.sig, generated.area.right.function.subs(s.w, linear.optimum.right).subs(s.lam, lam)
    )
    ends = {s.sig_0: LOW, s.sig_T: HIGH}
    bounds = [float(b.subs(ends)) for b in generated.area.right.limits[0][1:]]
    areas = [
        quad(f, *bounds, epsabs=1e-13, epsrel=1e-12, limit=400)[0] for f in (integrand, best)
    ]
    of_area = sp.lambdify((s.area, s.sig_T), generated.area_variance.right)
    expected = law.generated_variance(tau, LOW, HIGH)
    assert of_area(areas[0], HIGH) == pytest.approx(expected, rel=1e-9)
    lacks = float(generated.missing.right.subs({s.area: areas[0], s.area_end: areas[1]}))
    ratio = law.generated_variance([tau, np.inf], LOW, HIGH)
    assert lacks == pytest.approx(np.log(ratio[0] / ratio[1]), rel=1e-9)


@pytest.mark.holds("eq-shelf")
def test_shelf_is_the_limit_of_low_noise():
    assert same(sp.limit(1 - GAIN.subs(s.q_0, 0), s.sig, 0), generated.shelf.right)


@pytest.mark.holds("eq-shelf-time")
def test_shelf_is_halved():
    assert same(generated.shelf.right.subs(s.tau, generated.shelf_time.right), sp.Rational(1, 2))


@pytest.mark.holds("eq-three-parts")
def test_three_parts_are_the_gain():
    assert same(generated.three_parts.right.subs(s.c, 2 * s.eta * s.tau), 1 - GAIN)


@pytest.mark.holds("eq-area-end", "eq-trained")
def test_area_after_endless_training():
    at = generated.area_variance.right.subs(s.area, generated.area_end.right)
    assert same(at, generated.trained.right)
    slope = sp.diff(generated.area_end.right, s.sig_T)
    assert same(slope, (1 - linear.optimum.right.subs(s.sig, s.sig_T)) / s.sig_T)


@pytest.mark.holds("eq-density-ratio")
def test_ratio_of_densities():
    def density(variance):
        return sp.exp(-(s.x**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)

    assert same(sp.exp(generated.density_ratio.right), density(s.lam_gen) / density(s.lam))


@pytest.mark.holds("eq-kl-variance", "eq-density-ratio")
def test_cost_is_the_average_over_samples():
    at = {s.lam: 0.7, s.lam_gen: 0.2}
    ratio = sp.lambdify(s.x, generated.density_ratio.right.subs(at))
    x = 0.2**0.5 * np.linspace(-14, 14, 4001)
    weight = np.exp(-(x**2) / 0.4) / np.sqrt(0.4 * np.pi)
    average = np.sum(weight * ratio(x)) * (x[1] - x[0])
    assert float(generated.kl_variance.right.subs(at)) == pytest.approx(average, rel=1e-10)
    assert same(generated.kl_variance.right, generated.kl.right.subs(s.mu_gen, s.mu))
