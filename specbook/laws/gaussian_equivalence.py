"""Chapter gaussian-equivalence: what a linear denoiser can and cannot see of its data."""

import sympy as sp

from .core import Core
from .law import Law, lines
from .letter import DATA_UNIT, VAR, data, training
from .parts import Foundations


class s(Foundations):
    """Letters of this chapter, beside those of its part."""

    skewness = data("skew", r"\mathrm{skew}", "skewness: 0 for a Gaussian", real=True)
    cumulant = data("kappa", r"\kappa",
        "joint fourth cumulant of two modes over their variances: 0 for a Gaussian, the excess "
        "kurtosis for a mode with itself", real=True)
    mu_1 = data("mu_1", r"\mu_1", "distance of each of two bumps from the mean", DATA_UNIT,
        real=True)
    lam_1 = data("lambda_1", r"\lambda_1", "variance within the first of two Gaussian components",
        VAR)
    lam_2 = data("lambda_2", r"\lambda_2", "variance within the second", VAR)
    p_1 = data("p_1", "p_1", "probability of the first component, given the noisy point")
    fisher = data("J", "J", "Fisher information of noisy data: mean square of the score",
        "1/data unit squared")
    W_T = training("W_T", r"W^{\mathsf{T}}", "its transpose", real=True)
    errors = training("R", "R", "mean products of the errors of all pixels; its trace is the loss",
        VAR, real=True)
    dL_dW = training("dL_dW", r"\frac{d\mathcal{L}}{dW}", "gradient of the loss, a matrix", VAR,
        real=True)
    lam_in = training("lambda_in", r"\lambda'",
        "variance of the data along the mode that a weight reads", VAR)
    w_in = training("w_in", r"w_\star'", "best gain of the mode that a weight reads")
    gradient_noise = training("V", "V", "variance of the gradient of one weight, from one sample")
    noise_ratio = training("nu", r"\nu", "the same over what it is for Gaussian data")
    loss_lin = training("L_lin", r"\mathcal{L}_{\mathrm{lin}}", "loss of the best linear denoiser",
        VAR)
    loss_best = training("L_best", r"\mathcal{L}_\star", "loss of the best of all denoisers", VAR)
    excess = training("Delta", r"\Delta", "mean squared distance of a denoiser from the best one",
        VAR)
    excess_lin = training("Delta_lin", r"\Delta_{\mathrm{lin}}",
        "the same for the best linear denoiser", VAR)
    gap = training("gap", r"\mathrm{gap}", "share of the linear loss that the best denoiser saves",
        definition=excess_lin / loss_lin)
    w_1 = training("w_1", "w_1", "best gain for the first of two Gaussian components",
        definition=lam_1 / (lam_1 + Core.sig**2))
    w_2 = training("w_2", "w_2", "best gain for the second",
        definition=lam_2 / (lam_2 + Core.sig**2))


_PAPER = "Wang & Pehlevan, arXiv:2503.03206"
_NOISY = s.lam + s.sig**2

error_matrix = Law(
    label="eq-error-matrix", title="errors of a linear denoiser; their trace is the loss",
    left=s.errors, right=(1 - s.W) * s.Sigma * (1 - s.W_T) + s.sig**2 * s.W * s.W_T,
    right_latex=lines(
        r"(1 - W)\, \Sigma\, (1 - W^{\mathsf{T}})",
        r"\quad + \sigma^2\, W W^{\mathsf{T}}",
    ),
    provenance="stated", source=f"{_PAPER}, equation 2, written out for a matrix",
    conditions="any data of that covariance, centred; matrices, factors keep their order",
)

matrix_gradient = Law(
    label="eq-matrix-gradient", title="gradient of the loss of a linear denoiser",
    left=s.dL_dW, right=2 * (s.W * (s.Sigma + s.sig**2) - s.Sigma),
    right_latex=r"2\left[W (\Sigma + \sigma^2) - \Sigma\right]",
    provenance="stated", source=f"{_PAPER}, section 4",
    conditions="any data of that covariance, centred; matrices, factors keep their order",
)

gradient_noise = Law(
    label="eq-gradient-noise", title="noise of the gradient of one weight",
    left=s.gradient_noise,
    right=4 * (1 - s.w_star) * s.lam
    * (s.lam_in + s.sig**2 + (1 - s.w_star) * s.lam_in * s.cumulant),
    right_latex=lines(
        r"4 (1 - w_\star)\, \lambda\, \bigl[\lambda' + \sigma^2",
        r"\quad + (1 - w_\star)\, \lambda' \kappa\bigr]",
    ),
    provenance="derived", source="this chapter",
    conditions="centred data, weights at their optimum, one sample with its own noise",
)

noise_ratio = Law(
    label="eq-noise-ratio", title="noise of the gradient over that of Gaussian data",
    left=s.noise_ratio, right=1 + (1 - s.w_star) * s.w_in * s.cumulant,
    right_latex=r"1 + (1 - w_\star)\, w_\star'\, \kappa",
    provenance="derived", source="the law before, this chapter", conditions="as the law before",
)

linear_mmse = Law(
    label="eq-linear-mmse", title="loss of the best linear denoiser",
    left=s.loss_lin, right=s.lam * s.sig**2 / _NOISY,
    right_latex=r"\frac{\lambda \sigma^2}{\lambda + \sigma^2}",
    provenance="derived", source=f"best gain of {_PAPER}, equation 5, in the loss; Wiener's filter",
    conditions="one mode, any data; sum over modes", theory="theory.linear_loss",
)

excess_loss = Law(
    label="eq-excess-loss", title="loss of any denoiser",
    left=s.loss, right=s.loss_best + s.excess, right_latex=r"\mathcal{L}_\star + \Delta",
    provenance="derived", source="the best denoiser is the conditional mean",
    conditions="any data, any denoiser; averages over all data and noise",
)

gap_fisher = Law(
    label="eq-gap-fisher", title="what the best linear denoiser misses",
    left=s.excess_lin, right=s.sig**4 * (s.fisher - 1 / _NOISY),
    right_latex=r"\sigma^4 \left(J - \frac{1}{\lambda + \sigma^2}\right)",
    provenance="derived", source="this chapter, from the score", conditions="one mode, any data",
    theory="theory.mixture.excess",
)

gap_far = Law(
    label="eq-gap-far", title="the gap of nearly Gaussian data, or at high noise",
    left=s.gap,
    right=s.w_star**2 * (1 - s.w_star) * (s.skewness**2 / 2 + s.kurtosis**2 * s.w_star / 6),
    right_latex=lines(
        r"w_\star^2 (1 - w_\star)",
        r"\cdot \left[\frac{\mathrm{skew}^2}{2} + \frac{\mathrm{kurt}^2}{6} w_\star\right]",
    ),
    relation=r"\approx", provenance="derived",
    source="this chapter; series of the error in Guo et al., arXiv:1004.3332",
    conditions="leading term in each of the two cumulants, one mode",
)

two_bumps = Law(
    label="eq-two-bumps", title="best denoiser of two bumps",
    left=s.D,
    right=s.w_1 * s.x + (1 - s.w_1) * s.mu_1 * sp.tanh(s.mu_1 * s.x / (s.lam_1 + s.sig**2)),
    right_latex=lines(
        r"w_1 x + (1 - w_1)\, \mu_1",
        r"\quad \cdot \tanh\left(\frac{\mu_1 x}{\lambda_1 + \sigma^2}\right)",
    ),
    provenance="derived", source="mean of clean data given the noisy point",
    conditions="two equally likely Gaussians of one variance, at opposite means",
    theory="theory.mixture.denoise",
)

two_contrasts = Law(
    label="eq-two-contrasts", title="best denoiser of two contrasts",
    left=s.D, right=(s.p_1 * s.w_1 + (1 - s.p_1) * s.w_2) * s.x,
    right_latex=r"\left[p_1 w_1 + (1 - p_1)\, w_2\right] x",
    provenance="derived", source="mean of clean data given the noisy point",
    conditions="two Gaussians of mean zero", theory="theory.mixture.denoise",
)
