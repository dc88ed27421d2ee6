"""The probability-flow ODE, stepped by Euler or Heun for any denoiser.

The same code moves a NumPy array of modes (theory) and a torch tensor of images
(experiments), so both carry the same discretisation error.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ._check import NOISE, array, choice, noise_range, scalar


def check_sigmas(sigmas):
    """Return `sigmas` as floats from large to small, or raise ``ValueError``.

    Parameters
    ----------
    sigmas : array_like, shape (steps + 1,)
        Noise levels, strictly decreasing, from at most 1e100 to at least 1e-100; the last may
        be 0.

    Returns
    -------
    list of float
    """
    sigmas = array("sigmas", sigmas, low=0, high=NOISE["high"])
    if sigmas[sigmas > 0].min(initial=1) < NOISE["low"]:
        raise ValueError(f"sigmas must be at least {NOISE['low']:g}; the last may be 0")
    if sigmas.size < 2:
        raise ValueError("sigmas needs at least two noise levels")
    if (np.diff(sigmas) >= 0).any():
        raise ValueError("sigmas must decrease strictly, from the largest noise level to the last")
    return [float(s) for s in sigmas]


def _start(denoise, x):
    """The state that a sampler starts from: a tensor as it is, anything else as an array."""
    if not callable(denoise):
        raise ValueError(f"denoise must be a function of x and sigma, not {type(denoise).__name__}")
    if hasattr(x, "detach"):
        return x
    parts = [np.real(x), np.imag(x)] if np.iscomplexobj(x) else x  # Fourier modes are complex
    array("x", parts, ndim=32)
    return np.asarray(x)


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
    x = _start(denoise, x)
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
    x = _start(denoise, x)
    for a, b in pairwise(check_sigmas(sigmas)):
        denoised = denoise(x, a)
        x = b / a * x + (1 - b / a) * denoised  # the Euler step
        if b > 0:
            # half the slopes at both ends instead of the first: only the denoised points differ
            x = x + (a / b - 1) / 2 * (denoise(x, b) - denoised)
    return x


METHODS = {"heun": heun, "euler": euler}
RANGE = (0.002, 80.0)  # noise range of EDM


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


@dataclass(frozen=True, repr=False)
class Sampling:
    """How samples are made: by the exact flow over a noise range, or by a sampler's steps.

    Parameters
    ----------
    sigma_min, sigma_max : float
        Noise range of the probability-flow ODE, solved exactly. It starts from noise of
        variance sigma_max**2 and stops at sigma_min without a last step to 0.
    sigmas : array_like, optional
        Noise levels of a sampler instead, strictly decreasing; the last may be 0.
    method : {"heun", "euler"}
        Which sampler; only with `sigmas`.

    Attributes
    ----------
    sigma_min, sigma_max : float
        As given; with `sigmas`, the last and the first of them.
    sigmas : tuple of float, or None
    method : str

    Raises
    ------
    ValueError
        If the range or the levels are not as above, or both are given.

    Examples
    --------
    >>> Sampling(sigma_max=10.0)
    Sampling(sigma_min=0.002, sigma_max=10)
    >>> Sampling(sigmas=[80.0, 1.0, 0.1, 0.0], method="euler")
    Sampling(sigmas=<4 levels from 80 to 0>, method='euler')
    """

    sigma_min: float = RANGE[0]
    sigma_max: float = RANGE[1]
    sigmas: tuple | None = None
    method: str = "heun"

    def __post_init__(self):
        choice("method", self.method, tuple(METHODS))
        sigmas = self.sigmas
        if sigmas is None:
            if self.method != "heun":
                raise ValueError(f"method={self.method!r} needs sigmas, the levels of its steps")
            ends = noise_range(self.sigma_min, self.sigma_max)
        else:
            sigmas = tuple(check_sigmas(sigmas))
            ends = sigmas[-1], sigmas[0]
            if (scalar("sigma_min", self.sigma_min), scalar("sigma_max", self.sigma_max)) not in (
                RANGE, ends,
            ):
                raise ValueError(
                    "sigmas has both ends of the noise range: leave out sigma_min and sigma_max"
                )
        for name, value in zip(("sigma_min", "sigma_max", "sigmas"), (*ends, sigmas), strict=True):
            object.__setattr__(self, name, value)

    def __repr__(self):
        if self.sigmas is None:
            return f"Sampling(sigma_min={self.sigma_min:g}, sigma_max={self.sigma_max:g})"
        levels = f"{len(self.sigmas)} levels from {self.sigma_max:g} to {self.sigma_min:g}"
        return f"Sampling(sigmas=<{levels}>, method={self.method!r})"

    @property
    def levels(self):
        """Noise levels at which the sampler calls the denoiser, an array from large to small."""
        return np.array([s for s in self.sigmas if s > 0])

    @property
    def ends(self):
        """Smallest noise level above 0 and the largest one."""
        return (self.sigma_min or self.levels[-1]), self.sigma_max

    @classmethod
    def of(cls, sigma_min=0.002, sigma_max=80.0, sigmas=None, method="heun", sampling=None):
        """The sampling that a method was asked for, by one object or by the keywords.

        Parameters
        ----------
        sigma_min : float or Sampling
            A `Sampling` in this place is the same as one given by its name.
        sigma_max, sigmas, method : float, array_like, str
            As in `Sampling`.
        sampling : Sampling, optional
            Instead of all others.

        Returns
        -------
        Sampling

        Raises
        ------
        ValueError
            If `sampling` is given beside one of the others.
        """
        named = {"sigma_min": sigma_min, "sigma_max": sigma_max, "sigmas": sigmas, "method": method}
        if isinstance(sigma_min, cls):
            if sampling is not None:
                raise ValueError("sampling is given twice, also in the place of sigma_min")
            sampling = named.pop("sigma_min")
        if sampling is None:
            return cls(**named)
        if not isinstance(sampling, cls):
            raise ValueError(f"sampling must be a specbook.sampler.Sampling, not {sampling!r}")
        usual = vars(cls())
        beside = [
            name for name, value in named.items()
            if value is not usual[name] and not (np.ndim(value) == 0 and value == usual[name])
        ]
        if beside:
            raise ValueError(f"sampling is given, so leave out {', '.join(beside)}")
        return sampling
