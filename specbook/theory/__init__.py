"""Laws as numbers: NumPy and SciPy, never torch."""

from .deep_linear import DeepLaw, deep_linear
from .descent import descent_gain
from .equivalence import Mixture, linear_loss, mixture
from .linear import LinearLaw, linear
from .noncentred import linear_weights
from .sampling import fitted_schedule, sampled_variance, sampler_error
from .two_layer import LogisticLaw, RiccatiLaw, two_layer, two_layer_weights

__all__ = [
    "DeepLaw",
    "LinearLaw",
    "LogisticLaw",
    "Mixture",
    "RiccatiLaw",
    "deep_linear",
    "descent_gain",
    "fitted_schedule",
    "linear",
    "linear_loss",
    "linear_weights",
    "mixture",
    "sampled_variance",
    "sampler_error",
    "two_layer",
    "two_layer_weights",
]
