"""What laws of modes share: the scan for crossings, against curves whose crossings are known."""

import inspect

import numpy as np
import pytest

from specbook import stationary, theory
from specbook._check import per_mode
from specbook.theory.crossing import first_crossing
from specbook.theory.exponential import log_growth
from specbook.theory.mode_law import ModeLaw
from specbook.theory.quadrature import CHUNK, PANELS, STEPS, AdaptiveLaw

LAM = np.geomspace(1e-3, 10, 9)
POWER = np.array([1.0, 0.4, 0.1, 0.1, 0.4])
PATCH = stationary.patch_covariance(POWER, 3)


class Plain(ModeLaw):
    """The one-layer law in plain units, with a gain of its own."""

    def __init__(self, variances, eta, q0):
        variances, scalar_modes, (self.q0,) = per_mode(variances, q0=q0)
        super().__init__(variances, eta, scalar_modes)

    def _log_variance(self, clock, mode, low, high):
        lam, q0 = self.variances[mode], self.q0[mode]
        end = np.log(high**2 * (lam + low**2) / (lam + high**2))
        return log_growth(clock, lam, q0, 1.0, low, high) + end

    def _span(self, low, high):
        return np.log(1e-6 / (self.variances + high**2)), np.log(800 / (self.variances + low**2))


@pytest.mark.parametrize("criterion", ["harmonic", "geometric", "arithmetic"])
@pytest.mark.parametrize("target", ["data", "final"])
@pytest.mark.parametrize("q0", [0.0, 0.1, 0.5, 1.0])
def test_units_do_not_matter_to_emergence(criterion, target, q0):
    found = Plain(LAM, 0.7, q0).emergence_time(criterion, target=target)
    exact = theory.linear(LAM, eta=0.7, q0=q0).emergence_time(criterion, target=target)
    assert found == pytest.approx(exact, rel=1e-12, nan_ok=True)
    assert (~np.isnan(found)).sum() >= 4


def test_variance_by_the_shared_route():
    tau = [0.0, 0.1, 3.0, np.inf]
    exact = theory.linear(LAM, q0=0.1).generated_variance(tau, 0.01, 20.0)
    assert Plain(LAM, 1.0, 0.1).generated_variance(tau, 0.01, 20.0) == pytest.approx(exact, 1e-13)
    assert Plain(2.0, 1.0, 0.1).generated_variance(0.3).shape == ()


class Same(AdaptiveLaw):
    """One gain for all noise levels and times; it counts what is asked for."""

    def _gain(self, sigma, clock, mode):
        out = np.full(np.broadcast_shapes(*map(np.shape, (sigma, clock, mode))), 100.0)
        self.asked.append(out.size)
        return out


def test_a_quadrature_asks_for_no_more_gains_than_it_needs():
    """A large gain is no reason for narrow panels, and few gains are held at once."""
    law, low, high = Same(np.ones(50), 1.0), 0.5, 1.5
    law.asked = []
    found = law._log_variance(np.linspace(0, 1, 100)[:, None], np.arange(50), low, high)
    assert found == pytest.approx(2 * np.log(low) + 200 * np.log(high / low), rel=1e-13)
    assert sum(law.asked) == 100 * 50 * PANELS * (STEPS + 1)
    assert CHUNK / 2 < max(law.asked) <= CHUNK


def test_first_of_several_crossings():
    """A curve that rises, falls and rises again: sin of the logarithm of the clock."""

    def curve(clock, mode):
        return np.sin(np.log(np.maximum(clock, 1.0))) * np.ones(np.shape(mode))

    span = np.zeros(1), np.full(1, 20.0)
    found = first_crossing(curve, np.zeros(1), np.ones(1), span, "geometric")
    assert np.log(found) == pytest.approx([np.pi / 6], rel=1e-12)  # sin = 1 / 2


def test_a_crossing_and_back_between_two_looks():
    """Beyond the threshold, 0, from 5.96 to 6.06 and then from 14 on: every fourth clock is not."""

    def curve(clock, mode):
        u = np.log(np.maximum(clock, 1.0))
        dip = np.where(mode > 0, np.abs(u - 6.01) - 0.05, 5.96 - u / 2)
        return np.where(u < 10, dip, 14 - u)

    look = np.linspace(0, 20, 301)[::4]
    assert ((look < 5.96) | (look > 6.06)).all()
    start = np.full(2, 5.96)
    found = first_crossing(curve, start, -start, (np.zeros(1), np.full(1, 20.0)), "geometric")
    assert np.log(found) == pytest.approx([14.0, 5.96], rel=1e-12)


def test_a_plain_crossing_needs_no_second_look():
    asked = []

    def curve(clock, mode):
        asked.append(len(clock))
        return np.log(np.maximum(clock, 1.0)) + 0.0 * mode

    ends = np.zeros(2), np.array([20.02, 19.6])  # thresholds near either end of a step
    found = first_crossing(curve, *ends, (np.zeros(1), np.full(1, 20.0)), "geometric")
    assert np.log(found) == pytest.approx(ends[1] / 2, rel=1e-12)
    assert max(asked) == 77  # every fourth clock, and the one before all learning


def test_no_crossing():
    def flat(clock, mode):
        return np.zeros(np.broadcast(clock, mode).shape)

    span = np.zeros(2), np.full(2, 5.0)
    found = first_crossing(flat, np.zeros(2), np.array([1.0, 0.0]), span, "geometric")
    assert np.isnan(found).all()


SAYS = [
    (theory.linear(LAM), "LinearLaw(9 modes from 0.001 to 10, eta=1)"),
    (theory.linear(2.0, 0.5, 0.1, ridge=0.2, b0=-1.0),
     "LinearLaw(1 mode 2, eta=0.5, q0=0.1, ridge=0.2, b0=-1)"),
    (theory.linear([2.0, 1.0], mean=[0.0, 0.5]),
     "CoupledLaw(2 modes from 1 to 2, eta=1, mean=<from 0 to 0.5>)"),
    (theory.circulant([[1.0, 0.1], [0.2, 0.1]], q0=0.5),
     "CirculantLaw(4 modes from 0.1 to 1, eta=1, places=4, q0=0.5)"),
    (theory.circulant_channels([np.eye(2), np.eye(2)]),
     "CirculantLaw(4 modes 1, eta=1, places=2)"),
    (theory.local_convolution(PATCH, 5, w0=0.1, power=POWER),
     "LocalConvolutionLaw(5 modes from 0.1 to 1, eta=1, size=(5,), width=3)"),
    (theory.local_convolution(PATCH, 5),
     "LocalConvolutionLaw(5 modes unknown, eta=1, size=(5,), width=3)"),
    (theory.two_layer(LAM, q0=0.1), "LogisticLaw(9 modes from 0.001 to 10, eta=1, q0=0.1, pace=4)"),
    (theory.two_layer([1.0, 2.0], q0=[0.1, 0.2], tied=False, imbalance=3),
     "RiccatiLaw(2 modes from 1 to 2, eta=1, q0=<from 0.1 to 0.2>, imbalance=3)"),
    (theory.deep_linear(LAM, 3, q0=0.1),
     "DeepLaw(9 modes from 0.001 to 10, eta=1, depth=3, q0=0.1)"),
    (theory.flow_matching(LAM, 2), "FlowMatchingLaw(9 modes from 0.001 to 10, eta=2)"),
    (theory.preconditioned(LAM),
     "PreconditionedLaw(9 modes from 0.001 to 10, eta=1, kind='edm', sigma_data=0.5, layers=1)"),
    (theory.preconditioned([4.0, 1.0], layers=2, start=1e-3),
     "DeepPreconditionedLaw(2 modes from 1 to 4, eta=1, kind='edm', sigma_data=0.5, layers=2,"
     " start=0.001)"),
    (theory.for_model("epsilon", 1.0),
     "DeepPreconditionedLaw(1 mode 1, eta=1, kind='epsilon', scale='preserving', layers=1)"),
    (theory.for_model("velocity", 1.0, layers=2, imbalance=1.0),
     "DeepPreconditionedLaw(1 mode 1, eta=1, kind='velocity', layers=2, imbalance=1)"),
    (theory.for_model("x0", 1.0, layers=4, start=0.2),
     "DeepLaw(1 mode 1, eta=1, depth=4, q0=0.2)"),
]


@pytest.mark.parametrize("law, words", SAYS)
def test_a_law_says_what_it_is(law, words):
    assert repr(law) == words


def test_every_public_law_was_asked():
    public = {kind for kind in vars(theory).values() if inspect.isclass(kind)}
    laws = {kind for kind in public if issubclass(kind, ModeLaw)}
    assert {type(law) for law, _ in SAYS} == laws
