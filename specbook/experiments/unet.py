"""A small convolutional U-Net for square patches."""

from functools import partial

import torch
from torch import nn
from torch.nn import functional

from .._check import flag, generator, integer, scalar
from .layers import Network, NoiseEmbedding, convolution, flat, linear


class UNet(Network):
    """Convolutions at halved and halved again resolution, (x (N, dim), label (N,)) to (N, dim).

    A data point is a patch row by row, the channels of a pixel side by side, as
    `specbook.data` gives them: ``dim = side * side * channels``.

    Parameters
    ----------
    side : int
        Pixels along a side, divisible by ``2 ** (depth - 1)``.
    channels : int
        Numbers in a pixel.
    width : int
        Channels at full resolution; the resolution halved `i` times has ``(i + 1) * width``.
    depth : int
        Resolutions; with 1 nothing is halved.
    kernel : int
        Pixels along the side of a filter, odd.
    shared : bool
        If False each place has filters of its own, which keeps locality and drops the sharing
        of weights. Parameters grow with the number of pixels.
    circular : bool
        Patches continue at the opposite edge; otherwise zeros surround them.
    embed : int, optional
        Features of the noise level, even; by default ``4 * width``.
    start : float
        Scale of the initial weights of the last layer. With 0 the output is 0 before training.
    rng : int or numpy.random.Generator
        For the initial weights.

    Notes
    -----
    After Ronneberger et al., arXiv:1505.04597, with the residual blocks of Song et al.,
    arXiv:2011.13456, but no attention: GroupNorm, SiLU, convolution, twice, with scale and shift
    from the noise level before the second. One block on the way down and one on the way up at
    each resolution, one more at the lowest. Halving is the mean of four pixels, doubling repeats a
    pixel. GroupNorm averages over the whole patch: apart from it, each output pixel depends on
    its neighbourhood only.

    Memory is channels_last throughout, and a flat patch has that order already: no copies.

    Examples
    --------
    >>> net = UNet(8, width=16)
    >>> net(torch.zeros(5, 64), torch.zeros(5)).shape
    torch.Size([5, 64])
    """

    def __init__(
        self,
        side,
        channels=1,
        width=32,
        depth=2,
        kernel=3,
        *,
        shared=True,
        circular=False,
        embed=None,
        start=0.0,
        rng=0,
    ):
        super().__init__()
        side, channels = integer("side", side), integer("channels", channels)
        width, depth = integer("width", width), integer("depth", depth)
        if integer("kernel", kernel) % 2 == 0:
            raise ValueError(f"kernel must be odd, found {kernel}")
        if side % 2 ** (depth - 1):
            raise ValueError(f"side must be divisible by {2 ** (depth - 1)} at depth {depth}")
        if circular and kernel // 2 > side // 2 ** (depth - 1):
            raise ValueError(f"kernel {kernel} is too large for circular patches of side {side}")
        self.side, self.channels, self.dim = side, channels, side**2 * channels
        rng, start = generator("rng", rng), scalar("start", start)
        shared, circular = flag("shared", shared), flag("circular", circular)
        embed = 4 * width if embed is None else embed
        sizes = [width * (level + 1) for level in range(depth)]
        places = [None if shared else side >> level for level in range(depth)]

        def conv(level, n_in, n_out, size=kernel, scale=1.0):
            at = places[level]
            return convolution(n_in, n_out, size, rng, scale, side=at, circular=circular)

        def block(level, n_in):
            return _Block(n_in, sizes[level], embed, partial(conv, level), rng)

        self.embedding = NoiseEmbedding(embed, rng)
        self.first = conv(0, channels, width)
        coming = [width, *sizes]
        self.down = nn.ModuleList(block(level, coming[level]) for level in range(depth))
        self.middle = block(depth - 1, sizes[-1])
        coming = [*sizes[1:], sizes[-1]]
        self.up = nn.ModuleList(block(i, coming[i] + sizes[i]) for i in reversed(range(depth)))
        self.norm = _norm(width)
        self.last = conv(0, width, channels, scale=start)
        self.to(memory_format=torch.channels_last)

    def forward(self, x, label):
        features = self.embedding(label)
        patch = flat(x, self.dim).reshape(len(x), self.side, self.side, self.channels)
        state, kept = self.first(patch.permute(0, 3, 1, 2)), []
        for level, block in enumerate(self.down):
            state = block(functional.avg_pool2d(state, 2) if level else state, features)
            kept.append(state)
        state = self.middle(state, features)
        for level, block in enumerate(self.up):
            if level:
                state = functional.interpolate(state, scale_factor=2.0, mode="nearest")
            state = block(torch.cat([state, kept.pop()], dim=1), features)
        return self.last(functional.silu(self.norm(state))).permute(0, 2, 3, 1).flatten(1)


def _norm(channels):
    groups = max(g for g in range(1, min(8, channels) + 1) if channels % g == 0)
    return nn.GroupNorm(groups, channels, dtype=torch.float32)


class _Block(nn.Module):
    def __init__(self, n_in, n_out, embed, conv, rng):
        super().__init__()
        self.norm1, self.norm2 = _norm(n_in), _norm(n_out)
        self.conv1 = conv(n_in, n_out)
        self.affine = linear(embed, 2 * n_out, rng)
        self.conv2 = conv(n_out, n_out)
        self.skip = nn.Identity() if n_in == n_out else conv(n_in, n_out, size=1)

    def forward(self, state, features):
        scale, shift = self.affine(features)[:, :, None, None].chunk(2, dim=1)
        hidden = self.norm2(self.conv1(functional.silu(self.norm1(state))))
        hidden = self.conv2(functional.silu(torch.addcmul(shift, hidden, 1 + scale)))
        return self.skip(state) + hidden
