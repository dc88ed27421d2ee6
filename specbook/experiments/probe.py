"""Spectral bias of anybody's model: gains, generated variances and emergence times."""

from functools import cached_property

from .. import _files
from .._check import choice, integer, scalar
from ..noise import edm_schedule
from ..sampler import METHODS, check_sigmas
from .budget import Meter
from .caller import Caller
from .points import Points, measure
from .probe_checks import chosen_modes, clean_data, numbers, sound_spectrum
from .record import Record
from .settings import increasing

MODES = ("gain", "samples")


class Probe(Record):
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
    rng : int
        Seed of the latents, the same at all calls.
    data : array_like, shape (N, d), optional
        Clean data to which noise is added, `latents` of them drawn at random. By default Gaussian
        data of the same spectrum.
    record : sequence of int, optional
        All steps at which the probe will be called, as for `train`. With it the budget is
        spread evenly over them and keeps a measurement for the last. Without it the probe measures
        whenever the time passed pays for it.
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

    >>> import numpy as np, torch
    >>> from specbook.spectrum import Spectrum
    >>> lam = torch.tensor([1.0, 0.1, 0.01], dtype=torch.float64)
    >>> probe = Probe(Spectrum(np.zeros(3), lam.numpy(), np.eye(3)), budget=None, latents=8)
    >>> for step in [0, *range(1, 1000, 5)]:
    ...     def denoiser(x, sigma):
    ...         rise = step / 100 * (lam + sigma**2)
    ...         return x * (lam / (lam + sigma**2) * -torch.expm1(-rise) + 0.1 * torch.exp(-rise))
    ...     probe.measure(denoiser, step)
    >>> probe.gain.shape, probe.variance.shape
    ((18, 201, 3), (201, 3))
    >>> probe.emergence_time("harmonic").round(0)
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
        rng=0,
        data=None,
        record=None,
        device=None,
        dtype=None,
    ):
        spectrum = sound_spectrum(spectrum)
        chosen = chosen_modes(modes, spectrum.variances.size)
        settings = {
            "budget": None if budget is None else scalar("budget", budget, above=0),
            "mode": choice("mode", mode, MODES),
            "sigmas": list(check_sigmas(edm_schedule(18) if sigmas is None else sigmas)),
            "latents": integer("latents", latents, low=2),
            "method": choice("method", method, tuple(METHODS)),
            "modes": chosen.tolist(),
            "rng": integer("rng", rng, low=0),
            "record": None if record is None else increasing("record", record),
        }
        super().__init__(spectrum.variances[chosen], settings["sigmas"], method, mode)
        self._device, self._dtype = numbers(device, dtype)
        self._made_of = {"spectrum": spectrum, "data": clean_data(data, spectrum)}
        self._points = Points(spectrum, chosen, latents, rng, self._made_of["data"])
        self._meter = Meter(settings["budget"], settings["record"])
        self.about = {"settings": settings}

    @property
    def cost(self):
        """What measuring has cost until now: a `ProbeCost`."""
        return self._meter.cost()

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
        step, caller = integer("step", step, low=0), Caller(model, self._device, self._dtype)
        caller.wait()
        self._meter.arrive(step, caller.device)
        done = None
        try:
            if due := self._meter.due(step):
                sigmas = self.sigmas if self.mode == "samples" else None
                found = measure(caller, self._points, self.levels, sigmas, method=self.method)
                self.add(step, found)
            done = due
        finally:
            self._meter.leave(done)

    def save(self, path):
        """Write all measurements and settings to ``path.npz``, and a summary to ``path.json``.

        Parameters
        ----------
        path : path
            With or without ending. Each file is replaced whole, so that a kill leaves the old one.
            The spectrum is not kept, only its fingerprint.
        """
        with self._meter.own_time():
            self.about |= {"made_of": self._fingerprints, "meter": self._meter.state()}
            super().save(path)

    @cached_property
    def _fingerprints(self):
        spectrum, data = self._made_of["spectrum"], self._made_of["data"]
        return {
            "spectrum": _files.digest(spectrum.mean, spectrum.variances, spectrum.modes),
            "data": None if data is None else _files.digest(data),
        }

    @classmethod
    def load(cls, path, spectrum, data=None, *, device=None, dtype=None):
        """A probe as it was saved, to measure further; `Record.load` only reads.

        Parameters
        ----------
        path : path
            As given to `save`.
        spectrum, data : optional
            What the probe was made with.
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
        record = Record.load(path)
        if record.about.keys() < {"settings", "made_of", "meter"}:
            raise ValueError(f"path: {path} holds a record, not a probe")
        settings = record.about["settings"]
        probe = cls(spectrum, data=data, device=device, dtype=dtype, **settings)
        for name, now in probe._fingerprints.items():
            if now != record.about["made_of"][name]:
                raise ValueError(f"{name} is not what the stored probe was made with")
        probe.found = record.found
        probe._meter.restore(record.about["meter"])
        return probe
