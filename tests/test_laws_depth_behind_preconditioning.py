"""Laws of depth behind EDM's parametrisation: symbolic identities with the loss they come from."""

import pytest
import sympy as sp

from specbook import noise
from specbook.laws import depth_behind_preconditioning as depth
from specbook.laws import emergence_law as emergence
from specbook.laws import linear_denoiser as linear
from specbook.laws import symbols as s

OMEGA = {s.omega: s.omega.definition}
LEARNED = OMEGA | {s.cross: depth.cross.right}


def zero(expression):
    return sp.simplify(expression) == 0


def loss_of_the_network():
    """E (D - x_0)^2 over c_out^2 in the scalings of Karras et al., for D = (c_skip + ...) x."""
    total = s.sig**2 + s.sig_d**2
    c_out, c_in = s.sig * s.sig_d / sp.sqrt(total), 1 / sp.sqrt(total)
    w = s.sig_d**2 / total + c_out * c_in * s.net
    return (w**2 * (s.lam + s.sig**2) - 2 * w * s.lam + s.lam) / c_out**2


@pytest.mark.holds("eq-precond-gain")
def test_gain_by_the_scalings_of_the_package():
    skip, out, into, *_ = (float(v) for v in noise.edm_scalings(0.7, 0.3))
    at = {s.sig: 0.7, s.sig_d: 0.3, s.net: -1.3}
    value = depth.gain.right.subs(s.c_skip, s.c_skip.definition).subs(at)
    assert float(value) == pytest.approx(skip + out * into * -1.3, rel=1e-14)


@pytest.mark.holds("eq-precond-loss", "eq-precond-power", "eq-precond-cross")
def test_loss_is_the_weighted_loss_of_the_network():
    whole = loss_of_the_network()
    assert zero(depth.loss.right.subs(LEARNED) - whole + whole.subs(s.net, 0))
    assert zero(depth.power.right - sp.diff(whole, s.net, 2) / 2)
    assert zero(depth.cross.right + sp.diff(whole, s.net).subs(s.net, 0) / 2)


@pytest.mark.holds("eq-precond-best", "eq-precond-gain", "eq-precond-one-layer")
def test_best_gain_is_where_the_slope_vanishes():
    slope = sp.diff(loss_of_the_network(), s.net)
    assert zero(depth.best.right - sp.solve(slope, s.net)[0])
    assert zero(depth.one_layer.right.subs(LEARNED) + s.eta * slope)
    w = depth.gain.right.subs(s.c_skip, s.c_skip.definition).subs(s.net, depth.best.right)
    assert zero(w - linear.optimum.right)


@pytest.mark.holds("eq-precond-one-layer", "eq-emergence-edm-flow")
def test_one_layer_is_that_of_the_chapter_on_emergence():
    w = depth.gain.right.subs(s.c_skip, s.c_skip.definition)
    speed = sp.diff(w, s.net) * depth.one_layer.right.subs(LEARNED)
    assert zero(speed - emergence.edm_flow.right.subs(s.w, w))


@pytest.mark.holds("eq-precond-flow", "eq-precond-unbalanced")
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("layers", [1, 2, 3, 5])
def test_flow_is_the_chain_rule_through_all_layers(layers, sign):
    """Each weight follows the slope of the loss; the sign sits in the last one."""
    at = {s.omega: sp.Rational(7, 5), s.cross: sign * sp.Rational(3, 7), s.eta: sp.Rational(2, 9)}
    sizes = {s.cross_size: sp.Rational(3, 7), s.layers: layers}
    a = sp.symbols(f"a1:{layers + 1}", positive=True)
    product = sign * sp.Mul(*a)
    loss = depth.loss.right.subs(s.net, product).subs(at)
    speed = sign * sum(-at[s.eta] * sp.diff(loss, p) * sp.diff(product, p) for p in a)
    equal = {p: sp.Rational(4, 3) for p in a}
    law = depth.flow.right.subs(at | sizes).subs(s.net_size, sp.Rational(4, 3) ** layers)
    assert abs(float((speed.subs(equal) - law).evalf(30))) < 1e-25
    if layers == 2:
        uneven = {a[0]: sp.Rational(1, 3), a[1]: sp.Rational(5, 4)}
        law = depth.unbalanced.right.subs(at | sizes).subs(
            {s.imbalance: a[1] ** 2 - a[0] ** 2, s.net_size: a[0] * a[1]}
        )
        assert zero(speed.subs(uneven) - law.subs(uneven))


@pytest.mark.holds("eq-precond-logistic", "eq-precond-half")
def test_logistic_law_solves_the_flow_of_two_layers():
    law = depth.logistic.right
    flow = depth.flow.right.subs({s.layers: 2, s.omega: s.cross_size / s.net_best_size})
    assert zero(sp.diff(law, s.tau) - flow.subs(s.net_size, law))
    assert zero(law.subs(s.tau, 0) - s.net_0)
    assert zero(law.subs(s.tau, depth.half_time.right) - s.net_best_size / 2)


@pytest.mark.holds("eq-precond-rising", "eq-precond-decaying")
def test_cross_term_far_from_the_assumed_variance():
    cross = depth.cross.right
    assert sp.limit(cross / depth.rising.right, s.lam, sp.oo) == 1
    assert zero(sp.limit(cross, s.lam, 0) + depth.decaying.right)


@pytest.mark.holds("eq-precond-plateau")
@pytest.mark.parametrize("layers", [3, 4, 7])
def test_plateau_is_the_integral_of_the_flow(layers):
    """Time from f_0 to half of the best gain, by quadrature, for ever smaller starts."""
    import mpmath as mp

    gaps = []
    for start in ("1e-8", "1e-14", "1e-20"):
        at = {s.layers: layers, s.eta: 0.3, s.cross_size: 0.4, s.net_0: sp.Float(start, 30)}
        flow = depth.flow.right.subs(at | {s.omega: 1.6})
        speed = sp.lambdify(s.net_size, flow, "mpmath")
        exact = mp.quad(
            lambda u, speed=speed: mp.exp(u) / speed(mp.exp(u)),
            mp.linspace(mp.log(mp.mpf(start)), mp.log(0.125), 12),
        )
        gaps.append(abs(float(depth.plateau.right.subs(at) / exact - 1)))
    assert gaps[2] < gaps[1] < gaps[0] and gaps[2] < 3e-6
