"""Power spectra of images, and the spectrum of images whose statistics are the same everywhere."""

import numpy as np

from .._check import flag, integer
from .layout import flattened
from .streaming import EPS, numbers, spectral_matrices


def power_spectrum(images, window=False):
    """Variance of each coefficient of the unitary discrete Fourier transform.

    Parameters
    ----------
    images : array_like, shape (N, height, width)
        At least two pictures of one size.
    window : bool
        Fade every image out towards its edges with a Hann window of unit mean square. Without it
        the jump between opposite edges spreads variance from low frequencies to high ones.

    Returns
    -------
    ndarray, shape (height, width)
        Power at the frequencies of `radial_frequency`, in squared data units. Without window
        it sums to the variance summed over pixels, about the mean of all pixels.
    """
    x = numbers("images", images, (3,), "(N, height, width)")
    fade = np.ones(x.shape[1:])
    if flag("window", window):
        if min(x.shape[1:]) < 4:
            raise ValueError(f"images must have at least 4 x 4 pixels for a window: {x.shape}")
        fade = np.outer(*(1 - np.cos(2 * np.pi * np.arange(m) / m) for m in x.shape[1:]))
    _, _, matrices = spectral_matrices(x[..., None], fade[..., None])
    return matrices[..., 0, 0].real / (fade**2).mean()


def radial_frequency(height, width=None):
    """Length of the frequency of each Fourier coefficient.

    Parameters
    ----------
    height, width : int
        Size of the picture in pixels; without `width` it is a square.

    Returns
    -------
    ndarray, shape (height, width)
        In cycles per pixel.
    """
    height = integer("height", height)
    width = height if width is None else integer("width", width)
    return np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))


def waves(images, rank=None, layout=None):
    """Mean, variances (rising) and modes of the covariance that is averaged over all shifts.

    Behind `Spectrum.stationary`, which has the arguments. Then the number that rounding errors
    grow with, and shape and layout of the pictures.
    """
    x = numbers("images", images, (3, 4), "(N, height, width), or with channels,")
    x, (c, h, w), layout = flattened("images", x, layout)
    n, first = len(x), layout == "channels_first"
    x = np.moveaxis(x.reshape(n, c, h, w), 1, 3) if first else x.reshape(n, h, w, c)
    if rank is not None and integer("rank", rank) > h * w * c:
        raise ValueError(f"rank must be at most {h * w * c}, found {rank}")
    mean, size, matrices = spectral_matrices(x)
    if np.einsum("yxii->yxi", matrices).real.max() <= (4 * EPS * size) ** 2 * h * w:
        raise ValueError("images are all equal: they have no variance")
    ky, kx = np.indices((h, w)).reshape(2, -1)
    mirror = (-ky % h) * w + -kx % w
    pairs = np.flatnonzero(np.arange(h * w) <= mirror)  # one of each pair of opposite waves
    alone = pairs == mirror[pairs]  # a wave that is its own opposite: cosine only
    matrices = matrices.reshape(-1, c, c)[pairs]
    matrices[alone] = matrices[alone].real
    power, weights = np.linalg.eigh(matrices)
    exists = np.ones((pairs.size, c, 2), dtype=bool)
    exists[alone, :, 1] = False
    pair, channel, part = np.nonzero(exists)  # part 0: cosine, 1: sine
    order = np.argsort(power[pair, channel], kind="stable")
    order = order if rank is None else order[-rank:]
    pair, channel, part = pair[order], channel[order], part[order]
    ky, kx = ky[pairs][pair, None, None], kx[pairs][pair, None, None]
    y, x = np.indices((h, w))
    wave = np.exp(2j * np.pi * (ky * y / h + kx * x / w))[..., None]
    wave = (wave * weights[pair, :, channel][:, None, None]).reshape(pair.size, -1)
    scale = np.sqrt(np.where(alone[pair], 1, 2) / (h * w))[:, None]
    modes = (scale * np.where(part[:, None] == 0, wave.real, wave.imag)).T
    mean = np.tile(mean, h * w)
    if first:
        places = np.arange(h * w * c).reshape(h * w, c).T.ravel()
        mean, modes = mean[places], modes[places]
    return mean, power[pair, channel], modes, max(n, h * w), (c, h, w), layout
