"""Circular convolutions as wide as the picture: the linear law, frequency by frequency."""

import numpy as np

from .._check import NOISE, array, scalar
from .linear import OneLayerLaw

EVEN = 1e-8  # opposite frequencies of real data have the same power, to this share of the largest


def circulant(power, eta=1.0, q0=0.0):
    """Law of a circular convolution D(x; sigma) = filter * x with one weight for each place.

    Parameters
    ----------
    power : array_like, shape (n,) or (height, width)
        Variance of each unitary Fourier coefficient of the data about the mean of all pixels,
        not negative, in squared data units; all frequencies, as `spectrum.power_spectrum` and
        `stationary.power` give them. Data that are not stationary enter through it
        alone: it is the power of all their shifts.
    eta : float
        Learning rate of each weight of the filter, positive. Laws depend on eta * tau alone.
    q0 : array_like, of the shape of `power`, or scalar
        Gain of each frequency before training: the discrete Fourier transform of the filter.

    Returns
    -------
    CirculantLaw
        With the methods of `linear`, less those of mean and bias. Its modes are the frequencies,
        row by row:
        ``values.reshape(*values.shape[:-1], *power.shape)`` has them as in `power`.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite or of the wrong shape, or a power negative.

    Notes
    -----
    eq-circulant-gain and eq-circulant-variance of the book; Wang & Pehlevan, arXiv:2503.03206,
    propositions 5.2 and 5.3. With n places it is the law of `linear` at the learning rate
    n * eta: all places give a gradient to the same weight. Loss summed over dimensions; if it
    is averaged instead, give eta / n. A start that is not even has complex gains; for the variance
    that the exact flow generates only their real parts count: give those.

    Examples
    --------
    >>> law = circulant([1.0, 0.1, 0.01, 0.1])
    >>> law.gain(0.1, [0.0, 0.1, np.inf]).round(3)
    array([[0.   , 0.   , 0.   , 0.   ],
           [0.549, 0.077, 0.008, 0.077],
           [0.99 , 0.909, 0.5  , 0.909]])
    """
    checked = array("power", power, low=0, ndim=2).reshape(np.shape(power))
    return CirculantLaw(checked, checked.size, eta, q0)


def circulant_channels(power, eta=1.0, q0=0.0):
    """Law of a circular convolution between several channels, such as colours.

    Parameters
    ----------
    power : array_like, shape (n, channels, channels) or (height, width, channels, channels)
        Covariance matrix of the channels at each frequency, as `stationary.channel_power` gives
        it: complex and Hermitian, without negative eigenvalues, in squared data units.
    eta : float
        Learning rate of each weight of the filters, positive.
    q0 : float
        Gain before training: that number times the identity.

    Returns
    -------
    CirculantLaw
        Its modes are the eigenvectors of the matrices, for each frequency from the smallest
        eigenvalue to the largest, as `numpy.linalg.eigh` gives them.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite or of the wrong shape, or a matrix is not Hermitian
        or has a negative eigenvalue.

    Notes
    -----
    eq-circulant-channels of the book. The factor is the number of places, whatever the number
    of channels.

    Examples
    --------
    >>> colours = np.array([[2.0, 1.0], [1.0, 2.0]])
    >>> circulant_channels([colours, colours]).gain(1.0, np.inf).round(3)
    array([0.5 , 0.75, 0.5 , 0.75])
    """
    try:
        matrices = np.asarray(power).astype(complex)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise ValueError("power must be an array of matrices") from None
    if matrices.ndim not in (3, 4) or matrices.shape[-1] != matrices.shape[-2]:
        raise ValueError(
            "power must have shape (n, channels, channels) or (height, width, channels, channels),"
            f" found {matrices.shape}"
        )
    parts = np.stack([matrices.real, matrices.imag])
    size = np.abs(array("power", parts, ndim=5)).max()
    if np.abs(matrices - np.swapaxes(matrices, -1, -2).conj()).max() > 1e-10 * size:
        raise ValueError("power must hold Hermitian matrices")
    variances = np.linalg.eigvalsh(matrices)
    if variances.min() < -1e-10 * size:
        raise ValueError(f"power has a negative eigenvalue, {variances.min():g}")
    places = variances[..., 0].size
    return CirculantLaw(np.maximum(variances, 0), places, eta, scalar("q0", q0))


def circulant_weights(power, sigma, tau, *, eta=1.0, start=0.0):
    """Filter of a circular convolution after gradient flow, from any start.

    Parameters
    ----------
    power : array_like, shape (n,) or (height, width)
        As in `circulant`; opposite frequencies have the same power, as for all real data.
    sigma : float
        Noise standard deviation, positive.
    tau : float
        Training time, not negative; infinity gives the optimum.
    eta : float
        Learning rate of each weight of the filter, positive.
    start : array_like, of the shape of `power`, or scalar
        Filter before training; a scalar is its weight at shift 0, all others 0.

    Returns
    -------
    ndarray, of the shape of `power`
        Weight at each shift: the output at place i sums ``filter[i - j] * x[j]`` over all
        places j, with differences modulo the size. Layers of neural networks use the filter
        reflected, ``filter[j - i]``.

    Notes
    -----
    eq-circulant-unitary and eq-circulant-gain of the book; the corrected form of equation 10 of
    Wang & Pehlevan, arXiv:2503.03206.

    Examples
    --------
    >>> circulant_weights([4.0, 1.0, 0.0, 1.0], 1.0, np.inf).round(3)
    array([ 0.45,  0.2 , -0.05,  0.2 ])
    """
    power = array("power", power, low=0, high=NOISE["high"], ndim=2)
    opposite = np.roll(np.flip(power), 1, axis=tuple(range(power.ndim)))
    if np.abs(power - opposite).max() > EVEN * power.max():
        raise ValueError("power must be even: the same at opposite frequencies, as for real data")
    sigma, tau = scalar("sigma", sigma, **NOISE), scalar("tau", tau, low=0, infinite_ok=True)
    weights = array("start", start, ndim=2)
    if weights.size == 1:
        weights = weights.flat[0] * (np.arange(power.size) == 0).reshape(power.shape)
    q0 = np.fft.fftn(_fitting("start", weights, power.shape))
    law = circulant(power, eta, q0.real)
    learned = law.gain(sigma, tau).reshape(power.shape)
    with np.errstate(over="ignore"):  # long after all learning
        left = np.exp(-law._clock(tau) * (power + sigma**2))
    return np.fft.ifftn(learned + 1j * q0.imag * left).real


def _fitting(name, value, shape):
    """`value` if it has this shape, or raise ``ValueError``."""
    if value.shape != shape:
        raise ValueError(f"{name} has shape {value.shape}, power has {shape}: give one shape")
    return value


class CirculantLaw(OneLayerLaw):
    """The linear law over frequencies; made by `circulant` and `circulant_channels`.

    Attributes
    ----------
    variances, q0 : ndarray, shape (mode,)
        Powers of the frequencies, row by row, and their gains before training.
    power : ndarray
        Powers of the frequencies in the shape in which they were given; of channels, the
        eigenvalues of the matrices, shape (n, channels) or (height, width, channels).
    places : int
        Number of weights of the filter between two channels, the number of pixels of one channel.
    eta : float
        Learning rate of each weight of the filter. Gains learn `places` times as fast.
    """

    _shown = "places", "q0"

    def __init__(self, power, places, eta, q0):
        self.power, self.places = power, places
        start = array("q0", q0, ndim=2)
        if start.size > 1:
            start = _fitting("q0", start, power.shape)
        start = np.broadcast_to(start.ravel(), power.size)
        super().__init__(power.ravel(), eta, start, np.zeros(power.size), power.ndim == 0)
