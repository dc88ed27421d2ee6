"""Emergence times over seeds: intervals against their textbook form, and how often they hold."""

import numpy as np
import pytest
import torch
from scipy import stats

from specbook import measure
from specbook.experiments import Probe, Record, times_over_seeds
from specbook.noise import edm_schedule
from specbook.sampler import Sampling
from specbook.spectrum import Spectrum

LAM = np.array([1.0, 0.3, 0.1, 0.03, 0.0])
GRID = edm_schedule(12, 0.01, 20.0)
STEPS = [0, *np.unique(np.geomspace(1, 3000, 40).round().astype(int)).tolist()]


def grown(rate, steps=STEPS, sign=1, lam=LAM, **more):
    variances = torch.from_numpy(lam)
    probe = Probe(
        Spectrum(np.zeros(lam.size), lam, np.eye(lam.size)), record="all", latents=2,
        **dict(sigmas=GRID) | more,
    )
    for step in steps:
        left = sign * 0.4 * torch.exp(-rate * step * variances)
        probe.measure(lambda x, s: x * (variances / (variances + s**2) - left), step)  # noqa: B023
    return probe


RATES = 0.02 * np.exp(np.random.default_rng(0).normal(0, 0.1, 5))


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_intervals(level):
    probes = [grown(rate) for rate in RATES]
    found = times_over_seeds(probes, "geometric", level=level)
    logs = np.log([probe.emergence("geometric").time for probe in probes])
    assert np.isfinite(logs[:, :4]).all() and found.seeds == 5
    for mode in range(4):
        low, high = stats.t.interval(level, 4, logs[:, mode].mean(), stats.sem(logs[:, mode]))
        assert found.time[mode] == pytest.approx(stats.gmean(np.exp(logs[:, mode])))
        assert (found.lower[mode], found.upper[mode]) == pytest.approx((np.exp(low), np.exp(high)))
    exponents = [probe.power_law("geometric").exponent for probe in probes]
    ends = stats.t.interval(level, 4, np.mean(exponents), stats.sem(exponents))
    assert (found.exponent_lower, found.exponent_upper) == pytest.approx(ends)
    assert found.exponent == pytest.approx(measure.over_seeds(exponents)[0], rel=1e-12)
    assert (found.direction, found.fitted) == ("rising", 4)
    assert found.timed.tolist() == [5, 5, 5, 5, 0] and np.isnan(found.time[4])
    assert not found.early.any() and not found.never.any()
    assert found.variances.tolist() == LAM.tolist()


def test_modes_that_some_seeds_do_not_time():
    """The exponent is then that of the modes that all have, and NaN if they are too few."""
    late, soon = [0, *STEPS[13:]], [s for s in STEPS if s < 700]
    probes = [grown(0.02), grown(0.02, soon), grown(0.03, late)]
    each = [probe.emergence("geometric") for probe in probes]
    found = times_over_seeds(probes, "geometric")
    for name in ("early", "never"):
        count = np.sum([getattr(one, name) for one in each], axis=0)
        assert getattr(found, name).tolist() == count.tolist() and count.max() == 1
    assert (found.timed + found.early + found.never).tolist() == [3, 3, 3, 3, 0]
    assert found.timed.tolist() == [2, 3, 3, 2, 0]
    assert np.isfinite(found.time).tolist() == [False, True, True, False, False]
    assert np.array_equal(np.isnan(found.lower), np.isnan(found.time))
    assert np.isnan(found.exponent) and np.isnan(found.exponent_upper) and found.fitted == 2
    found = times_over_seeds([probes[0], probes[2]], "geometric")
    slopes = [measure.power_law(LAM[1:4], each[k].time[1:4]).exponent for k in (0, 2)]
    assert found.fitted == 3 and found.exponent == pytest.approx(np.mean(slopes))
    assert times_over_seeds(probes[:1] * 2, "geometric", within=(0.05, 2)).fitted == 3


def test_records_as_they_were_saved(tmp_path):
    probes = [grown(rate) for rate in RATES[:2]]
    for number, probe in enumerate(probes):
        probe.save(tmp_path / f"{number}")
    again = times_over_seeds((Record.load(f) for f in sorted(tmp_path.glob("*.npz"))), "harmonic")
    assert again.exponent == times_over_seeds(probes, "harmonic").exponent


def test_records_that_cannot_be_compared():
    probe = grown(0.02)
    for records in ([], [probe], probe, [probe, 3], 3):
        with pytest.raises(ValueError, match="records must be at least two"):
            times_over_seeds(records, "harmonic")
    for lam in (LAM[:4], 1.01 * LAM):
        with pytest.raises(ValueError, match="records must be of the same modes"):
            times_over_seeds([probe, grown(0.02, lam=lam)], "harmonic")
    for how in ({"sigmas": GRID[1:]}, {"mode": "samples"}, {"method": "euler"}):
        with pytest.raises(ValueError, match="records must be sampled in the same way"):
            times_over_seeds([probe, grown(0.02, **how)], "harmonic")
    ranges = [grown(0.02, [], sigmas=None, sampling=Sampling(0.01, high)) for high in (10.0, 20.0)]
    with pytest.raises(ValueError, match="records must be sampled in the same way"):
        times_over_seeds(ranges, "harmonic")
    for level in (0, 1, "all"):
        with pytest.raises(ValueError, match="level"):
            times_over_seeds([probe, probe], "harmonic", level=level)
    with pytest.raises(ValueError, match="criterion"):
        times_over_seeds([probe, probe], "sudden")


def test_the_direction():
    """Of modes that start on the same side in all seeds."""
    rising, falling = grown(0.02), grown(0.02, sign=-1)
    found = times_over_seeds([falling, falling], "geometric")
    assert (found.direction, found.fitted) == ("decaying", 4)
    assert found.exponent == pytest.approx(falling.power_law("geometric").exponent)
    mixed = times_over_seeds([rising, falling], "geometric")
    assert mixed.fitted == 0 and np.isnan(mixed.exponent) and np.isfinite(mixed.time[:4]).all()
    assert times_over_seeds([rising, falling], "geometric", direction="both").fitted == 4
    with pytest.raises(ValueError, match="direction"):
        times_over_seeds([rising, rising], "geometric", direction="sideways")
    with pytest.raises(ValueError, match="within"):
        times_over_seeds([rising, rising], "geometric", within=(2, 1))
