"""Laws as numbers: NumPy and SciPy, never torch."""

from .descent import descent_gain
from .linear import LinearLaw, linear
from .noncentred import linear_weights
from .sampling import sampled_variance

__all__ = ["LinearLaw", "descent_gain", "linear", "linear_weights", "sampled_variance"]
