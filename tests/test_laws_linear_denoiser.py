"""Laws of the linear denoiser and the sampler: identities among the statements themselves."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

from specbook.laws import BOOK, PART_OF, Law, notation
from specbook.laws import denoising_gaussians as denoising
from specbook.laws import generated_distribution as generated
from specbook.laws import linear_denoiser as linear
from specbook.laws import symbols as s
from specbook.laws.book import collect
from specbook.laws.operators import FREQUENCY, MODE

NOISY = s.lam + s.sig**2


def same(left, right):
    """True if two expressions agree at random points to 25 digits."""
    rng = np.random.default_rng(0)
    symbols = sorted((left - right).free_symbols, key=str)
    for _ in range(4):
        at = {v: sp.Rational(int(rng.integers(20, 200)), 100) for v in symbols}
        if s.n in at:
            at[s.n] = int(rng.integers(2, 6))
        a, b = (e.subs(at).evalf(30) for e in (left, right))
        if abs(a - b) > 1e-25 * (1 + abs(b)):
            return False
    return True


@pytest.mark.holds("eq-forward", "eq-score", "eq-optimum")
def test_forward_and_score():
    assert same(denoising.forward.right - s.x_0, s.sig * s.z)
    # Gaussian data with variance lam and mean mu: gradient of the log density of x
    log_density = -((s.x - s.mu) ** 2) / (2 * NOISY)
    best = linear.optimum.right
    denoised = best * s.x + (1 - best) * s.mu
    assert same(denoising.score.right.subs(s.D, denoised), sp.diff(log_density, s.x))


@pytest.mark.holds("eq-probability-flow", "eq-optimum")
def test_probability_flow_keeps_the_marginals():
    # with the best denoiser of centred data, std sqrt(lam + sigma^2) solves the flow
    std = sp.sqrt(NOISY)
    slope = denoising.probability_flow.right.subs(s.D, linear.optimum.right * s.x).subs(s.x, std)
    assert same(sp.diff(std, s.sig), slope)


@pytest.mark.holds("eq-loss")
def test_loss_is_the_expectation():
    # moments of x = x0 + sigma z written out: E(w x + b - x0)^2
    second = s.lam + s.mu**2
    expectation = (
        s.w**2 * (second + s.sig**2) + s.b**2 + second
        + 2 * s.w * s.b * s.mu - 2 * s.w * second - 2 * s.b * s.mu
    )
    assert same(linear.loss.right, expectation)


@pytest.mark.holds("eq-optimum", "eq-optimum-bias")
def test_optimum_minimises_the_loss():
    solution = sp.solve([sp.diff(linear.loss.right, v) for v in (s.w, s.b)], [s.w, s.b], dict=True)
    assert len(solution) == 1
    assert same(solution[0][s.w], linear.optimum.right)
    assert same(solution[0][s.b], linear.optimum_bias.right.subs(s.w_star, linear.optimum.right))


@pytest.mark.holds("eq-gradient-flow", "eq-bias")
def test_gradient_flow_descends_the_loss():
    centred = linear.loss.right.subs(s.mu, 0)
    assert same(linear.gradient_flow.right, -s.eta * sp.diff(centred, s.w))
    assert same(sp.diff(linear.bias.right, s.tau),
                -s.eta * sp.diff(centred, s.b).subs(s.b, linear.bias.right))
    assert linear.bias.right.subs(s.tau, 0) == s.b_0


@pytest.mark.holds("eq-gain")
def test_gain_solves_the_flow():
    gain = linear.gain.right.subs(s.w_star, linear.optimum.right)
    assert same(sp.diff(gain, s.tau), linear.gradient_flow.right.subs(s.w, gain))
    assert same(gain.subs(s.tau, 0), s.q_0)


@pytest.mark.holds("eq-descent", "eq-stability")
def test_descent_takes_the_step():
    gain = linear.descent.right.subs(s.w_star, linear.optimum.right)
    step = -s.eta * sp.diff(linear.loss.right.subs({s.mu: 0, s.b: 0}), s.w)
    for n in (0, 1, 2):
        assert same(gain.subs(s.n, n + 1), gain.subs(s.n, n) + step.subs(s.w, gain.subs(s.n, n)))
    assert same(gain.subs(s.n, 0), s.q_0)
    # beyond the largest stable rate the factor of a step has size above 1
    factor = 1 - 2 * s.eta * (s.lam_max + s.sig**2)
    assert same(factor.subs(s.eta, linear.stability.right), sp.Integer(-1))


@pytest.mark.holds("eq-noncentred", "eq-slow-rate")
def test_noncentred_one_mode():
    m = sp.Matrix([[NOISY + s.mu**2, s.mu], [s.mu, 1]])
    theta = sp.Matrix([[s.w, s.b]])
    best = sp.Matrix(
        [[linear.optimum.right, linear.optimum_bias.right.subs(s.w_star, linear.optimum.right)]]
    )
    gradient = sp.Matrix([[sp.diff(linear.loss.right, v) for v in (s.w, s.b)]])
    for a, b in zip(gradient, 2 * (theta - best) * m, strict=True):
        assert same(a, b)  # so theta relaxes at the rates 2 eta M
    law = linear.noncentred.right
    assert same(sp.diff(law, s.tau), -2 * s.eta * s.M * (law - s.theta_star))
    assert same(law.subs(s.tau, 0), s.theta_0)
    rho_sum = s.rho_sum.definition
    low = linear.slow_rate.right.subs(s.rho_sum, rho_sum)
    assert same(low**2 - m.trace() * low + m.det(), sp.Integer(0))
    assert (
        low.subs({s.lam: 1, s.sig: 1, s.mu: 3}) < m.trace().subs({s.lam: 1, s.sig: 1, s.mu: 3}) / 2
    )


@pytest.mark.holds("eq-log-phi", "eq-generated-variance")
def test_growth_function_integrates_the_flow():
    gain = linear.gain.right.subs(s.w_star, linear.optimum.right)
    flow = denoising.probability_flow.right.subs(s.D, gain * s.x) / s.x
    assert same(sp.diff(generated.log_phi.right, s.sig), flow)
    start = generated.generated_variance.right.subs({s.Phi_0: s.Phi_T})
    assert same(start, s.sig_T**2)  # nothing happens when both ends coincide
    ratio = generated.generated_variance.right / s.sig_T**2
    assert same(ratio, (s.Phi_0 / s.Phi_T) ** 2)  # a variance is the square of a coordinate


def stated_variance():
    phi = {at: sp.exp(generated.log_phi.right.subs(s.sig, at)) for at in (s.sig_0, s.sig_T)}
    return generated.generated_variance.right.subs({s.Phi_0: phi[s.sig_0], s.Phi_T: phi[s.sig_T]})


@pytest.mark.holds("eq-stable")
def test_stable_form_is_the_same():
    stable = generated.trained.right * sp.exp(generated.stable.right.subs(s.c, 2 * s.eta * s.tau))
    assert same(sp.log(stated_variance()), sp.log(stable))


@pytest.mark.holds("eq-untrained", "eq-trained")
@pytest.mark.parametrize("tau, law", [("1e-25", generated.untrained), ("1e4", generated.trained)])
def test_limits(tau, law):
    at = {s.lam: sp.Rational(3, 10), s.q_0: sp.Rational(2, 5), s.sig_0: sp.Rational(1, 10),
          s.sig_T: 5, s.eta: 1}
    value = sp.log(stated_variance()).subs(at).subs(s.tau, sp.Float(tau, 60)).evalf(40)
    assert abs(value - sp.log(law.right.subs(at)).evalf(40)) < 1e-22


@pytest.mark.holds("eq-mean-flow")
def test_mean_flow():
    affine = s.w * s.x + s.b
    assert same(
        generated.mean_flow.right,
        denoising.probability_flow.right.subs(s.D, affine).subs(s.x, s.mu_gen),
    )


@pytest.mark.holds("eq-generated-mean")
def test_generated_mean_solves_its_flow():
    # a constant gain has the growth function sigma^(1 - w); the bias may be any function
    growth = {at: symbol ** (1 - s.w) for at, symbol in ((s.Phi, s.sig), (s.Phi_0, s.sig_0))}
    mean = generated.generated_mean.right.xreplace(growth | {s.b: s.sig + s.b_0 * s.sig**2}).doit()
    slope = generated.mean_flow.right.subs({s.mu_gen: mean, s.b: s.sig_0 + s.b_0 * s.sig_0**2})
    assert same(sp.diff(mean, s.sig_0), slope.subs(s.sig, s.sig_0))
    assert sp.simplify(mean.subs(s.sig_0, s.sig_T)) == 0  # the sampler starts from mean 0


@pytest.mark.holds("eq-generated-mean", "eq-mean-flow")
@pytest.mark.parametrize("tau", [0.2, 3.0])
def test_generated_mean_with_learned_weights(tau):
    # one mode with a mean: weights by the matrix exponential, then the integral of the law
    from scipy.linalg import expm

    from specbook import theory

    lam, mu, low, high = 0.4, 1.5, 0.05, 20.0

    def learned(sigma):
        noisy = lam + sigma**2
        best = np.array([lam / noisy, sigma**2 / noisy * mu])
        m = np.array([[noisy + mu**2, mu], [mu, 1.0]])
        return best - best @ expm(-2 * tau * m)

    nodes, weights = np.polynomial.legendre.leggauss(12)
    edges = np.linspace(np.log(low), np.log(high), 61)
    half = (edges[1] - edges[0]) / 2
    log_sigma = (edges[:-1, None] + half * (nodes + 1)).ravel()
    weights = np.tile(half * weights, 60)
    w, b = np.array([learned(sigma) for sigma in np.exp(log_sigma)]).T
    inside = np.array([(weights * (1 - w))[log_sigma < u].sum() for u in edges])  # ln Phi at edges
    fine = np.empty_like(log_sigma)  # the same at the nodes
    for k in range(60):
        part = slice(12 * k, 12 * k + 12)
        fit = np.polynomial.Legendre.fit(log_sigma[part], 1 - w[part], 11).integ()
        fine[part] = inside[k] + fit(log_sigma[part]) - fit(edges[k])
    expected = (weights * b * np.exp(-fine)).sum()  # Phi_0 times b / (sigma Phi) d sigma
    law = theory.linear(lam, mean=mu)
    assert law.generated_mean(tau, low, high) == pytest.approx(expected, rel=1e-9)


@pytest.mark.holds("eq-generated-mean", "eq-gaussian-mean")
def test_end_of_the_generated_mean():
    # the best bias in the flow of the mean, whose growth function is sqrt(lam + sigma^2)
    best = (1 - linear.optimum.right) * s.mu
    growth = {s.Phi: sp.sqrt(NOISY), s.Phi_0: sp.sqrt(s.lam + s.sig_0**2)}
    integral = generated.generated_mean.right.xreplace(growth | {s.b: best})
    at = {s.lam: sp.Rational(1, 2), s.mu: -3, s.sig_0: sp.Rational(1, 5), s.sig_T: 4}
    value = denoising.gaussian_mean.right.subs(at).evalf(20)
    assert abs(integral.subs(at).evalf(20) - value) < 1e-15
    slope = generated.mean_flow.right.subs({s.w: linear.optimum.right, s.b: best})
    slope = slope.subs(s.sig, s.sig_0)
    assert same(
        sp.diff(denoising.gaussian_mean.right, s.sig_0),
        slope.subs(s.mu_gen, denoising.gaussian_mean.right),
    )


@pytest.mark.holds("eq-euler", "eq-heun")
def test_steps_of_the_sampler():
    from specbook import sampler

    gains = {2.0: 0.3, 0.7: 0.55}
    at = {s.sig: 2.0, s.sig_next: 0.7, s.r: (1 - 0.3) / 2.0, s.r_next: (1 - 0.55) / 0.7}
    for law, step in (
        (denoising.euler_factor, sampler.euler),
        (denoising.heun_factor, sampler.heun),
    ):
        factor = step(lambda x, sigma: gains[sigma] * x, 1.0, [2.0, 0.7])
        assert float(law.right.subs(at)) == pytest.approx(factor, rel=1e-14)
    definition = s.r.definition
    assert float(definition.subs({s.w: 0.3, s.sig: 2.0})) == pytest.approx(0.35)


@pytest.mark.holds("eq-kl", "eq-kl-reverse")
def test_divergences_by_integration():
    x = sp.Symbol("x", real=True)

    def density(variance, mean):
        return sp.exp(-((x - mean) ** 2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)

    at = {
        s.lam_gen: sp.Rational(3, 2),
        s.lam: sp.Rational(2, 3),
        s.mu_gen: sp.Rational(1, 2),
        s.mu: sp.Rational(1, 5),
    }
    made = density(at[s.lam_gen], at[s.mu_gen])
    data = density(at[s.lam], at[s.mu])
    for law, p, q in ((generated.kl, made, data), (generated.kl_reverse, data, made)):
        integral = sp.Integral(p * sp.expand_log(sp.log(p / q), force=True), (x, -12, 12)).evalf(12)
        assert float(law.right.subs(at)) == pytest.approx(float(integral), rel=1e-9)


@pytest.mark.holds("eq-harmonic", "eq-geometric")
def test_thresholds():
    a, b = s.lam, s.lam_start
    assert same(1 / generated.harmonic.right, (1 / a + 1 / b) / 2)
    assert same(sp.log(generated.geometric.right), (sp.log(a) + sp.log(b)) / 2)


def test_every_law_is_complete():
    for law in BOOK.values():
        symbols = {*notation(PART_OF[law.label]), FREQUENCY, MODE}
        assert law.source and law.title and law.label.startswith("eq-")
        assert law.left.free_symbols and law.left.free_symbols <= symbols, law.label
        assert law.right.free_symbols <= symbols, law.label


def test_a_law_refuses_nonsense():
    fields = dict(title="t", left=s.w, right=s.b, right_latex="b", source="here")
    with pytest.raises(ValueError, match="provenance"):
        Law(label="eq-new", provenance="guessed", **fields)
    twice = [SimpleNamespace(__name__="a", s=s, law=linear.gain) for s in (linear.s, linear.s)]
    with pytest.raises(ValueError, match="eq-gain"):
        collect(twice)
    assert replace(linear.gain, title="t").label == "eq-gain"
    assert linear.gain.function(s.w_star, s.q_0, s.eta, s.tau, s.lam, s.sig)(
        0.5, 0.5, 1.0, 1.0, 1.0, 1.0
    ) == pytest.approx(0.5)


@pytest.mark.holds("eq-power-law")
def test_power_law_of_emergence_is_what_is_fitted():
    from specbook import measure

    at = {s.prefactor: 0.3, s.exponent: -1.2}
    lam = [0.01, 0.2, 5.0]
    fit = measure.power_law(
        lam, [float(generated.power_law.right.subs({**at, s.lam: v})) for v in lam]
    )
    assert fit.exponent == pytest.approx(-1.2) and fit.prefactor == pytest.approx(0.3)
