"""Power-law fits, and error bars over seeds and over independent items."""

from dataclasses import dataclass

import numpy as np

from .._check import array


@dataclass(frozen=True)
class PowerLaw:
    """A fit y = prefactor * x**exponent.

    Attributes
    ----------
    exponent, prefactor : float
        Least-squares fit of log y on log x.
    ols_error : float
        Standard error of the exponent from the scatter about the line. On points that lie on
        a smooth bent curve it measures the bend, not a statistical error.
    r2 : float
        Share of the variance of log y that the line explains.
    """

    exponent: float
    ols_error: float
    prefactor: float
    r2: float


def power_law(x, y, within=None):
    """Fit a power law by ordinary least squares in logarithms.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Positive numbers, n >= 3; pairs in which `y` is NaN are left out.
    within : (float, float), optional
        Smallest and largest `x` that count, both included.

    Returns
    -------
    PowerLaw

    Notes
    -----
    eq-power-law of the book.

    Examples
    --------
    >>> power_law([1, 2, 4], [3.0, 1.5, 0.75]).exponent
    -1.0
    """
    x, y = array("x", x, above=0), array("y", y, finite=False)
    if x.shape != y.shape:
        raise ValueError(f"x and y must have the same length, found {x.shape} and {y.shape}")
    keep = ~np.isnan(y)
    if within is not None:
        low, high = limits(within)
        keep &= (x >= low) & (x <= high)
    y = array("y", y[keep], above=0) if keep.any() else y[keep]
    x = x[keep]
    if x.size < 3 or np.ptp(x) == 0:
        raise ValueError(f"a power law needs three points with different x, found {x.size}")
    u, v = np.log(x), np.log(y)
    spread = ((u - u.mean()) ** 2).sum()
    slope = ((u - u.mean()) * (v - v.mean())).sum() / spread
    rest = v - v.mean() - slope * (u - u.mean())
    total = ((v - v.mean()) ** 2).sum()
    return PowerLaw(
        exponent=float(slope),
        ols_error=float(np.sqrt((rest**2).sum() / (x.size - 2) / spread)),
        prefactor=float(np.exp(v.mean() - slope * u.mean())),
        r2=float(1 - (rest**2).sum() / total) if total > 0 else 1.0,
    )


def limits(within):
    """Smallest and largest number of a range, or ``ValueError``.

    Parameters
    ----------
    within : (float, float)

    Returns
    -------
    low, high : float
    """
    low, high = array("within", within)[[0, -1]] if np.size(within) == 2 else (np.inf, 0)
    if not low < high:
        raise ValueError(f"within must be a smallest and a largest x, found {within!r}")
    return low, high


def over_seeds(fits):
    """Mean exponent over seeds and its standard error.

    Parameters
    ----------
    fits : sequence of PowerLaw or float
        One fit, or one number, for each seed; at least two.

    Returns
    -------
    mean, error : float
        The error is the standard deviation over seeds divided by the root of their number.
    """
    if np.ma.is_masked(fits):
        raise ValueError("fits has masked entries: drop them")
    try:
        values = [getattr(fit, "exponent", fit) for fit in fits]
    except TypeError:
        raise ValueError("fits must be a list of fits or numbers") from None
    values = array("fits", values, low=-1e100, high=1e100)
    if values.size < 2:
        raise ValueError("fits needs at least two seeds for an error bar")
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))


def jackknife(items, statistic):
    """A statistic of independent items, and its standard error from leaving one out at a time.

    Parameters
    ----------
    items : sequence
        At least two; what varies independently, such as photographs (not patches of them).
    statistic : callable
        Takes a list of items, returns a number or an array.

    Returns
    -------
    value, error : float or ndarray
        The statistic of all items, and its standard error.

    Notes
    -----
    Efron & Stein, The Annals of Statistics 9 (1981) 586: on average not too small. From n items
    the error itself is uncertain by a share of about 1 / sqrt(2 (n - 1)).

    Examples
    --------
    >>> value, error = jackknife([1.0, 2.0, 6.0], np.mean)
    >>> print(f"{value} +- {error:.4f}")
    3.0 +- 1.5275
    """
    if not callable(statistic):
        raise ValueError(f"statistic must be callable, not {type(statistic).__name__}")
    if not np.iterable(items) or np.ma.is_masked(items):
        raise ValueError("items must be a list of at least two, none of them masked")
    items = list(items)
    if len(items) < 2:
        raise ValueError(f"items must be at least two for an error bar, found {len(items)}")
    try:
        value, *left = (statistic(part) for part in _all_and_all_but_one(items))
    except (TypeError, RuntimeError) as error:
        raise ValueError(f"statistic cannot take a list of these items: {error}") from error
    left = array("what statistic returns", left, ndim=32, low=-1e100, high=1e100)
    return value, np.sqrt((len(items) - 1) * left.var(axis=0))


def _all_and_all_but_one(items):
    yield items
    for i in range(len(items)):
        yield items[:i] + items[i + 1 :]
