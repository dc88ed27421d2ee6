"""Chapter linear-denoiser: one linear layer, trained by gradient flow at each noise level apart."""

import sympy as sp

from .core import Core
from .law import Law, lines
from .letter import DATA_UNIT, VAR, data, training
from .parts import Foundations, TrainingTime


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    z = Foundations.z
    eye = data("identity", "I", "identity matrix", real=True)
    noisy_moment = data("noisy_moment", r"\langle x_\sigma x_\sigma^{\top} \rangle",
        "mean of the noisy point times its transpose, for centred data", VAR, real=True,
        definition=Core.Sigma + Core.sig**2 * eye, definition_latex=r"\Sigma + \sigma^2 I")
    cross_moment = data("cross_moment", r"\langle x_0 x_\sigma^{\top} \rangle",
        "mean of the clean point times the transpose of the noisy one, for centred data", VAR,
        real=True, definition=Core.Sigma)
    Lam = data("Lambda_modes", r"\mathbf{\Lambda}",
        "diagonal matrix of the variances along the modes", VAR, real=True)
    lam_l = data("lambda_l", r"\lambda_l", "variance of the data along mode number l", VAR)
    grad_W = training("grad_W", r"\nabla_W \mathcal{L}", "gradient of the loss in the weights",
        VAR, real=True)
    dW_dtau = training("dW", r"\frac{dW}{d\tau}", "rate of change of the weights", real=True)
    V = training("V_turned", "V", "weight matrix in the basis of the modes", real=True)
    dV_dtau = training("dV", r"\frac{dV}{d\tau}", "rate of change of that matrix", real=True)
    V_kl = training("V_kl", r"V_{kl}", "its entry between the modes number k and l", real=True)
    dV_kl = training("dV_kl", r"\frac{dV_{kl}}{d\tau}", "rate of change of that entry", real=True)
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
_MATRICES = "centred data; matrices, factors keep their order"
_CENTRED = "centred data, start along the modes of the data"

error = Law(
    label="eq-error", title="error of the denoiser along a mode",
    left=s.D - s.x_0,
    right=s.b - (1 - s.w) * s.mu - (1 - s.w) * (s.x_0 - s.mu) + s.w * s.sig * s.z,
    right_latex=lines(r"\left[b - (1 - w)\mu\right]", r"- (1 - w)(x_0 - \mu)", r"+ w\sigma z"),
    provenance="derived", source="the denoiser inserted, this chapter",
    conditions="the denoiser acts on the mode as a number",
)

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

matrix_gradient = Law(
    label="eq-weights-gradient", title="gradient of the loss in the weight matrix",
    left=s.grad_W, right=2 * (s.W * (s.Sigma + s.sig**2 * s.eye) - s.Sigma),
    right_latex=r"2\left[W (\Sigma + \sigma^2 I) - \Sigma\right]",
    provenance="derived again", source=f"{_PAPER}, section 4",
    conditions=_MATRICES,
)

matrix_flow = Law(
    label="eq-weights-flow", title="gradient flow of the weight matrix",
    left=s.dW_dtau, right=-2 * s.eta * (s.W * (s.Sigma + s.sig**2 * s.eye) - s.Sigma),
    right_latex=r"-2\eta\left[W (\Sigma + \sigma^2 I) - \Sigma\right]",
    provenance="derived again", source=f"{_PAPER}, section 4",
    conditions=_MATRICES,
)

turned_flow = Law(
    label="eq-turned-flow", title="gradient flow in the basis of the modes",
    left=s.dV_dtau, right=-2 * s.eta * (s.V * (s.Lam + s.sig**2 * s.eye) - s.Lam),
    right_latex=r"-2\eta\left[V (\mathbf{\Lambda} + \sigma^2 I) - \mathbf{\Lambda}\right]",
    provenance="derived", source="the flow of the weights turned by the modes, this chapter",
    conditions=_MATRICES,
)

between_modes = Law(
    label="eq-between-modes", title="gradient flow of an entry between two modes",
    left=s.dV_kl, right=-2 * s.eta * (s.lam_l + s.sig**2) * s.V_kl,
    right_latex=r"-2\eta (\lambda_l + \sigma^2)\, V_{kl}",
    provenance="derived", source="an entry off the diagonal of that flow, this chapter",
    conditions="centred data, different modes",
)

gradient_flow = Law(
    label="eq-gradient-flow", title="gradient flow of the gain",
    left=s.dw_dtau, right=-2 * s.eta * (_s * s.w - s.lam),
    right_latex=r"-2\eta\left[(\lambda + \sigma^2)\, w - \lambda\right]",
    provenance="stated", source=f"{_PAPER}, section 4", conditions=_CENTRED,
)

unchanged = Law(
    label="eq-unchanged", title="what does not change while the gain relaxes",
    left=(s.w - s.w_star) * sp.exp(2 * s.eta * s.tau * _s), right=s.q_0 - s.w_star,
    right_latex=r"q_0 - w_\star",
    provenance="derived", source="integrating factor of the flow of the gain, this chapter",
    conditions=_CENTRED,
)

gain = Law(
    label="eq-gain", title="gain after training time tau",
    left=s.w, right=s.w_star + (s.q_0 - s.w_star) * sp.exp(-2 * s.eta * s.tau * _s),
    right_latex=lines(r"w_\star", r"+ (q_0 - w_\star)\, e^{-2\eta\tau(\lambda + \sigma^2)}"),
    provenance="derived again", source=f"{_PAPER}, equation 7", conditions=_CENTRED,
    theory="linear.gain",
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
