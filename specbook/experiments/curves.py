"""What a probe has measured, by its steps, and the variances that follow from the gains."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from .._check import choice, integer
from ..noise import edm_schedule
from ..sampler import Sampling, sample

SPACING = 1 / 3  # of levels in ln sigma, if nothing but the noise range is given
STEPS = 18  # levels of the sampler for samples
# measurements of one step by their names, and the axis along which steps are put together
ALWAYS = {"gain": 1, "explained": 1, "alignment": 1}
SAMPLED = {"sampled": 0, "sampled_alignment": 0}


class Curves:
    """Measurements by their steps.

    Parameters
    ----------
    targets : array_like, shape (mode,)
        Variances of the data along the modes that are measured.
    sampling : Sampling
        How samples are made: by the exact flow over a noise range, or by a sampler's steps.
    mode : {"gain", "samples"}
        Whether samples are measured, too; then a range stands for Heun's steps on `sigmas`.

    Attributes
    ----------
    sigmas : ndarray, shape (steps + 1,)
        Noise levels of the sampler, decreasing: those of `sampling`. Of a noise range, levels at
        equal ratios for gains, three for each factor e, and ``edm_schedule(18)`` for samples.
    levels : ndarray, shape (sigma,)
        Noise levels of the gains: `sigmas` without a last 0.
    found : dict
        For each step its measurements by their names.
    names : dict
        What is measured, and the axis along which the steps are put together.
    about : dict
        Plain values that are stored with the measurements.
    """

    def __init__(self, targets, sampling=None, mode="gain"):
        self.targets, self.mode = np.asarray(targets), mode
        self.names = ALWAYS | SAMPLED if mode == "samples" else ALWAYS
        self.found, self.about = {}, {}
        self._use(Sampling() if sampling is None else sampling)

    def _use(self, sampling):
        """Make samples in this way; only before anything is measured."""
        self.sampling, self.method = sampling, sampling.method
        low, high, sigmas = sampling.sigma_min, sampling.sigma_max, sampling.sigmas
        if sigmas is None and self.mode == "samples":
            sigmas = edm_schedule(STEPS, low, high)
        elif sigmas is None:
            sigmas = np.geomspace(high, low, int(np.ceil(np.log(high / low) / SPACING)) + 1)
        self.sigmas = np.asarray(sigmas)
        self.levels = self.sigmas[self.sigmas > 0]

    def add(self, step, found):
        """Keep what `measure` has found at a step, in place of what was there.

        Parameters
        ----------
        step : int
            Steps of training.
        found : dict of ndarray
            By name; what the record has no use for is left out.
        """
        step = integer("step", step, low=0)
        lacking = sorted(self.names.keys() - found.keys()) if isinstance(found, dict) else "all"
        if lacking:
            raise ValueError(f"found must be what `measure` gives; it lacks {lacking}")
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
        choice("name", name, tuple(self.names))
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
        """Variance by the sampler's own steps with the gains, shape (time, mode)."""
        return self._by_steps(self.gain)

    @property
    def integrated(self):
        """Variance by the exact flow with the gains, shape (time, mode).

        What a gain differs from the best one is interpolated in ln sigma, monotonously, and
        integrated over the noise range; no further call of the model.
        """
        order = np.argsort(self.levels)
        logs, lam = np.log(self.levels[order]), self.targets
        best = lam / (lam + self.levels[order, None, None] ** 2)
        rest = PchipInterpolator(logs, self.gain[order] - best, axis=0).antiderivative()
        with np.errstate(over="ignore"):  # a model that blows up
            return self._best_of_range() * np.exp(2 * (rest(logs[-1]) - rest(logs[0])))

    @property
    def variance(self):
        """Generated variance, shape (time, mode).

        Of the samples in that mode; otherwise by the sampler's own steps if the probe was given
        its noise levels, and by the exact flow over the noise range if not.
        """
        if self.mode == "samples":
            return self.column("sampled")
        return self.integrated if self.sampling.sigmas is None else self.product

    @property
    def reachable(self):
        """Variance that the best denoiser generates in the same way, shape (mode,).

        By the exact flow that is ``targets + sigma_min**2``, which the noise range leaves, times
        ``sigma_max**2 / (targets + sigma_max**2)``.
        """
        if self.mode == "gain" and self.sampling.sigmas is None:
            return self._best_of_range()
        return self._by_steps(self.targets / (self.targets + self.levels[:, None] ** 2))

    def _by_steps(self, gain):
        at = dict(zip(self.levels.tolist(), gain, strict=True))
        start = np.full(gain.shape[1:], self.sigmas[0])
        return sample(lambda x, s: at[s] * x, start, self.sigmas.tolist(), self.method) ** 2

    def _best_of_range(self):
        low, high = self.levels[-1] ** 2, self.levels[0] ** 2
        return high * (self.targets + low) / (self.targets + high)
