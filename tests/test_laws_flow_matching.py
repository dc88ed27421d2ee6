"""Laws of flow matching: each against the statement it follows from, symbolically or by numbers."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from specbook.laws import denoising_gaussians as denoising
from specbook.laws import flow_matching
from specbook.laws import linear_denoiser as linear
from specbook.laws import symbols as s

STATE = s.t**2 * s.lam + (1 - s.t) ** 2


def same(left, right, unit=()):
    """True if two expressions agree at random points to 25 digits; symbols in `unit` below 1."""
    rng = np.random.default_rng(0)
    symbols = sorted((left - right).free_symbols, key=str)
    for _ in range(4):
        at = {
            v: sp.Rational(int(rng.integers(20, 200)), 200 if v in unit else 100) for v in symbols
        }
        a, b = (sp.sympify(e).subs(at).evalf(30) for e in (left, right))
        if abs(a - b) > sp.Float("1e-25") * (1 + abs(b)):
            return False
    return True


def written_out(expression):
    """Best gain and state's variance in terms of t and the variance of the data."""
    best = flow_matching.optimum.right
    return sp.sympify(expression).subs(s.w_v_star, best).subs(s.lam_t, STATE)


# --- path, loss, optimum ---------------------------------------------------------------------


def mean_of(expression):
    """Mean of a polynomial of second order in independent x_0 and z: only squares are left."""
    terms = sp.Poly(sp.expand(expression), s.x_0, s.z)
    return terms.coeff_monomial(s.x_0**2) * s.lam + terms.coeff_monomial(s.z**2)


@pytest.mark.holds("eq-flow-path", "eq-flow-loss")
def test_loss_is_the_expectation():
    path = flow_matching.path.right
    target = sp.diff(path, s.t)  # along a path the velocity is the derivative
    assert sp.expand(target - (s.x_0 - s.z)) == 0
    assert path.subs(s.t, 0) == s.z and path.subs(s.t, 1) == s.x_0
    expectation = mean_of((s.w_v * path - target) ** 2)
    assert sp.expand(flow_matching.loss.right.subs(s.lam_t, STATE) - expectation) == 0
    assert sp.expand(mean_of(path**2) - STATE) == 0


@pytest.mark.holds("eq-flow-optimum")
def test_optimum_minimises_the_loss():
    loss = flow_matching.loss.right
    (best,) = sp.solve(sp.diff(loss, s.w_v), s.w_v)
    assert sp.simplify(best - flow_matching.optimum.right) == 0
    # with it the standard deviation of the state solves the sampler's equation
    std = sp.sqrt(STATE)
    assert same(sp.diff(std, s.t), written_out(s.w_v_star) * std, unit=(s.t,))


@pytest.mark.holds("eq-flow-ode", "eq-flow-optimum")
def test_ode_carries_noise_into_data():
    flow = flow_matching.ode.right.subs(s.v, written_out(s.w_v_star) * s.x)
    slope = sp.lambdify((s.t, s.x, s.lam), flow, "mpmath")
    end = mp.odefun(lambda t, x: slope(t, x, mp.mpf("0.3")), 0, mp.mpf(1))(1)
    assert float(end**2) == pytest.approx(0.3, rel=1e-12)


@pytest.mark.holds("eq-flow-gradient")
def test_gradient_flow_descends_the_loss():
    slope = -s.eta * sp.diff(flow_matching.loss.right, s.w_v)
    assert sp.simplify(
        written_out(flow_matching.gradient_flow.right) - slope.subs(s.lam_t, STATE)
    ) == 0


@pytest.mark.holds("eq-flow-gain")
def test_gain_solves_the_flow():
    gain = flow_matching.gain.right
    assert same(sp.diff(gain, s.tau), flow_matching.gradient_flow.right.subs(s.w_v, gain))
    assert same(gain.subs(s.tau, 0), s.q_0)


# --- generated variance ----------------------------------------------------------------------


def quadrature(lam, c, q0):
    """Generated variance by 40-digit quadrature of the gain over t."""
    with mp.workdps(40):
        lam, c, q0 = map(mp.mpf, (lam, c, q0))

        def gain(t):
            state = t**2 * lam + (1 - t) ** 2
            best = (t * lam - (1 - t)) / state
            return best + (q0 - best) * mp.exp(-c * state)

        near = 1 / (1 + lam)
        return mp.exp(2 * mp.quad(gain, [0, near / 2, near, (1 + near) / 2, 1]))


@pytest.mark.holds("eq-flow-variance")
@pytest.mark.parametrize("lam", ["0.03", "0.7", "5"])
@pytest.mark.parametrize("q0", ["0", "0.3", "-1"])
def test_variance_is_the_integral_of_the_gain(lam, q0):
    at = {s.lam: sp.Float(lam, 50), s.q_0: sp.Float(q0, 50), s.c: sp.Float("1.7", 50)}
    value = flow_matching.variance.right.subs(at).evalf(40)
    exact = sp.Float(mp.nstr(quadrature(lam, "1.7", q0), 38), 40)
    assert abs(value / exact - 1) < sp.Float("1e-25")


@pytest.mark.holds("eq-flow-variance")
def test_variance_by_differentiation():
    """d ln(variance) / dc is an integral of exponentials alone, and SymPy knows that one."""
    law = sp.log(s.lam) + sp.log(flow_matching.variance.right / s.lam)
    law = sp.expand_log(law, force=True)
    t = s.t
    # d(gain)/dc = (best - q0) state exp(-c state); best * state = d(state)/dt / 2
    best = sp.integrate(sp.exp(-s.c * s.lam_t), s.lam_t)  # in the variable state
    by_best = best.subs(s.lam_t, s.lam) - best.subs(s.lam_t, 1)
    number = {s.lam: sp.Rational(3, 10), s.c: sp.Rational(7, 5)}
    zero = law.subs(s.q_0, 0)
    assert same(sp.diff(zero, s.c), by_best)
    by_start = sp.Integral(-2 * STATE * sp.exp(-s.c * STATE), (t, 0, 1)).subs(number)
    slope = sp.diff(law, s.q_0).diff(s.c).subs(number)
    assert float(slope.evalf(20)) == pytest.approx(float(by_start.evalf(20)), rel=1e-14)


@pytest.mark.holds("eq-flow-untrained", "eq-flow-trained")
@pytest.mark.parametrize("c, law", [("1e-20", "untrained"), ("300", "trained")])
def test_limits(c, law):
    at = {s.lam: sp.Rational(13, 10), s.q_0: sp.Rational(2, 5), s.c: sp.Float(c, 60)}
    value = flow_matching.variance.right.subs(at).evalf(40)
    expected = getattr(flow_matching, law).right.subs(at).evalf(40)
    assert abs(value / expected - 1) < 1e-18


@pytest.mark.holds("eq-flow-zero")
@pytest.mark.parametrize("path", ["straight", "arc", "late"])
def test_from_zero_the_path_does_not_matter(path):
    with mp.workdps(30):
        lam, c = mp.mpf("0.2"), mp.mpf(3)
        signal, noise = {
            "straight": (lambda t: t, lambda t: 1 - t),
            "arc": (lambda t: mp.sin(mp.pi * t / 2), lambda t: mp.cos(mp.pi * t / 2)),
            "late": (lambda t: t**3, lambda t: 1 - t**2),
        }[path]

        def growth(t):
            state = signal(t) ** 2 * lam + noise(t) ** 2
            with_target = signal(t) * mp.diff(signal, t) * lam + noise(t) * mp.diff(noise, t)
            return with_target / state * (1 - mp.exp(-c * state))

        exact = mp.exp(2 * mp.quad(growth, mp.linspace(mp.mpf("1e-9"), 1 - mp.mpf("1e-9"), 9)))
    value = flow_matching.zero_start.right.subs({s.lam: 0.2, s.c: 3.0}).evalf()
    assert float(value) == pytest.approx(float(exact), rel=1e-7)
    assert same(sp.log(flow_matching.zero_start.right),
                sp.log(flow_matching.variance.right.subs(s.q_0, 0)))


@pytest.mark.holds("eq-flow-zero")
def test_mirror_of_the_law_that_starts_at_zero():
    law = sp.log(flow_matching.zero_start.right)
    mirrored = law.subs({s.lam: 1 / s.lam, s.c: s.c * s.lam}, simultaneous=True)
    assert same(mirrored, -law)


# --- the map to the denoiser ------------------------------------------------------------------


@pytest.mark.holds("eq-flow-noise", "eq-flow-path", "eq-forward")
def test_path_is_noisy_data():
    noisy = denoising.forward.right.subs(s.sig, flow_matching.noise_level.right)
    assert sp.simplify(noisy * s.t - flow_matching.path.right) == 0


@pytest.mark.holds("eq-flow-velocity", "eq-flow-noise", "eq-flow-ode", "eq-probability-flow")
def test_sampler_is_the_probability_flow():
    x = sp.Function("x")(s.t)  # state of flow matching; x / t is the one of the noise level
    velocity = flow_matching.velocity.right.subs(s.x_t, x)
    slope = sp.diff(x / s.t, s.t).subs(sp.Derivative(x, s.t), velocity)
    level = flow_matching.noise_level.right
    by_level = denoising.probability_flow.right.subs({s.x: x / s.t, s.sig: level})
    assert sp.simplify(slope - by_level * sp.diff(level, s.t)) == 0


@pytest.mark.holds("eq-flow-velocity", "eq-flow-path")
def test_velocity_is_the_mean_of_the_target():
    # z given the state: from the path; then the mean of x_0 - z
    noise = sp.solve(flow_matching.path.right - s.x_t, s.z)[0].subs(s.x_0, s.D)
    assert sp.simplify(s.D - noise - flow_matching.velocity.right) == 0


@pytest.mark.holds("eq-flow-denoiser", "eq-flow-optimum", "eq-optimum")
def test_gain_of_the_denoiser():
    velocity = flow_matching.velocity.right.subs(s.D, s.w * s.x_t / s.t) / s.x_t
    (w,) = sp.solve(velocity - s.w_v, s.w)
    assert sp.simplify(w - flow_matching.denoiser_gain.right) == 0
    best = written_out(flow_matching.denoiser_gain.right.subs(s.w_v, s.w_v_star))
    level = flow_matching.noise_level.right
    assert sp.simplify(best - linear.optimum.right.subs(s.sig, level)) == 0


# --- EDM's parametrisation --------------------------------------------------------------------


@pytest.mark.holds("eq-flow-preconditioned")
def test_preconditioned_by_quadrature_over_a_wide_range():
    with mp.workdps(30):
        lam, c, d = mp.mpf("0.04"), mp.mpf("0.9"), mp.mpf("0.5")

        def growth(u):  # (1 - w) in the logarithm of the noise level
            noise = mp.exp(2 * u)
            skip, best = d**2 / (noise + d**2), lam / (lam + noise)
            w = best + (skip - best) * mp.exp(-c * (lam + noise) / (noise + d**2))
            return 1 - w

        low, high = mp.log(mp.mpf("1e-8")), mp.log(mp.mpf("1e8"))
        grown = mp.exp(2 * high - 2 * mp.quad(growth, mp.linspace(low, high, 30)))
    at = {s.lam: 0.04, s.c: 0.9, s.sig_d: 0.5}
    value = float(flow_matching.preconditioned.right.subs(at).evalf())
    assert value == pytest.approx(float(grown), rel=1e-12)
    zero = flow_matching.zero_start.right.subs(s.lam, s.lam / s.sig_d**2) * s.sig_d**2
    assert same(zero, flow_matching.preconditioned.right)


@pytest.mark.holds("eq-flow-relaxation", "eq-flow-parametrised")
def test_relaxation_of_any_output():
    """Output F x_in trained towards a target that is linear in data and noise, one mode."""
    skip, out, scale, weight = sp.symbols("c_s c_o c_i W", positive=True)
    output = sp.Symbol("F", real=True)
    noisy = s.x_0 + s.sig * s.z
    target = (s.x_0 - skip * noisy) / out  # so that D = skip x + out F x_in is the data
    loss = weight * mean_of((output * scale * noisy - target) ** 2)
    gain = skip + out * scale * output
    slope = sp.diff(gain, output) * -s.eta * sp.diff(loss, output)
    law = flow_matching.relaxation.right
    best = s.lam / (s.lam + s.sig**2)
    moving = sp.diff(law, s.tau).subs({s.lam_x: weight * scale**2 * (s.lam + s.sig**2)})
    same_gain = law.subs({s.lam_x: weight * scale**2 * (s.lam + s.sig**2)})
    (at_gain,) = sp.solve(gain - same_gain, output)
    assert sp.simplify((moving - slope.subs(output, at_gain)).subs(s.w_star, best)) == 0
    assert law.subs(s.tau, 0) == s.q_0
    # along the noise levels the growth changes with the gain
    inside = flow_matching.parametrised.right.args[-1].function
    assert same(inside, (law - s.w_star) / s.sig)
    assert flow_matching.parametrised.right.args[0] == 2  # a variance is a square


@pytest.mark.holds("eq-flow-equal", "eq-flow-parametrised")
@pytest.mark.parametrize("lam, c", [(0.02, 0.3), (1.5, 1.2)])
def test_equal_times_by_quadrature(lam, c):
    """The general law with the rate of data prediction under the velocity's loss, by mpmath."""
    at = {s.lam: lam, s.c: c, s.sig_0: sp.Rational(1, 10), s.sig_T: 9}
    general = flow_matching.parametrised.right.subs(
        {s.q_0: 0, s.w_star: s.lam / (s.lam + s.sig**2)}
    )
    general = general.subs({s.lam_x: 1 + s.lam / s.sig**2, s.eta: s.c / (2 * s.tau)}).subs(at)
    factor, integral = general.args
    inside = sp.lambdify(s.sig, integral.function, "mpmath")
    with mp.workdps(30):
        value = float(factor) * mp.quad(inside, mp.linspace(mp.mpf("0.1"), 9, 40))
        assert abs(value - mp.mpf(str(flow_matching.equal.right.subs(at).evalf(30)))) < 1e-15


def test_equal_times_do_not_know_the_mode():
    wide = flow_matching.equal.right.subs(
        {s.sig_0: sp.Float("1e-30", 40), s.sig_T: sp.Float("1e30", 40)}
    )
    for lam in (0.001, 0.3, 40):
        value = wide.subs({s.lam: sp.Float(str(lam), 40), s.c: sp.Float("0.5", 40)}).evalf(30)
        assert abs(value + mp.e1(0.5)) < 1e-14


# --- steps and two layers ---------------------------------------------------------------------


@pytest.mark.holds("eq-flow-euler", "eq-flow-heun", "eq-flow-ode")
def test_steps():
    from specbook import theory

    euler, heun = flow_matching.euler.right, flow_matching.heun.right
    h = sp.Symbol("h", positive=True)
    constant = {s.t_next: s.t + h, s.w_v_next: s.w_v}
    flow = sp.exp(h * s.w_v).series(h, 0, 3).removeO()
    assert sp.expand(heun.subs(s.g_euler, euler).subs(constant) - flow) == 0
    assert sp.expand(euler.subs(constant) - 1 - h * s.w_v) == 0
    law, grid = theory.flow_matching(0.3, q0=0.2), [0.0, 0.35, 1.0]
    w = law.gain(grid, 0.8)
    for method in ("euler", "heun"):
        product = 1.0
        for i in (0, 1):
            at = {s.t: grid[i], s.t_next: grid[i + 1], s.w_v: w[i], s.w_v_next: w[i + 1]}
            step = euler if method == "euler" else heun.subs(s.g_euler, euler)
            product *= float(step.subs(at))
        value = law.generated_variance(0.8, grid, method=method)
        assert value == pytest.approx(product**2, rel=1e-13)


@pytest.mark.holds("eq-flow-tied")
@pytest.mark.parametrize("t", ["0.2", "0.9"])
def test_tied_layers_by_integration(t):
    with mp.workdps(30):
        lam, t, q0, eta, tau = mp.mpf("0.5"), mp.mpf(t), mp.mpf("0.3"), mp.mpf("0.7"), mp.mpf(2)
        state, target = t**2 * lam + (1 - t) ** 2, t * lam - (1 - t)

        def slope(_, p):  # gradient of the loss of the weight p^2
            return -eta * 2 * p * 2 * (state * p**2 - target)

        p = mp.odefun(slope, 0, mp.sqrt(q0), tol=mp.mpf("1e-18"))(tau)
        exact = p**2
    at = {s.lam: 0.5, s.t: float(t), s.q_0: 0.3, s.eta: 0.7, s.tau: 2.0}
    value = float(written_out(flow_matching.tied.right).subs(at).evalf())
    assert value == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.holds("eq-flow-tied-end")
@pytest.mark.parametrize("lam", ["0.01", "3"])
def test_tied_end_by_quadrature(lam):
    with mp.workdps(25):
        lam = mp.mpf(lam)

        def best(t):  # negative gains cannot be reached and end at 0
            return max((t * lam - (1 - t)) / (t**2 * lam + (1 - t) ** 2), 0)

        turn = 1 / (1 + lam)
        exact = mp.exp(2 * mp.quad(best, [0, turn, (1 + turn) / 2, 1]))
    value = flow_matching.tied_end.right.subs(s.lam, float(lam))
    assert float(value) == pytest.approx(float(exact), rel=1e-12)
