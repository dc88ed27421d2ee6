"""Laws as numbers: NumPy and SciPy, never torch."""

from .descent import descent_gain
from .equivalence import Mixture, linear_loss, mixture
from .flow_matching import FlowMatchingLaw, flow_matching
from .linear import LinearLaw, linear
from .noncentred import linear_weights
from .preconditioned import PreconditionedLaw, preconditioned
from .sampling import fitted_schedule, sampled_variance, sampler_error

__all__ = [
    "FlowMatchingLaw", "LinearLaw", "Mixture", "PreconditionedLaw", "descent_gain",
    "fitted_schedule", "flow_matching", "linear", "linear_loss", "linear_weights", "mixture",
    "preconditioned", "sampled_variance", "sampler_error",
]  # fmt: skip
