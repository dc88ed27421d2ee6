"""Noise levels: schedules of the sampler, and the scalings of Karras et al.

Convention of the book (EDM, variance exploding): x_sigma = x_0 + sigma z with z standard normal.
"""

import numpy as np

from ._check import array, flag, integer, noise_range, scalar


def edm_schedule(n, sigma_min=0.002, sigma_max=80.0, rho=7.0, end_at_zero=False):
    """Noise levels of the EDM sampler, from large to small.

    Parameters
    ----------
    n : int
        Number of levels between `sigma_max` and `sigma_min`, both included; at least 2.
    sigma_min, sigma_max : float
        Smallest and largest noise standard deviation, in data units.
    rho : float
        At least 0.1. Larger values put more levels near `sigma_min`.
    end_at_zero : bool
        Append the level 0. The last step then returns the denoiser's output, which
        multiplies each variance by the squared gain at `sigma_min`.

    Returns
    -------
    ndarray, shape (n,) or (n + 1,)
        Strictly decreasing.

    Notes
    -----
    Karras et al., arXiv:2206.00364, equation 5.

    Examples
    --------
    >>> edm_schedule(3, 0.002, 80.0).round(4)
    array([8.00000e+01, 2.51520e+00, 2.00000e-03])
    """
    low, high = noise_range(sigma_min, sigma_max)
    n, rho = integer("n", n, low=2), scalar("rho", rho, low=0.1)
    end_at_zero = flag("end_at_zero", end_at_zero)
    share = np.arange(n) / (n - 1)
    sigmas = (high ** (1 / rho) + share * (low ** (1 / rho) - high ** (1 / rho))) ** rho
    sigmas[[0, -1]] = high, low
    return np.append(sigmas, 0.0) if end_at_zero else sigmas


def edm_scalings(sigma, sigma_data=0.5):
    """EDM preconditioning: D(x; sigma) = c_skip x + c_out F(c_in x; c_noise), and the loss weight.

    Parameters
    ----------
    sigma : array_like
        Noise standard deviations, from 1e-70 to 1e70: beyond, squares leave what a float holds.
    sigma_data : float
        Standard deviation that the scalings assume for the data, in the same range.

    Returns
    -------
    c_skip, c_out, c_in, c_noise, weight : ndarray
        Each of the shape of `sigma`; ``weight * c_out**2`` is 1.

    Notes
    -----
    Karras et al., arXiv:2206.00364, table 1.
    """
    sigma = array("sigma", sigma, above=0, ndim=32).reshape(np.shape(sigma))
    sd = scalar("sigma_data", sigma_data, above=0)
    for name, value in (("sigma", sigma), ("sigma_data", sd)):
        if np.min(value) < 1e-70 or np.max(value) > 1e70:
            raise ValueError(f"{name} must lie between 1e-70 and 1e70")
    total = sigma**2 + sd**2
    return (
        sd**2 / total,
        sigma * sd / np.sqrt(total),
        1 / np.sqrt(total),
        np.log(sigma) / 4,
        total / (sigma * sd) ** 2,
    )
