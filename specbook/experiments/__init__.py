"""Training and measuring with torch; knows nothing of the laws."""

from .. import _needs

_needs.need("specbook.experiments", "torch", "torch", "tqdm")

from .adapters import from_denoiser, from_epsilon, from_v, from_velocity
from .adapters_diffusers import from_diffusers
from .adapters_edm import from_edm
from .budget import ProbeCost
from .callbacks import lightning_callback, trainer_callback
from .denoisers import Cost, Preconditioned, Raw, cost, width_for
from .devices import pick_device
from .emergence_fit import EmergenceFit
from .linear import Schedule, descend, generated, generated_variance, plan
from .many_steps import many_steps
from .mlp import ResidualMLP
from .parallel import in_parallel
from .points import Points, measure
from .probe import Probe
from .probe_checkpoints import probe_checkpoints
from .record import Record
from .seeds import SeedTimes, times_over_seeds
from .settings import log_steps
from .step import denoising_loss
from .training import train
from .unet import UNet
