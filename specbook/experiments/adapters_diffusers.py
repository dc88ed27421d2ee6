"""Models of diffusers as denoisers D(x, sigma)."""

import numpy as np
import torch

from .._check import array, choice
from .adapters import Adapter, alpha_of, from_epsilon, from_v

PREDICTIONS = ("epsilon", "sample", "v_prediction")


def from_diffusers(
    unet, shape, *, alphas_cumprod=None, prediction_type="epsilon", layout="channels_last"
):
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
    layout : {"channels_last", "channels_first"}
        Order of the d numbers of a picture outside the model, as for `from_epsilon`: by default
        that of `specbook.data`. Inside, diffusers has channels first.

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
        return from_epsilon(unet, time=timestep, shape=shape, layout=layout)
    if prediction_type == "v_prediction":
        return from_v(unet, time=timestep, shape=shape, layout=layout)
    return Adapter(unet, shape, layout, alpha_of, timestep, torch.zeros_like, torch.ones_like)
