"""Models of other conventions as denoisers: round trips, and what they are called with."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from specbook import data
from specbook.experiments import (
    Probe,
    from_denoiser,
    from_diffusers,
    from_epsilon,
    from_v,
    from_velocity,
)
from specbook.experiments.adapters import Adapter
from specbook.spectrum import Spectrum

LAM = torch.tensor([9.0, 1.0, 0.1, 1e-3], dtype=torch.float64)
MEAN = torch.tensor([3.0, 0.0, -1.0, 0.2], dtype=torch.float64)
SIGMAS = [0.002, 0.05, 1.0, 7.0, 80.0]
KEPT = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))  # of DDPMScheduler()


def best(x, sigma):
    """The best denoiser of Gaussian data."""
    return MEAN + (x - MEAN) * LAM / (LAM + sigma**2)


def questions(sigma):
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 4)))
    return MEAN + noise * (LAM + sigma**2).sqrt()


def answers_noise(state, alpha, sigma):
    """What a model of state alpha x should say about z."""
    x = state / alpha
    return (x - best(x, sigma)) / sigma


def epsilon(state, sigma):
    sigma = sigma[:, None]
    return answers_noise(state, (1 + sigma**2) ** -0.5, sigma)


def exploding(x, sigma):
    return answers_noise(x, 1.0, sigma[:, None])


def v(state, sigma):
    sigma = sigma[:, None]
    alpha, s = (1 + sigma**2) ** -0.5, sigma * (1 + sigma**2) ** -0.5
    return alpha * answers_noise(state, alpha, sigma) - s * best(state / alpha, sigma)


def velocity(state, t):
    t = t[:, None]
    sigma = (1 - t) / t
    return best(state / t, sigma) - answers_noise(state, t, sigma)


DENOISERS = {
    "denoiser": from_denoiser(lambda x, sigma: best(x, sigma[:, None])),
    "epsilon": from_epsilon(epsilon),
    "exploding": from_epsilon(exploding, scale="exploding"),
    "v": from_v(v),
    "velocity": from_velocity(velocity),
    "backwards": from_velocity(lambda x, t: -(lambda y, r: -velocity(y, 1 - r))(x, 1 - t)),
}


@pytest.mark.parametrize("name", DENOISERS)
@pytest.mark.parametrize("sigma", SIGMAS)
def test_round_trip(name, sigma):
    x = questions(sigma)
    wanted = best(x, sigma)
    scale = wanted.abs().max()
    levels = torch.full((6,), sigma, dtype=torch.float64)
    for given in (sigma, torch.tensor(sigma, dtype=torch.float64), levels):
        found = DENOISERS[name](x, given)
        assert found.dtype == torch.float64 and found.shape == x.shape
        assert ((found - wanted).abs() <= 1e-12 * scale).all()


@pytest.mark.parametrize("name", DENOISERS)
def test_each_point_has_its_own_level(name):
    levels = torch.tensor([*SIGMAS, 2.0], dtype=torch.float64)
    x = torch.cat([questions(float(s))[i : i + 1] for i, s in enumerate(levels)])
    found = DENOISERS[name](x, levels)
    assert (found - best(x, levels[:, None])).abs().max() < 1e-12


@pytest.mark.parametrize("name", DENOISERS)
def test_probe_of_an_adapter(name):
    spectrum = Spectrum(MEAN.numpy(), LAM.numpy(), np.eye(4))
    probes = [Probe(spectrum, budget=None, latents=4) for _ in range(2)]
    for probe, model in zip(probes, (best, DENOISERS[name]), strict=True):
        probe.measure(model, 0)
    assert probes[1].variance == pytest.approx(probes[0].variance, rel=1e-9)


def test_conventions_by_a_single_number():
    """x_0 = 2, z = 3, sigma = 3 / 4: alpha = 4 / 5, s = 3 / 5, t = 4 / 7; all by hand."""
    x, seen = torch.full((1, 1), 2 + 3 * 0.75, dtype=torch.float64), {}

    def says(name, answer):
        def net(state, label):
            seen[name] = (state.item(), label.tolist())
            return torch.full_like(state, answer)

        return net

    found = {
        "epsilon": from_epsilon(says("epsilon", 3.0))(x, 0.75),
        "exploding": from_epsilon(says("exploding", 3.0), scale="exploding")(x, 0.75),
        "v": from_v(says("v", 0.8 * 3 - 0.6 * 2))(x, 0.75),
        "velocity": from_velocity(says("velocity", 2.0 - 3.0))(x, 0.75),
        "time": from_v(says("time", 1.2), time=lambda s: 100 * s)(x, 0.75),
    }
    assert {k: v.item() for k, v in found.items()} == pytest.approx(dict.fromkeys(found, 2.0))
    state = 0.8 * 2 + 0.6 * 3
    assert seen["epsilon"] == seen["v"] == (pytest.approx(state), [0.75])
    assert seen["exploding"] == (4.25, [0.75]) and seen["time"][1] == [75.0]
    assert seen["velocity"] == (
        pytest.approx(4 / 7 * 2 + 3 / 7 * 3), [pytest.approx(4 / 7)],
    )


# --- pictures ---------------------------------------------------------------------------------

MAKERS = {
    "denoiser": lambda net, shape, **kw: from_denoiser(net, shape=shape, **kw),
    "epsilon": lambda net, shape, **kw: from_epsilon(net, shape=shape, **kw),
    "v": lambda net, shape, **kw: from_v(net, shape=shape, **kw),
    "velocity": lambda net, shape, **kw: from_velocity(net, shape=shape, **kw),
    "diffusers": from_diffusers,
    "diffusers v": lambda *a, **kw: from_diffusers(*a, prediction_type="v_prediction", **kw),
    "diffusers sample": lambda *a, **kw: from_diffusers(*a, prediction_type="sample", **kw),
}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("layout", [None, "channels_last", "channels_first"])
def test_channels_of_pictures_stay_apart(name, layout):
    """Each channel is a number of its own, at each place another; answers come back in order."""
    seen = []

    def net(x, label):
        seen.append(x.clone())
        assert x.is_contiguous()
        return x * torch.tensor([1.0, 10.0, 100.0])[:, None, None]

    pictures = torch.rand(5, 3, 2, 4) + torch.tensor([3.0, 1.0, 0.1])[:, None, None]
    first = layout == "channels_first"
    weights = torch.tensor([1.0, 10.0, 100.0])[:, None, None].expand(3, 2, 4)
    x = pictures.flatten(1) if first else pictures.permute(0, 2, 3, 1).flatten(1)
    weights = weights.flatten() if first else weights.permute(1, 2, 0).flatten()
    settings = {} if layout is None else {"layout": layout}
    found = MAKERS[name](net, (3, 2, 4), **settings)(x, 0.5)
    ratio = seen[0] / pictures
    assert ratio.numpy() == pytest.approx(ratio[0, 0, 0, 0].item(), rel=1e-6)
    plain = MAKERS[name](lambda x, label: x.flatten(1).mul(weights).view_as(x), (24, 1, 1))
    assert found.numpy() == pytest.approx(plain(x, 0.5).numpy(), rel=1e-5)


def test_pictures_of_the_package():
    """Flat pictures of `specbook.data` reach the model as pictures do."""
    x = data.natural_patches(4, per_photograph=3, colour=True, remove_mean=False)
    pictures, seen = x.reshape(len(x), 4, 4, 3), []
    denoiser = from_diffusers(lambda x, t: (seen.append(x), (x,))[1], (3, 4, 4))
    denoiser(torch.from_numpy(x), 1e-2)
    assert seen[0].numpy() == pytest.approx(np.moveaxis(pictures, 3, 1) / np.sqrt(1.0001))


@pytest.mark.parametrize("shape", [(1, 2, 6), (12,), (3, 4), (3, 2, 1, 2)])
def test_other_shapes_are_filled_in_order(shape):
    x = torch.arange(24.0).reshape(2, 12)
    for layout in ("channels_last", "channels_first"):
        seen = []
        net = lambda x, s: (seen.append(x), x)[1]  # noqa: B023, E731
        found = from_denoiser(net, shape=shape, layout=layout)(x, 1.0)
        assert torch.equal(seen[0], x.reshape(2, *shape)) and torch.equal(found, x)


def test_weights_behind_a_method():
    net = nn.Linear(4, 4)
    for given in (net, net.forward):
        assert {id(p) for p in from_denoiser(given).parameters()} == {id(net.weight), id(net.bias)}
    assert not list(from_denoiser(torch.tanh).parameters())


# --- diffusers --------------------------------------------------------------------------------


class StandIn(nn.Module):
    """Called as UNet2DModel is; answers for Gaussian data of variance 1 / 4 in each pixel."""

    def __init__(self, predicts, kept=KEPT, wrap=lambda out: SimpleNamespace(sample=out)):
        super().__init__()
        self.predicts, self.wrap, self.calls = predicts, wrap, []
        self.levels = torch.from_numpy(np.sqrt(1 / np.asarray(kept) - 1))
        self.weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def forward(self, sample, timestep):
        assert sample.ndim == 4 and timestep.shape == (len(sample),)
        self.calls.append((sample.shape, timestep.tolist()))
        low = timestep.long().clamp(max=len(self.levels) - 2)
        share = timestep - low
        logs = self.levels.log()
        sigma = (logs[low] * (1 - share) + logs[low + 1] * share).exp()[:, None, None, None]
        alpha, s = (1 + sigma**2) ** -0.5, sigma * (1 + sigma**2) ** -0.5
        clean = sample / alpha * 0.25 / (0.25 + sigma**2)
        noise = (sample / alpha - clean) / sigma
        out = {"epsilon": noise, "sample": clean, "v_prediction": alpha * noise - s * clean}
        return self.wrap(out[self.predicts] + 0 * self.weight)


@pytest.mark.parametrize("predicts", ["epsilon", "sample", "v_prediction"])
@pytest.mark.parametrize("wrap", [lambda out: SimpleNamespace(sample=out), lambda out: (out,)])
def test_diffusers_model(predicts, wrap):
    unet = StandIn(predicts, wrap=wrap)
    denoiser = from_diffusers(unet, (3, 2, 4), prediction_type=predicts)
    assert isinstance(denoiser, Adapter) and next(denoiser.parameters()) is unet.weight
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((5, 24)))
    for sigma in (0.0101, 0.3, 1.234, 50.0):
        assert (denoiser(x, sigma) - x * 0.25 / (0.25 + sigma**2)).abs().max() < 1e-10
    assert unet.calls[0][0] == (5, 3, 2, 4)


def test_timesteps_are_those_of_the_scheduler():
    unet = StandIn("epsilon")
    denoiser = from_diffusers(unet, (1, 1, 2), alphas_cumprod=torch.from_numpy(KEPT))
    x = torch.ones(4, 2, dtype=torch.float64)
    levels = np.sqrt(1 / KEPT[[0, 10, 999]] - 1)
    denoiser(x, torch.tensor([*levels, 1e-3]))
    assert unet.calls[-1][1] == pytest.approx([0, 10, 999, 0], abs=1e-9)
    denoiser(x, 1e4)
    assert unet.calls[-1][1] == [999] * 4
    half = np.sqrt(levels[0] * np.sqrt(1 / KEPT[1] - 1))
    denoiser(x, half)
    assert unet.calls[-1][1] == pytest.approx([0.5] * 4, abs=1e-9)


def test_probe_of_a_diffusers_model():
    spectrum = Spectrum(np.zeros(8), np.full(8, 0.25), np.eye(8))
    unet = StandIn("epsilon").train()
    probe = Probe(spectrum, budget=None, mode="samples", latents=8, sigmas=[10.0, 1.0, 0.1, 0.02])
    probe.measure(from_diffusers(unet, (2, 2, 2)), 0)
    assert unet.training
    assert probe.gain[:, 0] == pytest.approx(
        0.25 / (0.25 + probe.levels[:, None] ** 2) * np.ones(8), rel=1e-9
    )
    assert probe.variance == pytest.approx(probe.product, rel=1e-9)


def test_a_real_model_of_diffusers():
    """The documented example; diffusers is not a dependency, so only where it is there."""
    diffusers = pytest.importorskip("diffusers")
    blocks = dict(down_block_types=("DownBlock2D",) * 2, up_block_types=("UpBlock2D",) * 2)
    unet = diffusers.UNet2DModel(
        sample_size=8, in_channels=1, out_channels=1, layers_per_block=1,
        block_out_channels=(32, 32), **blocks,
    )
    scheduler = diffusers.DDPMScheduler(clip_sample=False)
    denoiser = from_diffusers(unet, (1, 8, 8), alphas_cumprod=scheduler.alphas_cumprod)
    state = torch.randn(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    kept = scheduler.alphas_cumprod[500].double()
    with torch.no_grad():
        answer = unet(state, torch.full((3,), 500)).sample
        wanted = scheduler.step(answer, 500, state).pred_original_sample
        found = denoiser((state / kept.sqrt().float()).flatten(1), float((1 / kept - 1).sqrt()))
    assert (found - wanted.flatten(1)).abs().max() < 1e-4


# --- bad input --------------------------------------------------------------------------------

X = torch.ones(3, 4)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: from_epsilon(5), "net must be callable"),
        (lambda: from_epsilon(epsilon, scale="vp"), "scale"),
        (lambda: from_v(v, shape=(0, 2)), "shape"),
        (lambda: from_velocity(velocity, shape=(2.5,)), "shape"),
        (lambda: from_denoiser(None), "net must be callable"),
        (lambda: from_denoiser(v, layout="NHWC"), "layout"),
        (lambda: from_diffusers(v, (3, 2, 2), layout=None), "layout"),
        (lambda: from_denoiser(lambda x, s: x[:, :1], shape=(2, 2, 1))(X, 1.0), "net must keep"),
        (lambda: from_diffusers(StandIn("sample"), 64), "shape"),
        (lambda: from_diffusers(None, (1, 2, 2)), "net must be callable"),
        (lambda: from_diffusers(v, (1, 2, 2), prediction_type="noise"), "prediction_type"),
        (lambda: from_diffusers(v, (1, 2, 2), alphas_cumprod=[0.9]), "alphas_cumprod"),
        (lambda: from_diffusers(v, (1, 2, 2), alphas_cumprod=[0.5, 0.9]), "alphas_cumprod"),
        (lambda: from_diffusers(v, (1, 2, 2), alphas_cumprod=[1.0, 0.9]), "alphas_cumprod"),
        (lambda: from_diffusers(v, (1, 2, 2), alphas_cumprod=[0.5, 0.0]), "alphas_cumprod"),
        (lambda: from_v(v)(X[0], 1.0), "x must be"),
        (lambda: from_v(v)(X.int(), 1.0), "x must be"),
        (lambda: from_v(v)(X.numpy(), 1.0), "x must be"),
        (lambda: from_v(v)(X, 0.0), "sigma must be positive"),
        (lambda: from_v(v)(X, float("nan")), "sigma must be positive"),
        (lambda: from_v(v)(X, torch.ones(2)), "sigma"),
        (lambda: from_v(v, shape=(1, 3))(X, 1.0), "shape"),
        (lambda: from_v(lambda x, t: x[:, :2])(X, 1.0), "net must keep the shape"),
        (lambda: from_v(lambda x, t: "x")(X, 1.0), "net must return a tensor"),
    ],
)
def test_bad_input(make, named):
    with pytest.raises(ValueError, match=named):
        make()
