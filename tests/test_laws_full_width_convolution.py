"""Laws of the full-width convolution: derived again from the loss, for rings of few pixels."""

import numpy as np
import pytest
import sympy as sp
from test_laws_linear_denoiser import same

from specbook.laws import full_width_convolution as circulant
from specbook.laws import generated_distribution as generated
from specbook.laws import linear_denoiser as linear
from specbook.laws import symbols as s

NOISY = s.power + s.sig**2
SIZE = 4


def ring(weights):
    """Matrix of a circular convolution: weights[i - j] in row i, column j."""
    n = len(weights)
    return sp.Matrix(n, n, lambda i, j: weights[(i - j) % n])


def fourier(n):
    """Unitary Fourier matrix, its waves in the columns."""
    root = sp.exp(2 * sp.pi * sp.I / n).rewrite(sp.cos)
    return sp.Matrix(n, n, lambda i, k: (root ** ((i * k) % n)).expand() / sp.sqrt(n))


@pytest.mark.holds("eq-circulant-unitary")
def test_gain_is_the_eigenvalue():
    weights = sp.symbols("a:4", real=True)
    waves = fourier(SIZE)
    diagonal = (waves.H * ring(weights) * waves).applyfunc(sp.expand)
    coefficients = (waves.H * sp.Matrix(weights)).applyfunc(sp.expand)
    assert diagonal.is_diagonal()
    for k in range(SIZE):
        by_law = circulant.unitary.right.subs({s.pixels: SIZE, s.filt_hat: coefficients[k]})
        assert sp.expand(diagonal[k, k] - by_law) == 0


@pytest.mark.holds("eq-circulant-flow")
def test_flow_descends_the_loss_of_the_filter():
    """Loss of a filter on data whose covariance is any matrix, differentiated weight by weight."""
    weights = sp.symbols("a:4", real=True)
    rng = np.random.default_rng(0)
    root = sp.Matrix(4, 4, lambda i, j: sp.Rational(int(rng.integers(-9, 10)), 7))
    cov, sigma = root * root.T, sp.Rational(2, 3)
    missed = ring(weights) - sp.eye(4)
    loss = (missed * cov * missed.T).trace() + sigma**2 * (ring(weights) * ring(weights).T).trace()
    slopes = sp.Matrix([-s.eta * sp.diff(loss, a) for a in weights])
    waves = fourier(SIZE)
    for k in range(SIZE):
        wave = waves[:, k]
        power = sp.expand((wave.H * cov * wave)[0])
        gain = sp.sqrt(SIZE) * (wave.H * sp.Matrix(weights))[0]
        moved = sp.sqrt(SIZE) * (wave.H * slopes)[0]
        law = circulant.flow.right.subs({s.pixels: SIZE, s.power: power, s.sig: sigma, s.w: gain})
        assert sp.expand(moved - law) == 0


@pytest.mark.holds("eq-circulant-gain", "eq-circulant-flow")
def test_gain_solves_the_flow():
    gain = circulant.gain.right
    assert same(sp.diff(gain, s.tau), circulant.flow.right.subs(s.w, gain))
    assert same(gain.subs(s.tau, 0), s.q_0)
    there = linear.gain.right.subs(s.w_star, linear.optimum.right)
    assert same(gain, there.subs({s.lam: s.power, s.eta: s.pixels * s.eta}))


@pytest.mark.holds("eq-circulant-stability")
def test_stability():
    step = sp.diff(circulant.flow.right, s.w).subs(s.power, s.power_max)  # d gain per gain
    assert same(1 + step.subs(s.eta, circulant.stability.right), sp.Integer(-1))


@pytest.mark.holds("eq-circulant-variance")
def test_variance_integrates_the_flow():
    end = generated.trained.right.subs(s.lam, s.power)
    log = circulant.variance.right.subs(s.c, 2 * s.eta * s.tau) + sp.log(end)
    gain = circulant.gain.right.subs(s.sig, s.sig_0)
    assert same(sp.diff(log, s.sig_0), 2 * (1 - gain) / s.sig_0)
    assert same(log.subs(s.sig_0, s.sig_T), sp.log(s.sig_T**2))


@pytest.mark.holds("eq-circulant-lost")
def test_what_is_lost_is_a_divergence():
    rng = np.random.default_rng(1)
    root = rng.standard_normal((6, 6))
    cov = root @ root.T
    shifted = sum(np.roll(cov, (r, r), (0, 1)) for r in range(6)) / 6
    trace = np.trace(np.linalg.solve(shifted, cov))
    volume = np.linalg.slogdet(shifted)[1] - np.linalg.slogdet(cov)[1]
    power = np.abs(np.fft.fft(shifted[0]))
    law = circulant.lost.function(s.pixels, s.power, s.lam)
    value = law(6, power, np.linalg.eigvalsh(cov))
    assert value == pytest.approx((trace - 6 + volume) / 2, rel=1e-12)
    assert trace == pytest.approx(6, rel=1e-12)


@pytest.mark.holds("eq-circulant-channels")
def test_channels_relax_to_their_optimum():
    law, noisy = circulant.channels.right, s.power_c + s.sig**2
    best = s.w_c_star.definition
    assert same(sp.diff(law, s.tau), -2 * s.pixels * s.eta * noisy * (law - s.w_c_star))
    assert same(law.subs(s.tau, 0), s.w_c_0)
    one = {s.w_c_star: best, s.w_c_0: s.q_0}  # one channel is the case without channels
    assert same(law.subs(one).subs(s.power_c, s.power), circulant.gain.right)


@pytest.mark.holds("eq-circulant-untied", "eq-circulant-tied")
@pytest.mark.parametrize("law, tied", [(circulant.untied, False), (circulant.tied, True)])
def test_two_layers_descend(law, tied):
    """Loss in unitary coefficients of both filters, which are all that the weights can do."""
    a, b = sp.symbols("a b", positive=True)
    gain = s.pixels * a * (a if tied else b)  # each layer has the gain sqrt(n) times its own
    loss = (1 - gain) ** 2 * s.power + gain**2 * s.sig**2
    slopes = {v: -s.eta * sp.diff(loss, v) for v in ((a,) if tied else (a, b))}
    moved = sum(sp.diff(gain, v) * slope for v, slope in slopes.items())
    solved = sp.sqrt(law.right / s.pixels)
    assert same(sp.diff(law.right, s.tau), moved.subs({a: solved, b: solved}, simultaneous=True))
    assert same(law.right.subs(s.tau, 0), s.q_0)
