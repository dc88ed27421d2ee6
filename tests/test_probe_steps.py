"""Which calls of a probe measure, what a budget leaves of them, and what it all costs."""

import warnings

import numpy as np
import pytest
import torch

from specbook.experiments import Probe
from specbook.experiments.budget import Meter
from specbook.experiments.which_steps import WhichSteps
from specbook.spectrum import Spectrum

CPU = torch.device("cpu")
ONE = Spectrum(np.zeros(2), np.array([1.0, 0.1]), np.eye(2))
TWELVE = np.unique(np.round(10 ** (np.arange(12 * 6) / 12)).astype(int)).tolist()


class Clock:
    """A clock that a test moves by hand, in place of the module `time`."""

    def __init__(self):
        self.now = 0.0

    def process_time(self):
        return self.now

    perf_counter = process_time


def played(monkeypatch, calls, *, record=None, rate=1e-3, price=0.01, budget=None, steps=None):
    """Steps at which a probe would measure, and its cost."""
    clock, meter, done = Clock(), Meter(), []
    which = WhichSteps(record, budget, steps)
    monkeypatch.setattr("specbook.experiments.budget.time", clock)
    before = 0
    for step in calls:
        clock.now += rate * (step - before) * (30 if before == 0 else 1)  # slow at first
        before = step
        meter.arrive(step, CPU)
        due = which.due(step, done, meter)
        if due:
            clock.now += price
            done.append(step)
        meter.leave(due)
    return done, meter.cost()


def test_twelve_steps_a_decade_whatever_they_cost(monkeypatch):
    for price in (1e-6, 1e-2, 100.0):
        done, cost = played(monkeypatch, range(10_001), price=price)
        assert done == [0, *(s for s in TWELVE if s <= 10_000)]
        assert cost.measured == len(done) and cost.measured + cost.skipped == 10_001
        assert cost.share == cost.seconds / cost.training


@pytest.mark.parametrize("start, every", [(0, 10), (0, 250), (7, 100), (1, 1)])
def test_callers_who_come_rarely_lose_nothing(monkeypatch, start, every):
    """A call measures if a planned step has passed since the last measurement."""
    calls = list(range(start, 5000, every))
    done, _ = played(monkeypatch, calls)
    planned = [0, *TWELVE]
    wanted = [
        call for before, call in zip([-1, *calls], calls, strict=False)
        if any(before < s <= call for s in planned)
    ]
    assert done == wanted and done[0] == start


def test_given_steps_and_all_calls(monkeypatch):
    assert played(monkeypatch, range(100), record=[3, 50, 60])[0] == [3, 50, 60]
    assert played(monkeypatch, range(0, 100, 8), record=[3, 50, 60])[0] == [8, 56, 64]
    assert played(monkeypatch, range(40), record="all")[0] == list(range(40))


@pytest.mark.parametrize("steps", [300, 1000, 10_000, 30_000])
@pytest.mark.parametrize("price", [1e-3, 12e-3, 0.3])
@pytest.mark.parametrize("record", [None, [0, *TWELVE]])
def test_a_budget_is_kept_and_used(monkeypatch, steps, price, record):
    """One measurement may always be too much: the first one tells the price."""
    if record:
        record = [s for s in record if s <= steps]
    end = record[-1] if record else steps - 1  # a loop over range(steps) ends there
    full = [0, *(s for s in TWELVE if s <= end)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        done, cost = played(
            monkeypatch, range(end + 1), price=price, budget=0.05, steps=steps, record=record
        )
    assert cost.seconds <= max(0.05 * cost.training, price) + 1e-9
    affordable = 0.05 * cost.training / price
    # the first steps go by before the prices are known
    if affordable > 1.2 * len(full):
        assert set(full) - set(done) <= {1, 2, 3} and not caught
    else:
        assert len(caught) == 1 and "budget=0.05, one measurement costs" in str(caught[0].message)
        assert f"{price / 1e-3:.3g} steps of training" in str(caught[0].message)
        assert f"{len(done) - 1} are left" in str(caught[0].message)
        assert len(done) >= int(0.85 * affordable) or len(done) >= len(full) - 4
        assert ("need more" in str(caught[0].message)) == (len(done) - 1 < 4)
    if len(done) > 1:
        assert done[-1] == end
    ratios = np.diff(np.log(done[2:]))
    if len(done) > 6:
        assert ratios.max() < 2.5 * np.median(ratios) + np.log(2)


def test_the_choice_goes_on_after_a_stop(tmp_path):
    probe = Probe(ONE, budget=0.05, steps=1000, latents=4)
    probe.measure(lambda x, s: x / 2, 0)
    probe._meter.price, probe._meter.rates = 1e9, [1e-9] * 3
    with pytest.warns(UserWarning, match="0 are left .none."):
        probe.measure(lambda x, s: x / 2, 5)
    probe.save(tmp_path / "p")
    again = Probe.load(tmp_path / "p", ONE)
    assert again.cost == Probe.load(tmp_path / "p", ONE).cost and again.cost.skipped == 1
    again.measure(lambda x, s: x / 2, 1000)
    assert again.steps.tolist() == [0] and again.cost.skipped == 2
    with pytest.raises(ValueError, match="calls passed over: 2, for budget=0.05"):
        again.emergence("harmonic")


def test_budgets_that_cannot_be_spread():
    with pytest.raises(ValueError, match="budget needs steps"):
        Probe(ONE, budget=0.05)
    with pytest.raises(ValueError, match="budget thins planned steps"):
        Probe(ONE, budget=0.05, record="all")
    for wrong in (0, -1, np.nan, "all"):
        with pytest.raises(ValueError, match="budget"):
            Probe(ONE, budget=wrong, steps=10)
    with pytest.raises(ValueError, match="steps"):
        Probe(ONE, budget=0.05, steps=0)
    assert Probe(ONE).cost.share == np.inf
