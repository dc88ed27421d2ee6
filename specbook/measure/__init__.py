"""What is measured on samples and curves: variances, emergence times, fits, divergences."""

from .divergence import DIRECTIONS, gaussian_divergence
from .emergence import (
    CRITERIA,
    Emergence,
    emergence,
    emergence_time,
    log_threshold,
    mode_variances,
    threshold,
)
from .fits import PowerLaw, jackknife, over_seeds, power_law
from .pictures import roughness
from .quadrature import gauss_panels
