"""Training a denoiser: a generator that hands out the model at chosen steps."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from .._check import array, choice, integer, scalar
from . import checkpoint as files
from .devices import pick_device
from .run_state import Run, Settings

OPTIMISERS, LOSSES, PRECISIONS = ("adam", "sgd"), ("edm", "plain"), ("full", "bf16")


def log_steps(steps, count=40):
    """Steps at about equal ratios: 0, 1, ..., `steps`.

    Parameters
    ----------
    steps : int
        The last step.
    count : int
        How many at most, at least 2; the first ones fall together where they are dense.

    Returns
    -------
    list of int

    Examples
    --------
    >>> log_steps(1000, 5)
    [0, 1, 10, 100, 1000]
    """
    steps, count = integer("steps", steps), integer("count", count, low=2)
    later = np.geomspace(1, steps, count - 1) if count > 2 else [steps]
    return [0, *np.unique(np.round(later).astype(int)).tolist()]


def train(
    denoiser,
    data,
    *,
    steps,
    record=None,
    batch=128,
    lr=1e-3,
    optimiser="adam",
    loss="edm",
    noise=(-1.2, 1.2),
    sigma_data=None,
    ema=None,
    seed=0,
    device="auto",
    dtype=torch.float32,
    precision="full",
    compile=False,
    checkpoint=None,
    every=500,
    resume=True,
    progress=False,
):
    """Train a denoiser on noised data, in place; a generator, so that the caller measures.

    Parameters
    ----------
    denoiser : torch.nn.Module
        ``D(x, sigma)`` with x (N, d) and sigma (N,). It is moved to `device` and `dtype`.
    data : array_like, shape (N, d)
        Clean data.
    steps : int
        Steps of the optimiser.
    record : sequence of int, or int, optional
        Steps at which the model is handed out, increasing, or how many for `log_steps`; by
        default 40.
    batch : int
        Data points in a step, drawn with replacement, each with its own noise level.
    lr : float
        Learning rate.
    optimiser : {"adam", "sgd"}
        Adam with torch's defaults, fused where the device can; or plain descent.
    loss : {"edm", "plain"}
        See `denoising_loss`. Both sum over dimensions, which matters for "sgd".
    noise : tuple of float
        Mean and standard deviation of the logarithm of the noise level. With deviation 0 there
        is one level.
    sigma_data : float, optional
        For EDM's weight; by default the denoiser's own, or 0.5 if it has none.
    ema : float, optional
        Decay of an average of the weights, ``average = ema * average + (1 - ema) * weights``
        after each step, from the initial weights on. It lags by about ``1 / (1 - ema)`` steps.
    seed : int
        For batches, levels and noise; the denoiser brings its own initial weights.
    device : str or torch.device
        "auto" takes CUDA, else MPS, else the CPU.
    dtype : torch.dtype
        Of weights and data: float32 or float64.
    precision : {"full", "bf16"}
        With "bf16" products are computed in bfloat16 (autocast); weights stay in `dtype`.
    compile : bool
        Compile the network for the training step (needs a C++ compiler on the CPU). Models that
        are handed out are not compiled.
    checkpoint : path, optional
        Where to keep the state of the training, so that it can go on after a kill.
    every : int
        Steps between checkpoints; one more stands at the end.
    resume : bool
        Go on from `checkpoint` if it exists. Otherwise start over, and overwrite it.
    progress : bool
        Show a bar.

    Yields
    ------
    step : int
        Steps taken.
    model : torch.nn.Module
        The average if `ema`, otherwise the live denoiser, in eval mode. Both change as training
        goes on: measure at once, or copy.

    Raises
    ------
    ValueError
        If an argument does not fit, or `checkpoint` is broken or belongs to another run; it is
        left as it is.
    FloatingPointError
        If the weights diverge; the last checkpoint is from before.

    Notes
    -----
    Batches, levels and noise are drawn with NumPy, so that a seed means the same on every machine
    and device. A network that draws for itself (dropout) uses torch's own generator, which no
    checkpoint keeps; the networks of this package do not draw.

    A run that was killed and resumed gives the same results bit for bit on the same device. It
    begins with the step of the checkpoint, which is handed out again if it is in `record`. A
    checkpoint is written only after the caller has come back from all earlier steps: what the
    caller has stored before coming back is never lost.

    Run one thread in a process (``OMP_NUM_THREADS=1``) and several processes: small networks
    gain nothing from a second thread.

    Examples
    --------
    >>> from specbook.experiments import Preconditioned, ResidualMLP
    >>> data = np.random.default_rng(0).standard_normal((500, 4))
    >>> denoiser = Preconditioned(ResidualMLP(4, width=16, depth=1))
    >>> for step, model in train(denoiser, data, steps=20, record=[0, 20]):
    ...     print(step, tuple(model(torch.zeros(2, 4), 1.0).shape))
    0 (2, 4)
    20 (2, 4)
    """
    if not isinstance(dtype, torch.dtype) or dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype must be torch.float32 or torch.float64, not {dtype!r}")
    _check_denoiser(denoiser)
    if sigma_data is None:
        sigma_data = getattr(denoiser, "sigma_data", 0.5)
    device = pick_device(device, dtype)
    if torch.is_tensor(data):
        data = data.detach().cpu().double().numpy()
    clean = array("data", data, ndim=2)
    if np.ndim(data) != 2:
        raise ValueError(f"data must have shape (N, d), found {np.shape(data)}")
    settings = Settings(
        batch=integer("batch", batch),
        lr=scalar("lr", lr, above=0),
        optimiser=choice("optimiser", optimiser, OPTIMISERS),
        loss=choice("loss", loss, LOSSES),
        noise=_noise(noise),
        sigma_data=scalar("sigma_data", sigma_data, above=0),
        ema=_decay(ema),
        seed=integer("seed", seed, low=0),
        precision=choice("precision", precision, PRECISIONS),
        dtype=str(dtype),
    )
    if precision == "bf16" and dtype == torch.float64:
        raise ValueError('precision "bf16" rounds float32, not float64: leave one of them out')
    record = _steps_to_record(record, integer("steps", steps))
    x = torch.tensor(clean, dtype=dtype, device=device)
    denoiser.to(device, dtype)
    _check_shape(denoiser.eval(), x[:2])
    run = Run(denoiser, x, settings, compile)
    every = integer("every", every)
    if checkpoint is not None:
        checkpoint = Path(checkpoint)
        if resume and checkpoint.exists():
            run.restore(checkpoint, steps)
    return _train(run, steps, record, checkpoint, every, progress)


def _train(run, steps, record, path, every, progress):
    """The steps of `train`, after its arguments have been checked."""
    from tqdm import tqdm

    record, saved = set(record), run.step
    with tqdm(total=steps, initial=run.step, disable=not progress, unit="step") as bar:
        while True:
            due = path is not None and run.step > saved
            due = due and (run.step == steps or run.step % every == 0)
            if due or run.step in record:
                run.check()
            if due:
                files.write(path, run.state())
                saved = run.step
            if run.step in record:
                yield run.step, run.model.eval()
            if run.step == steps:
                return
            with torch.enable_grad():  # the caller may have switched gradients off
                run.advance()
            bar.update()


def _noise(noise):
    pair = array("noise", noise)
    if pair.shape != (2,) or pair[1] < 0:
        raise ValueError(
            "noise must be the mean of ln(sigma) and its standard deviation, not negative,"
            f" found {noise!r}"
        )
    if abs(pair[0]) > 14 or pair[1] > 10:  # a factor of a million
        raise ValueError(
            f"noise holds levels far from any data: exp({pair[0]:g}) is the middle one"
        )
    return tuple(pair.tolist())


def _decay(ema):
    if ema is None:
        return None
    if not 0 < scalar("ema", ema) < 1:
        raise ValueError(f"ema must lie between 0 and 1, found {ema!r}")
    return float(ema)


def _steps_to_record(record, steps):
    if record is None or np.ndim(record) == 0:
        return log_steps(steps, 40 if record is None else integer("record", record, low=2))
    record = [integer("record", step, low=0) for step in record]
    if not record or sorted(set(record)) != record or record[-1] > steps:
        raise ValueError(f"record must hold increasing numbers of steps, at most steps={steps}")
    return record


def _check_denoiser(denoiser):
    if not isinstance(denoiser, nn.Module):
        raise ValueError(f"denoiser must be a torch.nn.Module, not {type(denoiser).__name__}")
    if not any(p.requires_grad for p in denoiser.parameters()):
        raise ValueError("denoiser has no weights to train")


@torch.no_grad()
def _check_shape(denoiser, x):
    """Raise ``ValueError`` if the denoiser does not map data like `x` to itself."""
    try:
        out = denoiser(x, torch.ones_like(x[:, 0]))
    except (RuntimeError, ValueError) as error:
        says = f"data has shape (N, {x.shape[1]}), but the denoiser says: {error}"
        raise ValueError(says) from error
    if out.shape != x.shape:
        raise ValueError(f"denoiser maps shape {tuple(x.shape)} to {tuple(out.shape)}")
