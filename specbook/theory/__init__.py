"""Laws as numbers: NumPy and SciPy, never torch."""

from .circulant import CirculantLaw, circulant, circulant_channels, circulant_weights
from .descent import descent_gain
from .equivalence import Mixture, linear_loss, mixture
from .linear import LinearLaw, linear
from .noncentred import linear_weights
from .sampling import fitted_schedule, sampled_variance, sampler_error

__all__ = [
    "CirculantLaw", "LinearLaw", "Mixture", "circulant", "circulant_channels", "circulant_weights",
    "descent_gain", "fitted_schedule", "linear", "linear_loss", "linear_weights", "mixture",
    "sampled_variance", "sampler_error",
]  # fmt: skip
