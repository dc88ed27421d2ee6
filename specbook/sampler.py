"""The probability-flow ODE, stepped by Euler or Heun for any denoiser.

The same code moves a NumPy array of modes (theory) and a torch tensor of images
(experiments), so both carry the same discretisation error.
"""

from itertools import pairwise

import numpy as np

from ._check import array, choice


def check_sigmas(sigmas):
    """Return `sigmas` as floats from large to small, or raise ``ValueError``.

    Parameters
    ----------
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing; the last may be 0.

    Returns
    -------
    list of float
    """
    sigmas = array("sigmas", sigmas, low=0)
    if sigmas.size < 2:
        raise ValueError("sigmas needs at least two noise levels")
    if (np.diff(sigmas) >= 0).any():
        raise ValueError("sigmas must decrease strictly, from the largest noise level to the last")
    return [float(s) for s in sigmas]


def euler(denoise, x, sigmas):
    """Integrate dx/dsigma = (x - D(x; sigma)) / sigma by Euler steps.

    Parameters
    ----------
    denoise : callable
        ``denoise(x, sigma)`` returns the denoised `x`; `sigma` is a float.
    x : array or tensor
        State at ``sigmas[0]``, of any shape that `denoise` takes.
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing; the last may be 0.

    Returns
    -------
    array or tensor
        State at ``sigmas[-1]``, of the type and shape of `x`.
    """
    for a, b in pairwise(check_sigmas(sigmas)):
        # x + (b - a) (x - D) / a, as a mean of x and D: no digits are lost when x shrinks
        x = b / a * x + (1 - b / a) * denoise(x, a)
    return x


def heun(denoise, x, sigmas):
    """Integrate the probability-flow ODE by Heun's second-order steps.

    A step that ends at noise level 0 is an Euler step, since the slope is not defined there; it
    returns the denoiser's output.

    Parameters
    ----------
    denoise : callable
        ``denoise(x, sigma)`` returns the denoised `x`; `sigma` is a float.
    x : array or tensor
        State at ``sigmas[0]``, of any shape that `denoise` takes.
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing; the last may be 0.

    Returns
    -------
    array or tensor
        State at ``sigmas[-1]``, of the type and shape of `x`.

    Notes
    -----
    Karras et al., arXiv:2206.00364, algorithm 1.
    """
    for a, b in pairwise(check_sigmas(sigmas)):
        denoised = denoise(x, a)
        x = b / a * x + (1 - b / a) * denoised  # the Euler step
        if b > 0:
            # half the slopes at both ends instead of the first: only the denoised points differ
            x = x + (a / b - 1) / 2 * (denoise(x, b) - denoised)
    return x


METHODS = {"heun": heun, "euler": euler}


def sample(denoise, x, sigmas, method="heun"):
    """Integrate by the method of that name: `heun` or `euler`.

    Parameters
    ----------
    denoise : callable
        ``denoise(x, sigma)`` returns the denoised `x`; `sigma` is a float.
    x : array or tensor
        State at ``sigmas[0]``, of any shape that `denoise` takes.
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing; the last may be 0.
    method : {"heun", "euler"}
        Which of the two.

    Returns
    -------
    array or tensor
        State at ``sigmas[-1]``, of the type and shape of `x`.

    Notes
    -----
    eq-probability-flow of the book, from ``sigmas[0]`` to ``sigmas[-1]``.
    """
    return METHODS[choice("method", method, tuple(METHODS))](denoise, x, sigmas)
