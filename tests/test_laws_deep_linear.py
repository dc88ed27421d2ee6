"""Laws of deep linear denoisers: each follows from the loss of its layers."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from test_laws_linear_denoiser import same

from specbook.laws import deep_linear as deep
from specbook.laws import generated_distribution as generated
from specbook.laws import linear_denoiser as linear
from specbook.laws import notation
from specbook.laws import symbols as s

NOISY = s.lam + s.sig**2
DEFINED = {
    letter: letter.definition
    for letter in notation("training-time")
    if letter.definition is not None and letter != s.y  # which stands for the gain
}


def spelled(expression):
    """The expression with all abbreviations of the notation table written out."""
    for _ in range(3):
        expression = expression.subs(DEFINED)
    return expression


def loss(gain):
    return linear.loss.right.subs({s.mu: 0, s.b: 0}).subs(s.w, gain)


def descends(parameters, gain):
    """d gain / d tau when each parameter follows minus eta times its derivative of the loss."""
    return sum(-s.eta * sp.diff(loss(gain), p) * sp.diff(gain, p) for p in parameters)


def loss_of_matrices(a_2, a_1, cov, sigma):
    left = a_2 @ a_1 - np.eye(len(cov))
    return np.trace(left @ cov @ left.T) + sigma**2 * np.sum((a_2 @ a_1) ** 2)


def matrix_case():
    rng = np.random.default_rng(5)
    root = rng.standard_normal((3, 3))
    return rng.standard_normal((2, 3)), rng.standard_normal((3, 2)), root @ root.T, 0.6


def gradient(function, at, step=1e-6):
    out = np.empty_like(at)
    for place in np.ndindex(at.shape):
        move = np.zeros_like(at)
        move[place] = step
        out[place] = (function(at + move) - function(at - move)) / (2 * step)
    return out


@pytest.mark.holds("eq-deep-layer-flow")
def test_flow_of_a_layer_is_the_gradient():
    a_1, a_2, cov, sigma = matrix_case()
    slope = gradient(lambda a: loss_of_matrices(a_2, a, cov, sigma), a_1)
    noisy = cov + sigma**2 * np.eye(3)
    assert np.allclose(slope, 2 * a_2.T @ (a_2 @ a_1 @ noisy - cov), rtol=1e-6, atol=1e-6)
    # one mode, one hidden unit: the law itself
    gain = s.a_1 * s.a_2
    law = deep.layer_flow.right.subs({s.A_2T: s.a_2, s.A_2: s.a_2, s.A_1: s.a_1, s.Sigma: s.lam})
    assert same(law, -s.eta * sp.diff(loss(gain), s.a_1))


@pytest.mark.holds("eq-deep-matrix-flow")
def test_flow_of_a_tied_layer_is_the_gradient():
    a_1, _, cov, sigma = matrix_case()
    slope = gradient(lambda a: loss_of_matrices(a.T, a, cov, sigma), a_1)
    w, noisy = a_1.T @ a_1, cov + sigma**2 * np.eye(3)
    assert np.allclose(slope, 2 * a_1 @ (w @ noisy + noisy @ w - 2 * cov), rtol=1e-6, atol=1e-6)
    law = deep.matrix_flow.right.subs({s.A_1: s.a_1, s.W: s.a_1**2, s.Sigma: s.lam})
    assert same(law, -s.eta * sp.diff(loss(s.a_1**2), s.a_1))


@pytest.mark.holds("eq-deep-tied-flow")
def test_tied_flow():
    assert same(descends([s.a_1], s.a_1**2), deep.tied_flow.right.subs(s.w, s.a_1**2))


@pytest.mark.holds("eq-deep-gain-tied")
def test_tied_gain_solves_its_flow():
    gain = spelled(deep.tied_gain.right)
    assert same(sp.diff(gain, s.tau), deep.tied_flow.right.subs(s.w, gain))
    assert same(gain.subs(s.tau, 0), s.q_0)


@pytest.mark.holds("eq-deep-harmonic-time")
def test_harmonic_time():
    gain = spelled(deep.tied_gain.right).subs(s.tau, deep.harmonic_time.right)
    assert same(1 / gain, (1 / s.q_0 + NOISY / s.lam) / 2)


@pytest.mark.holds("eq-deep-log-phi-tied")
def test_tied_growth_function():
    log_phi = spelled(deep.tied_log_phi.right)
    gain = spelled(deep.tied_gain.right)
    assert same(sp.diff(log_phi, s.sig), (1 - gain) / s.sig)


@pytest.mark.holds("eq-deep-variance-tied")
def test_tied_variance_is_that_of_the_growth_function():
    log_phi = spelled(deep.tied_log_phi.right)
    ends = log_phi.subs(s.sig, s.sig_0) - log_phi.subs(s.sig, s.sig_T)
    variance = s.sig_T**2 * sp.exp(2 * ends)
    assert same(variance, spelled(deep.tied_variance.right))
    end = spelled(deep.tied_variance.right).subs(sp.exp(-8 * s.eta * s.lam * s.tau), 0)
    assert same(end, generated.trained.right)
    early = deep.tied_variance.right.subs({s.lam_Psi: 1 / s.r, s.Psi: 1})
    assert same(sp.limit(early, s.r, 0), generated.untrained.right)


@pytest.mark.holds("eq-deep-balanced", "eq-deep-log-phi-tied", "eq-deep-variance-tied")
def test_balanced_layers_are_tied_ones_with_what_is_left_of_their_start():
    log_phi = deep.tied_log_phi.right.subs(s.Psi, s.Psi.definition)
    log_phi = spelled(log_phi.subs(s.Xi, s.Xi_b))
    gain = spelled(deep.balanced.right.subs(s.w_star, linear.optimum.right))
    assert same(sp.diff(log_phi, s.sig), (1 - gain) / s.sig)
    ends = log_phi.subs(s.sig, s.sig_0) - log_phi.subs(s.sig, s.sig_T)
    law = deep.tied_variance.right.subs(s.lam_Psi, s.lam_Psi.definition)
    law = law.subs(s.Psi, s.Psi.definition)
    assert same(s.sig_T**2 * sp.exp(2 * ends), spelled(law.subs(s.Xi, s.Xi_b)))


@pytest.mark.holds("eq-deep-invariant")
def test_training_keeps_the_imbalance():
    gain = s.a_1 * s.a_2
    change = sum(
        -s.eta * sp.diff(loss(gain), a) * sp.diff(deep.invariant.right, a) for a in (s.a_1, s.a_2)
    )
    assert sp.simplify(change) == 0
    # and it says how large the flow is
    root = sp.sqrt(deep.invariant.right**2 + 4 * gain**2)
    assert same(root, s.a_1**2 + s.a_2**2)


@pytest.mark.holds("eq-deep-untied-flow")
def test_untied_flow():
    gain = s.a_1 * s.a_2
    law = deep.untied_flow.right.subs({s.w: gain, s.imbalance: s.a_2**2 - s.a_1**2})
    assert same(descends([s.a_1, s.a_2], gain), law)


@pytest.mark.holds("eq-deep-riccati", "eq-deep-untied-gain")
def test_riccati_equation():
    gain = deep.riccati_variable.right
    y = s.y.definition
    assert same(gain.subs(s.y, y), s.w)
    slope = sp.diff(y, s.w) * deep.untied_flow.right
    assert same(slope, deep.riccati.right.subs(s.y, y))


@pytest.mark.holds("eq-deep-rate")
def test_rate_is_the_distance_of_the_roots():
    y = sp.Symbol("y")  # of any sign
    high, low = sp.solve(deep.riccati.right.subs(s.y, y), y)
    factor = deep.riccati.right.subs(s.y, y).expand().coeff(y, 2)
    assert same((high - low) ** 2 * factor**2, 4 * s.eta**2 * deep.rate.right)
    assert same(spelled(deep.rate.left), deep.rate.right)


@pytest.mark.holds("eq-deep-gain-untied")
def test_untied_gain_solves_the_riccati_equation():
    ratio = spelled(deep.untied_gain.right)
    high, low = spelled(s.y_high), spelled(s.y_low)
    y = (high - low * ratio) / (1 - ratio)
    assert same(sp.diff(y, s.tau), spelled(deep.riccati.right).subs(s.y, y))
    assert same(y.subs(s.tau, 0), s.y_0)


@pytest.mark.holds("eq-deep-balanced", "eq-deep-unbalanced")
def test_limits_of_the_imbalance():
    gain = spelled(deep.balanced.right).subs(s.w_star, linear.optimum.right)
    assert same(sp.diff(gain, s.tau), deep.untied_flow.right.subs({s.imbalance: 0, s.w: gain}))
    assert same(gain.subs(s.tau, 0), s.q_0)
    # the flow without the square of the gain beside that of the imbalance
    gain = deep.unbalanced.right.subs(s.w_star, linear.optimum.right)
    flow = -2 * s.eta * s.imbalance * (NOISY * gain - s.lam)
    assert same(sp.diff(gain, s.tau), flow)
    assert same(gain.subs(s.tau, 0), s.q_0)


@pytest.mark.holds("eq-deep-random-start")
def test_growth_of_a_small_random_start():
    # while the product is small, d a_1 = 2 eta lam a_2 and d a_2 = 2 eta lam a_1
    grow = sp.exp(2 * s.eta * s.lam * s.tau)
    plus, minus = (s.a_1 + s.a_2) / 2 * grow, (s.a_2 - s.a_1) / 2 / grow
    first, second = plus - minus, plus + minus
    assert same(sp.diff(first, s.tau), 2 * s.eta * s.lam * second)
    assert same(sp.diff(second, s.tau), 2 * s.eta * s.lam * first)
    assert same(first.subs(s.tau, 0), s.a_1) and same(second.subs(s.tau, 0), s.a_2)
    at = {s.eta: 1, s.lam: 1, s.a_1: sp.Rational(1, 3), s.a_2: sp.Rational(3, 4), s.tau: 20}
    # a balanced start grows as its gain times exp(4 eta lam tau)
    worth = (first * second / grow**2).subs(at)
    assert abs(sp.N(worth / deep.random_start.right.subs(at) - 1, 30)) < 1e-20


@pytest.mark.holds("eq-deep-flow")
@pytest.mark.parametrize("depth", [2, 3, 5])
def test_flow_of_many_layers(depth):
    weights = sp.symbols(f"k1:{depth + 1}", positive=True)
    gain = sp.Mul(*weights)
    flow = descends(weights, gain).subs({k: s.a_1 for k in weights})
    assert same(flow, deep.deep_flow.right.subs(s.layers, depth).subs(s.w, s.a_1**depth))


@pytest.mark.holds("eq-deep-implicit", "eq-deep-flow")
def test_implicit_law_inverts_the_flow():
    slowness = sp.diff(deep.implicit.right, s.w)
    assert same(slowness * deep.deep_flow.right, sp.Integer(1))
    assert deep.implicit.right.subs(s.w, s.q_0).doit() == 0


@pytest.mark.holds("eq-deep-small-start")
@pytest.mark.parametrize("depth", [3, 4])
def test_small_start(depth):
    # the time to half of the optimum, for smaller and smaller starts
    at = {s.layers: depth, s.lam: sp.Rational(3, 2), s.eta: sp.Rational(1, 3)}
    lam, noisy = 1.5, 1.75
    errors = []
    for q_0 in (1e-6, 1e-12):
        with mp.workdps(30):
            time = mp.quad(
                lambda t: mp.exp(t * (mp.mpf(2) / depth - 1)) / (lam - noisy * mp.exp(t)),
                mp.linspace(mp.log(q_0), mp.log(lam / noisy / 2), 12),
            ) / (2 * depth / mp.mpf(3))
        law = float(deep.small_start.right.subs(at).subs(s.q_0, q_0))
        errors.append(abs(float(time) / law - 1))
    assert errors[1] < errors[0] / 50 and errors[1] < 1e-4
