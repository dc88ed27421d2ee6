"""Emergence times of several seeds, with intervals."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from .._check import choice, scalar
from ..measure import fits, over_seeds, power_law
from .emergence_fit import DIRECTIONS
from .record import Record


@dataclass(frozen=True)
class SeedTimes:
    """Emergence times over seeds, and their power law.

    Attributes
    ----------
    variances : ndarray, shape (mode,)
        Of the data.
    time : ndarray, shape (mode,)
        Geometric mean over seeds; NaN for a mode that has no time in one of them.
    lower, upper : ndarray, shape (mode,)
        Interval of `time`.
    timed, early, never : ndarray of int, shape (mode,)
        In how many seeds the mode has a time, was past its threshold at the first measurement,
        and did not emerge.
    exponent, exponent_lower, exponent_upper : float
        Mean over seeds of the exponent of time on variance, and its interval; of the modes that
        have a time in all seeds, NaN if these are less than three.
    direction : {"rising", "decaying", "both"}
        Which of them were fitted.
    fitted : int
        Their number.
    seeds : int
        Number of seeds.
    """

    variances: np.ndarray
    time: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    timed: np.ndarray
    early: np.ndarray
    never: np.ndarray
    exponent: float
    exponent_lower: float
    exponent_upper: float
    direction: str
    fitted: int
    seeds: int


def times_over_seeds(records, criterion, *, level=0.95, direction=None, within=None):
    """Emergence times of several seeds, with intervals.

    Parameters
    ----------
    records : sequence of Record
        Probes or records of the same modes, measured in the same way; at least two.
    criterion : {"harmonic", "geometric", "arithmetic"}
        As for `Record.emergence`.
    level : float
        Share of intervals that hold the truth, between 0 and 1.
    direction : {"rising", "decaying", "both"}, optional
        Modes that start below their target in all seeds, above it in all, or all modes. By default
        the side with more modes that have a time.
    within : (float, float), optional
        Smallest and largest data variance that count for the exponent.

    Returns
    -------
    SeedTimes

    Raises
    ------
    ValueError
        If there are less than two records, or their modes or ways of sampling differ.

    Notes
    -----
    Logarithms of times, and exponents, are taken as normal over seeds: intervals are those of
    Student's t distribution. Modes of one seed are not independent of each other.

    Examples
    --------
    >>> from specbook.experiments import Probe, log_steps
    >>> from specbook.spectrum import Spectrum
    >>> import torch
    >>> lam, probes = torch.tensor([1.0, 0.1, 0.01], dtype=torch.float64), []
    >>> for rate in (0.009, 0.010, 0.011):
    ...     probe = Probe(Spectrum(np.zeros(3), lam.numpy(), np.eye(3)), latents=8)
    ...     for step in log_steps(10_000):
    ...         def denoiser(x, sigma):
    ...             left = 0.9 * torch.exp(-rate * step * (lam + sigma**2))
    ...             return x * lam / (lam + sigma**2) * (1 - left)
    ...         probe.measure(denoiser, step)
    ...     probes.append(probe)
    >>> found = times_over_seeds(probes, "geometric")
    >>> found.time.round(0), found.lower.round(0), found.upper.round(0)
    (array([  62.,  603., 5768.]), array([  48.,  470., 4495.]), array([  79.,  773., 7401.]))
    """
    records = list(records) if np.iterable(records) else [records]
    if any(not isinstance(record, Record) for record in records) or len(records) < 2:
        raise ValueError("records must be at least two probes or records, one of each seed")
    for record in records[1:]:
        _same(records[0], record)
    level = scalar("level", level, above=0)
    if level >= 1:
        raise ValueError(f"level must be below 1, found {level:g}")
    far = stdtrit(len(records) - 1, 0.5 + level / 2)
    every = [record.emergence(criterion) for record in records]
    logs = np.log([found.time for found in every])
    middle, error = logs.mean(axis=0), logs.std(axis=0, ddof=1) / np.sqrt(len(records))
    variances, rising = records[0].targets, np.array([found.rising for found in every])
    kept = np.isfinite(middle)
    if within is not None:
        low, high = fits.limits(within)
        kept &= (variances >= low) & (variances <= high)
    sides = {"rising": kept & rising.all(axis=0), "decaying": kept & ~rising.any(axis=0)}
    if direction is None:
        direction = max(sides, key=lambda side: np.count_nonzero(sides[side]))
    fitted = (sides | {"both": kept})[choice("direction", direction, DIRECTIONS)]
    exponent = spread = np.nan
    if np.unique(variances[fitted]).size > 1 and fitted.sum() > 2:
        found = [power_law(variances[fitted], np.exp(log[fitted])) for log in logs]
        exponent, spread = over_seeds(found)
    return SeedTimes(
        variances=variances,
        time=np.exp(middle),
        lower=np.exp(middle - far * error),
        upper=np.exp(middle + far * error),
        timed=np.isfinite(logs).sum(axis=0),
        early=np.sum([found.early for found in every], axis=0),
        never=np.sum([found.never for found in every], axis=0),
        exponent=exponent,
        exponent_lower=exponent - float(far * spread),
        exponent_upper=exponent + float(far * spread),
        direction=direction,
        fitted=int(fitted.sum()),
        seeds=len(records),
    )


def _same(one, other):
    """Raise ``ValueError`` if two records cannot be compared."""
    same = one.targets.shape == other.targets.shape
    if not same or not np.allclose(one.targets, other.targets, rtol=1e-6, atol=0):
        raise ValueError("records must be of the same modes: make all probes of one spectrum")
    if (one.sampling, one.mode) != (other.sampling, other.mode):
        raise ValueError(
            f"records must be sampled in the same way, found {one.sampling}, {one.mode!r} and"
            f" {other.sampling}, {other.mode!r}"
        )
