"""Laws as numbers: NumPy and SciPy, never torch."""

from .deep_linear import DeepLaw, deep_linear
from .circulant import CirculantLaw, circulant, circulant_channels, circulant_weights
from .descent import descent_gain
from .equivalence import Mixture, linear_loss, mixture
from .flow_matching import FlowMatchingLaw, flow_matching
from .linear import LinearLaw, linear
from .local_convolution import LocalConvolutionLaw, local_convolution
from .noncentred import linear_weights
from .preconditioned import PreconditionedLaw, preconditioned
from .sampling import fitted_schedule, sampled_variance, sampler_error
from .two_layer import LogisticLaw, RiccatiLaw, two_layer, two_layer_weights

__all__ = [
    "DeepLaw", "FlowMatchingLaw", "LinearLaw", "LogisticLaw", "Mixture", "PreconditionedLaw",
    "RiccatiLaw", "deep_linear", "descent_gain", "fitted_schedule", "flow_matching", "linear",
    "linear_loss", "linear_weights", "mixture", "preconditioned", "sampled_variance",
    "sampler_error", "two_layer", "two_layer_weights",
    "CirculantLaw", "LinearLaw", "Mixture", "circulant", "circulant_channels", "circulant_weights",
    "descent_gain", "fitted_schedule", "linear", "linear_loss", "linear_weights", "mixture",
    "sampled_variance", "sampler_error",
    "LinearLaw", "LocalConvolutionLaw", "Mixture", "descent_gain", "fitted_schedule", "linear",
    "linear_loss", "linear_weights", "local_convolution", "mixture", "sampled_variance",
    "sampler_error",
]  # fmt: skip
