"""Models of other conventions as denoisers: round trips, and what they are called with."""

import numpy as np
import pytest
import torch
from torch import nn

from specbook import data
from specbook.experiments import (
    Points,
    Probe,
    from_denoiser,
    from_diffusers,
    from_edm,
    from_epsilon,
    from_v,
    from_velocity,
    measure,
)
from specbook.spectrum import Spectrum

LAM = torch.tensor([9.0, 1.0, 0.1, 1e-3], dtype=torch.float64)
MEAN = torch.tensor([3.0, 0.0, -1.0, 0.2], dtype=torch.float64)
SIGMAS = [0.002, 0.05, 1.0, 7.0, 80.0]
KEPT = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))  # of DDPMScheduler()
SIGMA_DATA = 0.7


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


def from_data(state, t):
    """Velocity from data to noise, time counted to a thousand."""
    return -velocity(state, 1 - t / 1000)


def behind_edm(state, c_noise):
    """F, from D(x) = c_skip x + c_out F."""
    sigma = (4 * c_noise).exp()[:, None]
    total = (sigma**2 + SIGMA_DATA**2).sqrt()
    x = state * total
    return (best(x, sigma) - (SIGMA_DATA / total) ** 2 * x) * total / (sigma * SIGMA_DATA)


DENOISERS = {
    "denoiser": from_denoiser(lambda x, sigma: best(x, sigma[:, None])),
    "epsilon": from_epsilon(epsilon),
    "exploding": from_epsilon(exploding, scale="exploding"),
    "v": from_v(v),
    "velocity": from_velocity(velocity),
    "backwards": from_velocity(lambda x, t: -velocity(x, 1 - t), reverse_time=True),
    "thousandths": from_velocity(from_data, reverse_time=True, time_scale=1000),
    "scaled": from_velocity(lambda x, t: velocity(x, t / 255), time_scale=255),
    "edm": from_edm(behind_edm, sigma_data=SIGMA_DATA),
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
        "noise": from_velocity(
            says("noise", 3.0 - 2.0), reverse_time=True, time_scale=1000
        )(x, 0.75),
        "edm": from_edm(says("edm", (2.0 - 4.25 * 16 / 25) / 0.6), sigma_data=1.0)(x, 0.75),
        "time": from_v(says("time", 1.2), time=lambda s: 100 * s)(x, 0.75),
    }
    assert {k: v.item() for k, v in found.items()} == pytest.approx(dict.fromkeys(found, 2.0))
    state = 0.8 * 2 + 0.6 * 3
    assert seen["epsilon"] == seen["v"] == (pytest.approx(state), [0.75])
    assert seen["exploding"] == (4.25, [0.75]) and seen["time"][1] == [75.0]
    state = pytest.approx(4 / 7 * 2 + 3 / 7 * 3)
    assert seen["velocity"] == (state, [pytest.approx(4 / 7)])
    assert seen["noise"] == (state, [pytest.approx(3000 / 7)])
    assert seen["edm"] == (pytest.approx(4.25 * 0.8), [pytest.approx(np.log(0.75) / 4)])


# --- pictures ---------------------------------------------------------------------------------

MAKERS = {
    "denoiser": lambda net, shape, **kw: from_denoiser(net, shape=shape, **kw),
    "epsilon": lambda net, shape, **kw: from_epsilon(net, shape=shape, **kw),
    "v": lambda net, shape, **kw: from_v(net, shape=shape, **kw),
    "velocity": lambda net, shape, **kw: from_velocity(net, shape=shape, **kw),
    "edm": lambda net, shape, **kw: from_edm(net, shape=shape, **kw),
    "diffusers": lambda net, shape, **kw: of_diffusers(net, shape, "epsilon", **kw),
    "diffusers v": lambda net, shape, **kw: of_diffusers(net, shape, "v_prediction", **kw),
    "diffusers sample": lambda net, shape, **kw: of_diffusers(net, shape, "sample", **kw),
}


def of_diffusers(net, shape, predicts, **settings):
    return from_diffusers(
        net, shape=shape, alphas_cumprod=KEPT, prediction_type=predicts, **settings
    )


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
    denoiser = of_diffusers(lambda x, t: (seen.append(x), (x,))[1], (3, 4, 4), "epsilon")
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


@pytest.mark.parametrize("name", MAKERS)
def test_an_adapter_says_what_it_was_told(name):
    net = lambda x, label: x  # noqa: E731
    for layout in (None, "channels_last", "channels_first"):
        settings = {} if layout is None else {"layout": layout}
        denoiser = MAKERS[name](net, (3, 2, 4), sigma_range=[0.1, 7], **settings)
        assert denoiser.layout == layout and denoiser.shape == (3, 2, 4)
        assert denoiser.sigma_range == (0.1, 7.0)
    if not name.startswith("diffusers"):
        every = (1e-6, 1e6) if name.startswith("velocity") else None  # a straight path has all
        denoiser = MAKERS[name](net, None)
        assert denoiser.sigma_range == every and denoiser.shape is None


def test_the_wrong_layout_gives_another_answer():
    """A colour model whose gain differs between channels: right in one order only."""
    gain = torch.tensor([0.9, 0.5, 0.1], dtype=torch.float64)

    def net(x, sigma):
        return x * gain[:, None, None]

    lam = np.repeat([1.0, 0.6, 0.2], 4)  # channel after channel
    spectrum = Spectrum(np.zeros(12), lam, np.eye(12), (3, 2, 2), "channels_first")
    found = {}
    for layout in ("channels_first", "channels_last"):
        points = Points(spectrum, np.arange(12), 16)
        model = from_denoiser(net, shape=(3, 2, 2), layout=layout)
        found[layout] = measure(model, points, [0.5])["gain"][0]
    assert found["channels_first"] == pytest.approx(np.repeat(gain.numpy(), 4), rel=1e-9)
    assert found["channels_last"] == pytest.approx(np.tile(gain.numpy(), 4), rel=1e-9)


def test_weights_behind_a_method():
    net = nn.Linear(4, 4)
    for given in (net, net.forward):
        assert {id(p) for p in from_denoiser(given).parameters()} == {id(net.weight), id(net.bias)}
    assert not list(from_denoiser(torch.tanh).parameters())


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
        (lambda: from_edm(v, layout="NCHW"), "layout"),
        (lambda: from_edm(v, sigma_data=0), "sigma_data"),
        (lambda: from_edm("v"), "net must be callable"),
        (lambda: from_v(v, time=3), "time must be callable"),
        (lambda: from_epsilon(epsilon, time="sigma"), "time must be callable"),
        (lambda: from_velocity(velocity, time_scale=0), "time_scale"),
        (lambda: from_velocity(velocity, time_scale=[1, 2]), "time_scale"),
        (lambda: from_velocity(velocity, reverse_time="yes"), "reverse_time"),
        (lambda: from_v(v, sigma_range=(1, 0.1)), "sigma_range"),
        (lambda: from_v(v, sigma_range=(0, 1)), "sigma_range"),
        (lambda: from_v(v, sigma_range=(1, np.inf)), "sigma_range"),
        (lambda: from_v(v, sigma_range=0.1), "sigma_range"),
        (lambda: from_v(v, sigma_range="wide"), "sigma_range"),
        (lambda: from_denoiser(lambda x, s: x[:, :1], shape=(2, 2, 1))(X, 1.0), "net must keep"),
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
