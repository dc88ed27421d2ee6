"""Generated variance of a law whose gain has no known antiderivative: quadrature."""

import numpy as np

from .mode_law import ModeLaw

ORDER = 12  # nodes in a panel
PANEL = 1.0  # its width in ln sigma
CHUNK = 2**16  # gains held at once, so that they stay in the cache
STEPS = 32  # between the nodes of a panel that adapts
PANELS = 8  # of these at first
CLOSE = 1e-11  # difference to half as many nodes, over 1 plus the integral, that is accepted
ROUNDS = 45  # of halved panels; then a panel is as narrow as rounding errors


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
        shape = np.broadcast_shapes(np.shape(clock), np.shape(mode))
        nodes, weights = np.polynomial.legendre.leggauss(ORDER)
        panels = int(np.ceil(np.log(high / low) / PANEL))
        edges = np.linspace(np.log(low), np.log(high), panels + 1)
        half = (edges[1] - edges[0]) / 2
        sigma = np.exp(edges[:-1, None] + half * (nodes + 1)).ravel()
        weights = half * np.tile(weights, panels)
        kept = np.empty(shape)  # integral of the gain over ln sigma
        columns = max(1, CHUNK * shape[-1] // (sigma.size * kept.size))
        for i in range(0, shape[-1], columns):
            # all clocks of some modes: what a gain has of mode and level alone is found once
            part = slice(i, i + columns)
            c, k = (v if v.shape[-1] == 1 else v[..., part] for v in map(np.asarray, (clock, mode)))
            kept[..., part] = self._gain(sigma, c[..., None], k[..., None]) @ weights
        return 2 * (np.log(low) + kept)


class AdaptiveLaw(QuadratureLaw):
    """The same for a law whose gain may rise over a short stretch of noise levels.

    A law says how with ``_gain`` and ``_span``, as in `ModeLaw`, and with ``_smooth`` that its
    gain does not.

    Notes
    -----
    Clenshaw-Curtis panels in ln sigma, halved until every second node gives the same. Nodes at
    both ends of a panel see a rise there, which Gauss nodes would miss.
    """

    _smooth = False

    def _log_variance(self, clock, mode, low, high):
        if self._smooth:
            return super()._log_variance(clock, mode, low, high)
        clock, mode = np.broadcast_arrays(clock, mode)
        flat_clock, flat_mode = clock.ravel()[:, None], mode.ravel()[:, None]
        nodes, weights, coarse = *clenshaw_curtis(STEPS), clenshaw_curtis(STEPS // 2)[1]
        edges = np.linspace(np.log(low), np.log(high), PANELS + 1)
        item = np.repeat(np.arange(clock.size), PANELS)  # whose panel
        middle = np.tile((edges[1:] + edges[:-1]) / 2, clock.size)
        half, kept = (edges[1] - edges[0]) / 2, np.zeros(clock.size)
        for left in reversed(range(ROUNDS)):
            value, error = np.empty(item.size), np.empty(item.size)
            rows = max(1, CHUNK // nodes.size)
            for i in range(0, item.size, rows):
                part = slice(i, i + rows)
                sigma = np.exp(middle[part, None] + half * nodes)
                gain = self._gain(sigma, flat_clock[item[part]], flat_mode[item[part]])
                value[part] = half * (gain @ weights)
                error[part] = value[part] - half * (gain[:, ::2] @ coarse)
            wide = (np.abs(error) > CLOSE * (1 + np.abs(value))) & (left > 0)
            kept += np.bincount(item[~wide], value[~wide], clock.size)
            half = half / 2
            item = np.repeat(item[wide], 2)
            middle = (middle[wide, None] + half * np.array([-1, 1])).ravel()
            if not item.size:
                break
        return 2 * (np.log(low) + kept).reshape(clock.shape)


def clenshaw_curtis(n):
    """Nodes and weights of Clenshaw-Curtis quadrature on [-1, 1].

    Parameters
    ----------
    n : int
        Number of steps between nodes, even.

    Returns
    -------
    nodes, weights : ndarray, shape (n + 1,)
    """
    angle = np.pi * np.arange(n + 1) / n
    j = np.arange(1, n // 2 + 1)
    share = np.where(j < n // 2, 2.0, 1.0) / (4 * j**2 - 1)
    weights = (1 - np.cos(2 * angle[:, None] * j) @ share) * 2 / n
    weights[[0, -1]] /= 2
    return np.cos(angle), weights
