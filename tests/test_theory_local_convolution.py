"""theory.local_convolution against routes that do not share its code."""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from specbook import measure, stationary, theory

CASES = json.loads((Path(__file__).parent / "oracles" / "spectral_bias.json").read_text())["cases"]


def case(kind):
    return [pytest.param(c["input"], c["expected"], id=c["id"]) for c in CASES if c["kind"] == kind]


def symmetric(power):
    return (power + np.roll(np.flip(power), 1, axis=tuple(range(power.ndim)))) / 2


def ring_power(n, seed=0, low=-2, high=1):
    return symmetric(10 ** np.random.default_rng(seed).uniform(low, high, n))


# --- reference values made by brute force -------------------------------------------------------


def of_oracle(given):
    power = stationary.power(given["Sigma"], len(given["Sigma"]))
    patch = stationary.patch_covariance(power, 2 * given["r"] + 1)
    return theory.local_convolution(
        patch, len(given["Sigma"]), eta=given["eta"], w0=given["w0"], power=power
    )


@pytest.mark.holds("eq-local-weights")
@pytest.mark.parametrize("given, expected", case("conv_local_weights"))
def test_oracle_weights(given, expected):
    value = of_oracle(given).filter(given["sigma"], given["tau"])
    assert value == pytest.approx(expected, rel=1e-11)


@pytest.mark.holds("eq-local-spectrum", "eq-local-a", "eq-local-b")
@pytest.mark.parametrize("given, expected", case("conv_local_fourier_variance"))
def test_oracle_variance(given, expected):
    value = of_oracle(given).generated_variance(given["tau"], given["sigma0"], given["sigmaT"])
    assert value == pytest.approx(expected, rel=1e-11)


# --- 50 digits, from the statement of A and B ---------------------------------------------------


def exact_variance(patch, n, w0, frequency, tau, low, high):
    """The closed form in A and B with 50 digits, on a ring; every mode of the patch counts."""
    with mp.workdps(50):
        width, reach = len(patch), len(patch) // 2
        lam, vectors = mp.eigsy(mp.matrix(patch.tolist()))
        clock, low, high = 2 * n * mp.mpf(tau), mp.mpf(low), mp.mpf(high)
        total = 2 * mp.log(low)
        for m in range(width):
            rho, v = lam[m], [vectors[i, m] for i in range(width)]
            wave = sum(v[i] * mp.cos(2 * mp.pi * frequency * (i - reach) / n) for i in range(width))
            start = sum(v[i] * mp.mpf(w0[i]) for i in range(width))

            def ends(sigma, rho=rho):
                left = mp.exp(-clock * rho) * mp.ei(-clock * sigma**2) / 2
                full = mp.log(sigma) - mp.log(sigma**2 + rho) / 2
                return full - left + mp.ei(-clock * (sigma**2 + rho)) / 2, left

            (a0, b0), (a1, b1) = ends(low), ends(high)
            total += 2 * wave * (v[reach] * (a1 - a0) + start * (b1 - b0))
        return mp.exp(total)


@pytest.mark.holds("eq-local-a", "eq-local-b", "eq-local-spectrum")
def test_variance_with_fifty_digits():
    n, worst = 12, 0.0
    rng = np.random.default_rng(5)
    for width in (1, 3, 7):
        patch = stationary.patch_covariance(ring_power(n, seed=width), width)
        start = rng.uniform(-0.2, 0.6, width)
        start = (start + start[::-1]) / 2
        law = theory.local_convolution(patch, n, w0=start)
        for tau in 10 ** np.array([-25.0, -9, -4, -2.5, -1, 0, 2, 8]):
            values = law.generated_variance(tau)
            for k in (0, 1, 5, 6):
                exact = exact_variance(patch, n, start, k, tau, 0.002, 80.0)
                worst = max(worst, abs(float(values[k] / exact - 1)))
    assert worst < 1e-12


def test_wide_range_of_scales():
    """Patches from 1e-8 to 1e4: the law is exactly homogeneous, and one variance alone is exact."""
    for scale in np.geomspace(1e-8, 1e4, 7):
        for tau in np.geomspace(1e-10, 1e8, 7):
            with mp.workdps(30):
                patch = np.array([[scale]])
                exact = exact_variance(patch, 5, [0.3], 0, tau, 0.002, 80.0)
            law = theory.local_convolution(patch, 5, w0=0.3)
            assert float(law.generated_variance(tau)[2] / exact - 1) == pytest.approx(0, abs=1e-12)
            three = scale * np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.5], [0.2, 0.5, 1.0]])
            value = theory.local_convolution(three, 8).generated_variance(tau)
            root = np.sqrt(scale)
            unit = theory.local_convolution(three / scale, 8).generated_variance(
                tau * scale, 0.002 / root, 80 / root
            )
            assert value == pytest.approx(scale * unit, rel=1e-9)


@pytest.mark.parametrize("size, width", [(9, 3), (8, 7), ((6, 5), 3)])
def test_finite_everywhere(size, width):
    power = ring_power(size, seed=1, low=-8, high=4)
    power.flat[0] = 0
    law = theory.local_convolution(
        stationary.patch_covariance(power, width), size, w0=0.1, power=power
    )
    tau = np.concatenate([[0.0, 5e-324, 1e-310], np.geomspace(1e-20, 1e8, 30), [1e300, np.inf]])
    for out in (law.generated_variance(tau), law.gain([0.002, 1.0, 80.0], tau),
                law.filter([0.002, 1.0, 80.0], tau),
                law.generated_variance(tau, sigmas=np.geomspace(80, 0.002, 30))):
        assert np.isfinite(out).all()
    assert (law.generated_variance(tau) > 0).all()


# --- integration from the gradient of the loss ------------------------------------------------


def circulant(filt, n):
    """Matrix of the cross-correlation with a filter on a ring."""
    reach = len(filt) // 2
    out = np.zeros((n, n))
    for i in range(n):
        for j, w in zip(range(-reach, reach + 1), filt, strict=True):
            out[i, (i + j) % n] += w
    return out


@pytest.mark.holds(
    "eq-local-weights", "eq-local-flow", "eq-local-spectrum", "eq-local-a", "eq-local-b"
)
@pytest.mark.parametrize("tau", [0.01, 0.2])
def test_against_integration(tau):
    """Gradient flow on the loss of the whole ring, then the flow of the covariance matrix."""
    n, width, low, high, eta = 7, 3, 0.05, 8.0, 0.7
    rng = np.random.default_rng(2)
    half = rng.standard_normal((n, n)) * np.linspace(0.2, 1.0, n)
    sigma_x = half @ half.T  # not stationary
    start = np.array([0.05, 0.3, 0.05])
    places = [np.roll(np.eye(n), j, axis=1) for j in (-1, 0, 1)]

    def trained(sigma):
        second = sigma_x + sigma**2 * np.eye(n)

        def slope(_, w):
            error = sum(a * p for a, p in zip(w, places, strict=True)) @ second - sigma_x
            return [-2 * eta * np.trace(error @ p.T) for p in places]

        return solve_ivp(slope, (0, tau), start, "DOP853", rtol=1e-12, atol=1e-14).y[:, -1]

    power = stationary.power(sigma_x, n)
    law = theory.local_convolution(stationary.patch_covariance(power, width), n, eta=eta, w0=start)
    for sigma in (low, 1.0, high):
        assert law.filter(sigma, tau) == pytest.approx(trained(sigma), rel=1e-9)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    edges = np.linspace(np.log(low), np.log(high), 9)
    step = (edges[1] - edges[0]) / 2
    growth = np.zeros((n, n))
    for left in edges[:-1]:
        for node, weight in zip(nodes, weights, strict=True):
            w = trained(np.exp(left + step * (node + 1)))
            growth += step * weight * (circulant(w, n) - np.eye(n))
    fourier = np.exp(-2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n) / np.sqrt(n)
    lam, vectors = np.linalg.eigh(growth)
    carried = (vectors * np.exp(lam)) @ vectors.T
    expected = high**2 * np.diag(fourier @ carried @ carried.T @ fourier.conj().T).real
    assert law.generated_variance(tau, low, high) == pytest.approx(expected, rel=1e-9)


@pytest.mark.holds("eq-local-spectrum")
def test_sampler_approaches_the_flow():
    power = ring_power(10, seed=4)
    law = theory.local_convolution(stationary.patch_covariance(power, 5), 10, w0=0.2)
    exact = law.generated_variance(0.05, 0.05, 20.0)
    error = [
        np.abs(np.log(law.generated_variance(0.05, sigmas=np.geomspace(20, 0.05, n)) / exact)).max()
        for n in (101, 201)
    ]
    assert error[0] / error[1] == pytest.approx(4, rel=0.1) and error[1] < 1e-2


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.holds("eq-local-weights", "eq-local-spectrum", "eq-local-patch-covariance")
@pytest.mark.parametrize("size", [7, (5, 5), (3, 3)])
def test_a_patch_as_large_as_the_ring_is_the_full_convolution(size):
    power = ring_power(size, seed=7)
    width = size if np.ndim(size) == 0 else size[0]
    law = theory.local_convolution(stationary.patch_covariance(power, width), size, eta=0.3,
                                   w0=0.2, power=power)
    full = theory.linear(power.ravel(), eta=0.3 * power.size, q0=0.2)
    tau = [0.0, 1e-3, 0.1, 5.0, np.inf]
    assert law.gain([0.1, 3.0], tau) == pytest.approx(full.gain([0.1, 3.0], tau), rel=1e-11)
    assert law.generated_variance(tau) == pytest.approx(full.generated_variance(tau), rel=1e-11)
    grid = np.geomspace(80, 0.002, 25)
    assert law.generated_variance(tau, sigmas=grid, method="euler") == pytest.approx(
        full.generated_variance(tau, sigmas=grid, method="euler"), rel=1e-9
    )
    for criterion in measure.CRITERIA:
        for target in ("data", "final"):
            assert law.emergence_time(criterion, target=target) == pytest.approx(
                full.emergence_time(criterion, target=target), rel=1e-9, nan_ok=True
            )


@pytest.mark.holds("eq-local-weights", "eq-local-spectrum")
def test_a_patch_of_one_place_is_one_mode():
    power = ring_power(11, seed=8)
    law = theory.local_convolution([[power.mean()]], 11, w0=0.1, power=power)
    one = theory.linear(power.mean(), eta=11.0, q0=0.1)
    tau = [0.0, 0.02, 1.0, np.inf]
    for k in range(11):
        assert law.generated_variance(tau)[:, k] == pytest.approx(
            one.generated_variance(tau), 1e-12
        )
    times = law.emergence_time("geometric", target="final")
    assert times == pytest.approx(one.emergence_time("geometric", target="final"), rel=1e-9)
    data = law.emergence_time("geometric", 0.01, 40.0)
    curves = law.generated_variance(data[np.isfinite(data)], 0.01, 40.0)
    found = np.flatnonzero(np.isfinite(data))
    threshold = np.sqrt(40**0.2 * 0.01**1.8 * power[found])
    assert len(found) > 5
    assert np.diagonal(curves[:, found]) == pytest.approx(threshold, rel=1e-9)


def test_limits_of_training():
    law = theory.local_convolution(stationary.patch_covariance(ring_power(9), 5), 9, w0=0.25)
    assert law.generated_variance(0.0) == pytest.approx(80**0.5 * 0.002**1.5, rel=1e-12)
    assert law.filter(0.5, 0.0) == pytest.approx([0, 0, 0.25, 0, 0], abs=1e-15)
    patch = stationary.patch_covariance(ring_power(9), 5)
    best = np.linalg.solve(patch + 0.25 * np.eye(5), patch[2])
    assert law.filter(0.5, np.inf) == pytest.approx(best, rel=1e-12)


def test_emergence_against_recorded_curves():
    power = ring_power((8, 6), seed=3)
    law = theory.local_convolution(
        stationary.patch_covariance(power, 3), (8, 6), w0=0.0, power=power
    )
    tau = np.geomspace(1e-6, 1e2, 4000)
    curves = law.generated_variance(tau, 0.01, 40.0)
    for target, goal in (
        ("data", power.ravel()),
        ("final", law.generated_variance(np.inf, 0.01, 40.0)),
    ):
        for criterion in ("harmonic", "geometric"):
            exact = law.emergence_time(criterion, 0.01, 40.0, target=target)
            read = measure.emergence_time(curves, 1e-4, goal, tau, criterion)
            assert np.isfinite(exact).any()
            assert exact == pytest.approx(read, rel=1e-4, nan_ok=True)


def test_an_odd_part_of_the_patch_modes_does_not_matter():
    """Two equal variances let eigenvectors mix even and odd modes: the result may not change."""
    patch = np.diag([1.0, 1.0, 1.0])  # white data
    law = theory.local_convolution(patch, 5, w0=[0.1, 0.2, 0.1])
    gain = 0.2 + 0.2 * np.cos(2 * np.pi * np.arange(5) / 5)
    assert law.gain(1.0, 0.0) == pytest.approx(gain, abs=1e-14)
    assert law.generated_variance(np.inf, 0.002, 1e6) == pytest.approx(1 + 4e-6, rel=1e-9)


def test_shapes():
    power = ring_power((6, 8), seed=3)
    law = theory.local_convolution(
        stationary.patch_covariance(power, 5), (6, 8), w0=np.full((5, 5), 0.01)
    )
    assert law.size == (6, 8) and law.width == 5
    assert law.gain(1.0, 0.1).shape == (48,) and law.gain([1.0, 2], [0.1]).shape == (2, 1, 48)
    assert law.filter(1.0, 0.1).shape == (5, 5) and law.filter([1.0], 0.1).shape == (1, 5, 5)
    assert law.generated_variance([0.1, 1.0]).shape == (2, 48)
    gain = np.fft.fft2(np.roll(np.pad(law.filter(0.4, 0.3), ((0, 1), (0, 3))), (-2, -2), (0, 1)))
    assert law.gain(0.4, 0.3) == pytest.approx(gain.ravel().real, abs=1e-13)
    assert np.isnan(law.variances).all()


# --- power and patch covariance ---------------------------------------------------------------


@pytest.mark.parametrize("size", [6, 7, (2, 5), (4, 3)])
def test_power_of_any_covariance(size):
    n, sides = int(np.prod(size)), np.atleast_1d(size)
    half = np.random.default_rng(n).standard_normal((n, n))
    matrix = half @ half.T
    place = np.stack(np.unravel_index(np.arange(n), sides))
    brute = np.empty(n)
    for k in range(n):
        phase = sum(
            2 * np.pi * f * p / m for f, p, m in zip(place[:, k], place, sides, strict=True)
        )
        wave = np.exp(1j * phase) / np.sqrt(n)
        brute[k] = (wave.conj() @ matrix @ wave).real
    power = stationary.power(matrix, size)
    assert power.shape == tuple(sides) and power.ravel() == pytest.approx(brute, rel=1e-12)
    # a patch cut out at every place
    patch = stationary.patch_covariance(power, 2)
    corner = np.zeros_like(patch)
    for start in range(n):
        at = np.stack(np.unravel_index(np.arange(2 ** len(sides)), [2] * len(sides)))
        moved = (at + place[:, start, None]) % sides[:, None]
        rows = np.ravel_multi_index(tuple(moved), tuple(sides))
        corner += matrix[np.ix_(rows, rows)] / n
    assert patch == pytest.approx(corner, rel=1e-12)


# --- bad input ----------------------------------------------------------------------------------

GOOD = {"patch_covariance": np.eye(3), "size": 6}


@pytest.mark.parametrize(
    "change, message",
    [
        ({"patch_covariance": np.eye(2)}, "patch_covariance.*odd"),
        ({"patch_covariance": np.eye(7)}, "patch_covariance.*at most 6"),
        ({"patch_covariance": np.diag([1.0, 2.0, 1.0])}, "patch_covariance.*distance"),
        ({"patch_covariance": 1e-12 * np.diag([1.0, 2.0, 1.0])}, "patch_covariance.*distance"),
        ({"patch_covariance": -np.eye(3)}, "patch_covariance.*negative"),
        ({"patch_covariance": np.ones((2, 3))}, "patch_covariance.*square"),
        ({"size": (6, 6)}, "patch_covariance.*square"),
        ({"size": 0}, "size"),
        ({"size": (2, 3, 4)}, "size"),
        ({"size": 6.5}, "size"),
        ({"eta": 0.0}, "eta"),
        ({"w0": [0.1, 0.2, 0.3]}, "w0.*opposite"),
        ({"w0": [0.1, 0.2]}, "w0.*shape"),
        ({"w0": np.nan}, "w0"),
        ({"power": np.ones(5)}, "power.*shape"),
        ({"power": 2 * np.ones(6)}, "power.*another"),
        ({"power": -np.ones(6)}, "power"),
        ({"power": np.array([1, 2, 1, 1, 1, 1.0])}, "power.*opposite"),
    ],
)
def test_bad_input(change, message):
    theory.local_convolution(**GOOD)
    with pytest.raises(ValueError, match=message):
        theory.local_convolution(**GOOD | change)


def test_bad_input_of_methods():
    law = theory.local_convolution(**GOOD)
    with pytest.raises(ValueError, match="target='data'"):
        law.emergence_time("harmonic")
    with pytest.raises(ValueError, match="criterion"):
        law.emergence_time("mean", target="final")
    with pytest.raises(ValueError, match="sigma"):
        law.filter(0.0, 1.0)
    with pytest.raises(ValueError, match="tau"):
        law.filter(1.0, -1.0)


def test_bad_input_of_stationary():
    for matrix, size, message in (
        (np.eye(4), 3, "size"), (np.eye(4), (2, 3), "size"), (np.eye(4), "ab", "size"),
        ([[1, 2], [0, 1]], 2, "covariance_matrix"),
    ):
        with pytest.raises(ValueError, match=message):
            stationary.power(matrix, size)
    for power, width, message in (
        ([1, 2, 3.0], 2, "power"), ([1, 1, 1.0], 4, "side"), ([1, 1, 1.0], 0, "side"),
        (-np.ones(3), 2, "power"),
    ):
        with pytest.raises(ValueError, match=message):
            stationary.patch_covariance(power, width)
