"""What laws say about all values of an index: sums, products, means and shares.

An index is a symbol: a `Letter` that the book prints, as in a sum over modes, or one of those
here, which a bar averages over without naming it.
"""

import sympy as sp
from sympy.core.symbol import Str

from .letter import Letter

MODE, FREQUENCY = sp.symbols("mode frequency")
TERMS = 2


class Over(sp.Expr):
    """An operation over all values of an index: ``Total(expression, index)``.

    The letters of the expression that carry the index differ from term to term, all others are
    the same in each. In NumPy the index is an axis, see `Law.function`.
    """

    def __new__(cls, expression, index):
        return sp.Expr.__new__(cls, sp.sympify(expression), index)

    @property
    def free_symbols(self):
        """All symbols but the index."""
        return self.args[0].free_symbols - {self.args[1]}

    def expanded(self):
        """The same written out over two values of the index.

        Returns
        -------
        sympy.Expr
        """
        expression, index = self.args
        letters = [s for s in expression.free_symbols if index in getattr(s, "index", ())]
        return self._combined(*(
            expression.xreplace({s: s.at(index, n) for s in letters} | {index: sp.Integer(n)})
            for n in range(1, TERMS + 1)
        ))

    def _latex(self, printer):
        expression, index = (printer._print(arg) for arg in self.args)
        return self.shown % {"term": expression, "index": index}

    def _numpycode(self, printer):
        name = printer._module_format(f"numpy.{self.reduction}")
        # `numeric` has put the number of an axis in the place of the index
        return f"{name}({printer._print(self.args[0])}, axis={self.args[1]}, keepdims=True)"


class Total(Over):
    """The sum over an index.

    Parameters
    ----------
    expression : sympy.Expr
        One term.
    index : sympy.Symbol
        What it runs over. Letters that carry it differ from term to term.
    """

    shown, reduction = r"\sum_{%(index)s} \left(%(term)s\right)", "sum"
    _combined = sp.Add

    def _eval_derivative(self, symbol):
        return self.func(self.args[0].diff(symbol), self.args[1])


class Mean(Total):
    """The mean over an index, printed as a bar.

    Parameters
    ----------
    expression : sympy.Expr
        One term.
    index : sympy.Symbol
        What it runs over. Letters that carry it differ from term to term.
    """

    shown, reduction = r"\overline{%(term)s}", "mean"

    @staticmethod
    def _combined(*terms):
        return sp.Add(*terms) / len(terms)


class Product(Over):
    """The product over an index.

    Parameters
    ----------
    expression : sympy.Expr
        One term.
    index : sympy.Symbol
        What it runs over. Letters that carry it differ from term to term.
    """

    shown, reduction = r"\prod_{%(index)s} \left(%(term)s\right)", "prod"
    _combined = sp.Mul

    def _eval_derivative(self, symbol):
        term, index = self.args
        return self * Total(term.diff(symbol) / term, index)


def carried(expression):
    """Indices that an expression carries: those of its letters which no operation is over."""
    if isinstance(expression, Over):
        return carried(expression.args[0]) - {expression.args[1]}
    own = expression.index if isinstance(expression, Letter) else ()
    return set(own).union(*map(carried, expression.args))


class Sliced(sp.Expr):
    """An array to which axes of indices are added, or from which they are taken, in NumPy."""

    def __new__(cls, expression, *axes):
        return sp.Expr.__new__(cls, expression, *(Str(str(axis)) for axis in axes))

    def _numpycode(self, printer):
        expression, *axes = map(printer._print, self.args)
        return f"{printer._module_format('numpy.asarray')}({expression})[..., {', '.join(axes)}]"


def numeric(expression, arguments):
    """The expression ready for ``sympy.lambdify``: each index has become an axis.

    See `Law.function` for how arguments and result carry these axes.
    """
    indices = sorted({over.args[1] for over in expression.atoms(Over)}, key=str)
    if not indices:
        return expression
    axes = {index: sp.Integer(n - len(indices)) for n, index in enumerate(indices)}
    summed = expression.replace(
        lambda e: isinstance(e, Over), lambda e: e.func(e.args[0], axes[e.args[1]])
    )
    placed = {
        argument: Sliced(argument, *(":" if i in carried(argument) else "None" for i in indices))
        for argument in arguments
    }
    kept = carried(expression)
    return Sliced(summed.xreplace(placed), *(":" if i in kept else "0" for i in indices))


def softmax(expression, index):
    """Share of each value of an index in the sum of exponentials.

    Parameters
    ----------
    expression : sympy.Expr
        What stands in the exponentials.
    index : sympy.Symbol
        What the sum runs over.

    Returns
    -------
    sympy.Expr
        It carries the index.
    """
    return sp.exp(expression) / Total(sp.exp(expression), index)
