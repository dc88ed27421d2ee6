"""The laws of the book, in SymPy. Importing this package registers all of them in `Law.book`."""

from . import foundations, linear, symbols
from .law import Law

__all__ = ["Law", "foundations", "linear", "symbols"]
