"""Equal layers: how their product grows in time, from a function of one variable.

With rho the smaller of gain over best gain and its inverse, training moves a function of rho
alone at constant speed (eq-deep-implicit):

    J_b(rho) = integral of t^(b - 1) / (1 - t) up to rho,

b = 2 / depth - 1 below the best gain (the divergence at 0 left out) and b = 2 - 2 / depth above.
"""

from functools import lru_cache

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.interpolate import CubicHermiteSpline
from scipy.special import digamma, poch

TERMS = np.arange(55)  # of power series at arguments up to one half
DONE = 45.0  # logit of rho at which rho is 1 to rounding error
NOTHING = 1e-100  # best gain over start that counts as 0
STEP = 1e-3  # of the logarithm in `pieces`; halving it changes a gain by less than 1e-12 of it
FAR = 1e18  # J below the best gain, 1 / rho above it, from which on one is a power of the other


class Progress:
    """The function J_b of this module and its inverse, both in terms of logit rho."""

    def __init__(self, b):
        self.b, self.rising = b, b < 0
        positive = b + 1 if self.rising else b
        self._near_0 = 1 / (TERMS + positive)
        k = TERMS[1:]
        self._near_1 = np.append(0.0, poch(1 - positive, k) / poch(1.0, k) / k)
        self._constant = -digamma(positive) + digamma(1.0)
        self._positive = positive
        grid = np.concatenate([np.arange(-400.0 / max(1, b), -60, 10), np.arange(-60, DONE, 0.01)])
        value = self(grid)
        slope = self.slope(grid) / (np.hypot(1, value) if self.rising else value)
        self._guess = CubicHermiteSpline(self._flat(value), grid, 1 / slope)
        self.end = float(value[-1])
        self.centre = float(self(0.0)) if self.rising else 0.0

    def _flat(self, value):
        """A transform of J in which logit rho is nearly linear at both ends."""
        return np.arcsinh(value) if self.rising else np.log(value)

    def slope(self, logit):
        """Derivative of J by logit rho, which is rho^b."""
        return np.exp(-self.b * np.logaddexp(0, -logit))

    def __call__(self, logit):
        logit = np.asarray(logit)
        log_rho = -np.logaddexp(0, -logit)
        out = np.empty(logit.shape)
        low, high = logit < 0, logit >= 0
        at = log_rho[low]
        out[low] = np.exp(self._positive * at) * polyval(np.exp(at), self._near_0)
        at = log_rho[high] - logit[high]  # ln (1 - rho)
        out[high] = self._constant - at - polyval(np.exp(at), self._near_1)
        return out + np.exp(self.b * log_rho) / self.b if self.rising else out

    def logit(self, value):
        """logit rho at which J has this value: a spline's guess and a step of Newton's method."""
        logit = self._guess(self._flat(value))
        return logit - (self(logit) - value) / self.slope(logit)


def pieces(progress):
    """ln of gain over best gain as cubic pieces over even steps of a logarithm.

    The logarithm is that of sqrt(K^2 + 1) + K below the best gain, with K the J of half the best
    gain less J, and of 2 J above it.

    Parameters
    ----------
    progress : Progress

    Returns
    -------
    first : float
        The logarithm at which the first piece begins.
    coefficients : ndarray, shape (4, pieces)
        Of powers of the steps within a piece. The first and the last piece go on for ever: on
        the side far from the best gain straight, on the other one at 0.
    """
    steps = STEP * np.arange(np.ceil(max(1, progress.b) * np.log(FAR) / STEP) + 1)
    if progress.rising:
        steps -= np.arcsinh(progress.end - progress.centre)
        value, change = progress.centre - np.sinh(steps), np.cosh(steps)
    else:
        steps = np.log(2 * progress.end) - steps[::-1]
        value = change = np.exp(steps) / 2
    logit = progress.logit(np.minimum(value, progress.end))
    log_gain = np.logaddexp(0, -logit) * (-1 if progress.rising else 1)
    slope = -STEP * change / (1 + np.exp(logit)) / progress.slope(logit)
    straight, rise = -STEP / abs(progress.b), np.diff(log_gain)
    out = np.zeros((4, steps.size + 1))
    out[:, 1:-1] = (
        log_gain[:-1], slope[:-1], 3 * rise - 2 * slope[:-1] - slope[1:],
        slope[:-1] + slope[1:] - 2 * rise,
    )
    if progress.rising:
        out[:2, -1] = log_gain[-1], straight
    else:
        out[:2, 0] = log_gain[0] - straight, straight
    return steps[0] - STEP, out


class Balanced:
    """Solution x of dx / dclock = depth x^(2 - 2 / depth) (drive - damping x).

    Parameters
    ----------
    depth : int
        Number of layers, at least 3.
    """

    def __init__(self, depth):
        self.depth = depth
        self._below, self._above = Progress(2 / depth - 1), Progress(2 - 2 / depth)
        (below, first), (above, second) = pieces(self._below)[::-1], pieces(self._above)[::-1]
        self._pieces = np.concatenate([below, above], axis=1)
        self._split = below.shape[1]  # pieces below the best gain, then those above
        self._shift = -first / STEP, self._split - second / STEP

    def __call__(self, clock, drive, damping, start):
        """The solution at arrays that broadcast: `drive` not negative, others but `clock` positive.

        What depends on the clock is done last, so give arrays that are as small as they can be.

        Returns
        -------
        ndarray
        """
        clock = np.asarray(clock)
        drive, damping, start = np.broadcast_arrays(drive, damping, start)
        best = drive / damping
        nothing, rising = best < NOTHING * start, best > start
        moves = (best != start) & ~nothing
        # what `pieces` takes the logarithm from: K below the best gain, J above it
        begin, speed = np.ones(best.shape), np.zeros(best.shape)
        for progress, part in ((self._below, rising), (self._above, ~rising)):
            part = part & moves
            b, q = best[part], start[part]
            # logit of the smaller over the larger
            value = progress(np.log(np.minimum(b, q)) - np.log(np.abs(b - q)))
            pace = self.depth * drive[part] * b ** (1 - 2 / self.depth)
            sign = -1 if progress.rising else 1
            begin[part], speed[part] = sign * (value - progress.centre), sign * pace
        with np.errstate(over="ignore"):
            now = clock * speed
        now += begin
        np.maximum(now, np.where(rising, self._below.centre - self._below.end, 0.0), out=now)
        np.minimum(now, np.where(rising, np.inf, self._above.end), out=now)
        out = best * self._grown(now, rising)
        if nothing.any():
            power = 2 - 2 / self.depth
            with np.errstate(over="ignore"):
                fading = 1 + 2 * (self.depth - 1) * damping * clock * start**power
            out = np.where(nothing, start * fading ** (-1 / power), out)
        still = (clock == 0) | (best == start)
        return np.where(still, start, out) if still.any() else out

    def _grown(self, now, rising):
        """Gain over best gain; `now` is K below the best gain and J above it, as in `pieces`."""
        at = np.minimum(now, 1e150)  # so that the square is a number
        at *= at
        at += rising
        np.maximum(np.sqrt(at, out=at), now, out=at)
        at += now
        np.log(at, out=at)
        at /= STEP
        at += np.where(rising, *self._shift)
        piece = at.astype(np.intp)
        np.maximum(piece, np.where(rising, 0, self._split), out=piece)
        np.minimum(piece, np.where(rising, self._split, self._pieces.shape[1]) - 1, out=piece)
        at -= piece
        out = self._pieces[3].take(piece)
        for coefficients in self._pieces[2::-1]:
            out *= at
            out += coefficients.take(piece)
        return np.exp(out, out=out)


balanced = lru_cache(maxsize=8)(Balanced)
