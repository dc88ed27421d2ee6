"""Chapter linear-denoiser: one linear layer, trained by gradient flow at each noise level apart."""

import sympy as sp

from .core import Core
from .law import Law, lines
from .letter import DATA_UNIT, training
from .parts import TrainingTime


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    b_star = training("b_star", r"b_\star", "bias of the best linear denoiser", DATA_UNIT,
        real=True)
    n = training("n", "n", "number of steps of gradient descent", positive=True, integer=True)
    theta = training("theta", r"\theta", "weights and bias side by side: [W b]", real=True)
    theta_0 = training("theta_0", r"\theta_0", "the same before training", real=True)
    theta_star = training("theta_star", r"\theta_\star", "the same at the optimum", real=True)
    M = training("M", "M", "second moments of noisy data and the constant 1", real=True)
    rho_min = training("rho_min", r"\rho_{\min}", "smaller eigenvalue of M for one mode")
    rho_sum = training("S", "S", "sum of the two eigenvalues of M for one mode",
        definition=Core.lam + Core.sig**2 + Core.mu**2 + 1)


_PAPER = "Wang & Pehlevan, arXiv:2503.03206"
_s = s.lam + s.sig**2  # variance of noisy data along the mode
_CENTRED = "centred data, start along the modes of the data"

loss = Law(
    label="eq-loss", title="denoising loss of one mode",
    left=s.loss, right=((1 - s.w) * s.mu - s.b)**2 + (1 - s.w)**2 * s.lam + s.sig**2 * s.w**2,
    right_latex=lines(r"\left[(1 - w)\mu - b\right]^2", r"+ (1 - w)^2\lambda + \sigma^2 w^2"),
    provenance="stated", source=f"{_PAPER}, equation 2, written out for one mode",
    conditions="summed over dimensions, averaged over data and noise",
)

optimum = Law(
    label="eq-optimum", title="best gain",
    left=s.w_star, right=s.lam / _s, right_latex=r"\frac{\lambda}{\lambda + \sigma^2}",
    provenance="stated", source=f"{_PAPER}, equation 5",
)

optimum_bias = Law(
    label="eq-optimum-bias", title="best bias",
    left=s.b_star, right=(1 - s.w_star) * s.mu, right_latex=r"(1 - w_\star)\,\mu",
    provenance="stated", source=f"{_PAPER}, equation 6",
)

gradient_flow = Law(
    label="eq-gradient-flow", title="gradient flow of the gain",
    left=s.dw_dtau, right=-2 * s.eta * (_s * s.w - s.lam),
    right_latex=r"-2\eta\left[(\lambda + \sigma^2)\, w - \lambda\right]",
    provenance="stated", source=f"{_PAPER}, section 4", conditions=_CENTRED,
)

gain = Law(
    label="eq-gain", title="gain after training time tau",
    left=s.w, right=s.w_star + (s.q_0 - s.w_star) * sp.exp(-2 * s.eta * s.tau * _s),
    right_latex=r"w_\star + (q_0 - w_\star)\, e^{-2\eta\tau(\lambda + \sigma^2)}",
    provenance="stated", source=f"{_PAPER}, equation 7", conditions=_CENTRED, theory="linear.gain",
)

bias = Law(
    label="eq-bias", title="bias after training time tau",
    left=s.b, right=s.b_0 * sp.exp(-2 * s.eta * s.tau), right_latex=r"b_0\, e^{-2\eta\tau}",
    provenance="stated", source=f"{_PAPER}, section 4",
    conditions="centred data", theory="linear.bias",
)

noncentred = Law(
    label="eq-noncentred", title="weights and bias for data with a mean",
    left=s.theta,
    right=s.theta_star + (s.theta_0 - s.theta_star) * sp.exp(-2 * s.eta * s.tau * s.M),
    right_latex=r"\theta_\star + (\theta_0 - \theta_\star)\, e^{-2\eta\tau M}",
    provenance="derived", source="this chapter; the paper announces the same M in App. D",
    conditions="any start; the exponential is that of a matrix, factors keep their order",
    theory="linear_weights",
)

slow_rate = Law(
    label="eq-slow-rate", title="slowest rate of a mode with a mean",
    left=s.rho_min, right=s.rho_sum / 2 - sp.sqrt(s.rho_sum**2 / 4 - _s),
    right_latex=r"\frac{S}{2} - \sqrt{\frac{S^2}{4} - \lambda - \sigma^2}",
    provenance="derived", source="eigenvalues of M for one mode, this chapter",
    conditions="the mean lies along one mode",
)

descent = Law(
    label="eq-descent", title="gain after n steps of gradient descent",
    left=s.w, right=s.w_star + (s.q_0 - s.w_star) * (1 - 2 * s.eta * _s) ** s.n,
    right_latex=lines(
        r"w_\star + (q_0 - w_\star)", r"\quad \cdot \left(1 - 2\eta(\lambda + \sigma^2)\right)^n"
    ),
    provenance="derived", source="this chapter; the paper treats it in App. D.1.1",
    conditions=_CENTRED, theory="descent_gain",
)

stability = Law(
    label="eq-stability", title="largest stable learning rate",
    left=s.eta_max, right=1 / (s.lam_max + s.sig**2),
    right_latex=r"\frac{1}{\lambda_{\max} + \sigma^2}",
    provenance="derived", source="this chapter", conditions="plain gradient descent, centred data",
)
