"""What decides the course of a training, and which arguments make sense."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .._check import array, choice, integer, scalar

OPTIMISERS, LOSSES, PRECISIONS = ("adam", "sgd"), ("edm", "plain"), ("full", "bf16")


@dataclass(frozen=True)
class Settings:
    """What decides the course of a training, beside data and initial weights."""

    batch: int
    lr: float
    optimiser: str
    loss: str
    log_sigma: tuple
    sigma_data: float
    ema: float | None
    rng: int
    dtype: str
    precision: str


def settled(*, batch, lr, optimiser, loss, log_sigma, sigma_data, ema, rng, dtype, precision):
    """The arguments of `train` as `Settings`, or ``ValueError``."""
    if precision == "bf16" and dtype == torch.float64:
        raise ValueError('precision "bf16" rounds float32, not float64: leave one of them out')
    return Settings(
        batch=integer("batch", batch),
        lr=scalar("lr", lr, above=0),
        optimiser=choice("optimiser", optimiser, OPTIMISERS),
        loss=choice("loss", loss, LOSSES),
        log_sigma=_log_sigma(log_sigma),
        sigma_data=scalar("sigma_data", sigma_data, above=0),
        ema=_decay(ema),
        rng=integer("rng", rng, low=0),
        dtype=str(dtype),
        precision=choice("precision", precision, PRECISIONS),
    )


def _log_sigma(log_sigma):
    pair = array("log_sigma", log_sigma)
    if pair.shape != (2,) or pair[1] < 0:
        raise ValueError(
            "log_sigma must be the mean of ln(sigma) and its standard deviation, not negative,"
            f" found {log_sigma!r}"
        )
    if abs(pair[0]) > 14 or pair[1] > 10:  # a factor of a million
        raise ValueError(
            f"log_sigma holds levels far from any data: exp({pair[0]:g}) is the middle one"
        )
    return tuple(pair.tolist())


def _decay(ema):
    if ema is None:
        return None
    if not 0 < scalar("ema", ema) < 1:
        raise ValueError(f"ema must lie between 0 and 1, found {ema!r}")
    return float(ema)


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


def increasing(name, steps):
    """Numbers of steps as a list, or ``ValueError`` if they do not increase."""
    if np.ndim(steps) != 1:
        raise ValueError(f"{name} must hold increasing numbers of steps, found {steps!r}")
    steps = [integer(name, step, low=0) for step in steps]
    if not steps or sorted(set(steps)) != steps:
        raise ValueError(f"{name} must hold increasing numbers of steps, at least one")
    return steps


def steps_to_record(record, steps):
    """`record` of `train` as a list of steps, or ``ValueError``."""
    if record is None or np.ndim(record) == 0:
        return log_steps(steps, 40 if record is None else integer("record", record, low=2))
    record = increasing("record", record)
    if record[-1] > steps:
        raise ValueError(f"record must end at steps={steps} or before, found {record[-1]}")
    return record


def flat_data(data):
    """Data as an array of shape (N, d), or ``ValueError``."""
    if torch.is_tensor(data):
        data = data.detach().cpu().double().numpy()
    clean = array("data", data, ndim=2)
    if np.ndim(data) != 2:
        raise ValueError(f"data must have shape (N, d), found {np.shape(data)}")
    return clean


def check_denoiser(denoiser):
    """Raise ``ValueError`` if there is nothing to train."""
    if not isinstance(denoiser, nn.Module):
        raise ValueError(f"denoiser must be a torch.nn.Module, not {type(denoiser).__name__}")
    if not any(p.requires_grad for p in denoiser.parameters()):
        raise ValueError("denoiser has no weights to train")


@torch.no_grad()
def check_shape(denoiser, x):
    """Raise ``ValueError`` if the denoiser does not map data like `x` to itself."""
    try:
        out = denoiser(x, torch.ones_like(x[:, 0]))
    except (RuntimeError, ValueError) as error:
        says = f"data has shape (N, {x.shape[1]}), but the denoiser says: {error}"
        raise ValueError(says) from error
    if out.shape != x.shape:
        raise ValueError(f"denoiser maps shape {tuple(x.shape)} to {tuple(out.shape)}")
