"""What was measured of a model while it was trained: emergence times, fits, a figure, a table."""

import numpy as np

from .. import measure as measures
from .._check import array, broadcast, choice, integer
from ..measure import Emergence
from . import emergence_fit, record_plot, record_scalars, record_store, record_table
from .curves import Curves
from .record_warning import warn_of_times

TARGETS = ("final", "data")


class Record(Curves):
    """Measurements by their steps, and what follows from them.

    Parameters
    ----------
    targets : array_like, shape (mode,)
        Variances of the data along the modes that are measured.
    sampling : Sampling
        How samples are made: by the exact flow over a noise range, or by a sampler's steps.
    mode : {"gain", "samples"}
        Whether samples are measured, too; then a range stands for Heun's steps.
    """

    def save(self, path):
        """Write all measurements and settings to ``path.npz``, and a summary to ``path.json``.

        Parameters
        ----------
        path : path
            With or without ending, in a folder that exists. Each file is replaced whole, so that a
            kill leaves the old one.
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

    def emergence(self, criterion, initial=None, target="final"):
        """When each mode crosses the mean of its start and its target, and how surely.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}
            Which mean. There is no default, because fitted exponents depend on it.
        initial : array_like, shape (mode,), optional
            Variances at the start. By default those of the first measurement, which should be
            of the untrained model, step 0.
        target : {"final", "data"}
            What the best denoiser generates in the same way (``reachable``), or the variance of
            the data. They differ for variances near the square of the smallest noise level.

        Returns
        -------
        Emergence
            For each mode the time, the measured steps on both sides of it, and what is peculiar.
        """
        kept, start, curve, steps = self._followed(initial)
        end = self.reachable if choice("target", target, TARGETS) == "final" else self.targets
        found = measures.emergence(curve, start, end[kept], steps, criterion, "monotone")
        out = {}
        for name, value in vars(found).items():
            empty = np.nan if value.dtype == float else 0
            out[name] = np.full(kept.shape, empty, value.dtype)
            out[name][kept] = value
        return Emergence(**out)

    def emergence_time(self, criterion, initial=None, target="final"):
        """Step at which each mode first crosses the mean of its start and its target.

        Parameters
        ----------
        criterion, initial, target : str, array_like, str
            As for `emergence`.

        Returns
        -------
        ndarray, shape (mode,)
            Interpolated between two measurements after step 0, monotonously in log variance over
            log step; NaN where there are no such two.

        Warns
        -----
        UserWarning
            If modes have no time, with their number and what would help; cross repeatedly, have
            hardly a way to go, or end far from their target; or if the model mixes modes, so that
            variances from gains are not those of its samples.
        """
        found = self.emergence(criterion, initial, target)
        warn_of_times(self, found)
        return found.time

    def power_law(
        self, criterion, *, direction=None, within=None, initial=None, target="final"
    ):
        """Fit of emergence times on data variances.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}
            As for `emergence`.
        direction : {"rising", "decaying", "both"}, optional
            Modes that start below their target, above it, or all. By default the side on which
            more modes have a time: the two sides follow different laws.
        within : (float, float), optional
            Smallest and largest data variance that count.
        initial, target : array_like, str
            As for `emergence`.

        Returns
        -------
        EmergenceFit
            Give those of several seeds to `specbook.measure.over_seeds` for an error.

        Raises
        ------
        ValueError
            If fewer than three modes of different variance have a time.
        """
        found = self.emergence(criterion, initial, target)
        return emergence_fit.fit(found, self.targets, direction, within, self.steps[-1])

    def _followed(self, initial):
        """Modes with variance in the data; their start; variances and steps after step 0."""
        variance, steps, kept = self.variance, self.steps, self.targets > 0
        start, later = variance[0] if initial is None else array("initial", initial), steps > 0
        if not later.any():
            raise ValueError(
                "nothing has been measured after step 0: emergence needs measurements while the"
                f" model is trained; {self._why_so_few()}"
            )
        if not kept.any():
            raise ValueError("spectrum has no variance along the modes that were measured")
        start = broadcast("initial", start, kept.size, "the measurement")
        return kept, start[kept], variance[later][:, kept], steps[later]

    def _why_so_few(self):
        return f"steps measured: {self.steps.tolist()}"

    def plot(self, ax=None, modes=6, law=None, criterion=None):
        """Draw generated over data variance of some modes.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; by default a new figure.
        modes : int
            How many curves, spread over the modes from large to small variance.
        law : optional
            A law of `specbook.theory` for the same modes, drawn as thin lines beside the curves:
            anything with ``generated_variance(tau, sampling)``, where tau is in units of a step.
        criterion : {"harmonic", "geometric", "arithmetic"}, optional
            Mark where each curve emerges by it, and its threshold up to there.

        Returns
        -------
        matplotlib axes
        """
        return record_plot.plot(self, ax, integer("modes", modes), law, criterion)

    def to_dataframe(self, criterion=None):
        """All variances, or all emergence times, as a table of pandas.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}, optional
            Without it a row for each step and mode, with the variances of the data, of the best
            denoiser (``reachable``) and of the model. With it a row for each mode, with `Emergence`
            and a status: "emerged", "early", "never", "no variance", or "nothing to learn" if it
            starts at its target.

        Returns
        -------
        pandas.DataFrame
            Modes are numbered as in the spectrum, from 0.
        """
        return record_table.dataframe(record_table.columns(self, criterion))

    def to_csv(self, path, criterion=None):
        """Write the table of `to_dataframe` as text, without pandas.

        Parameters
        ----------
        path : path
            In a folder that exists. The file is replaced whole.
        criterion : {"harmonic", "geometric", "arithmetic"}, optional
            As for `to_dataframe`.
        """
        record_table.write_csv(record_table.columns(self, criterion), path)

    def scalars(self, criterion=None, modes=8):
        """The last measurement as numbers for a logger.

        Parameters
        ----------
        criterion : {"harmonic", "geometric", "arithmetic"}, optional
            Also count the modes that have emerged.
        modes : int
            How many modes, spread from large to small variance as in `plot`.

        Returns
        -------
        dict of float
            ``probe/alignment``, the mean over noise levels; ``probe/variance_ratio/mode_0`` and so
            on, generated over data variance; ``probe/modes_emerged_harmonic``.
        """
        return record_scalars.scalars(self, criterion, integer("modes", modes))

    def __repr__(self):
        measured = f"steps {self.steps[0]} to {self.steps[-1]}" if self.found else "nothing yet"
        return (
            f"{type(self).__name__}({self.targets.size} modes, mode={self.mode!r},"
            f" {self.sampling}; measured {len(self.found)} times: {measured})"
        )
