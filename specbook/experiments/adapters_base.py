"""What all adapters share: a model of another convention as a denoiser D(x, sigma)."""

import numpy as np
import torch
from torch import nn

from .._check import array, choice, integer
from ..spectrum.layout import LAYOUTS


class Adapter(nn.Module):
    """A model as a denoiser; made by `from_epsilon` and its like.

    Call it as ``D(x, sigma)`` with x of shape (N, d) and sigma a number, or a tensor of shape ()
    or (N,); the estimate of the clean data has shape (N, d).

    Parameters
    ----------
    net : callable
        The model. If it is a module, its weights are this module's, too.
    scale : callable
        Maps sigma to the factor of x before the model.
    label : callable
        Maps sigma to what the model takes as noise level or time.
    skip, out : callable
        The estimate is ``skip(sigma) * x + out(sigma) * answer``.
    shape : tuple of int, optional
        Shape of one data point for the model; without it, it is flat. Three numbers are channels,
        height and width.
    layout : {"channels_last", "channels_first"}, optional
        Order of the d numbers of a picture. "channels_last" is that of `specbook.data` and `UNet`:
        pixel by pixel, row after row, the channels of a pixel side by side. "channels_first" is
        one channel after the other, as ``pictures.flatten(1)`` gives it in torch: `shape` is then
        filled in order, as it always is if it has not three numbers. Without it the adapter works
        as "channels_last", and its `layout` says None.
    sigma_range : (float, float), optional
        Smallest and largest noise level that the model was trained at, in the units of
        x = x_0 + sigma z.

    Attributes
    ----------
    shape, layout, sigma_range
        As given; None if not known.
    """

    def __init__(
        self, net, scale, label, skip, out, *, shape=None, layout=None, sigma_range=None
    ):
        super().__init__()
        if not callable(net):
            raise ValueError(f"net must be callable, not {type(net).__name__}")
        if not callable(label):
            raise ValueError(f"time must be a function of sigma, not {type(label).__name__}")
        if shape is not None:
            array("shape", shape, above=0)
            shape = tuple(integer("shape", n) for n in np.atleast_1d(shape).tolist())
        if layout is not None:
            choice("layout", layout, LAYOUTS)
        self.net, self.shape, self.layout = net, shape, layout
        self.sigma_range = checked_range(sigma_range)
        picture = shape is not None and len(shape) == 3
        self.channels_last = picture and layout != "channels_first"
        owner = getattr(net, "__self__", None)
        if isinstance(owner, nn.Module):  # net.forward: the weights are those of net
            self.owner = owner
        self.scale, self.label, self.skip, self.out = scale, label, skip, out

    def forward(self, x, sigma):
        if not torch.is_tensor(x) or x.ndim != 2 or not x.is_floating_point():
            found = tuple(x.shape) if torch.is_tensor(x) else type(x).__name__
            raise ValueError(f"x must be a floating-point tensor of shape (N, d), found {found}")
        if self.shape is not None and np.prod(self.shape) != x.shape[1]:
            raise ValueError(f"shape {self.shape} does not hold the {x.shape[1]} numbers of x")
        sigma = torch.as_tensor(sigma, dtype=x.dtype, device=x.device)
        if sigma.shape not in ((), (len(x),)) or not (sigma > 0).all():
            raise ValueError(
                f"sigma must be positive, one number or of shape ({len(x)},), found shape"
                f" {tuple(sigma.shape)}"
            )
        sigma = sigma.expand(len(x))
        column = sigma[:, None]
        answer = tensor_in(self.net(self._shaped(self.scale(column) * x), self.label(sigma)))
        if answer.shape != (len(x), *(self.shape or x.shape[1:])):
            raise ValueError(
                f"net must keep the shape of its input, but returned {tuple(answer.shape)}"
            )
        if self.channels_last:
            answer = answer.permute(0, 2, 3, 1)
        return self.skip(column) * x + self.out(column) * answer.flatten(1)

    def _shaped(self, state):
        if self.shape is None:
            return state
        if not self.channels_last:
            return state.unflatten(1, self.shape)
        channels, height, width = self.shape
        state = state.unflatten(1, (height, width, channels)).permute(0, 3, 1, 2)
        return state.contiguous()  # a model may ask for a view


def checked_range(sigma_range):
    """Smallest and largest noise level as floats, or None, or ``ValueError``."""
    if sigma_range is None:
        return None
    ends = array("sigma_range", sigma_range, above=0)
    if ends.size != 2 or ends[0] >= ends[1]:
        raise ValueError(
            f"sigma_range must be the smallest and the largest noise level, found {sigma_range!r}"
        )
    return float(ends[0]), float(ends[1])


def alpha_of(sigma):
    """Factor of the data in a variance-preserving process, 1 / sqrt(1 + sigma**2)."""
    return torch.rsqrt(1 + sigma**2)


def same(sigma):
    """`sigma` as it is."""
    return sigma


def tensor_in(answer):
    """The tensor in a model's answer, which may be wrapped as diffusers does."""
    if not torch.is_tensor(answer):
        answer = answer[0] if isinstance(answer, tuple) else getattr(answer, "sample", answer)
    if not torch.is_tensor(answer):
        raise ValueError(f"net must return a tensor, not {type(answer).__name__}")
    return answer
