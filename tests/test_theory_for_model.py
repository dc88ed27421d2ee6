"""theory.for_model against routes that do not share its code, and against trained networks."""

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from torch import nn

from specbook import experiments, noise, theory

LAM = np.array([4.0, 0.6, 0.03])
SIGMAS = (0.05, 0.4, 3.0)  # on both sides of the modes for "velocity"
CASES = {
    "epsilon": dict(kind="epsilon"),
    "exploding": dict(kind="epsilon", scale="exploding"),
    "v": dict(kind="v"),
    "x0": dict(kind="x0"),
    "velocity": dict(kind="velocity"),
    "edm": dict(kind="edm", sigma_data=0.7),
}
every_kind = pytest.mark.parametrize("given", CASES.values(), ids=CASES)
TAU = np.array([0.0, 0.1, 2.0, np.inf])


def stated(sigma, kind, sigma_data=None, scale="preserving"):
    """What F sees and what it should answer, each as factors of (x0, z); and D from F's answer.

    The last is the pair (factor of x, factor of F's answer).
    """
    alpha = 1 / np.sqrt(1 + sigma**2)
    noisy = np.array([1.0, sigma])
    if kind == "epsilon":
        into = alpha if scale == "preserving" else 1.0
        return into * noisy, np.array([0.0, 1.0]), (1.0, -sigma)
    if kind == "v":
        return alpha * noisy, alpha * np.array([-sigma, 1.0]), (alpha**2, -alpha * sigma)
    if kind == "x0":
        return noisy, np.array([1.0, 0.0]), (0.0, 1.0)
    if kind == "velocity":
        t = 1 / (1 + sigma)
        return np.array([t, 1 - t]), np.array([1.0, -1.0]), (t, 1 - t)
    skip, out, into, _, _ = (float(v) for v in noise.edm_scalings(sigma, sigma_data))
    return into * noisy, (np.array([1.0, 0.0]) - skip * noisy) / out, (skip, out)


def trained(lam, sigma, tau, weights, given, eta=1.0):
    """Gain of D and F's cross term, after gradient flow of scalar weights on F's own loss."""
    seen, asked, (skip, out) = stated(sigma, **given)
    moments = np.array([lam, 1.0])
    power, cross = moments @ seen**2, moments @ (seen * asked)

    def slope(_, a):
        error = 2 * (power * np.prod(a) - cross)  # derivative of E (F - target)^2 by the product
        return -eta * error * np.array([np.prod(np.delete(a, i)) for i in range(a.size)])

    weights = np.array(weights) * np.append(np.ones(len(weights) - 1), np.sign(cross))
    path = solve_ivp(slope, (0, tau), weights, method="DOP853", rtol=1e-12, atol=1e-16)
    return skip + out * seen[0] * np.prod(path.y[:, -1])


@pytest.mark.holds("eq-precond-flow")
@every_kind
@pytest.mark.parametrize("layers, start", [(1, 0.0), (1, 0.3), (2, 0.02), (2, 1.5), (3, 0.1)])
def test_gain_against_integration_of_the_weights(given, layers, start):
    law = theory.for_model(variances=LAM, eta=0.7, layers=layers, start=start, **given)
    for sigma in SIGMAS:
        for tau in (0.2, 3.0, 25.0):
            weights = [start ** (1 / layers)] * layers
            expected = [trained(v, sigma, tau, weights, given, 0.7) for v in LAM]
            assert law.gain(sigma, tau) == pytest.approx(expected, rel=1e-8)


@every_kind
def test_unequal_layers_against_integration_of_the_weights(given):
    law = theory.for_model(variances=LAM, layers=2, imbalance=0.45, start=0.14, **given)
    for sigma in SIGMAS:
        expected = [trained(v, sigma, 1.3, [0.2, 0.7], given) for v in LAM]
        assert law.gain(sigma, 1.3) == pytest.approx(expected, rel=1e-8)


@every_kind
@pytest.mark.parametrize("layers, start", [(1, 0.0), (1, 0.1), (2, 0.1), (3, 0.1)])
def test_limits(given, layers, start):
    law = theory.for_model(variances=LAM, layers=layers, start=start, **given)
    for sigma in SIGMAS:
        first = [trained(v, sigma, 0.0, [start ** (1 / layers)] * layers, given) for v in LAM]
        assert law.gain(sigma, 0.0) == pytest.approx(first, rel=1e-13)
        assert law.gain(sigma, np.inf) == pytest.approx(LAM / (LAM + sigma**2), rel=1e-12)


def test_a_noise_network_starts_at_gain_one():
    for scale in ("preserving", "exploding"):
        law = theory.for_model("epsilon", LAM, scale=scale)
        assert np.array_equal(law.gain(SIGMAS, 0.0), np.ones((3, 3)))
        assert law.generated_variance(0.0) == pytest.approx(np.full(3, 6400.0), rel=1e-12)
    exploding = law.generated_variance(TAU)
    assert exploding == pytest.approx(theory.linear(LAM, q0=1.0).generated_variance(TAU), rel=1e-12)


def test_velocities_are_those_of_flow_matching():
    """x_t = t x at t = 1 / (1 + sigma), and D = x_t + (1 - t) F: the same loss, with weight one."""
    law, flow = theory.for_model("velocity", LAM, 0.7), theory.flow_matching(LAM, 0.7)
    for sigma in SIGMAS:
        t = 1 / (1 + sigma)
        assert law.gain(sigma, TAU) == pytest.approx(t + (1 - t) * t * flow.gain(t, TAU), rel=1e-13)
    wide = law.generated_variance(TAU, 1e-8, 1e8)
    assert wide == pytest.approx(flow.generated_variance(TAU), rel=1e-7)


@pytest.mark.parametrize("network", [dict(), dict(layers=2, start=0.1)])
def test_v_is_edm_for_data_of_deviation_one(network):
    v = theory.for_model("v", LAM, **network)
    edm = theory.preconditioned(LAM, sigma_data=1.0, **network)
    assert np.array_equal(v.gain(SIGMAS, TAU), edm.gain(SIGMAS, TAU))
    assert np.array_equal(v.generated_variance(TAU), edm.generated_variance(TAU))
    assert type(v) is type(edm)


def test_the_start_has_the_sign_of_the_cross_term():
    """That of velocities changes where sigma is the variance; that of v where the variance is 1."""
    sigma, start = np.array([0.1, 0.59, 0.6, 0.61, 5.0]), 0.2
    t = 1 / (1 + sigma)
    law = theory.for_model("velocity", 0.6, layers=2, start=start)
    expected = t + np.array([1, 1, 0, -1, -1]) * t * (1 - t) * start
    assert law.gain(sigma, 0.0) == pytest.approx(expected, rel=1e-14)
    law = theory.for_model("v", [4.0, 1.0, 0.6], layers=3, start=start)
    turned = 1 + np.array([1, 0, -1]) * start * sigma[:, None]
    expected = turned / (1 + sigma[:, None] ** 2)
    assert law.gain(sigma, 0.0) == pytest.approx(expected, rel=1e-14)
    law = theory.for_model("epsilon", LAM, layers=2, start=start, scale="exploding")
    assert law.gain(sigma, 0.0) == pytest.approx(np.outer(1 - start * sigma, np.ones(3)), rel=1e-14)


@every_kind
@pytest.mark.parametrize("layers, start", [(1, 0.0), (1, 0.2), (2, 0.05), (3, 0.05)])
def test_variance_by_quadrature_of_the_gain(given, layers, start):
    """Panels that end where the start of a velocity changes its sign."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    for lam in (2.0, 0.03):
        edges = np.concatenate([np.linspace(np.log(0.01), np.log(lam), 4001),
                                np.linspace(np.log(lam), np.log(30.0), 4001)[1:]])
        half = np.diff(edges)[:, None] / 2
        sigma = np.exp(edges[:-1, None] + half * (nodes + 1))
        law = theory.for_model(variances=lam, layers=layers, start=start, **given)
        for tau in (0.0, 0.4, 6.0):
            gain = law.gain(sigma.ravel(), tau).reshape(sigma.shape)
            expected = 0.01**2 * np.exp(2 * (half * gain * weights).sum())
            value = law.generated_variance(tau, 0.01, 30.0)
            assert value == pytest.approx(expected, rel=1e-9)


@every_kind
@pytest.mark.parametrize("network", [dict(), dict(layers=2, start=0.05)])
def test_emergence_time_is_where_the_curve_crosses(given, network):
    law = theory.for_model(variances=LAM, eta=0.3, **network, **given)
    for how in (theory.Sampling(0.01, 50.0), theory.Sampling(sigmas=noise.edm_schedule(18))):
        times = law.emergence_time("geometric", how, target="final")
        start, end = law.generated_variance([0.0, np.inf], how)
        reached = np.diag(law.generated_variance(times, how))
        assert reached == pytest.approx(np.sqrt(start * end), rel=1e-9)
        for k, time in enumerate(times):
            before = law.generated_variance(np.geomspace(1e-3, 0.999, 50) * time, how)[:, k]
            assert ((before > reached[k]) == (start[k] > reached[k])).all()
    kl = law.kl([0.0, 1.0, np.inf], "data||generated", how)
    ratio = law.generated_variance([0.0, 1.0, np.inf], how) / LAM
    assert kl == pytest.approx(((1 / ratio - 1 + np.log(ratio)) / 2).sum(axis=1), rel=1e-9)


def test_axes():
    assert theory.for_model("epsilon", 2.0).generated_variance(1.0).shape == ()
    law = theory.for_model("velocity", LAM, layers=2, start=[0.1, 0.2, 0.3])
    assert law.gain([0.1, 1.0], TAU).shape == (2, 4, 3) and law.kl(TAU).shape == (4,)


@pytest.mark.filterwarnings("error")
@every_kind
def test_finite_everywhere(given):
    lam = np.concatenate([[0.0, 1.0], np.geomspace(1e-8, 1e4, 5)])
    tau = np.concatenate([[0.0, 5e-324], np.geomspace(1e-20, 1e12, 5), [1e300, np.inf]])
    for network in (dict(), dict(start=0.5), dict(layers=2, start=1e-6), dict(layers=2, start=3.0),
                    dict(layers=2, imbalance=1e-3), dict(layers=4, start=1e-3)):
        law = theory.for_model(variances=lam, **network, **given)
        for out in (law.generated_variance(tau), law.gain([0.002, 1.0, 80.0], tau),
                    law.generated_variance(tau, sigmas=noise.edm_schedule(18))):
            assert np.isfinite(out).all()
        law.emergence_time("geometric", sigmas=noise.edm_schedule(18), target="final")


@pytest.mark.parametrize("given, name", [
    (dict(kind="eps"), "kind"), (dict(kind=None), "kind"),
    (dict(kind="v", sigma_data=0.4), "sigma_data is for kind='edm'"),
    (dict(kind="edm", sigma_data=0.0), "sigma_data"),
    (dict(kind="edm", scale="exploding"), "scale is for kind='epsilon'"),
    (dict(kind="epsilon", scale="both"), "scale"),
    (dict(kind="epsilon", variances=[-1.0]), "variances"), (dict(kind="v", eta=0.0), "eta"),
    (dict(kind="x0", layers=2.0), "layers"), (dict(kind="v", layers=0), "layers"),
    (dict(kind="epsilon", layers=3, start=0.1, imbalance=0.1), "imbalance must be 0"),
    (dict(kind="velocity", start=-0.1), "start"),
])
def test_bad_input_is_named(given, name):
    with pytest.raises(ValueError, match=name):
        theory.for_model(**{"variances": [1.0], **given})


@every_kind
@pytest.mark.parametrize("network", [
    dict(layers=2), dict(layers=3, start=0.0), dict(layers=2, start=[0.1, 0.0, 0.1]),
    dict(layers=2, imbalance=[0.1, 0.0, 0.1]),
])
def test_layers_without_a_start_never_learn(given, network):
    with pytest.raises(ValueError, match="start must be positive .* never learns"):
        theory.for_model(variances=LAM, **network, **given)


# --- networks that are trained on their own targets -----------------------------------------------


def batch(lam, rng):
    """Data and noise whose second moments are exactly those of the law, one row a sample."""
    columns = np.linalg.qr(rng.normal(size=(8 * lam.size, 2 * lam.size)))[0]
    columns *= np.sqrt(len(columns))
    return columns[:, : lam.size] * np.sqrt(lam), columns[:, lam.size :]


def as_denoiser(net, kind, sigma_data=None, scale="preserving"):
    """The denoiser that an adapter of the package makes of a linear network."""
    def call(x, label):
        return net(x)

    if kind == "edm":
        return lambda x, s: experiments.Preconditioned(_Labelled(net), sigma_data)(x, s)
    if kind == "epsilon":
        return experiments.from_epsilon(call, scale=scale)
    makers = {"v": experiments.from_v, "x0": experiments.from_denoiser}
    return makers.get(kind, experiments.from_velocity)(call)


class _Labelled(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x, label):
        return self.net(x)


def descend(modes, sigma, tau, steps, given, weights):
    """Gains of D after plain gradient descent of a network on the error of its own target."""
    clean, noise_ = (torch.tensor(part @ modes.T) for part in batch(LAM, np.random.default_rng(1)))
    seen, asked, _ = stated(sigma, **given)
    state, target = seen[0] * clean + seen[1] * noise_, asked[0] * clean + asked[1] * noise_
    layers = [nn.Linear(*w.T.shape, bias=False, dtype=torch.float64) for w in weights]
    net = nn.Sequential(*layers)
    with torch.no_grad():
        for layer, w in zip(layers, weights, strict=True):
            layer.weight.copy_(torch.tensor(w))
    optimiser = torch.optim.SGD(net.parameters(), lr=tau / steps)
    for _ in range(steps):
        optimiser.zero_grad()
        (net(state) - target).square().sum(dim=1).mean().backward()
        optimiser.step()
    with torch.no_grad():
        axes = torch.tensor(modes.T.copy())  # one mode a row
        answer = as_denoiser(net, **given)(axes, sigma)
    return (answer * axes).sum(dim=1).numpy()


def agree(measured, law):
    """Descent errs by its finite steps: half of them, half the error, and nothing is left over."""
    coarse, fine = measured
    step_error = np.abs(coarse - fine).max()
    assert np.abs(fine - law).max() < 1.2 * step_error < 0.02
    assert np.abs(2 * fine - coarse - law).max() < 0.1 * step_error


@every_kind
def test_one_layer_trained(given):
    modes = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    law = theory.for_model(variances=LAM, **given)
    for sigma in (0.2, 1.5):
        zero = [np.zeros((3, 3))]
        measured = [descend(modes, sigma, 0.8, n, given, zero) for n in (100, 200)]
        agree(measured, law.gain(sigma, 0.8))


@every_kind
def test_two_layers_trained(given):
    rng, start, sigma, tau = np.random.default_rng(0), 0.05, 0.5, 2.0
    modes, hidden = (np.linalg.qr(rng.normal(size=(n, 3)))[0] for n in (3, 7))
    seen, asked, _ = stated(sigma, **given)
    sign = np.sign(LAM * seen[0] * asked[0] + seen[1] * asked[1])
    weights = [np.sqrt(start) * hidden @ modes.T, np.sqrt(start) * (modes * sign) @ hidden.T]
    law = theory.for_model(variances=LAM, layers=2, start=start, **given)
    measured = [descend(modes, sigma, tau, n, given, weights) for n in (250, 500)]
    agree(measured, law.gain(sigma, tau))
