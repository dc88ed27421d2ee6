"""What the measurements of a probe say: curves, emergence times, fits, a figure."""

import numpy as np

from .. import measure as measures
from .._check import array, broadcast, choice, integer

DIRECTIONS = ("rising", "decaying", "both")


class Readings:
    """Measurements by their steps, and what follows from them.

    ``_records`` maps a step to its arrays, ``mode`` is that of the probe, ``levels`` and
    ``targets`` are noise levels and variances of the data.
    """

    def _column(self, name):
        if not self._records:
            raise ValueError("nothing has been measured yet: call probe.measure(model, step)")
        return np.array([self._records[step][name] for step in sorted(self._records)])

    @property
    def steps(self):
        """Steps that were measured, shape (time,)."""
        return np.array(sorted(self._records), dtype=int)

    @property
    def gain(self):
        """Gain of the denoiser, shape (time, sigma, mode), at the noise levels ``levels``."""
        return self._column("gain")

    @property
    def explained(self):
        """Share of the answer's variance that is linear in its own mode, as `gain`."""
        return self._column("explained")

    @property
    def alignment(self):
        """How far the answers keep the modes uncorrelated, shape (time, sigma); 1 is best."""
        return self._column("alignment")

    @property
    def sampled_alignment(self):
        """The same for generated samples, shape (time,); in mode "samples" only."""
        if self.mode != "samples":
            raise ValueError('mode must be "samples" for the alignment of samples')
        return self._column("sampled_alignment")

    @property
    def product(self):
        """Variance by the exact sampler product of the gains, shape (time, mode)."""
        return self._column("product")

    @property
    def variance(self):
        """Generated variance, shape (time, mode): of samples in that mode, else `product`."""
        return self._column("sampled" if self.mode == "samples" else "product")

    @property
    def points(self):
        """Points that each measurement used at a noise level, shape (time,)."""
        return self._column("points")

    @property
    def cost(self):
        """What measuring has cost until now: a `ProbeCost`."""
        return self._meter.cost()

    def emergence(self, criterion, initial=None):
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
            As for `emergence`.
        initial : array_like, shape (mode,), optional
            As for `emergence`.

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
            As for `emergence`.
        direction : {"rising", "decaying", "both"}
            Modes that start below their target, above it, or all.
        within : (float, float), optional
            Smallest and largest data variance that count.
        initial : array_like, shape (mode,), optional
            As for `emergence`.

        Returns
        -------
        PowerLaw
            Give those of several seeds to `specbook.measure.over_seeds` for an error.
        """
        times = self.emergence(criterion, initial)
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
        import matplotlib.pyplot as plt

        count, variance, steps = integer("count", count), self.variance, self.steps
        ax = plt.figure().add_subplot() if ax is None else ax
        order = np.argsort(-self.targets, kind="stable")[: np.count_nonzero(self.targets)]
        shown = order[np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).astype(int))]
        later, styles = steps > 0, ("-", "--", "-.", ":")
        for place, mode in enumerate(shown):
            share = place / max(len(shown) - 1, 1)
            ax.loglog(
                steps[later], variance[later, mode] / self.targets[mode],
                color=plt.cm.viridis(0.9 * share), linestyle=styles[place % 4], marker=".",
                label=f"{self.targets[mode]:.2g}",
            )
        ax.axhline(1, color="0.6", linewidth=1, zorder=0)
        ax.set(xlabel="training step", ylabel="generated variance / data variance")
        ax.legend(title="data variance")
        return ax
