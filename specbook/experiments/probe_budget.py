"""What measuring may cost: the probe's clock, and which steps it can afford."""

import time
from contextlib import contextmanager
from dataclasses import dataclass

LEAST = 64  # points, where the budget asks for fewer than were given
GOAL = 16  # measurements that are worth fewer points
MARGIN = 1.1  # on the price of a measurement
PLANNED = 0.9  # of the budget: prices are guessed, and the budget is a limit
KEPT = (
    "own", "trained", "price", "measured", "skipped", "waited", "intervals", "step", "rate",
)
FIRST = 10  # a first step may be that much slower than others


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
        self.step, self.started, self.begun = step, now, now

    def _learn(self, rate):
        """Update the expected time of a step; a first step may be slow, and any may be held up."""
        self.intervals += 1
        if self.intervals < 3:
            self.rate = rate / FIRST if self.intervals == 1 else rate
        else:
            self.rate = min(rate, 1.5 * self.rate)

    def leave(self, measured=None):
        """Book the time since `arrive` as the probe's own."""
        now = self.clock()
        self.own += now - self.started
        if measured is not None:
            self.measured, self.skipped = self.measured + measured, self.skipped + (not measured)
            self.waited = 0 if measured else self.waited + 1
            self.price = now - self.begun if measured else self.price
        self.since = time.perf_counter(), time.process_time()

    @contextmanager
    def own_time(self):
        """Book what is done inside as the probe's own, too."""
        if self.since is not None:
            self.arrive(self.step, self.device)
        yield
        if self.since is not None:
            self.leave()

    def decide(self, step, most):
        """How many points to measure with at this step: `most` or fewer, or 0 to skip it."""
        if self.budget is None or self.measured == 0:
            return most  # the price is not known yet
        left = self._left(step)
        if len(left) <= 1:
            affordable = self.own + MARGIN * self.price <= PLANNED * self.budget * self.trained
            return most if affordable else 0
        count, points = self._affordable(left), most
        if self.measured == 1 and most > LEAST and count < (goal := min(GOAL, len(left))):
            points = max(LEAST, int(most * count / goal))
            count *= most / points
        # `count` of the steps that are left, evenly, the last among them
        count = int(count)
        return points if count and (self.waited + 1) * count >= len(left) + self.waited else 0

    def begin(self):
        """What comes now is the price of a measurement."""
        self.begun = self.clock()

    def _left(self, step):
        return [s for s in self.record or () if s >= step]

    def _affordable(self, left):
        """How many of the measurements that are left can be paid for."""
        if self.rate is None or self.price == 0:
            return 0.0
        training = self.trained + self.rate * (left[-1] - left[0])
        return max((PLANNED * self.budget * training - self.own) / (MARGIN * self.price), 0.0)

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
