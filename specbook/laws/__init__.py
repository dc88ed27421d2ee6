"""The laws of the book, in SymPy. Importing this package registers all of them in `Law.book`."""

from . import (
    deep,
    emergence,
    equivalence,
    flow_matching,
    foundations,
    linear,
    sampler,
    spectra,
    symbols,
)
from .law import Law, sources

__all__ = [
    "Law", "deep", "emergence", "equivalence", "flow_matching", "foundations", "linear", "sampler",
    "sources", "spectra", "symbols",
]  # fmt: skip
