"""The best linear denoiser and the best of all denoisers, where both are known."""

import numpy as np

from .._check import POSITIVE, array, scalar

REACH, POINTS = 9.0, 1501  # quadrature over a Gaussian: standard deviations, points
WEIGHTS_SUM = 1e-9


def linear_loss(variances, sigma):
    """Loss of the best linear denoiser along each mode, whatever the data.

    On Gaussian data no denoiser of any kind loses less. On other data of these variances the
    best denoiser does.

    Parameters
    ----------
    variances : array_like, shape (mode,), or scalar
        Variance of the data along each mode, not negative, in squared data units.
    sigma : array_like, shape (sigma,), or scalar
        Noise standard deviations, positive.

    Returns
    -------
    ndarray, shape (sigma, mode)
        In squared data units; axes of scalar arguments are dropped. Sum over modes for the
        loss of a whole data point.

    Notes
    -----
    eq-linear-mmse.

    Examples
    --------
    >>> linear_loss([1.0, 0.5], 1.0).round(4)
    array([0.5   , 0.3333])
    """
    lam = array("variances", variances, low=0)
    noise = array("sigma", sigma, **POSITIVE)[:, None] ** 2
    out = lam * (noise / (lam + noise))
    if np.ndim(variances) == 0:
        out = out[:, 0]
    return out[0] if np.ndim(sigma) == 0 else out


def mixture(weights, means, variances):
    """Best denoiser of a mixture of Gaussians whose components share their modes.

    Parameters
    ----------
    weights : array_like, shape (component,)
        Probabilities of the components; they sum to 1.
    means : array_like, shape (component,) or (component, mode)
        Mean of each component along each mode, in data units.
    variances : array_like, shape (component,) or (component, mode)
        Variance within each component along each mode, not negative, in squared data units.
        A component of variance 0 is a point.

    Returns
    -------
    Mixture

    Raises
    ------
    ValueError
        If shapes differ, weights are negative or do not sum to 1, or a variance is negative.

    Notes
    -----
    eq-two-bumps and eq-two-contrasts are cases with two components.

    Examples
    --------
    >>> two = mixture([0.5, 0.5], [-1.0, 1.0], [0.0, 0.0])
    >>> two.denoise([[0.5]], 1.0).round(4)
    array([[0.4621]])
    """
    weights = array("weights", weights, low=0)
    if abs(weights.sum() - 1) > WEIGHTS_SUM:
        raise ValueError(f"weights must sum to 1, found {weights.sum():g}")
    means = _components("means", array("means", means, ndim=2), weights.size)
    variances = _components("variances", array("variances", variances, low=0, ndim=2), weights.size)
    if means.shape != variances.shape:
        raise ValueError(f"means has shape {means.shape}, variances has {variances.shape}")
    return Mixture(weights, means, variances)


def _components(name, value, size):
    value = value[:, None] if value.ndim == 1 else value
    if value.shape[0] != size:
        raise ValueError(f"{name} has {value.shape[0]} components, weights has {size}")
    return value


class Mixture:
    """A mixture of Gaussians with the best denoiser; made by `mixture`.

    Attributes
    ----------
    weights : ndarray, shape (component,)
        Probability of each component.
    means, variances : ndarray, shape (component, mode)
        Of each component along each mode.
    mean, variance : ndarray, shape (mode,)
        Of the whole mixture along each mode. Where modes have different means in different
        components, they may be correlated as well.
    """

    def __init__(self, weights, means, variances):
        self.weights, self.means, self.variances = weights, means, variances
        self.mean = weights @ means
        self.variance = weights @ (variances + (means - self.mean) ** 2)

    def _points(self, x):
        x = array("x", x, ndim=2)
        if x.ndim != 2 or x.shape[1] != self.mean.size:
            raise ValueError(f"x must have shape (n, {self.mean.size}), found {x.shape}")
        return x

    def _joint(self, x, noise):
        """Log of weight times density of each component, up to a constant, shape (n, component)."""
        rows = []
        for weight, mean, variance in zip(self.weights, self.means, self.variances, strict=True):
            noisy = variance + noise
            distance = ((x - mean) ** 2 / noisy).sum(axis=1)
            with np.errstate(divide="ignore"):  # a component of weight 0
                rows.append(np.log(weight) - (distance + np.log(noisy).sum()) / 2)
        return np.stack(rows, axis=1)

    def component(self, x, sigma):
        """Probability of each component given noisy points.

        Parameters
        ----------
        x : array_like, shape (n, mode)
            Noisy points.
        sigma : float
            Noise standard deviation, positive.

        Returns
        -------
        ndarray, shape (n, component)
        """
        joint = self._joint(self._points(x), scalar("sigma", sigma, **POSITIVE) ** 2)
        joint = np.exp(joint - joint.max(axis=1, keepdims=True))
        return joint / joint.sum(axis=1, keepdims=True)

    def denoise(self, x, sigma):
        """Mean of the clean point given the noisy one.

        Each component answers with its own linear denoiser, and the answers are averaged with the
        probabilities of the components.

        Parameters
        ----------
        x : array_like, shape (n, mode)
            Noisy points.
        sigma : float
            Noise standard deviation, positive.

        Returns
        -------
        ndarray, shape (n, mode)
        """
        x, noise = self._points(x), scalar("sigma", sigma, **POSITIVE) ** 2
        out = np.zeros_like(x)
        parts = zip(self.component(x, sigma).T, self.means, self.variances, strict=True)
        for probability, mean, variance in parts:
            own = mean + variance / (variance + noise) * (x - mean)
            out += probability[:, None] * own
        return out

    def excess(self, sigma):
        """How much more the best linear denoiser loses than the best one.

        For a mixture along a single mode, by quadrature over each component.

        Parameters
        ----------
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviations, positive.

        Returns
        -------
        ndarray, shape (sigma,)

        Notes
        -----
        The mean squared distance of the two denoisers: eq-excess-loss. It is the same as
        eq-gap-fisher, whose Fisher information is never formed here.
        """
        if self.mean.size != 1:
            raise ValueError(
                f"excess is for mixtures along one mode; this one has {self.mean.size}"
            )
        levels = array("sigma", sigma, **POSITIVE)
        unit = np.linspace(-REACH, REACH, POINTS)
        share = np.exp(-(unit**2) / 2)
        share /= share.sum()
        out = []
        for level in levels:
            gain = self.variance / (self.variance + level**2)
            total = 0.0
            for weight, mean, variance in zip(
                self.weights, self.means, self.variances, strict=True
            ):
                x = mean + np.sqrt(variance + level**2) * unit[:, None]
                linear = self.mean + gain * (x - self.mean)
                total += weight * (share @ (linear - self.denoise(x, level)) ** 2)[0]
            out.append(total)
        return out[0] if np.ndim(sigma) == 0 else np.array(out)

    def gap(self, sigma):
        """Share of the linear loss that the best denoiser saves; see `excess`.

        Parameters
        ----------
        sigma : array_like, shape (sigma,), or scalar
            Noise standard deviations, positive.

        Returns
        -------
        ndarray, shape (sigma,)
        """
        return self.excess(sigma) / linear_loss(self.variance[0], sigma)
