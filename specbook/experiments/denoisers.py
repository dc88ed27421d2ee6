"""Networks as denoisers D(x, sigma), and what they cost."""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from .._check import choice, integer, scalar
from ..noise import edm_scalings


class Denoiser(nn.Module):
    """Base of the wrappers."""

    def __init_subclass__(cls):
        cls.forward.__doc__ = cls.forward.__doc__ or Denoiser.forward.__doc__

    def forward(self, x, sigma):
        """The estimate of the clean data.

        Parameters
        ----------
        x : torch.Tensor, shape (N, d)
            Noised data.
        sigma : float, or torch.Tensor of shape () or (N,)
            Noise standard deviation, positive.

        Returns
        -------
        torch.Tensor, shape (N, d)
        """
        raise NotImplementedError


class Preconditioned(Denoiser):
    """The denoiser ``c_skip x + c_out F(c_in x, c_noise)`` of a network F.

    Call it as ``D(x, sigma)`` with x of shape (N, d) and sigma a number, or a tensor of shape ()
    or (N,); the estimate of the clean data has shape (N, d). Derivatives go to x and to the
    weights, not to sigma.

    Parameters
    ----------
    net : torch.nn.Module
        Maps (x (N, d), label (N,)) to (N, d).
    sigma_data : float
        Standard deviation that the scalings assume for the data.

    Notes
    -----
    Karras et al., arXiv:2206.00364, table 1: `specbook.noise.edm_scalings`. For sigma below
    `sigma_data` the output tends to x, for sigma above it to ``sigma_data * F``.
    """

    def __init__(self, net, sigma_data=0.5):
        super().__init__()
        self.net = _network(net)
        self.sigma_data = scalar("sigma_data", sigma_data, above=0)

    def extra_repr(self):
        """What the name of the class does not say, for ``str``.

        Returns
        -------
        str
        """
        return f"sigma_data={self.sigma_data:g}"

    def forward(self, x, sigma):
        scalings = edm_scalings(_levels(x, sigma), self.sigma_data)[:4]
        skip, out, into, label = _as_columns(np.stack(scalings), x)
        return skip * x + out * self.net(into * x, label[:, 0])


class Raw(Denoiser):
    """The denoiser that is the network itself, ``F(x, ln(sigma) / 4)``.

    Called as `Preconditioned`.

    Parameters
    ----------
    net : torch.nn.Module
        Maps (x (N, d), label (N,)) to (N, d).
    """

    def __init__(self, net):
        super().__init__()
        self.net = _network(net)

    def forward(self, x, sigma):
        (label,) = _as_columns(np.stack(edm_scalings(_levels(x, sigma))[3:4]), x)
        return self.net(x, label[:, 0])


def around(denoiser, net):
    """The same wrapper round another network; shares all else with `denoiser`."""
    other = copy.copy(denoiser)
    other._modules = {**denoiser._modules, "net": net}
    return other


@dataclass(frozen=True)
class Cost:
    """What a network costs.

    Attributes
    ----------
    parameters : int
        Numbers that training changes.
    flops : int
        Floating-point operations of a forward pass for one data point, products and sums counted
        each. Full layers and convolutions only: norms, nonlinearities and Fourier transforms are
        left out. A training step takes about three times as many for each point of its batch.
    """

    parameters: int
    flops: int


def cost(model, dim=None):
    """Count the parameters of a network or denoiser, and what one forward pass takes.

    Parameters
    ----------
    model : torch.nn.Module
        A network or a denoiser.
    dim : int, optional
        Numbers in a data point; needed if the network does not say it as ``dim``.

    Returns
    -------
    Cost

    Examples
    --------
    >>> from specbook.experiments import ResidualMLP
    >>> cost(ResidualMLP(10, width=20, depth=1))
    Cost(parameters=2610, flops=4800)
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch.nn.Module, not {type(model).__name__}")
    if dim is None:
        dim = getattr(getattr(model, "net", model), "dim", None)
    dim = integer("dim", dim)
    like = next(model.parameters(), torch.empty(0))
    x = torch.zeros(2, dim, dtype=like.dtype, device=like.device)
    modes = [(part, part.training) for part in model.modules()]
    model.eval()  # counting must not change what a layer remembers of its inputs
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(x, 1 + x[:, 0])
    except (TypeError, RuntimeError) as error:
        raise ValueError(f"model cannot be called as model(x, sigma): {error}") from error
    finally:
        for part, training in modes:
            part.training = training
    parameters = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return Cost(parameters, counter.get_total_flops() // len(x))


def width_for(make, target, measure="parameters", largest=4096):
    """The width at which a network costs as much as another.

    Parameters
    ----------
    make : callable
        Makes a network of a width, for example ``lambda width: ResidualMLP(64, width, 2)``.
    target : int
        Cost to come near.
    measure : {"parameters", "flops"}
        Which cost.
    largest : int
        No wider network is tried.

    Returns
    -------
    int
        The width whose cost differs least from `target` by ratio. The cost must grow with width.
    """
    target = scalar("target", target, above=0)
    choice("measure", measure, ("parameters", "flops"))

    def off(width):
        return math.log(getattr(cost(make(width)), measure) / target)

    low, high = 1, min(2, integer("largest", largest))
    while off(high) < 0:
        if high == largest:
            raise ValueError(f"target {target:g} needs a width above {largest}")
        low, high = high, min(2 * high, largest)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if off(middle) < 0 else (low, middle)
    return min(low, high, key=lambda width: abs(off(width)))


def _network(net):
    if not isinstance(net, nn.Module):
        raise ValueError(f"net must be a torch.nn.Module, not {type(net).__name__}")
    return net


def _levels(x, sigma):
    """Noise levels as an array of shape () or (N,), or ``ValueError``."""
    if not torch.is_tensor(x) or x.ndim != 2 or not x.is_floating_point():
        found = tuple(x.shape) if torch.is_tensor(x) else type(x).__name__
        raise ValueError(f"x must be a floating-point tensor of shape (N, d), found {found}")
    if torch.is_tensor(sigma):
        sigma = sigma.detach().cpu().double().numpy()
    if np.shape(sigma) not in ((), (len(x),)):
        raise ValueError(
            f"sigma must be one number or have shape ({len(x)},), found {np.shape(sigma)}"
        )
    return sigma


def _as_columns(values, x):
    """Rows of numbers, or single numbers, as columns of shape (len(x), 1) beside `x`."""
    columns = torch.from_numpy(values).to(x.device, x.dtype)
    return columns.reshape(len(values), -1, 1).expand(-1, len(x), -1)
