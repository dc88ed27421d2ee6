"""When networks learn the modes of their data: MLP and U-Net, one factor changed at a time.

    specbook run neural_networks --preset book --dry     what it costs
    specbook run neural_networks --preset book           (about forty minutes of one core)

The chapter on neural networks loads the result, and does a small part again.
"""

from dataclasses import dataclass, replace

import numpy as np

from .. import _files, data, experiments, noise
from ..spectrum import Spectrum
from ._experiment import Experiment

SIGMA_DATA = 0.5
PICTURES = 6
GAIN_LEVELS = (0.02, 0.1, 0.5, 2.0)


@dataclass(frozen=True)
class Setup:
    """One training run.

    Attributes
    ----------
    label : str
        Configuration; runs that differ by `rng` alone share it.
    net : {"mlp", "unet"}
    data : {"gaussian", "patches"}
    side : int
        Data have side**2 dimensions.
    width, depth, kernel, shared
        Of the network; the last two for "unet" only.
    optimiser, lr, batch, steps
        As for `experiments.train`.
    first : int
        First step after 0 that is measured.
    records : int
        Steps that are measured, at about equal ratios from `first` on.
    latents : int
        Fixed whitened latents that are sampled.
    levels : int
        Noise levels of the Heun sampler.
    rng : int
        Seed of initial weights, batches and latents.
    """

    label: str
    net: str
    data: str = "patches"
    side: int = 8
    width: int = 16
    depth: int = 2
    kernel: int = 3
    shared: bool = True
    optimiser: str = "adam"
    lr: float = 1e-3
    batch: int = 128
    steps: int = 1000
    first: int = 5
    records: int = 18
    latents: int = 160
    levels: int = 18
    rng: int = 0


def clean_data(kind, side, n=21_000):
    """Data of mean 0 whose variance is SIGMA_DATA**2 on average over dimensions.

    Parameters
    ----------
    kind : {"gaussian", "patches"}
        Gaussian data have variances at equal ratios, over four powers of ten, and random modes;
        patches are natural, with their brightness.
    side : int
    n : int
        Number of data points.

    Returns
    -------
    ndarray, shape (n, side * side)
    """
    if kind == "gaussian":
        rng, d = np.random.default_rng(17), side**2
        turned = np.linalg.qr(rng.standard_normal((d, d)))[0]
        # as many modes above SIGMA_DATA**2 as below
        variances = SIGMA_DATA**2 * np.geomspace(100, 0.01, d)
        return data.gaussian(variances, n, rng=rng) @ turned.T
    x = data.natural_patches(side, per_photograph=n // 7, remove_mean=False)
    x = x - x.mean(axis=0)
    return x * (SIGMA_DATA / x.std())


def network(run):
    """The untrained denoiser of a run."""
    if run.net == "mlp":
        net = experiments.ResidualMLP(run.side**2, run.width, run.depth, rng=run.rng)
    else:
        net = experiments.UNet(
            run.side, 1, run.width, run.depth, run.kernel, shared=run.shared, rng=run.rng
        )
    return experiments.Preconditioned(net, SIGMA_DATA)


def steps_of(run):
    """Steps that are measured: 0, `first`, ..., `steps`."""
    later = np.geomspace(run.first, run.steps, run.records - 1)
    return [0, *np.unique(np.round(later).astype(int)).tolist()]


def points_of(run, x, spectrum):
    """The points that a run is measured at."""
    every = np.arange(spectrum.variances.size)
    return experiments.Points(spectrum, every, run.latents, run.rng, x)


def measured(run, model, points):
    """Generated variances, gains and pictures of a model."""
    found = experiments.measure(model, points, GAIN_LEVELS, noise.edm_schedule(run.levels))
    shades = (found["samples"][:PICTURES] / (4 * SIGMA_DATA) + 0.5).clip(0, 1)
    return {
        "variance": found["sampled"].astype(np.float32),
        "gain": found["gain"].astype(np.float32),
        "alignment": np.float32(found["sampled_alignment"]),
        "pictures": np.round(255 * shades).astype(np.uint8),
    }


def work(run, device, checkpoint):
    """Train and measure one run; what is measured is kept beside the checkpoint."""
    x = clean_data(run.data, run.side)
    spectrum = Spectrum.from_samples(x)
    points = points_of(run, x, spectrum)
    kept, found = checkpoint.with_name(checkpoint.name + ".curves.npz"), {}
    if kept.exists():
        for name, value in _files.unpacked(kept).items():
            step, _, name = name.partition("/")
            found.setdefault(int(step), {})[name] = value
    steps = steps_of(run)
    trained = experiments.train(
        network(run), x, steps=run.steps, record=steps, batch=run.batch, lr=run.lr,
        optimiser=run.optimiser, rng=run.rng, device=device, checkpoint=checkpoint,
    )
    for step, model in trained:
        if step not in found:
            found[step] = measured(run, model, points)
            flat = {f"{s}/{name}": v for s, each in found.items() for name, v in each.items()}
            _files.write(kept, _files.packed(flat))
    columns = {name: np.array([found[s][name] for s in steps]) for name in found[0]}
    if run.rng or run.data == "gaussian":
        del columns["pictures"]
    if run.rng:
        del columns["gain"]  # the file should stay small
    return columns | {"steps": np.array(steps), "variances": spectrum.variances}


#: Milliseconds of one core: a step at batch 128, a forward pass of 128.
PRICE = {
    ("mlp", 97): (3.5, 0.6), ("mlp", 128): (4, 0.7), ("mlp", 300): (13, 2), ("mlp", 461): (22, 4),
    ("unet", 4): (12, 4), ("unet", 8): (18, 6), ("unet", 16): (28, 9), ("unet", 32): (62, 20),
}
KERNEL_PRICE = {1: 0.75, 3: 1.0, 5: 1.7}


def cost(run):
    """Estimated seconds on one core."""
    step, forward = PRICE.get((run.net, run.width), (0.06 * run.width + 4, 0.01 * run.width))
    factor = run.batch / 128
    if run.net == "unet":
        factor *= KERNEL_PRICE.get(run.kernel, 2.5) * (1 if run.shared else 4)
        factor *= max(1.0, (run.side / 8) ** 2)
    evaluations = 2 * run.levels - 1 + len(GAIN_LEVELS)
    tracked = run.records * evaluations * run.latents / run.batch
    return factor * (run.steps * step + tracked * forward) / 1000


MLP = Setup("mlp", "mlp", width=97, steps=8000, first=20, records=24)
UNET = Setup("unet", "unet")
CONFIGURATIONS = (
    UNET,
    MLP,
    replace(MLP, label="mlp, gaussian", data="gaussian", width=128, first=1, records=30),
    replace(MLP, label="mlp, same compute", width=461, steps=1500, first=8, records=20),
    replace(UNET, label="unet, width 4", width=4, steps=2000, first=8),
    replace(UNET, label="unet, kernel 1", kernel=1, steps=1500, first=8),
    replace(MLP, label="mlp, sgd", optimiser="sgd", lr=3e-2),
    replace(MLP, label="mlp, sgd, slower", optimiser="sgd", lr=3e-3),
    replace(UNET, label="unet, sgd", optimiser="sgd", lr=1e-3, steps=1500, first=8),
    replace(UNET, label="unet, kernel 5", kernel=5, steps=800),
    replace(UNET, label="unet, not shared", shared=False, steps=400, records=14, latents=96),
    replace(UNET, label="unet, not shared, sgd", shared=False, steps=400, records=14, latents=96,
            optimiser="sgd"),
    replace(UNET, label="unet, not shared, sgd, faster", shared=False, steps=600, records=16,
            latents=96, optimiser="sgd", lr=3e-2),
)
LARGE = (
    replace(MLP, label="mlp, 16x16", side=16, width=300, steps=3000, latents=320),
    replace(UNET, label="unet, 16x16", side=16, steps=600, latents=320, records=14),
)
PRESETS = {
    "quick": tuple(
        replace(setup, steps=steps, first=5, records=8, latents=96)
        for setup, steps in ((MLP, 1500), (UNET, 250))
    ),
    "book": tuple(
        replace(setup, rng=rng) for setup in CONFIGURATIONS for rng in range(3)
    ) + LARGE,
    "gpu": tuple(
        replace(setup, side=side, width=width, lr=1e-4, batch=256, steps=steps, first=10,
                records=60, latents=2048, levels=40, rng=rng)
        for side in (16, 32)
        for setup, width, steps in ((MLP, 1024, 100_000), (UNET, 64, 50_000))
        for rng in range(3)
    ),
}
EXPERIMENT = Experiment("neural_networks", PRESETS, work, cost)
