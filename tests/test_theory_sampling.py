"""The sampler's product: its variance and its error, and noise levels fitted to a spectrum."""

import mpmath
import numpy as np
import pytest
from scipy.optimize import minimize

from specbook import noise, sampler, theory

SPECTRUM = np.geomspace(1.0, 1e-3, 13)
WIDE = dict(sigma_min=0.002, sigma_max=80.0)
# Generated over data variance with 18 EDM levels and a last step to zero, computed once with
# plain Python floats: largest and smallest of the variances 40, 1.6, 0.2, 0.004.
EIGHTEEN = {"heun": (1.045, 1.085, 1.118, 1.218), "euler": (0.788, 0.746, 0.712, 0.638)}


def exact_error(lam, sigmas, method):
    """Log of generated over exact variance with fifty digits, step by step."""
    with mpmath.workdps(50):
        lam, x = mpmath.mpf(lam), mpmath.mpf(1)
        sigmas = [mpmath.mpf(float(v)) for v in sigmas]
        for a, b in zip(sigmas[:-1], sigmas[1:], strict=True):
            slope = x * a / (lam + a**2)
            guess = x + (b - a) * slope
            if method == "heun" and b > 0:
                guess = x + (b - a) * (slope + guess * b / (lam + b**2)) / 2
            x = guess
        return mpmath.log(x**2 * (lam + sigmas[0] ** 2) / (lam + sigmas[-1] ** 2))


@pytest.mark.holds("eq-euler-angle", "eq-heun-angle", "eq-sampler-product")
@pytest.mark.parametrize("method", sampler.METHODS)
@pytest.mark.parametrize(
    "sigmas",
    [noise.edm_schedule(2), noise.edm_schedule(18), noise.edm_schedule(18, end_at_zero=True),
     np.geomspace(1e3, 1e-5, 700), [3.0, 0.0]],
    ids=["one step", "EDM", "EDM to zero", "many", "one step to zero"],
)
def test_error_against_fifty_digits(method, sigmas):
    lam = np.array([40.0, 1.0, 3e-3, 1e-6])
    found = theory.sampler_error(lam, sigmas, method)
    assert found.shape == (4,)
    for value, variance in zip(found, lam, strict=True):
        exact = exact_error(variance, sigmas, method)
        assert abs(value - exact) < 1e-13 * len(sigmas) + 1e-12 * abs(exact)


@pytest.mark.parametrize("method", sampler.METHODS)
def test_error_and_variance_agree(method):
    sigmas = noise.edm_schedule(12)
    gain = SPECTRUM / (SPECTRUM + sigmas[:, None] ** 2)
    variance = theory.sampled_variance(gain, sigmas, method)
    flow = sigmas[0] ** 2 * (SPECTRUM + sigmas[-1] ** 2) / (SPECTRUM + sigmas[0] ** 2)
    error = theory.sampler_error(SPECTRUM, sigmas, method)
    assert np.allclose(variance, flow * np.exp(error), rtol=1e-12)
    assert np.array_equal(theory.sampler_error(SPECTRUM, sigmas), theory.sampler_error(
        SPECTRUM, sigmas, "heun"))


@pytest.mark.parametrize("method", sampler.METHODS)
def test_eighteen_levels(method):
    lam = np.array([40.0, 1.6, 0.2, 0.004])
    sigmas = noise.edm_schedule(18, end_at_zero=True)
    variance = theory.sampled_variance(lam / (lam + sigmas[:-1, None] ** 2), sigmas, method)
    assert np.allclose(variance / lam, EIGHTEEN[method], atol=5.1e-4)


@pytest.mark.holds("eq-last-step")
@pytest.mark.parametrize("method", sampler.METHODS)
def test_last_step_multiplies_by_the_squared_gain(method):
    sigmas = noise.edm_schedule(9)
    gain = np.random.default_rng(0).uniform(0, 1, (9, 4))
    with_zero = theory.sampled_variance(gain, [*sigmas, 0.0], method)
    without = theory.sampled_variance(gain, sigmas, method)
    assert np.allclose(with_zero, without * gain[-1] ** 2, rtol=1e-13)


def test_signs_and_scaling():
    rng = np.random.default_rng(1)
    for _ in range(50):
        sigmas = np.sort(np.exp(rng.uniform(-7, 5, rng.integers(2, 30))))[::-1]
        euler, heun = (theory.sampler_error(SPECTRUM, sigmas, m) for m in ("euler", "heun"))
        assert (euler < 0).all() and (heun > 0).all()
        scaled = theory.sampler_error(9 * SPECTRUM, 3 * sigmas)
        assert np.allclose(scaled, heun, rtol=1e-9, atol=1e-14)


@pytest.mark.holds("eq-mode-error")
@pytest.mark.parametrize("method, order", [("euler", 1), ("heun", 2)])
def test_order_of_convergence(method, order):
    counts = np.array([200, 400, 800])
    errors = np.array([theory.sampler_error([0.3, 0.01], np.geomspace(80, 0.002, n), method)
                       for n in counts])
    slope = -np.polyfit(np.log(counts - 1), np.log(np.abs(errors)), 1)[0]
    assert slope == pytest.approx(order, abs=0.05)
    law = (np.log(80 / 0.002) / (counts - 1)) ** order / (2 * order)
    assert np.allclose(np.abs(errors) / law[:, None], 1, atol=0.03)


# --- fitted levels -------------------------------------------------------------------------


@pytest.mark.holds("eq-best-angles", "eq-best-step")
def test_one_mode_gets_equal_angles():
    for lam in (1.0, 0.01):
        levels = theory.fitted_schedule([lam], 12, **WIDE, method="euler", aim="mean")
        angles = np.arctan(levels / np.sqrt(lam))
        assert np.allclose(np.diff(angles), np.diff(angles).mean(), rtol=2e-3)


def mean_error(sizes, lam, method):
    """Mean error of the modes as a function of the logarithms of the step sizes."""
    path = np.append(0.0, np.cumsum(np.exp(sizes)) / np.exp(sizes).sum())
    sigmas = 80.0 * (0.002 / 80.0) ** path
    return np.mean([abs(float(exact_run(v, sigmas, method))) for v in lam])


def exact_run(lam, sigmas, method):
    end = sampler.sample(lambda x, sigma: lam / (lam + sigma**2) * x, 1.0, sigmas, method)
    return np.log(end**2 * (lam + sigmas[0] ** 2) / (lam + sigmas[-1] ** 2))


@pytest.mark.holds("eq-best-step")
@pytest.mark.parametrize("method, tol", [("euler", 0.01), ("heun", 0.02)])
def test_no_search_finds_a_much_smaller_mean(method, tol):
    lam, n = SPECTRUM[::4], 40
    levels = theory.fitted_schedule(lam, n, **WIDE, method=method, aim="mean")
    start = np.log(-np.diff(np.log(levels)))
    fitted = mean_error(start, lam, method)
    found = minimize(mean_error, start, args=(lam, method), method="BFGS", options={"maxiter": 40})
    assert found.fun > (1 - tol) * fitted  # small steps: the law is of leading order
    assert fitted < 0.8 * mean_error(np.zeros(n - 1), lam, method)


@pytest.mark.parametrize("method", sampler.METHODS)
@pytest.mark.parametrize("n", [14, 40])
def test_worst_error_is_made_even(method, n):
    levels = theory.fitted_schedule(SPECTRUM, n, **WIDE, method=method)
    assert levels.shape == (n,) and levels[0] == 80 and levels[-1] == 0.002
    assert (np.diff(levels) < 0).all()
    errors = np.abs(theory.sampler_error(SPECTRUM, levels, method))
    mean = theory.fitted_schedule(SPECTRUM, n, **WIDE, method=method, aim="mean")
    others = [mean, np.geomspace(80, 0.002, n), noise.edm_schedule(n)]
    worst = [np.abs(theory.sampler_error(SPECTRUM, other, method)).max() for other in others]
    assert errors.max() < 0.85 * min(worst[1:]) and errors.max() <= worst[0]
    assert np.abs(theory.sampler_error(SPECTRUM, mean, method)).mean() < errors.mean()
    # as in every minimax, several modes share the worst error: here both ends are among them
    assert min(errors[0], errors[-1]) > 0.98 * errors.max()


def test_two_levels_and_defaults():
    assert np.array_equal(theory.fitted_schedule([1.0, 0.1], 2), [80.0, 0.002])
    assert np.isfinite(theory.fitted_schedule([1e-300], 5)).all()
    same = theory.fitted_schedule(SPECTRUM, 9, 0.002, 80.0, "heun", "worst")
    assert np.array_equal(same, theory.fitted_schedule(SPECTRUM, 9))


@pytest.mark.parametrize(
    "call, name",
    [
        (lambda: theory.sampler_error([0.0], [2.0, 1.0]), "variances"),
        (lambda: theory.sampler_error([], [2.0, 1.0]), "variances"),
        (lambda: theory.sampler_error([1.0], [1.0, 2.0]), "sigmas"),
        (lambda: theory.sampler_error([1.0], [2.0, 1.0], "rk4"), "method"),
        (lambda: theory.sampled_variance(np.ones((3, 2)), [2.0, 1.0]), "gain"),
        (lambda: theory.sampled_variance(np.ones((2, 2)), [2.0, 1.0], "rk4"), "method"),
        (lambda: theory.fitted_schedule([-1.0], 5), "variances"),
        (lambda: theory.fitted_schedule([1.0], 1), "n"),
        (lambda: theory.fitted_schedule([1.0], 5, 1.0, 0.5), "sigma_min"),
        (lambda: theory.fitted_schedule([1.0], 5, method="rk4"), "method"),
        (lambda: theory.fitted_schedule([1.0], 5, aim="best"), "aim"),
    ],
)
def test_errors_name_the_argument(call, name):
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        call()


@pytest.mark.parametrize("aim", ["worst", "mean"])
def test_levels_for_a_huge_variance(aim):
    # nothing changes once the variance is far above the squared noise levels
    np.testing.assert_allclose(
        theory.fitted_schedule([1e20], 5, aim=aim), theory.fitted_schedule([1e12], 5, aim=aim),
        rtol=1e-6,
    )


def test_levels_that_cannot_be_told_apart():
    with pytest.raises(ValueError, match="n = 10 different levels from sigma_max"):
        theory.fitted_schedule([1.0], 10, 1.0, 1.0 + 1e-15)
