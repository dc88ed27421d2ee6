"""The laws of the book, in SymPy. Importing this package registers all of them in `Law.book`."""

from . import circulant, equivalence, foundations, linear, sampler, spectra, symbols
from .law import Law, sources

__all__ = [
    "Law", "circulant", "equivalence", "foundations", "linear", "sampler", "sources", "spectra",
    "symbols",
]  # fmt: skip
