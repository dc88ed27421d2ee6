"""What is measured on samples and curves: variances, emergence times, fits, divergences."""

from dataclasses import dataclass

import numpy as np

from ._check import array, broadcast, choice

#: Which mean of start and target counts as the threshold of emergence.
CRITERIA = ("harmonic", "geometric", "arithmetic")
#: Directions of a divergence.
DIRECTIONS = ("generated||data", "data||generated")


def mode_variances(samples, modes):
    """Variance of samples along each mode, normalised by N.

    Parameters
    ----------
    samples : array_like, shape (N, d)
        One sample a row, N >= 2.
    modes : array_like, shape (d, modes)
        Directions of length 1, one a column.

    Returns
    -------
    ndarray, shape (modes,)
        In squared data units.

    Notes
    -----
    Projecting first costs N d modes operations and never forms a covariance.
    """
    samples, modes = array("samples", samples, ndim=2), array("modes", modes, ndim=2)
    if samples.ndim != 2 or samples.shape[0] < 2:
        raise ValueError(f"samples must have shape (N, d) with N >= 2, found {samples.shape}")
    if modes.ndim != 2 or modes.shape[0] != samples.shape[1]:
        raise ValueError(
            f"modes must have shape ({samples.shape[1]}, modes), one a column, found {modes.shape}"
        )
    return (samples @ modes).var(axis=0)


def threshold(initial, target, criterion):
    """Mean of initial and target variance that a mode has to cross to count as learned.

    Parameters
    ----------
    initial, target : array_like
        Variances before training and in the data, not negative.
    criterion : {"harmonic", "geometric", "arithmetic"}
        Which mean. There is no default, because fitted exponents depend on it.

    Returns
    -------
    ndarray
        The threshold, eq-harmonic or eq-geometric of the book for two of the three.
    """
    initial, target = (
        array(name, value, low=0, ndim=32).reshape(np.shape(value))
        for name, value in (("initial", initial), ("target", target))
    )
    with np.errstate(divide="ignore"):  # the logarithm of 0
        return np.exp(log_threshold(np.log(initial), np.log(target), criterion))


def log_threshold(initial, target, criterion):
    """Logarithm of `threshold` from those of both variances; exact where they are near 0.

    Parameters
    ----------
    initial, target : array_like
        Logarithms of the variances before training and in the data.
    criterion : {"harmonic", "geometric", "arithmetic"}
        Which mean.

    Returns
    -------
    ndarray
    """
    choice("criterion", criterion, CRITERIA)
    if criterion == "geometric":
        return initial / 2 + target / 2
    sign = 1 if criterion == "arithmetic" else -1  # the harmonic mean is that of the inverses
    a, b = sign * np.asarray(initial), sign * np.asarray(target)
    near = np.maximum(np.abs(a), np.abs(b)) < 1
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.log1p((np.expm1(np.where(near, a, 0)) + np.expm1(np.where(near, b, 0))) / 2)
        return sign * np.where(near, close, np.logaddexp(a, b) - np.log(2))


def emergence_time(variance, initial, target, tau, criterion):
    """First training time at which each mode crosses the mean of its start and its target.

    Parameters
    ----------
    variance : array_like, shape (time, mode)
        Recorded variance along each mode, in squared data units.
    initial, target : array_like, shape (mode,) or scalar
        Variance at the start of training and of the data, same units, positive.
    tau : array_like, shape (time,)
        Training times, positive and increasing.
    criterion : {"harmonic", "geometric", "arithmetic"}
        Which mean is the threshold.

    Returns
    -------
    ndarray, shape (mode,)
        Times in units of `tau`, interpolated linearly in log `tau` and log variance; NaN where
        no crossing lies inside `tau`.

    Raises
    ------
    ValueError
        If a variance is not positive, `tau` is not positive and increasing, lengths differ,
        or `criterion` is unknown.

    Notes
    -----
    First passage as in Wang & Pehlevan, arXiv:2503.03206, section 6. Deviation: crossings are
    interpolated, not rounded to a recorded checkpoint, and nothing is smoothed before.

    Examples
    --------
    >>> tau = np.geomspace(1e-3, 1e3, 2000)
    >>> rise = 4 + (0.01 - 4) * np.exp(-2 * tau[:, None] * 4)
    >>> emergence_time(rise, 0.01, [4.0], tau, "arithmetic").round(4)
    array([0.0866])
    """
    variance = array("variance", variance, above=0, ndim=2)
    tau = array("tau", tau, above=0)
    if (np.diff(tau) <= 0).any():
        raise ValueError("tau must increase strictly")
    if variance.ndim != 2 or variance.shape[0] != tau.size:
        raise ValueError(
            f"variance must have shape (time, mode) with {tau.size} times, found {variance.shape}"
        )
    initial, target = (
        np.log(broadcast(name, array(name, value, above=0), variance.shape[1], "variance"))
        for name, value in (("initial", initial), ("target", target))
    )
    level = log_threshold(initial, target, criterion)
    curve = np.log(variance)
    rising = initial < level
    passed = np.where(rising, curve >= level, curve <= level)
    after = passed.argmax(axis=0)
    before = np.maximum(after - 1, 0)
    mode = np.arange(variance.shape[1])
    low, high = curve[before, mode], curve[after, mode]
    share = np.divide(level - low, high - low, out=np.zeros_like(low), where=high != low)
    time = np.exp(np.log(tau[before]) + share * np.log(tau[after] / tau[before]))
    inside = passed.any(axis=0) & ~passed[0]
    return np.where(inside, time, np.nan)


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
        low, high = array("within", within)[[0, -1]] if np.size(within) == 2 else (np.inf, 0)
        if not low < high:
            raise ValueError(f"within must be a smallest and a largest x, found {within!r}")
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
    try:
        values = [getattr(fit, "exponent", fit) for fit in fits]
    except TypeError:
        raise ValueError("fits must be a list of fits or numbers") from None
    values = array("fits", values)
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
    items = list(items)
    if len(items) < 2:
        raise ValueError(f"items must be at least two for an error bar, found {len(items)}")
    left = np.array([statistic(items[:i] + items[i + 1 :]) for i in range(len(items))])
    return statistic(items), np.sqrt((len(items) - 1) * left.var(axis=0))


def gaussian_divergence(log_ratio, shift=0.0, variances=1.0, direction="generated||data"):
    """Kullback–Leibler divergence between Gaussians that share their modes, mode by mode.

    Parameters
    ----------
    log_ratio : array_like, shape (..., mode)
        Logarithm of generated over data variance.
    shift : array_like
        Generated minus data mean along each mode.
    variances : array_like, shape (mode,)
        Data variances, positive.
    direction : {"generated||data", "data||generated"}
        Which of the two the average is taken over (the first).

    Returns
    -------
    ndarray, shape (..., mode)
        Divergence in nats; sum over modes for the whole.

    Notes
    -----
    eq-kl and eq-kl-reverse of the book: (r - 1 - ln r + shift**2 / lam) / 2 with r the ratio of
    the first to the second variance and lam the second one. r - 1 - ln r is summed as a series
    near r = 1, where subtracting would lose all digits.
    """
    choice("direction", direction, DIRECTIONS)
    x, shift = np.asarray(log_ratio, dtype=np.float64), np.asarray(shift, dtype=np.float64)
    for name, value in (("log_ratio", x), ("shift", shift)):
        if np.isnan(value).any():
            raise ValueError(f"{name} contains NaN")
    variances = np.asarray(variances, dtype=np.float64)
    if not (variances > 0).all():
        raise ValueError("variances must be positive")
    distance = shift**2 / variances
    if direction == "data||generated":
        with np.errstate(over="ignore", invalid="ignore"):
            return (_bregman(-x) + np.where(distance > 0, distance * np.exp(-x), 0)) / 2
    return (_bregman(x) + distance) / 2


def _bregman(x):
    """exp(x) - 1 - x without cancellation near 0."""
    small = np.where(np.abs(x) < 0.1, x, 0.0)
    series = np.zeros_like(small)
    for n in range(12, 1, -1):  # Horner: x**2/2! + x**3/3! + ... + x**12/12!
        series = (series + 1.0) * small / n
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(
            np.abs(x) < 0.1, series * small, np.where(x == np.inf, np.inf, np.expm1(x) - x)
        )
