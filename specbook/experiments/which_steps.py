"""At which of its calls a probe measures."""

import warnings
from bisect import bisect_left, bisect_right

import numpy as np

A_DECADE = 12  # steps; times between them are then interpolated to about a per cent
FEWEST = 4  # measurements with which emergence times make sense


class WhichSteps:
    """Planned steps; a call measures if none has since the last planned step.

    So a caller who comes rarely still gets what was planned, as well as that is possible. With a
    budget some of them are left out, once, as soon as the prices are known.

    Parameters
    ----------
    record : None, "all" or list of int
        Twelve steps a decade from 0 on; all calls; or these steps.
    budget : float, optional
        Share of the caller's time.
    steps : int, optional
        Length of the training, where `record` does not give the steps.

    Raises
    ------
    ValueError
        If the length is not known, but there is a budget.
    """

    def __init__(self, record, budget=None, steps=None):
        if budget is not None and record == "all":
            raise ValueError("budget thins planned steps: give them as record=, or leave it out")
        if budget is not None and steps is None and record is None:
            raise ValueError("budget needs steps, the length of the training, to spread them")
        self.record, self.budget, self.decided = record, budget, budget is None
        # a loop over range(steps) never comes to the step `steps` itself
        self.last = record[-1] if isinstance(record, list) else (steps or 1) - 1

    def planned(self, step):
        """The last planned step up to `step`; None if there is none."""
        if self.record == "all" or step == 0 and self.record is None:
            return step
        if self.record is None:
            place = int(np.floor(A_DECADE * np.log10(step) + 0.5))
            nearest = [int(np.round(10 ** (k / A_DECADE))) for k in range(place - 1, place + 2)]
            return max(s for s in nearest if s <= step)
        place = bisect_right(self.record, step)
        return self.record[place - 1] if place else None

    def due(self, step, measured, meter):
        """Whether to measure at `step`.

        Parameters
        ----------
        step : int
        measured : list of int
            Steps that were measured before, increasing.
        meter : Meter
            Knows the prices.
        """
        if not self.decided and measured:
            count, dear = meter.affordable(self.budget, max(self.last - step, 0))
            if count is None:
                return False
            self._thin(step, count, dear)
        planned = self.planned(step)
        if planned is None:
            return False
        place = bisect_left(measured, planned)
        since = place < len(measured) and measured[place] <= step
        return not since or step in measured

    def _until(self, first, last):
        """Planned steps from `first` to `last`, which is always one of them."""
        every = self.record
        if every is None:
            count = int(A_DECADE * np.log10(max(last, 1))) + 1
            every = np.round(10 ** (np.arange(count) / A_DECADE)).astype(int).tolist()
            every = sorted({0, *every, last})
        return [s for s in every if first <= s <= last]

    def _thin(self, step, count, dear):
        """Keep `count` of the steps from `step` on, and say so if that leaves some out."""
        every = self._until(step, max(self.last, step))
        self.record, self.decided = _spread(every, count), True
        if count >= len(every):
            return
        few = "" if count >= FEWEST else (
            "; emergence times need more: a longer training, a larger budget or fewer latents"
        )
        warnings.warn(
            f"budget={self.budget:g}, one measurement costs {dear:.3g} steps of training: of"
            f" {len(every)} measurements from step {step} on {count} are left"
            f" ({', '.join(map(str, self.record)) or 'none'}){few}",
            UserWarning, stacklevel=4,
        )

    def state(self):
        """What `restore` needs, as plain values."""
        return {"record": self.record, "decided": self.decided}

    def restore(self, state):
        """Go on with what was decided."""
        self.record, self.decided = state["record"], state["decided"]


def _spread(steps, count):
    """`count` of some increasing steps at about equal ratios, the last one among them."""
    if count >= len(steps):
        return steps
    if count < 2:
        return steps[-1:] if count else []
    logs = np.log(np.maximum(steps, 0.5))
    aims = np.linspace(logs[0], logs[-1], count)
    places = np.abs(logs - aims[:, None]).argmin(axis=1)
    for i in range(1, count):  # no step twice
        places[i] = max(places[i], places[i - 1] + 1)
    for i in reversed(range(count)):
        places[i] = min(places[i], len(steps) - count + i)
    return [steps[i] for i in places]
