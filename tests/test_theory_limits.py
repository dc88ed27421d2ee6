"""Arguments so large or small that float64 has no answer: an error that says so, at once."""

import numpy as np
import pytest

from specbook import sampler, stationary, theory

COV = np.diag([1.0, 0.1])
POWER = np.array([1.0, 0.4, 0.1, 0.1, 0.4])
LAWS = {
    "linear": theory.linear([1.0, 0.1]),
    "coupled": theory.linear([1.0, 0.1], mean=0.5),
    "circulant": theory.circulant([1.0, 0.1]),
    "local": theory.local_convolution(stationary.patch_covariance(POWER, 3), 5, power=POWER),
    "logistic": theory.two_layer([1.0, 0.1], q0=0.1),
    "riccati": theory.two_layer([1.0, 0.1], q0=0.1, tied=False, imbalance=1.0),
    "deep": theory.deep_linear([1.0, 0.1], 3, q0=0.1),
    "edm": theory.preconditioned([1.0, 0.1]),
    "epsilon": theory.for_model("epsilon", [1.0, 0.1]),
    "velocity": theory.for_model("velocity", [1.0, 0.1], layers=2, start=0.1),
}
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_noise_levels_whose_square_is_a_number(law):
    for sigma, words in ((1e300, "at most 1e\\+100"), (1e160, "at most"), (1e-300, "at least 1e-")):
        with pytest.raises(ValueError, match=f"sigma must be {words}"):
            law.gain(sigma, 1.0)
    assert np.isfinite(law.gain([1e-100, 1e100], [0.0, 1.0, 1e300, np.inf])).all()
    with pytest.raises(ValueError, match="sigmas must be at most"):
        law.generated_variance(1.0, sigmas=[1e200, 1.0])


@pytest.mark.parametrize("call, words", [
    (lambda: theory.linear_weights(COV, 1e160, 1.0), "sigma must be at most 1e\\+100"),
    (lambda: theory.linear_weights(COV, 1e-160, 1.0), "sigma must be at least 1e-100"),
    (lambda: theory.linear_weights(COV, 1.0, 1.0, mean=1e200), "mean must be at most 1e\\+06"),
    (lambda: theory.linear([1.0, 0.1], mean=1e20), "mean must be at most 1e\\+06"),
    (lambda: theory.linear([1.0, 0.1], mean=[0.0, -1e20]), "mean must be at least -1e\\+06"),
    (lambda: theory.linear([1.0, 0.1], b0=0.1, mean=0.2).bias(1e300, 1.0), "sigma must be"),
    (lambda: theory.circulant_weights([1.0, 0.1, 0.1], 1e300, 1.0), "sigma must be at most"),
    (lambda: LAWS["local"].filter(1e300, 1.0), "sigma must be at most"),
    (lambda: theory.descent_gain([1.0, 0.1], [1e300], [3], [0.1]), "sigma must be at most"),
    (lambda: theory.linear_loss([1.0, 0.1], 1e200), "sigma must be at most"),
    (lambda: theory.sampler_error([1.0], [1e200, 1e100]), "sigmas must be at most"),
    (lambda: sampler.check_sigmas([1e300, 0.0]), "sigmas must be at most"),
    (lambda: theory.preconditioned([1.0], sigma_data=1e300), "sigma_data must be at most"),
    (lambda: theory.preconditioned([1.0], sigma_data=1e-300), "sigma_data must be at least"),
    (lambda: theory.fitted_schedule([1.0], 10**7), "n must be at most 2000"),
    (lambda: theory.two_layer_weights(COV, 0.5, 1.0, start=1e-300 * np.eye(2)), "start must be 0"),
    (lambda: theory.two_layer_weights(COV, 0.5, 1e300, start=np.eye(2)), "tau is too long"),
    (lambda: theory.two_layer_weights(COV, 1e30, 1.0, start=np.eye(2)), "tau is too long"),
    (lambda: theory.two_layer_weights(COV, 0.5, 1.0, start=1e20 * np.eye(2)), "tau is too long"),
    (lambda: theory.two_layer_weights(COV, 1e160, 1.0, start=np.eye(2)), "sigma must be at most"),
])
def test_limits_are_stated(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_short_time_is_no_hang():
    for tau in (0.0, 5e-324, 1e-300, 1e-30):
        found = theory.two_layer_weights(COV, 0.5, tau, start=np.eye(2))
        assert np.allclose(found, np.eye(2), rtol=0, atol=1e-15)
    assert not theory.two_layer_weights(COV, 0.5, 1.0, start=np.zeros((2, 1))).any()


@pytest.mark.parametrize("sigma, tau, size", [(1e5, 1.0, 1.0), (0.5, 1e14, 1.0), (0.5, 1.0, 1e6),
                                              (1e3, 1e5, 1e-50)])
def test_stiff_matrix_flows_within_the_limit(sigma, tau, size):
    found = theory.two_layer_weights(COV, sigma, tau, start=size * np.eye(2))
    law = theory.two_layer([1.0, 0.1], q0=size**2).gain(sigma, tau)
    assert np.diag(found) == pytest.approx(law, rel=1e-8)


def test_the_longest_schedule():
    levels = theory.fitted_schedule([1.0, 0.01], 2000, aim="mean")
    assert levels.size == 2000 and (np.diff(levels) < 0).all()


def test_the_farthest_mean():
    """The state follows the mean exactly from one denoiser to the best: a mean of a million."""
    law = theory.linear([4.0, 1.0], mean=[1e6, 0.0])
    assert law.gain(1.0, np.inf) == pytest.approx([0.8, 0.5], rel=1e-12)
    assert law.generated_mean(np.inf, 0.1, 10.0)[0] == pytest.approx(
        1e6 * (1 - np.sqrt(4.01 / 104)), rel=1e-9
    )


def test_what_overflows_is_infinite():
    large = theory.linear([1.0], q0=1e100)
    assert large.generated_variance(1e-9) == np.inf
    assert large.generated_variance(1e-9, sigmas=[80.0, 1.0, 0.1, 0.01]) == np.inf
    assert theory.flow_matching([1e100]).gain(0.5, 1e300) == pytest.approx([2.0])


HUGE, TINY = "must be at most 1e\\+100", "must be 0 or at least 1e-100"


@pytest.mark.parametrize("call, words", [
    (lambda: theory.linear([1.0, 1e300]), f"variances {HUGE}"),
    (lambda: theory.linear([1.0], 1e300), f"eta {HUGE}"),
    (lambda: theory.linear([1.0], 5e-324), "eta must be at least 1e-100"),
    (lambda: theory.linear([1.0], q0=-1e300), f"q0 {HUGE}"),
    (lambda: theory.linear([1.0], ridge=1e300), f"ridge {HUGE}"),
    (lambda: theory.two_layer([1.0], q0=1e-300), f"q0 {TINY}"),
    (lambda: theory.two_layer([1.0], q0=0.1, tied=False, imbalance=1e-300), f"imbalance {TINY}"),
    (lambda: theory.deep_linear([1.0], 3, q0=5e-324), f"q0 {TINY}"),
    (lambda: theory.deep_linear([1.0], 3, q0=1e300), f"q0 {HUGE}"),
    (lambda: theory.preconditioned([1.0], layers=2, start=1e-300), f"start {TINY}"),
    (lambda: theory.for_model("epsilon", [1.0], layers=2, imbalance=1e300), f"imbalance {HUGE}"),
])
def test_settings_whose_square_is_a_number(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("criterion", ["harmonic", "geometric", "arithmetic"])
@pytest.mark.parametrize("target", ["data", "final"])
def test_no_warnings_at_the_ends_of_the_range(criterion, target):
    """pytest turns every warning of this file into an error."""
    lam = [0.0, 5e-324, 1e-100, 1e20, 1e100]
    for eta in (1e-100, 1e100):
        for law in (theory.linear(lam, eta), theory.two_layer(lam, eta, q0=1e-100),
                    theory.deep_linear(lam, 3, eta, q0=1e20), theory.preconditioned(lam, eta),
                    theory.for_model("epsilon", lam, eta), theory.flow_matching(lam, eta),
                    theory.for_model("velocity", lam, eta, layers=2, start=1e-100)):
            law.emergence_time(criterion, target=target)
            assert not np.isnan(law.generated_variance([0.0, 1e-300, 1.0, 1e300, np.inf])).any()


SPANS = {
    "tied": lambda lam, start, delta: theory.two_layer(lam, q0=start),
    "imbalance": lambda lam, start, delta: theory.two_layer(
        lam, q0=start, tied=False, imbalance=delta
    ),
    "behind-2": lambda lam, start, delta: theory.preconditioned(
        lam, layers=2, start=start, imbalance=delta
    ),
}
SPANS["closed"] = lambda lam, start, _: theory.preconditioned(lam, sigma_data=start)
for _layers in (3, 5, 8):
    SPANS[f"deep-{_layers}"] = lambda lam, start, _, layers=_layers: theory.deep_linear(
        lam, layers, q0=start
    )
for _layers in (1, 3, 5, 8):
    SPANS[f"behind-{_layers}"] = lambda lam, start, _, layers=_layers: theory.preconditioned(
        lam, layers=layers, start=start
    )


@pytest.mark.parametrize("make", SPANS.values(), ids=SPANS)
@pytest.mark.parametrize("low, high", [(0.002, 80.0), (1e-6, 1e6), (0.1, 10.0)])
@np.errstate(over="ignore")
def test_crossings_are_looked_for_during_all_learning(make, low, high):
    """Nothing has moved at the first clock of the search, and all has arrived at the last one."""
    lam = np.append([0.0, 0.0], np.geomspace(1e-12, 1e12, 7))
    levels, modes = np.geomspace(low, high, 41)[:, None], np.arange(lam.size)
    for start in (1e-9, 1e-3, 1.0, 100.0):
        for delta in (1e-6, 1.0, 1e3):
            law = make(lam, start, delta * (modes > 0))
            first, last = (np.exp(np.broadcast_to(v, lam.shape)) for v in law._span(low, high))
            ends = [law._gain(levels, np.full(lam.shape, c), modes) for c in (0.0, 1e290)]

            def moved(clock, end, law=law, ends=ends):
                return np.abs(law._gain(levels, clock, modes) - end) / np.abs(ends).sum(0)

            assert moved(first, ends[0]).max() < 1e-6
            assert moved(last, ends[1]).max() < 1e-12
            if "kind" in law._shown:  # its last clock is no later than it need be
                learns = moved(first, ends[1]).max(axis=0) > 1e-12
                assert (moved(last / 1000, ends[1]).max(axis=0) > 1e-12)[learns].all()


def test_a_mode_that_is_half_there_when_nearly_all_is_learned():
    """Its variance grows by four powers of ten, and most of that at the end of the learning."""
    law = theory.preconditioned(9.2e11, 1.0, 1.1, layers=6, start=4.8)
    time = law.emergence_time("arithmetic", 0.15, 1.94e5, "final")
    start, reached, end = law.generated_variance([0.0, time, np.inf], 0.15, 1.94e5)
    assert reached == pytest.approx((start + end) / 2, rel=1e-8)
