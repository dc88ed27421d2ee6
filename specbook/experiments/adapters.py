"""Models of other conventions as denoisers D(x, sigma) of x = x_0 + sigma z."""

import numpy as np
import torch
from torch import nn

from .._check import choice, integer

LAYOUTS = ("channels_last", "channels_first")


class Adapter(nn.Module):
    """A model as a denoiser; made by `from_epsilon` and its like.

    Call it as ``D(x, sigma)`` with x of shape (N, d) and sigma a number, or a tensor of shape ()
    or (N,); the estimate of the clean data has shape (N, d).

    Parameters
    ----------
    net : callable
        The model. If it is a module, its weights are this module's, too.
    shape : tuple of int or None
        Shape of one data point for the model; None leaves it flat. Three numbers are channels,
        height and width.
    layout : {"channels_last", "channels_first"}
        Order of the d numbers of a picture. "channels_last" is that of `specbook.data` and `UNet`:
        pixel by pixel, row after row, the channels of a pixel side by side. "channels_first" is
        one channel after the other, as ``pictures.flatten(1)`` gives it in torch: `shape` is then
        filled in order, as it always is if it has not three numbers.
    scale : callable
        Maps sigma to the factor of x before the model.
    label : callable
        Maps sigma to what the model takes as noise level or time.
    skip, out : callable
        The estimate is ``skip(sigma) * x + out(sigma) * answer``.
    """

    def __init__(self, net, shape, layout, scale, label, skip, out):
        super().__init__()
        if not callable(net):
            raise ValueError(f"net must be callable, not {type(net).__name__}")
        if shape is not None:
            shape = tuple(integer("shape", n) for n in np.atleast_1d(shape).tolist())
        self.net, self.shape = net, shape
        last = choice("layout", layout, LAYOUTS) == "channels_last"
        self.channels_last = last and shape is not None and len(shape) == 3
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
        answer = _tensor(self.net(self._shaped(self.scale(column) * x), self.label(sigma)))
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


def from_denoiser(net, *, shape=None, layout="channels_last"):
    """A denoiser from a model that predicts the clean data, but in another shape.

    Parameters
    ----------
    net : callable
        ``net(x, sigma)`` with x (N, d), or (N, ...) of `shape`, and sigma (N,) returns the clean
        data, in the shape of x. Give the network itself: a lambda hides it, so that `Probe` can
        neither put it into eval mode nor find its device and dtype.
    shape : tuple of int, optional
        Shape of one data point for the model, such as (channels, height, width). By default (d,).
    layout : {"channels_last", "channels_first"}
        Order of the d numbers of a picture, as for `from_epsilon`.

    Returns
    -------
    Adapter
        ``D(x, sigma)`` for flat x, shape (N, d).

    Examples
    --------
    >>> blur = lambda x, sigma: x.mean(dim=(2, 3), keepdim=True).expand_as(x)
    >>> denoiser = from_denoiser(blur, shape=(1, 2, 2))
    >>> denoiser(torch.tensor([[1.0, 2.0, 3.0, 4.0]]), 0.5)
    tensor([[2.5000, 2.5000, 2.5000, 2.5000]])
    """
    return Adapter(net, shape, layout, torch.ones_like, _same, torch.zeros_like, torch.ones_like)


def from_epsilon(net, *, scale="preserving", time=None, shape=None, layout="channels_last"):
    """A denoiser from a model that predicts the noise z.

    Parameters
    ----------
    net : callable
        ``net(x_t, t)`` with x_t (N, d) and t (N,) returns the noise, shape (N, d).
    scale : {"preserving", "exploding"}
        The model takes ``x_t = x / sqrt(1 + sigma**2)``, that is alpha x_0 + s z with
        alpha**2 + s**2 = 1 as in DDPM; or x itself.
    time : callable, optional
        Maps sigma, a tensor of shape (N,), to t. By default t is sigma.
    shape : tuple of int, optional
        Shape of one data point for the model, such as (channels, height, width). By default (d,).
    layout : {"channels_last", "channels_first"}
        Order of the d numbers of a picture: that of `specbook.data`, with the channels of a pixel
        side by side, or one channel after the other, as ``pictures.flatten(1)`` gives it in torch.

    Returns
    -------
    Adapter
        ``D(x, sigma) = x - sigma z``.

    Notes
    -----
    Ho et al., arXiv:2006.11239, for "preserving".

    Examples
    --------
    >>> noise = lambda x, sigma: x * sigma[:, None] / (1 + sigma[:, None] ** 2) ** 0.5
    >>> denoiser = from_epsilon(noise)  # the best one for data of variance 1
    >>> denoiser(torch.ones(1, 2), 3.0)
    tensor([[0.1000, 0.1000]])
    """
    preserving = choice("scale", scale, ("preserving", "exploding")) == "preserving"
    factor = alpha_of if preserving else torch.ones_like
    return Adapter(net, shape, layout, factor, time or _same, torch.ones_like, torch.neg)


def from_v(net, *, time=None, shape=None, layout="channels_last"):
    """A denoiser from a model that predicts v = alpha z - s x_0.

    Parameters
    ----------
    net : callable
        ``net(x_t, t)`` with x_t (N, d) and t (N,) returns v, shape (N, d). Its state is that of a
        variance-preserving process, ``x_t = alpha x_0 + s z`` with alpha = 1 / sqrt(1 + sigma**2)
        and s = sigma / sqrt(1 + sigma**2): x / sqrt(1 + sigma**2).
    time : callable, optional
        Maps sigma, a tensor of shape (N,), to t. By default t is sigma.
    shape : tuple of int, optional
        Shape of one data point for the model. By default (d,).
    layout : {"channels_last", "channels_first"}
        Order of the d numbers of a picture, as for `from_epsilon`.

    Returns
    -------
    Adapter
        ``D(x, sigma) = alpha x_t - s v``.

    Notes
    -----
    Salimans & Ho, arXiv:2202.00512, where s is called sigma. A model that predicts
    s x_0 - alpha z needs its sign changed first.
    """
    return Adapter(
        net, shape, layout, alpha_of, time or _same,
        lambda s: 1 / (1 + s**2), lambda s: -s * alpha_of(s),
    )


def from_velocity(net, *, shape=None, layout="channels_last"):
    """A denoiser from the velocity of flow matching along straight lines.

    Parameters
    ----------
    net : callable
        ``net(x_t, t)`` with x_t (N, d) and t (N,) returns the velocity x_1 - z, shape (N, d), at
        ``x_t = t x_1 + (1 - t) z``: noise z at t = 0, data x_1 at t = 1.
    shape : tuple of int, optional
        Shape of one data point for the model. By default (d,).
    layout : {"channels_last", "channels_first"}
        Order of the d numbers of a picture, as for `from_epsilon`.

    Returns
    -------
    Adapter
        ``D(x, sigma) = x_t + (1 - t) velocity`` at sigma = (1 - t) / t, where x_t = t x.

    Notes
    -----
    Lipman et al., arXiv:2210.02747, with no noise left at t = 1. Some models count time from data
    to noise and predict z - x_1: give ``lambda x, t: -net(x, 1 - t)``.
    """
    return Adapter(net, shape, layout, _inverse, _inverse, _inverse, lambda s: s / (1 + s))


def alpha_of(sigma):
    """Factor of the data in a variance-preserving process, 1 / sqrt(1 + sigma**2)."""
    return torch.rsqrt(1 + sigma**2)


def _inverse(sigma):
    return 1 / (1 + sigma)


def _same(sigma):
    return sigma


def _tensor(answer):
    """The tensor in a model's answer, which may be wrapped as diffusers does."""
    if not torch.is_tensor(answer):
        answer = answer[0] if isinstance(answer, tuple) else getattr(answer, "sample", answer)
    if not torch.is_tensor(answer):
        raise ValueError(f"net must return a tensor, not {type(answer).__name__}")
    return answer
