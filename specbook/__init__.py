"""specbook: what a diffusion model has learned, by law and by measurement.

The subpackages are loaded when they are first used, so ``import specbook`` needs neither
torch nor matplotlib:

>>> import specbook
>>> law = specbook.theory.linear([1.0, 0.1])
"""

from importlib import import_module

__version__ = "0.1.0"

_PARTS = (
    "noise", "sampler", "spectrum", "stationary", "data", "measure",
    "laws", "theory", "experiments", "studies", "reading",
)


def __getattr__(name):
    if name in _PARTS:
        return import_module(f"specbook.{name}")
    raise AttributeError(f"module 'specbook' has no attribute {name!r}")


def __dir__():
    return [*_PARTS, "__version__"]
