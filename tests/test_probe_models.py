"""What the probe does with models of other habits, and what it refuses beforehand."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from specbook.experiments import Preconditioned, Probe, ResidualMLP, from_denoiser, train
from specbook.experiments.caller import CHUNK, Caller
from specbook.sampler import Sampling
from specbook.spectrum import Spectrum

LAM = np.array([2.0, 0.7, 0.2, 0.05])
S = Spectrum(np.zeros(4), LAM, np.eye(4))


def probed(model, spectrum=S, step=0, **settings):
    settings = dict(record="all", latents=8, sigmas=[2.0, 1.0]) | settings
    probe = Probe(spectrum, **settings)
    probe.measure(model, step)
    return probe


@pytest.mark.parametrize("mode", ["gain", "samples"])
def test_models_that_work_in_place(mode):
    latents = 8 if mode == "gain" else CHUNK + 8  # a second chunk gets another tensor of sigma
    wanted = probed(lambda x, s: x * 0.5 / s, mode=mode, latents=latents)
    found = probed(lambda x, s: x.mul_(0.5).div_(s).add_(0 * s.mul_(3)), mode=mode, latents=latents)
    for name in ("gain", "variance", "product", "explained"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name)), name
    assert wanted.gain[:, 0, 0] == pytest.approx([0.25, 0.5])


# --- the shape of sigma -----------------------------------------------------------------------


class PerPoint(nn.Module):
    """Takes sigma as `train` gives it, one for each point."""

    def __init__(self):
        super().__init__()
        self.net, self.shapes = nn.Linear(4, 4), []

    def forward(self, x, sigma):
        self.shapes.append(tuple(sigma.shape))
        return self.net(x) / (1 + sigma[:, None] ** 2)


def test_a_model_that_trains_is_measured():
    data = np.random.default_rng(0).standard_normal((50, 4)) * np.sqrt(LAM)
    for _, model in train(PerPoint(), data, steps=1, record=[1], device="cpu"):
        model.shapes.clear()
        probe = probed(model, latents=2 * CHUNK + 5)
        tried = [(), (CHUNK,), (CHUNK,), (5,)]
        assert model.shapes == tried + tried[1:]
        weights = np.diag(model.net.weight.detach().double().numpy())
    assert probe.gain[:, 0] == pytest.approx(weights / np.array([[5.0], [2.0]]), rel=1e-4)


def test_one_number_comes_first_and_stays():
    shapes = []
    probed(lambda x, s: (shapes.append(tuple(s.shape)), x * float(s))[1])
    assert shapes == [(), ()]

    def fails_later(x, sigma):
        shapes.append(tuple(sigma.shape))
        return x[:, : 4 if sigma > 1 else 3] @ torch.eye(4).double()

    with pytest.raises(RuntimeError, match="mat1 and mat2") as error:
        probed(fails_later)
    assert shapes[2:] == [(), ()] and "sigma of shape ()." in error.value.__notes__[0]


def test_the_error_says_what_was_tried():
    nets = [nn.Linear(4, 4)]  # lists are not searched
    with pytest.raises(RuntimeError, match="dtype") as error:
        probed(lambda x, sigma: nets[0](x))
    text = error.value.__notes__[0]
    for part in ("(8, 4)", "torch.float64 on cpu", "sigma of shape ():", "sigma of shape (8,)"):
        assert part in text
    assert "from_denoiser" in text and "dtype" in text
    with pytest.raises(TypeError) as error:
        probed(nn.Linear(5, 5))
    text = error.value.__notes__[0]
    assert "torch.float32 on cpu" in text and "function" not in text


# --- training goes on as if nothing had been measured -------------------------------------------


class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net, self.drop = nn.Linear(4, 4), nn.Dropout(0.5)
        self.modes = set()

    def forward(self, x, sigma):
        self.modes.add(self.training)
        return self.drop(self.net(x)) + 0 * torch.randn_like(x)


def test_random_numbers_are_left_alone():
    net = Noisy().train()
    for model in (net, net.forward, lambda x, s: net(x.float(), s).double()):
        torch.manual_seed(3)
        state = torch.get_rng_state()
        probed(model)
        assert torch.equal(torch.get_rng_state(), state) and net.training
    torch.manual_seed(3)
    with pytest.raises(ValueError, match="NaN"):
        probed(lambda x, s: x * torch.randn(1) * np.nan)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_random_numbers_of_the_device_are_left_alone():
    state = torch.cuda.get_rng_state()
    probed(lambda x, s: x + torch.randn_like(x), device="cuda")
    assert torch.equal(torch.cuda.get_rng_state(), state)


@pytest.mark.parametrize("wrap", [lambda n: n, lambda n: n.forward])
def test_the_network_behind_a_method_or_adapter(wrap):
    net = Noisy().train()
    for model in (wrap(net), from_denoiser(wrap(net))):
        net.modes.clear()
        probe = probed(model)
        assert net.modes == {False} and net.training and net.drop.training
        weights = np.diag(net.net.weight.detach().double().numpy())
        assert probe.gain[:, 0] == pytest.approx(weights * np.ones((2, 1)), rel=1e-4)


def test_own_networks_see_one_number():
    """Their answers to (N,) may differ in the last bit, and stored studies should not."""
    net = Preconditioned(ResidualMLP(4, width=8, depth=1, rng=0))
    x = np.random.default_rng(0).standard_normal((7, 4))
    with Caller(net) as caller, torch.no_grad():
        wanted = net(torch.from_numpy(x).float(), torch.tensor(0.3)).double().numpy()
        assert np.array_equal(caller(x, 0.3), wanted)


def test_mps_has_no_float64():
    mps = torch.device("mps")
    assert Caller(lambda x, s: x, mps).dtype == torch.float32
    assert Caller(lambda x, s: x, mps, torch.float16).dtype == torch.float16
    assert Caller(lambda x, s: x).dtype == torch.float64
    assert Caller(nn.Linear(2, 2).half(), mps).dtype == torch.float16


# --- refused beforehand -------------------------------------------------------------------------

WRONG = [
    ({"device": "abacus"}, "device"),
    ({"device": 1.5}, "device"),
    ({"dtype": "float32"}, "dtype"),
    ({"dtype": torch.int64}, "dtype"),
    ({"dtype": torch.complex64}, "dtype"),
]
if not torch.cuda.is_available():
    WRONG.append(({"device": "cuda"}, "device"))


@pytest.mark.parametrize(("settings", "named"), WRONG)
def test_devices_and_types(settings, named, tmp_path):
    with pytest.raises(ValueError, match=f"^{named}"):
        Probe(S, **settings)
    probed(lambda x, s: x).save(tmp_path / "p")
    with pytest.raises(ValueError, match=f"^{named}"):
        Probe.load(tmp_path / "p", S, **settings)


def test_devices_that_are_given():
    seen = []
    probed(lambda x, s: (seen.append((x.device.type, x.dtype)), x)[1], device=torch.device("cpu"))
    probed(lambda x, s: (seen.append((x.device.type, x.dtype)), x)[1], dtype=torch.float32)
    assert set(seen) == {("cpu", torch.float64), ("cpu", torch.float32)}


@pytest.mark.parametrize(
    ("mean", "variances", "modes", "named"),
    [
        (np.zeros(4), [-1.0, 1, 1, 1], np.eye(4), "variances of spectrum must be at least 0"),
        (np.zeros(4), [np.nan, 1, 1, 1], np.eye(4), "variances of spectrum contains NaN"),
        (np.zeros(4), [np.inf, 1, 1, 1], np.eye(4), "variances of spectrum contains infinity"),
        (np.array([0, 0, 0, np.nan]), LAM, np.eye(4), "mean of spectrum contains NaN"),
        (np.zeros(4), LAM, np.diag([1, 1, 1, np.nan]), "modes of spectrum contains NaN"),
        (np.zeros(4), LAM, np.diag([1, 1, 1, 1.1]), "modes of spectrum must be orthonormal"),
        (np.zeros(4), LAM, 0 * np.eye(4), "modes of spectrum must be orthonormal"),
        (np.zeros(4), LAM, np.eye(4)[:, [0, 1, 2, 2]], "modes of spectrum must be orthonormal"),
        (np.zeros(4), LAM, np.tri(4), "modes of spectrum must be orthonormal"),
        (np.zeros(4), LAM[:3], np.eye(4), "spectrum holds"),
        (np.zeros(0), LAM, np.zeros((0, 4)), "mean of spectrum is empty"),
    ],
)
def test_spectra_that_are_none(mean, variances, modes, named):
    with pytest.raises(ValueError, match=named):
        Probe(Spectrum(mean, np.array(variances), modes))


def test_spectra_of_every_route_are_accepted():
    """Modes of rounding size from the route "gram" are orthonormal to a hundredth only."""
    x = np.random.default_rng(0).standard_normal((399, 400)) / np.arange(1, 401) ** 4.0
    of = Spectrum.from_samples(x, method="gram")
    assert np.abs(of.modes.T @ of.modes - np.eye(of.variances.size)).max() > 1e-3
    Probe(of)
    Probe(Spectrum(of.mean, of.variances, np.float32(of.modes)))
    Probe(Spectrum.from_samples(x, rank=3))


# --- modes without variance, and modes that were early -------------------------------------------


def grown(variances, steps=(0, 1, 5, 20, 100, 500), rate=0.05):
    """Gains that rise from a tenth of the best to the best, large variances first."""
    lam = torch.tensor(variances, dtype=torch.float64)
    of = Spectrum(np.zeros(len(variances)), np.array(variances), np.eye(len(variances)))
    probe = Probe(of, record="all", latents=8, sigmas=[20.0, 5.0, 1.0, 0.3, 0.05])
    for step in steps:
        share = 1 - 0.9 * torch.exp(-rate * step * lam)
        probe.measure(lambda x, s: x * lam / (lam + s**2) * share, step)  # noqa: B023
    return probe


def test_a_mode_without_variance_hides_no_other():
    from matplotlib.figure import Figure

    probe, without = grown([2, 0.7, 0.2, 0.0]), grown([2, 0.7, 0.2])
    for criterion in ("harmonic", "geometric", "arithmetic"):
        times = probe.emergence(criterion).time
        assert np.isnan(times[3]) and np.isfinite(times[:3]).any()
        wanted = without.emergence(criterion).time
        assert times[:3] == pytest.approx(wanted, rel=1e-9, nan_ok=True)
    found = probe.power_law("harmonic", direction="both")
    assert found.exponent == pytest.approx(without.power_law("harmonic").exponent, rel=1e-9)
    times = probe.emergence("harmonic", initial=without.variance[0].tolist() + [0.0]).time
    assert times[:3] == pytest.approx(without.emergence("harmonic").time, rel=1e-9)
    with pytest.raises(ValueError, match="initial"):
        probe.emergence("harmonic", initial=[1.0, 2.0])
    with np.errstate(all="raise"):
        ax = probe.plot(Figure().add_subplot())
    assert len(ax.lines) == 4
    with pytest.raises(ValueError, match="spectrum has no variance"):
        grown([0.0, 0.0]).emergence_time("harmonic")


def test_modes_that_were_early():
    probe = grown([2, 0.7, 0.2, 0.002, 0.0], steps=(0, 20, 100, 500))
    found = probe.emergence("harmonic")
    assert np.isnan(found.time).tolist() == [True, True, False, True, True]
    assert found.early.tolist() == [True, True, False, False, False] and found.early.dtype == bool
    assert found.never.tolist() == [False, False, False, True, False]
    finer = grown([2, 0.7, 0.2, 0.002, 0.0]).emergence("harmonic")
    assert not finer.early.any() and (finer.time[:2] < 20).all()
    other = probe.emergence("harmonic", initial=probe.targets * 1e6 + 1)
    assert other.early.tolist() == [True] * 4 + [False] and not other.rising[:4].any()
    with pytest.raises(ValueError, match="criterion"):
        probe.emergence("sudden")
    with pytest.raises(ValueError, match="after step 0"):
        grown([1.0], steps=[0]).emergence("harmonic")


# --- what a model says of itself -----------------------------------------------------------------


class Telling:
    """A model with what adapters tell."""

    def __init__(self, sigma_range=None, shape=None, layout=None):
        self.sigma_range, self.shape, self.layout = sigma_range, shape, layout

    def __call__(self, x, sigma):
        return x / (1 + sigma**2)


def test_the_noise_range_is_the_models_own():
    for known, used in (
        (None, (0.002, 80.0)), ((0.01, 157.0), (0.01, 80.0)), ((1e-4, 10.0), (0.002, 10.0)),
        ((0.5, 1.0), (0.5, 1.0)), ((100.0, 200.0), (100.0, 200.0)),
    ):
        probe = Probe(S, latents=8)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            probe.measure(Telling(known), 0)
            probe.measure(Telling(known), 1)
        said = [str(w.message) for w in caught]  # once, and only of one that does not tell
        assert len(said) == (known in (None, (0.5, 1.0)))
        assert known or "does not say which noise levels" in said[0]
        assert (probe.sampling.sigma_min, probe.sampling.sigma_max) == used
        assert (probe.levels[-1], probe.levels[0]) == pytest.approx(used)
    given = Probe(S, latents=8, sampling=Sampling(0.1, 5.0))
    given.measure(Telling((0.01, 157.0)), 0)
    assert given.sampling == Sampling(0.1, 5.0)


def test_data_that_the_noise_does_not_cover_are_warned_of():
    """A fifth of the largest noise level: then the start lacks 4 % of the variance."""
    for size, warned in ((15.9, False), (16.1, True)):
        of = Spectrum(np.zeros(2), np.array([size**2, 1.0]), np.eye(2))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            Probe(of, latents=8).measure(lambda x, s: x, 0)
        assert len(caught) == warned
    assert "standard deviation of 16.1" in str(caught[0].message)


@pytest.mark.parametrize("how", [{"sampling": Sampling()}, {"sigmas": [80.0, 1.0, 0.002]}])
def test_levels_that_a_model_does_not_know_are_warned_of(how):
    probe = Probe(S, latents=8, **how)
    with pytest.warns(UserWarning, match=r"knows 0.01 to 10.*sampling=Sampling\(0.01, 10\)"):
        probe.measure(Telling((0.01, 10.0)), 0)


def test_layouts_that_differ_are_refused():
    pictures = Spectrum(np.zeros(12), np.ones(12), np.eye(12))
    probe = Probe(pictures, latents=8)
    with pytest.raises(ValueError, match="layout is not known"):
        probe.measure(Telling(shape=(3, 2, 2)), 0)
    for layout in ("channels_first", "channels_last"):  # told: the reader knows
        probe.measure(Telling(shape=(3, 2, 2), layout=layout), 0)
    probe.measure(Telling(shape=(1, 3, 4)), 0)  # one channel: both are the same
    pictures = Spectrum(np.zeros(12), np.ones(12), np.eye(12), (3, 2, 2), "channels_first")
    probe = Probe(pictures, latents=8)
    for wrong in (dict(shape=(3, 2, 2)), dict(shape=(3, 2, 2), layout="channels_last"),
                  dict(shape=(3, 4, 1), layout="channels_first")):
        with pytest.raises(ValueError, match="layout: the spectrum is of pictures of shape"):
            probe.measure(Telling(**wrong), 0)
    assert not probe.found
    probe.measure(Telling(shape=(3, 2, 2), layout="channels_first"), 0)
