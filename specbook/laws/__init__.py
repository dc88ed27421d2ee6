"""The laws of the book, in SymPy: one module for each chapter.

`BOOK` holds every law by its label, `symbols` every letter by its name in the code. A module of
laws is found by itself, as soon as it stands in this package.
"""

from .. import _needs

_needs.need("specbook.laws", "laws", "sympy")

from .book import BOOK, PART_OF, PARTS, notation, sources, symbols
from .law import Law
