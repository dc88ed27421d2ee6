"""Traces of matrices, which are letters whose products keep their order."""

import sympy as sp

from .operators import TERMS


class Trace(sp.Expr):
    """The trace of a product or sum of matrices: letters with ``commutative=False``.

    Parameters
    ----------
    expression : sympy.Expr
        What it is the trace of; a number in a sum stands for that multiple of the identity.
    """

    def __new__(cls, expression):
        return sp.Expr.__new__(cls, sp.sympify(expression))

    is_commutative = True

    def expanded(self):
        """The same written out for matrices of two rows.

        Returns
        -------
        sympy.Expr
        """
        return _entries(self.args[0]).trace()

    def _latex(self, printer):
        return rf"\operatorname{{Tr}}\left({printer._print(self.args[0])}\right)"

    def _numpycode(self, printer):
        name = printer._module_format("numpy.trace")
        return f"{name}({_matrix_code(self.args[0], printer)})"


def _entries(expression):
    """A matrix of symbols for each letter of an expression of matrices."""
    if expression.is_commutative:
        return expression * sp.eye(TERMS)
    if expression.is_Symbol:
        return sp.Matrix(TERMS, TERMS, lambda i, j: sp.Symbol(f"{expression}[{i}{j}]", real=True))
    if expression.is_Pow:
        return _entries(expression.base) ** expression.exp
    parts = [_entries(arg) for arg in expression.args]
    if expression.is_Add:
        return sum(parts[1:], parts[0])
    if expression.is_Mul:
        return sp.prod(parts, start=sp.eye(TERMS))
    raise ValueError(f"a trace takes sums, products and powers of matrices, not {expression}")


def _matrix_code(expression, printer):
    """NumPy code of an expression of matrices."""
    if expression.is_commutative:
        raise ValueError(f"the trace of the number {expression} needs the size of the matrix")
    if expression.is_Symbol:
        return printer._print(expression)
    if expression.is_Pow:
        power = printer._module_format("numpy.linalg.matrix_power")
        return f"{power}({_matrix_code(expression.base, printer)}, {expression.exp})"
    numbers = [arg for arg in expression.args if arg.is_commutative]
    matrices = [_matrix_code(arg, printer) for arg in expression.args if not arg.is_commutative]
    number = printer._print(expression.func(*numbers))
    if expression.is_Mul:
        return f"({number})*({' @ '.join(f'({m})' for m in matrices)})"
    eye = printer._module_format("numpy.eye")
    return f"({' + '.join(matrices)} + ({number})*{eye}(len({matrices[0]})))"
