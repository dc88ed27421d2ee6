"""Laws of what a linear denoiser can and cannot see, against sums, integrals and sampling."""

import numpy as np
import pytest
import sympy as sp
from scipy import integrate, stats

from specbook.laws import gaussian_equivalence as equivalence
from specbook.laws import linear_denoiser as linear
from specbook.laws import symbols as s

GAIN = linear.optimum.right
FLAT = {s.w_star: GAIN, s.w_in: s.lam_in / (s.lam_in + s.sig**2)}
LEVELS = [0.05, 0.3, 1.0, 4.0]
MIXTURES = {  # weights, means, variances, all along one mode
    "contrasts": ([0.8, 0.2], [0.0, 0.0], [0.1, 4.6]),
    "bumps": ([0.5, 0.5], [-0.8, 0.8], [0.3, 0.3]),
    "points": ([0.7, 0.3], [-0.3, 0.7], [0.0, 0.0]),
    "skewed": ([0.6, 0.3, 0.1], [-0.5, 0.2, 2.4], [0.2, 0.5, 0.1]),
}


def same(left, right):
    """True if two expressions agree at random points to 25 digits."""
    rng = np.random.default_rng(0)
    symbols = sorted((left - right).free_symbols, key=str)
    for _ in range(4):
        at = {v: sp.Rational(int(rng.integers(20, 200)), 100) for v in symbols}
        a, b = (e.subs(at).evalf(30) for e in (left, right))
        if abs(a - b) > 1e-25 * (1 + abs(b)):
            return False
    return True


def matrices(expression):
    """A law of matrices as a function of W, Sigma and sigma squared, factors in their order."""

    def evaluate(weights, covariance, noise):
        eye = np.eye(len(weights))

        def walk(e):
            if e in (s.W, s.W_T, s.Sigma):
                return {s.W: weights, s.W_T: weights.T, s.Sigma: covariance}[e]
            if e == s.sig**2:
                return noise
            if e.is_Number:
                return float(e)
            parts = [walk(a) for a in e.args]
            if e.is_Add:  # a number beside matrices stands for a multiple of the identity
                return sum(p * eye if np.ndim(p) == 0 else p for p in parts)
            assert e.is_Mul
            numbers = [p for p in parts if np.ndim(p) == 0]
            return np.prod(numbers) * _ordered([p for p in parts if np.ndim(p)], weights)

        return walk(expression)

    return evaluate


def _ordered(factors, weights):
    """Product of matrices in the order that the printed law has: W left, its transpose right."""

    def place(matrix):
        residual = np.eye(len(weights)) - weights
        if np.allclose(matrix, weights) or np.allclose(matrix, residual):
            return 0
        if np.allclose(matrix, weights.T) or np.allclose(matrix, residual.T):
            return 2
        return 1

    out = np.eye(len(weights))
    for factor in sorted(factors, key=place):
        out = out @ factor
    return out


def discrete(seed, d=3, n=7):
    """Centred, skewed data points with equal weights, weights W that are not symmetric, noise."""
    rng = np.random.default_rng(seed)
    points = rng.exponential(size=(n, d)) @ rng.standard_normal((d, d))
    return points - points.mean(axis=0), rng.standard_normal((d, d)), 0.49


def exact_loss(points, weights, noise):
    """Mean over the points of |W x0 - x0|^2, plus that of |W z|^2: no covariance is formed."""
    missed = points @ weights.T - points
    return (missed**2).sum(axis=1).mean() + noise * (weights**2).sum()


@pytest.mark.holds("eq-error-matrix")
def test_the_trace_of_the_errors_is_the_loss():
    for seed in (0, 1):
        points, weights, noise = discrete(seed)
        covariance = points.T @ points / len(points)
        errors = matrices(equivalence.error_matrix.right)(weights, covariance, noise)
        assert np.trace(errors) == pytest.approx(exact_loss(points, weights, noise), rel=1e-12)
    # along one mode it is the loss of the chapter on the linear denoiser
    one = {s.W: s.w, s.W_T: s.w, s.Sigma: s.lam}
    assert same(equivalence.error_matrix.right.subs(one), linear.loss.right.subs({s.mu: 0, s.b: 0}))


@pytest.mark.holds("eq-matrix-gradient")
def test_the_gradient_by_finite_differences():
    points, weights, noise = discrete(2)
    gradient = matrices(equivalence.matrix_gradient.right)
    found = gradient(weights, points.T @ points / len(points), noise)
    h = 1e-5
    for index in np.ndindex(*weights.shape):
        step = np.zeros_like(weights)
        step[index] = h
        losses = [exact_loss(points, weights + sign * step, noise) for sign in (1, -1)]
        assert found[index] == pytest.approx((losses[0] - losses[1]) / (2 * h), rel=1e-7)
    one = {s.W: s.w, s.Sigma: s.lam}
    assert same(-s.eta * equivalence.matrix_gradient.right.subs(one), linear.gradient_flow.right)


def noise_by_enumeration(first, second, same_mode, sigma=0.6):
    """Variance of one entry of the gradient at the optimum, by sums over points and nodes.

    Coordinates along two modes take discrete values with equal weights; the two noises are
    integrated by Gauss's rule, which is exact for such polynomials.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(6)
    weights = weights / weights.sum()
    gain = (first**2).mean() / ((first**2).mean() + sigma**2)
    moments = []
    for power in (1, 2):
        total = 0.0
        for i, za in enumerate(nodes):
            for j, zb in enumerate(nodes):
                missed = gain * (first + sigma * za) - first
                read = first + sigma * za if same_mode else second + sigma * zb
                total += weights[i] * weights[j] * ((2 * missed * read) ** power).mean()
        moments.append(total)
    return moments[1] - moments[0] ** 2


@pytest.mark.holds("eq-gradient-noise", "eq-noise-ratio")
@pytest.mark.parametrize("same_mode", [True, False])
def test_noise_of_the_gradient(same_mode):
    first = np.array([1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0])
    second = np.array([0.4, 0.4, 1.5, -1.5, -0.4, -0.4, 2.0, -2.0])  # not independent of the first
    second = second - first * (first @ second) / (first @ first)  # but uncorrelated
    a, b = (first**2).mean(), (second**2).mean()
    if same_mode:
        second, b = first, a
    cumulant = (first**2 * second**2).mean() / (a * b) - 1 - 2 * same_mode
    at = {s.lam: a, s.lam_in: b, s.sig: 0.6, s.cumulant: cumulant}
    stated = equivalence.gradient_noise.right.subs(FLAT)
    found = noise_by_enumeration(first, second, same_mode)
    assert float(stated.subs(at)) == pytest.approx(found, rel=1e-12)
    ratio = equivalence.noise_ratio.right.subs(FLAT)
    gaussian = stated.subs(s.cumulant, 0)
    assert float(ratio.subs(at)) == pytest.approx(found / float(gaussian.subs(at)), rel=1e-12)


@pytest.mark.holds("eq-gradient-noise", "eq-noise-ratio")
def test_gaussian_data_have_no_fourth_cumulant():
    assert same(equivalence.noise_ratio.right.subs(s.cumulant, 0), sp.Integer(1))
    rng = np.random.default_rng(3)
    clean = rng.standard_normal(400_000)
    noisy = clean + 0.7 * rng.standard_normal(clean.size)
    gain = 1 / (1 + 0.49)
    squares = (2 * (gain * noisy - clean) * noisy) ** 2
    law = equivalence.gradient_noise.right.subs(FLAT)
    law = float(law.subs({s.lam: 1, s.lam_in: 1, s.sig: 0.7, s.cumulant: 0}))
    assert abs(squares.mean() - law) < 4 * squares.std() / np.sqrt(squares.size)


@pytest.mark.holds("eq-linear-mmse")
def test_linear_loss():
    best = linear.loss.right.subs({s.mu: 0, s.b: 0}).subs(s.w, GAIN)
    assert same(equivalence.linear_mmse.right, best)
    # conditional variance of Gaussian data: of the clean coordinate given the noisy one
    assert same(1 / equivalence.linear_mmse.right, 1 / s.lam + 1 / s.sig**2)


def density(parts, sigma, x):
    """Density of noisy data of a mixture at x, from scipy."""
    return sum(
        w * stats.norm.pdf(x, m, np.sqrt(v + sigma**2)) for w, m, v in zip(*parts, strict=True)
    )


def score(parts, sigma, x):
    """Slope of the log density of noisy data of a mixture at x."""
    slopes = (
        w * stats.norm.pdf(x, m, np.sqrt(v + sigma**2)) * (m - x) / (v + sigma**2)
        for w, m, v in zip(*parts, strict=True)
    )
    return sum(slopes) / density(parts, sigma, x)


def average(parts, sigma, function):
    """Integral of a function over the density of noisy data, by the trapezoidal rule."""
    _, means, variances = map(np.asarray, parts)
    widths = np.sqrt(variances + sigma**2)
    low, high = (means - 9 * widths).min(), (means + 9 * widths).max()
    x = np.linspace(low, high, int(40 * (high - low) / widths.min()))
    return np.trapezoid(density(parts, sigma, x) * function(x), x)


def excess(parts, sigma):
    """Mean squared distance between the best linear denoiser and the best one."""
    mean, variance = moments(parts)

    def distance(x):
        linear_answer = mean + variance / (variance + sigma**2) * (x - mean)
        return (linear_answer - (x + sigma**2 * score(parts, sigma, x))) ** 2

    return average(parts, sigma, distance)


def moments(parts):
    weights, means, variances = map(np.asarray, parts)
    return weights @ means, weights @ (variances + means**2) - (weights @ means) ** 2


@pytest.mark.holds("eq-excess-loss")
@pytest.mark.parametrize("name", MIXTURES)
def test_excess_is_a_distance(name):
    parts = MIXTURES[name]
    rng = np.random.default_rng(4)
    sigma, n = 0.6, 200_000
    which = rng.choice(len(parts[0]), size=n, p=parts[0])
    clean = np.take(parts[1], which) + np.sqrt(np.take(parts[2], which)) * rng.standard_normal(n)
    noisy = clean + sigma * rng.standard_normal(n)
    best = noisy + sigma**2 * score(parts, sigma, noisy)
    other = 0.4 * noisy + 0.1 * np.sin(noisy)  # any denoiser
    at = {s.loss_best: (best - clean) ** 2, s.excess: (other - best) ** 2}
    stated = equivalence.excess_loss.function(*at)(*at.values())
    difference = (other - clean) ** 2 - stated
    assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(n)


@pytest.mark.holds("eq-gap-fisher")
@pytest.mark.parametrize("sigma", LEVELS)
@pytest.mark.parametrize("name", MIXTURES)
def test_excess_from_fisher_information(name, sigma):
    parts = MIXTURES[name]
    fisher = average(parts, sigma, lambda x: score(parts, sigma, x) ** 2)
    at = {s.fisher: fisher, s.lam: moments(parts)[1], s.sig: sigma}
    stated = float(equivalence.gap_fisher.right.subs(at))
    assert stated == pytest.approx(excess(parts, sigma), rel=1e-8, abs=1e-9 * sigma**2)


def cumulants(parts):
    """Skewness, excess kurtosis and variance of a mixture, from raw moments of its Gaussians."""
    weights, means, variances = map(np.asarray, parts)
    means = means - weights @ means
    second = weights @ (means**2 + variances)
    third = weights @ (means**3 + 3 * means * variances)
    fourth = weights @ (means**4 + 6 * means**2 * variances + 3 * variances**2)
    return third / second**1.5, fourth / second**2 - 3, second


@pytest.mark.holds("eq-gap-far")
@pytest.mark.parametrize("name", ["contrasts", "bumps", "skewed"])
def test_gap_at_high_noise(name):
    parts = MIXTURES[name]
    skew, kurt, variance = cumulants(parts)
    sigmas = np.sqrt(variance) * np.array([16.0, 32.0])
    at = {s.skewness: skew, s.kurtosis: kurt, s.lam: variance}
    stated = equivalence.gap_far.right.subs(s.w_star, GAIN).subs(at)
    share = s.gap.definition
    error = []
    for sigma in sigmas:
        linear_loss = variance * sigma**2 / (variance + sigma**2)
        gap = share.subs({s.excess_lin: excess(parts, sigma), s.loss_lin: linear_loss})
        error.append(abs(float(stated.subs(s.sig, sigma) / gap) - 1))
    assert error[1] < 0.01
    assert error[0] / error[1] == pytest.approx(16, rel=0.1)  # the next term is smaller by 1/s^4


@pytest.mark.holds("eq-gap-far")
@pytest.mark.parametrize("sigma", [0.3, 1.0, 3.0])
def test_gap_of_nearly_gaussian_data(sigma):
    """To second order in a small perturbation by a Hermite polynomial of degree three or four."""
    x = np.linspace(-14, 14, 20_001)
    variance = 1 + sigma**2
    u = x / np.sqrt(variance)
    normal = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi * variance)
    hermite = {3: u**3 - 3 * u, 4: u**4 - 6 * u**2 + 3}
    stated = equivalence.gap_far.right.subs(s.w_star, GAIN)
    for degree, symbol, factorial in ((3, s.skewness, 6), (4, s.kurtosis, 24)):
        small = 1e-4
        # noise damps a term of degree n by the n-th power of the ratio of standard deviations
        noisy = normal * (1 + small / factorial * hermite[degree] * variance ** (-degree / 2))
        inside = np.abs(u) < 6
        slope = np.gradient(np.log(noisy[inside]), x[inside], edge_order=2)
        rest = slope + u[inside] / np.sqrt(variance)
        excess = sigma**4 * np.trapezoid(normal[inside] * rest**2, x[inside])
        gap = excess / (sigma**2 / variance)
        zero = {s.skewness: 0, s.kurtosis: 0, symbol: small}
        assert gap == pytest.approx(float(stated.subs(zero | {s.lam: 1, s.sig: sigma})), rel=2e-3)


def by_posterior(parts, sigma, x):
    """Mean of the clean point given the noisy one, by an integral over clean points."""

    def clean(y):
        return sum(w * stats.norm.pdf(y, m, np.sqrt(v)) for w, m, v in zip(*parts, strict=True))

    values = []
    for power in (0, 1):
        values.append(integrate.quad(
            lambda y, power=power: y**power * clean(y) * stats.norm.pdf(x, y, sigma),
            x - 12 * sigma, x + 12 * sigma, points=[x], limit=200, epsabs=0, epsrel=1e-12,
        )[0])
    return values[1] / values[0]


@pytest.mark.holds("eq-two-bumps", "eq-two-contrasts")
@pytest.mark.parametrize("sigma", [0.4, 1.5])
@pytest.mark.parametrize("x", [-1.3, 0.2, 2.1])
def test_best_denoisers_by_integrals(x, sigma):
    bumps = MIXTURES["bumps"]
    gains = {v: v.definition.subs({s.lam_1: a, s.lam_2: b, s.sig: sigma})
             for v, a, b in ((s.w_1, 0.3, 4.6), (s.w_2, 0.3, 4.6))}
    stated = equivalence.two_bumps.right.subs(gains).subs({s.mu_1: 0.8, s.lam_1: 0.3, s.sig: sigma})
    answer = by_posterior(bumps, sigma, x)
    assert float(stated.subs(s.x, x)) == pytest.approx(answer, rel=1e-9)

    contrasts = ([0.8, 0.2], [0.0, 0.0], [0.3, 4.6])
    answer = by_posterior(contrasts, sigma, x)
    first = 0.8 * stats.norm.pdf(x, 0, np.sqrt(0.3 + sigma**2))
    at = gains | {s.p_1: first / density(contrasts, sigma, x), s.x: x}
    stated = equivalence.two_contrasts.right.subs(at)
    assert float(stated) == pytest.approx(answer, rel=1e-9)


@pytest.mark.holds("eq-two-bumps")
def test_bumps_become_points_and_one_gaussian():
    law, flat = equivalence.two_bumps.right, {s.w_1: s.w_1.definition}
    assert same(law.subs(flat).subs(s.lam_1, 0), s.mu_1 * sp.tanh(s.mu_1 * s.x / s.sig**2))
    assert same(law.subs(flat).subs(s.mu_1, 0), s.lam_1 / (s.lam_1 + s.sig**2) * s.x)


@pytest.mark.holds("eq-two-contrasts")
def test_one_contrast_is_linear():
    law = equivalence.two_contrasts.right.subs(s.w_2, s.w_1)
    assert same(law, s.w_1 * s.x)
    assert same(equivalence.two_contrasts.right.subs(s.p_1, 1), s.w_1 * s.x)
