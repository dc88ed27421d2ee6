"""What was measured of a model while it was trained: curves, emergence times, fits, a figure."""

import numpy as np

from .. import measure as measures
from .._check import array, broadcast, choice, integer
from ..sampler import sample
from . import record_plot, record_store

DIRECTIONS = ("rising", "decaying", "both")
# measurements of one step by their names, and the axis along which steps are put together
ALWAYS = {"gain": 1, "explained": 1, "alignment": 1}
SAMPLED = {"sampled": 0, "sampled_alignment": 0}


class Record:
    """Measurements by their steps, and what follows from them.

    Parameters
    ----------
    targets : array_like, shape (mode,)
        Variances of the data along the modes that are measured.
    sigmas : array_like, shape (steps + 1,)
        Noise levels of the sampler, decreasing; gains are measured at all but a last 0.
    method : {"heun", "euler"}
        Sampler.
    mode : {"gain", "samples"}
        Whether samples are measured, too.

    Attributes
    ----------
    levels : ndarray, shape (sigma,)
        Noise levels of the gains.
    found : dict
        For each step its measurements by their names.
    names : dict
        What is measured, and the axis along which the steps are put together.
    about : dict
        Plain values that are stored with the measurements.
    """

    def __init__(self, targets, sigmas, method="heun", mode="gain"):
        self.targets, self.sigmas = np.asarray(targets), np.asarray(sigmas)
        self.levels, self.method, self.mode = self.sigmas[self.sigmas > 0], method, mode
        self.names = ALWAYS | SAMPLED if mode == "samples" else ALWAYS
        self.found, self.about = {}, {}

    def add(self, step, found):
        """Keep what `measure` has found at a step, in place of what was there.

        Parameters
        ----------
        step : int
            Steps of training.
        found : dict of ndarray
            By name; what the record has no use for is left out.
        """
        self.found[step] = {name: found[name] for name in self.names}

    def column(self, name):
        """One measurement at all steps.

        Parameters
        ----------
        name : str
            One of ``names``.

        Returns
        -------
        ndarray
        """
        if not self.found:
            raise ValueError("nothing has been measured yet: call probe.measure(model, step)")
        every = [self.found[step][name] for step in sorted(self.found)]
        return np.stack(every, axis=self.names[name])

    @property
    def steps(self):
        """Steps that were measured, shape (time,)."""
        return np.array(sorted(self.found), dtype=int)

    @property
    def gain(self):
        """Gain of the denoiser, shape (sigma, time, mode), at the noise levels ``levels``."""
        return self.column("gain")

    @property
    def explained(self):
        """Share of the answer's variance that is linear in its own mode, as `gain`."""
        return self.column("explained")

    @property
    def alignment(self):
        """How far the answers keep the modes uncorrelated, shape (sigma, time); 1 is best."""
        return self.column("alignment")

    @property
    def sampled_alignment(self):
        """The same for generated samples, shape (time,); in mode "samples" only."""
        if self.mode != "samples":
            raise ValueError('mode must be "samples" for the alignment of samples')
        return self.column("sampled_alignment")

    @property
    def product(self):
        """Variance by the exact sampler product of the gains, shape (time, mode)."""
        at = dict(zip(self.levels.tolist(), self.gain, strict=True))
        start = np.full(self.gain.shape[1:], self.sigmas[0])
        return sample(lambda x, s: at[s] * x, start, self.sigmas.tolist(), self.method) ** 2

    @property
    def variance(self):
        """Generated variance, shape (time, mode): of samples in that mode, else `product`."""
        return self.column("sampled") if self.mode == "samples" else self.product

    def save(self, path):
        """Write all measurements and settings to ``path.npz``, and a summary to ``path.json``.

        Parameters
        ----------
        path : path
            With or without ending. Each file is replaced whole, so that a kill leaves the old one.
        """
        record_store.write(self, path)

    @classmethod
    def load(cls, path):
        """A record as it was saved.

        Parameters
        ----------
        path : path
            As given to `save`.

        Returns
        -------
        Record

        Raises
        ------
        ValueError
            If the file is missing, truncated or no record.
        """
        return record_store.read(path, cls)

    def emergence_time(self, criterion, initial=None):
        """Step at which each mode first crosses the mean of its start and the data's variance.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}
            Which mean. There is no default, because fitted exponents depend on it.
        initial : array_like, shape (mode,), optional
            Variances at the start. By default those of the first measurement.

        Returns
        -------
        ndarray, shape (mode,)
            Interpolated as `specbook.measure.emergence_time` does. NaN where no crossing lies
            between two measurements after step 0, whose logarithm does not exist.

        Notes
        -----
        NaN has three meanings: the mode never got to the threshold; it was past it already at the
        first measurement after step 0, so that the crossing came earlier than any step that could
        be given (`early` says which modes); or the data have no variance there.
        """
        kept, start, curve, steps = self._followed(initial)
        times = np.full(kept.shape, np.nan)
        times[kept] = measures.emergence_time(curve, start, self.targets[kept], steps, criterion)
        return times

    def early(self, criterion, initial=None):
        """Which modes were past the threshold at the first measurement after step 0.

        Their emergence is NaN because it came too early, not too late: measure earlier for it.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}
            As for `emergence_time`.
        initial : array_like, shape (mode,), optional
            As for `emergence_time`.

        Returns
        -------
        ndarray of bool, shape (mode,)
        """
        kept, start, curve, _ = self._followed(initial)
        level = measures.threshold(start, self.targets[kept], criterion)
        out = np.zeros(kept.shape, dtype=bool)
        out[kept] = np.where(start < level, curve[0] >= level, curve[0] <= level)
        return out

    def _followed(self, initial):
        """Modes with variance in the data; their start; variances and steps after step 0."""
        variance, steps, kept = self.variance, self.steps, self.targets > 0
        start, later = variance[0] if initial is None else array("initial", initial), steps > 0
        if not later.any():
            raise ValueError("nothing has been measured after step 0")
        if not kept.any():
            raise ValueError("spectrum has no variance along the modes that were measured")
        start = broadcast("initial", start, kept.size, "the measurement")
        return kept, start[kept], variance[later][:, kept], steps[later]

    def power_law(self, criterion, *, direction="rising", within=None, initial=None):
        """Fit of emergence times on data variances.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}
            As for `emergence_time`.
        direction : {"rising", "decaying", "both"}
            Modes that start below their target, above it, or all.
        within : (float, float), optional
            Smallest and largest data variance that count.
        initial : array_like, shape (mode,), optional
            As for `emergence_time`.

        Returns
        -------
        PowerLaw
            Give those of several seeds to `specbook.measure.over_seeds` for an error.
        """
        times = self.emergence_time(criterion, initial)
        rising = (self.variance[0] if initial is None else array("initial", initial)) < self.targets
        kept = {"rising": rising, "decaying": ~rising, "both": np.ones_like(rising)}
        kept = kept[choice("direction", direction, DIRECTIONS)]
        times, some = np.where(kept, times, np.nan), self.targets > 0
        return measures.power_law(self.targets[some], times[some], within)

    def plot(self, ax=None, count=6):
        """Generated over data variance against steps, for some modes.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default on a new figure.
        count : int
            How many modes at most, from the largest to the smallest. Modes along which the data
            have no variance are left out.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return record_plot.plot(self, ax, integer("count", count))
