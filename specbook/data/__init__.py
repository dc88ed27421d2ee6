"""Data without downloads: photographs and digits that other packages ship, Gaussians, own images.

Photographs come from scikit-image and scikit-learn; licences and attribution stand on the
page "Image credits" of the book.
"""

from .folders import load_images
from .patches import natural_patches
from .photographs import GREY, PHOTOGRAPHS, SPLITS, digits, photograph
from .synthetic import gaussian, random_field
from .units import UNITS, standardise
