"""Laws of the local filter: identities among the statements, and matrices that they describe."""

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import logm
from test_laws_linear_denoiser import same

from specbook import stationary, theory
from specbook.laws import generated_distribution as generated
from specbook.laws import local_convolution
from specbook.laws import symbols as s

PATCH = np.array([[1.3, 0.6, 0.2], [0.6, 1.3, 0.6], [0.2, 0.6, 1.3]])  # on a ring of 6
CENTRE = np.array([0.0, 1.0, 0.0])


LEARNED = local_convolution.weights.right.subs(s.w_p_star, s.w_p_star.definition)


@pytest.mark.holds("eq-local-loss", "eq-local-flow")
def test_flow_descends_the_loss():
    assert same(local_convolution.flow.right, -s.eta * sp.diff(local_convolution.loss.right, s.w_p))


@pytest.mark.holds("eq-local-loss")
def test_loss_is_that_of_all_places():
    """Mean square of (w * x)_i - x_i over noisy rings, summed over the ring, by second moments."""
    n, sigma, filt = 6, 0.7, np.array([0.2, 0.5, 0.2])
    rng = np.random.default_rng(0)
    half = rng.standard_normal((n, n))
    sigma_x = half @ half.T
    shift = np.array([[(j - i) % n for j in range(n)] for i in range(n)])
    average = np.array([sigma_x[shift == d].mean() for d in range(n)])[shift]
    circulant = sum(
        w * np.roll(np.eye(n), j, axis=1) for w, j in zip(filt, (-1, 0, 1), strict=True)
    )
    error = circulant - np.eye(n)
    brute = np.trace(error @ sigma_x @ error.T) + sigma**2 * np.trace(circulant @ circulant.T)
    lam, modes = np.linalg.eigh(average[:3, :3])
    law = local_convolution.loss.function(s.pixels, s.e_p, s.w_p, s.lam_p, s.sig)
    total = law(n, modes[1], modes.T @ filt, lam, sigma).sum()
    assert total == pytest.approx(brute, rel=1e-13)


@pytest.mark.holds("eq-local-weights", "eq-local-flow")
def test_weights_solve_the_flow():
    assert same(sp.diff(LEARNED, s.tau), local_convolution.flow.right.subs(s.w_p, LEARNED))
    assert same(LEARNED.subs(s.tau, 0), s.q_p)


@pytest.mark.holds("eq-local-a", "eq-local-b")
def test_antiderivatives():
    """The gain over sigma is that of 1, times e_p, and of the start, times q_p."""
    parts = s.e_p * local_convolution.centre_part.right + s.q_p * local_convolution.start_part.right
    assert same(sp.diff(parts, s.sig), LEARNED / s.sig)


@pytest.mark.holds("eq-local-a", "eq-local-b", "eq-local-spectrum")
def test_factor_is_the_one_layer_law():
    """A start q_0 at the centre: sigma_0^2 exp(2 A + 2 q_0 B) between the ends is eq-stable."""
    both = local_convolution.centre_part.right + s.q_0 * local_convolution.start_part.right
    log_factor = 2 * sp.log(s.sig_0) + 2 * (both.subs(s.sig, s.sig_T) - both.subs(s.sig, s.sig_0))
    one_layer = sp.log(generated.trained.right) + generated.stable.right
    one_layer = one_layer.subs({s.c: s.pixels * 2 * s.eta * s.tau, s.lam: s.lam_p})
    assert same(log_factor, one_layer)


@pytest.mark.holds("eq-local-gain", "eq-local-spectrum", "eq-local-limit")
def test_definitions_against_matrices():
    """h_p, e_p and shares by hand, and the limit by SciPy's logarithm of a matrix."""
    law = theory.local_convolution(PATCH, 6)
    lam, modes = np.linalg.eigh(PATCH)
    omega = 2 * np.pi * np.arange(6) / 6
    h = np.cos(omega[:, None] * [-1, 0, 1])
    waves, centre = h @ modes, modes[1]
    share = sp.lambdify((s.h_p, s.e_p), s.share_p.definition)(waves, centre)
    assert share.sum(axis=1) == pytest.approx(1.0, rel=1e-13)
    gain = local_convolution.gain.function(s.h_p, s.w_p)(waves, modes.T @ law.filter(0.3, 0.2))
    assert law.gain(0.3, 0.2) == pytest.approx(gain, rel=1e-13)
    factors = theory.linear(lam, eta=6.0).generated_variance(0.2, 0.01, 50.0)
    assert local_convolution.spectrum.function(s.lam_p_gen, s.share_p)(
        factors, share
    ) == pytest.approx(
        law.generated_variance(0.2, 0.01, 50.0), rel=1e-12
    )
    end = local_convolution.limit.function(s.h_vector, s.e_vector, s.Sigma_p, s.sig_0)
    by_modes = np.prod(end(waves, centre, lam, 0.05), axis=1)
    by_matrix = np.exp(h @ logm(0.05**2 * np.eye(3) + PATCH) @ CENTRE)
    assert by_modes == pytest.approx(by_matrix, rel=1e-12)
    assert by_modes == pytest.approx(law.generated_variance(np.inf, 0.05, 1e9), rel=1e-12)


@pytest.mark.holds("eq-local-patch-covariance")
def test_patch_covariance_is_a_mean_of_cosines():
    rng = np.random.default_rng(3)
    power = rng.uniform(0.1, 2, 9)
    power = power + np.roll(power[::-1], 1)
    omega = 2 * np.pi * np.arange(9) / 9
    law = local_convolution.patch.function(s.power, s.frequency, s.patch_shift)
    at = law(power, omega, np.arange(4))
    assert stationary.patch_covariance(power, 4)[0] == pytest.approx(at, rel=1e-13)


@pytest.mark.holds("eq-local-coupling")
def test_bernstein():
    """No spectrum of the law breaks the bound, and one comes near it."""
    rng = np.random.default_rng(1)
    n, k = 64, np.arange(64)
    bound = local_convolution.coupling.function(s.reach, s.step_omega, s.range_ln)
    nearest = 0.0
    for reach in (1, 2, 4):
        for case in range(12):
            power = (
                10 ** rng.uniform(-3, 2, n // 2 + 1) if case else 1.02 + np.cos(np.pi * k[:33] / 32)
            )
            power = np.concatenate([power, power[1:-1][::-1]])
            law = theory.local_convolution(stationary.patch_covariance(power, 2 * reach + 1), n)
            for curve in np.log(law.generated_variance([0.001, 0.1, np.inf])):
                fine = np.fft.fft(np.fft.ifft(curve)[np.r_[0 : reach + 1, -reach:0]], 1)
                assert fine.imag == pytest.approx(0, abs=1e-9)
                distance = np.abs(k[:, None] - k) * 2 * np.pi / n
                size = np.abs(curve[:, None] - curve)
                # between grid points the curve reaches a little further than on them
                cover = np.ptp(curve) / np.cos(np.pi * reach / n)
                near = distance > 0
                ratio = size[near] / bound(reach, distance[near], cover)
                assert ratio.max() <= 1 + 1e-12
                nearest = max(nearest, ratio.max())
    assert nearest > 0.95
