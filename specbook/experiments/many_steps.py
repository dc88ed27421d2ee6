"""Very many steps of gradient descent with exact gradients, without doing them one by one."""

import numpy as np

from .._check import array


def many_steps(lost, push, steps):
    """Weights after any numbers of steps of descent on a quadratic loss, from zero.

    A step is ``weights - weights @ lost + push``.

    Parameters
    ----------
    lost : array_like, shape (d, d)
        Share that a step takes away: learning rate times second derivative of the loss.
    push : array_like, shape (k, d)
        What a step adds.
    steps : array_like of int, shape (n,)
        Numbers of steps, in any order, at least 0.

    Returns
    -------
    ndarray, shape (n, k, d)

    Notes
    -----
    Two steps in a row are one of the same form, so 2**j steps cost j products of matrices.

    Examples
    --------
    >>> many_steps([[0.5]], [[1.0]], [0, 1, 2, 50]).ravel()
    array([0. , 1. , 1.5, 2. ])
    """
    lost, push = (
        np.atleast_2d(array(name, value, ndim=2))
        for name, value in (("lost", lost), ("push", push))
    )
    if lost.shape != (push.shape[-1],) * 2 or push.ndim != 2:
        raise ValueError(f"lost and push do not fit together: {lost.shape} and {push.shape}")
    number = array("steps", steps, low=0, high=1e18)
    if np.ndim(steps) != 1 or (number != np.round(number)).any():
        raise ValueError("steps must be a list of whole numbers, none below 0")
    steps = number.astype(int)
    weights = np.zeros((steps.size, *push.shape))
    with np.errstate(over="ignore", invalid="ignore"):
        for doubling in range(int(steps.max()).bit_length()):
            due = (steps >> doubling) & 1 == 1
            weights[due] += push - weights[due] @ lost
            lost, push = 2 * lost - lost @ lost, 2 * push - push @ lost
    if not np.isfinite(weights).all():
        raise ValueError("lost is so large that the weights leave float64 within these steps")
    return weights
