"""Spectral bias of anybody's model: gains, generated variances and emergence times."""

import numpy as np

from .._check import array, choice, integer, scalar
from ..noise import edm_schedule
from ..sampler import METHODS, check_sigmas, sample
from . import probe_store as store
from .probe_budget import Meter
from .probe_checks import chosen_modes, clean_data, numbers, planned, sound_spectrum
from .probe_points import Caller, Points, alignment
from .probe_readings import Readings

MODES = ("gain", "samples")


class Probe(Readings):
    """Measures what a denoiser has learned along each mode of the data, while it is trained.

    It calls the model ``D(x, sigma)`` with x a torch tensor of shape (N, d) and sigma one of shape
    (), or of shape (N,) as in `train` if the model fails with (). It expects the estimate of the
    clean data, shape (N, d). Models of other kinds go through an adapter:

    ==============================  ================
    A model of                      goes through
    ==============================  ================
    clean data, shaped as images    `from_denoiser`
    noise                           `from_epsilon`
    v                               `from_v`
    velocity (flow matching)        `from_velocity`
    a ``UNet2DModel`` of diffusers  `from_diffusers`
    ==============================  ================

    Parameters
    ----------
    spectrum : Spectrum
        Mean, variances and modes of the data, in the units of the model.
    budget : float or None
        Share of the caller's time between the calls that measuring may take. It decides which
        calls measure. None measures at every call, as a study needs that is killed and resumed
        and has to give the same.
    mode : {"gain", "samples"}
        "gain" finds the gain at each noise level and generates variances by the exact sampler
        product; "samples" also carries fixed latents through the sampler and takes the variances
        of what they become, for about twice to three times the price.
    sigmas : array_like, shape (steps + 1,), optional
        Noise levels of the sampler, decreasing; the last may be 0. By default
        ``edm_schedule(18)``.
    latents : int
        Points at each noise level, at least 2. More than d leave nothing to chance for a linear
        model; if there are d, one is added.
    method : {"heun", "euler"}
        Sampler.
    modes : int or sequence of int, optional
        How many leading modes, or which, counted from 0. By default all of the spectrum.
    seed : int
        Of the latents, the same at all calls.
    data : array_like, shape (N, d), optional
        Clean data to which noise is added, `latents` of them drawn at random. By default Gaussian
        data of the same spectrum.
    record : sequence of int, optional
        All steps at which the probe will be called, as for `train`. With it the budget is
        spread evenly over them and keeps a measurement for the last; if it pays for few of them,
        fewer points are used. Without it the probe measures whenever the time passed pays for it.
    device, dtype : optional
        Of the numbers that the model gets. By default those of its first weight; a model that
        shows none gets float64 on the CPU, and float32 if `device` is MPS.

    Notes
    -----
    The gain is the slope of u.D(x) on u.x over noised data, x = x_0 + sigma z. Its points are
    uncorrelated along the modes, by construction, so that it is exact if D is linear. Variances
    are the sampler's own (`specbook.sampler`) acting on a mode of size sigma_max. For models that
    mix modes, product and samples differ: a mode then gets variance from others.

    The first call measures whatever it costs, to learn the price. The budget counts CPU time of
    this process for models on the CPU, and wall time otherwise.

    Examples
    --------
    A linear denoiser that learns large variances first:

    >>> import torch
    >>> from specbook.spectrum import Spectrum
    >>> lam = torch.tensor([1.0, 0.1, 0.01], dtype=torch.float64)
    >>> probe = Probe(Spectrum(np.zeros(3), lam.numpy(), np.eye(3)), budget=None, latents=8)
    >>> for step in [0, *range(1, 1000, 5)]:
    ...     def denoiser(x, sigma):
    ...         rise = step / 100 * (lam + sigma**2)
    ...         return x * (lam / (lam + sigma**2) * -torch.expm1(-rise) + 0.1 * torch.exp(-rise))
    ...     probe.measure(denoiser, step)
    >>> probe.gain.shape, probe.variance.shape
    ((201, 18, 3), (201, 3))
    >>> probe.emergence("harmonic").round(0)
    array([ 16., 228., nan])
    """

    def __init__(
        self,
        spectrum,
        *,
        budget=0.05,
        mode="gain",
        sigmas=None,
        latents=256,
        method="heun",
        modes=None,
        seed=0,
        data=None,
        record=None,
        device=None,
        dtype=None,
    ):
        if not isinstance(spectrum, store.Outline):
            spectrum = sound_spectrum(spectrum)
        if budget is not None:
            budget = scalar("budget", budget, above=0)
        self.mode = choice("mode", mode, MODES)
        self.method = choice("method", method, tuple(METHODS))
        self.sigmas = np.array(check_sigmas(edm_schedule(18) if sigmas is None else sigmas))
        self.levels = self.sigmas[self.sigmas > 0]
        self.latents, self.seed = integer("latents", latents, low=2), integer("seed", seed, low=0)
        self.chosen = chosen_modes(modes, len(spectrum.variances))
        self._variances = spectrum.variances
        self.targets = spectrum.variances[self.chosen]
        self._spectrum, self._data, self._points = spectrum, clean_data(data, spectrum), None
        self._device, self._dtype = numbers(device, dtype)
        self._meter, self._records, self._made_of = Meter(budget, planned(record)), {}, None

    def measure(self, model, step):
        """Measure a model, if the budget allows it.

        Parameters
        ----------
        model : callable
            ``D(x, sigma)``. A network is put into eval mode meanwhile; one that is hidden in a
            lambda cannot be, so give the network itself. Torch's random numbers are left as found.
        step : int
            Steps that it was trained; a step that was measured before is replaced.

        Raises
        ------
        ValueError
            If the answers have another shape than the question, or contain NaN; no record is
            then added.
        """
        step = integer("step", step, low=0)
        if self._spectrum is None:
            raise ValueError("spectrum is needed to measure further: give it to Probe.load")
        caller = Caller(model, self._device, self._dtype)
        caller.wait()
        self._meter.arrive(step, caller.device)
        done = None
        try:
            most = min((int(r["points"]) for r in self._records.values()), default=self.latents)
            count = self._meter.decide(step, most)
            if count:
                self._records[step] = self._measured(caller, count)
            done = count > 0
        finally:
            self._meter.leave(done)

    def _measured(self, caller, count):
        if self._points is None or count < len(self._points.latents):
            self._points = Points(self._spectrum, self.chosen, count, self.seed, self._data)
        self._meter.begin()
        points, out = self._points, {}
        with caller:
            found = []
            for sigma in self.levels:
                x = points.noised(sigma)
                found.append(points.response(sigma, x, caller(x, sigma)))
            gain, explained, aligned = (np.array(part) for part in zip(*found, strict=True))
            if self.mode == "samples":
                end = sample(caller, self.sigmas[0] * points.latents, self.sigmas, self.method)
                along = end @ points.modes
                out = {"sampled": along.var(axis=0), "sampled_alignment": alignment(along)}
        out |= {"gain": gain, "explained": explained, "alignment": aligned}
        return out | {"product": self._product(gain), "points": len(points.latents)}

    def _product(self, gain):
        at = dict(zip(self.levels.tolist(), gain, strict=True))
        start = np.full(gain.shape[1:], self.sigmas[0])
        return sample(lambda x, s: at[s] * x, start, self.sigmas.tolist(), self.method) ** 2

    def save(self, path):
        """Write all measurements and settings to ``path.npz``, and a summary to ``path.json``.

        Parameters
        ----------
        path : path
            With or without ending. Each file is replaced whole, so that a kill leaves the old one.
            The spectrum is not kept, only its fingerprint and the variances.
        """
        with self._meter.own_time():
            meter, sampled = self._meter, self.mode == "samples"
            settings = {
                "budget": meter.budget, "record": meter.record, "mode": self.mode,
                "method": self.method, "latents": self.latents, "seed": self.seed,
            }
            arrays = {
                "sigmas": self.sigmas, "chosen": self.chosen, "steps": self.steps,
                "variances": self._variances,
            }
            for name in (*store.ALWAYS, *(store.SAMPLED if sampled else ())):
                arrays |= {name: self._column(name)} if self._records else {}
            made_of = self._made_of or (self._spectrum, self._data)
            store.write(path, settings, meter, made_of, arrays)

    @classmethod
    def load(cls, path, spectrum=None, data=None, *, device=None, dtype=None):
        """A probe as it was saved.

        Parameters
        ----------
        path : path
            As given to `save`.
        spectrum, data : optional
            What the probe was made with; needed only to measure further.
        device, dtype : optional
            As for a new probe.

        Returns
        -------
        Probe

        Raises
        ------
        ValueError
            If the file is missing, truncated or no probe's, or `spectrum` or `data` differ.
        """
        device, dtype = numbers(device, dtype)  # the file is not to blame for them
        kept, arrays = store.read(path)
        with store.sound(path):
            settings, meter, made_of = kept["settings"], kept["meter"], kept["made_of"]
            probe = cls(
                store.Outline(arrays.pop("variances")), sigmas=arrays.pop("sigmas"),
                modes=arrays.pop("chosen"), device=device, dtype=dtype, **settings,
            )
            probe._records = store.records(
                arrays, len(probe.levels), len(probe.chosen), probe.mode == "samples"
            )
            probe._meter.restore(meter)
        probe._made_of, probe._spectrum = made_of, None
        if spectrum is not None:
            data = None if data is None else array("data", data, ndim=2)
            store.same(made_of, spectrum, data)
            probe._spectrum, probe._data = sound_spectrum(spectrum), clean_data(data, spectrum)
        return probe
