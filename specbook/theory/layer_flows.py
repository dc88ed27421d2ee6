"""How the product of two layers grows in time: the logistic and the Riccati equation, solved."""

import numpy as np

from .mode_law import FOREVER


def log_span(first, last):
    """Logarithms of two clocks, neither beyond what stands for infinity."""
    with np.errstate(divide="ignore"):
        return np.log(first), np.minimum(np.log(last), np.log(FOREVER))


def logistic(clock, drive, damping, start):
    """Solution x of dx / dclock = x (drive - damping x), without a difference.

    Parameters
    ----------
    clock, drive, damping, start : ndarray
        Time, growth rate (not negative), what limits growth, and the positive start; all
        broadcast.

    Returns
    -------
    ndarray
    """
    left, gone = logistic_progress(clock, drive)
    with np.errstate(over="ignore"):
        return start / (left + damping * start * gone)


def logistic_progress(clock, drive):
    """What is left of the start, E = exp(-clock drive), and (1 - E) / drive with its limit."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        left, gone = np.exp(-clock * drive), -np.expm1(-clock * drive) / drive
        return left, np.where(drive > 0, gone, clock)


def riccati(clock, drive, damping, start, imbalance):
    """Product x of two layers, of which dx / dclock = root (drive - damping x).

    The root is that of imbalance^2 + 4 x^2: eq-deep-untied-flow. The solution, eq-deep-gain-untied,
    is a quotient of sums of positive terms.

    Parameters
    ----------
    clock, drive, damping, start, imbalance : ndarray
        All not negative, not both of the last two 0; all broadcast.

    Returns
    -------
    ndarray
    """
    delta, root = imbalance, np.hypot(imbalance, 2 * start)
    # y of the book times the imbalance, at the start; and its excess over the imbalance
    y0, excess = 2 * start + root, 2 * start + 4 * start**2 / (root + imbalance)
    pull = damping * delta
    rate = np.hypot(2 * drive, pull)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        left = np.exp(-rate * clock)
        gone = np.where(rate > 0, -np.expm1(-rate * clock) / rate, clock)
        slack = np.where(rate > 0, pull * (pull / (rate + 2 * drive)), 0.0)  # rate - 2 drive
        mixed = np.where(rate > 0, 4 * drive * (drive / (rate + pull)), 0.0)  # rate - pull
        below = (damping * y0 + slack) * gone + 2 * left
        above = y0 * (1 + left + 2 * drive * gone) + pull * delta * gone
        learned = 4 * drive * delta * gone
        learned = learned + excess * (2 * left + (mixed + 2 * drive) * gone)
        return learned / 4 * (1 / below + delta / above)
