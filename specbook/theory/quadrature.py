"""Generated variance of a law whose gain has no known antiderivative: Gauss quadrature."""

import numpy as np

from .mode_law import ModeLaw

ORDER = 12  # nodes in a panel
PANEL = 1.0  # its width in ln sigma
CHUNK = 2**19  # gains held at once


class QuadratureLaw(ModeLaw):
    """A law that knows its gain; the flow over noise levels is summed by Gauss quadrature.

    A law says how with ``_gain`` and ``_span``, as in `ModeLaw`.

    Notes
    -----
    ln of the generated variance is 2 ln sigma_min plus twice the integral of the gain over
    ln sigma. Gains of the laws of this package vary over a scale of about 1 in ln sigma, whatever
    variances and times are, so panels of fixed width do: halving them changes the logarithm by
    less than 1e-12.
    """

    def _log_variance(self, clock, mode, low, high):
        clock, mode = np.broadcast_arrays(clock, mode)
        nodes, weights = np.polynomial.legendre.leggauss(ORDER)
        panels = int(np.ceil(np.log(high / low) / PANEL))
        edges = np.linspace(np.log(low), np.log(high), panels + 1)
        half = (edges[1] - edges[0]) / 2
        sigma = np.exp(edges[:-1, None] + half * (nodes + 1)).ravel()
        weights = half * np.tile(weights, panels)
        flat_clock, flat_mode = clock.ravel()[:, None], mode.ravel()[:, None]
        kept = np.empty(clock.size)  # integral of the gain over ln sigma
        rows = max(1, CHUNK // sigma.size)
        for i in range(0, clock.size, rows):
            part = slice(i, i + rows)
            kept[part] = self._gain(sigma, flat_clock[part], flat_mode[part]) @ weights
        return 2 * (np.log(low) + kept).reshape(clock.shape)
