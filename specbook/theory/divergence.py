"""Divergence between Gaussians that do not share their modes."""

import numpy as np

from ..measure import gaussian_divergence


def full_divergence(covariance, shift, variances, direction):
    """Divergence of Gaussians with covariance (time, d, d) and diagonal `variances`."""
    root = np.sqrt(variances)
    ratio = covariance / (root[:, None] * root)
    values, vectors = np.linalg.eigh(ratio)
    along = np.squeeze((shift / root)[:, None, :] @ vectors, axis=1)
    return gaussian_divergence(np.log(values), along, 1.0, direction).sum(axis=1)
