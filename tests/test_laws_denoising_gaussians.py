"""Laws of noise, score, flow and steps, against integrals, equations and runs without them."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy import integrate

from specbook import noise, sampler
from specbook.laws import denoising_gaussians as denoising
from specbook.laws import symbols

s = symbols
AT = {"lam": 0.7, "mu": -0.4, "sig": 0.6, "sig_0": 0.05, "sig_T": 7.0, "x": 1.3, "x_T": -5.0}


def number(expression, **others):
    """Value of an expression at the point `AT`, in 30 digits."""
    at = {getattr(s, name): sp.Float(str(v), 30) for name, v in {**AT, **others}.items()}
    return mpmath.mpf(sp.N(expression.subs(at), 30))


def noisy(x, sigma, clean):
    """Density of noisy data by quadrature over the clean density, and the posterior mean."""

    def bell(x0):
        return mpmath.exp(-((x - x0) ** 2) / (2 * sigma**2)) / mpmath.sqrt(2 * mpmath.pi) / sigma

    span = [x - 12 * sigma, x - 3 * sigma, x, x + 3 * sigma, x + 12 * sigma]
    density = mpmath.quad(lambda x0: clean(x0) * bell(x0), span)
    return density, mpmath.quad(lambda x0: x0 * clean(x0) * bell(x0), span) / density


def normal(x):
    return mpmath.npdf(x, AT["mu"], mpmath.sqrt(AT["lam"]))


def skewed(x):
    """A density that is neither Gaussian nor symmetric."""
    return (2 * mpmath.npdf(x, -1, 0.5) + mpmath.npdf(x, 2, 1)) / 3


@pytest.mark.holds("eq-forward")
def test_noise_has_variance_sigma_squared():
    rng = np.random.default_rng(0)
    x_0, z = rng.standard_normal((2, 200_000))
    x = denoising.forward.function(s.x_0, s.sig, s.z)(2 * x_0 + 1, 0.6, z)
    assert x.mean() == pytest.approx(1, abs=4 * 2.1 / np.sqrt(len(x)))
    assert x.var() == pytest.approx(4 + 0.36, rel=4 * np.sqrt(2 / len(x)))
    assert np.corrcoef(x - 2 * x_0, z)[0, 1] == pytest.approx(1)


@pytest.mark.holds("eq-noisy-density", "eq-gaussian-denoiser")
def test_gaussian_laws_by_quadrature():
    density, mean = noisy(AT["x"], AT["sig"], normal)
    assert abs(number(denoising.noisy_density.right) / density - 1) < 1e-12
    assert abs(number(denoising.gaussian_denoiser.right) / mean - 1) < 1e-12


@pytest.mark.holds("eq-noisy-density")
def test_density_is_normalised():
    density = denoising.noisy_density.function(s.x, s.mu, s.lam, s.sig)
    total = integrate.quad(lambda x: density(x, -0.4, 0.7, 0.6), -12, 12)[0]
    assert total == pytest.approx(1, rel=1e-10)


@pytest.mark.holds("eq-heat")
@pytest.mark.parametrize("clean", [normal, skewed])
def test_heat_equation_by_differences(clean):
    x, sigma, h = mpmath.mpf("0.3"), mpmath.mpf("0.6"), mpmath.mpf("1e-4")

    def p(x, sigma):
        return noisy(x, sigma, clean)[0]

    change = (p(x, sigma + h) - p(x, sigma - h)) / (2 * h)
    curvature = (p(x + h, sigma) - 2 * p(x, sigma) + p(x - h, sigma)) / h**2
    right = denoising.heat.right.subs({s.sig: float(sigma), s.d2p_dx2: float(curvature)})
    assert float(right) == pytest.approx(float(change), rel=1e-6)


@pytest.mark.holds("eq-score")
@pytest.mark.parametrize("clean", [normal, skewed])
def test_score_from_the_posterior_mean(clean):
    x, sigma, h = mpmath.mpf("0.3"), mpmath.mpf("0.6"), mpmath.mpf("1e-5")
    logs = [mpmath.log(noisy(x + k * h, sigma, clean)[0]) for k in (1, -1)]
    slope = (logs[0] - logs[1]) / (2 * h)
    score = denoising.score.function(s.D, s.x, s.sig)(noisy(x, sigma, clean)[1], x, sigma)
    assert abs(score / slope - 1) < 1e-8


@pytest.mark.holds("eq-gaussian-score")
def test_gaussian_score_is_the_slope_of_the_log_density():
    h = 1e-5
    logs = [
        sp.log(denoising.noisy_density.right).subs(s.x, sp.Float(str(AT["x"]), 30) + k * h)
        for k in (1, -1)
    ]
    slope = (number(logs[0]) - number(logs[1])) / (2 * h)
    assert abs(number(denoising.gaussian_score.right) / slope - 1) < 1e-8


@pytest.mark.holds("eq-two-points")
@pytest.mark.parametrize("x, sigma", [(0.3, 0.6), (-1.4, 0.9), (2.0, 3.0)])
def test_two_points_by_their_weights(x, sigma):
    plus, minus = (np.exp(-((x - c) ** 2) / (2 * sigma**2)) for c in (1, -1))
    law = denoising.two_points.function(s.x, s.sig)(x, sigma)
    assert law == pytest.approx((plus - minus) / (plus + minus), rel=1e-12)


@pytest.mark.holds("eq-probability-flow")
def test_flow_keeps_quantiles_of_a_density_that_is_not_gaussian():
    def both(x, sigma):  # two bells of unequal weight and width stay bells under noise
        rows = [(2 / 3, -1, 0.25), (1 / 3, 2, 1.0)]
        shares = [w * np.exp(-((x - m) ** 2) / (2 * (v + sigma**2))) / np.sqrt(v + sigma**2)
                  for w, m, v in rows]
        means = [m + v / (v + sigma**2) * (x - m) for _, m, v in rows]
        denoised = sum(a * b for a, b in zip(shares, means, strict=True)) / sum(shares)
        below = sum(w * mpmath.ncdf(float(x), m, np.sqrt(v + sigma**2)) for w, m, v in rows)
        return denoised, float(below)

    slope = denoising.probability_flow.function(s.x, s.D, s.sig)
    path = integrate.solve_ivp(
        lambda sigma, x: slope(x, both(x[0], sigma)[0], sigma), (5.0, 0.2), [3.0],
        rtol=1e-11, atol=1e-13,
    )
    assert both(path.y[0, -1], 0.2)[1] == pytest.approx(both(3.0, 5.0)[1], abs=1e-8)


@pytest.mark.holds("eq-gaussian-flow", "eq-gaussian-variance", "eq-gaussian-mean")
def test_gaussian_flow_by_integration():
    lam, mu = AT["lam"], AT["mu"]

    def end(start, mean, last):
        return integrate.solve_ivp(
            lambda sigma, x: (x - (mean + lam / (lam + sigma**2) * (x - mean))) / sigma,
            (AT["sig_T"], last), [start], rtol=1e-12, atol=1e-14, method="DOP853",
        ).y[0, -1]

    law = float(number(denoising.gaussian_flow.right))
    assert law == pytest.approx(end(AT["x_T"], mu, AT["sig"]), rel=1e-9)
    variance = end(AT["sig_T"], 0.0, AT["sig_0"]) ** 2  # centred: one standard deviation
    assert float(number(denoising.gaussian_variance.right)) == pytest.approx(variance, rel=1e-9)
    mean = end(0.0, mu, AT["sig_0"])
    assert float(number(denoising.gaussian_mean.right)) == pytest.approx(mean, rel=1e-9)


@pytest.mark.holds("eq-gaussian-variance")
def test_limits_of_a_wide_range():
    wide = {"sig_0": 1e-12, "sig_T": 1e12}
    assert abs(number(denoising.gaussian_variance.right, **wide) / AT["lam"] - 1) < 1e-11
    assert abs(number(denoising.gaussian_mean.right, **wide) / AT["mu"] - 1) < 1e-11
    floor = number(denoising.gaussian_variance.right, lam=1e-20)
    assert abs(floor / AT["sig_0"] ** 2 - 1) < 1e-12  # a mode without variance keeps the noise


# --- finite steps --------------------------------------------------------------------------


def run(method, lam, sigmas, x=1.0):
    """The state after the sampler's steps with the best denoiser, in plain Python."""
    for a, b in zip(sigmas[:-1], sigmas[1:], strict=True):
        slope = x * a / (lam + a**2)
        guess = x + (b - a) * slope
        if method == "heun" and b > 0:
            guess = x + (b - a) * (slope + guess * b / (lam + b**2)) / 2
        x = guess
    return x


@pytest.mark.holds("eq-euler", "eq-heun")
@pytest.mark.parametrize("law, method", [("euler_factor", "euler"), ("heun_factor", "heun")])
def test_steps_with_any_gain(law, method):
    gains = {2.0: 0.3, 0.7: 0.55}
    at = {s.sig: 2.0, s.sig_next: 0.7, s.r: (1 - 0.3) / 2.0, s.r_next: (1 - 0.55) / 0.7}
    factor = sampler.sample(lambda x, sigma: gains[sigma] * x, 1.0, [2.0, 0.7], method)
    assert float(getattr(denoising, law).right.subs(at)) == pytest.approx(factor, rel=1e-14)


@pytest.mark.holds("eq-exact-step", "eq-angle", "eq-euler-angle", "eq-heun-angle")
@pytest.mark.parametrize("lam", [1e-3, 0.5, 30.0])
@pytest.mark.parametrize("a, b", [(5.0, 0.3), (0.8, 0.7), (0.05, 0.0)])
def test_steps_in_angles(lam, a, b):
    angle = denoising.angle.function(s.sig, s.lam)
    delta = angle(a, lam) - angle(b, lam)
    g = denoising.exact_step.function(s.sig, s.sig_next, s.lam)(a, b, lam)
    euler = denoising.euler_angle.function(s.g, s.delta)(g, delta)
    heun = denoising.heun_angle.function(s.g, s.delta)(g, delta)
    assert euler == pytest.approx(run("euler", lam, [a, b]), rel=1e-12)
    slope = a / (lam + a**2)  # Heun's own formula also for a step that ends at zero
    trial = 1 + (b - a) * slope
    assert heun == pytest.approx(1 + (b - a) * (slope + trial * b / (lam + b**2)) / 2, rel=1e-12)
    assert np.tan(angle(a, lam)) == pytest.approx(a / np.sqrt(lam))


@pytest.mark.holds("eq-exact-step")
def test_exact_step_is_the_flow():
    lam, a, b = 0.4, 3.0, 0.2
    end = integrate.solve_ivp(lambda sigma, x: x * sigma / (lam + sigma**2), (a, b), [1.0],
                              rtol=1e-11, atol=1e-13).y[0, -1]
    law = denoising.exact_step.function(s.lam, s.sig, s.sig_next)(lam, a, b)
    assert law == pytest.approx(end, rel=1e-9)


@pytest.mark.holds("eq-sampler-product", "eq-last-step")
@pytest.mark.parametrize("method", sampler.METHODS)
def test_product_of_the_steps(method):
    lam, sigmas = 0.02, noise.edm_schedule(9)
    factors = [run(method, lam, pair) for pair in zip(sigmas[:-1], sigmas[1:], strict=True)]
    law = denoising.sampler_product.function(s.sig_T, s.g_i)
    variance = float(law(sigmas[0], factors))
    assert variance == pytest.approx(run(method, lam, sigmas, x=sigmas[0]) ** 2, rel=1e-12)
    gain = lam / (lam + sigmas[-1] ** 2)
    zero = run(method, lam, [*sigmas, 0.0], x=sigmas[0]) ** 2
    law = denoising.last_step.right.subs({s.w_0: gain, s.lam_gen: variance})
    assert float(law) == pytest.approx(zero, rel=1e-10)


@pytest.mark.holds("eq-step-error")
@pytest.mark.parametrize("sigma", [0.05, 0.6, 4.0])
@pytest.mark.parametrize("p, method", [(1, "euler"), (2, "heun")])
def test_error_of_one_step(p, method, sigma):
    lam = mpmath.mpf("0.7")
    law = denoising.step_error.right.subs(s.w_star, s.lam / (s.lam + s.sig**2)).subs(s.order, p)
    with mpmath.workdps(40):
        ratios = []
        for h in (mpmath.mpf("1e-4"), mpmath.mpf("1e-6")):
            pair = [mpmath.mpf(sigma), mpmath.mpf(sigma) * mpmath.exp(-h)]
            flow = (lam + pair[1] ** 2) / (lam + pair[0] ** 2)
            error = mpmath.log(run(method, lam, pair) ** 2 / flow)
            value = number(law, lam="0.7", sig=sigma, h=mpmath.nstr(h, 20))
            ratios.append(float(error / value))
    assert ratios[1] == pytest.approx(1, abs=2e-5)
    assert abs(ratios[1] - 1) < 0.02 * abs(ratios[0] - 1) + 1e-9  # the rest is of first order


@pytest.mark.holds("eq-mode-error", "eq-uniform-step")
@pytest.mark.parametrize("p, method", [(1, "euler"), (2, "heun")])
@pytest.mark.parametrize("lam", [1.0, 0.01])
def test_error_of_a_mode_with_equal_steps(p, method, lam):
    count, low, high = 2000, 1e-4, 1e3
    h = denoising.uniform_step.function(s.sig_0, s.sig_T, s.steps)(low, high, count)
    law = denoising.mode_error.function(s.order, s.h)(p, h)
    sigmas = np.geomspace(high, low, count + 1)
    assert np.log(sigmas[3] / sigmas[4]) == pytest.approx(h)
    flow = (lam + low**2) / (lam + high**2)
    error = np.log(run(method, lam, sigmas) ** 2 / flow)
    assert law == pytest.approx(error, rel=h)
    with mpmath.workdps(20):  # and it is the sum of the errors of the steps

        def one(log):
            gain = lam / (lam + mpmath.exp(2 * log))
            at = {s.order: p, s.w_star: gain, s.h: 1}
            return mpmath.mpf(sp.N(denoising.step_error.right.subs(at), 20))

        total = mpmath.quad(one, [-14, -4, 0, 4, 14])
    assert float(total) == pytest.approx((-1) ** p / (2 * p), rel=1e-8)


@pytest.mark.holds("eq-edm-step", "eq-uniform-step")
@pytest.mark.parametrize("rho", [2.0, 7.0])
def test_step_of_the_edm_levels(rho):
    n, low, high = 20_001, 0.002, 80.0
    levels = noise.edm_schedule(n, low, high, rho=rho)
    law = denoising.edm_step.function(s.sig, s.sig_0, s.sig_T, s.rho, s.steps)
    for k in (100, 9000, 19_000):
        middle = np.sqrt(levels[k] * levels[k + 1])
        step = np.log(levels[k] / levels[k + 1])
        assert law(middle, low, high, rho, n - 1) == pytest.approx(step, rel=1e-4)
    uniform = denoising.uniform_step.function(s.sig_0, s.sig_T, s.steps)(low, high, n - 1)
    assert law(0.3, low, high, 1e7, n - 1) == pytest.approx(uniform, rel=1e-6)


@pytest.mark.holds("eq-best-angles")
def test_no_grid_beats_equal_angles():
    lam, low, high, count = 0.3, 0.01, 20.0, 8
    ends = np.arctan([high / np.sqrt(lam), low / np.sqrt(lam)])
    law = denoising.best_angles.function(s.steps, s.phi_T, s.phi_0)(count, *ends)
    equal = np.sqrt(lam) * np.tan(np.linspace(*ends, count + 1))
    assert equal[0] == pytest.approx(high) and equal[-1] == pytest.approx(low)
    flow = (lam + low**2) / (lam + high**2)
    assert law == pytest.approx(np.log(run("euler", lam, equal) ** 2 / flow), rel=1e-10)
    rng = np.random.default_rng(1)
    for scale in (0.01, 0.1, 1.0):
        for _ in range(20):
            angles = np.linspace(*ends, count + 1)
            angles[1:-1] += scale * rng.standard_normal(count - 1)
            angles = np.sort(np.clip(angles, *ends[::-1]))[::-1]
            grid = np.sqrt(lam) * np.tan(angles)
            assert np.log(run("euler", lam, grid) ** 2 / flow) <= law + 1e-12


@pytest.mark.holds("eq-best-step")
@pytest.mark.parametrize("p", [1, 2])
def test_best_step_is_stationary(p):
    # leading order: the sum of window h^(p + 1) over steps is the integral of window h^p; a
    # small change of the step sizes with the number of steps kept changes it to second order
    log = np.linspace(-8, 5, 4001)
    gains = np.array([1.0, 0.02])[:, None] / (np.array([1.0, 0.02])[:, None] + np.exp(2 * log))
    window = (gains * (1 - gains) ** p).mean(axis=0)
    law = denoising.best_step.function(s.C, s.w_star, s.order)
    best = law(0.05, gains.T, p)
    assert np.ptp(window * best ** (p + 1)) < 1e-12 * 0.05 ** (p + 1)  # equal errors
    assert law(0.1, gains.T, p) == pytest.approx(2 * best)

    def total(density):
        return np.trapezoid(window / density**p, log)

    density = 1 / best
    for k in range(3):
        change = np.cos((k + 1) * log)
        change -= np.trapezoid(change * density, log) / np.trapezoid(density, log)
        values = [total(density * (1 + e * change)) for e in (1e-3, -1e-3)]
        assert (values[0] - values[1]) / (2e-3) == pytest.approx(0, abs=1e-6 * total(density))
        assert min(values) > total(density)
