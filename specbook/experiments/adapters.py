"""Models of other conventions as denoisers D(x, sigma) of x = x_0 + sigma z."""

import numpy as np
import torch
from torch import nn

from .._check import array, choice, integer

PREDICTIONS = ("epsilon", "sample", "v_prediction")


class Adapter(nn.Module):
    """A model as a denoiser; made by `from_epsilon` and its like.

    Call it as ``D(x, sigma)`` with x of shape (N, d) and sigma a number, or a tensor of shape ()
    or (N,); the estimate of the clean data has shape (N, d).

    Parameters
    ----------
    net : callable
        The model. If it is a module, its weights are this module's, too.
    shape : tuple of int or None
        Shape of one data point for the model; None leaves it flat.
    scale : callable
        Maps sigma to the factor of x before the model.
    label : callable
        Maps sigma to what the model takes as noise level or time.
    skip, out : callable
        The estimate is ``skip(sigma) * x + out(sigma) * answer``.
    """

    def __init__(self, net, shape, scale, label, skip, out):
        super().__init__()
        if not callable(net):
            raise ValueError(f"net must be callable, not {type(net).__name__}")
        if shape is not None:
            shape = tuple(integer("shape", n) for n in np.atleast_1d(shape).tolist())
        self.net, self.shape = net, shape
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
        state = self.scale(column) * x
        answer = self.net(
            state if self.shape is None else state.unflatten(1, self.shape), self.label(sigma)
        )
        answer = _tensor(answer)
        if answer.shape != (len(x), *(self.shape or x.shape[1:])):
            raise ValueError(
                f"net must keep the shape of its input, but returned {tuple(answer.shape)}"
            )
        return self.skip(column) * x + self.out(column) * answer.flatten(1)


def from_epsilon(net, *, scale="preserving", time=None, shape=None):
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
    factor = _alpha if preserving else torch.ones_like
    return Adapter(net, shape, factor, time or _same, torch.ones_like, torch.neg)


def from_v(net, *, time=None, shape=None):
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
        net, shape, _alpha, time or _same, lambda s: 1 / (1 + s**2), lambda s: -s * _alpha(s)
    )


def from_velocity(net, *, shape=None):
    """A denoiser from the velocity of flow matching along straight lines.

    Parameters
    ----------
    net : callable
        ``net(x_t, t)`` with x_t (N, d) and t (N,) returns the velocity x_1 - z, shape (N, d), at
        ``x_t = t x_1 + (1 - t) z``: noise z at t = 0, data x_1 at t = 1.
    shape : tuple of int, optional
        Shape of one data point for the model. By default (d,).

    Returns
    -------
    Adapter
        ``D(x, sigma) = x_t + (1 - t) velocity`` at sigma = (1 - t) / t, where x_t = t x.

    Notes
    -----
    Lipman et al., arXiv:2210.02747, with no noise left at t = 1. Some models count time from data
    to noise and predict z - x_1: give ``lambda x, t: -net(x, 1 - t)``.
    """
    return Adapter(net, shape, _inverse, _inverse, _inverse, lambda s: s / (1 + s))


def from_diffusers(unet, shape, *, alphas_cumprod=None, prediction_type="epsilon"):
    """A denoiser from a ``UNet2DModel`` of diffusers.

    Parameters
    ----------
    unet : callable
        Called as ``unet(sample, timestep)`` with sample (N, channels, height, width) and timestep
        (N,); the answer is ``.sample`` of what it returns, or the first entry of a tuple.
    shape : (int, int, int)
        Channels, height and width.
    alphas_cumprod : array_like, shape (timestep,), optional
        The scheduler's: falling, between 0 and 1. By default those of ``DDPMScheduler()``, a
        thousand betas from 1e-4 to 0.02 at equal distances.
    prediction_type : {"epsilon", "sample", "v_prediction"}
        What the model predicts, as the scheduler calls it.

    Returns
    -------
    Adapter
        With sigma = sqrt(1 / alphas_cumprod - 1) at each timestep, interpolated linearly in ln
        sigma: timesteps are not whole. Outside the schedule's levels (0.01 to 157 by default)
        the model is given the nearest timestep.

    Notes
    -----
    The data are those that the model was trained on: pictures from -1 to 1, as a rule. Nothing of
    diffusers is imported.

    Examples
    --------
    >>> from diffusers import UNet2DModel  # doctest: +SKIP
    >>> unet = UNet2DModel(
    ...     sample_size=8, in_channels=1, out_channels=1, layers_per_block=1,
    ...     block_out_channels=(32, 32), down_block_types=("DownBlock2D", "DownBlock2D"),
    ...     up_block_types=("UpBlock2D", "UpBlock2D"),
    ... )  # doctest: +SKIP
    >>> denoiser = from_diffusers(unet, (1, 8, 8))  # doctest: +SKIP
    >>> denoiser(torch.randn(5, 64), 0.5).shape  # doctest: +SKIP
    torch.Size([5, 64])
    """
    if alphas_cumprod is None:
        alphas_cumprod = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    if torch.is_tensor(alphas_cumprod):
        alphas_cumprod = alphas_cumprod.detach().cpu().numpy()
    kept = array("alphas_cumprod", alphas_cumprod, above=0)
    if kept.size < 2 or kept[0] >= 1 or (np.diff(kept) >= 0).any():
        raise ValueError("alphas_cumprod must fall strictly, from below 1, over two or more steps")
    choice("prediction_type", prediction_type, PREDICTIONS)
    levels = np.log(1 / kept - 1) / 2
    shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
    if len(shape) != 3:
        raise ValueError(f"shape must be channels, height and width, found {shape!r}")

    def timestep(sigma):
        logs = np.log(sigma.detach().cpu().double().numpy())
        found = np.interp(logs, levels, np.arange(levels.size))
        return torch.from_numpy(found).to(sigma.device, sigma.dtype)

    if prediction_type == "epsilon":
        return from_epsilon(unet, time=timestep, shape=shape)
    if prediction_type == "v_prediction":
        return from_v(unet, time=timestep, shape=shape)
    return Adapter(unet, shape, _alpha, timestep, torch.zeros_like, torch.ones_like)


def _alpha(sigma):
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
