"""Functions that SymPy has under another name, or not at all."""

import sympy as sp


def normal_cdf(x):
    """The probability that a standard normal variable is below `x`.

    Parameters
    ----------
    x : sympy.Expr
        Its argument.

    Returns
    -------
    sympy.Expr
    """
    return (1 + sp.erf(x / sp.sqrt(2))) / 2


def e_1(x):
    """The exponential integral E_1."""
    return sp.expint(1, x)


def ein(x):
    """The entire exponential integral: E_1 plus the logarithm and Euler's constant."""
    return e_1(x) + sp.log(x) + sp.EulerGamma
