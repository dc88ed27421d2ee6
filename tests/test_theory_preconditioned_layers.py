"""theory.preconditioned with several layers against routes that do not share its code."""

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from specbook import data, measure, noise, theory
from specbook.measure import CRITERIA
from specbook.sampler import Sampling

LAM = np.array([1e-3, 0.2, 0.3, 8.0])
GRID = noise.edm_schedule(18)


def by_weights(lam, sigma, tau, weights, eta=1.0, sd=0.5):
    """Gain of D after gradient flow of all weights on EDM's loss, by Runge-Kutta steps."""
    skip, out, into, _, weight = (float(v) for v in noise.edm_scalings(sigma, sd))

    def slope(_, a):
        w = skip + out * into * np.prod(a)
        error = weight * 2 * out * into * (w * (lam + sigma**2) - lam)  # of E weight (D - x0)^2
        return -eta * error * np.array([np.prod(np.delete(a, i)) for i in range(a.size)])

    path = solve_ivp(slope, (0, tau), weights, method="DOP853", rtol=1e-12, atol=1e-16)
    return skip + out * into * np.prod(path.y[:, -1])


def balanced_weights(lam, layers, start, sd=0.5):
    """Equal layers; the sign of what is to be learned sits in the last one."""
    weights = np.full(layers, start ** (1 / layers))
    weights[-1] *= np.sign(lam - sd**2)
    return weights


@pytest.mark.holds("eq-precond-flow", "eq-precond-gain", "eq-precond-logistic", "eq-precond-cross")
@pytest.mark.parametrize("layers", [1, 2, 3, 4, 7])
def test_gain_against_integration_of_the_weights(layers):
    for start in (0.02, 0.6):
        law = theory.preconditioned(LAM, 0.7, 0.5, layers, start)
        for sigma in (0.05, 0.5, 6.0):
            for tau in (0.3, 4.0, 30.0):
                expected = [
                    by_weights(v, sigma, tau, balanced_weights(v, layers, start), 0.7)
                    for v in LAM
                ]
                assert law.gain(sigma, tau) == pytest.approx(expected, rel=1e-10)


@pytest.mark.holds("eq-precond-unbalanced", "eq-precond-gain")
@pytest.mark.parametrize("first, second", [(0.0, 1.0), (0.2, 0.7), (1e-3, 0.02)])
def test_unbalanced_gain_against_integration_of_the_weights(first, second):
    law = theory.preconditioned(
        LAM, sigma_data=0.4, layers=2, start=first * second, imbalance=second**2 - first**2
    )
    for sigma in (0.05, 0.5, 6.0):
        for tau in (0.3, 4.0, 30.0):
            expected = [
                by_weights(v, sigma, tau, [first, second * np.sign(v - 0.16)], sd=0.4)
                for v in LAM
            ]
            assert law.gain(sigma, tau) == pytest.approx(expected, rel=1e-10)


@pytest.mark.holds("eq-precond-logistic", "eq-precond-best", "eq-precond-cross", "eq-precond-gain")
def test_logistic_law_by_forty_digits():
    rng = np.random.default_rng(0)
    for _ in range(200):
        lam, tau, sigma, sd, start = 10 ** rng.uniform([-6, -4, -2.7, -2, -12], [4, 4, 1.9, 1, 1])
        value = theory.preconditioned(lam, sigma_data=sd, layers=2, start=start).gain(sigma, tau)
        with mp.workdps(40):
            lam, tau, sigma, sd, start = map(mp.mpf, map(float, (lam, tau, sigma, sd, start)))
            cross = sigma * abs(lam - sd**2) / (sd * (sigma**2 + sd**2))
            best = cross * (sigma**2 + sd**2) / (lam + sigma**2)
            size = best / (1 + (best / start - 1) * mp.exp(-4 * tau * cross))
            skip, scale = sd**2 / (sigma**2 + sd**2), sigma * sd / (sigma**2 + sd**2)
            exact = skip + mp.sign(lam - sd**2) * scale * size
        assert abs(float(value - exact)) < 1e-13 * (float(skip + scale * size))


@pytest.mark.holds("eq-precond-flow")
@pytest.mark.parametrize("layers", [2, 3, 5])
def test_time_of_a_gain_is_the_integral_of_the_flow_of_any_depth(layers):
    """The same route for two layers, which have a closed form, and for more."""
    for lam, sigma, start in ((3.0, 0.3, 1e-4), (1e-3, 1.5, 1e-7), (0.3, 0.5, 2.0)):
        law = theory.preconditioned(lam, layers=layers, start=start)
        cross = sigma * abs(lam - 0.25) / (0.5 * (sigma**2 + 0.25))
        power = (lam + sigma**2) / (sigma**2 + 0.25)
        for done in (0.05, 0.7, 0.99):  # of the logarithm of the way
            end = start * (cross / power / start) ** done
            with mp.workdps(25):
                tau = mp.quad(
                    lambda u, c=cross, p=power: 1 / (
                        2 * layers * mp.exp(u * (1 - mp.mpf(2) / layers)) * (c - p * mp.exp(u))
                    ),
                    mp.linspace(mp.log(start), mp.log(end), 9),
                )
            size = (law.gain(sigma, float(tau)) - 0.25 / (sigma**2 + 0.25))
            size = size * (sigma**2 + 0.25) / (0.5 * sigma) * np.sign(lam - 0.25)
            assert size == pytest.approx(end, rel=1e-8)


@pytest.mark.parametrize(
    "given",
    [
        dict(layers=1, start=0.3), dict(layers=2, start=1e-3), dict(layers=2, start=1e-14),
        dict(layers=2, imbalance=1.0), dict(layers=2, start=1e-5, imbalance=1e-3),
        dict(layers=3, start=1e-3), dict(layers=3, start=1e-9), dict(layers=12, start=1e-4),
        dict(layers=3, start=5.0),
    ],
)
def test_variance_by_quadrature_of_the_gain(given):
    """Forty thousand Gauss panels, narrower than the rise at the end of a plateau here."""
    edges = np.linspace(np.log(0.002), np.log(80.0), 40_001)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    half = np.log(80.0 / 0.002) / 80_000
    sigma = np.exp(edges[:-1, None] + half * (nodes + 1)).ravel()
    for lam in (1e-4, 0.26, 30.0):
        law = theory.preconditioned(lam, **given)
        span = law._span(0.002, 80.0)
        for tau in np.exp(np.linspace(span[0][0], span[1][0], 9)[4:-1]) / 2:
            kept = half * (law.gain(sigma, tau).reshape(-1, 8) @ weights).sum()
            expected = 0.002**2 * np.exp(2 * kept)
            assert law.generated_variance(tau) == pytest.approx(expected, rel=1e-10)


def test_variance_by_the_sampler_and_by_a_loop():
    law = theory.preconditioned(LAM, layers=3, start=0.01)
    for method in ("euler", "heun"):
        x = np.full(LAM.size, GRID[0])
        for a, b in zip(GRID[:-1], GRID[1:], strict=True):
            slope = (1 - law.gain(a, 2.5)) / a * x
            ahead = x + (b - a) * slope
            if method == "heun":
                slope = (slope + (1 - law.gain(b, 2.5)) / b * ahead) / 2
            x = x + (b - a) * slope
        found = law.generated_variance(2.5, sampling=Sampling(sigmas=GRID, method=method))
        assert found == pytest.approx(x**2, rel=1e-11)
        fine = noise.edm_schedule(4000)
    assert law.generated_variance(2.5, sigmas=fine) == pytest.approx(
        law.generated_variance(2.5), rel=1e-4
    )


@pytest.mark.parametrize("given", [dict(layers=2, start=1e-3), dict(layers=3, start=1e-3),
                                   dict(layers=2, imbalance=0.5)])
def test_limits(given):
    law = theory.preconditioned(LAM, **given)
    total, sigma = 0.25 + GRID**2, GRID[:, None]
    first = 0.25 / total[:, None] + np.sign(LAM - 0.25) * given.get("start", 0) * (
        0.5 * GRID / total
    )[:, None]
    assert np.allclose(law.gain(GRID, 0.0), first, rtol=1e-13)
    best = LAM / (LAM + sigma**2)
    rounding = 1e-15 * (best + (0.25 / total)[:, None])  # of the answer and what is passed on
    assert (np.abs(law.gain(GRID, np.inf) - best) < rounding).all()
    end = 6400 * (LAM + 4e-6) / (LAM + 6400)
    assert np.allclose(law.generated_variance(np.inf), end, rtol=1e-10)


def test_a_mode_of_the_assumed_variance_never_moves():
    for given in (dict(layers=2, start=0.1), dict(layers=4, start=0.1),
                  dict(layers=2, imbalance=1.0)):
        law = theory.preconditioned([0.25, 1.0], **given)
        tau = np.array([0.0, 1e-3, 1.0, 1e9, np.inf])
        assert np.array_equal(law.gain(0.7, tau)[:, 0], np.full(5, 0.25 / (0.25 + 0.49)))
        start = 6400 * (0.25 + 4e-6) / (0.25 + 6400)
        assert np.allclose(law.generated_variance(tau)[:, 0], start, rtol=1e-10)
        assert np.isnan(law.emergence_time("geometric", target="final")[0])


@pytest.mark.holds("eq-precond-unbalanced")
def test_between_balanced_layers_and_one_layer():
    balanced = theory.preconditioned(LAM, layers=2, start=0.01)
    nearly = theory.preconditioned(LAM, layers=2, start=0.01, imbalance=1e-7)
    assert nearly.gain(0.7, 3.0) == pytest.approx(balanced.gain(0.7, 3.0), rel=1e-6)
    very = theory.preconditioned(LAM, layers=2, imbalance=1e6)
    one = theory.preconditioned(LAM, eta=1e6)
    tau = np.geomspace(1e-8, 1e-5, 9)
    assert very.gain(0.7, tau) == pytest.approx(one.gain(0.7, tau), rel=1e-5)


@pytest.mark.holds("eq-precond-half", "eq-precond-plateau")
def test_times_to_half_of_the_best_gain():
    for lam in (1e-3, 9.0):
        sigma, start = 0.4, 1e-8
        cross = sigma * abs(lam - 0.25) / (0.5 * (sigma**2 + 0.25))
        best = sigma * abs(lam - 0.25) / (0.5 * (lam + sigma**2))
        half = np.log(best / start - 1) / (4 * cross)
        law = theory.preconditioned(lam, layers=2, start=start)
        middle = (law.gain(sigma, 0.0) + law.gain(sigma, np.inf)) / 2
        assert law.gain(sigma, half) == pytest.approx(middle, rel=1e-7)
        law = theory.preconditioned(lam, layers=3, start=start)
        plateau = start ** (-1 / 3) / (2 * cross)
        assert law.gain(sigma, 0.9 * plateau) == pytest.approx(law.gain(sigma, 0.0), rel=1e-3)
        assert law.gain(sigma, 1.1 * plateau) == pytest.approx(law.gain(sigma, np.inf), rel=1e-2)


def test_descent_on_a_two_layer_network_tends_to_the_law():
    """Exact gradients of two matrices behind the preconditioner: half the step, half the error."""
    rng, sigma, tau, start = np.random.default_rng(3), 0.6, 6.0, 0.05
    lam = np.array([4.0, 1.0, 0.5, 0.1, 0.02])
    modes = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    hidden = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    cov = modes * lam @ modes.T
    skip, out, into, _, weight = (float(v) for v in noise.edm_scalings(sigma))
    law = theory.preconditioned(lam, layers=2, start=start).gain(sigma, tau)
    errors = []
    for steps in (400, 800, 1600):
        first = np.sqrt(start) * hidden @ modes.T
        second = np.sqrt(start) * (modes * np.sign(lam - 0.25)) @ hidden.T
        for _ in range(steps):
            denoise = skip * np.eye(5) + out * into * second @ first
            slope = 2 * weight * out * into * (denoise @ (cov + sigma**2 * np.eye(5)) - cov)
            rate = tau / steps
            first, second = first - rate * second.T @ slope, second - rate * slope @ first.T
        gain = np.diag(modes.T @ (skip * np.eye(5) + out * into * second @ first) @ modes)
        errors.append(np.abs(gain - law))
    assert errors[-1].max() < 2e-3
    assert errors[0].sum() / errors[1].sum() == pytest.approx(2, abs=0.1)
    assert errors[1].sum() / errors[2].sum() == pytest.approx(2, abs=0.05)


GAUSSIAN, SMALL = 0.25 * np.geomspace(100, 0.01, 64), np.geomspace(1e-3, 0.1, 48)
PATCHES = data.standardise(
    data.natural_patches(8, per_photograph=3000, remove_mean=False), "pixel", deviation=0.5
)[1].variances
TABLE = [
    (GAUSSIAN, dict(), "rising", 27, (-0.11, -0.54, -0.97)),
    (GAUSSIAN, dict(layers=2, start=1e-3), "rising", 27, (-0.67, -0.95, -1.10)),
    (GAUSSIAN, dict(), "decaying", 27, (-0.03, -0.46, -0.90)),
    (GAUSSIAN, dict(layers=2, start=1e-3), "decaying", 27, (0.10, -0.06, -0.34)),
    (PATCHES, dict(), "decaying", 61, (-0.02, -0.46, -0.93)),
    (PATCHES, dict(layers=2, start=1e-3), "decaying", 61, (0.05, -0.13, -0.41)),
    (PATCHES, dict(layers=2, imbalance=1.0), "decaying", 61, (-0.01, -0.33, -0.64)),
    (SMALL, dict(), "decaying", 48, (-0.02, -0.46, -0.92)),
    (SMALL, dict(layers=2, start=1e-3), "decaying", 48, (0.07, -0.11, -0.39)),
]


@pytest.mark.parametrize("lam, given, side, count, expected", TABLE)
def test_table_of_exponents(lam, given, side, count, expected):
    """As stated on other grounds: EDM's 18 levels, Heun, modes beyond a factor of 2."""
    law = theory.preconditioned(lam, **given)
    start, end = law.generated_variance([0.0, np.inf], sigmas=GRID)
    part = start < end / 2 if side == "rising" else start > 2 * end
    assert part.sum() == count
    for criterion, value in zip(("arithmetic", "geometric", "harmonic"), expected, strict=True):
        times = law.emergence_time(criterion, sigmas=GRID, target="final")[part]
        assert measure.power_law(lam[part], times).exponent == pytest.approx(value, abs=0.03)


@pytest.mark.parametrize("sigma_data", [0.2, 0.5, 1.5])
def test_the_slow_spot_moves_with_the_assumed_deviation(sigma_data):
    lam = np.geomspace(1e-3, 10, 80)
    law = theory.preconditioned(lam, sigma_data=sigma_data, layers=2, start=1e-6)
    times = law.emergence_time("geometric", target="final")
    slowest = lam[np.nanargmax(times)]
    assert abs(np.log(slowest / sigma_data**2)) < 1.01 * np.log(lam[1] / lam[0])


@pytest.mark.parametrize("target", ["data", "final"])
@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("given", [dict(layers=2, start=1e-3), dict(layers=3, start=1e-2)])
def test_emergence_time_is_where_the_curve_crosses(given, criterion, target):
    lam = np.array([1e-3, 0.05, 1.0, 40.0])
    law = theory.preconditioned(lam, eta=0.3, **given)
    times = law.emergence_time(criterion, 0.01, 50.0, target)
    start, final = law.generated_variance([0.0, np.inf], 0.01, 50.0)
    level = measure.threshold(start, lam if target == "data" else final, criterion)
    reached = np.diag(law.generated_variance(times, 0.01, 50.0))
    assert reached == pytest.approx(level, rel=1e-9)


def test_kl_falls_and_ends_at_that_of_the_sampler():
    law = theory.preconditioned(LAM, layers=2, start=1e-3)
    kl = law.kl([0.0, 5.0, 50.0, np.inf], sampling=Sampling(sigmas=GRID))
    assert (np.diff(kl) < 0).all()
    ratio = law.generated_variance(np.inf, sigmas=GRID) / LAM
    assert kl[-1] == pytest.approx(np.sum(ratio - 1 - np.log(ratio)) / 2, rel=1e-10)


@pytest.mark.filterwarnings("error")
def test_finite_everywhere():
    lam = np.concatenate([[0.0, 0.25], np.geomspace(1e-8, 1e4, 6)])
    tau = np.concatenate([[0.0, 5e-324], np.geomspace(1e-20, 1e12, 9), [1e300, np.inf]])
    for sd in (0.01, 0.5, 30.0):
        for given in (dict(layers=1, start=0.5), dict(layers=2, start=1e-12),
                      dict(layers=2, start=3.0), dict(layers=2, imbalance=1e-3),
                      dict(layers=3, start=1e-6), dict(layers=50, start=0.1)):
            law = theory.preconditioned(lam, sigma_data=sd, **given)
            for out in (law.generated_variance(tau), law.gain([0.002, 1.0, 80.0], tau),
                        law.generated_variance(tau, sigmas=GRID)):
                assert np.isfinite(out).all()
            law.emergence_time("geometric", sigmas=GRID, target="final")


def test_scalars_and_axes():
    law = theory.preconditioned(2.0, layers=2, start=0.1)
    assert law.gain(1.0, 1.0).shape == () and law.generated_variance(1.0).shape == ()
    many = theory.preconditioned(2.0, layers=3, start=[0.1, 0.2, 0.3])
    assert many.gain([1.0], [1.0, 2.0]).shape == (1, 2, 3)
    assert many.generated_variance([1.0, 2.0]).shape == (2, 3)
    one = theory.preconditioned([2.0, 0.1], layers=1, start=0.0, imbalance=0.0)
    assert isinstance(one, type(theory.preconditioned([2.0, 0.1])))


@pytest.mark.parametrize(
    "given, name",
    [
        (dict(layers=2), "start must be positive .* never learns"),
        (dict(layers=2, start=0.0), "never learns"), (dict(layers=3, start=None), "never learns"),
        (dict(layers=2, start=[0.1, 0.0]), "never learns"),
        (dict(layers=2, imbalance=[0.1, 0.0]), "never learns"),
        (dict(layers=3, start=0.1, imbalance=0.1), "imbalance must be 0"),
        (dict(imbalance=0.1), "imbalance must be 0"),
        (dict(layers=0), "layers"), (dict(layers=2.0), "layers"), (dict(layers=True), "layers"),
        (dict(layers=2, start=-0.1), "start"), (dict(layers=2, start=np.nan), "start"),
        (dict(layers=2, start=np.inf), "start"), (dict(layers=2, imbalance=-1.0), "imbalance"),
        (dict(layers=2, start=[0.1, 0.1, 0.1]), "start"), (dict(layers=2, start="a"), "start"),
        (dict(layers=2, start=0.1, eta=0.0), "eta"),
        (dict(layers=2, start=0.1, sigma_data=-1.0), "sigma_data"),
    ],
)
def test_bad_input_is_named(given, name):
    with pytest.raises(ValueError, match=name):
        theory.preconditioned([1.0, 2.0], **given)
