"""Checks of arguments that several modules share; every message names the argument."""

import operator

import numpy as np

#: Bounds of noise levels and the like: beyond them a square, or quotient of squares, is no number.
NOISE = {"above": 0, "low": 1e-100, "high": 1e100}


def array(
    name, value, *, low=None, above=None, high=None, ndim=1, finite=True, infinite_ok=False
):
    """Return a float64 copy of `value`, or raise ``ValueError`` naming the argument.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : array_like
        Real numbers; a scalar counts as one entry.
    low, above, high : float, optional
        Smallest allowed value (inclusive), value that all entries must exceed, and largest
        allowed value.
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
        given = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # the last one for a tensor with a gradient
        given = np.asarray(None)
    if given.size == 0:
        raise ValueError(f"{name} is empty: give at least one number")
    if given.dtype.kind not in "iuf":
        raise ValueError(
            f"{name} must be real numbers in a regular array, not {type(value).__name__}"
            + (f" of {given.dtype}" if given.dtype.kind != "O" else "")
        )
    if np.ma.is_masked(value):
        raise ValueError(f"{name} has masked entries: fill or drop them")
    out = np.atleast_1d(np.array(given, dtype=np.float64))
    if out.ndim > ndim:
        raise ValueError(f"{name} has shape {out.shape}: at most {ndim} dimension(s) are allowed")
    if finite and np.isnan(out).any():
        raise ValueError(f"{name} contains NaN: remove or replace such entries")
    if finite and not infinite_ok and np.isinf(out).any():
        raise ValueError(f"{name} contains infinity: give finite numbers")
    if above is not None and (out <= above).any():
        raise ValueError(f"{name} must be greater than {above:g}, found {out.min():g}")
    if low is not None and (out < low).any():
        raise ValueError(f"{name} must be at least {low:g}, found {out.min():g}")
    if high is not None and (out > high).any():
        raise ValueError(f"{name} must be at most {high:g}, found {out.max():g}")
    return out


def scalar(name, value, **bounds):
    """Return `value` as a float, or raise ``ValueError`` naming the argument."""
    out = array(name, value, ndim=32, **bounds)
    if np.ndim(value) != 0:
        raise ValueError(f"{name} must be one number, not an array of shape {out.shape}")
    return float(out[0])


def integer(name, value, low=1, high=10**9):
    """Return `value` as an int from `low` to `high`, or raise ``ValueError``.

    A count above 10**9 is taken for a mistake; for seeds, `high` is None.
    """
    try:
        whole = operator.index(value)
    except TypeError:
        whole = None
    if whole is None or isinstance(value, bool | np.bool_) or whole < low:
        raise ValueError(f"{name} must be a whole number of at least {low}, found {value!r}")
    if high is not None and whole > high:
        raise ValueError(f"{name} must be at most {high}, found {value!r}")
    return whole


def choice(name, value, allowed):
    """Return `value` if it is one of `allowed`, or raise ``ValueError`` that lists them."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}")
    return value


def generator(name, value):
    """A NumPy random generator from a seed or a generator, or raise ``ValueError``."""
    if isinstance(value, np.random.Generator):
        return value
    several = isinstance(value, list | tuple) and value  # other sequences can crash NumPy
    try:
        seeds = [integer(name, seed, low=0, high=None) for seed in (value if several else [value])]
        return np.random.default_rng(seeds if several else seeds[0])
    except ValueError:
        raise ValueError(
            f"{name} must be a seed (whole numbers) or a numpy Generator, not {value!r}"
        ) from None


def flag(name, value):
    """Return `value` if it is True or False, or raise ``ValueError``."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, not {value!r}")
    return bool(value)


def broadcast(name, value, size, to):
    """`value` with `size` entries if it has one or `size`, or raise ``ValueError``."""
    if value.ndim != 1 or value.size not in (1, size):
        raise ValueError(f"{name} has shape {value.shape}, {to} has {size} entries")
    return np.broadcast_to(value, size)


def per_mode(variances, **others):
    """Check the arguments of a law and give each one entry per mode.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variances of the data, not negative.
    **others : array_like, shape (mode,), or scalar
        Further arguments by their names.

    Returns
    -------
    variances : ndarray, shape (mode,)
    scalar_modes : bool
        Whether all arguments were scalars.
    others : list of ndarray, each of shape (mode,)
    """
    parts = {"variances": array("variances", variances, low=0)}
    parts |= {name: array(name, value) for name, value in others.items()}
    for name, value in parts.items():
        array(f"size of {name}", np.abs(value), high=NOISE["high"])
    scalar_modes = all(np.ndim(value) == 0 for value in (variances, *others.values()))
    size, longest = max((value.size, name) for name, value in parts.items())
    if parts["variances"].size > 1:
        size, longest = parts["variances"].size, "variances"
    variances, *rest = (broadcast(name, value, size, longest) for name, value in parts.items())
    return variances, scalar_modes, rest


def not_negative(**named):
    """Check arrays whose entries are 0 or positive numbers that are not tiny."""
    for name, value in named.items():
        array(name, value, low=0)
        if ((value > 0) & (value < NOISE["low"])).any():
            raise ValueError(f"{name} must be 0 or at least {NOISE['low']:g}")


def noise_range(sigma_min, sigma_max):
    """Return both ends of the noise range as floats with 0 < sigma_min < sigma_max."""
    low, high = scalar("sigma_min", sigma_min, **NOISE), scalar("sigma_max", sigma_max, **NOISE)
    if low >= high:
        raise ValueError(
            f"sigma_min must be smaller than sigma_max, found sigma_min={low:g}, sigma_max={high:g}"
        )
    return low, high


def covariance(name, value):
    """Return a symmetric matrix without negative variances, or raise ``ValueError``.

    Also its variances (rounded up to 0) and modes, as `numpy.linalg.eigh` gives them.
    """
    matrix = array(name, value, ndim=2)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name} must be a square matrix, found shape {matrix.shape}")
    if np.abs(matrix - matrix.T).max() > 1e-10 * np.abs(matrix).max():
        raise ValueError(f"{name} must be symmetric")
    variances, modes = np.linalg.eigh(matrix)
    if variances[0] < -1e-10 * np.abs(variances).max():
        raise ValueError(f"{name} has a negative variance, {variances[0]:g}")
    return matrix, np.maximum(variances, 0), modes
