"""A residual multilayer perceptron that knows the noise level."""

import torch
from torch import nn
from torch.nn import functional

from .._check import generator, integer, scalar
from .layers import Network, NoiseEmbedding, flat, linear


class ResidualMLP(Network):
    """Residual blocks of full layers, (x (N, dim), label (N,)) to (N, dim).

    Parameters
    ----------
    dim : int
        Numbers in a data point.
    width : int
        Hidden units.
    depth : int
        Residual blocks, each with two layers.
    embed : int, optional
        Features of the noise level, even; by default `width`.
    start : float
        Scale of the initial weights of the last layer. With 0 the output is 0 before training.
    rng : int or numpy.random.Generator
        For the initial weights.

    Notes
    -----
    In the manner of the "MLP-UNet" of Wang & Pehlevan, arXiv:2503.03206, appendix I: the block of
    a diffusion U-Net with full layers in place of convolutions. Each block adds to the state
    ``B SiLU(scale * LayerNorm(A SiLU(LayerNorm(state))) + shift)``, with scale and shift affine
    in the features of the noise level. Deviation: the last layer starts at 0, as in EDM.

    Examples
    --------
    >>> net = ResidualMLP(64, width=128, depth=2)
    >>> net(torch.zeros(5, 64), torch.zeros(5)).shape
    torch.Size([5, 64])
    """

    def __init__(self, dim, width=256, depth=5, *, embed=None, start=0.0, rng=0):
        super().__init__()
        self.dim, width = integer("dim", dim), integer("width", width)
        depth, start = integer("depth", depth), scalar("start", start)
        rng = generator("rng", rng)
        embed = width + width % 2 if embed is None else embed
        self.embedding = NoiseEmbedding(embed, rng)
        self.first = linear(self.dim, width, rng)
        self.blocks = nn.ModuleList(_Block(width, embed, rng) for _ in range(depth))
        self.norm = nn.LayerNorm(width, dtype=torch.float32)
        self.last = linear(width, self.dim, rng, start)

    def forward(self, x, label):
        features, state = self.embedding(label), self.first(flat(x, self.dim))
        for block in self.blocks:
            state = block(state, features)
        return self.last(functional.silu(self.norm(state)))


class _Block(nn.Module):
    def __init__(self, width, embed, rng):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, dtype=torch.float32)
        self.layer1 = linear(width, width, rng)
        self.affine = linear(embed, 2 * width, rng)
        self.norm2 = nn.LayerNorm(width, elementwise_affine=False)  # scale and shift follow
        self.layer2 = linear(width, width, rng)

    def forward(self, state, features):
        scale, shift = self.affine(features).chunk(2, dim=1)
        hidden = self.norm2(self.layer1(functional.silu(self.norm1(state))))
        return state + self.layer2(functional.silu(torch.addcmul(shift, hidden, 1 + scale)))
