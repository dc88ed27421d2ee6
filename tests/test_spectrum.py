"""Routes to a spectrum agree, power spectra are what they say, bad input is named."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specbook import data, measure
from specbook.spectrum import (
    Spectrum,
    decomposition,
    power_spectrum,
    radial_frequency,
    streaming,
)

BOOK = Path(__file__).parents[1] / "book"


def samples(n, d, seed=0, mean=3.0):
    """Correlated samples whose variances fall over four decades."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return (rng.standard_normal((n, d)) * np.geomspace(1, 0.01, d)) @ turn + mean


def covariance_of(s):
    return (s.modes * s.variances) @ s.modes.T


def shifted(images):
    """All cyclic shifts of all images, as samples."""
    h, w = images.shape[1:3]
    every = [np.roll(images, (y, x), (1, 2)) for y in range(h) for x in range(w)]
    return np.concatenate(every).reshape(h * w * len(images), -1)


# --- covariance, Gram, Lanczos ---------------------------------------------------------------


@pytest.mark.parametrize("n, d", [(300, 20), (21, 20), (20, 20), (12, 20), (2, 20)])
def test_all_routes_give_the_singular_values(n, d):
    x = samples(n, d)
    singular = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)  # never forms a covariance
    rank = min(n - 1, d)
    for method in ("auto", "covariance", "gram"):
        s = Spectrum.from_samples(x, method=method)
        assert s.variances == pytest.approx(singular[:rank] ** 2 / n, rel=1e-9), method
        assert np.allclose(s.modes.T @ s.modes, np.eye(rank), atol=1e-7)
        assert np.allclose(covariance_of(s), np.cov(x.T, bias=True), atol=1e-12)
        assert np.allclose(s.mean, x.mean(axis=0))
        assert np.allclose(s.restore(s.project(x)), x, atol=1e-8)
    few = min(3, min(n, d) - 1)
    lanczos = Spectrum.from_samples(x, few, method="lanczos")
    assert lanczos.variances == pytest.approx(singular[:few] ** 2 / n, rel=1e-9)
    exact = Spectrum.from_samples(x, few)
    assert np.allclose(lanczos.modes, exact.modes, atol=1e-6)  # signs are fixed


def test_chunks_do_not_matter(monkeypatch):
    x = samples(50, 8)
    whole = Spectrum.from_samples(x)
    grey = power_spectrum(x.reshape(50, 4, 2))
    monkeypatch.setattr(streaming, "CHUNK", 24)  # three samples at a time, two in the last chunk
    assert Spectrum.from_samples(x).variances == pytest.approx(whole.variances, rel=1e-12)
    assert Spectrum.from_samples(x).mean == pytest.approx(whole.mean, rel=1e-12)
    assert power_spectrum(x.reshape(50, 4, 2)) == pytest.approx(grey, rel=1e-12)


def test_samples_may_lie_in_a_file(tmp_path):
    x = samples(60, 5).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert Spectrum.from_samples(mapped).variances == pytest.approx(
        Spectrum.from_samples(x.astype(float)).variances, rel=1e-12
    )


def test_arguments_are_not_changed():
    x = samples(30, 4)
    before = x.copy()
    Spectrum.from_samples(x)
    Spectrum.from_samples(x, 2, method="lanczos")
    Spectrum.stationary(x.reshape(30, 2, 2))
    assert np.array_equal(x, before)


def test_float32_samples_are_summed_in_float64():
    x = (samples(4000, 6) * 0.01 + 100).astype(np.float32)
    exact = np.cov(x.astype(np.longdouble).T, bias=True).astype(float)
    s = Spectrum.from_samples(x)
    assert np.allclose(covariance_of(s), exact, atol=1e-12 * exact.max())


@pytest.mark.parametrize("d", [1, 63, 64, 65, 150])
def test_both_triangles_of_a_covariance(d):
    """Mirrored in blocks, about a mean that is a million standard deviations away."""
    x = np.random.default_rng(2).standard_normal((200, d)) + 1e6
    mean = x.mean(axis=0)
    found = streaming.covariance(x, mean)
    centred = x.astype(np.longdouble) - x.astype(np.longdouble).mean(axis=0)
    assert np.array_equal(found, found.T)
    assert np.allclose(found, (centred.T @ centred / 200).astype(float), rtol=0, atol=1e-14)


def test_every_mode_has_its_sign():
    s = Spectrum.from_samples(samples(400, 150))
    largest = np.abs(s.modes).argmax(axis=0)
    assert s.modes.shape == (150, 150)
    assert (s.modes[largest, np.arange(150)] > 0).all()


@pytest.mark.parametrize("method", ["covariance", "gram", "lanczos"])
def test_degenerate_modes(method):
    """Three equal variances: the space of their modes is found, and all three of them."""
    x = np.kron(np.eye(6), [[1.0], [-1.0]]) * [2, 2, 2, 1, 0.5, 0.25]
    x = x @ np.linalg.qr(np.random.default_rng(1).standard_normal((6, 6)))[0]
    s = Spectrum.from_samples(x, 4, method=method)
    assert s.variances == pytest.approx(np.array([4, 4, 4, 1]) / 6)
    assert np.allclose(s.modes.T @ s.modes, np.eye(4), atol=1e-9)
    assert np.allclose(s.project(x).var(axis=0), s.variances)


def test_modes_of_rounding_size_are_dropped():
    x = samples(40, 6)
    x[:, 3] = x[:, 2]
    assert Spectrum.from_samples(x).variances.size == 5
    assert Spectrum.from_samples(x[:4]).variances.size == 3


def test_lanczos_that_does_not_converge(monkeypatch):
    monkeypatch.setattr(decomposition, "LANCZOS_RESTARTS", 1)
    x = np.random.default_rng(0).standard_normal((400, 300))
    with pytest.raises(np.linalg.LinAlgError, match="Lanczos found .* rank=40"):
        Spectrum.from_samples(x, 40, method="lanczos")


@pytest.mark.parametrize(
    "call, name",
    [
        (lambda x: Spectrum.from_samples(x, 6), "rank"),
        (lambda x: Spectrum.from_samples(x[:3], 4), "rank"),
        (lambda x: Spectrum.from_samples(x, 5, method="lanczos"), "rank"),
        (lambda x: Spectrum.from_samples(x, method="lanczos"), "rank"),
        (lambda x: Spectrum.from_samples(x, 0), "rank"),
        (lambda x: Spectrum.from_samples(x, method="qr"), "method"),
        (lambda x: Spectrum.from_samples(x[:1]), "samples"),
        (lambda x: Spectrum.from_samples(x[:, :0]), "samples"),
        (lambda x: Spectrum.from_samples(x * np.nan), "samples"),
        (lambda x: Spectrum.from_samples(x * np.inf), "samples"),
        (lambda x: Spectrum.from_samples(x + 1j), "samples"),
        (lambda x: Spectrum.from_samples(x * 0 + 0.1), "samples"),
        (lambda x: Spectrum.from_samples(x * 0 + 0.1, 2, method="lanczos"), "samples"),
        (lambda x: Spectrum.from_samples([[1, 2], [3]]), "samples"),
        (lambda x: Spectrum.from_samples(x, layout="channels_last"), "layout"),
        (lambda x: Spectrum.from_samples(x.reshape(10, 5, 1, 1), layout="NHWC"), "layout"),
        (lambda x: Spectrum.from_samples(x.reshape(10, 5, 1, 1, 1)), "samples"),
        (lambda x: Spectrum.from_samples(x[0]), "samples"),
        (lambda x: Spectrum.stationary(x.reshape(10, 5, 1), layout="NHWC"), "layout"),
        (lambda x: Spectrum.stationary(x), "images"),
        (lambda x: Spectrum.stationary(x.reshape(10, 5, 1) * np.nan), "images"),
        (lambda x: Spectrum.stationary(x.reshape(10, 5, 1) * 0 + 0.1), "images"),
        (lambda x: Spectrum.stationary(x.reshape(10, 5, 1), 6), "rank"),
        (lambda x: power_spectrum(x), "images"),
        (lambda x: power_spectrum(x.reshape(10, 5, 1), window=True), "images"),
        (lambda x: power_spectrum(x.reshape(10, 5, 1), window="no"), "window"),
        (lambda x: radial_frequency(0), "height"),
        (lambda x: radial_frequency(2, 2.5), "width"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        call(samples(10, 5))


# --- Fourier -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(6, 5), (4, 4), (1, 8), (5, 1), (5, 4, 3), (4, 4, 2)])
def test_stationary_is_the_shift_averaged_covariance(shape):
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.standard_normal((40, *shape)), axis=1) + 1.3
    if len(shape) == 3:
        x = x @ rng.standard_normal((shape[2], shape[2]))
    exact = Spectrum.from_samples(shifted(x))  # an explicit circulant covariance
    s = Spectrum.stationary(x, layout="channels_last")
    assert s.variances == pytest.approx(exact.variances, rel=1e-11)
    assert np.allclose(s.modes.T @ s.modes, np.eye(s.variances.size), atol=1e-13)
    assert np.allclose(covariance_of(s), covariance_of(exact), atol=1e-12 * s.variances[0])
    assert np.allclose(s.mean, exact.mean)
    part = Spectrum.stationary(x, rank=3, layout="channels_last")
    assert part.variances == pytest.approx(s.variances[:3], rel=1e-12)
    assert part.modes.shape == (s.mean.size, 3)


def test_modes_are_waves():
    x = np.random.default_rng(0).standard_normal((30, 6, 4)).cumsum(axis=1)
    s = Spectrum.stationary(x)
    power = np.abs(np.fft.fft2(s.modes.T.reshape(-1, 6, 4))) ** 2
    assert ((power > 1e-20).sum(axis=(1, 2)) <= 2).all()  # a frequency and its opposite
    assert power_spectrum(x).max() == pytest.approx(s.variances[0])
    assert np.sort(power_spectrum(x).ravel())[::-1] == pytest.approx(s.variances)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
def test_parseval(n, h, w, seed):
    x = np.random.default_rng(seed).standard_normal((n, h, w)) + 5
    power = power_spectrum(x)
    assert power.sum() == pytest.approx(((x - x.mean()) ** 2).sum() / n)
    assert np.allclose(power, np.roll(power[::-1, ::-1], 1, (0, 1)))
    assert power[0, 0] == pytest.approx(h * w * ((x.mean(axis=(1, 2)) - x.mean()) ** 2).mean())


def test_power_of_one_wave():
    y, x = np.indices((8, 6))
    phases = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    waves = np.array([3 * np.cos(2 * np.pi * (2 * y / 8 + x / 6) + p) for p in phases])
    power = power_spectrum(waves)
    assert (
        power[2, 1] == power[-2, -1] == pytest.approx(9 / 2 * 48 / 2)
    )  # half of the variance each
    assert power.sum() == pytest.approx(9 / 2 * 48)
    assert radial_frequency(8, 6)[2, 1] == pytest.approx(np.hypot(1 / 4, 1 / 6))


def test_window_keeps_white_noise_white_and_stops_the_leak():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((4000, 16, 16))
    power = power_spectrum(noise, window=True)
    assert power.mean() == pytest.approx(1, abs=4 * np.sqrt(2 / noise.size))
    f = radial_frequency(64)
    steep = np.divide(1, f**3.5, out=np.zeros_like(f), where=f > 0)
    tiles = data.random_field(steep, 300, rng=1)[:, :16, :16]
    fine = radial_frequency(16) > 0.4
    near = np.mean(radial_frequency(16)[fine] ** -3.5)
    leaking, faded = (power_spectrum(tiles, window)[fine].mean() / near for window in (False, True))
    assert leaking > 3 and faded == pytest.approx(1, abs=0.35)


def test_frequencies():
    assert radial_frequency(4)[0] == pytest.approx([0, 0.25, 0.5, 0.25])
    assert radial_frequency(4).max() == pytest.approx(np.sqrt(0.5))
    assert radial_frequency(3, 5).shape == (3, 5)


# --- pictures ----------------------------------------------------------------------------------


def colours(n=60, h=5, w=4, c=3, seed=0):
    """Pictures with channels last, with correlated channels of different size."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, h, w, c)).cumsum(axis=1) @ np.triu(rng.random((c, c))) + 1.3


def both_orders(last):
    return {"channels_last": last, "channels_first": np.moveaxis(last, 3, 1)}


@pytest.mark.parametrize("make", [Spectrum.from_samples, Spectrum.stationary])
def test_both_layouts_are_one_spectrum_in_two_orders(make):
    pictures = both_orders(colours(h=6, w=5))
    of = {layout: make(x, layout=layout) for layout, x in pictures.items()}
    for layout, x in pictures.items():
        s, found = of[layout], make(x)  # three channels are recognised
        assert s.layout == found.layout == layout and s.shape == found.shape == (3, 6, 5)
        assert np.array_equal(s.modes, found.modes)
        assert s.project(x) == pytest.approx(s.project(x.reshape(60, -1)))
    a, b = of["channels_last"], of["channels_first"]
    assert a.variances == pytest.approx(b.variances)
    turned = np.moveaxis(b.modes.reshape(3, 6, 5, -1), 0, 2).reshape(a.modes.shape)
    assert np.allclose(covariance_of(a), (turned * b.variances) @ turned.T, atol=1e-10)
    assert np.allclose(a.mean, np.moveaxis(b.mean.reshape(3, 6, 5), 0, 2).ravel())
    assert not np.allclose(a.mean, b.mean)
    flat = Spectrum.from_samples(pictures["channels_first"].reshape(60, -1))
    assert flat.shape is flat.layout is None
    if make == Spectrum.from_samples:
        assert np.array_equal(flat.modes, b.modes)


@pytest.mark.parametrize("make", [Spectrum.from_samples, Spectrum.stationary])
def test_one_channel_has_no_layout(make):
    grey = colours(c=1)[..., 0]
    every = [grey, grey[:, None], grey[..., None]]
    for x in every:
        s = make(x)
        assert s.shape == (1, 5, 4) and s.layout is None
        assert np.array_equal(s.modes, make(grey).modes)
        for y in (*every, grey.reshape(60, -1)):
            assert np.array_equal(s.project(y), s.project(grey))


def test_pictures_of_other_kinds(tmp_path):
    x = colours(c=2)
    for make in (Spectrum.from_samples, Spectrum.stationary):
        with pytest.raises(ValueError, match="layout must be given"):
            make(x)
        assert make(x, layout="channels_last").shape == (2, 5, 4)
    torch = pytest.importorskip("torch")
    found = Spectrum.from_samples(torch.from_numpy(colours()).float())
    assert found.shape == (3, 5, 4) and found.layout == "channels_last"
    np.save(tmp_path / "x.npy", colours())
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.array_equal(
        Spectrum.from_samples(mapped).modes, Spectrum.from_samples(colours()).modes
    )
    lanczos = Spectrum.from_samples(colours(), 2, method="lanczos")
    assert lanczos.shape == (3, 5, 4) and lanczos.modes.shape == (60, 2)


def test_pictures_that_do_not_fit():
    s, flat = Spectrum.from_samples(colours()), Spectrum.from_samples(samples(30, 4))
    for x in (np.moveaxis(colours(), 3, 1), colours(h=4), colours()[..., 0], np.ones((2, 59))):
        with pytest.raises(ValueError, match=r"samples must have shape \(N, 60\), or be pictures"):
            s.project(x)
    for x in (np.ones((3, 2, 2)), np.ones((3, 5))):
        with pytest.raises(ValueError, match=r"samples must have shape \(N, 4\), as the spectrum"):
            flat.project(x)
    assert s.restore(s.project(colours())) == pytest.approx(colours().reshape(60, -1))


# --- files -------------------------------------------------------------------------------------


def test_save_and_load(tmp_path):
    s = Spectrum.from_samples(samples(30, 4))
    file = tmp_path / "s.npz"
    s.save(file)
    again = Spectrum.load(file)
    for name in ("mean", "variances", "modes"):
        assert np.array_equal(getattr(s, name), getattr(again, name))
    assert again.shape is again.layout is None
    for x in (colours(), np.moveaxis(colours(), 3, 1), colours(c=1)):
        s = Spectrum.from_samples(x, 3)
        s.save(file)
        again = Spectrum.load(file)
        assert (again.shape, again.layout) == (s.shape, s.layout)
        assert again.project(x) == pytest.approx(s.project(x))
    whole = file.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 30):
        file.write_bytes(whole[:size])
        with pytest.raises(ValueError, match="file"):
            Spectrum.load(file)
    with pytest.raises(ValueError, match="file"):
        Spectrum.load(tmp_path / "nothing.npz")
    np.savez(file, mean=np.ones(3), variances=np.ones(2), modes=np.ones((2, 2)))
    with pytest.raises(ValueError, match="fit"):
        Spectrum.load(file)
    sound = dict(mean=np.ones(6), variances=np.ones(2), modes=np.ones((6, 2)))
    for wrong in ({"shape": [3, 2, 2]}, {"shape": [3, 2]}, {"layout": "channels_last"},
                  {"shape": [3, 2, 1], "layout": "NHWC"}):
        np.savez(file, **sound, **wrong)
        with pytest.raises(ValueError, match="fit"):
            Spectrum.load(file)
    np.savez(file, mean=np.ones(3))
    with pytest.raises(ValueError, match="file"):
        Spectrum.load(file)


# --- data and measure ----------------------------------------------------------------------------


def test_random_field_has_its_power():
    f = radial_frequency(6, 4)
    power = np.divide(1, f**2, out=np.zeros_like(f), where=f > 0)
    x = data.random_field(power, 20_000, rng=0)
    assert x.shape == (20_000, 6, 4) and abs(x.mean(axis=(1, 2))).max() < 1e-12
    found = power_spectrum(x)
    # four standard errors of the variance of a real coefficient; complex ones have smaller errors
    assert np.abs(found / np.where(power > 0, power, 1) - (power > 0)).max() < 4 * np.sqrt(
        2 / 20_000
    )
    assert np.array_equal(x, data.random_field(power, 20_000, rng=0))
    for bad in (-power, power[0], np.arange(12.0).reshape(3, 4), [[np.nan]]):
        with pytest.raises(ValueError, match="power"):
            data.random_field(bad)


def test_digits():
    x = data.digits()
    assert x.shape == (1797, 64) and x.min() == 0 and x.max() == 1
    assert Spectrum.from_samples(x).variances.size == (x.std(axis=0) > 0).sum() == 61


def test_patches_in_colour_and_of_one_photograph():
    colour = data.natural_patches(4, per_photograph=20, colour=True, remove_mean=False, rng=1)
    assert colour.shape == (6 * 20, 48)
    grey = data.natural_patches(
        4, per_photograph=20, split="astronaut", remove_mean=False, rng=np.random.default_rng(1)
    )
    assert grey == pytest.approx(colour[:20].reshape(20, 16, 3) @ data.GREY)
    centred = data.natural_patches(4, per_photograph=20, colour=True, rng=1)
    assert np.abs(centred.mean(axis=1)).max() < 1e-12
    assert data.natural_patches(4, per_photograph=5, split="camera").shape == (5, 16)
    for call in (
        lambda: data.natural_patches(4, split="camera", colour=True),
        lambda: data.photograph("camera", colour=True),
    ):
        with pytest.raises(ValueError, match="camera"):
            call()


def test_power_law_within_a_range():
    x = np.arange(1, 101)
    y = np.where(x <= 10, x**-1.0, 10.0 * x**-2.0)
    assert measure.power_law(x, y, within=(1, 10)).exponent == pytest.approx(-1)
    assert measure.power_law(x, y, within=[10, 100]).exponent == pytest.approx(-2)
    for bad in ((3, 1), (2, 2), (1, 2, 3), 5, (1, np.nan), ("a", "b")):
        with pytest.raises(ValueError, match="within"):
            measure.power_law(x, y, within=bad)
    with pytest.raises(ValueError, match="points"):
        measure.power_law(x, y, within=(5, 6))


def test_jackknife():
    rng = np.random.default_rng(0)
    items = rng.standard_normal(30)
    value, error = measure.jackknife(items, np.mean)  # for a mean it is the standard error
    assert value == pytest.approx(items.mean())
    assert error == pytest.approx(items.std(ddof=1) / np.sqrt(30))
    vector = measure.jackknife(items, lambda part: np.array([np.mean(part), 2 * np.mean(part)]))
    assert vector[1] == pytest.approx([error, 2 * error])
    errors = []
    for _ in range(300):  # a statistic that is no mean: scatter over repetitions
        errors.append(measure.jackknife(rng.standard_normal(20), lambda p: np.log(np.var(p)))[1])
    scatter = np.std([np.log(rng.standard_normal(20).var()) for _ in range(3000)])
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(scatter, rel=0.2)
    with pytest.raises(ValueError, match="items"):
        measure.jackknife([1.0], np.mean)
