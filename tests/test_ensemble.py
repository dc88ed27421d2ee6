"""An ensemble trains each member as a plain loop over networks would, with the same draws."""

import numpy as np
import pytest
import torch

from specbook import theory
from specbook.experiments.ensemble import AHEAD, descend_together

D = 5


@pytest.fixture(scope="module")
def data():
    x = np.random.default_rng(0).standard_normal((40, D)) * np.geomspace(1.5, 0.2, D)
    return x - x.mean(axis=0)


def alone(data, sigma, rate, steps, seed, batch, q0=0.0):
    """One member by `torch.nn.Linear`, autograd and SGD, step by step."""
    x = torch.tensor(data)
    net = torch.nn.Linear(D, D, bias=False, dtype=torch.float64)
    torch.nn.init.eye_(net.weight)
    net.weight.data *= q0
    descent = torch.optim.SGD(net.parameters(), lr=rate)
    places, normal = np.random.default_rng(seed).spawn(2)
    for _ in range(steps):
        clean = x[places.integers(len(data), size=batch)]
        noisy = clean + sigma * torch.from_numpy(normal.standard_normal((batch, D)))
        loss = (net(noisy) - clean).square().sum(dim=1).mean()
        descent.zero_grad()
        loss.backward()
        descent.step()
    return net.weight.detach().numpy()


def trained(*arguments, **options):
    """Copies of the recorded weights, shape (record, member, d, d)."""
    return np.stack([w.clone().numpy() for _, w in descend_together(*arguments, **options)])


SIGMAS, RATES = [0.05, 0.4, 2.0, 0.4], [0.05, 0.03, 0.01, 0.06]
STEPS = 2 * AHEAD + 7  # beyond two drawings ahead


def test_own_draws_are_those_of_the_loop(data):
    starts, seeds = [0.0, 0.3, -0.5, 1.0], [3, 1, 4, 1]
    together = trained(data, SIGMAS, RATES, [STEPS], seeds=seeds, batch=7, q0=starts)[0]
    for m, seed in enumerate(seeds):
        one = alone(data, SIGMAS[m], RATES[m], STEPS, seed, 7, starts[m])
        assert np.abs(together[m] - one).max() < 1e-13


def test_a_shared_seed_is_that_seed_for_each(data):
    shared = trained(data, SIGMAS, RATES, [STEPS], seeds=9, batch=7)[0]
    for m, (sigma, rate) in enumerate(zip(SIGMAS, RATES, strict=True)):
        assert np.abs(shared[m] - alone(data, sigma, rate, STEPS, 9, 7)).max() < 1e-13
    own = trained(data, SIGMAS, RATES, [STEPS], seeds=[9] * 4, batch=7)[0]
    assert np.abs(shared - own).max() < 1e-13


def test_a_member_does_not_depend_on_the_others(data):
    both = trained(data, [0.1, 1.0], 0.02, [30], seeds=[5, 6])[0]
    assert np.allclose(both[1], trained(data, [1.0], 0.02, [30], seeds=[6])[0, 0], atol=1e-14)
    assert np.abs(both[0] - both[1]).max() > 0.01


def test_records(data):
    all_of_them = trained(data, 0.3, 0.02, [0, 4, 10], seeds=[1, 2], q0=0.5)
    assert np.array_equal(all_of_them[0], np.stack([0.5 * np.eye(D)] * 2))
    assert np.array_equal(all_of_them[1], trained(data, 0.3, 0.02, [4], seeds=[1, 2], q0=0.5)[0])
    assert np.array_equal(all_of_them[2], trained(data, 0.3, 0.02, [10], seeds=[1, 2], q0=0.5)[0])


def test_mean_over_seeds_follows_the_law_of_descent(data):
    """The mean weights obey gradient descent with the exact gradient, whatever the batch."""
    variances, modes = np.linalg.eigh(data.T @ data / len(data))
    sigma, rate, steps, seeds = 0.5, 0.02, 40, range(3000)
    weights = trained(data, sigma, rate, [steps], seeds=list(seeds), batch=4)[0]
    gains = np.einsum("im,sij,jm->sm", modes, weights, modes)
    law = theory.descent_gain(variances, [sigma], [steps], [rate])[0, 0]
    error = gains.std(axis=0, ddof=1) / np.sqrt(len(seeds))
    assert (np.abs(gains.mean(axis=0) - law) < 4 * error).all()
    assert (error < 0.02 * law).all()


def test_float32(data):
    single = trained(data, SIGMAS, RATES, [20], seeds=[1, 2, 3, 4], dtype=torch.float32)[0]
    double = trained(data, SIGMAS, RATES, [20], seeds=[1, 2, 3, 4])[0]
    assert single.dtype == np.float32 and 0 < np.abs(single - double).max() < 1e-5


def test_divergence_is_said(data):
    with pytest.raises(FloatingPointError, match="lower rates"):
        list(descend_together(data, 1.0, 100.0, [1000], seeds=[0, 1]))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"data": np.ones((4, 2))}, "centred"),
        ({"data": np.zeros(4)}, "data must have shape"),
        ({"sigmas": [-1.0, 1.0]}, "sigmas"),
        ({"sigmas": [1.0, 1.0, 1.0]}, "rates has shape"),
        ({"rates": [0.0, 0.1]}, "rates"),
        ({"record": []}, "record"),
        ({"record": [5, 5]}, "record"),
        ({"record": [5, 3]}, "record"),
        ({"record": [-1]}, "record"),
        ({"seeds": [1, 2, 3]}, "sigmas"),
        ({"seeds": [1]}, "seeds has 1 entries"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [1, -2]}, "seeds"),
        ({"seeds": 0.5}, "seeds"),
        ({"batch": 0}, "batch"),
        ({"q0": np.nan}, "q0"),
        ({"dtype": torch.int64}, "dtype"),
        ({"device": "nonesuch"}, "device"),
    ],
)
def test_bad_arguments(data, change, says):
    good = dict(data=data, sigmas=[0.1, 1.0], rates=[0.1, 0.1], record=[3])
    with pytest.raises(ValueError, match=says):
        descend_together(**{**good, **change})


def test_the_device_is_the_callers(data):
    for _, weights in descend_together(data, [0.1, 1.0], 0.01, [1], device="cpu"):
        assert weights.device.type == "cpu"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda(data):
    options = dict(seeds=[1, 2, 3, 4], device="cuda")
    gpu = [w.cpu().numpy() for _, w in descend_together(data, SIGMAS, RATES, [50], **options)][0]
    cpu = trained(data, SIGMAS, RATES, [50], seeds=[1, 2, 3, 4])[0]
    assert np.abs(gpu - cpu).max() < 1e-12
