"""The laws of the book, in SymPy. Importing this package registers all of them in `Law.book`."""

from . import (
    circulant,
    deep,
    emergence,
    equivalence,
    flow_matching,
    fmt,
    foundations,
    linear,
    local_convolution,
    sampler,
    skip,
    sources,
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
    "fmt",
    "foundations",
    "linear",
    "local_convolution",
    "sampler",
    "skip",
    "sources",
    "sources",
    "spectra",
    "symbols",
]
