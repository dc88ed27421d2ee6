"""Training a denoiser: a generator that hands out the model at chosen steps."""

from pathlib import Path

import torch

from .._check import integer
from . import checkpoint as files
from . import settings as given
from .devices import pick_device
from .step import Run


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
    log_sigma=(-1.2, 1.2),
    sigma_data=None,
    ema=None,
    rng=0,
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
    log_sigma : tuple of float
        Mean and standard deviation of the logarithm of the noise level. With deviation 0 there
        is one level.
    sigma_data : float, optional
        For EDM's weight; by default the denoiser's own, or 0.5 if it has none.
    ema : float, optional
        Decay of an average of the weights, ``average = ema * average + (1 - ema) * weights``
        after each step, from the initial weights on. It lags by about ``1 / (1 - ema)`` steps.
    rng : int
        Seed for batches, levels and noise; the denoiser brings its own initial weights.
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
    >>> import numpy as np
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
    given.check_denoiser(denoiser)
    if sigma_data is None:
        sigma_data = getattr(denoiser, "sigma_data", 0.5)
    device, clean = pick_device(device, dtype), given.flat_data(data)
    settings = given.settled(
        batch=batch, lr=lr, optimiser=optimiser, loss=loss, log_sigma=log_sigma,
        sigma_data=sigma_data, ema=ema, rng=rng, dtype=dtype, precision=precision,
    )
    record = given.steps_to_record(record, integer("steps", steps))
    every = integer("every", every)
    x = torch.tensor(clean, dtype=dtype, device=device)
    denoiser.to(device, dtype)
    given.check_shape(denoiser.eval(), x[:2])
    run, path = Run(denoiser, x, settings, compile), checkpoint and Path(checkpoint)
    if path and resume and path.exists():
        files.restore(run, path, steps)
    return _train(run, steps, set(record), path, every, progress)


def _train(run, steps, record, path, every, progress):
    """The steps of `train`, after its arguments have been checked."""
    from tqdm import tqdm

    saved = run.step
    with tqdm(total=steps, initial=run.step, disable=not progress, unit="step") as bar:
        while True:
            due = path is not None and run.step > saved
            due = due and (run.step == steps or run.step % every == 0)
            if due or run.step in record:
                run.check()
            if due:
                files.save(run, path)
                saved = run.step
            if run.step in record:
                yield run.step, run.model.eval()
            if run.step == steps:
                return
            with torch.enable_grad():  # the caller may have switched gradients off
                run.advance()
            bar.update()
