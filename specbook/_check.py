"""Checks of arguments that several modules share; every message names the argument."""

import numpy as np


def array(name, value, *, low=None, above=None, ndim=1, finite=True, infinite_ok=False):
    """Return `value` as a float64 array, or raise ``ValueError`` naming the argument.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : array_like
        Numbers; a scalar counts as one entry.
    low, above : float, optional
        Smallest allowed value (inclusive), and value that all entries must exceed.
    ndim : int
        Largest allowed number of dimensions.
    finite : bool
        If True (the default), NaN is refused, and infinity too.
    infinite_ok : bool
        Allow infinity (a limit) although NaN is refused.

    Returns
    -------
    ndarray of float64, at least one-dimensional
    """
    try:
        out = np.atleast_1d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers: {error}") from None
    if out.size == 0:
        raise ValueError(f"{name} is empty: give at least one number")
    if out.ndim > ndim:
        raise ValueError(f"{name} has shape {out.shape}: at most {ndim} dimension(s) are allowed")
    if finite and np.isnan(out).any():
        raise ValueError(f"{name} contains NaN: remove or replace such entries")
    if finite and not infinite_ok and np.isinf(out).any():
        raise ValueError(f"{name} contains infinity: give finite numbers")
    if low is not None and (out < low).any():
        raise ValueError(f"{name} must be at least {low:g}, found {out.min():g}")
    if above is not None and (out <= above).any():
        raise ValueError(f"{name} must be greater than {above:g}, found {out.min():g}")
    return out


def scalar(name, value, **bounds):
    """Return `value` as a float, or raise ``ValueError`` naming the argument."""
    if np.ndim(value) != 0:
        raise ValueError(f"{name} must be one number, not an array of shape {np.shape(value)}")
    return float(array(name, value, **bounds)[0])


def choice(name, value, allowed):
    """Return `value` if it is one of `allowed`, or raise ``ValueError`` that lists them."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}")
    return value


def noise_range(sigma_min, sigma_max):
    """Return both ends of the noise range as floats with 0 < sigma_min < sigma_max."""
    low = scalar("sigma_min", sigma_min, above=0)
    high = scalar("sigma_max", sigma_max, above=0)
    if low >= high:
        raise ValueError(
            f"sigma_min must be smaller than sigma_max, found sigma_min={low:g}, sigma_max={high:g}"
        )
    return low, high
