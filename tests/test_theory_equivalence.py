"""The best linear denoiser and the best of all, against scipy's densities and sampling."""

import numpy as np
import pytest
from scipy import stats

from specbook import theory

MIXTURES = {  # weights, means, variances, all along one mode
    "contrasts": ([0.8, 0.2], [0.0, 0.0], [0.1, 4.6]),
    "bumps": ([0.5, 0.5], [-0.8, 0.8], [0.3, 0.3]),
    "points": ([0.7, 0.3], [-0.3, 0.7], [0.0, 0.0]),
    "skewed": ([0.6, 0.3, 0.1], [-0.1, 0.6, 2.8], [0.2, 0.5, 0.1]),
}


@pytest.mark.holds("eq-linear-mmse")
def test_linear_loss():
    lam, sigma = np.array([0.0, 1e-6, 0.3, 20.0]), np.array([1e-3, 0.7, 50.0])
    found = theory.linear_loss(lam, sigma)
    assert found.shape == (3, 4)
    with np.errstate(divide="ignore"):
        expected = 1 / (1 / lam + 1 / sigma[:, None] ** 2)  # precisions of data and noise add
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert theory.linear_loss(lam, 0.7).shape == (4,)
    assert theory.linear_loss(0.3, sigma).shape == (3,)
    assert theory.linear_loss(0.3, 0.7) == pytest.approx(0.3 * 0.49 / 0.79)
    for name, bad in (("variances", ([-1.0], 1.0)), ("sigma", ([1.0], [0.0]))):
        with pytest.raises(ValueError, match=name):
            theory.linear_loss(*bad)


@pytest.mark.holds("eq-two-bumps", "eq-two-contrasts", "eq-gap-fisher")
@pytest.mark.parametrize("name", MIXTURES)
def test_denoiser_and_excess_by_the_score(name):
    parts = MIXTURES[name]
    weights, means, variances = map(np.asarray, parts)
    law = theory.mixture(*parts)
    assert law.mean[0] == pytest.approx(weights @ means)
    assert law.variance[0] == pytest.approx(weights @ (variances + means**2) - law.mean[0] ** 2)
    sigmas, found = np.array([0.05, 0.3, 1.0, 4.0]), []
    for sigma in sigmas:
        width = np.sqrt(variances + sigma**2)
        low, high = (means - 9 * width).min(), (means + 9 * width).max()
        x = np.linspace(low, high, int(40 * (high - low) / width.min()))
        each = weights[:, None] * stats.norm.pdf(x, means[:, None], width[:, None])
        slope = (each * (means[:, None] - x) / width[:, None] ** 2).sum(axis=0) / each.sum(axis=0)
        best = x + sigma**2 * slope
        np.testing.assert_allclose(law.denoise(x[:, None], sigma)[:, 0], best, atol=1e-9)
        gain = law.variance[0] / (law.variance[0] + sigma**2)
        distance = (law.mean[0] + gain * (x - law.mean[0]) - best) ** 2
        found.append(np.trapezoid(each.sum(axis=0) * distance, x))
    np.testing.assert_allclose(law.excess(sigmas), found, rtol=1e-7, atol=1e-13)
    assert law.excess(0.3) == law.excess(sigmas)[1]
    share = np.array(found) * (1 / law.variance[0] + 1 / sigmas**2)
    np.testing.assert_allclose(law.gap(sigmas), share, rtol=1e-7, atol=1e-12)


def test_mixture_in_several_modes():
    rng = np.random.default_rng(5)
    weights = np.array([0.2, 0.5, 0.3])
    means, variances = rng.standard_normal((3, 4)), rng.uniform(0.1, 2, (3, 4))
    law = theory.mixture(weights, means, variances)
    x, sigma = rng.standard_normal((6, 4)), 0.7
    logs = np.stack([
        np.log(w) + stats.multivariate_normal.logpdf(x, m, np.diag(v + sigma**2))
        for w, m, v in zip(weights, means, variances, strict=True)
    ], axis=1)
    share = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(law.component(x, sigma), share, rtol=1e-10)

    def log_density(y):
        return np.log(sum(
            w * stats.multivariate_normal.pdf(y, m, np.diag(v + sigma**2))
            for w, m, v in zip(weights, means, variances, strict=True)
        ))

    h = 1e-5
    slope = np.stack(
        [(log_density(x + h * e) - log_density(x - h * e)) / (2 * h) for e in np.eye(4)], axis=1
    )
    np.testing.assert_allclose(law.denoise(x, sigma), x + sigma**2 * slope, atol=1e-8)
    draws = rng.choice(3, size=400_000, p=weights)
    samples = means[draws] + np.sqrt(variances[draws]) * rng.standard_normal((draws.size, 4))
    np.testing.assert_allclose(samples.mean(axis=0), law.mean, atol=0.01)
    np.testing.assert_allclose(samples.var(axis=0), law.variance, rtol=0.01)


def test_mixture_far_out_and_of_weight_zero():
    law = theory.mixture([1.0, 0.0], [0.0, 5.0], [1.0, 1.0])
    np.testing.assert_allclose(law.denoise([[3.0], [1e4]], 1.0)[:, 0], [1.5, 5e3])
    assert law.excess(1.0) == pytest.approx(0, abs=1e-25)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (([0.5, 0.4], [0, 0], [1, 1]), "weights"),
        (([0.5, -0.5, 1.0], [0, 0, 0], [1, 1, 1]), "weights"),
        (([0.5, 0.5], [0, 0, 0], [1, 1]), "means"),
        (([0.5, 0.5], [0, 0], [1, 1, 1]), "variances"),
        (([0.5, 0.5], [0, 0], [1, -1]), "variances"),
        (([0.5, 0.5], [[0, 0], [0, 0]], [1, 1]), "means"),
    ],
)
def test_mixture_refuses_nonsense(arguments, name):
    with pytest.raises(ValueError, match=name):
        theory.mixture(*arguments)


def test_mixture_refuses_wrong_points():
    law = theory.mixture([0.5, 0.5], [[0, 0], [1, 1]], [[1, 1], [1, 1]])
    with pytest.raises(ValueError, match="x must"):
        law.denoise([[1.0]], 1.0)
    with pytest.raises(ValueError, match="x must"):
        law.denoise([1.0, 2.0], 1.0)
    with pytest.raises(ValueError, match="sigma"):
        law.denoise([[1.0, 1.0]], 0.0)
    with pytest.raises(ValueError, match="one mode"):
        law.excess(1.0)
