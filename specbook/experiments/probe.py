"""Spectral bias of anybody's model: gains, generated variances and emergence times."""

from functools import cached_property

from .._check import choice, integer, scalar
from ..sampler import Sampling
from . import probe_checks as checks
from .budget import Meter
from .caller import Caller
from .points import Points, measure
from .record import Record
from .which_steps import WhichSteps

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
    F behind EDM's preconditioning  `from_edm`
    a model of diffusers            `from_diffusers`
    ==============================  ================

    Parameters
    ----------
    spectrum : Spectrum
        Mean, variances and modes of the data, in the units of the model.
    sampling : Sampling, optional
        How samples are made: by the exact flow over a noise range, or by a sampler's steps; give
        the same to the law that you compare with. By default the range from 0.002 to 80, or the
        part of it that the first measured model knows, if an adapter tells.
    sigmas, method : array_like, str
        Short for ``sampling=Sampling(sigmas=sigmas, method=method)``.
    mode : {"gain", "samples"}
        "gain" finds the gain at each noise level, from which variances follow; "samples" also
        carries fixed latents through the sampler and takes the variances of what they become,
        for about twice to three times the price.
    record : sequence of int, or "all", optional
        Steps to measure at, or all calls. By default 0, 1, 2, ..., at twelve steps a decade. A
        call measures if none has since the last of these steps, so that it may come late.
    budget : float, optional
        Share of the caller's time that measuring may take, such as 0.05. The price of one
        measurement and of a step of training are taken once, after the first steps; then steps are
        left out, evenly, and a warning says which are left. Without it the steps do not depend
        on the machine, and `cost` says what they took.
    steps : int, optional
        Length of the training, for `budget` unless `record` holds the steps.
    latents : int
        Points at each noise level, at least 2. More than d leave nothing to chance for a linear
        model; if there are d, one is added.
    modes : int or sequence of int, optional
        How many leading modes, or which, counted from 0. By default all of the spectrum.
    rng : int
        Seed of the latents, the same at all calls.
    data : array_like, shape (N, d), optional
        Clean data to which noise is added, `latents` of them drawn at random. By default Gaussian
        data of the same spectrum.
    device, dtype : optional
        Of the numbers that the model gets. By default those of its first weight; a model that
        shows none gets float64 on the CPU, and float32 if `device` is MPS.

    Notes
    -----
    The gain is the slope of u.D(x) on u.x over noised data, x = x_0 + sigma z. Its points are
    uncorrelated along the modes, by construction, so that it is exact if D is linear. Over a noise
    range it is measured at three levels for each factor e, and what it differs from the best gain
    is interpolated in ln sigma and integrated: emergence times of linear networks of one and two
    layers, also behind a preconditioner, are then right to a per cent, those of three layers to
    three. Of models that mix modes, variances from gains and those of samples can differ by
    factors of a hundred: `alignment` tells, and mode "samples" helps. Another choice of 256 latents
    moves the times of an MLP by several per cent. One measurement calls the model at 33 levels, or
    53 times in mode "samples", with all latents.

    The clock of `cost` and `budget` is CPU time of this process for models on the CPU, and wall
    time otherwise.

    Examples
    --------
    A linear denoiser that learns large variances first:

    >>> import numpy as np, torch
    >>> from specbook.spectrum import Spectrum
    >>> lam = torch.tensor([1.0, 0.1, 0.01], dtype=torch.float64)
    >>> probe = Probe(Spectrum(np.zeros(3), lam.numpy(), np.eye(3)), latents=8)
    >>> for step in range(10_001):
    ...     def denoiser(x, sigma):
    ...         rise = step / 100 * (lam + sigma**2)
    ...         return x * (lam / (lam + sigma**2) * -torch.expm1(-rise) + 0.1 * torch.exp(-rise))
    ...     probe.measure(denoiser, step)
    >>> len(probe.steps)
    46
    >>> probe.emergence_time("harmonic").round(0)
    array([  11.,  161., 2486.])
    """

    def __init__(
        self,
        spectrum,
        *,
        sampling=None,
        sigmas=None,
        method="heun",
        mode="gain",
        record=None,
        budget=None,
        steps=None,
        latents=256,
        modes=None,
        rng=0,
        data=None,
        device=None,
        dtype=None,
    ):
        spectrum = checks.sound_spectrum(spectrum)
        chosen = checks.chosen_modes(modes, spectrum.variances.size)
        how = Sampling.of(sigmas=sigmas, method=method, sampling=sampling)
        settings = {
            "mode": choice("mode", mode, MODES), "record": checks.planned(record),
            "budget": None if budget is None else scalar("budget", budget, above=0),
            "steps": None if steps is None else integer("steps", steps),
            "latents": integer("latents", latents, low=2),
            "modes": chosen.tolist(),
            "rng": integer("rng", rng, low=0),
        }
        super().__init__(spectrum.variances[chosen], how, mode)
        self._which = WhichSteps(*(settings[name] for name in ("record", "budget", "steps")))
        self._device, self._dtype = checks.numbers(device, dtype)
        self._open = sampling is None and sigmas is None  # the model may say the range
        self._made_of = {"spectrum": spectrum, "data": checks.clean_data(data, spectrum)}
        self._points = Points(spectrum, chosen, latents, rng, self._made_of["data"])
        self._meter, self.about = Meter(), {"settings": settings}

    @property
    def cost(self):
        """What measuring has cost until now: a `ProbeCost`."""
        return self._meter.cost()

    def measure(self, model, step, always=False):
        """Measure a model, if this step is one to measure at.

        Parameters
        ----------
        model : callable
            ``D(x, sigma)``. A network is put into eval mode meanwhile. Torch's random numbers are
            left as found.
        step : int
            Steps that it was trained, 0 for the untrained model; a step that was measured before
            is replaced.
        always : bool
            Measure at this step, whatever `record` and `budget` say.

        Raises
        ------
        ValueError
            If the answers have another shape than the question, or contain NaN, or the model takes
            pictures in another order than the spectrum; no record is then added. An error inside
            the model is raised as it is.

        Warns
        -----
        UserWarning
            If the sampler asks for noise levels that the model does not know, and when a budget
            leaves steps out.
        """
        step, caller = integer("step", step, low=0), Caller(model, self._device, self._dtype)
        caller.wait()
        self._meter.arrive(step, caller.device)
        done = None
        try:
            if due := always or self._which.due(step, sorted(self.found), self._meter):
                if self._open and not self.found:  # the first model may say its noise range
                    self._use(checks.known_part(model))
                checks.fits(model, self._made_of["spectrum"], self.levels, not self.found)
                sigmas = self.sigmas if self.mode == "samples" else None
                found = measure(caller, self._points, self.levels, sigmas, method=self.method)
                self.add(step, found)
            done = due
        finally:
            self._meter.leave(done)

    def _why_so_few(self):
        budget = self.about["settings"]["budget"]
        why = "" if budget is None else f", for budget={budget:g}"
        return f"measured steps: {self.steps.tolist()}; calls passed over: {self.cost.skipped}{why}"

    def save(self, path):
        """Write all measurements and settings to ``path.npz``, and a summary to ``path.json``.

        Parameters
        ----------
        path : path
            With or without ending, in a folder that exists. Each file is replaced whole, so that a
            kill leaves the old one. The spectrum is not kept, only its fingerprint.
        """
        with self._meter.own_time():
            state = {"meter": self._meter.state(), "plan": self._which.state()}
            self.about |= {"made_of": self._fingerprints} | state
            super().save(path)

    @cached_property
    def _fingerprints(self):
        return checks.fingerprints(**self._made_of)

    @classmethod
    def load(cls, path, spectrum, data=None, *, device=None, dtype=None):
        """A probe as it was saved, to measure further; `Record.load` only reads.

        Parameters
        ----------
        path : path
            As given to `save`.
        spectrum, data : Spectrum, array_like
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
        if record.about.keys() < {"settings", "made_of", "meter", "plan"}:
            raise ValueError(f"path: {path} holds a record, not a probe")
        settings = record.about["settings"]
        probe = cls(spectrum, data=data, device=device, dtype=dtype, **settings)
        probe._use(record.sampling)
        for name, now in probe._fingerprints.items():
            if now != record.about["made_of"][name]:
                raise ValueError(f"{name} is not what the stored probe was made with")
        probe.found, probe.about = record.found, record.about
        probe._open = not record.found and probe._open
        probe._which.restore(record.about["plan"])
        probe._meter.restore(record.about["meter"])
        return probe
