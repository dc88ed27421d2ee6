"""Training and measuring with torch; knows nothing of the laws."""

from .denoisers import (
    CircularConvolution,
    Cost,
    DeepLinear,
    LocalConvolution,
    Preconditioned,
    Raw,
    ResidualMLP,
    UNet,
    cost,
    width_for,
)
from .devices import pick_device
from .ensemble import descend_together
from .linear import Schedule, descend, generated, generated_variance, plan
from .run_state import denoising_loss
from .training import log_steps, train

__all__ = [
    "CircularConvolution",
    "Cost",
    "DeepLinear",
    "LocalConvolution",
    "Preconditioned",
    "Raw",
    "ResidualMLP",
    "Schedule",
    "UNet",
    "cost",
    "denoising_loss",
    "descend",
    "descend_together",
    "generated",
    "generated_variance",
    "log_steps",
    "pick_device",
    "plan",
    "train",
    "width_for",
]
