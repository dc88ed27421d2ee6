"""What is measured on pictures."""

import numpy as np

from .._check import array


def roughness(pictures):
    """Mean squared difference of neighbouring pixels over the mean square of a picture.

    Parameters
    ----------
    pictures : array_like, shape (N, height, width)
        Pictures; none is zero everywhere.

    Returns
    -------
    ndarray, shape (N,)
        Squared differences along both axes, summed, over squares, summed. About 4 for white
        noise, and small for smooth pictures; the unit of the pixels does not matter.

    Examples
    --------
    >>> roughness([[[1.0, 1.0], [1.0, 1.0]], [[1.0, -1.0], [-1.0, 1.0]]])
    array([0., 4.])
    """
    pictures = array("pictures", pictures, ndim=3)
    if pictures.ndim != 3:
        raise ValueError(f"pictures must have shape (N, height, width), found {pictures.shape}")
    size = (pictures**2).sum((1, 2))
    if (size == 0).any():
        raise ValueError("pictures must not be zero everywhere: they have no mean square")
    steps = (np.diff(pictures, axis=1) ** 2).sum((1, 2))
    steps += (np.diff(pictures, axis=2) ** 2).sum((1, 2))
    return steps / size
