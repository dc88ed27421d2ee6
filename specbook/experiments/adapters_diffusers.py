"""Models of diffusers as denoisers D(x, sigma)."""

import inspect

import numpy as np
import torch
from torch import nn

from .._check import choice
from .adapters import from_epsilon, from_v, from_velocity
from .adapters_base import Adapter, alpha_of, tensor_in
from .adapters_schedules import FLOW, PREDICTIONS, config_of, flow_range, log_levels, scheduled


def from_diffusers(
    unet, scheduler=None, *, shape=None, layout=None, alphas_cumprod=None, prediction_type=None,
    sigma_range=None, **conditions,
):
    """A denoiser from a model of diffusers: ``from_diffusers(pipe.unet, pipe.scheduler)``.

    Parameters
    ----------
    unet : callable
        A ``UNet2DModel``, a ``UNet2DConditionModel``, or a transformer that takes pictures. Called
        as ``unet(sample, timestep)`` with sample (N, channels, height, width) and timestep (N,),
        by name if it has an argument ``timestep``; the answer is ``.sample`` of what it returns,
        or the first entry of a tuple. Of an answer with twice as many channels, as its config
        says, the first half counts: the second is a learned variance. Averaged weights go in as a
        module that holds them, such as torch's ``AveragedModel``.
    scheduler : object, optional
        The scheduler that the model was trained with. Those with ``alphas_cumprod`` (DDPM, DDIM,
        PNDM, Euler, DPM-Solver, ...) and those of flow matching (``FlowMatchEuler...``) say what
        the model predicts, and at which timesteps. A last step of pure noise, as of
        ``rescale_betas_zero_snr`` or of a flow, has no finite sigma and is left out.
    shape : (int, int, int), optional
        Channels, height and width; by default what ``unet.config`` says.
    layout : {"channels_last", "channels_first"}, optional
        Order of the d numbers of a picture outside the model, as for `from_denoiser`. Inside,
        diffusers has channels first.
    alphas_cumprod : array_like, shape (timestep,), optional
        Instead of a scheduler: falling, between 0 and 1.
    prediction_type : {"epsilon", "sample", "v_prediction", "flow_prediction"}, optional
        What the model predicts, as the scheduler calls it and by default says it; with
        `alphas_cumprod` alone it is "epsilon".
    sigma_range : (float, float), optional
        Smallest and largest noise level that the model was trained at; by default those of the
        schedule. Outside it the model is given the nearest timestep, unless it is a flow.
    **conditions
        Further arguments of the model, such as ``class_labels=`` or ``encoder_hidden_states=``.
        Tensors, in dictionaries too, have one row, which is repeated for all points.

    Returns
    -------
    Adapter
        With sigma = sqrt(1 / alphas_cumprod - 1) at each timestep, interpolated linearly in ln
        sigma: timesteps are not whole.

    Raises
    ------
    ValueError
        If something cannot be read, with what to give instead; of a pipeline that is
        ``pipe.unet, pipe.scheduler``.

    Notes
    -----
    The data are those that the model was trained on: pictures from -1 to 1, as a rule, or latents
    of an autoencoder. Clipping and thresholds of the scheduler are left out. Nothing of diffusers
    is imported.

    Examples
    --------
    >>> from diffusers import DDPMScheduler, UNet2DModel  # doctest: +SKIP
    >>> unet = UNet2DModel(
    ...     sample_size=8, in_channels=1, out_channels=1, layers_per_block=1,
    ...     block_out_channels=(32, 32), down_block_types=("DownBlock2D", "DownBlock2D"),
    ...     up_block_types=("UpBlock2D", "UpBlock2D"),
    ... )  # doctest: +SKIP
    >>> denoiser = from_diffusers(unet, DDPMScheduler())  # doctest: +SKIP
    >>> denoiser(torch.randn(5, 64), 0.5).shape  # doctest: +SKIP
    torch.Size([5, 64])
    """
    if hasattr(unet, "scheduler") and not isinstance(unet, nn.Module):
        part = "transformer" if hasattr(unet, "transformer") else "unet"
        raise ValueError(
            f"unet must be a model, not the pipeline {type(unet).__name__}: give"
            f" from_diffusers(pipe.{part}, pipe.scheduler)"
        )
    if not callable(unet):
        raise ValueError(f"unet must be callable, not {type(unet).__name__}")
    shape, half = _picture(unet, shape)
    net = Conditioned(unet, conditions, half)
    if scheduler is None:
        if alphas_cumprod is None:
            raise ValueError(
                "scheduler must be given, the one that the model was trained with; or"
                " alphas_cumprod and prediction_type"
            )
        kind = choice("prediction_type", prediction_type or "epsilon", PREDICTIONS)
        schedule = log_levels(alphas_cumprod)
    else:
        if alphas_cumprod is not None:
            raise ValueError("alphas_cumprod stands for a scheduler: give one of them")
        kind, schedule = scheduled(scheduler, prediction_type)
    if sigma_range is None:
        sigma_range = flow_range(*schedule) if kind == FLOW else np.exp(schedule[[0, -1]])
    told = {"shape": shape, "layout": layout, "sigma_range": sigma_range}
    if kind == FLOW:
        return from_velocity(net, reverse_time=True, time_scale=schedule[0], **told)

    def timestep(sigma):
        logs = np.log(sigma.detach().cpu().double().numpy())
        found = np.interp(logs, schedule, np.arange(schedule.size))
        return torch.from_numpy(found).to(sigma.device, sigma.dtype)

    if kind == "epsilon":
        return from_epsilon(net, time=timestep, **told)
    if kind == "v_prediction":
        return from_v(net, time=timestep, **told)
    return Adapter(net, alpha_of, timestep, torch.zeros_like, torch.ones_like, **told)


class Conditioned(nn.Module):
    """A model with further arguments, the same for all points.

    Parameters
    ----------
    net : callable
    conditions : dict
        Arguments by name.
    channels : int or None
        How many channels of the answer count; all if None.
    """

    def __init__(self, net, conditions, channels):
        super().__init__()
        self.net, self.channels = net, channels
        self.conditions = {name: _one_row(name, value) for name, value in conditions.items()}
        try:
            inner = _inner(net)
            arguments = inspect.signature(getattr(inner, "forward", inner)).parameters
        except (TypeError, ValueError):  # of builtin functions
            arguments = ()
        self.by_name = "timestep" in arguments

    def forward(self, sample, timestep):
        conditions = _repeated(self.conditions, sample)
        if self.by_name:
            answer = self.net(sample, timestep=timestep, **conditions)
        else:
            answer = self.net(sample, timestep, **conditions)
        return tensor_in(answer)[:, : self.channels]


def _inner(unet):
    """The model within those that compile, share or average it."""
    for name in ("module", "_orig_mod"):
        unet = getattr(unet, name, unet)
    return unet


def _picture(unet, shape):
    """Shape of a picture, and how many channels of the answer count, or None for all."""
    names = ("sample_size", "in_channels", "out_channels")
    size, channels, out = (config_of(_inner(unet), name) for name in names)
    if shape is None:
        if size is None or channels is None:
            raise ValueError(
                "shape must be given as (channels, height, width): unet has no config with"
                " sample_size and in_channels"
            )
        shape = (channels, *np.broadcast_to(size, 2).tolist())
    shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
    if len(shape) != 3:
        raise ValueError(f"shape must be channels, height and width, found {shape!r}")
    if channels not in (None, shape[0]):
        raise ValueError(f"shape {shape} has {shape[0]} channels, but unet takes {channels}")
    if out not in (None, shape[0], 2 * shape[0]):
        raise ValueError(
            f"unet takes {shape[0]} channels and returns {out}: a denoiser returns as many as it"
            " takes; give a function that adds or drops the others, with shape"
        )
    return shape, shape[0] if out == 2 * shape[0] else None


def _one_row(name, value):
    """`value` if every tensor in it has one row, or ``ValueError``."""
    if isinstance(value, dict):
        return {key: _one_row(f"{name}[{key!r}]", part) for key, part in value.items()}
    if torch.is_tensor(value) and value.ndim > 0 and len(value) != 1:
        raise ValueError(
            f"{name} must have one row, the same for all points, as in a batch of one: found"
            f" shape {tuple(value.shape)}"
        )
    return value


def _repeated(value, sample):
    """`value` with the row of every tensor repeated for each sample, on its device."""
    if isinstance(value, dict):
        return {key: _repeated(part, sample) for key, part in value.items()}
    if not torch.is_tensor(value):
        return value
    dtype = sample.dtype if value.is_floating_point() else value.dtype
    return value.to(sample.device, dtype).expand(len(sample), *value.shape[1:])
