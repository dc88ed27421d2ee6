"""theory.circulant against routes that do not share its code: filters that are trained in space."""

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from test_theory_linear import cases, exact_variance

from specbook import noise, theory
from specbook.laws import full_width_convolution as laws
from specbook.laws import symbols as s
from specbook.sampler import sample
from specbook.stationary import power as power_of

SIGMA, TAU, ETA = 0.6, 0.03, 0.7


def random_covariance(d, seed=0):
    root = np.random.default_rng(seed).standard_normal((d, d))
    return root @ root.T / d


def ring(weights):
    """Matrix of a circular convolution, by shifting pictures: no Fourier transform."""
    weights = np.asarray(weights)
    places = np.indices(weights.shape).reshape(weights.ndim, -1)
    difference = (places[:, :, None] - places[:, None]) % np.array(weights.shape)[:, None, None]
    return weights[tuple(difference)]


def descended(start, cov, sigma, tau, eta):
    """Filter after gradient flow, from the gradient of the dense loss, place by place."""
    shape, basis = start.shape, np.eye(start.size).reshape(-1, *start.shape)
    masks = np.array([ring(one) for one in basis])  # where the matrix holds each weight
    noisy = cov + sigma**2 * np.eye(start.size)

    def slope(_, weights):
        dense = 2 * (np.tensordot(weights, masks, 1) @ noisy - cov)
        return -eta * (masks * dense).sum(axis=(1, 2))

    out = solve_ivp(slope, (0, tau), start.ravel(), method="DOP853", rtol=1e-12, atol=1e-14)
    return out.y[:, -1].reshape(shape)


# --- reference values made by brute force -------------------------------------------------------


@pytest.mark.holds("eq-circulant-gain", "eq-circulant-unitary")
@cases("conv_full_width_weights")
def test_oracle_weights(given, expected):
    power = power_of(given["Sigma"], 6)
    found = theory.circulant_weights(power, given["sigma"], given["tau"], eta=given["eta"],
                                     start=given["w0"])
    assert found == pytest.approx(np.array(expected), rel=1e-12)


@pytest.mark.holds("eq-circulant-variance")
@cases("conv_full_width_fourier_variance")
def test_oracle_variance(given, expected):
    power, start = power_of(given["Sigma"], 6), np.fft.fft(given["w0"]).real
    law = theory.circulant(power, eta=given["eta"], q0=start)
    found = law.generated_variance(given["tau"], given["sigma0"], given["sigmaT"])
    assert found == pytest.approx(np.array(expected), rel=1e-11)


# --- filters trained in space -------------------------------------------------------------------


@pytest.mark.holds("eq-circulant-gain", "eq-circulant-unitary")
@pytest.mark.parametrize("shape", [(1,), (5,), (6,), (3, 4), (2, 2)])
def test_filter_from_any_start(shape):
    size = int(np.prod(shape))
    cov = random_covariance(size, seed=size)
    start = np.random.default_rng(3).standard_normal(shape)  # not even
    power = power_of(cov, shape)
    found = theory.circulant_weights(power, SIGMA, TAU, eta=ETA, start=start)
    assert found.shape == shape
    assert found == pytest.approx(descended(start, cov, SIGMA, TAU, ETA), rel=1e-9, abs=1e-11)
    assert theory.circulant_weights(power, SIGMA, 0.0, start=start) == pytest.approx(start)
    end = theory.circulant_weights(power, SIGMA, np.inf, start=start)
    dense = ring(end)  # the matrix of the best convolution has the best gains
    best = np.fft.fftn(end)
    assert np.allclose(best, power / (power + SIGMA**2), atol=1e-14)
    assert np.allclose(dense, dense.T, atol=1e-14)


def test_scalar_start_is_the_identity():
    power = power_of(random_covariance(6), (2, 3))
    found = theory.circulant_weights(power, SIGMA, TAU, eta=ETA, start=0.4)
    law = theory.circulant(power, ETA, 0.4)
    assert np.fft.fftn(found).real == pytest.approx(law.gain(SIGMA, TAU).reshape(2, 3), rel=1e-13)
    assert theory.circulant_weights(power, SIGMA, 0.0, start=0.4)[0, 0] == pytest.approx(0.4)


@pytest.mark.holds("eq-circulant-variance", "eq-circulant-gain")
def test_variance_from_filters_that_are_not_even():
    """The flow of the dense matrices in noise level: only real parts of gains count."""
    n, low, high = 5, 0.05, 10.0
    cov = random_covariance(n, seed=2)
    power = power_of(cov, n)
    start = np.array([0.3, 0.2, -0.1, 0.0, 0.05])

    def slope(log_sigma, state):
        trained = theory.circulant_weights(power, np.exp(log_sigma), TAU, eta=ETA, start=start)
        return ((np.eye(n) - ring(trained)) @ state.reshape(n, n)).ravel()

    span = np.log(high), np.log(low)
    out = solve_ivp(slope, span, np.eye(n).ravel(), method="DOP853", rtol=1e-11, atol=1e-13)
    carried = high * out.y[:, -1].reshape(n, n)
    law = theory.circulant(power, ETA, np.fft.fft(start).real)
    found = power_of(carried @ carried.T, n)
    assert law.generated_variance(TAU, low, high) == pytest.approx(found, rel=1e-9)


def test_samples_are_stationary_whatever_the_data():
    n, levels = 6, noise.edm_schedule(9, 0.05, 10.0)
    cov = random_covariance(n, seed=4)
    power = power_of(cov, n)
    filters = {x: ring(theory.circulant_weights(power, x, TAU)) for x in levels.tolist()}
    carried = 10.0 * sample(lambda x, level: filters[level] @ x, np.eye(n), levels)
    made = carried @ carried.T
    assert np.allclose(made, ring(made[:, 0]), atol=1e-13)  # one number for each shift
    law = theory.circulant(power).generated_variance(TAU, sigmas=levels)
    assert power_of(made, n) == pytest.approx(law, rel=1e-12)
    assert np.abs(cov - ring(cov[:, 0])).max() > 0.1


# --- the linear law, reused ---------------------------------------------------------------------


@pytest.mark.holds("eq-circulant-gain", "eq-circulant-variance")
@pytest.mark.parametrize("shape", [(12,), (3, 4)])
def test_it_is_the_linear_law_of_a_faster_clock(shape):
    rng = np.random.default_rng(5)
    power, q0 = 10 ** rng.uniform(-3, 1, shape), rng.uniform(0, 1, shape)
    law = theory.circulant(power, 0.3, q0)
    dense = theory.linear(power.ravel(), 12 * 0.3, q0.ravel())
    tau, levels = [0.0, 0.01, 0.4, np.inf], noise.edm_schedule(7)
    assert law.power.shape == shape and law.places == 12 and law.eta == 0.3
    assert np.array_equal(law.gain([0.1, 2.0], tau), dense.gain([0.1, 2.0], tau))
    for how in ({}, {"sigmas": levels}, {"sigmas": levels, "method": "euler"}):
        assert np.array_equal(
            law.generated_variance(tau, **how), dense.generated_variance(tau, **how)
        )
    assert np.array_equal(law.kl(tau), dense.kl(tau))
    slow = theory.linear(power.ravel(), 0.3, q0.ravel())
    for criterion in ("harmonic", "geometric"):
        times = law.emergence_time(criterion)
        assert np.array_equal(times, dense.emergence_time(criterion), equal_nan=True)
        assert 12 * times == pytest.approx(slow.emergence_time(criterion), rel=1e-12, nan_ok=True)


@pytest.mark.holds("eq-circulant-variance")
def test_variance_over_the_whole_range():
    rng = np.random.default_rng(6)
    worst = 0.0
    for _ in range(60):
        power, tau = 10 ** rng.uniform(-8, 4), 10 ** rng.uniform(-14, 8)
        q0, places = rng.choice([0.0, 0.1, 1.0]), int(rng.choice([1, 7, 1024]))
        law = theory.circulant(np.full(places, power), q0=q0)
        exact = exact_variance(power, q0, mp.mpf(float(tau)) * places, 0.002, 80.0)
        found = law.generated_variance(tau)
        assert found.shape == (places,) and (found == found[0]).all()
        worst = max(worst, abs(float(found[0] / exact - 1)))
    assert worst < 1e-12
    ends = theory.circulant([0.0, 1e-8, 1e4, 1e-8]).generated_variance([0.0, 1e8, np.inf])
    assert np.isfinite(ends).all() and (ends > 0).all()


def test_scalars():
    assert theory.circulant(2.0, q0=0.1).gain(1.0, 0.3).shape == ()
    assert theory.circulant(2.0).gain(1.0, 0.3) == theory.linear(2.0).gain(1.0, 0.3)
    assert theory.circulant([2.0]).gain(1.0, 0.3).shape == (1,)


# --- channels and two layers --------------------------------------------------------------------


def channel_setup(n=4, c=2, seed=7):
    """Covariance of n places with c channels that shifts do not change, and its matrices."""
    rng = np.random.default_rng(seed)
    cov = random_covariance(n * c, seed).reshape(n, c, n, c)
    cov = sum(np.roll(cov, (r, r), (0, 2)) for r in range(n)) / n
    waves = np.exp(2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n) / np.sqrt(n)
    matrices = np.einsum("ik,iajb,jk->kab", waves.conj(), cov, waves)
    return rng, cov, matrices


@pytest.mark.holds("eq-circulant-channels")
def test_channels_trained_in_space():
    n, c = 4, 2
    rng, cov, matrices = channel_setup(n, c)
    start = rng.standard_normal((n, c, c))  # filter between channels at each shift
    places = np.arange(n)
    difference = (places[:, None] - places) % n

    def dense(filters):
        return filters.reshape(n, c, c)[difference].transpose(0, 2, 1, 3).reshape(n * c, n * c)

    flat = cov.reshape(n * c, n * c)

    def slope(_, filters):
        each = 2 * (dense(filters) @ (flat + SIGMA**2 * np.eye(n * c)) - flat)
        each = each.reshape(n, c, n, c).transpose(0, 2, 1, 3)
        return -ETA * np.array([each[difference == r].sum(axis=0) for r in range(n)]).ravel()

    out = solve_ivp(slope, (0, TAU), start.ravel(), method="DOP853", rtol=1e-12, atol=1e-14)
    trained = np.fft.fft(out.y[:, -1].reshape(n, c, c), axis=0)
    gains0 = np.fft.fft(start, axis=0)
    for k in range(n):
        noisy = matrices[k] + SIGMA**2 * np.eye(c)
        rates, turn = np.linalg.eigh(noisy)
        left = turn * np.exp(-2 * n * ETA * TAU * rates) @ turn.conj().T
        best = matrices[k] @ np.linalg.inv(noisy)
        law = laws.channels.function(s.w_c_star, s.w_c_0, s.power_c, s.pixels, s.eta, s.tau, s.sig)
        along = [law(p / (p + SIGMA**2), 0.2, p, n, ETA, TAU, SIGMA) for p in rates - SIGMA**2]
        assert np.allclose(trained[k], best + (gains0[k] - best) @ left, atol=1e-10)
        # from a start along the modes, which is what the function describes
        found = theory.circulant_channels(matrices, ETA, 0.2)
        assert found.gain(SIGMA, TAU).reshape(n, c)[k] == pytest.approx(along, rel=1e-12)
    assert found.power.shape == (n, c) and found.places == n


@pytest.mark.holds("eq-circulant-channels")
def test_channels_that_do_not_mix_are_convolutions():
    power = np.array([[3.0, 1.0, 0.5, 1.0], [0.2, 0.1, 0.4, 0.1]])
    matrices = np.einsum("ck,cd->kcd", power, np.eye(2)).reshape(2, 2, 2, 2)
    law = theory.circulant_channels(matrices, 0.5, 0.1)
    each = [theory.circulant(p, 0.5, 0.1).generated_variance(0.3) for p in power]
    assert np.sort(law.generated_variance(0.3)) == pytest.approx(np.sort(np.ravel(each)), rel=1e-12)
    assert law.power.shape == (2, 2, 2) and law.places == 4


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.holds("eq-circulant-untied", "eq-circulant-tied")
def test_two_layers_trained_in_space(tied):
    """Two filters, one after the other; tied: a filter, then the same one reflected."""
    n, q0, tau = 5, 0.2, 0.08
    cov = random_covariance(n, seed=8)
    power = power_of(cov, n)
    masks = np.array([ring(one) for one in np.eye(n)])
    noisy = cov + SIGMA**2 * np.eye(n)
    first = np.eye(n)[0] * np.sqrt(q0)
    start = first if tied else np.concatenate([first, first])

    def slope(_, both):
        one = np.tensordot(both[:n], masks, 1)
        two = one.T if tied else np.tensordot(both[n:], masks, 1)
        dense = 2 * (two @ one @ noisy - cov)  # with respect to the product
        of_one, of_two = two.T @ dense, dense @ one.T
        if tied:
            return -ETA * (masks * (of_one + of_two.T)).sum(axis=(1, 2))
        parts = [(masks * each).sum(axis=(1, 2)) for each in (of_one, of_two)]
        return -ETA * np.concatenate(parts)

    out = solve_ivp(slope, (0, tau), start, method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
    gains = np.fft.fft(out[:n])
    gains = np.abs(gains) ** 2 if tied else gains * np.fft.fft(out[n:])
    law = (laws.tied if tied else laws.untied).function(
        s.power, s.sig, s.q_0, s.pixels, s.eta, s.tau
    )
    assert gains == pytest.approx(law(power, SIGMA, q0, n, ETA, tau), rel=1e-9)


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("call, name", [
    (lambda: theory.circulant([]), "power"),
    (lambda: theory.circulant([1.0, -1.0]), "power"),
    (lambda: theory.circulant([1.0, np.nan]), "power"),
    (lambda: theory.circulant(np.ones((2, 2, 2))), "power"),
    (lambda: theory.circulant([1.0, 2.0], eta=0), "eta"),
    (lambda: theory.circulant([1.0, 2.0], eta=[1.0, 2.0]), "eta"),
    (lambda: theory.circulant([1.0, 2.0], q0=[0.1, 0.2, 0.3]), "q0"),
    (lambda: theory.circulant(np.ones((2, 3)), q0=np.ones(6)), "q0"),
    (lambda: theory.circulant([1.0, 2.0], q0=np.inf), "q0"),
    (lambda: theory.circulant([1.0]).gain(0.0, 1.0), "sigma"),
    (lambda: theory.circulant([1.0]).generated_variance(-1.0), "tau"),
    (lambda: theory.circulant_weights([1.0, 2.0, 3.0], 1.0, 1.0), "power must be even"),
    (lambda: theory.circulant_weights([1.0, 2.0], -1.0, 1.0), "sigma"),
    (lambda: theory.circulant_weights([1.0, 2.0], 1.0, -1.0), "tau"),
    (lambda: theory.circulant_weights([1.0, 2.0], 1.0, 1.0, eta=-1.0), "eta"),
    (lambda: theory.circulant_weights([1.0, 2.0], 1.0, 1.0, start=[0.0, 0.0, 0.0]), "start"),
    (lambda: theory.circulant_channels(np.eye(2)), "power must have shape"),
    (lambda: theory.circulant_channels(np.ones((3, 2, 1))), "power must have shape"),
    (lambda: theory.circulant_channels([[[1.0, 2.0], [0.0, 1.0]]]), "Hermitian"),
    (lambda: theory.circulant_channels([[[1.0, 2.0], [2.0, 1.0]]]), "negative eigenvalue"),
    (lambda: theory.circulant_channels([[[np.nan]]]), "power"),
    (lambda: theory.circulant_channels("power"), "power must be an array"),
    (lambda: theory.circulant_channels([[[1.0]]], q0=[0.1, 0.2]), "q0"),
    (lambda: theory.circulant_channels([[[1.0]]], eta=np.nan), "eta"),
])
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=name):
        call()


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_rounding_is_forgiven_in_any_unit(unit):
    """A matrix or a power is judged relative to its own size."""
    nearly = unit * np.array([[[1.0, 1.0 + 1e-13], [1.0, 1.0]]])
    law = theory.circulant_channels(nearly)
    assert law.variances == pytest.approx([0.0, 2.0 * unit]) and law.variances.min() >= 0
    theory.circulant_channels(unit * np.array([[[1.0, 1.0], [1.0, 1.0 - 1e-12]]]))
    theory.circulant_weights(unit * np.array([1.0, 0.5, 0.5 + 1e-10]), 1.0, 1.0)
    with pytest.raises(ValueError, match="Hermitian"):
        theory.circulant_channels(unit * np.array([[[1.0, 0.5 + 1e-7], [0.5, 1.0]]]))
    with pytest.raises(ValueError, match="negative eigenvalue"):
        theory.circulant_channels(unit * np.array([[[1.0, 1.0], [1.0, 1.0 - 1e-7]]]))
    with pytest.raises(ValueError, match="power must be even"):
        theory.circulant_weights(unit * np.array([1.0, 0.5, 0.5 + 1e-6]), 1.0, 1.0)
