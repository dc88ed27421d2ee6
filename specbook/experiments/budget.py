"""What measuring costs: the probe's clock."""

import time
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

PLANNED = 0.9  # of the budget: prices are guessed, and the budget is a limit
INTERVALS = 3  # between calls, after which the price of a training step is known
KEPT = "own", "trained", "price", "measured", "skipped", "rates", "step"


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
    """Times of probe and caller."""

    def __init__(self):
        self.own = self.trained = 0.0
        self.measured = self.skipped = 0
        self.price, self.rates = None, []  # seconds: first measurement; a step, in each interval
        self.step = self.since = None

    def arrive(self, step, device):
        """Book the time since the last call as the caller's."""
        self.device = device
        self.clock = time.process_time if device.type == "cpu" else time.perf_counter
        now = self.clock()
        if self.since is not None:
            self.trained += (spent := now - self.since[device.type == "cpu"])
            if step > self.step and len(self.rates) < INTERVALS:
                self.rates.append(spent / (step - self.step))
        self.step, self.started = step, now

    def affordable(self, budget, ahead):
        """How many measurements the rest of a training can pay for; None if not known yet.

        Parameters
        ----------
        budget : float
            Share of the caller's time.
        ahead : int
            Steps of training to come.

        Returns
        -------
        count : int or None
        steps : float
            How many training steps cost as much as one measurement.
        """
        if self.price is None or len(self.rates) < INTERVALS:
            return None, np.nan
        rate = float(np.median(self.rates))  # a first step may be slow, and any may be held up
        spare = PLANNED * budget * (self.trained + ahead * rate) - self.own
        count = max(0, int(spare / self.price)) if self.price > 0 else ahead
        return count, self.price / rate if rate > 0 else np.inf

    def leave(self, measured=None):
        """Book the time since `arrive` as the probe's own."""
        now = self.clock()
        self.own += now - self.started
        if measured is not None:
            self.measured, self.skipped = self.measured + measured, self.skipped + (not measured)
            if measured and self.price is None:
                self.price = now - self.started
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
