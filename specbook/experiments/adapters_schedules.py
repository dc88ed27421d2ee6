"""What a scheduler of diffusers says about the model that it goes with."""

from collections.abc import Mapping

import numpy as np
import torch

from .._check import array, choice, integer, scalar

PREDICTIONS = ("epsilon", "sample", "v_prediction")
FLOW = "flow_prediction"


def config_of(thing, name):
    """Entry of the ``config`` of a model or scheduler, or None."""
    config = getattr(thing, "config", None)
    return config.get(name) if isinstance(config, Mapping) else getattr(config, name, None)


def scheduled(scheduler, prediction_type=None):
    """What a model predicts, and at which timesteps.

    Parameters
    ----------
    scheduler : object
        One of diffusers, by its attributes.
    prediction_type : str, optional
        Instead of the scheduler's own.

    Returns
    -------
    prediction_type : {"epsilon", "sample", "v_prediction", "flow_prediction"}
    schedule : ndarray or (int, float)
        ln(sigma) at each timestep, from `log_levels`; of a flow the number of timesteps in a unit
        of time, and the shift.

    Raises
    ------
    ValueError
        If it cannot be read, with what to give instead.
    """
    if isinstance(scheduler, tuple | list):
        raise ValueError(f"scheduler comes second, and shape by its name: shape={scheduler!r}")
    kind = type(scheduler).__name__
    found = FLOW if "FlowMatch" in kind else config_of(scheduler, "prediction_type")
    found = found if prediction_type is None else prediction_type
    if found == FLOW:
        return found, _flow(scheduler, kind)
    if config_of(scheduler, "timestep_type") == "continuous":
        raise ValueError(
            f"scheduler {kind} has timestep_type='continuous': give time= to from_v or from_epsilon"
        )
    kept = getattr(scheduler, "alphas_cumprod", None)
    if kept is None:
        raise ValueError(
            f"scheduler {kind} has no alphas_cumprod: use from_edm for a network behind EDM's"
            " preconditioning, from_velocity for flow matching, or give alphas_cumprod and"
            " prediction_type instead"
        )
    if found is None:
        raise ValueError(f"prediction_type must be given: scheduler {kind} has none in its config")
    choice("prediction_type", found, (*PREDICTIONS, FLOW))
    return found, log_levels(kept, bool(config_of(scheduler, "rescale_betas_zero_snr")))


def log_levels(alphas_cumprod, zero_snr=False):
    """ln(sigma) at each timestep.

    Parameters
    ----------
    alphas_cumprod : array_like, shape (timestep,)
        Falling, between 0 and 1.
    zero_snr : bool
        The last is pure noise, whatever number stands for its zero.

    Returns
    -------
    ndarray, shape (timestep,)
        Of sigma = sqrt(1 / alphas_cumprod - 1); without a last step of pure noise.
    """
    if torch.is_tensor(alphas_cumprod):
        alphas_cumprod = alphas_cumprod.detach().cpu().double().numpy()
    kept = array("alphas_cumprod", alphas_cumprod, low=0)
    kept = kept[:-1] if zero_snr or kept[-1] == 0 else kept
    falls = kept.size >= 2 and kept[0] < 1 and kept[-1] > 0 and (np.diff(kept) < 0).all()
    if not falls:
        raise ValueError("alphas_cumprod must fall strictly, from below 1, over two or more steps")
    return np.log(1 / kept - 1) / 2


def flow_range(steps, shift):
    """Smallest and largest finite noise level of a flow's timesteps."""
    share = np.array([1, steps - 1]) / steps
    share = shift * share / (1 + (shift - 1) * share)
    return tuple((share / (1 - share)).tolist())


def _flow(scheduler, kind):
    steps, shift = config_of(scheduler, "num_train_timesteps"), config_of(scheduler, "shift")
    if steps is None:
        raise ValueError(
            f"scheduler {kind} has no num_train_timesteps: use from_velocity with reverse_time"
            " and time_scale"
        )
    if config_of(scheduler, "invert_sigmas"):
        raise ValueError(
            f"scheduler {kind} has invert_sigmas, whose time is not that of its noise: use"
            " from_velocity"
        )
    shift = config_of(scheduler, "flow_shift") if shift is None else shift
    if shift is None or config_of(scheduler, "use_dynamic_shifting"):
        shift = 1.0
    return (
        integer("num_train_timesteps", steps, low=3),
        scalar("shift of scheduler", shift, above=0),
    )
