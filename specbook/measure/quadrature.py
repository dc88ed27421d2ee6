"""Nodes and weights of integrals that a chapter takes by brute force."""

import numpy as np

from .._check import array, integer


def gauss_panels(edges, order=10):
    """Gauss–Legendre nodes and weights in panels that lie side by side.

    Parameters
    ----------
    edges : array_like, shape (panels + 1,)
        Ends of the panels, increasing; in the logarithm of the noise level for integrals over it.
    order : int
        Nodes in a panel. Polynomials up to degree 2 * order - 1 are integrated exactly.

    Returns
    -------
    nodes, weights : ndarray, shape (panels * order,)
        The integral of f is ``weights @ f(nodes)``.

    Examples
    --------
    >>> nodes, weights = gauss_panels([0.0, 1.0, 3.0], order=2)
    >>> float(weights @ nodes**3)
    20.25
    """
    edges = array("edges", edges)
    if edges.size < 2 or (np.diff(edges) <= 0).any():
        raise ValueError("edges must be two numbers or more that increase")
    places, shares = np.polynomial.legendre.leggauss(integer("order", order))
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (places + 1)).ravel(), (half * shares).ravel()
