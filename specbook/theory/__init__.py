"""Laws as numbers: NumPy and SciPy, never torch."""

from .descent import descent_gain
from .equivalence import Mixture, linear_loss, mixture
from .linear import LinearLaw, linear
from .local_convolution import LocalConvolutionLaw, local_convolution
from .noncentred import linear_weights
from .sampling import fitted_schedule, sampled_variance, sampler_error

__all__ = [
    "LinearLaw", "LocalConvolutionLaw", "Mixture", "descent_gain", "fitted_schedule", "linear",
    "linear_loss", "linear_weights", "local_convolution", "mixture", "sampled_variance",
    "sampler_error",
]  # fmt: skip
