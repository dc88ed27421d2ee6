"""Arguments for the fuzz: sensible ones by the name of the parameter, and hostile ones for any."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch

from specbook import noise, sampler, spectrum, stationary, theory
from specbook.experiments import Probe

LAM = np.array([2.0, 0.3, 0.04])
POWER = np.array([3.0, 0.8, 0.1, 0.1, 0.8])
PATCH = stationary.patch_covariance(POWER, 3)
GRID = np.append(np.geomspace(60, 0.01, 6), 0.0)
SAMPLES = np.random.default_rng(0).standard_normal((12, 3)) * np.sqrt(LAM)
PICTURES = np.random.default_rng(1).standard_normal((4, 5, 6))
SPECTRUM = spectrum.Spectrum(np.zeros(3), LAM, np.eye(3))


def shrink(x, sigma):
    """A denoiser."""
    return x / (1 + sigma**2)


class Odd:
    """An object that is nothing in particular."""


#: What any parameter may get; each is made anew, since a function might change it.
HOSTILE = (
    lambda: np.nan, lambda: np.inf, lambda: -np.inf, lambda: -1, lambda: -0.5, lambda: 0,
    lambda: -0.0, lambda: 1e300, lambda: 1e160, lambda: -1e300, lambda: 1e-300, lambda: 5e-324,
    lambda: 1e20, lambda: 1e-20, lambda: 1.5, lambda: 3, lambda: 10**18, lambda: 2**70,
    lambda: -(2**70), lambda: 10**400, lambda: True, lambda: False, lambda: None,
    lambda: "", lambda: "no", lambda: "0.5", lambda: "heun", lambda: b"1", lambda: 1j,
    lambda: [], lambda: [[]], lambda: (), lambda: {}, lambda: {1.0}, lambda: ["a", "b"],
    lambda: [1.0, None], lambda: [1.0, "a"], lambda: [[1.0], [1.0, 2.0]], lambda: [1.0, np.nan],
    lambda: [np.inf, 1.0], lambda: [1e300, 1e-300], lambda: [1e300] * 3, lambda: [1e-300] * 3,
    lambda: [0.0] * 3, lambda: [-1.0, 1.0, 2.0], lambda: [1.0, 2.0], lambda: [3.0, 2.0, 1.0, 0.5],
    lambda: np.ones((2, 2)), lambda: np.ones((3, 2)), lambda: np.zeros((3, 3)),
    lambda: np.ones((2, 3, 4)), lambda: np.ones((2, 3, 4, 3)), lambda: np.zeros((0, 3)),
    lambda: np.full((3, 3), np.nan), lambda: 1e200 * np.eye(3), lambda: 1e-200 * np.eye(3),
    lambda: -np.eye(3), lambda: np.matrix([[1.0, 0.5], [0.5, 1.0]]), lambda: np.matrix([1.0, 2.0]),
    lambda: np.ma.masked_array([1.0, 2.0, 3.0], [0, 1, 0]), lambda: np.ma.masked,
    lambda: np.array([1j, 2.0]), lambda: np.array(["x", "y"]), lambda: np.array([1, 2], object),
    lambda: np.array(["2020-01-01", "2021-01-01"], "datetime64[D]"), lambda: np.timedelta64(3, "s"),
    lambda: np.array([True, False, True]), lambda: np.float16(0.5), lambda: np.int8(-3),
    lambda: np.uint8(200), lambda: np.array(0.5), lambda: np.longdouble(0.5),
    lambda: np.zeros(3, [("a", float)]), lambda: datetime.date(2020, 1, 1),
    lambda: Decimal("0.5"), lambda: Fraction(1, 3), lambda: [Fraction(1, 3), Decimal("2")],
    lambda: torch.tensor(0.5), lambda: torch.ones(3), lambda: torch.ones(3, requires_grad=True),
    lambda: torch.tensor([1j]), lambda: Odd(), lambda: iter([1.0, 2.0]),
    lambda: range(3), lambda: slice(2), lambda: Ellipsis,
)
#: More of them, but not for parameters that are functions: their errors are the caller's own.
CALLABLE = (lambda: shrink, lambda: len, lambda: Odd)
FUNCTIONS = {"denoise", "denoiser", "statistic", "net", "unet", "model", "make", "time", "label"}

_LEVEL = (0.5, [0.1, 1.0], 80.0)
_SAMPLING = (theory.Sampling(), theory.Sampling(0.01, 10.0), theory.Sampling(sigmas=GRID))
#: Sensible values of a parameter, by its name; `PARTICULAR` has those that hold for one function.
SENSIBLE = {
    "variances": (LAM, 0.3, [1.0, 0.0]), "initial": (0.1, LAM / 2), "target": ("data", 0.2, LAM),
    "eta": (1.0, 0.3), "q0": (0.1, 0.5), "start": (0.1, 0.3), "b0": (0.0, 0.1, [0.1, 0.0, 0.2]),
    "mean": (0.0, [0.5, 0.0, -0.2]), "ridge": (0.0, 0.1), "imbalance": (0.0, 0.3),
    "sigma": _LEVEL, "level": _LEVEL, "tau": (1.0, [0.0, 0.1, 2.0], np.inf),
    "power": (POWER, np.ones((3, 3))), "patch_covariance": (PATCH,), "size": (5, (5, 5)),
    "w0": (0.0, 0.1), "depth": (2, 3), "layers": (1, 2, 3), "tied": (True, False),
    "sigma_data": (0.5, 1.0), "cov": (np.diag(LAM), np.eye(3)), "covariance_matrix": (np.eye(5),),
    "sigmas": (GRID, noise.edm_schedule(4), None), "levels": (np.array([1.0, 0.2]),),
    "sampling": (None, *_SAMPLING), "sigma_min": (0.002, 0.01), "sigma_max": (80.0, 10.0),
    "method": ("heun", "euler"), "aim": ("worst",), "n": (3, 6, 20), "rho": (7.0,),
    "criterion": ("harmonic", "geometric", "arithmetic"), "direction": ("generated||data",),
    "end_at_zero": (True, False), "denoise": (shrink,), "denoiser": (shrink,), "x": (LAM,),
    "gain": (np.array([[0.1, 0.2, 0.1]] * 6),), "times": (np.linspace(0, 1, 5), None),
    "steps": (5, 20, [0, 1, 10]), "rates": (0.1, 0.01), "weights": ([0.5, 0.5],),
    "means": ([[0.0, 1.0], [1.0, 0.0]],), "images": (PICTURES,), "pictures": (PICTURES,),
    "window": (True, False), "height": (4, 5), "width": (4, None), "side": (2, 3),
    "samples": (SAMPLES,), "modes": (np.eye(3), 2), "unit": ("pixel", "mean mode"),
    "deviation": (1.0, 0.5), "remove_mean": (True, False), "rng": (0, 7),
    "log_ratio": (0.3, [-1.0, 0.0, 2.0]), "shift": (0.0, 0.1), "y": (LAM,), "within": (None,),
    "fits": ([1.0, 2.0, 4.0],), "items": ([1.0, 2.0, 4.0],), "statistic": (np.mean,),
    "edges": ([0.0, 1.0, 3.0],), "order": (3, 10), "split": ("all", "train", "chelsea"),
    "colour": (True, False), "per_photograph": (5,), "normalise_contrast": (False, True),
    "name": ("camera", "chelsea"), "label": ("ex-untrained",), "answer": (0.16, 0.5),
    "net": (shrink, torch.nn.Linear(3, 3)), "shape": (None, (1, 1, 3)), "scale": ("preserving",),
    "layout": ("channels_last", "channels_first"), "time": (None,), "device": ("cpu",),
    "dtype": (torch.float32, torch.float64), "data": (SAMPLES,), "spectrum": (SPECTRUM,),
    "rank": (None, 2), "count": (2, 5), "record": (None, [0, 5]), "lost": ([[0.5]],),
    "push": ([[1.0]],), "cap": (0.1,), "converged": (1e-4,), "chosen": ([0, 1],),
    "targets": (LAM,), "mode": ("gain", "samples"), "latents": (4, 8), "budget": (None, 0.05),
    "normal": (torch.zeros(4, 3),), "clean": (torch.ones(4, 3),), "loss": ("plain", "edm"),
    "batch": (4,), "lr": (1e-3,), "optimiser": ("adam", "sgd"), "ema": (None, 0.9),
    "log_sigma": ((-1.2, 1.2),), "precision": ("full",), "model": (torch.nn.Linear(3, 3),),
    "dim": (3,), "channels": (1, 3), "kernel": (3,), "jobs": (1, None), "preset": ("quick",),
    "path": ("nothing.png",), "range": ((0.0, 1.0), (-1, 1)), "ground": (1.0,), "grey": (True,),
    "errors": ("warn", "raise"), "measure": ("parameters",), "largest": (64,), "parts": (1,),
}
PARTICULAR = {
    "measure.emergence_time": {
        "variance": (np.exp(np.linspace(-3, 0.5, 6))[:, None] * LAM,), "initial": (0.01, LAM / 20),
        "target": (LAM,), "tau": (np.geomspace(0.1, 10, 6),),
    },
    "measure.threshold": {"target": (LAM,)},
    "measure.log_threshold": {"initial": (-1.0, np.log(LAM)), "target": (0.5, np.log(LAM))},
    "stationary.ring": {"name": ("size",)},
    "theory.circulant_channels": {"power": (np.broadcast_to(np.eye(2), (5, 2, 2)),)},
    "theory.mixture": {"variances": ([[1.0, 0.5], [0.5, 1.0]],)},
    "theory.sampled_variance": {"sigmas": (GRID,)},
    "theory.descent_gain": {"sigma": (0.5, [0.1, 1.0]), "steps": (10, [1, 5]), "rates": (0.1,)},
    "stationary.channel_power": {"images": (np.random.default_rng(2).random((3, 4, 4, 2)),)},
    "stationary.patch_covariance": {"power": (POWER,)},
    "data.random_field": {"power": (np.ones((3, 4)),)},
    "experiments.generated_variance": {
        "weights": (np.zeros((6, 9)),), "sigmas": (GRID,), "modes": (np.eye(3),),
    },
    "experiments.plan": {"sigmas": ([0.1, 1.0],), "tau": ([0.1, 1.0],), "variances": (LAM,)},
    "experiments.denoising_loss": {
        "denoiser": (shrink,), "sigma": (torch.ones(4, 1),),
    },
    "reading.settings": {},
}
#: Something that has the methods of a class, by the name of the class.
OBJECTS = {
    "LinearLaw": lambda: theory.linear(LAM, 0.7, 0.1, b0=[0.0, 0.1, 0.0]),
    "CoupledLaw": lambda: theory.linear(LAM, 0.7, 0.1, mean=[0.5, 0.0, -0.2]),
    "CirculantLaw": lambda: theory.circulant(POWER, 0.3, 0.1),
    "LocalConvolutionLaw": lambda: theory.local_convolution(PATCH, 5, 0.3, 0.1, power=POWER),
    "PreconditionedLaw": lambda: theory.preconditioned(LAM, 0.7),
    "DeepPreconditionedLaw": lambda: theory.preconditioned(LAM, 0.7, layers=3, start=0.1),
    "LogisticLaw": lambda: theory.two_layer(LAM, 0.7, q0=0.1),
    "RiccatiLaw": lambda: theory.two_layer(LAM, 0.7, q0=0.1, tied=False, imbalance=0.2),
    "DeepLaw": lambda: theory.deep_linear(LAM, 3, 0.7, q0=0.1),
    "FlowMatchingLaw": lambda: theory.flow_matching(LAM, 0.7, 0.2),
    "Mixture": lambda: theory.mixture([0.5, 0.5], [[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.5]] * 2),
    "Sampling": lambda: sampler.Sampling(sigmas=GRID),
    "Spectrum": lambda: SPECTRUM,
}


def probed():
    """A probe that has seen a model come near its data."""
    lam, along = torch.from_numpy(SPECTRUM.variances), torch.from_numpy(SPECTRUM.modes)

    def shown(share):
        return lambda x, s: (x @ along) * (share * lam / (lam + s**2)) @ along.T

    how = {"mode": "samples", "record": "all", "sigmas": [20.0, 3.0, 0.5, 0.1]}
    probe = Probe(SPECTRUM, latents=8, **how)
    for step, share in enumerate((0.0, 0.3, 0.6, 0.8, 0.95)):
        probe.measure(shown(share), step)
    return probe


OBJECTS["Probe"] = probed
#: Words of the command line: commands, options, answers, labels, and nonsense.
WORDS = (
    "run", "check", "cite", "doctor", "--dry", "--preset", "--device", "--jobs", "--out", "--help",
    "-h", "--version", "--json", "quick", "book", "gpu", "cpu", "auto", "neural_networks",
    "spectrum_routes", "ex-untrained", "eq-gain", "claim-none", "fig-linear-gain", "sec-loss",
    "0.16", "4/25", "1/0", "nan", "inf", "1e400", "-1e-300", "−3", "--", "-", "", " ", "0", "-1",
    str(10**30), "no", "ü", "a" * 300, "../..", "*", "%s", "{}", "\\x00", "#eq-gain", "équation",
)
