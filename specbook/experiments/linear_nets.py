"""Linear networks: the noise level does not enter, the output is a matrix times the input."""

import torch
from torch import nn

from .._check import generator, integer, scalar
from .layers import Network, convolution, fill, flat
from .unet import odd_kernel


class LinearNet(Network):
    """Base of the linear networks, (x (N, dim), label (N,)) to (N, dim)."""

    def matrix(self):
        """The matrix that the network is.

        Returns
        -------
        torch.Tensor, shape (dim, dim)
            W, such that the output for a data point x is ``W x``.
        """
        like = next(self.parameters())
        unit = torch.eye(self.dim, dtype=like.dtype, device=like.device)
        return self(unit, unit[0]).T


class DeepLinear(LinearNet):
    """A product of `depth` square matrices.

    Parameters
    ----------
    dim : int
        Numbers in a data point.
    depth : int
        Matrices.
    start : float, optional
        The product before training is `start` times the identity, the same share in each matrix.
        Without it the matrices are drawn, with entries of variance ``1 / dim``.
    seed : int or numpy.random.Generator
        For the initial weights.

    Attributes
    ----------
    weights : list of torch.nn.Parameter, each of shape (dim, dim)
        The first acts first.
    """

    def __init__(self, dim, depth=2, *, start=None, seed=0):
        super().__init__()
        self.dim, depth = integer("dim", dim), integer("depth", depth)
        rng = generator("seed", seed)
        shape = (self.dim, self.dim)
        if start is None:
            self.weights = nn.ParameterList(
                torch.empty(shape, dtype=torch.float32) for _ in range(depth)
            )
            for weight in self.weights:
                fill(weight, self.dim, rng)
            return
        start = scalar("start", start, **({"above": 0} if depth > 1 else {}))
        share = start ** (1 / depth) if depth > 1 else start
        eye = torch.eye(self.dim, dtype=torch.float32)
        self.weights = nn.ParameterList(share * eye for _ in range(depth))

    def forward(self, x, label):
        flat(x, self.dim)
        for weight in self.weights:
            x = x @ weight.T
        return x


class LocalConvolution(LinearNet):
    """One linear filter of `kernel` by `kernel` pixels.

    Parameters
    ----------
    side : int
        Pixels along a side of the patch.
    kernel : int
        Pixels along a side of the filter, odd, at most `side`.
    channels : int
        Numbers in a pixel, side by side in the flat patch.
    shared : bool
        If False each place has a filter of its own.
    circular : bool
        Patches continue at the opposite edge; otherwise zeros surround them.
    start : float, optional
        The matrix before training is `start` times the identity. With None the filter is drawn.
    seed : int or numpy.random.Generator
        For drawn weights.

    Notes
    -----
    As always in networks the filter is not flipped: with ``m = kernel // 2`` output pixel (i, j) is
    the sum over (a, b) of ``filter[a, b] * x[i + a - m, j + b - m]``.
    """

    def __init__(self, side, kernel, channels=1, *, shared=True, circular=True, start=0.0, seed=0):
        super().__init__()
        side, channels, kernel = odd_kernel(
            kernel, integer("side", side), integer("channels", channels)
        )
        if kernel > side:
            raise ValueError(f"kernel must be at most side, {side}, found {kernel}")
        self.side, self.channels, self.dim = side, channels, side**2 * channels
        places = None if shared else side
        self.filter = convolution(
            channels,
            channels,
            kernel,
            generator("seed", seed),
            side=places,
            circular=circular,
            bias=False,
        )
        if start is not None:
            delta = torch.zeros(channels, channels, kernel, kernel, dtype=torch.float32)
            delta[range(channels), range(channels), kernel // 2, kernel // 2] = scalar(
                "start", start
            )
            with torch.no_grad():
                self.filter.weight.copy_(delta if shared else delta.permute(0, 2, 3, 1).flatten(1))
        self.to(memory_format=torch.channels_last)

    def forward(self, x, label):
        patch = flat(x, self.dim).reshape(len(x), self.side, self.side, self.channels)
        return self.filter(patch.permute(0, 3, 1, 2)).permute(0, 2, 3, 1).flatten(1)


class CircularConvolution(LinearNet):
    """One linear filter as large as the patch, which continues at the opposite edge.

    Parameters
    ----------
    side : int
        Pixels along a side of the patch.
    start : float, optional
        The matrix before training is `start` times the identity. With None the filter is drawn.
    seed : int or numpy.random.Generator
        For drawn weights.

    Attributes
    ----------
    filter : torch.nn.Parameter, shape (side, side)
        The response to a single bright pixel at (0, 0): output pixel (i, j) is the sum over (a, b)
        of ``filter[(i - a) % side, (j - b) % side] * x[a, b]``.
    """

    def __init__(self, side, *, start=0.0, seed=0):
        super().__init__()
        self.side = integer("side", side)
        self.dim = self.side**2
        self.filter = nn.Parameter(torch.zeros(self.side, self.side, dtype=torch.float32))
        if start is None:
            fill(self.filter, self.dim, generator("seed", seed))
        else:
            self.filter.data[0, 0] = scalar("start", start)

    def forward(self, x, label):
        patch = flat(x, self.dim).reshape(len(x), self.side, self.side)
        turned = torch.fft.rfft2(patch) * torch.fft.rfft2(self.filter)
        return torch.fft.irfft2(turned, s=patch.shape[1:]).reshape(x.shape)
