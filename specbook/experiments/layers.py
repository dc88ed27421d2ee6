"""Layers that the networks share; initial weights come from a NumPy generator."""

import math

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import skip_init

from .._check import integer


def fill(weight, fan_in, rng, scale=1.0):
    """Draw normal weights of standard deviation ``scale / sqrt(fan_in)``, in place.

    The draw is made whatever `scale` is, so that it does not change the layers drawn after.
    """
    with torch.no_grad():
        weight.copy_(torch.from_numpy(rng.standard_normal(weight.shape) * scale / fan_in**0.5))


def linear(n_in, n_out, rng, scale=1.0):
    """An affine layer, (..., n_in) to (..., n_out), with drawn weights and bias 0."""
    layer = skip_init(nn.Linear, n_in, n_out, dtype=torch.float32)
    fill(layer.weight, n_in, rng, scale)
    nn.init.zeros_(layer.bias)
    return layer


def convolution(n_in, n_out, kernel, rng, scale=1.0, *, side=None, circular=False):
    """A convolution that keeps the size, (N, n_in, h, w) to (N, n_out, h, w), weights drawn.

    With `side` each of the ``side * side`` places has a filter of its own: no weight sharing.
    """
    if side is not None:
        return Unshared(side, n_in, n_out, kernel, rng, scale, circular=circular)
    layer = skip_init(
        nn.Conv2d, n_in, n_out, kernel, padding=kernel // 2,
        padding_mode="circular" if circular else "zeros", dtype=torch.float32,
    )
    fill(layer.weight, n_in * kernel**2, rng, scale)
    nn.init.zeros_(layer.bias)
    return layer


class Unshared(nn.Module):
    """A local layer with a filter for each place: what a convolution is without weight sharing.

    Maps (N, n_in, side, side) to (N, n_out, side, side). Weights have shape
    (side * side, n_out, kernel * kernel * n_in): places row by row, the channels of a pixel side by
    side.
    """

    def __init__(self, side, n_in, n_out, kernel, rng, scale=1.0, *, circular=False):
        super().__init__()
        self.kernel, self.circular = kernel, circular
        taps = n_in * kernel**2
        self.weight = nn.Parameter(torch.empty(side**2, n_out, taps, dtype=torch.float32))
        fill(self.weight, taps, rng, scale)
        self.bias = nn.Parameter(torch.zeros(n_out, side, side, dtype=torch.float32))

    def extra_repr(self):
        return f"{tuple(self.weight.shape)}, kernel={self.kernel}, circular={self.circular}"

    def forward(self, x):
        (n, _, h, w), k = x.shape, self.kernel
        padded = functional.pad(x, [k // 2] * 4, "circular" if self.circular else "constant")
        padded = padded.permute(2, 3, 0, 1).contiguous()
        seen = [padded[i : i + h, j : j + w] for i in range(k) for j in range(k)]
        seen = torch.cat(seen, dim=3).flatten(0, 1)  # (places, N, taps)
        out = torch.bmm(seen, self.weight.mT).view(h, w, n, -1).permute(2, 3, 0, 1)
        return out.contiguous(memory_format=torch.channels_last) + self.bias


class Network(nn.Module):
    """Base of the networks that a denoiser is made of."""

    dim: int

    def __init_subclass__(cls):
        cls.forward.__doc__ = cls.forward.__doc__ or Network.forward.__doc__

    def forward(self, x, label):
        """The output of the network.

        Parameters
        ----------
        x : torch.Tensor, shape (N, dim)
            Input.
        label : torch.Tensor, shape (N,)
            Says the noise level: ``ln(sigma) / 4``.

        Returns
        -------
        torch.Tensor, shape (N, dim)
        """
        raise NotImplementedError


class NoiseEmbedding(nn.Module):
    """Features of the noise level: (N,) to (N, size).

    Cosines and sines of the label at fixed Gaussian frequencies (Tancik et al.,
    arXiv:2006.10739), then an affine layer and SiLU. A label that was expanded from one number
    gives one row.
    """

    def __init__(self, size, rng):
        super().__init__()
        if integer("embed", size, low=2) % 2:
            raise ValueError(f"embed must be even, found {size}")
        frequencies = torch.from_numpy(rng.standard_normal(size // 2) * 2 * math.pi)
        self.register_buffer("frequencies", frequencies.float())
        self.mix = linear(size, size, rng)

    def forward(self, label):
        if label.stride(0) == 0:
            label = label[:1]
        angle = label[:, None] * self.frequencies
        return functional.silu(self.mix(torch.cat([angle.cos(), angle.sin()], dim=1)))


def flat(x, dim):
    """Return `x` if it is a tensor of shape (N, dim), or raise ``ValueError``."""
    if not torch.is_tensor(x) or x.ndim != 2 or x.shape[1] != dim:
        found = tuple(x.shape) if torch.is_tensor(x) else type(x).__name__
        raise ValueError(f"x must be a tensor of shape (N, {dim}), found {found}")
    return x
