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
        nodes, weights = np.polynomial.legendre.leggauss(ORDER)
        panels = int(np.ceil(np.log(high / low) / PANEL))
        edges = np.linspace(np.log(low), np.log(high), panels + 1)
        half = (edges[1] - edges[0]) / 2
        sigma = np.exp(edges[:-1, None] + half * (nodes + 1)).ravel()
        kept = self._summed(clock, mode, sigma, half * np.tile(weights, panels))
        return 2 * (np.log(low) + kept)

    def _summed(self, clock, mode, sigma, weights):
        """Sums over noise levels of gains times `weights`, whose further axes come last."""
        shape = np.broadcast_shapes(np.shape(clock), np.shape(mode))
        out = np.empty(shape + weights.shape[1:])
        columns = max(1, CHUNK * shape[-1] // (sigma.size * np.prod(shape)))
        for i in range(0, shape[-1], columns):
            # all clocks of some modes: what a gain has of mode and level alone is found once
            part = slice(i, i + columns)
            c, k = (v if v.shape[-1] == 1 else v[..., part] for v in map(np.asarray, (clock, mode)))
            gains = self._gain(sigma, c[..., None], k[..., None])
            out[(..., part) + (slice(None),) * (weights.ndim - 1)] = gains @ weights
        return out


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
        nodes, weights, coarse = *clenshaw_curtis(STEPS), clenshaw_curtis(STEPS // 2)[1]
        rules = np.stack([weights, np.zeros(STEPS + 1)], axis=-1)  # all nodes, and every second
        rules[::2, 1] = coarse
        edges = np.linspace(np.log(low), np.log(high), PANELS + 1)
        middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1] - edges[0]) / 2
        sigma = np.exp(middle[:, None] + half * nodes).ravel()
        each = np.zeros((PANELS, STEPS + 1, PANELS, 2))
        each[np.arange(PANELS), :, np.arange(PANELS)] = half * rules
        found = self._summed(clock, mode, sigma, each.reshape(sigma.size, 2 * PANELS))
        shape = found.shape[:-1]
        clock, mode = (np.broadcast_to(v, shape).ravel()[:, None] for v in (clock, mode))
        found, middle = found.reshape(-1, 2), np.tile(middle, clock.size)
        item, kept = np.repeat(np.arange(clock.size), PANELS), np.zeros(clock.size)  # whose panel
        for left in reversed(range(ROUNDS)):
            value, error = found[:, 0], found[:, 0] - found[:, 1]
            wide = (np.abs(error) > CLOSE * (1 + np.abs(value))) & (left > 0)
            kept += np.bincount(item[~wide], value[~wide], clock.size)
            half = half / 2
            item = np.repeat(item[wide], 2)
            middle = (middle[wide, None] + half * np.array([-1, 1])).ravel()
            if not item.size:
                break
            found = np.empty((item.size, 2))
            rows = max(1, CHUNK // nodes.size)
            for i in range(0, item.size, rows):
                part = slice(i, i + rows)
                sigma = np.exp(middle[part, None] + half * nodes)
                gains = self._gain(sigma, clock[item[part]], mode[item[part]])
                found[part] = gains @ (half * rules)
        return 2 * (np.log(low) + kept).reshape(shape)


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
