"""Models of diffusers as denoisers: what is read from model and scheduler, what is refused.

Stand-ins have the attributes of diffusers 0.42, which is not a dependency.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from specbook.experiments import Probe, from_diffusers
from specbook.experiments.adapters_base import Adapter
from specbook.experiments.caller import Caller
from specbook.spectrum import Spectrum

BETAS = np.linspace(1e-4, 0.02, 1000)  # of DDPMScheduler()
KEPT = np.cumprod(1 - BETAS)
DDPM = {"alphas_cumprod": KEPT}
X = torch.from_numpy(np.random.default_rng(0).standard_normal((5, 24)))


class Config(dict):
    """FrozenDict of diffusers: entries are attributes, too."""

    __getattr__ = dict.get


class DDPMScheduler:
    """Attributes as in diffusers; `last` stands for the zero of a schedule of zero SNR."""

    def __init__(self, prediction_type="epsilon", zero_snr=False, last=0.0, **config):
        kept = KEPT
        if zero_snr:
            root = np.sqrt(KEPT)
            kept = ((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2
            kept[-1] = last
        self.alphas_cumprod = torch.from_numpy(kept)
        self.config = Config(
            prediction_type=prediction_type, rescale_betas_zero_snr=zero_snr, **config
        )


class FlowMatchEulerDiscreteScheduler:
    def __init__(self, num_train_timesteps=1000, shift=1.0, **config):
        self.config = Config(num_train_timesteps=num_train_timesteps, shift=shift, **config)


def best(x, sigma):
    """The best denoiser of Gaussian data of variance 1 / 4 in each pixel."""
    return x * 0.25 / (0.25 + sigma**2)


class StandIn(nn.Module):
    """Called as UNet2DModel is; answers for the data of `best`."""

    def __init__(self, predicts, kept=KEPT, wrap=lambda out: SimpleNamespace(sample=out), **config):
        super().__init__()
        self.predicts, self.wrap, self.calls = predicts, wrap, []
        self.config = Config({"sample_size": (2, 4), "in_channels": 3, "out_channels": 3} | config)
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
        clean = best(sample / alpha, sigma)
        noise = (sample / alpha - clean) / sigma
        out = {"epsilon": noise, "sample": clean, "v_prediction": alpha * noise - s * clean}
        return self.wrap(out[self.predicts] + 0 * self.weight)


@pytest.mark.parametrize("predicts", ["epsilon", "sample", "v_prediction"])
@pytest.mark.parametrize("wrap", [lambda out: SimpleNamespace(sample=out), lambda out: (out,)])
def test_diffusers_model(predicts, wrap):
    unet = StandIn(predicts, wrap=wrap)
    for told in (
        {"scheduler": DDPMScheduler(predicts)},
        {"scheduler": DDPMScheduler("sample"), "prediction_type": predicts},
        {"alphas_cumprod": KEPT.tolist(), "prediction_type": predicts, "shape": (3, 2, 4)},
    ):
        denoiser = from_diffusers(unet, **told)
        assert isinstance(denoiser, Adapter) and next(denoiser.parameters()) is unet.weight
        for sigma in (0.0101, 0.3, 1.234, 50.0):
            assert (denoiser(X, sigma) - best(X, sigma)).abs().max() < 1e-10
        assert unet.calls[-1][0] == (5, 3, 2, 4) == (5, *denoiser.shape)
        assert denoiser.sigma_range == pytest.approx(np.sqrt(1 / KEPT[[0, -1]] - 1))
        assert denoiser.layout is None


def test_timesteps_are_those_of_the_scheduler():
    unet = StandIn("epsilon", in_channels=1, out_channels=None)
    denoiser = from_diffusers(unet, shape=(1, 1, 2), alphas_cumprod=torch.from_numpy(KEPT))
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
    spectrum = Spectrum(np.zeros(8), np.full(8, 0.25), np.eye(8), (2, 2, 2), "channels_last")
    unet = StandIn("epsilon", sample_size=2, in_channels=2, out_channels=2).train()
    probe = Probe(spectrum, mode="samples", latents=8, sigmas=[10.0, 1.0, 0.1, 0.02])
    probe.measure(from_diffusers(unet, DDPMScheduler()), 0)
    assert unet.training
    assert probe.gain[:, 0] == pytest.approx(
        0.25 / (0.25 + probe.levels[:, None] ** 2) * np.ones(8), rel=1e-9
    )
    assert probe.variance == pytest.approx(probe.product, rel=1e-9)


@pytest.mark.parametrize("last", [0.0, 2**-24])  # of DDIM, and of DPM-Solver and Euler
def test_zero_snr(last):
    """The last step has no finite sigma; the one before is the largest."""
    scheduler = DDPMScheduler("v_prediction", zero_snr=True, last=last)
    kept = scheduler.alphas_cumprod.numpy()
    unet = StandIn("v_prediction", kept=kept[:-1])
    denoiser = from_diffusers(unet, scheduler)
    assert denoiser.sigma_range == pytest.approx(np.sqrt(1 / kept[[0, -2]] - 1))
    for sigma in (0.02, 3.0, 900.0, 0.999 * denoiser.sigma_range[1]):
        assert (denoiser(X, sigma) - best(X, sigma)).abs().max() < 1e-10
    denoiser(X, 1e8)
    assert unet.calls[-1][1] == [998.0] * 5
    unet.scheduler = scheduler  # a module that trains itself is no pipeline
    told = {"alphas_cumprod": [0.9, 0.5, 0.0], "prediction_type": "v_prediction"}
    assert from_diffusers(unet, **told).sigma_range == pytest.approx((1 / 3, 1))


class Flow(nn.Module):
    """Velocity from data to noise, asked by name as a transformer of diffusers is."""

    config = Config(sample_size=2, in_channels=6, out_channels=6)

    def forward(self, hidden_states, encoder_hidden_states=None, timestep=None):
        assert encoder_hidden_states is None
        share = (timestep / 1000)[:, None, None, None]
        x, sigma = hidden_states / (1 - share), share / (1 - share)
        clean = best(x, sigma)
        return ((x - clean) / sigma - clean,)


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_flow_matching(shift):
    flows = [
        FlowMatchEulerDiscreteScheduler(shift=shift),
        DDPMScheduler("flow_prediction", num_train_timesteps=1000, flow_shift=shift),
    ]
    for scheduler in flows:
        denoiser = from_diffusers(Flow(), scheduler)
        for sigma in (1e-3, 0.3, 5.0, 900.0):
            assert (denoiser(X, sigma) - best(X, sigma)).abs().max() < 1e-12
        share = np.array([1, 999]) / 1000
        share = shift * share / (1 + (shift - 1) * share)
        assert denoiser.sigma_range == pytest.approx(share / (1 - share))
    moving = FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)
    assert from_diffusers(Flow(), moving).sigma_range == pytest.approx((1 / 999, 999))
    narrow = from_diffusers(Flow(), moving, sigma_range=np.array([0.1, 2]))
    assert narrow.sigma_range == (0.1, 2.0)


def test_conditions():
    """One row for all points, on their device, as far as it is a tensor."""
    seen = {}

    class Conditional(StandIn):
        def forward(self, sample, timestep, **more):
            seen.update(more)
            return super().forward(sample, timestep)

    state = torch.arange(6.0).reshape(1, 2, 3)
    denoiser = from_diffusers(
        Conditional("epsilon"), DDPMScheduler(), class_labels=torch.tensor([7]),
        encoder_hidden_states=state, added_cond_kwargs={"time_ids": torch.ones(1, 6)},
        attention_mask=None, strength=torch.tensor(2.0), scale=0.5,
    )
    assert (denoiser(X, 0.5) - best(X, 0.5)).abs().max() < 1e-10
    assert seen["class_labels"].tolist() == [7] * 5
    assert seen["encoder_hidden_states"].dtype == torch.float64
    assert torch.equal(seen["encoder_hidden_states"], state.double().expand(5, 2, 3))
    assert torch.equal(seen["added_cond_kwargs"]["time_ids"], torch.ones(5, 6).double())
    assert seen["strength"].tolist() == [2.0] * 5
    assert seen["attention_mask"] is None and seen["scale"] == 0.5
    for name, value in (
        ("class_labels", torch.tensor([1, 2])), ("encoder_hidden_states", state[0]),
        ("added_cond_kwargs", {"time_ids": torch.ones(5, 6)}),
    ):
        with pytest.raises(ValueError, match=f"{name}.* must have one row"):
            from_diffusers(Conditional("epsilon"), DDPMScheduler(), **{name: value})


def test_learned_variance_is_left_out():
    unet = StandIn("epsilon", wrap=lambda out: (torch.cat([out, 1e3 + out], 1),), out_channels=6)
    assert (from_diffusers(unet, DDPMScheduler())(X, 0.5) - best(X, 0.5)).abs().max() < 1e-10


def test_models_within_others():
    """As torch wraps them to share, average or compile; and behind a function."""
    unet = StandIn("epsilon")
    averaged = torch.optim.swa_utils.AveragedModel(unet)
    compiled = nn.Module()
    compiled._orig_mod, compiled.forward = unet, unet.forward
    for wrapped in (averaged, compiled):
        denoiser = from_diffusers(wrapped, DDPMScheduler())
        assert denoiser.shape == (3, 2, 4)
        assert (denoiser(X, 0.5) - best(X, 0.5)).abs().max() < 1e-10
    hidden = from_diffusers(lambda x, t: unet(x, t), DDPMScheduler(), shape=(3, 2, 4))
    unet.train()
    with Caller(hidden) as caller:
        assert caller.dtype == torch.float64 and not unet.training
        assert caller(X.numpy(), 0.5) == pytest.approx(best(X, 0.5).numpy())


def test_a_real_model_of_diffusers():
    """The documented example, only where diffusers is there."""
    diffusers = pytest.importorskip("diffusers")
    blocks = dict(down_block_types=("DownBlock2D",) * 2, up_block_types=("UpBlock2D",) * 2)
    unet = diffusers.UNet2DModel(
        sample_size=8, in_channels=1, out_channels=1, layers_per_block=1,
        block_out_channels=(32, 32), **blocks,
    )
    scheduler = diffusers.DDPMScheduler(clip_sample=False)
    denoiser = from_diffusers(unet, scheduler)
    state = torch.randn(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    kept = scheduler.alphas_cumprod[500].double()
    with torch.no_grad():
        answer = unet(state, torch.full((3,), 500)).sample
        wanted = scheduler.step(answer, 500, state).pred_original_sample
        found = denoiser((state / kept.sqrt().float()).flatten(1), float((1 / kept - 1).sqrt()))
    assert (found - wanted.flatten(1)).abs().max() < 1e-4


# --- refused ----------------------------------------------------------------------------------


def made(config=None, scheduler="ddpm", **settings):
    unet = StandIn("epsilon", **(config or {}))
    return from_diffusers(unet, DDPMScheduler() if scheduler == "ddpm" else scheduler, **settings)


def named(name, **attributes):
    return type(name, (), attributes)()


CALL = staticmethod(lambda x, t: x)
PIPE = named("DDPMPipeline", unet=StandIn("epsilon"), scheduler=DDPMScheduler(), __call__=CALL)
FLUX = named("FluxPipeline", transformer=Flow(), scheduler=FlowMatchEulerDiscreteScheduler())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: from_diffusers(PIPE), r"from_diffusers\(pipe.unet, pipe.scheduler\)"),
        (lambda: from_diffusers(FLUX), r"from_diffusers\(pipe.transformer, pipe.scheduler\)"),
        (lambda: from_diffusers(None, DDPMScheduler()), "unet must be callable"),
        (lambda: from_diffusers(StandIn("epsilon")), "scheduler must be given"),
        (lambda: made(scheduler=(3, 2, 4)), r"shape by its name: shape=\(3, 2, 4\)"),
        (lambda: made(scheduler=named("EDMEulerScheduler")), "has no alphas_cumprod.*from_edm"),
        (lambda: made(alphas_cumprod=KEPT), "alphas_cumprod stands for a scheduler"),
        (lambda: made(scheduler=named("S", alphas_cumprod=KEPT)), "prediction_type must be given"),
        (lambda: made(scheduler=DDPMScheduler("score")), "prediction_type"),
        (lambda: made(scheduler=DDPMScheduler(timestep_type="continuous")), "continuous"),
        (lambda: made(scheduler=named("FlowMatchLCMScheduler")), "num_train_timesteps"),
        (
            lambda: made(scheduler=FlowMatchEulerDiscreteScheduler(invert_sigmas=True)),
            "invert_sigmas",
        ),
        (
            lambda: made(
                scheduler=FlowMatchEulerDiscreteScheduler(), prediction_type="epsilon"
            ),
            "has no alphas_cumprod",
        ),
        (lambda: made(prediction_type="noise"), "prediction_type"),
        (lambda: made(scheduler=None, prediction_type="noise", **DDPM), "prediction_type"),
        (lambda: made(scheduler=None, prediction_type="flow_prediction", **DDPM), "prediction_t"),
        (lambda: made(scheduler=None, alphas_cumprod=[0.9]), "alphas_cumprod must fall"),
        (lambda: made(scheduler=None, alphas_cumprod=[0.5, 0.9]), "alphas_cumprod must fall"),
        (lambda: made(scheduler=None, alphas_cumprod=[1.0, 0.9]), "alphas_cumprod must fall"),
        (lambda: made(scheduler=None, alphas_cumprod=[0.5, 0.0]), "alphas_cumprod must fall"),
        (lambda: made(scheduler=None, alphas_cumprod=[0.5, 0.1, -0.1]), "alphas_cumprod"),
        (lambda: made(scheduler=None, alphas_cumprod="cosine"), "alphas_cumprod"),
        (lambda: made({"sample_size": None}), "shape must be given"),
        (lambda: from_diffusers(lambda x, t: x, **DDPM), "shape must be given"),
        (lambda: made(shape=64), "shape must be channels, height and width"),
        (lambda: made(shape=(1, 2, 4)), "shape .* has 1 channels, but unet takes 3"),
        (lambda: made({"in_channels": 9}), "unet takes 9 channels and returns 3"),
        (lambda: made(layout="NCHW"), "layout"),
        (lambda: made(sigma_range=(1, 0)), "sigma_range"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
