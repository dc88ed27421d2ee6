"""A power law of emergence times, and what it does not contain."""

from dataclasses import dataclass

from ..measure import PowerLaw


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
