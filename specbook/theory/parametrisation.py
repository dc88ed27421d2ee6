"""What a network is asked for: the denoiser D(x; sigma) = c_skip x + c_out F(c_in x).

F is trained on the squared error of its own answer, (x0 - c_skip x) / c_out, with weight one;
for D this is the weight 1 / c_out**2.
"""

from typing import NamedTuple

import numpy as np

SCALES = ("preserving", "exploding")


class Problem(NamedTuple):
    """What a linear F of gain f has to do: its loss is power f**2 - 2 cross f + a constant.

    The gain of D is skip + scale f.
    """

    skip: np.ndarray
    scale: np.ndarray
    power: np.ndarray
    cross: np.ndarray


class Parametrisation(NamedTuple):
    """A kind of model.

    Attributes
    ----------
    kind : {"epsilon", "velocity", "edm"}
        What the network predicts, as in `for_model`.
    sigma_data : float, or None
        Standard deviation that EDM's scalings assume.
    scale : {"preserving", "exploding"}, or None
        What a network of kind "epsilon" sees.
    """

    kind: str
    sigma_data: float | None = None
    scale: str | None = None

    def coefficients(self, sigma):
        """c_skip, c_out and c_in at an array of noise levels."""
        if self.kind == "velocity":
            t = 1 / (1 + sigma)  # time of the path
            return t, sigma * t, t  # the second is 1 - t
        if self.kind == "epsilon":
            preserving = self.scale == "preserving"
            return sigma**0, -sigma, 1 / np.sqrt(1 + sigma**2) if preserving else sigma**0
        total = sigma**2 + self.sigma_data**2
        into = 1 / np.sqrt(total)
        return self.sigma_data**2 / total, sigma * self.sigma_data * into, into

    def problem(self, sigma, lam):
        """`Problem` of modes of variance `lam` at noise levels; both broadcast."""
        skip, out, into = self.coefficients(sigma)
        # c_in / c_out ((1 - c_skip) lam - c_skip sigma^2), without a difference of rounded numbers
        if self.kind == "epsilon":
            cross = into * sigma
        elif self.kind == "velocity":
            cross = into * (lam - sigma)
        else:
            cross = out * into / self.sigma_data**2 * (lam - self.sigma_data**2)
        return Problem(skip, out * into, into**2 * (lam + sigma**2), cross)
