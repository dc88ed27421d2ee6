"""What measuring may cost: the probe's clock, and which steps it can afford."""

import time
from contextlib import contextmanager
from dataclasses import dataclass

MARGIN = 1.1  # on the price of a measurement
PLANNED = 0.9  # of the budget: prices are guessed, and the budget is a limit
FIRST = 10  # a first step may be that much slower than others
KEPT = "own", "trained", "price", "measured", "skipped", "waited", "intervals", "step", "rate"


@dataclass(frozen=True)
class ProbeCost:
    """What a probe has cost.

    Attributes
    ----------
    seconds : float
        Spent in the probe: CPU time of the process if models were on the CPU, else wall time.
    training : float
        Spent by the caller between the calls, on the same clock.
    share : float
        ``seconds / training``; infinite if there was no training.
    measured, skipped : int
        Calls at which the probe measured, and at which it did not.
    """

    seconds: float
    training: float
    share: float
    measured: int
    skipped: int


class Meter:
    """Times of probe and caller.

    Parameters
    ----------
    budget : float or None
        Share of the caller's time; None measures at every call.
    record : list of int, optional
        All steps at which the probe is called.
    """

    def __init__(self, budget, record=None):
        self.budget, self.record = budget, record
        self.own = self.trained = self.price = 0.0
        self.measured = self.skipped = self.waited = self.intervals = 0
        self.step = self.since = self.rate = None

    def arrive(self, step, device):
        """Book the time since the last call as the caller's."""
        self.device = device
        self.clock = time.process_time if device.type == "cpu" else time.perf_counter
        now = self.clock()
        if self.since is not None:
            self.trained += (spent := now - self.since[device.type == "cpu"])
            if step > self.step:
                self._learn(spent / (step - self.step))
        self.step, self.started = step, now

    def _learn(self, rate):
        """Update the expected time of a step; a first step may be slow, and any may be held up."""
        self.intervals += 1
        if self.intervals < 3:
            self.rate = rate / FIRST if self.intervals == 1 else rate
        else:
            self.rate = min(rate, 1.5 * self.rate)

    def due(self, step):
        """Whether to measure at this step."""
        if self.budget is None or self.measured == 0:
            return True  # the price is not known yet
        left = [s for s in self.record or () if s >= step]
        ahead = self.rate * (left[-1] - step) if left and self.rate else 0.0
        spare = PLANNED * self.budget * (self.trained + ahead) - self.own
        if len(left) <= 1:
            return spare >= MARGIN * self.price
        if self.rate is None or self.price == 0:
            return False
        # as many of the steps that are left as can be paid for, evenly, the last among them
        count = int(max(spare, 0) / (MARGIN * self.price))
        return count > 0 and (self.waited + 1) * count >= len(left) + self.waited

    def leave(self, measured=None):
        """Book the time since `arrive` as the probe's own."""
        now = self.clock()
        self.own += now - self.started
        if measured is not None:
            self.measured, self.skipped = self.measured + measured, self.skipped + (not measured)
            self.waited = 0 if measured else self.waited + 1
            self.price = now - self.started if measured else self.price
        self.since = time.perf_counter(), time.process_time()

    @contextmanager
    def own_time(self):
        """Book what is done inside as the probe's own, too."""
        if self.since is not None:
            self.arrive(self.step, self.device)
        yield
        if self.since is not None:
            self.leave()

    def cost(self):
        """The cost until now."""
        share = self.own / self.trained if self.trained > 0 else float("inf")
        return ProbeCost(self.own, self.trained, share, self.measured, self.skipped)

    def state(self):
        """What `restore` needs, as plain values."""
        return {name: getattr(self, name) for name in KEPT}

    def restore(self, state):
        """Go on from a stored state; the clock starts with the next call."""
        vars(self).update({name: state[name] for name in KEPT})
