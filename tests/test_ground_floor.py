"""noise, sampler, spectrum, data, measure: values, limits, bad input."""

import numpy as np
import pytest
from PIL import Image

from specbook import data, measure, noise, sampler
from specbook.spectrum import Spectrum

# --- noise ---------------------------------------------------------------------------------


def test_schedule():
    sigmas = noise.edm_schedule(35)
    assert sigmas.shape == (35,) and sigmas[0] == 80 and sigmas[-1] == 0.002
    assert (np.diff(sigmas) < 0).all()
    equal = np.diff(sigmas ** (1 / 7))  # equal steps in the seventh root
    assert np.allclose(equal, equal[0], rtol=1e-10)
    assert noise.edm_schedule(5, end_at_zero=True)[-1] == 0
    assert np.allclose(np.diff(noise.edm_schedule(6, 1.0, 2.0, rho=1)), -0.2)


def test_scalings():
    sigma = np.array([0.01, 0.5, 30.0])
    skip, out, into, label, weight = noise.edm_scalings(sigma, 0.5)
    assert np.allclose(weight * out**2, 1)
    assert np.allclose(into**2 * (sigma**2 + 0.25), 1)  # the network sees unit variance
    # its target (x0 - skip x) / out has unit variance too, for data of variance 0.25
    assert np.allclose(((1 - skip) ** 2 * 0.25 + skip**2 * sigma**2) / out**2, 1)
    assert np.allclose(label, np.log(sigma) / 4)


@pytest.mark.parametrize(
    "call, name",
    [
        (lambda: noise.edm_schedule(1), "n"),
        (lambda: noise.edm_schedule(2.5), "n"),
        (lambda: noise.edm_schedule(5, 1.0, 0.5), "sigma_min"),
        (lambda: noise.edm_schedule(5, -1.0, 0.5), "sigma_min"),
        (lambda: noise.edm_schedule(5, rho=0.0), "rho"),
        (lambda: noise.edm_schedule(True), "n"),
        (lambda: noise.edm_schedule("3"), "n"),
        (lambda: noise.edm_schedule(5, rho=1e-3), "rho"),
        (lambda: noise.edm_scalings([]), "sigma"),
        (lambda: noise.edm_scalings([0.0]), "sigma"),
        (lambda: noise.edm_scalings([1.0], 0.0), "sigma_data"),
        (lambda: noise.edm_scalings(1e300), "sigma"),
        (lambda: noise.edm_scalings(0.5, 1e300), "sigma_data"),
        (lambda: noise.edm_schedule(5, end_at_zero="no"), "end_at_zero"),
        (lambda: noise.edm_schedule(10**18), "n"),
    ],
)
def test_noise_errors(call, name):
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        call()


# --- sampler -------------------------------------------------------------------------------


def test_complex_states_are_two_real_ones():
    """Fourier modes are carried as they are."""
    state, levels = np.array([1 + 2j, 3 - 1j]), [10.0, 1.0, 0.1]
    shrink = lambda x, s: x / (1 + s**2)  # noqa: E731
    for method in ("euler", "heun"):
        parts = [sampler.sample(shrink, part, levels, method) for part in (state.real, state.imag)]
        found = sampler.sample(shrink, state, levels, method)
        assert found == pytest.approx(parts[0] + 1j * parts[1], rel=1e-14)
    for wrong in ([1.0, np.nan], [1j, np.inf], [[1.0], [2.0, 3.0]], "no"):
        with pytest.raises(ValueError):
            sampler.sample(shrink, wrong, levels)


@pytest.mark.holds("eq-probability-flow")
@pytest.mark.parametrize("step, order", [(sampler.euler, 1), (sampler.heun, 2)])
def test_order_of_convergence(step, order):
    exact = 3.0 * np.sqrt((0.4 + 0.1**2) / (0.4 + 5.0**2))  # best denoiser of variance 0.4
    counts = np.array([100, 200, 400, 800])
    errors = [
        abs(step(lambda x, s: 0.4 / (0.4 + s**2) * x, 3.0, np.geomspace(5, 0.1, n + 1)) - exact)
        for n in counts
    ]
    assert -np.polyfit(np.log(counts), np.log(errors), 1)[0] == pytest.approx(order, abs=0.1)


def test_last_step_returns_the_denoised():
    for step in (sampler.euler, sampler.heun):
        assert step(lambda x, s: 7.0 + 0 * x, np.array([3.0]), [2.0, 0.0]) == pytest.approx(7.0)


def test_numpy_and_torch_are_bit_equal():
    torch = pytest.importorskip("torch")
    x = np.linspace(-2, 2, 7)
    sigmas = noise.edm_schedule(9, end_at_zero=True)
    for method in sampler.METHODS:
        one = sampler.sample(lambda v, s: v / (1 + s**2), x, sigmas, method)
        two = sampler.sample(lambda v, s: v / (1 + s**2), torch.as_tensor(x), sigmas, method)
        assert np.array_equal(one, two.numpy())


@pytest.mark.parametrize("sigmas", [[1.0], [1.0, 1.0], [1.0, 2.0], [1.0, -0.5], [np.nan, 0.5], []])
def test_sampler_refuses_a_bad_grid(sigmas):
    with pytest.raises(ValueError, match="sigmas"):
        sampler.heun(lambda x, s: x, 1.0, sigmas)


def test_sampler_refuses_an_unknown_method():
    with pytest.raises(ValueError, match="method"):
        sampler.sample(lambda x, s: x, 1.0, [2.0, 1.0], "dpm")


# --- spectrum ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [400, 12])  # covariance and Gram
def test_spectrum(n):
    x = np.random.default_rng(0).standard_normal((n, 20)) * np.geomspace(1, 0.1, 20) + 3
    spectrum = Spectrum.from_samples(x)
    rank = min(n - 1, 20)
    singular = np.linalg.svd(x - x.mean(0), compute_uv=False)[:rank]
    assert np.allclose(spectrum.variances, singular**2 / n, rtol=1e-9)
    assert np.allclose(spectrum.modes.T @ spectrum.modes, np.eye(rank), atol=1e-7)
    assert np.allclose(spectrum.restore(spectrum.project(x)), x, atol=1e-8)
    assert np.allclose(spectrum.project(x).var(axis=0), spectrum.variances)
    assert (spectrum.modes.max(axis=0) >= -spectrum.modes.min(axis=0)).all()
    assert Spectrum.from_samples(x, rank=3).modes.shape == (20, 3)


@pytest.mark.parametrize(
    "bad", [np.ones(5), np.ones((1, 5)), np.ones((5, 2)), [[np.nan, 1], [1, 2]]]
)
def test_spectrum_errors(bad):
    with pytest.raises(ValueError, match="samples"):
        Spectrum.from_samples(bad)


def test_more_spectrum_errors():
    with pytest.raises(ValueError, match="samples"):
        Spectrum.from_samples(np.full((10, 3), 0.1))
    for rank in (0, 1.5, np.nan):
        with pytest.raises(ValueError, match="rank"):
            Spectrum.from_samples(np.eye(3), rank=rank)
    with pytest.raises(ValueError, match="samples"):
        Spectrum.from_samples(np.eye(3)).project([[np.nan, 1, 2]])


# --- data ----------------------------------------------------------------------------------


def test_photographs_ship_with_the_wheels():
    for name in data.PHOTOGRAPHS:
        grey = data.photograph(name)
        assert grey.ndim == 2 and 0 <= grey.min() < grey.max() <= 1
    with pytest.raises(ValueError, match="name"):
        data.photograph("lena")


def test_natural_patches():
    patches = data.natural_patches(8, per_photograph=50, rng=1)
    assert patches.shape == (350, 64)
    assert np.abs(patches.mean(axis=1)).max() < 1e-12
    assert np.array_equal(patches, data.natural_patches(8, per_photograph=50, rng=1))
    assert not np.array_equal(patches, data.natural_patches(8, per_photograph=50, rng=2))
    raw = data.natural_patches(8, per_photograph=50, remove_mean=False, rng=1)
    assert np.allclose(raw - raw.mean(axis=1, keepdims=True), patches)
    # each patch stands in its photograph, row by row
    photo = data.photograph("astronaut")
    windows = np.lib.stride_tricks.sliding_window_view(photo, (8, 8))
    assert (np.abs(windows - raw[0].reshape(8, 8)).max(axis=(2, 3)) == 0).any()
    even = data.natural_patches(8, per_photograph=50, normalise_contrast=True, rng=1)
    assert len(even) < 350 and np.allclose(even.std(axis=1), 1)


def test_split_is_by_photograph():
    assert not set(data.SPLITS["train"]) & set(data.SPLITS["test"])
    assert set(data.SPLITS["train"]) | set(data.SPLITS["test"]) == set(data.PHOTOGRAPHS)
    for split, names in data.SPLITS.items():
        assert len(data.natural_patches(4, per_photograph=3, split=split)) == 3 * len(names)


@pytest.mark.parametrize(
    "arguments, name",
    [
        (dict(side=0), "side"), (dict(side=10_000), "side"), (dict(side=2.5), "side"),
        (dict(per_photograph=0), "per_photograph"), (dict(split="both"), "split"),
        (dict(rng="seed"), "rng"), (dict(rng=np.matrix([1])), "rng"), (dict(rng=-1), "rng"),
        (dict(colour="no"), "colour"), (dict(remove_mean=1), "remove_mean"),
        (dict(side="8"), "side"),
        (dict(normalise_contrast=True, remove_mean=False), "normalise_contrast"),
    ],
)
def test_patches_errors(arguments, name):
    with pytest.raises(ValueError, match=name):
        data.natural_patches(**arguments)


@pytest.mark.parametrize("unit", data.UNITS)
def test_standardise(unit):
    x = data.gaussian([9.0, 4.0, 1.0, 0.0], 500, mean=[1.0, 2.0, 3.0, 4.0], rng=0)
    x0, spectrum, one = data.standardise(x, unit, deviation=0.5)
    assert np.allclose(x0 * one + x.mean(axis=0), x)
    assert np.abs(x0.mean(axis=0)).max() < 1e-12
    squares = x0.var(axis=0)
    found = {"largest mode": spectrum.variances[0], "mean mode": squares.sum() / 3,
             "pixel": squares.mean()}[unit]
    assert found == pytest.approx(0.25)
    again = Spectrum.from_samples(x0)
    assert np.array_equal(spectrum.modes, again.modes)
    assert np.array_equal(spectrum.variances, again.variances)
    scaled, _, same = data.standardise(x, unit, deviation=0.5, remove_mean=False)
    assert same == one and np.allclose(scaled * one, x)


def test_standardise_is_the_prelude_of_the_chapters():
    """Bit for bit what they wrote out before: their numbers do not move."""
    x = data.natural_patches(4, per_photograph=40)
    raw = Spectrum.from_samples(x)
    for found, expected in (
        (data.standardise(x), (x - raw.mean) / np.sqrt(raw.variances[0])),
        (data.standardise(x, "mean mode"), (x - raw.mean) / np.sqrt(raw.variances.mean())),
        (data.standardise(x, "pixel"), (x - raw.mean) / np.sqrt(raw.variances.sum() / 16)),
        (
            data.standardise(x, "pixel", deviation=0.5),
            (x - raw.mean) * 0.5 * 4 / np.sqrt(raw.variances.sum()),
        ),
        (data.standardise(x, remove_mean=False), x / np.sqrt(raw.variances[0])),
    ):
        assert np.array_equal(found[0], expected)


@pytest.mark.parametrize("arguments, name", [
    (dict(unit="metre"), "unit"), (dict(deviation=0.0), "deviation"),
    (dict(samples=[1.0, 2.0]), "samples"), (dict(samples=[[1.0, np.nan]]), "samples"),
])
def test_standardise_errors(arguments, name):
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        data.standardise(**{"samples": np.eye(3), **arguments})


def test_gaussian():
    x = data.gaussian([4.0, 0.25], 40_000, mean=[1.0, -1.0], rng=0)
    # four standard errors of mean and variance
    assert np.allclose(x.mean(axis=0), [1, -1], atol=4 * 2 / 200)
    assert np.allclose(x.var(axis=0) / [4.0, 0.25], 1, atol=4 * np.sqrt(2 / 40_000))
    for arguments, name in (
        (dict(variances=[-1.0], n=3), "variances"), (dict(variances=[1.0], n=0), "n"),
        (dict(variances=[1.0, 1.0], n=3, mean=[0.0, 0.0, 0.0]), "mean"),
    ):
        with pytest.raises(ValueError, match=name):
            data.gaussian(**arguments)


def test_load_images(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (3, 6, 5, 3), dtype=np.uint8)
    folder = tmp_path / "images"
    folder.mkdir()
    for k, picture in enumerate(pixels):
        Image.fromarray(picture).save(folder / f"{k}.png")
    (folder / "notes.txt").write_text("not an image")
    colour = data.load_images(folder, grey=False)
    assert np.allclose(colour, pixels.reshape(3, -1) / 255)
    assert data.load_images(folder).shape == (3, 30)
    assert data.load_images(folder, side=4).shape == (3, 16)
    np.save(tmp_path / "a.npy", pixels)
    assert np.allclose(data.load_images(tmp_path / "a.npy"), data.load_images(folder))
    np.savez(tmp_path / "a.npz", images=pixels[..., 0], labels=np.arange(3))
    assert np.allclose(
        data.load_images(str(tmp_path / "a.npz")), pixels[..., 0].reshape(3, -1) / 255
    )
    np.save(tmp_path / "f.npy", rng.random((2, 4, 4)))
    assert data.load_images(tmp_path / "f.npy").max() < 1
    np.save(tmp_path / "flag.npy", np.eye(4, dtype=bool)[None])
    assert data.load_images(tmp_path / "flag.npy").sum() == 4


def test_load_images_errors(tmp_path):
    def refused(path, match, **arguments):
        with pytest.raises(ValueError, match=match):
            data.load_images(path, **arguments)

    refused(tmp_path / "nothing", "does not exist")
    refused(tmp_path, "without images")
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n only the beginning")
    refused(tmp_path, r"torn\.png cannot be read")
    whole = tmp_path / "whole.jpg"
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(whole)
    half = tmp_path / "half"
    half.mkdir()
    (half / "half.jpg").write_bytes(whole.read_bytes()[:200])
    refused(half, r"half\.jpg cannot be read")
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for side in (4, 5):
        Image.fromarray(np.zeros((side, side, 3), np.uint8)).save(mixed / f"{side}.png")
    refused(mixed, "give side=")
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY")
    refused(tmp_path / "a.npy", "cannot be read")
    np.savez(tmp_path / "two.npz", a=np.zeros((1, 2, 2)), b=np.zeros((1, 2, 2)))
    refused(tmp_path / "two.npz", "images")
    (tmp_path / "torn.npz").write_bytes((tmp_path / "two.npz").read_bytes()[:100])
    refused(tmp_path / "torn.npz", "cannot be read")
    np.save(tmp_path / "flat.npy", np.zeros((3, 4)))
    refused(tmp_path / "flat.npy", "shape")
    np.save(tmp_path / "five.npy", np.zeros((3, 4, 4, 5)))
    refused(tmp_path / "five.npy", "channels")
    np.save(tmp_path / "nan.npy", np.full((1, 2, 2), np.nan))
    refused(tmp_path / "nan.npy", "NaN")
    np.save(tmp_path / "object.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    refused(tmp_path / "object.npy", "cannot be read")
    np.save(tmp_path / "words.npy", np.full((1, 2, 2), "a"))
    refused(tmp_path / "words.npy", "numbers")
    np.save(tmp_path / "complex.npy", np.full((1, 2, 2), 1j))
    refused(tmp_path / "complex.npy", "real numbers")
    refused(None, "path")
    refused(mixed, "side", side=True)
    (tmp_path / "a.csv").write_text("1,2")
    refused(tmp_path / "a.csv", "neither")
    refused(tmp_path / "flat.npy", "side", side=3)


# --- measure -------------------------------------------------------------------------------


def test_mode_variances():
    x = np.random.default_rng(0).standard_normal((500, 6)) * np.arange(1, 7)
    modes = np.linalg.qr(np.random.default_rng(1).standard_normal((6, 6)))[0][:, :3]
    full = modes.T @ np.cov(x.T, bias=True) @ modes
    assert np.allclose(measure.mode_variances(x, modes), np.diag(full), rtol=1e-12)
    with pytest.raises(ValueError, match="samples"):
        measure.mode_variances(x[:1], modes)


@pytest.mark.holds("eq-harmonic", "eq-geometric")
@pytest.mark.parametrize("criterion", measure.CRITERIA)
@pytest.mark.parametrize("start, target", [(0.01, 4.0), (9.0, 0.5)])
def test_emergence_of_exact_exponentials(criterion, start, target):
    tau = np.geomspace(1e-5, 1e3, 3000)
    curve = target + (start - target) * np.exp(-2 * tau[:, None] * target)
    level = {"harmonic": 2 / (1 / start + 1 / target), "geometric": np.sqrt(start * target),
             "arithmetic": (start + target) / 2}[criterion]
    assert measure.threshold(start, target, criterion) == pytest.approx(level)
    exact = np.log((start - target) / (level - target)) / (2 * target)
    found = measure.emergence_time(curve, start, [target], tau, criterion)
    assert found == pytest.approx([exact], rel=2e-4)


def test_emergence_outside_the_record_is_nan():
    tau = np.array([1.0, 2.0, 3.0])
    curve = np.array([[1.0, 5.0], [1.1, 5.0], [1.2, 5.0]])
    assert np.isnan(measure.emergence_time(curve, 1.0, [9.0, 5.0], tau, "geometric")).all()


@pytest.mark.parametrize(
    "change, name",
    [
        (dict(variance=[[1.0], [-1.0], [1.0]]), "variance"),
        (dict(variance=[[1.0], [1.0]]), "variance"),
        (dict(variance=[[1.0], [np.nan], [1.0]]), "variance"),
        (dict(tau=[1.0, 1.0, 2.0]), "tau"), (dict(tau=[0.0, 1.0, 2.0]), "tau"),
        (dict(criterion="half"), "criterion"), (dict(initial=0.0), "initial"),
        (dict(target=[0.0]), "target"),
    ],
)
def test_emergence_errors(change, name):
    good = dict(variance=[[1.0], [2.0], [3.0]], initial=1.0, target=[4.0], tau=[1.0, 2.0, 3.0],
                criterion="geometric")
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        measure.emergence_time(**{**good, **change})


@pytest.mark.holds("eq-power-law")
def test_power_law():
    rng = np.random.default_rng(0)
    x = np.geomspace(1e-3, 10, 400)
    fit = measure.power_law(x, 2.5 * x**-0.8)
    assert fit.exponent == pytest.approx(-0.8) and fit.prefactor == pytest.approx(2.5)
    assert fit.ols_error < 1e-12 and fit.r2 == pytest.approx(1)
    slopes, errors = [], []
    for _ in range(200):  # the reported error is the scatter over repetitions
        fit = measure.power_law(x, 2.5 * x**-0.8 * np.exp(0.3 * rng.standard_normal(x.size)))
        slopes.append(fit.exponent)
        errors.append(fit.ols_error)
    assert np.std(slopes) == pytest.approx(np.mean(errors), rel=0.2)
    gap = measure.power_law([1, 2, 4, 8], [1, np.nan, 0.25, 0.125])
    assert gap.exponent == pytest.approx(-1)
    for bad, name in (
        (([1, 2], [1, 2]), "points"), (([1, 2, 3], [1, 2]), "length"),
        (([0, 1, 2], [1, 1, 1]), "x"), (([1, 2, 3], [1, -1, 1]), "y"),
        (([1, 1, 1], [1, 2, 3]), "points"), (([1, 2, 3], [np.nan] * 3), "points"),
    ):
        with pytest.raises(ValueError, match=name):
            measure.power_law(*bad)


def test_over_seeds():
    fits = [measure.power_law([1, 2, 4], [1, 2**b, 4**b]) for b in (-1.0, -1.2)]
    mean, error = measure.over_seeds(fits)
    assert mean == pytest.approx(-1.1) and error == pytest.approx(0.1)
    assert measure.over_seeds([1.0, 3.0])[0] == 2
    with pytest.raises(ValueError, match="fits"):
        measure.over_seeds(fits[:1])


@pytest.mark.holds("eq-kl", "eq-kl-reverse")
@pytest.mark.parametrize("ratio", [1e-6, 0.3, 1 - 1e-7, 1.0, 1 + 1e-4, 50.0])
def test_divergence(ratio):
    import mpmath as mp

    with mp.workdps(40):
        r, shift, lam = mp.mpf(ratio), mp.mpf("0.4"), mp.mpf(2)
        one = (r - 1 - mp.log(r) + shift**2 / lam) / 2
        two = (1 / r - 1 + mp.log(r) + shift**2 / (r * lam)) / 2
        plain = (r - 1 - mp.log(r)) / 2
        x = float(mp.log(r))
    assert measure.gaussian_divergence(x, 0.4, 2.0) == pytest.approx(float(one), rel=1e-13)
    back = measure.gaussian_divergence(x, 0.4, 2.0, "data||generated")
    assert back == pytest.approx(float(two), rel=1e-12)
    assert measure.gaussian_divergence(x) == pytest.approx(float(plain), rel=1e-9, abs=0)
    with pytest.raises(ValueError, match="direction"):
        measure.gaussian_divergence(x, direction="both")


def test_roughness():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 16, 16))
    rough = measure.roughness(x)
    # of white noise: 2 * 16 * 15 differences of variance 2 over 16 * 16 squares
    assert rough.mean() == pytest.approx(2 * 15 / 16 * 2, rel=0.01)
    assert measure.roughness(-3 * x) == pytest.approx(rough)
    wave = np.cos(2 * np.pi * np.arange(16) / 16) * np.ones((1, 16, 1))
    assert measure.roughness(wave) < 0.2
    ramp = np.arange(4.0)[None, None] * np.ones((1, 3, 1))
    assert measure.roughness(ramp) == pytest.approx([9 / 42])  # 3 rows of three steps of one
    for bad in (np.ones((4, 4)), np.zeros((1, 2, 2)), [[[np.nan]]]):
        with pytest.raises(ValueError, match="pictures"):
            measure.roughness(bad)


def test_gauss_panels():
    edges = np.log([0.002, 0.1, 3.0, 80.0])
    nodes, weights = measure.gauss_panels(edges, order=6)
    assert nodes.size == weights.size == 18 and (np.diff(nodes) > 0).all()
    assert weights.sum() == pytest.approx(edges[-1] - edges[0], rel=1e-14)
    for power in range(12):  # exact up to degree 2 * 6 - 1
        exact = (edges[-1] ** (power + 1) - edges[0] ** (power + 1)) / (power + 1)
        assert weights @ nodes**power == pytest.approx(exact, rel=1e-12)
    for arguments, name in (
        (dict(edges=[1.0]), "edges"), (dict(edges=[1.0, 1.0]), "edges"),
        (dict(edges=[0.0, 1.0], order=0), "order"),
    ):
        with pytest.raises(ValueError, match=name):
            measure.gauss_panels(**arguments)
