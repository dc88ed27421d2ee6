"""One training step of a denoiser: what is drawn, the loss, descent, the average."""

import copy
from contextlib import nullcontext

import numpy as np
import torch

from .. import _files
from .._check import choice
from ..noise import edm_scalings
from .denoisers import around
from .settings import LOSSES


def denoising_loss(denoiser, clean, normal, sigma, loss="plain", sigma_data=0.5):
    """Mean loss of a denoiser over a batch.

    Parameters
    ----------
    denoiser : callable
        ``D(x, sigma)``.
    clean, normal : torch.Tensor, shape (batch, d)
        Data, and standard normal noise.
    sigma : torch.Tensor, shape (batch,)
        Noise levels.
    loss : {"plain", "edm"}
        The squared error summed over dimensions; or that times EDM's weight, the inverse of
        ``c_out ** 2``.
    sigma_data : float
        Standard deviation of the data in EDM's weight.

    Returns
    -------
    torch.Tensor, shape ()

    Notes
    -----
    Karras et al., arXiv:2206.00364, equations 2 and 8 and table 1.
    """
    tensors = all(map(torch.is_tensor, (clean, normal, sigma)))
    if not tensors or clean.ndim != 2 or not clean.is_floating_point():
        raise ValueError("clean, normal and sigma must be tensors, clean of shape (batch, d)")
    if normal.shape != clean.shape or sigma.shape != clean.shape[:1]:
        raise ValueError(
            f"normal and sigma must have shapes {tuple(clean.shape)} and {tuple(clean.shape[:1])}"
            f" as clean has, found {tuple(normal.shape)} and {tuple(sigma.shape)}"
        )
    if not callable(denoiser):
        raise ValueError(f"denoiser must be callable, not {type(denoiser).__name__}")
    choice("loss", loss, LOSSES)
    missed = denoiser(torch.addcmul(clean, normal, sigma[:, None]), sigma) - clean
    each = missed.square().sum(dim=1)
    if loss == "edm":
        weight = edm_scalings(sigma.detach().cpu().double().numpy(), sigma_data)[4]
        each = each * torch.from_numpy(weight).to(each.device, each.dtype)
    return each.mean()


class Run:
    """A training on its way.

    Parameters
    ----------
    denoiser : torch.nn.Module
        Trained in place, on the device and in the type of `x`.
    x : torch.Tensor, shape (N, d)
        Clean data.
    settings : Settings
    compile : bool
        Compile the network, or the denoiser if it is not one of our wrappers.

    Attributes
    ----------
    step : int
        Steps taken.
    model : torch.nn.Module
        The averaged denoiser, or the live one.
    start : str
        Hash of the initial weights.
    """

    def __init__(self, denoiser, x, settings, compile):
        self.denoiser, self.x, self.settings, self.step = denoiser, x, settings, 0
        self.rng = np.random.default_rng(settings.rng)
        self.weights = [p for p in denoiser.parameters() if p.requires_grad]
        self.optimiser = _optimiser(settings.optimiser, self.weights, settings.lr)
        self.model, self.call = denoiser, _compiled(denoiser) if compile else denoiser
        if settings.ema is not None:
            self.model = copy.deepcopy(denoiser).requires_grad_(False)
        self.start = _files.digest(*denoiser.state_dict().values())[:16]

    def advance(self):
        """Take one step."""
        how, device = self.settings, self.x.device
        clean, normal, sigma = self._draw()
        if not self.denoiser.training:
            self.denoiser.train()
        self.optimiser.zero_grad(set_to_none=True)
        with _exact(device):
            with torch.autocast(device.type, torch.bfloat16, enabled=how.precision == "bf16"):
                loss = denoising_loss(self.call, clean, normal, sigma, how.loss, how.sigma_data)
            loss.backward()
        self.optimiser.step()
        self.step += 1
        if self.model is not self.denoiser:
            self._average(how.ema)

    def _draw(self):
        """Data points, standard normal noise and noise levels of one step."""
        x, batch, (mean, deviation) = self.x, self.settings.batch, self.settings.log_sigma
        places = self.rng.integers(len(x), size=batch)
        sigma = np.full(batch, np.exp(mean))
        if deviation > 0:
            sigma = np.exp(mean + deviation * self.rng.standard_normal(batch))
        normal = self.rng.standard_normal((batch, x.shape[1]))
        clean = x[torch.from_numpy(places).to(x.device)]
        return clean, *(torch.from_numpy(v).to(x.device, x.dtype) for v in (normal, sigma))

    @torch.no_grad()
    def _average(self, decay):
        # not state_dict, which lists a tensor that two layers share twice
        for average, live in zip(self.model.parameters(), self.denoiser.parameters(), strict=True):
            average.lerp_(live, 1 - decay)
        for average, live in zip(self.model.buffers(), self.denoiser.buffers(), strict=True):
            if average.is_floating_point():
                average.lerp_(live, 1 - decay)
            else:
                average.copy_(live)

    def check(self):
        """Raise ``FloatingPointError`` if the weights are no longer finite."""
        if not all(torch.isfinite(p).all() for p in self.weights):
            raise FloatingPointError(
                f"the weights diverged before step {self.step}: lower lr, or enlarge batch"
            )


def _optimiser(name, weights, lr):
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[name]
    try:
        return kind(weights, lr=lr, fused=True)
    except RuntimeError:  # the device has no fused kernel
        return kind(weights, lr=lr)


def _compiled(denoiser):
    """The denoiser with its network compiled; it shares all weights."""
    if hasattr(denoiser, "net"):
        return around(denoiser, torch.compile(denoiser.net))
    return torch.compile(denoiser)


def _exact(device):
    """Where convolutions give the same bits each time."""
    if device.type != "cuda":
        return nullcontext()
    return torch.backends.cudnn.flags(
        enabled=True,
        benchmark=False,
        deterministic=True,
        allow_tf32=torch.backends.cudnn.allow_tf32,
    )
