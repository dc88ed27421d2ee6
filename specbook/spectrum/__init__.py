"""Mean, mode variances and modes of a data set, by several routes; power spectra of images."""

from .decomposition import Spectrum
from .fourier import power_spectrum, radial_frequency
