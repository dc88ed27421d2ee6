"""Chapter generated-distribution: what one layer generates, and when a mode has emerged."""

import sympy as sp

from .functions import e_1
from .law import Law, lines
from .letter import VAR, measuring, sampling
from .parts import Foundations, TrainingTime


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    prefactor = Foundations.prefactor
    Phi = sampling("Phi", r"\Phi", "growth function of the probability flow")
    Phi_0 = sampling("Phi_0", r"\Phi_0", "growth function at the last noise level")
    Phi_T = sampling("Phi_T", r"\Phi_T", "growth function at the first noise level")
    dmu_dsig = sampling("dmu", r"\frac{d\tilde\mu}{d\sigma}", "slope of the generated mean",
        real=True)
    threshold_h = measuring("threshold_h", r"\lambda_{\mathrm{h}}",
        "harmonic mean of start and target", VAR)
    threshold_g = measuring("threshold_g", r"\lambda_{\mathrm{g}}",
        "geometric mean of start and target", VAR)
    exponent = measuring("beta", r"\beta", "exponent of a fitted power law")
    log_slope = sampling("dlnx", r"\frac{d\ln x}{d\ln\sigma}",
        "slope of the probability flow in logarithms", real=True)
    area = sampling("area", "A", "area under one minus the gain, over the logarithm of the noise")
    area_end = sampling("area_end", r"A_\star", "that area after endless training")
    ln_density = measuring("ln_density", r"\ln\frac{\tilde p}{p}",
        "logarithm of the density of samples over that of data, along a mode", real=True)


_PAPER = "Wang & Pehlevan, arXiv:2503.03206"
_s = s.lam + s.sig**2  # variance of noisy data along the mode
_CENTRED = "centred data, start along the modes of the data"
_clock = 2 * s.eta * s.tau

kl = Law(
    label="eq-kl", title="divergence of generated from data distribution",
    left=s.kl,
    right=(s.lam_gen / s.lam - 1 - sp.log(s.lam_gen / s.lam) + (s.mu_gen - s.mu)**2 / s.lam) / 2,
    right_latex=lines(
        r"\frac{1}{2}\Bigl[\frac{\tilde\lambda}{\lambda} - 1 - \ln\frac{\tilde\lambda}{\lambda}",
        r"\quad + \frac{(\tilde\mu - \mu)^2}{\lambda}\Bigr]",
    ),
    provenance="stated", source="Gaussian integral; announced in Wang & Pehlevan, App. C.6",
    conditions="Gaussian data and samples with shared modes; sum over modes", theory="linear.kl",
)

kl_reverse = Law(
    label="eq-kl-reverse", title="divergence of data from generated distribution",
    left=s.kl_reverse,
    right=(
        s.lam / s.lam_gen - 1 - sp.log(s.lam / s.lam_gen) + (s.mu_gen - s.mu)**2 / s.lam_gen
    ) / 2,
    right_latex=lines(
        r"\frac{1}{2}\Bigl[\frac{\lambda}{\tilde\lambda} - 1 - \ln\frac{\lambda}{\tilde\lambda}",
        r"\quad + \frac{(\tilde\mu - \mu)^2}{\tilde\lambda}\Bigr]",
    ),
    provenance="stated", source="Gaussian integral",
    conditions="Gaussian data and samples with shared modes; sum over modes", theory="linear.kl",
)

log_phi = Law(
    label="eq-log-phi", title="growth function of the probability flow",
    left=s.lnPhi,
    right=sp.log(_s) / 2
    + (1 - s.q_0) / 2 * sp.Ei(-_clock * s.sig**2) * sp.exp(-_clock * s.lam)
    - sp.Ei(-_clock * _s) / 2,
    right_latex=lines(
        r"\frac{1}{2}\ln(\lambda + \sigma^2)",
        r"+ \frac{1 - q_0}{2}\, e^{-2\eta\tau\lambda}",
        r"\quad \cdot \operatorname{Ei}(-2\eta\tau\sigma^2)",
        r"- \frac{1}{2} \operatorname{Ei}(-2\eta\tau(\lambda + \sigma^2))",
        long=True,
    ),
    provenance="derived again", source=f"{_PAPER}, proposition 4.2", conditions=_CENTRED,
)

generated_variance = Law(
    label="eq-generated-variance", title="variance of generated samples",
    left=s.lam_gen, right=s.sig_T**2 * s.Phi_0**2 / s.Phi_T**2,
    right_latex=r"\sigma_T^2\, \frac{\Phi_0^2}{\Phi_T^2}",
    provenance="derived again", source=f"{_PAPER}, proposition 4.2",
    conditions=_CENTRED, theory="linear.generated_variance",
)

stable = Law(
    label="eq-stable", title="the same in a form without cancellation",
    left=s.ln_ratio,
    right=e_1(s.c * (s.lam + s.sig_0**2)) - e_1(s.c * (s.lam + s.sig_T**2))
    - (1 - s.q_0) * sp.exp(-s.c * s.lam) * (e_1(s.c * s.sig_0**2) - e_1(s.c * s.sig_T**2)),
    right_latex=lines(
        r"\operatorname{E}_1(c(\lambda + \sigma_0^2))",
        r"\quad - \operatorname{E}_1(c(\lambda + \sigma_T^2))",
        r"- (1 - q_0)\, e^{-c\lambda}",
        r"\quad \cdot \bigl[\operatorname{E}_1(c\sigma_0^2)",
        r"\qquad - \operatorname{E}_1(c\sigma_T^2)\bigr]",
        long=True,
    ),
    provenance="derived", source="this chapter, from proposition 4.2 of Wang & Pehlevan",
    conditions=_CENTRED, theory="linear.generated_variance",
)

untrained = Law(
    label="eq-untrained", title="variance generated before training",
    left=s.lam_start, right=s.sig_T ** (2 * s.q_0) * s.sig_0 ** (2 - 2 * s.q_0),
    right_latex=r"\sigma_T^{2 q_0} \sigma_0^{2 - 2 q_0}",
    provenance="derived", source="limit tau = 0, this chapter", conditions=_CENTRED,
)

trained = Law(
    label="eq-trained", title="variance generated after endless training",
    left=s.lam_end, right=s.sig_T**2 * (s.lam + s.sig_0**2) / (s.lam + s.sig_T**2),
    right_latex=r"\sigma_T^2\, \frac{\lambda + \sigma_0^2}{\lambda + \sigma_T^2}",
    provenance="derived", source="limit of large tau, this chapter", conditions=_CENTRED,
)

mean_flow = Law(
    label="eq-mean-flow", title="probability flow of the mean",
    left=s.dmu_dsig, right=((1 - s.w) * s.mu_gen - s.b) / s.sig,
    right_latex=r"\frac{(1 - w)\tilde\mu - b}{\sigma}",
    provenance="derived", source="mean of the probability-flow ODE, this chapter",
    conditions="one mode", theory="linear.generated_mean",
)

generated_mean = Law(
    label="eq-generated-mean", title="mean of generated samples",
    left=s.mu_gen, right=s.Phi_0 * sp.Integral(s.b / (s.sig * s.Phi), (s.sig, s.sig_0, s.sig_T)),
    right_latex=r"\Phi_0 \int_{\sigma_0}^{\sigma_T} \frac{b}{\sigma\Phi}\, \mathrm{d}\sigma",
    provenance="derived", source="the flow of the mean solved for any gain and bias, this chapter",
    conditions="one mode, start from noise of mean zero; bias and growth function of the gain at"
    " each noise level (for data with a mean not the closed form of centred data)",
    theory="linear.generated_mean",
)

harmonic = Law(
    label="eq-harmonic", title="harmonic threshold of emergence",
    left=s.threshold_h, right=2 * s.lam * s.lam_start / (s.lam + s.lam_start),
    right_latex=r"\frac{2\lambda\tilde\lambda_{\mathrm{start}}}"
    r"{\lambda + \tilde\lambda_{\mathrm{start}}}",
    provenance="stated", source=f"{_PAPER}, on two-layer networks", theory="linear.emergence_time",
)

geometric = Law(
    label="eq-geometric", title="geometric threshold of emergence",
    left=s.threshold_g, right=sp.sqrt(s.lam * s.lam_start),
    right_latex=r"\sqrt{\lambda\tilde\lambda_{\mathrm{start}}}",
    provenance="stated", source=f"{_PAPER}, section 6", theory="linear.emergence_time",
)

power_law = Law(
    label="eq-power-law", title="power law of emergence",
    left=s.tau_star, right=s.prefactor * s.lam**s.exponent, right_latex=r"a \lambda^\beta",
    provenance="stated",
    source=f"{_PAPER}, section 6: -1.08 on Gaussian data in 256 dimensions, "
    "-0.48 and -0.35 on faces",
    conditions="a fit: the exponent depends on criterion, start and noise range",
    theory="measure.power_law",
)

log_slope = Law(
    label="eq-log-slope", title="probability flow of one mode, in logarithms",
    left=s.log_slope, right=1 - s.w, right_latex="1 - w",
    provenance="derived", source="probability-flow ODE along one mode, this chapter",
    conditions="centred data, weights that do not mix modes",
)

area = Law(
    label="eq-area", title="area under one minus the gain",
    left=s.area, right=sp.Integral((1 - s.w) / s.sig, (s.sig, s.sig_0, s.sig_T)),
    right_latex=r"\int_{\sigma_0}^{\sigma_T} \frac{1 - w}{\sigma}\, \mathrm{d}\sigma",
    provenance="derived", source="integral of the flow over the logarithm of the noise level",
    conditions="centred data, weights that do not mix modes; any gain",
)

area_variance = Law(
    label="eq-area-variance", title="generated variance from the area",
    left=s.lam_gen, right=s.sig_T**2 * sp.exp(-2 * s.area),
    right_latex=r"\sigma_T^2\, e^{-2A}",
    provenance="derived", source="the flow multiplies all points of a mode by one factor",
    conditions="centred data, weights that do not mix modes; any gain",
    theory="linear.generated_variance",
)

missing = Law(
    label="eq-missing", title="log-variance that the samples lack, as an area",
    left=s.ln_ratio, right=-2 * (s.area - s.area_end),
    right_latex=r"-2\left(A - A_\star\right)",
    provenance="derived", source="ratio of two generated variances, this chapter",
    conditions="centred data, weights that do not mix modes; any gain",
)

shelf = Law(
    label="eq-shelf", title="one minus the gain at low noise",
    left=1 - s.w, right=sp.exp(-2 * s.eta * s.tau * s.lam), relation=r"\approx",
    right_latex=r"e^{-2\eta\tau\lambda}",
    provenance="derived", source="limit of low noise of the law of the gain, this chapter",
    conditions="start at gain 0, noise levels well below the standard deviation of the mode",
)

shelf_time = Law(
    label="eq-shelf-time", title="when half of the missing log-variance has come",
    left=s.tau_star, right=sp.log(2) / (2 * s.eta * s.lam), relation=r"\approx",
    right_latex=r"\frac{\ln 2}{2\eta\lambda}",
    provenance="derived", source="one minus the gain at low noise is one half, this chapter",
    conditions="start at gain 0, last noise level well below the standard deviation of the mode",
)

three_parts = Law(
    label="eq-three-parts", title="one minus the gain as a sum of three terms",
    left=1 - s.w,
    right=s.sig**2 / _s + (1 - s.q_0) * sp.exp(-s.c * _s) - s.sig**2 / _s * sp.exp(-s.c * _s),
    right_latex=lines(
        r"\frac{\sigma^2}{\lambda + \sigma^2}",
        r"+ (1 - q_0)\, e^{-c(\lambda + \sigma^2)}",
        r"- \frac{\sigma^2}{\lambda + \sigma^2}\, e^{-c(\lambda + \sigma^2)}",
    ),
    provenance="derived", source="law of the gain, this chapter", conditions=_CENTRED,
)

area_end = Law(
    label="eq-area-end", title="area after endless training",
    left=s.area_end, right=sp.log((s.lam + s.sig_T**2) / (s.lam + s.sig_0**2)) / 2,
    right_latex=r"\frac{1}{2}\ln\frac{\lambda + \sigma_T^2}{\lambda + \sigma_0^2}",
    provenance="derived", source="limit of large tau, this chapter", conditions=_CENTRED,
)

density_ratio = Law(
    label="eq-density-ratio", title="ratio of two Gaussian densities of mean zero",
    left=s.ln_density,
    right=(s.x**2 / s.lam - s.x**2 / s.lam_gen - sp.log(s.lam_gen / s.lam)) / 2,
    right_latex=lines(r"\frac{1}{2}\Bigl(\frac{x^2}{\lambda} - \frac{x^2}{\tilde\lambda}",
                      r"\quad - \ln\frac{\tilde\lambda}{\lambda}\Bigr)"),
    provenance="derived", source="logarithm of two Gaussian densities",
    conditions="Gaussian data and samples of mean zero, one mode",
)

kl_variance = Law(
    label="eq-kl-variance", title="what a wrong variance costs",
    left=s.kl, right=(s.lam_gen / s.lam - 1 - sp.log(s.lam_gen / s.lam)) / 2,
    right_latex=lines(r"\frac{1}{2}\Bigl(\frac{\tilde\lambda}{\lambda} - 1",
                      r"\quad - \ln\frac{\tilde\lambda}{\lambda}\Bigr)"),
    provenance="derived", source="average of the ratio of densities over samples, this chapter",
    conditions="Gaussian data and samples of mean zero, one mode", theory="linear.kl",
)
