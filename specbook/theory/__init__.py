"""Laws as numbers: NumPy and SciPy, never torch."""

from .linear import LinearLaw, descent_gain, linear
from .noncentred import linear_weights
from .sampling import sampled_variance

__all__ = ["LinearLaw", "descent_gain", "linear", "linear_weights", "sampled_variance"]
