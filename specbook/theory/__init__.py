"""Laws as numbers: NumPy and SciPy, never torch."""

from ..sampler import Sampling
from .circulant import CirculantLaw, circulant, circulant_channels, circulant_weights
from .deep_linear import DeepLaw, deep_linear
from .descent import descent_gain
from .equivalence import Mixture, linear_loss, mixture
from .flow_matching import FlowMatchingLaw, flow_matching
from .for_model import for_model
from .linear import CoupledLaw, LinearLaw, linear
from .local_convolution import LocalConvolutionLaw, local_convolution
from .noncentred import linear_weights
from .preconditioned import DeepPreconditionedLaw, PreconditionedLaw, preconditioned
from .sampling import fitted_schedule, sampled_variance, sampler_error
from .two_layer import LogisticLaw, RiccatiLaw, two_layer, two_layer_weights
