"""The probe against laws and linear algebra; its price; what it leaves on disk."""

import io
import json

import matplotlib.axes
import numpy as np
import pytest
import torch
from torch import nn

from specbook import measure, theory
from specbook.experiments import (
    Points,
    Preconditioned,
    Probe,
    Record,
    ResidualMLP,
    from_epsilon,
    log_steps,
    train,
)
from specbook.experiments import measure as measure_once
from specbook.experiments.budget import Meter
from specbook.noise import edm_schedule
from specbook.sampler import sample
from specbook.spectrum import Spectrum

D = 12
LAM = np.geomspace(5, 1e-3, D)
TAU = np.geomspace(1e-3, 1e4, 5)
CPU = torch.device("cpu")


def spectrum(mean=0.0, keep=D, seed=0):
    modes = np.linalg.qr(np.random.default_rng(seed).standard_normal((D, D)))[0]
    return Spectrum(np.full(D, mean), LAM[:keep], modes[:, :keep])


def from_gain(gain, of):
    """A denoiser with a gain along each mode, as a function of NumPy's numbers."""
    modes, mean = torch.from_numpy(of.modes), torch.from_numpy(of.mean)

    def denoiser(x, sigma):
        return mean + ((x - mean) @ modes * torch.as_tensor(gain(float(sigma)))) @ modes.T

    return denoiser


def mixing(seed=0, bias=0.0):
    """Any linear denoiser, which mixes modes; and its matrix at a noise level."""
    weights = np.random.default_rng(seed).standard_normal((D, D)) / 5 + np.eye(D)

    def matrix(sigma):
        return weights / (1 + sigma**2)

    return lambda x, sigma: x @ torch.from_numpy(matrix(float(sigma)).T) + bias, matrix


@pytest.mark.parametrize("mean", [0.0, 7.0])
@pytest.mark.parametrize("mode", ["gain", "samples"])
@pytest.mark.parametrize("method", ["heun", "euler"])
@pytest.mark.parametrize("end", [False, True])
def test_linear_denoiser_as_the_law_says(mean, mode, method, end):
    of, law = spectrum(mean), theory.linear(LAM, q0=0.1)
    grid = edm_schedule(18, end_at_zero=end)
    for latents in (2, D):
        probe = Probe(of, budget=None, mode=mode, latents=latents, method=method, sigmas=grid)
        for step, tau in enumerate(TAU):
            probe.measure(from_gain(lambda s: law.gain(s, tau), of), step)  # noqa: B023
        wanted = law.generated_variance(TAU, sigmas=grid, method=method)
        assert probe.variance == pytest.approx(wanted, rel=1e-9)
        assert probe.gain == pytest.approx(law.gain(grid[:18], TAU), rel=1e-9)
        assert probe.explained == pytest.approx(np.ones((18, 5, D)), abs=1e-9)
        assert probe.variance.dtype == np.float64
        if latents >= D:
            assert probe.alignment == pytest.approx(np.ones((18, 5)), abs=1e-9)
            assert mode == "gain" or probe.sampled_alignment == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("keep", [D, 7])
@pytest.mark.parametrize("data", [False, True])
def test_denoiser_that_mixes_modes(keep, data):
    """Gains are the diagonal of its matrix; samples have what the product of matrices gives."""
    of, grid = spectrum(2.0, keep), edm_schedule(6)
    denoiser, matrix = mixing(bias=1.5)
    clean = np.random.default_rng(1).exponential(size=(90, D)) if data else None
    probe = Probe(
        of, budget=None, mode="samples", latents=max(D, 40 * data), sigmas=grid, data=clean
    )
    probe.measure(denoiser, 0)
    diagonal = [np.diag(of.modes.T @ matrix(s) @ of.modes) for s in grid]
    assert probe.gain[:, 0] == pytest.approx(np.array(diagonal), rel=1e-9)
    carried = sample(lambda x, s: matrix(s) @ x, grid[0] * np.eye(D), grid)
    along = of.modes.T @ carried
    assert probe.variance[0] == pytest.approx((along**2).sum(axis=1), rel=1e-9)
    assert probe.product[0] != pytest.approx(probe.variance[0], rel=0.01)
    covariance = along @ along.T
    aligned = (np.diag(covariance) ** 2).sum() / (covariance**2).sum()
    assert probe.sampled_alignment[0] == pytest.approx(aligned, rel=1e-9)
    assert 0.1 < aligned < 0.99


def test_law_of_data_with_a_mean_where_modes_are_coupled():
    """Weights and bias of the law as a denoiser; its modes share variance, as samples show."""
    lam, mean, tau, grid = LAM[:3], np.array([1.0, -2.0, 0.5]), 0.4, edm_schedule(9)
    law = theory.linear(lam, mean=mean, q0=0.1)
    of = Spectrum(mean, lam, np.eye(3))
    cov = np.diag(lam)
    of_level = {s: theory.linear_weights(cov, s, tau, start=0.1, mean=mean) for s in grid}

    def denoiser(x, sigma):
        weights, bias = of_level[float(sigma)]
        return x @ torch.from_numpy(weights.T) + torch.from_numpy(bias)

    probe = Probe(of, budget=None, mode="samples", latents=3, sigmas=grid)
    probe.measure(denoiser, 1)
    assert probe.gain[:, 0] == pytest.approx(law.gain(grid, tau), rel=1e-9)
    assert probe.variance[0] == pytest.approx(law.generated_variance(tau, sigmas=grid), rel=1e-9)


def test_nonlinear_answers_are_averaged_over_the_noised_data():
    """Of a cube, Stein's lemma: the slope of (u.x)**3 on u.x is 3 (lam + sigma**2)."""
    of = Spectrum(np.zeros(2), np.array([1.0, 0.5]), np.eye(2))
    probe = Probe(of, budget=None, latents=20_000, sigmas=[2.0, 0.3])
    probe.measure(lambda x, sigma: x**3, 0)
    noisy = of.variances + np.array([[4.0], [0.09]])
    assert probe.gain[:, 0] == pytest.approx(3 * noisy, rel=0.05)
    assert probe.explained[:, 0] == pytest.approx(np.full((2, 2), 9 / 15), rel=0.05)
    assert probe.alignment[:, 0] == pytest.approx(1, abs=0.01)


def test_noise_is_added_to_given_data():
    """Two values +-1: the best denoiser's mean answer is large where noise is small."""
    of = Spectrum(np.zeros(1), np.ones(1), np.eye(1))
    data = np.random.default_rng(0).choice([-1.0, 1.0], (4000, 1))
    both = [Probe(of, budget=None, latents=4000, sigmas=[1.0, 0.5], data=d) for d in (data, None)]
    for probe in both:
        probe.measure(lambda x, sigma: torch.tanh(x / sigma**2), 0)
    z = np.random.default_rng(1).standard_normal(200_000)
    x = 1 + np.array([[1.0], [0.5]]) * z
    slope = (np.tanh(x / np.array([[1.0], [0.25]])) * x).mean(axis=1) / np.array([2, 1.25])
    assert both[0].gain[:, 0, 0] == pytest.approx(slope, rel=0.02)
    assert both[1].gain[1, 0, 0] != pytest.approx(slope[1], rel=0.02)


def test_networks_get_their_own_numbers_and_keep_their_state():
    seen = []

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.other = nn.Dropout(0.5), nn.BatchNorm1d(D)
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, x, sigma):
            seen.append((x.dtype, sigma.dtype, sigma.shape, torch.is_grad_enabled(), self.training))
            return self.inner(self.weight * x)

    net = Net().train()
    net.other.eval()
    probe = Probe(spectrum(), budget=None, latents=20, mode="samples")
    probe.measure(net, 0)
    assert set(seen) == {(torch.float32, torch.float32, torch.Size([]), False, False)}
    assert net.training and net.inner.training and not net.other.training
    assert probe.gain == pytest.approx(1, rel=1e-4) and net.weight.grad is None
    probe = Probe(spectrum(), budget=None, latents=20, dtype=torch.float64)
    seen.clear()
    probe.measure(from_epsilon(lambda x, s: net(x, s[0])), 0)
    assert seen[0][0] == torch.float64


def test_a_real_network_by_both_routes():
    """Gain regression and sampling see nearly the same in a network that has learned a bit."""
    of = Spectrum(np.zeros(4), np.array([2.0, 0.7, 0.2, 0.05]), np.eye(4))
    data = np.random.default_rng(0).standard_normal((2000, 4)) * np.sqrt(of.variances)
    net = Preconditioned(ResidualMLP(4, width=24, depth=1, rng=0))
    probe = Probe(of, budget=None, mode="samples", sigmas=edm_schedule(18, 0.05, 20.0))
    for step, model in train(net, data, steps=300, record=[0, 300], lr=3e-3, device="cpu"):
        probe.measure(model, step)
    assert probe.steps.tolist() == [0, 300]
    ratio = probe.product / probe.variance
    assert (0.7 < ratio[1]).all() and (ratio[1] < 1.4).all()
    assert (0.5 < probe.variance[1] / of.variances).all()


def test_measuring_once_keeps_nothing():
    """The pure measurement is what a probe keeps of each step."""
    of, denoiser = spectrum(), mixing()[0]
    grid = edm_schedule(6)
    points = Points(of, np.arange(D), 40, rng=2)
    once = measure_once(denoiser, points, grid, grid)
    probe = Probe(of, budget=None, mode="samples", latents=40, sigmas=grid, rng=2)
    probe.measure(denoiser, 7)
    assert np.array_equal(once["gain"], probe.gain[:, 0])
    assert np.array_equal(once["explained"], probe.explained[:, 0])
    assert np.array_equal(once["alignment"], probe.alignment[:, 0])
    assert np.array_equal(once["sampled"], probe.variance[0])
    assert once["sampled"] == pytest.approx((once["samples"] @ of.modes).var(axis=0), rel=1e-9)
    assert "samples" not in measure_once(denoiser, points, grid)
    kept = Record(of.variances, grid, mode="samples")
    kept.add(7, once)
    assert np.array_equal(kept.product, probe.product) and kept.steps.tolist() == [7]


# --- budget -----------------------------------------------------------------------------------


class Clock:
    """A clock that a test moves by hand, in place of the module `time`."""

    def __init__(self):
        self.now = 0.0

    def process_time(self):
        return self.now

    perf_counter = process_time


def played(monkeypatch, *, record, calls, rate, price, budget=0.05):
    """Steps at which a meter measures, and its cost."""
    clock, meter, done = Clock(), Meter(budget, record), []
    monkeypatch.setattr("specbook.experiments.budget.time", clock)
    before = 0
    for step in calls:
        clock.now += rate * (step - before) * (30 if before == 0 else 1)  # slow at first
        before = step
        meter.arrive(step, CPU)
        due = meter.due(step)
        if due:
            clock.now += price
            done.append(step)
        meter.leave(due)
    return done, meter.cost()


@pytest.mark.parametrize("planned", [True, False])
@pytest.mark.parametrize("steps", [500, 2000, 10_000, 100_000])
@pytest.mark.parametrize("price", [0.01, 0.05, 0.3])
def test_cost_stays_inside_the_budget(monkeypatch, planned, steps, price):
    calls = log_steps(steps, 40)
    done, cost = played(
        monkeypatch, record=calls if planned else None, calls=calls, rate=5e-3, price=price
    )
    assert cost.share == cost.seconds / cost.training
    assert cost.measured == len(done) and cost.measured + cost.skipped == len(calls)
    assert cost.seconds <= max(0.05 * cost.training, price) + 1e-12
    affordable = 0.05 * cost.training / price
    if planned and affordable > 2.5:
        assert done[-1] == steps, "the last step is measured"
        assert done == calls or cost.share > 0.035, "the budget is used"
    if planned and affordable > 80:
        assert done == calls


def test_measurements_are_spread_evenly(monkeypatch):
    calls = list(range(0, 1001, 10))
    done, _ = played(monkeypatch, record=calls, calls=calls, rate=1e-2, price=0.02)
    gaps = np.diff(done[2:])
    assert gaps.max() <= 4 * gaps.min() and {*done} >= {0, 1000}


def test_without_a_budget_all_is_measured(monkeypatch):
    done, cost = played(monkeypatch, record=None, calls=range(5), rate=1e-3, price=9, budget=None)
    assert done == [0, 1, 2, 3, 4] and cost.share > 100
    assert Probe(spectrum()).cost.share == np.inf


def test_time_of_saving_counts(tmp_path):
    probe = Probe(spectrum(), latents=4)
    probe.save(tmp_path / "empty")
    probe.measure(mixing()[0], 0)
    before = probe.cost.seconds
    probe.save(tmp_path / "p")
    assert probe.cost.seconds > before > 0


# --- emergence, fits, figure ------------------------------------------------------------------


def learned(budget=None, steps=(0, *range(1, 2000, 40)), q0=0.1, **settings):
    of, law = spectrum(), theory.linear(LAM, q0=q0)
    probe = Probe(of, budget=budget, latents=2, sigmas=edm_schedule(12, 0.01, 20.0), **settings)
    for step in steps:
        probe.measure(from_gain(lambda s: law.gain(s, step / 100), of), step)  # noqa: B023
    return probe, law


def test_emergence_and_power_law():
    probe, law = learned()
    grid, tau = probe.sigmas, probe.steps[1:] / 100
    curve, start = (law.generated_variance(t, sigmas=grid) for t in (tau, 0.0))
    for criterion in measure.CRITERIA:
        wanted = measure.emergence_time(curve, start, LAM, tau, criterion)
        found = probe.emergence_time(criterion)
        assert found / 100 == pytest.approx(wanted, rel=1e-6, nan_ok=True)
        assert np.isfinite(found).sum() >= 3
    rising = np.where(start < LAM, probe.emergence_time("harmonic"), np.nan)
    wanted = measure.power_law(LAM, rising, within=(1e-2, 9))
    assert probe.power_law("harmonic", within=(1e-2, 9)).exponent == wanted.exponent
    both = probe.power_law("harmonic", direction="both", within=(1e-3, 9))
    assert both.exponent == measure.power_law(LAM, probe.emergence_time("harmonic")).exponent
    other = probe.emergence_time("harmonic", initial=start / 10)
    wanted = measure.emergence_time(curve, start / 10, LAM, tau, "harmonic")
    assert other / 100 == pytest.approx(wanted, rel=1e-6, nan_ok=True)
    mean, error = measure.over_seeds([probe.power_law("harmonic"), wanted_again(probe)])
    assert mean == probe.power_law("harmonic").exponent and error == 0


def wanted_again(probe):
    return probe.power_law("harmonic", initial=probe.variance[0])


def test_decaying_modes():
    """From a gain of 1 all noise stays, and modes come down to the data."""
    probe, _ = learned(q0=1.0)
    assert probe.power_law("geometric", direction="decaying").exponent < 0
    with pytest.raises(ValueError, match="three points"):
        probe.power_law("geometric")


def test_modes_of_interest():
    probe, law = learned(steps=[3], modes=[5, 2])
    wanted = law.generated_variance(0.03, sigmas=probe.sigmas)
    assert probe.variance[0] == pytest.approx(wanted[[5, 2]], rel=1e-9)
    assert probe.targets.tolist() == LAM[[5, 2]].tolist()
    assert learned(steps=[3], modes=3)[0].variance[0] == pytest.approx(wanted[:3], rel=1e-9)
    assert learned(steps=[3], modes=99)[0].variance.shape == (1, D)


def test_the_same_step_again_replaces_the_record():
    probe = Probe(spectrum(), budget=None, latents=4)
    for factor in (0.5, 0.7):
        probe.measure(lambda x, sigma: factor * x, 10)  # noqa: B023
    assert probe.steps.tolist() == [10] and probe.gain == pytest.approx(0.7)
    probe.measure(lambda x, sigma: x, 2)
    assert probe.steps.tolist() == [2, 10] and probe.gain[:, 0] == pytest.approx(1)


def test_figure():
    from matplotlib.figure import Figure

    probe, _ = learned(steps=[0, 1, 10, 100])
    ax = probe.plot(Figure().add_subplot(), count=4)
    assert isinstance(ax, matplotlib.axes.Axes)
    curve = ax.lines[0].get_data()
    assert curve[0].tolist() == [1, 10, 100]
    assert curve[1] == pytest.approx(probe.variance[1:, 0] / LAM[0])
    assert len(ax.lines) == 5 and "/ data variance" in ax.get_ylabel()
    assert isinstance(probe.plot(), matplotlib.axes.Axes)


# --- on disk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [None, np.random.default_rng(3).standard_normal((30, D))])
def test_a_study_that_was_killed_goes_on(tmp_path, data):
    """Saved and loaded after each step, the probe measures the same, bit for bit."""
    of = spectrum()
    settings = dict(budget=None, mode="samples", latents=D, modes=[0, 3], rng=4, data=data)
    models = [mixing(seed)[0] for seed in range(3)]
    whole = Probe(of, **settings)
    Probe(of, **settings).save(tmp_path / "run.state")
    for step, model in enumerate(models):
        whole.measure(model, step)
        again = Probe.load(tmp_path / "run.state", of, data)
        again.measure(model, step)
        again.save(tmp_path / "run.state")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["run.state.json", "run.state.npz"]
    loaded = Record.load(tmp_path / "run.state.npz")
    for name in "gain explained alignment variance product sampled_alignment".split():
        assert np.array_equal(getattr(loaded, name), getattr(whole, name)), name
    assert loaded.steps.tolist() == [0, 1, 2] and again.cost.measured == 3
    assert loaded.targets.tolist() == LAM[[0, 3]].tolist()
    assert again.cost.seconds > 0 and again.cost.training > 0
    loaded.save(tmp_path / "copy")  # without the spectrum
    Probe.load(tmp_path / "copy", of, data).measure(models[0], 9)
    summary = json.loads((tmp_path / "run.state.json").read_text())
    assert summary["steps"] == [0, 1, 2] and summary["settings"]["latents"] == D
    with np.load(tmp_path / "run.state.npz", allow_pickle=False) as stored:
        assert {a.dtype.kind for a in stored.values()} <= set("fiU")


def studied(folder, stop):
    """A network's training, probed; stopped after a number of measurements, stored or not."""
    of = Spectrum(np.zeros(3), np.array([2.0, 0.5, 0.1]), np.eye(3))
    data = np.random.default_rng(0).standard_normal((200, 3)) * np.sqrt(of.variances)
    net = Preconditioned(ResidualMLP(3, width=8, depth=1, rng=0))
    kept, file = folder / "run.state", folder / "run.state.probe"
    stored = file.with_name(file.name + ".npz").exists()
    probe = Probe.load(file, of) if stored else Probe(of, budget=None, latents=8)
    run = train(net, data, steps=20, record=range(0, 21, 4), checkpoint=kept, every=5, device="cpu")
    for count, (step, model) in enumerate(run):
        probe.measure(model, step)
        if 2 * count == stop:
            return None
        probe.save(file)
        if 2 * count + 1 == stop:
            return None
    return probe


def test_training_and_probe_that_were_stopped_go_on_together(tmp_path):
    (tmp_path / "whole").mkdir()
    whole = studied(tmp_path / "whole", None)
    for stop in (4, 5, 2, 3, 1, None):
        found = studied(tmp_path, stop)
    assert found.steps.tolist() == [0, 4, 8, 12, 16, 20]
    assert np.array_equal(found.gain, whole.gain)
    assert np.array_equal(found.variance, whole.variance)


def test_budget_and_plan_go_on(tmp_path):
    probe = Probe(spectrum(), record=[0, 5, 50], latents=100)
    probe.measure(mixing()[0], 0)
    probe.save(tmp_path / "p")
    again = Probe.load(tmp_path / "p.json", spectrum())
    assert again._meter.record == [0, 5, 50] and again._meter.budget == 0.05
    assert again.cost == Probe.load(tmp_path / "p", spectrum()).cost
    again.measure(mixing()[0], 5)  # no training since: nothing can be afforded
    assert again.cost.skipped == 1 and again.steps.tolist() == [0]


def test_files_that_are_not_a_probe(tmp_path):
    probe = Probe(spectrum(), budget=None, latents=4)
    probe.measure(mixing()[0], 0)
    probe.save(tmp_path / "p")
    file = tmp_path / "p.npz"
    content = file.read_bytes()
    for cut in (0, 10, len(content) // 2, len(content) - 5):
        file.write_bytes(content[:cut])
        with pytest.raises(ValueError, match="path: p.npz cannot be read"):
            Record.load(tmp_path / "p")
    arrays = dict(np.load(io.BytesIO(content)))
    for name, value in (("gain", arrays["gain"][1:]), ("about", np.array("{}"))):
        np.savez(file, **arrays | {name: value})
        with pytest.raises(ValueError, match="path: p.npz is not what a probe has saved"):
            Record.load(tmp_path / "p")
    np.savez(file, images=np.ones(3))
    with pytest.raises(ValueError, match="path: p.npz is not what a probe has saved"):
        Record.load(tmp_path / "p")
    with pytest.raises(ValueError, match="path .*nowhere"):
        Record.load(tmp_path / "nowhere")


def test_another_spectrum_or_other_data_are_refused(tmp_path):
    data = np.ones((3, D))
    probe = Probe(spectrum(), budget=None, latents=4, data=data)
    probe.save(tmp_path / "p")
    with pytest.raises(ValueError, match="spectrum is not what"):
        Probe.load(tmp_path / "p", spectrum(seed=1), data)
    with pytest.raises(ValueError, match="data is not what"):
        Probe.load(tmp_path / "p", spectrum())
    with pytest.raises(ValueError, match="spectrum must be"):
        Probe.load(tmp_path / "p", LAM)
    Record(LAM, [1.0, 0.5]).save(tmp_path / "record")
    with pytest.raises(ValueError, match="holds a record, not a probe"):
        Probe.load(tmp_path / "record", spectrum())


# --- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"spectrum": LAM}, "spectrum"),
        ({"spectrum": Spectrum(np.zeros(3), LAM[:2], np.eye(3))}, "spectrum"),
        ({"budget": 0}, "budget"),
        ({"budget": "all"}, "budget"),
        ({"mode": "both"}, "mode"),
        ({"method": "rk4"}, "method"),
        ({"sigmas": [1.0]}, "sigmas"),
        ({"sigmas": [1.0, 2.0]}, "sigmas"),
        ({"latents": 1}, "latents"),
        ({"rng": -1}, "rng"),
        ({"modes": 0}, "modes"),
        ({"modes": [0, 0]}, "modes"),
        ({"modes": [D]}, "modes"),
        ({"modes": []}, "modes"),
        ({"data": np.ones((4, 3))}, "data"),
        ({"data": np.full((4, D), np.nan)}, "data"),
        ({"record": [5, 1]}, "record"),
        ({"record": []}, "record"),
    ],
)
def test_settings_that_do_not_fit(settings, named):
    with pytest.raises(ValueError, match=named):
        Probe(**{"spectrum": spectrum()} | settings)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (3, "model must be a callable"),
        (lambda x, sigma: x * np.nan, "model returned NaN or infinity at noise level 80"),
        (lambda x, sigma: x / (sigma > 1), "model returned NaN or infinity at noise level 0.585"),
        (lambda x, sigma: x[:, 1:], "model must return shape .*, as spectrum"),
        (lambda x, sigma: None, "model must return shape"),
        (lambda x: x, "model cannot be called"),
        (nn.Linear(5, 5), "model cannot be called"),
        (Preconditioned(ResidualMLP(5, width=8, depth=1)), "model cannot be called .*spectrum"),
    ],
)
def test_models_that_do_not_fit(model, named):
    probe = Probe(spectrum(), budget=None, latents=4)
    with pytest.raises(ValueError, match=named):
        probe.measure(model, 0)
    assert probe.steps.size == 0 and probe.cost.measured == 0
    probe.measure(mixing()[0], 0)
    assert probe.steps.tolist() == [0]


def test_a_network_that_fails_is_left_in_its_mode():
    net = nn.Linear(5, 5).train()
    with pytest.raises(ValueError, match="model"):
        Probe(spectrum(), latents=4).measure(net, 0)
    assert net.training


def test_questions_that_have_no_answer():
    probe = Probe(spectrum(), budget=None, latents=4)
    with pytest.raises(ValueError, match="nothing has been measured"):
        print(probe.gain)
    with pytest.raises(ValueError, match="step"):
        probe.measure(mixing()[0], -1)
    probe.measure(mixing()[0], 0)
    with pytest.raises(ValueError, match="after step 0"):
        probe.emergence_time("harmonic")
    with pytest.raises(ValueError, match="mode must be"):
        print(probe.sampled_alignment)
    probe.measure(mixing()[0], 1)
    with pytest.raises(ValueError, match="criterion"):
        probe.emergence_time("sudden")
    with pytest.raises(ValueError, match="direction"):
        probe.power_law("harmonic", direction="sideways")


def test_a_model_without_an_answer():
    """The zero denoiser: nothing varies, so nothing is explained; its mode has no direction."""
    probe = Probe(spectrum(), budget=None, latents=4)
    probe.measure(lambda x, sigma: torch.zeros_like(x), 0)
    assert (probe.gain == 0).all() and np.isnan(probe.explained).all()
    assert np.isnan(probe.alignment).all()
    assert probe.variance == pytest.approx(0.002**2 * np.ones((1, D)), rel=10)
