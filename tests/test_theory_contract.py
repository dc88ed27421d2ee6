"""What every law of modes offers: one kind of sampling, emergence and divergence for all."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from specbook import measure, sampler, stationary, theory
from specbook.theory import Sampling

GRID = np.append(np.geomspace(60, 0.01, 12), 0.0)
LAM = np.array([2.0, 0.3, 0.04])
POWER = np.array([3.0, 0.8, 0.1, 0.02, 0.02, 0.1, 0.8])
LAWS = {
    "linear": theory.linear(LAM, 0.7, 0.1),
    "bias": theory.linear(LAM, 0.7, 0.1, b0=[0.0, 0.4, 0.0]),
    "ridge": theory.linear(LAM, 0.7, 0.1, ridge=0.05),
    "coupled": theory.linear(LAM, 0.7, 0.1, mean=[0.5, 0.0, -0.2]),
    "circulant": theory.circulant(POWER, 0.3, 0.1),
    "local": theory.local_convolution(
        stationary.patch_covariance(POWER, 3), 7, 0.3, 0.1, power=POWER
    ),
    "preconditioned": theory.preconditioned(LAM, 0.7),
    "behind": theory.preconditioned(LAM, 0.7, layers=3, start=0.1),
    "tied": theory.two_layer(LAM, 0.7, q0=0.1),
    "imbalance": theory.two_layer(LAM, 0.7, q0=0.1, tied=False, imbalance=0.2),
    "deep": theory.deep_linear(LAM, 3, 0.7, q0=0.1),
}
every_law = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
TAU = np.array([0.0, 0.1, 2.0, np.inf])


# --- the object --------------------------------------------------------------------------------


def test_sampling_says_what_it_is():
    assert theory.Sampling is sampler.Sampling
    assert repr(Sampling()) == "Sampling(sigma_min=0.002, sigma_max=80)"
    steps = Sampling(sigmas=GRID, method="euler")
    assert repr(steps) == "Sampling(sigmas=<13 levels from 60 to 0>, method='euler')"
    assert steps.sigmas == tuple(GRID) and (steps.sigma_min, steps.sigma_max) == (0.0, 60.0)
    assert np.array_equal(steps.levels, GRID[:-1]) and steps.ends == (GRID[-2], 60.0)
    assert Sampling(0.1, 2).ends == (0.1, 2.0)


def test_sampling_is_a_value():
    steps = Sampling(sigmas=GRID)
    assert steps == Sampling(sigmas=list(GRID)) != Sampling(sigmas=GRID, method="euler")
    assert len({steps, Sampling(sigmas=tuple(GRID)), Sampling(), Sampling(0.002, 80.0)}) == 2
    assert pickle.loads(pickle.dumps(steps)) == replace(steps, method="heun") == steps
    with pytest.raises(AttributeError):
        steps.method = "euler"


@pytest.mark.parametrize("arguments, words", [
    ({"sigma_min": 0.0}, "sigma_min must be greater"),
    ({"sigma_min": np.nan}, "sigma_min contains NaN"),
    ({"sigma_min": 90.0}, "sigma_min must be smaller than sigma_max"),
    ({"sigma_max": [1.0, 2.0]}, "sigma_max must be one number"),
    ({"sigmas": [1.0]}, "sigmas needs at least two"),
    ({"sigmas": [1.0, 2.0]}, "sigmas must decrease"),
    ({"sigmas": [[2.0, 1.0]]}, "sigmas has shape"),
    ({"sigmas": [2.0, -1.0]}, "sigmas must be at least 0"),
    ({"sigmas": [2.0, 1.0], "sigma_min": 0.1}, "leave out sigma_min and sigma_max"),
    ({"sigmas": [2.0, 1.0], "method": "rk4"}, "method must be one of"),
    ({"method": "euler"}, "method='euler' needs sigmas"),
])
@pytest.mark.parametrize(
    "call", [Sampling, lambda **given: LAWS["linear"].generated_variance(1.0, **given)]
)
def test_errors_name_the_argument(call, arguments, words):
    with pytest.raises(ValueError, match=words):
        call(**arguments)


@pytest.mark.parametrize("beside, name", [
    ({"sigma_min": 0.1}, "sigma_min"), ({"sigma_max": 10.0}, "sigma_max"),
    ({"sigmas": GRID}, "sigmas"), ({"method": "euler"}, "method"),
    ({"sigma_min": Sampling()}, "sampling is given twice"),
])
def test_one_way_at_a_time(beside, name):
    law = LAWS["bias"]
    for call in (
        lambda **given: law.generated_variance(1.0, **given),
        lambda **given: law.generated_mean(1.0, **given),
        lambda **given: law.emergence_time("geometric", **given),
        lambda **given: law.kl(1.0, **given),
    ):
        with pytest.raises(ValueError, match=name):
            call(sampling=Sampling(), **beside)
        with pytest.raises(ValueError, match="sampling must be a specbook.sampler.Sampling"):
            call(sampling=(0.002, 80.0))


# --- every law ---------------------------------------------------------------------------------


@every_law
def test_keywords_are_shorthand(law):
    for keywords, how in (
        ({"sigma_min": 0.05, "sigma_max": 20.0}, Sampling(0.05, 20.0)),
        ({"sigmas": GRID}, Sampling(sigmas=GRID)),
        ({"sigmas": GRID, "method": "euler"}, Sampling(sigmas=GRID, method="euler")),
    ):
        calls = [
            lambda *a, **k: law.generated_variance(TAU, *a, **k),
            lambda *a, **k: law.emergence_time("geometric", *a, target="final", **k),
            lambda *a, **k: law.kl(TAU[1:], "data||generated", *a, **k),
        ]
        if hasattr(law, "generated_mean"):
            calls.append(lambda *a, **k: law.generated_mean(TAU, *a, **k))
        for call in calls:
            value = call(**keywords)
            for other in (call(how), call(sampling=how)):
                assert np.array_equal(value, other, equal_nan=True)


@every_law
@pytest.mark.parametrize("method", ["heun", "euler"])
@pytest.mark.parametrize("last", [0, 1])
def test_emergence_of_the_sampler(law, method, last):
    how = Sampling(sigmas=GRID[: GRID.size - last], method=method)
    start, end = law.generated_variance([0.0, np.inf], how)
    for criterion in measure.CRITERIA:
        for target, goal in (("data", law.variances), ("final", end)):
            with np.errstate(divide="ignore"):
                level = measure.threshold(start, goal, criterion)
            times = law.emergence_time(criterion, how, target=target)
            tau = np.geomspace(1e-7, 1e6, 1500)
            crossed = (law.generated_variance(tau, how) > level) != (start > level)
            for k, time in enumerate(times):
                if np.isnan(time):
                    assert not crossed[:-200, k].any()
                    continue
                first = crossed[:, k].argmax()
                assert tau[first - 1] <= time <= tau[first]
                assert law.generated_variance(time, how)[k] == pytest.approx(level[k], rel=1e-9)


@every_law
def test_emergence_of_many_steps_is_that_of_the_flow(law):
    fine = law.emergence_time("geometric", sigmas=np.geomspace(80, 0.002, 3000), target="final")
    assert fine == pytest.approx(law.emergence_time("geometric", target="final"), rel=1e-3)


@every_law
def test_divergence_is_that_of_the_variances(law):
    if law is LAWS["coupled"]:
        return  # its samples do not have the modes of the data: see test_theory_linear
    tau = TAU[1:]
    for how in (Sampling(), Sampling(0.1, 9.0), Sampling(sigmas=GRID[:-1], method="euler")):
        ratio, shift = law.generated_variance(tau, how) / law.variances, 0.0
        if hasattr(law, "generated_mean"):
            shift = law.generated_mean(tau, how) ** 2 / law.variances
        there = ((ratio - 1 - np.log(ratio) + shift) / 2).sum(axis=1)
        back = ((1 / ratio - 1 + np.log(ratio) + shift / ratio) / 2).sum(axis=1)
        assert law.kl(tau, sampling=how) == pytest.approx(there, rel=1e-9)
        assert law.kl(tau, "data||generated", how) == pytest.approx(back, rel=1e-9)
        assert law.kl(2.0, "data||generated", how) == pytest.approx(back[1], rel=1e-9)


@every_law
def test_all_refuse_the_same(law):
    for call, name in (
        (lambda: law.gain([0.1, np.nan], 1.0), "sigma"), (lambda: law.gain(0.1, -1.0), "tau"),
        (lambda: law.kl(1.0, "forward"), "direction"), (lambda: law.kl(-1.0), "tau"),
        (lambda: law.emergence_time("median"), "criterion"),
        (lambda: law.emergence_time("harmonic", target="both"), "target"),
        (lambda: law.generated_variance([[1.0]]), "tau"),
        (lambda: law.kl(1.0, sigma_min=-1.0), "sigma_min"),
    ):
        with pytest.raises(ValueError, match=rf"\b{name}\b"):
            call()


@every_law
def test_eta_is_the_rate_that_was_given(law):
    assert law.eta in (0.7, 0.3)
    assert law.places == (7 if law.eta == 0.3 else 1)


def test_only_data_with_a_mean_are_coupled():
    assert type(LAWS["bias"]) is theory.LinearLaw and type(LAWS["coupled"]) is theory.CoupledLaw
    for name in ("circulant", "local", "deep", "preconditioned"):
        for meaningless in ("mean", "b0", "bias", "generated_mean"):
            assert not hasattr(LAWS[name], meaningless)


def test_what_the_patch_does_not_know():
    law = theory.local_convolution(stationary.patch_covariance(POWER, 3), 7)
    assert np.isfinite(law.emergence_time("geometric", target="final", sigmas=GRID[:-1])).all()
    for call in (lambda: law.kl(1.0), lambda: law.emergence_time("geometric", sigmas=GRID)):
        with pytest.raises(ValueError, match="power= to local_convolution"):
            call()


# --- flow matching: no noise range -------------------------------------------------------------


@pytest.mark.parametrize("method", ["heun", "euler"])
def test_flow_matching(method):
    law, times = theory.flow_matching(LAM, 0.7, 0.2), np.linspace(0, 1, 13)
    start, end = law.generated_variance([0.0, np.inf], times, method=method)
    for target, goal in (("data", LAM), ("final", end)):
        found = law.emergence_time("geometric", target, times=times, method=method)
        assert np.isfinite(found[target == "data":]).all()  # Euler's product misses the first
        for k in np.flatnonzero(np.isfinite(found)):
            value = law.generated_variance(found[k], times, method=method)[k]
            assert value == pytest.approx(np.sqrt(start * goal)[k], rel=1e-10)
    for how in ({}, {"times": times, "method": method}):
        ratio = law.generated_variance(TAU, **how) / LAM
        there = ((ratio - 1 - np.log(ratio)) / 2).sum(axis=1)
        back = ((1 / ratio - 1 + np.log(ratio)) / 2).sum(axis=1)
        assert law.kl(TAU, **how) == pytest.approx(there, rel=1e-9, abs=1e-15)
        assert law.kl(TAU, "data||generated", **how) == pytest.approx(back, rel=1e-9, abs=1e-15)
    both = [law.emergence_time("geometric", target) for target in ("data", "final")]
    assert both[0] == pytest.approx(both[1], rel=1e-12)
    with pytest.raises(ValueError, match="target"):
        law.emergence_time("geometric", 0.002)
    with pytest.raises(ValueError, match="times"):
        law.kl(1.0, times=[0.0, 0.5])
