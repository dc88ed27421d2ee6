"""Training and measuring with torch; knows nothing of the laws."""

from . import declared, runs
from .adapters import from_denoiser, from_epsilon, from_v, from_velocity
from .adapters_diffusers import from_diffusers
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
from .many_steps import many_steps
from .parallel import in_parallel
from .probe import Probe
from .probe_budget import ProbeCost
from .run_state import denoising_loss
from .training import log_steps, train

__all__ = [
    "CircularConvolution",
    "Cost",
    "DeepLinear",
    "LocalConvolution",
    "Preconditioned",
    "Probe",
    "ProbeCost",
    "Raw",
    "ResidualMLP",
    "Schedule",
    "UNet",
    "cost",
    "declared",
    "denoising_loss",
    "descend",
    "descend_together",
    "from_denoiser",
    "from_diffusers",
    "from_epsilon",
    "from_v",
    "from_velocity",
    "generated",
    "generated_variance",
    "in_parallel",
    "log_steps",
    "many_steps",
    "pick_device",
    "plan",
    "runs",
    "train",
    "width_for",
]
