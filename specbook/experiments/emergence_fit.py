"""A power law of emergence times, and what it does not contain."""

from dataclasses import dataclass

import numpy as np

from .. import measure
from .._check import choice
from ..measure import PowerLaw

DIRECTIONS = ("rising", "decaying", "both")


@dataclass(frozen=True)
class EmergenceFit(PowerLaw):
    """A power law of emergence times on data variances, and what it does not contain.

    Attributes
    ----------
    exponent, prefactor, ols_error, r2 : float
        As for `PowerLaw`.
    direction : {"rising", "decaying", "both"}
        Which modes were fitted.
    n : int
        Their number.
    early, never : int
        Modes of that direction that have no time, since they emerged before the first measurement
        after step 0, or not by the last. The fit knows nothing of them: where they are many, it
        is not the exponent of all modes.
    """

    direction: str = "both"
    n: int = 0
    early: int = 0
    never: int = 0


def fit(found, targets, direction, within, last):
    """The fit of `Record.power_law`.

    Parameters
    ----------
    found : Emergence
    targets : ndarray, shape (mode,)
        Variances of the data.
    direction, within
        As for `Record.power_law`.
    last : int
        The last step that was measured, for the message.

    Returns
    -------
    EmergenceFit
    """
    some = targets > 0
    if within is not None:
        low, high = measure.fits.limits(within)
        some &= (targets >= low) & (targets <= high)
    timed = ~np.isnan(found.time) & some
    if direction is None:
        rises = np.count_nonzero(timed & found.rising)
        direction = "rising" if 2 * rises >= np.count_nonzero(timed) else "decaying"
    sides = {"rising": found.rising, "decaying": ~found.rising, "both": True}
    side = sides[choice("direction", direction, DIRECTIONS)] & some
    kept = timed & side
    count = {name: int(np.sum(getattr(found, name) & side)) for name in ("early", "never")}
    if kept.sum() < 3:
        which = "" if direction == "both" else f" that are {direction}"
        raise ValueError(
            f"a power law needs three modes with a time; of {side.sum()}{which} have"
            f" {kept.sum()} one, {count['early']} emerged before the first measurement after"
            f" step 0 and {count['never']} not by step {last}"
        )
    line = measure.power_law(targets[kept], found.time[kept])
    return EmergenceFit(**vars(line), direction=direction, n=int(kept.sum()), **count)
