"""Models of other conventions as denoisers D(x, sigma) of x = x_0 + sigma z."""

import torch

from .._check import choice, scalar
from .adapters_base import Adapter, alpha_of, same

EVERY = (1e-6, 1e6)  # noise levels, nearly


def from_denoiser(net, *, shape=None, layout=None, sigma_range=None):
    """A denoiser from a model that predicts the clean data, but in another shape.

    Parameters
    ----------
    net : callable
        ``net(x, sigma)`` with x (N, d), or (N, ...) of `shape`, and sigma (N,) returns the clean
        data, in the shape of x.
    shape : tuple of int, optional
        Shape of one data point for the model, such as (channels, height, width). By default (d,).
    layout : {"channels_last", "channels_first"}, optional
        Order of the d numbers of a picture outside the model: as `specbook.data` has it, with the
        channels of a pixel side by side; or one channel after the other, as
        ``pictures.flatten(1)`` gives it in torch. Without it, "channels_last"; a probe whose
        spectrum does not know its layout then asks for it.
    sigma_range : (float, float), optional
        Smallest and largest noise level that the model was trained at, in the units of
        x = x_0 + sigma z. Outside it a model has learned nothing, and a probe warns.

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
    return Adapter(
        net, torch.ones_like, same, torch.zeros_like, torch.ones_like,
        shape=shape, layout=layout, sigma_range=sigma_range,
    )


def from_epsilon(
    net, *, scale="preserving", time=None, shape=None, layout=None, sigma_range=None
):
    """A denoiser from a model that predicts the noise z.

    Parameters
    ----------
    net : callable
        ``net(x_t, t)`` with x_t (N, d) and t (N,) returns the noise, shape (N, d).
    scale : {"preserving", "exploding"}
        The model takes ``x_t = x / sqrt(1 + sigma**2)``, that is alpha x_0 + s z with
        alpha**2 + s**2 = 1 as in DDPM; or x itself, as models of smalldiffusion, which want sigma
        as a column: ``lambda x, sigma: model.predict_eps(x, sigma[:, None])``.
    time : callable, optional
        Maps sigma, a tensor of shape (N,), to t. By default t is sigma. If it looks levels up in
        a schedule, give the ends of that schedule as `sigma_range`.
    shape : tuple of int, optional
        Shape of one data point for the model, such as (channels, height, width). By default (d,).
    layout, sigma_range : optional
        As for `from_denoiser`.

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
    return Adapter(
        net, factor, _time(time), torch.ones_like, torch.neg,
        shape=shape, layout=layout, sigma_range=sigma_range,
    )


def from_v(net, *, time=None, shape=None, layout=None, sigma_range=None):
    """A denoiser from a model that predicts v = alpha z - s x_0.

    Parameters
    ----------
    net : callable
        ``net(x_t, t)`` with x_t (N, d) and t (N,) returns v, shape (N, d). Its state is that of a
        variance-preserving process, ``x_t = alpha x_0 + s z`` with alpha = 1 / sqrt(1 + sigma**2)
        and s = sigma / sqrt(1 + sigma**2): x / sqrt(1 + sigma**2).
    time : callable, optional
        Maps sigma, a tensor of shape (N,), to t. By default t is sigma. If it looks levels up in
        a schedule, give the ends of that schedule as `sigma_range`.
    shape : tuple of int, optional
        Shape of one data point for the model. By default (d,).
    layout, sigma_range : optional
        As for `from_denoiser`.

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
        net, alpha_of, _time(time), lambda s: 1 / (1 + s**2), lambda s: -s * alpha_of(s),
        shape=shape, layout=layout, sigma_range=sigma_range,
    )


def from_velocity(
    net, *, reverse_time=False, time_scale=1.0, shape=None, layout=None, sigma_range=None
):
    """A denoiser from the velocity of flow matching along straight lines.

    Parameters
    ----------
    net : callable
        ``net(x_t, t)`` with x_t (N, d) and t (N,) returns the velocity x_1 - z, shape (N, d), at
        ``x_t = t x_1 + (1 - t) z``: noise z at t = 0, data x_1 at t = 1. A network that takes both
        in one tensor, as the MLP of torchcfm does, goes in as
        ``lambda x, t: net(torch.cat([x, t[:, None]], dim=1))``.
    reverse_time : bool
        The model counts time from data (0) to noise (1), and predicts the velocity in that
        direction, z - x_1, as models for diffusers' flow-matching schedulers do.
    time_scale : float
        The model is given ``time_scale * t``: 1000 if it counts time in thousandths. The velocity
        stays that for t from 0 to 1.
    shape : tuple of int, optional
        Shape of one data point for the model. By default (d,).
    layout, sigma_range : optional
        As for `from_denoiser`, but all noise levels by default, as straight paths have them. Times
        from t_min to t_max make sigma from (1 - t_max) / t_max to (1 - t_min) / t_min.

    Returns
    -------
    Adapter
        ``D(x, sigma) = x_t + (1 - t) velocity`` at sigma = (1 - t) / t, where x_t = t x.

    Notes
    -----
    Lipman et al., arXiv:2210.02747, with no noise left at t = 1.

    Examples
    --------
    >>> def velocity(x, t):  # the best one for data of variance 1, from data to noise
    ...     t = t[:, None] / 1000
    ...     return x * (2 * t - 1) / (t**2 + (1 - t) ** 2)
    >>> denoiser = from_velocity(velocity, reverse_time=True, time_scale=1000)
    >>> denoiser(torch.ones(1, 2), 3.0)
    tensor([[0.1000, 0.1000]])
    """
    time_scale = scalar("time_scale", time_scale, above=0)
    if not isinstance(reverse_time, bool):
        raise ValueError(f"reverse_time must be True or False, not {reverse_time!r}")
    label, sign = (_noise_share, -1) if reverse_time else (_data_share, 1)
    return Adapter(
        net, _data_share, lambda s: time_scale * label(s), _data_share,
        lambda s: sign * _noise_share(s),
        shape=shape, layout=layout, sigma_range=EVERY if sigma_range is None else sigma_range,
    )


def _time(time):
    if time is not None and not callable(time):
        raise ValueError(f"time must be callable, a function of sigma, not {time!r}")
    return time or same


def _data_share(sigma):
    """Factor t of the data on a straight path."""
    return 1 / (1 + sigma)


def _noise_share(sigma):
    """Factor 1 - t of the noise on a straight path."""
    return sigma / (1 + sigma)
