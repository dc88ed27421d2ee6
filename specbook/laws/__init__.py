"""The laws of the book, in SymPy. Importing this package registers all of them in `Law.book`."""

from . import (
    circulant,
    deep,
    emergence,
    equivalence,
    flow_matching,
    foundations,
    linear,
    local_convolution,
    sampler,
    spectra,
    symbols,
)
from .law import Law, sources

__all__ = [
    "Law",
    "circulant",
    "deep",
    "emergence",
    "equivalence",
    "flow_matching",
    "foundations",
    "linear",
    "local_convolution",
    "sampler",
    "sources",
    "spectra",
    "symbols",
]
