"""Laws of the one-layer linear denoiser, trained by gradient flow at each noise level apart."""

import sympy as sp

from . import symbols as s
from .law import Law, lines

_PAPER = "Wang & Pehlevan, arXiv:2503.03206"
_s = s.lam + s.sig**2  # variance of noisy data along the mode
_CENTRED = "centred data, start along the modes of the data"

loss = Law(
    label="eq-loss", title="denoising loss of one mode",
    left=s.loss,
    right=((1 - s.w) * s.mu - s.b) ** 2 + (1 - s.w) ** 2 * s.lam + s.sig**2 * s.w**2,
    left_latex=r"\mathcal{L}",
    right_latex=lines(r"\left[(1 - w)\mu - b\right]^2", r"+ (1 - w)^2\lambda + \sigma^2 w^2"),
    provenance="stated", source=f"{_PAPER}, equation 2, written out for one mode",
    conditions="summed over dimensions, averaged over data and noise",
)

optimum = Law(
    label="eq-optimum", title="best gain",
    left=s.w_star, right=s.lam / _s,
    left_latex=r"w_\star", right_latex=r"\frac{\lambda}{\lambda + \sigma^2}",
    provenance="stated", source=f"{_PAPER}, equation 5",
)

optimum_bias = Law(
    label="eq-optimum-bias", title="best bias",
    left=s.b_star, right=(1 - s.w_star) * s.mu,
    left_latex=r"b_\star", right_latex=r"(1 - w_\star)\,\mu",
    provenance="stated", source=f"{_PAPER}, equation 6",
)

gradient_flow = Law(
    label="eq-gradient-flow", title="gradient flow of the gain",
    left=s.dw_dtau, right=-2 * s.eta * (_s * s.w - s.lam),
    left_latex=r"\frac{dw}{d\tau}",
    right_latex=r"-2\eta\left[(\lambda + \sigma^2)\, w - \lambda\right]",
    provenance="stated", source=f"{_PAPER}, section 4", conditions=_CENTRED,
)

gain = Law(
    label="eq-gain", title="gain after training time tau",
    left=s.w, right=s.w_star + (s.q_0 - s.w_star) * sp.exp(-2 * s.eta * s.tau * _s),
    left_latex="w",
    right_latex=r"w_\star + (q_0 - w_\star)\, e^{-2\eta\tau(\lambda + \sigma^2)}",
    provenance="stated", source=f"{_PAPER}, equation 7",
    conditions=_CENTRED, theory="linear.gain",
)

bias = Law(
    label="eq-bias", title="bias after training time tau",
    left=s.b, right=s.b_0 * sp.exp(-2 * s.eta * s.tau),
    left_latex="b", right_latex=r"b_0\, e^{-2\eta\tau}",
    provenance="stated", source=f"{_PAPER}, section 4",
    conditions="centred data", theory="linear.bias",
)

noncentred = Law(
    label="eq-noncentred", title="weights and bias for data with a mean",
    left=s.theta,
    right=s.theta_star + (s.theta_0 - s.theta_star) * sp.exp(-2 * s.eta * s.tau * s.M),
    left_latex=r"\theta",
    right_latex=r"\theta_\star + (\theta_0 - \theta_\star)\, e^{-2\eta\tau M}",
    provenance="derived", source="this chapter; the paper announces the same M in App. D",
    conditions="any start; the exponential is that of a matrix, factors keep their order",
    theory="linear_weights",
)

slow_rate = Law(
    label="eq-slow-rate", title="slowest rate of a mode with a mean",
    left=s.rho_min, right=s.rho_sum / 2 - sp.sqrt(s.rho_sum**2 / 4 - _s),
    left_latex=r"\rho_{\min}",
    right_latex=r"\frac{S}{2} - \sqrt{\frac{S^2}{4} - \lambda - \sigma^2}",
    provenance="derived", source="eigenvalues of M for one mode, this chapter",
    conditions="the mean lies along one mode",
)

descent = Law(
    label="eq-descent", title="gain after n steps of gradient descent",
    left=s.w, right=s.w_star + (s.q_0 - s.w_star) * (1 - 2 * s.eta * _s) ** s.n,
    left_latex="w",
    right_latex=lines(
        r"w_\star + (q_0 - w_\star)", r"\quad \cdot \left(1 - 2\eta(\lambda + \sigma^2)\right)^n"
    ),
    provenance="derived", source="this chapter; the paper treats it in App. D.1.1",
    conditions=_CENTRED, theory="descent_gain",
)

stability = Law(
    label="eq-stability", title="largest stable learning rate",
    left=s.eta_max, right=1 / (s.lam_max + s.sig**2),
    left_latex=r"\eta_{\max}", right_latex=r"\frac{1}{\lambda_{\max} + \sigma^2}",
    provenance="derived", source="this chapter", conditions="plain gradient descent, centred data",
)

_clock = 2 * s.eta * s.tau
log_phi = Law(
    label="eq-log-phi", title="growth function of the probability flow",
    left=s.lnPhi,
    right=sp.log(_s) / 2
    + (1 - s.q_0) / 2 * sp.Ei(-_clock * s.sig**2) * sp.exp(-_clock * s.lam)
    - sp.Ei(-_clock * _s) / 2,
    left_latex=r"\ln\Phi",
    right_latex=lines(
        r"\frac{1}{2}\ln(\lambda + \sigma^2)",
        r"+ \frac{1 - q_0}{2}\, e^{-2\eta\tau\lambda}",
        r"\quad \cdot \operatorname{Ei}(-2\eta\tau\sigma^2)",
        r"- \frac{1}{2} \operatorname{Ei}(-2\eta\tau(\lambda + \sigma^2))",
    ),
    provenance="stated", source=f"{_PAPER}, proposition 4.2", conditions=_CENTRED,
)

generated_variance = Law(
    label="eq-generated-variance", title="variance of generated samples",
    left=s.lam_gen, right=s.sig_T**2 * s.Phi_0**2 / s.Phi_T**2,
    left_latex=r"\tilde\lambda",
    right_latex=r"\sigma_T^2\, \frac{\Phi_0^2}{\Phi_T^2}",
    provenance="stated", source=f"{_PAPER}, proposition 4.2",
    conditions=_CENTRED, theory="linear.generated_variance",
)


def _e1(argument):
    return sp.expint(1, argument)


stable = Law(
    label="eq-stable", title="the same in a form without cancellation",
    left=s.ln_ratio,
    right=_e1(s.c * (s.lam + s.sig_0**2)) - _e1(s.c * (s.lam + s.sig_T**2))
    - (1 - s.q_0) * sp.exp(-s.c * s.lam) * (_e1(s.c * s.sig_0**2) - _e1(s.c * s.sig_T**2)),
    left_latex=r"\ln\frac{\tilde\lambda}{\tilde\lambda_{\mathrm{end}}}",
    right_latex=lines(
        r"\operatorname{E}_1(c(\lambda + \sigma_0^2))",
        r"- \operatorname{E}_1(c(\lambda + \sigma_T^2))",
        r"- (1 - q_0)\, e^{-c\lambda}",
        r"\quad \cdot \bigl[\operatorname{E}_1(c\sigma_0^2)",
        r"\qquad - \operatorname{E}_1(c\sigma_T^2)\bigr]",
    ),
    provenance="derived", source="this chapter, from proposition 4.2",
    conditions=_CENTRED, theory="linear.generated_variance",
)

untrained = Law(
    label="eq-untrained", title="variance generated before training",
    left=s.lam_start, right=s.sig_T ** (2 * s.q_0) * s.sig_0 ** (2 - 2 * s.q_0),
    left_latex=r"\tilde\lambda_{\mathrm{start}}",
    right_latex=r"\sigma_T^{2 q_0} \sigma_0^{2 - 2 q_0}",
    provenance="derived", source="limit tau = 0, this chapter", conditions=_CENTRED,
)

trained = Law(
    label="eq-trained", title="variance generated after endless training",
    left=s.lam_end,
    right=s.sig_T**2 * (s.lam + s.sig_0**2) / (s.lam + s.sig_T**2),
    left_latex=r"\tilde\lambda_{\mathrm{end}}",
    right_latex=r"\sigma_T^2\, \frac{\lambda + \sigma_0^2}{\lambda + \sigma_T^2}",
    provenance="derived", source="limit of large tau, this chapter", conditions=_CENTRED,
)

mean_flow = Law(
    label="eq-mean-flow", title="probability flow of the mean",
    left=s.dmu_dsig, right=((1 - s.w) * s.mu_gen - s.b) / s.sig,
    left_latex=r"\frac{d\tilde\mu}{d\sigma}",
    right_latex=r"\frac{(1 - w)\tilde\mu - b}{\sigma}",
    provenance="derived", source="mean of the probability-flow ODE, this chapter",
    conditions="one mode", theory="linear.generated_mean",
)

generated_mean = Law(
    label="eq-generated-mean", title="mean of generated samples",
    left=s.mu_gen, right=s.Phi_0 * sp.Integral(s.b / (s.sig * s.Phi), (s.sig, s.sig_0, s.sig_T)),
    left_latex=r"\tilde\mu",
    right_latex=r"\Phi_0 \int_{\sigma_0}^{\sigma_T} \frac{b}{\sigma\Phi}\, \mathrm{d}\sigma",
    provenance="derived", source="the flow of the mean solved for any gain and bias, this chapter",
    conditions="one mode, start from noise of mean zero; bias and growth function of the gain at"
    " each noise level (for data with a mean not the closed form of centred data)",
    theory="linear.generated_mean",
)

harmonic = Law(
    label="eq-harmonic", title="harmonic threshold of emergence",
    left=s.threshold_h, right=2 * s.lam * s.lam_start / (s.lam + s.lam_start),
    left_latex=r"\lambda_{\mathrm{h}}",
    right_latex=r"\frac{2\lambda\tilde\lambda_{\mathrm{start}}}"
    r"{\lambda + \tilde\lambda_{\mathrm{start}}}",
    provenance="stated", source=f"{_PAPER}, on two-layer networks", theory="linear.emergence_time",
)

geometric = Law(
    label="eq-geometric", title="geometric threshold of emergence",
    left=s.threshold_g, right=sp.sqrt(s.lam * s.lam_start),
    left_latex=r"\lambda_{\mathrm{g}}",
    right_latex=r"\sqrt{\lambda\tilde\lambda_{\mathrm{start}}}",
    provenance="stated", source=f"{_PAPER}, section 6", theory="linear.emergence_time",
)

power_law = Law(
    label="eq-power-law", title="power law of emergence",
    left=s.tau_star, right=s.prefactor * s.lam**s.exponent,
    left_latex=r"\tau_\star", right_latex=r"a \lambda^\beta",
    provenance="stated",
    source=f"{_PAPER}, section 6: near -1 on Gaussian data, -0.48 and -0.35 on faces",
    conditions="a fit: the exponent depends on criterion, start and noise range",
    theory="measure.power_law",
)
