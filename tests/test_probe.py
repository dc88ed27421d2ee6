"""The probe against laws and linear algebra; its price; what it leaves on disk."""

import io
import json
import warnings

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
    train,
)
from specbook.experiments import measure as measure_once
from specbook.noise import edm_schedule
from specbook.sampler import Sampling, sample
from specbook.spectrum import Spectrum

D = 12
LAM = np.geomspace(5, 1e-3, D)
TAU = np.geomspace(1e-3, 1e4, 5)


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
        probe = Probe(of, record="all", mode=mode, latents=latents, method=method, sigmas=grid)
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
        of, record="all", mode="samples", latents=max(D, 40 * data), sigmas=grid, data=clean
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

    probe = Probe(of, record="all", mode="samples", latents=3, sigmas=grid)
    probe.measure(denoiser, 1)
    assert probe.gain[:, 0] == pytest.approx(law.gain(grid, tau), rel=1e-9)
    assert probe.variance[0] == pytest.approx(law.generated_variance(tau, sigmas=grid), rel=1e-9)


def test_nonlinear_answers_are_averaged_over_the_noised_data():
    """Of a cube, Stein's lemma: the slope of (u.x)**3 on u.x is 3 (lam + sigma**2)."""
    of = Spectrum(np.zeros(2), np.array([1.0, 0.5]), np.eye(2))
    probe = Probe(of, record="all", latents=20_000, sigmas=[2.0, 0.3])
    probe.measure(lambda x, sigma: x**3, 0)
    noisy = of.variances + np.array([[4.0], [0.09]])
    assert probe.gain[:, 0] == pytest.approx(3 * noisy, rel=0.05)
    assert probe.explained[:, 0] == pytest.approx(np.full((2, 2), 9 / 15), rel=0.05)
    assert probe.alignment[:, 0] == pytest.approx(1, abs=0.01)


def test_noise_is_added_to_given_data():
    """Two values +-1: the best denoiser's mean answer is large where noise is small."""
    of = Spectrum(np.zeros(1), np.ones(1), np.eye(1))
    data = np.random.default_rng(0).choice([-1.0, 1.0], (4000, 1))
    both = [Probe(of, record="all", latents=4000, sigmas=[1.0, 0.5], data=d) for d in (data, None)]
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
    probe = Probe(spectrum(), record="all", latents=20, mode="samples")
    probe.measure(net, 0)
    assert set(seen) == {(torch.float32, torch.float32, torch.Size([]), False, False)}
    assert net.training and net.inner.training and not net.other.training
    assert probe.gain == pytest.approx(1, rel=1e-4) and net.weight.grad is None
    probe = Probe(spectrum(), record="all", latents=20, dtype=torch.float64)
    seen.clear()
    probe.measure(from_epsilon(lambda x, s: net(x, s[0])), 0)
    assert seen[0][0] == torch.float64


def test_a_real_network_by_both_routes():
    """Gain regression and sampling see nearly the same in a network that has learned a bit."""
    of = Spectrum(np.zeros(4), np.array([2.0, 0.7, 0.2, 0.05]), np.eye(4))
    data = np.random.default_rng(0).standard_normal((2000, 4)) * np.sqrt(of.variances)
    net = Preconditioned(ResidualMLP(4, width=24, depth=1, rng=0))
    probe = Probe(of, record="all", mode="samples", sigmas=edm_schedule(18, 0.05, 20.0))
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
    probe = Probe(of, record="all", mode="samples", latents=40, sigmas=grid, rng=2)
    probe.measure(denoiser, 7)
    assert np.array_equal(once["gain"], probe.gain[:, 0])
    assert np.array_equal(once["explained"], probe.explained[:, 0])
    assert np.array_equal(once["alignment"], probe.alignment[:, 0])
    assert np.array_equal(once["sampled"], probe.variance[0])
    assert once["sampled"] == pytest.approx((once["samples"] @ of.modes).var(axis=0), rel=1e-9)
    assert "samples" not in measure_once(denoiser, points, grid)
    kept = Record(of.variances, Sampling(sigmas=grid), mode="samples")
    kept.add(7, once)
    assert np.array_equal(kept.product, probe.product) and kept.steps.tolist() == [7]


def test_time_of_saving_counts(tmp_path):
    probe = Probe(spectrum(), latents=4)
    probe.save(tmp_path / "empty")
    probe.measure(mixing()[0], 0)
    before = probe.cost.seconds
    probe.save(tmp_path / "p")
    assert probe.cost.seconds > before > 0


# --- emergence, fits, figure ------------------------------------------------------------------


def learned(law=None, steps=(0, *range(1, 2000, 40)), rate=0.01, **settings):
    """A probe that was shown a law at these steps."""
    of, law = spectrum(), theory.linear(LAM, q0=0.1) if law is None else law
    settings = dict(record="all", latents=2, sigmas=edm_schedule(12, 0.01, 20.0)) | settings
    probe = Probe(of, **settings)
    gains = law.gain(probe.levels, rate * np.array(steps))
    for step, gain in zip(steps, gains.swapaxes(0, 1), strict=True):
        at = dict(zip(probe.levels, gain, strict=True))
        probe.measure(from_gain(at.get, of), step)
    return probe, law


def test_emergence_and_power_law():
    probe, law = learned()
    grid, tau = probe.sigmas, probe.steps[1:] / 100
    curve, start = (law.generated_variance(t, sigmas=grid) for t in (tau, 0.0))
    for target, end in (("data", LAM), ("final", law.generated_variance(np.inf, sigmas=grid))):
        for criterion in measure.CRITERIA:
            wanted = measure.emergence(curve, start, end, tau, criterion, "monotone")
            found = probe.emergence(criterion, target=target)
            assert found.time / 100 == pytest.approx(wanted.time, rel=1e-6, nan_ok=True)
            for name in ("crossings", "early", "never", "rising"):
                assert np.array_equal(getattr(found, name), getattr(wanted, name))
            some = np.isfinite(found.time)
            assert some.sum() >= 3
            assert (found.lower < found.time)[some].all() and (found.time < found.upper)[some].all()
            exact = 100 * law.emergence_time(criterion, sigmas=grid, target=target)
            assert (found.lower <= exact)[some].all() and (exact <= found.upper)[some].all()
    times = probe.emergence("harmonic").time
    wanted = measure.power_law(LAM, times, within=(1e-2, 9))
    assert probe.power_law("harmonic", within=(1e-2, 9)).exponent == wanted.exponent
    both = probe.power_law("harmonic", direction="both", within=(1e-3, 9))
    assert both.exponent == measure.power_law(LAM, times).exponent
    other = probe.emergence("harmonic", initial=start / 10, target="data").time
    wanted = measure.emergence(curve, start / 10, LAM, tau, "harmonic", "monotone").time
    assert other / 100 == pytest.approx(wanted, rel=1e-6, nan_ok=True)
    fits = [probe.power_law("harmonic"), probe.power_law("harmonic", initial=probe.variance[0])]
    assert measure.over_seeds(fits) == (fits[0].exponent, 0)


def test_the_fit_takes_the_direction_of_the_data():
    """From a gain of 1 all noise stays, and modes come down to the data."""
    falling, _ = learned(theory.linear(LAM, q0=1.0))
    fit = falling.power_law("geometric")
    assert fit.direction == "decaying" and fit.exponent < 0
    assert fit == falling.power_law("geometric", direction="decaying")
    rising, _ = learned()
    fit = rising.power_law("harmonic")
    times = rising.emergence("harmonic").time
    assert fit.direction == "rising" and fit.n == np.isfinite(times).sum()
    with pytest.raises(ValueError, match="three modes with a time; of 0 that are rising"):
        falling.power_law("geometric", direction="rising")
    with pytest.raises(ValueError, match="direction"):
        rising.power_law("harmonic", direction="sideways")
    with pytest.raises(ValueError, match="within"):
        rising.power_law("harmonic", within=(2, 1))


def test_modes_without_a_time_are_counted_and_warned_of():
    probe, _ = learned(steps=[0, 5, 20, 80, 320], rate=0.02)
    found = probe.emergence("harmonic")
    assert found.early.any() and found.never.any() and (found.lower[found.early] == 0).all()
    assert np.isinf(found.upper[found.never]).all() and (found.lower[found.never] == 320).all()
    with pytest.warns(UserWarning) as caught:
        times = probe.emergence_time("harmonic")
    assert np.array_equal(times, found.time, equal_nan=True) and len(caught) == 1
    assert caught[0].filename == __file__
    said = str(caught[0].message)
    assert f"{found.early.sum()} of 12 modes were past their threshold at step 5" in said
    assert f"{found.never.sum()} of 12 modes have not emerged by step 320: train on" in said
    fit = probe.power_law("harmonic")
    assert (fit.n, fit.early, fit.never) == (
        np.isfinite(times).sum(), found.early.sum(), found.never.sum(),
    )
    late, _ = learned(steps=[3, 5, 20])
    with pytest.warns(UserWarning, match=r"call measure\(model, 0\) before training"):
        late.emergence_time("harmonic")


def test_a_curve_that_turns_back_is_told():
    of = Spectrum(np.zeros(1), np.ones(1), np.eye(1))
    probe = Probe(of, record="all", latents=4, sigmas=[10.0, 1.0, 0.1])
    for step, gain in enumerate([0.2, 0.3, 0.9, 0.3, 0.95]):
        probe.measure(lambda x, s: gain * x / (1 + s**2), step)  # noqa: B023
    found = probe.emergence("geometric")
    assert found.crossings.tolist() == [3] and 1 < found.time[0] < 2
    with pytest.warns(UserWarning, match="1 of 1 modes cross their threshold more than once"):
        probe.emergence_time("geometric")


def doubts(gains, lam, **settings):
    """What is warned of times of a model with these gains, one for each step."""
    of = Spectrum(np.zeros(len(lam)), np.array(lam), np.eye(len(lam)))
    probe = Probe(of, record="all", latents=8, **settings)
    for step, gain in enumerate(gains):
        probe.measure(gain, step)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        probe.emergence_time("geometric")
    return "; ".join(str(w.message) for w in caught)


def test_times_that_mislead_are_doubted():
    lam = torch.tensor([1.0, 0.1], dtype=torch.float64)
    best = lambda x, s: x * lam / (lam + s**2)  # noqa: E731
    off = lambda factor: lambda x, s: x * (lam / (lam + s**2) + factor)  # noqa: E731
    start = off(torch.tensor([-0.2, -0.2]))
    middle = off(torch.tensor([-0.15, -0.15]))
    assert doubts([start, middle, middle, best], [1.0, 0.1]) == ""
    beyond = off(torch.tensor([0.2, 0.0]))  # the first mode ends far above the data
    said = doubts([start, middle, best, beyond], [1.0, 0.1])
    assert said.startswith("1 of 2 modes that emerged end more than a factor 3 from")
    near = off(torch.tensor([0.001, -0.2]))
    said = doubts([near, off(torch.tensor([0.0008, -0.15])), best], [1.0, 0.1])
    assert said.startswith("1 of 2 modes start within 5 % of their target")
    turn = torch.tensor([[0.0, 0.3], [0.3, 0.0]], dtype=torch.float64)
    mixes = lambda x, s: middle(x, s) + x @ turn / (1 + s)  # noqa: E731
    said = doubts([start, mixes, middle, best], [1.0, 0.1])
    assert 'mixes modes (alignment down to 0.' in said and 'mode="samples"' in said
    assert "mixes" not in doubts([start, mixes, middle, best], [1.0, 0.1], mode="samples")


@pytest.mark.parametrize("rate", [1 / 30, 1 / 700])
@pytest.mark.parametrize(
    "law",
    [
        theory.linear(LAM, q0=0.1),
        theory.linear(LAM, q0=1.0),
        theory.two_layer(LAM, q0=0.01),
        theory.preconditioned(LAM),
        theory.preconditioned(LAM, layers=2, start=1e-3),
        theory.preconditioned(LAM, layers=3, start=1e-2),
    ],
    ids=lambda law: type(law).__name__,
)
def test_defaults_find_the_times_of_a_law(law, rate):
    """One per cent, what a reader of a time may expect; three for three layers, which switch
    faster than levels and steps are apart. Brackets hold the exact time, up to that.
    """
    steps = np.unique(np.round(10 ** (np.arange(12 * 5) / 12)).astype(int))
    probe, _ = learned(law, [0, *steps.tolist()], rate, sigmas=None, record=None)
    assert probe.sampling == Sampling() and probe.steps.tolist() == [0, *steps.tolist()]
    for criterion in measure.CRITERIA:
        found = probe.emergence(criterion)
        exact = law.emergence_time(criterion, probe.sampling, target="final") / rate
        some = np.isfinite(found.time)
        rel = 0.03 if getattr(law, "layers", 1) == 3 else 0.01
        late = exact > 2  # before, steps are a factor 2 apart
        assert found.time[some & late] == pytest.approx(exact[some & late], rel=rel)
        assert found.time[some] == pytest.approx(exact[some], rel=0.03)
        inside = (found.lower <= (1 + rel) * exact) & ((1 - rel) * exact <= found.upper)
        assert inside[some].all()
        assert np.isnan(exact[~some]).all() or found.early[~some].all() or (
            exact[found.never] > steps[-1]
        ).all()
        assert (exact[found.early] <= 1).all()


def test_the_best_denoiser_has_the_variances_of_the_data():
    of = spectrum()
    probe = Probe(of, latents=4)
    probe.measure(from_gain(lambda s: LAM / (LAM + s**2), of), 0)
    assert probe.variance[0] == pytest.approx(probe.reachable, rel=1e-12)
    assert probe.reachable == pytest.approx(LAM + 0.002**2, rel=1e-3)
    assert (probe.product[0] > 1.02 * LAM).any()  # what Heun's steps err by
    law = theory.linear(LAM)
    assert probe.reachable == pytest.approx(law.generated_variance(np.inf), rel=1e-12)
    steps = Probe(of, latents=4, sigmas=edm_schedule(18))
    steps.measure(from_gain(lambda s: LAM / (LAM + s**2), of), 0)
    assert steps.variance == pytest.approx(steps.product, rel=0)
    assert steps.reachable == pytest.approx(steps.variance[0], rel=1e-12)


def test_integration_between_levels():
    """A gain that is off by a smooth bump: against quadrature on a grid of noise levels."""
    of, lam = spectrum(), LAM[:, None]

    def gain(s):
        return lam / (lam + s**2) + 0.3 * np.exp(-(np.log(s / 0.3) ** 2))

    probe = Probe(of, latents=4)
    probe.measure(from_gain(lambda s: gain(np.array([s]))[:, 0], of), 0)
    logs = np.linspace(np.log(0.002), np.log(80.0), 40_001)
    wanted = np.exp(2 * (np.log(0.002) + np.trapezoid(gain(np.exp(logs)), logs, axis=1)))
    assert probe.variance[0] == pytest.approx(wanted, rel=0.01)


def test_modes_of_interest():
    probe, law = learned(steps=[3], modes=[5, 2])
    wanted = law.generated_variance(0.03, sigmas=probe.sigmas)
    assert probe.variance[0] == pytest.approx(wanted[[5, 2]], rel=1e-9)
    assert probe.targets.tolist() == LAM[[5, 2]].tolist()
    assert learned(steps=[3], modes=3)[0].variance[0] == pytest.approx(wanted[:3], rel=1e-9)
    assert learned(steps=[3], modes=99)[0].variance.shape == (1, D)


def test_the_same_step_again_replaces_the_record():
    probe = Probe(spectrum(), record="all", latents=4)
    for factor in (0.5, 0.7):
        probe.measure(lambda x, sigma: factor * x, 10)  # noqa: B023
    assert probe.steps.tolist() == [10] and probe.gain == pytest.approx(0.7)
    probe.measure(lambda x, sigma: x, 2)
    assert probe.steps.tolist() == [2, 10] and probe.gain[:, 0] == pytest.approx(1)


def test_figure():
    from matplotlib.figure import Figure

    probe, _ = learned(steps=[0, 1, 10, 100])
    ax = probe.plot(Figure().add_subplot(), 4)
    assert isinstance(ax, matplotlib.axes.Axes)
    curve = ax.lines[0].get_data()
    assert curve[0].tolist() == [1, 10, 100]
    assert curve[1] == pytest.approx(probe.variance[1:, 0] / LAM[0])
    assert len(ax.lines) == 5 and "/ data variance" in ax.get_ylabel()
    assert isinstance(probe.plot(), matplotlib.axes.Axes)


def test_figure_with_a_law_and_the_marks_of_emergence():
    from matplotlib.figure import Figure

    probe, law = learned(rate=1.0, steps=[0, 1, 3, 10, 30, 100])
    ax = probe.plot(Figure().add_subplot(), 2, law=law, criterion="harmonic")
    of_law, marks = ax.lines[1].get_data(), [line for line in ax.lines if line.get_marker() == "o"]
    wanted = law.generated_variance(of_law[0], probe.sampling)[:, 0] / LAM[0]
    assert of_law[1] == pytest.approx(wanted)
    found = probe.emergence("harmonic")
    times, at = found.time[[0, -1]], [m.get_xdata()[0] for m in marks]
    assert at == pytest.approx(times, nan_ok=True)
    ends = probe.variance[0, [0, -1]], probe.reachable[[0, -1]]
    levels = measure.threshold(*ends, "harmonic") / LAM[[0, -1]]
    assert [m.get_ydata()[0] for m in marks] == pytest.approx(levels)
    dotted = [i for i in ax.lines if i.get_linestyle() == ":" and len(i.get_xdata()) < 3]
    until = np.where(found.early[[0, -1]], 1, np.nan_to_num(times, nan=100))
    assert [line.get_xdata()[1] for line in dotted] == pytest.approx(until)
    for wrong in (theory.linear(LAM[:2]), 3):
        with pytest.raises(ValueError, match="law must have"):
            probe.plot(Figure().add_subplot(), law=wrong)


def test_what_it_shows_of_itself():
    probe, _ = learned(steps=[0, 7])
    assert repr(probe) == (
        "Probe(12 modes, mode='gain', Sampling(sigmas=<12 levels from 20 to 0.01>,"
        " method='heun'); measured 2 times: steps 0 to 7)"
    )
    assert "measured 0 times: nothing yet" in repr(Probe(spectrum()))
    assert repr(Record(LAM)).startswith("Record(12 modes")


# --- on disk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [None, np.random.default_rng(3).standard_normal((30, D))])
def test_a_study_that_was_killed_goes_on(tmp_path, data):
    """Saved and loaded after each step, the probe measures the same, bit for bit."""
    of = spectrum()
    settings = dict(record="all", mode="samples", latents=D, modes=[0, 3], rng=4, data=data)
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
    probe = Probe.load(file, of) if stored else Probe(of, record="all", latents=8)
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


def test_the_way_of_sampling_goes_on(tmp_path):
    steps = {"sigmas": [5.0, 1.0, 0.0], "method": "euler"}
    for how in ({}, {"sampling": Sampling(0.01, 10.0)}, steps):
        probe = Probe(spectrum(), latents=4, **how)
        probe.measure(mixing()[0], 0)
        probe.save(tmp_path / "p")
        for again in (Probe.load(tmp_path / "p", spectrum()), Record.load(tmp_path / "p")):
            assert again.sampling == probe.sampling
            assert np.array_equal(again.variance, probe.variance)
    with pytest.raises(ValueError, match="path: there is no folder"):
        probe.save(tmp_path / "nowhere" / "p")
    assert not (tmp_path / "nowhere").exists()


def test_files_that_are_not_a_probe(tmp_path):
    probe = Probe(spectrum(), record="all", latents=4)
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
    probe = Probe(spectrum(), record="all", latents=4, data=data)
    probe.save(tmp_path / "p")
    with pytest.raises(ValueError, match="spectrum is not what"):
        Probe.load(tmp_path / "p", spectrum(seed=1), data)
    with pytest.raises(ValueError, match="data is not what"):
        Probe.load(tmp_path / "p", spectrum())
    with pytest.raises(ValueError, match="spectrum must be"):
        Probe.load(tmp_path / "p", LAM)
    Record(LAM).save(tmp_path / "record")
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
        ({"record": 100}, "record must"),
        ({"sampling": [1.0, 0.5]}, "sampling"),
        ({"sampling": Sampling(), "sigmas": [1.0, 0.5]}, "sampling"),
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
        (lambda x, sigma: x / (sigma > 1), "model returned NaN or infinity at noise level 0.775"),
        (lambda x, sigma: x[:, 1:], "model must return shape .*, as spectrum"),
        (lambda x, sigma: None, "model must return shape"),
    ],
)
def test_models_that_do_not_fit(model, named):
    fails(model, ValueError, named)


@pytest.mark.parametrize(
    ("model", "kind", "said"),
    [
        (lambda x: x, TypeError, "takes 1 positional argument but 2 were given"),
        (nn.Linear(5, 5), TypeError, "takes 2 positional arguments but 3 were given"),
        (Preconditioned(ResidualMLP(5, width=8, depth=1)), ValueError, "x must be"),
    ],
)
def test_an_error_of_the_model_stays_its_own(model, kind, said):
    note = fails(model, kind, said).__notes__[0]
    assert "The model was called with x of shape (4, 12), as the spectrum asks" in note


def fails(model, kind, said):
    probe = Probe(spectrum(), record="all", latents=4)
    with pytest.raises(kind, match=said) as caught:
        probe.measure(model, 0)
    assert probe.steps.size == 0 and probe.cost.measured == 0
    probe.measure(mixing()[0], 0)
    assert probe.steps.tolist() == [0]
    return caught.value


def test_a_network_that_fails_is_left_in_its_mode():
    net = nn.Linear(5, 5).train()
    with pytest.raises(TypeError):
        Probe(spectrum(), latents=4).measure(net, 0)
    assert net.training


def test_questions_that_have_no_answer():
    probe = Probe(spectrum(), record="all", latents=4)
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
    with pytest.raises(ValueError, match="target"):
        probe.emergence_time("harmonic", target="best")


def test_a_model_without_an_answer():
    """The zero denoiser: nothing varies, so nothing is explained; its mode has no direction."""
    probe = Probe(spectrum(), record="all", latents=4)
    probe.measure(lambda x, sigma: torch.zeros_like(x), 0)
    assert (probe.gain == 0).all() and np.isnan(probe.explained).all()
    assert np.isnan(probe.alignment).all()
    assert probe.variance == pytest.approx(0.002**2 * np.ones((1, D)), rel=10)
