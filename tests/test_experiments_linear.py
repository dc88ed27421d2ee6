"""Linear denoisers trained by descent: against the law of the same steps, and bad input."""

import numpy as np
import pytest

from specbook import data, measure, noise, theory
from specbook.spectrum import Spectrum

torch = pytest.importorskip("torch")
from specbook import experiments  # noqa: E402

CENTRED = np.array([[1.0, -1.0], [-1.0, 1.0]])


@pytest.fixture(scope="module")
def small():
    """A few hundred small patches with their spectrum, largest variance 1."""
    patches = data.natural_patches(3, per_photograph=60, rng=0)
    spectrum = Spectrum.from_samples(patches)
    x = (patches - spectrum.mean) / np.sqrt(spectrum.variances[0])
    return x, Spectrum.from_samples(x)


def test_exact_descent_is_the_law_of_its_steps(small):
    x, spectrum = small
    sigmas = noise.edm_schedule(6, 0.05, 10.0)
    schedule = experiments.plan(spectrum.variances, sigmas, np.geomspace(0.02, 20, 7), cap=0.7)
    for q0 in (0.0, 0.3):
        gains = theory.descent_gain(
            spectrum.variances, sigmas, schedule.steps, schedule.rates, q0=q0
        )
        for method in ("heun", "euler"):
            law = theory.sampled_variance(gains, sigmas, method)
            for index, weights in experiments.descend(x, schedule, q0=q0):
                out = experiments.generated_variance(weights[0], sigmas, spectrum.modes, method)
                assert np.allclose(out, law[index], rtol=1e-10)
                along = spectrum.modes.T @ weights[0].numpy() @ spectrum.modes
                assert np.allclose(
                    np.diagonal(along, axis1=1, axis2=2), gains[:, index], rtol=1e-10
                )


def test_stochastic_descent_scatters_about_the_law(small):
    x, spectrum = small
    sigmas = noise.edm_schedule(5, 0.1, 10.0)
    schedule = experiments.plan(spectrum.variances, sigmas, np.geomspace(0.1, 30, 6), cap=0.2)
    law = theory.sampled_variance(
        theory.descent_gain(spectrum.variances, sigmas, schedule.steps, schedule.rates), sigmas
    )
    seeds, mean, standard = range(12), {}, {}
    for batch in (256, 1024):
        runs = np.array(
            [
                experiments.generated_variance(weights, sigmas, spectrum.modes)
                for _, weights in experiments.descend(x, schedule, rng=seeds, batch=batch)
            ]
        ).swapaxes(0, 1)
        mean[batch] = (runs / law).mean(axis=0) - 1
        standard[batch] = (runs / law).std(axis=0, ddof=1) / np.sqrt(len(seeds))
    # What is not chance, the leak between modes, goes as one over the batch to leading order:
    # four times the batch must leave less than half of it, beside five standard errors.
    allowed = np.abs(mean[256]) / 2 + 5 * np.hypot(standard[1024], standard[256] / 2)
    assert (np.abs(mean[1024]) < allowed).all()
    assert np.median(np.abs(mean[1024])) < 0.02
    assert (standard[1024] > 0).all()


def test_seeds_are_independent_and_reproducible(small):
    x, spectrum = small
    schedule = experiments.plan(spectrum.variances, [1.0, 0.3], [0.2, 0.5])

    def final(seeds):
        *_, (_, weights) = experiments.descend(x, schedule, rng=seeds, batch=16)
        return weights

    both = final([4, 5])
    assert torch.equal(both[1], final([5])[0])
    assert not torch.equal(both[0], both[1])


def test_noise_of_the_gradient_goes_as_one_over_root_batch(small):
    x, spectrum = small
    schedule = experiments.plan(spectrum.variances, [0.5], [1.0], cap=0.1)

    def scatter(batch):
        *_, (_, weights) = experiments.descend(x, schedule, rng=range(24), batch=batch)
        return weights.std(dim=0).mean().item()

    assert scatter(8) / scatter(128) == pytest.approx(4.0, rel=0.15)


def test_plan():
    schedule = experiments.plan([1.0, 0.1], [5.0, 0.1], [0.1, 1.0, 50.0], cap=0.5, converged=1e-3)
    assert (schedule.rates <= 0.5 / (2 * (1 + schedule.sigmas[:, None] ** 2)) * (1 + 1e-9)).all()
    assert np.allclose((schedule.steps * schedule.rates)[1].cumsum(), schedule.tau)
    assert schedule.steps[0, 2] == 0 and schedule.steps[1, 2] > 0  # the noisy level is done early


def test_whitened_states_give_the_same_variance(small):
    x, spectrum = small
    sigmas = noise.edm_schedule(5, 0.1, 10.0)
    schedule = experiments.plan(spectrum.variances, sigmas, [1.0])
    *_, (_, weights) = experiments.descend(x, schedule)
    states = np.random.default_rng(0).standard_normal((9, 40))
    states -= states.mean(axis=1, keepdims=True)
    states = np.linalg.solve(np.linalg.cholesky(states @ states.T / 40), states)
    out = experiments.generated(weights[0], sigmas, torch.tensor(10.0 * states))
    direct = measure.mode_variances(out.numpy().T, spectrum.modes)
    exact = experiments.generated_variance(weights[0], sigmas, spectrum.modes)
    assert np.allclose(direct, exact, rtol=1e-10)


@pytest.mark.parametrize(
    "call, name",
    [
        (lambda s: experiments.plan([0.0], [1.0], [1.0]), "variances"),
        (lambda s: experiments.plan([1.0], [0.0], [1.0]), "sigmas"),
        (lambda s: experiments.plan([1.0], [1.0], [1.0, 1.0]), "tau"),
        (lambda s: experiments.plan([1.0], [1.0], [1.0], cap=1.5), "cap"),
        (lambda s: experiments.plan([1.0], [1.0], [1e300]), "tau"),
        (lambda s: experiments.plan([1.0], [1.0], [1.0], converged=2.0), "converged"),
        (lambda s: experiments.descend(np.zeros((0, 2)), s), "data"),
        (lambda s: experiments.descend([[np.nan, 1.0]], s), "data"),
        (lambda s: experiments.descend(np.ones((5, 2)), s), "data"),
        (lambda s: experiments.descend(CENTRED, s, batch=0), "batch"),
        (lambda s: experiments.descend(CENTRED, s, batch=2.0), "batch"),
        (lambda s: experiments.descend(CENTRED, s, rng=[]), "rng"),
        (lambda s: experiments.descend(CENTRED, s, rng=[1.5]), "rng"),
        (lambda s: experiments.descend(CENTRED, s, q0=np.nan), "q0"),
        (lambda s: experiments.descend(CENTRED, s, dtype=torch.int32), "dtype"),
        (lambda s: experiments.descend(CENTRED, s, device="abacus"), "device"),
        (lambda s: experiments.generated(None, [2.0, 1.0], torch.eye(2)), "weights"),
        (lambda s: experiments.generated(torch.zeros(1, 2, 2), [2.0, 0], torch.eye(3)), "x"),
        (lambda s: experiments.generated_variance(torch.zeros(1, 2, 2), [2.0, 0], [1.0]), "modes"),
        (
            lambda s: experiments.generated(torch.zeros(3, 2, 2), [2.0, 1.0], torch.eye(2)),
            "weights",
        ),
    ],
)
def test_errors_name_the_argument(call, name):
    schedule = experiments.plan([1.0], [1.0], [1.0])
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        call(schedule)


def test_divergence_is_reported():
    schedule = experiments.plan([1.0], [1.0], [400.0], cap=1.0, converged=1e-300)
    with pytest.raises(FloatingPointError, match="cap"):
        list(experiments.descend(100 * CENTRED, schedule))
