"""Laws of the spectra of images, against grids of frequencies, quadrature and sampling."""

import numpy as np
import pytest
import sympy as sp
from scipy import integrate

from specbook.laws import data_spectra as spectra
from specbook.laws import symbols as s


def frequencies(side):
    """Lengths of the frequencies of a periodic square, without 0, rising."""
    f = np.fft.fftfreq(side)
    return np.sort(np.hypot(f[:, None], f).ravel())[1:]


@pytest.mark.holds("eq-mode-count")
def test_mode_count_is_the_number_of_grid_points():
    errors = []
    for side in (32, 128, 512):
        f = frequencies(side)
        count = spectra.mode_count.function(s.dim, s.freq)
        radius = np.linspace(0.3, 0.5, 40)
        exact = np.searchsorted(f, radius, side="right")
        errors.append(np.abs(exact / count(side**2, radius) - 1).max())
    assert errors[0] < 0.03 and errors[2] < errors[1] < errors[0]
    # beyond one half the square has only corners left: fewer than the disc
    assert np.searchsorted(f, 0.6) < 0.95 * count(512**2, 0.6)


@pytest.mark.holds("eq-fourier-power")
def test_power_has_its_exponent_and_its_prefactor():
    power = spectra.fourier_power.function(s.freq, s.prefactor, s.fourier_exponent)
    assert power(1.0, 3.0, 2.2) == pytest.approx(3)
    for steep in (1.0, 2.0, 3.3):  # an octave higher, 2**steep times less
        assert power(0.2, 3.0, steep) / power(0.4, 3.0, steep) == pytest.approx(2**steep)


@pytest.mark.holds("eq-rank-spectrum", "eq-fourier-power")
@pytest.mark.parametrize("steep", [1.0, 2.5, 4.0])
def test_rank_spectrum_is_the_sorted_power(steep):
    side, scale = 512, 0.7
    power = spectra.fourier_power.function(s.freq, s.prefactor, s.fourier_exponent)
    sorted_power = np.sort(power(frequencies(side), scale, steep))[::-1]
    k = np.array([300, 1000, 10_000, 100_000, 200_000])  # up to pi d / 4
    law = spectra.rank_spectrum.function(s.rank, s.dim, s.prefactor, s.fourier_exponent)
    assert law(k, side**2, scale, steep) == pytest.approx(sorted_power[k - 1], rel=0.02 * steep)


@pytest.mark.holds("eq-rank-exponent")
@pytest.mark.parametrize("steep", [1.5, 2.0, 3.0])
def test_rank_exponent_on_grids_with_and_without_direction(steep):
    side = 512
    f = np.fft.fftfreq(side)
    for stretch in (1.0, 2.0, 5.0):
        length = np.hypot(stretch * f, f[:, None]).ravel()
        power = np.sort(length[length > 0] ** -steep)[::-1]
        k = np.geomspace(200, side**2 / 16, 30).astype(int)
        slope = -np.polyfit(np.log(k), np.log(power[k - 1]), 1)[0]
        law = spectra.rank_exponent.function(s.fourier_exponent)(steep)
        assert slope == pytest.approx(law, rel=0.01)


@pytest.mark.holds("eq-rank-exponent", "eq-rank-spectrum")
def test_rank_exponent_is_the_slope_of_the_rank_spectrum():
    slope = -s.rank * sp.diff(sp.log(spectra.rank_spectrum.right), s.rank)
    assert sp.simplify(slope - spectra.rank_exponent.right) == 0


@pytest.mark.holds("eq-rank-spectrum")
def test_rank_spectrum_keeps_the_variance():
    # the sum of the power over a disc of frequencies, as an integral over area and over ranks
    law = spectra.rank_spectrum.function(s.rank, s.dim, s.prefactor, s.fourier_exponent)
    d, a, steep, low, high = 400.0, 1.3, 2.6, 0.1, 0.5
    by_area = integrate.quad(lambda f: 2 * np.pi * f * d * a * f**-steep, low, high)[0]
    ranks = (np.pi * d * low**2, np.pi * d * high**2)
    assert integrate.quad(lambda k: law(k, d, a, steep), *ranks)[0] == pytest.approx(by_area)


@pytest.mark.holds("eq-spectra-condition")
@pytest.mark.parametrize("side", [4, 8, 32, 50])
def test_condition_of_periodic_squares_is_exact(side):
    f = frequencies(side)
    condition = spectra.condition.function(s.dim, s.fourier_exponent)
    for steep in (1.0, 2.5):
        assert condition(side**2, steep) == pytest.approx((f[-1] / f[0]) ** steep, rel=1e-12)


@pytest.mark.holds("eq-modes-above")
@pytest.mark.parametrize("alpha", [0.7, 1.2, 2.0])
def test_modes_above_a_floor_are_counted(alpha):
    lam = 3.0 * np.arange(1, 200_001) ** -alpha
    count = spectra.modes_above.function(s.lam_max, s.floor, s.rank_exponent)
    for k in (1, 17, 1000):
        floor = np.sqrt(lam[k - 1] * lam[k])  # between two modes
        assert (lam > floor).sum() == k == int(count(3.0, floor, alpha))
    assert count(3.0, 3.0, alpha) == pytest.approx(1)


@pytest.mark.holds("eq-contrast-kurtosis")
def test_kurtosis_of_a_mixture_by_quadrature():
    # contrast exponential with mean 1.7; the density of the product is integrated numerically
    def mean(values, density, *ends):
        return integrate.quad(lambda v: values(v) * density(v), *ends)[0]

    def bell(z):
        return np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    def exponential(c):
        return np.exp(-c / 1.7) / 1.7

    def power(n):
        return lambda v: v**n

    contrast = [mean(power(n), exponential, 0, 120) for n in (2, 4)]
    second, fourth = (
        mean(power(n), bell, -12, 12) * mean(power(n), exponential, 0, 120) for n in (2, 4)
    )
    law = spectra.contrast_kurtosis.function(s.m_2, s.m_4)(*contrast)
    assert law == pytest.approx(fourth / second**2 - 3, rel=1e-6)
    assert law == pytest.approx(15, rel=1e-6)  # 3 (4! / 2!**2 - 1)


@pytest.mark.holds("eq-contrast-kurtosis")
def test_kurtosis_by_sampling_and_without_spread():
    law = spectra.contrast_kurtosis.function(s.m_2, s.m_4)
    assert law(2.0, 4.0) == 0  # one contrast for all patches: Gaussian
    rng = np.random.default_rng(0)
    n = 400_000
    contrast = rng.choice([1.0, 2.0], n)
    x = contrast * rng.standard_normal(n)

    def excess(x):
        return (x**4).mean() / (x**2).mean() ** 2 - 3

    error = np.std([excess(part) for part in np.split(x, 40)], ddof=1) / np.sqrt(40)
    assert law(2.5, 8.5) == pytest.approx(1.08)
    assert abs(excess(x) - 1.08) < 4 * error
