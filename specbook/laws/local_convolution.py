"""Chapter local-convolution: one layer of convolution with a filter that sees a patch."""

import sympy as sp

from .core import Core
from .law import Law, lines
from .letter import VAR, data, sampling, training
from .operators import FREQUENCY, Mean, Product, Total
from .parts import Foundations, TrainingTime


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    power = Foundations.power
    Sigma_p = data("Sigma_p", r"\Sigma_{\mathrm{p}}",
        "covariance matrix of a patch, averaged over places", VAR, "patch_covariance", real=True)
    patch_shift = data("shift", "j", "distance of two places", real=True)
    patch_cov = data("cov_p", r"\Sigma_j", "covariance of two places at that distance", VAR,
        real=True)
    reach = data("reach", r"r_{\mathrm{p}}", "reach of a filter: places on each side of its centre")
    h_vector = data("h_vec", r"\mathbf{h}^{\mathsf{T}}",
        "cosines of one frequency at the places of a patch, a row", real=True)
    e_vector = data("e_vec", r"\mathbf{e}",
        "a patch that is 1 at the centre and 0 elsewhere, a column", real=True)
    step_ln = sampling("step_ln", r"\bigl|\ln\tilde\lambda' - \ln\tilde\lambda\bigr|",
        "difference of the log variances generated at two frequencies along one axis", real=True)
    step_omega = sampling("step_omega", r"|\varphi' - \varphi|", "difference of these frequencies",
        "radian per place", real=True)
    range_ln = sampling("range_ln", r"\Delta_{\ln}",
        "difference between the largest and the smallest log variance")
    p = data("p_mode", r"\mathrm{p}", "number of a patch mode", integer=True)
    lam_p = data("lambda_p", r"\lambda_{\mathrm{p}}",
        "variance along a mode of the patch covariance", VAR, index=p)
    e_p = data("e_p", r"e_{\mathrm{p}}", "entry of a patch mode at the central place", real=True,
        index=p)
    h_p = data("h_p", r"h_{\mathrm{p}}",
        "Fourier transform of a patch mode, counted from its centre, at one frequency", real=True,
        index=p)
    share_p = data("share_p", r"s_{\mathrm{p}}",
        "share of a patch mode in one frequency; shares sum to 1", real=True, index=p,
        definition=h_p * e_p)
    w_p = training("w_p", r"w_{\mathrm{p}}", "part of a filter along a patch mode", real=True,
        index=p)
    q_p = training("q_p", r"q_{\mathrm{p}}", "the same before training", code="w0", real=True,
        index=p)
    w_p_star = training("w_p_star", r"w_{\star\mathrm{p}}", "best gain of a patch mode", real=True,
        index=p, definition=lam_p / (lam_p + Core.sig**2))
    dw_p_dtau = training("dw_p", r"\frac{dw_{\mathrm{p}}}{d\tau}", "rate of change of that part",
        real=True, index=p)
    A_p = sampling("A_p", r"A_{\mathrm{p}}",
        "what a patch mode adds to the flow, for a centre of 1", real=True, index=p)
    B_p = sampling("B_p", r"B_{\mathrm{p}}",
        "what is left of the start of a patch mode, for a start of 1", real=True, index=p)
    lam_p_gen = sampling("lambda_p_gen", r"\tilde\lambda_{\mathrm{p}}",
        "variance that the one-layer law would generate along a patch mode", VAR, index=p)
    frequency = data("varphi", r"\varphi", "frequency along one axis", "radian per place",
        index=FREQUENCY)


_PAPER = "Wang & Pehlevan, arXiv:2503.03206"
_noisy = s.lam_p + s.sig**2  # variance of noisy data along the patch mode
_clock = s.pixels * 2 * s.eta * s.tau
_RING = "centred data on a ring of places (opposite edges joined), one channel"
_START = f"{_RING}; the same symmetric start at all noise levels"
_HERE = "this chapter; the paper gives no closed form"

patch = Law(
    label="eq-local-patch-covariance", title="patch covariance from the power",
    left=s.patch_cov, right=Mean(s.power * sp.cos(s.frequency * s.patch_shift), FREQUENCY),
    right_latex=r"\overline{P \cos\varphi j}",
    provenance="derived", source="theorem of Wiener and Khinchin, this chapter",
    conditions=_RING, theory="stationary.patch_covariance",
)

loss = Law(
    label="eq-local-loss", title="denoising loss along one patch mode",
    left=s.loss, right=s.pixels * ((s.e_p - s.w_p)**2 * s.lam_p + s.sig**2 * s.w_p**2),
    right_latex=lines(
        r"n_{\mathrm{p}} \bigl[(e_{\mathrm{p}} - w_{\mathrm{p}})^2 \lambda_{\mathrm{p}}",
        r"\quad + \sigma^2 w_{\mathrm{p}}^2\bigr]",
    ),
    provenance="derived", source="this chapter",
    conditions=f"{_RING}; summed over places, averaged over data and noise",
)

flow = Law(
    label="eq-local-flow", title="gradient flow of the filter",
    left=s.dw_p_dtau, right=-2 * s.pixels * s.eta * (_noisy * s.w_p - s.lam_p * s.e_p),
    right_latex=lines(
        r"-2 n_{\mathrm{p}} \eta \bigl[(\lambda_{\mathrm{p}} + \sigma^2) w_{\mathrm{p}}",
        r"\quad - \lambda_{\mathrm{p}} e_{\mathrm{p}}\bigr]",
    ),
    provenance="stated", source=f"{_PAPER}, section 5, along one patch mode", conditions=_RING,
)

weights = Law(
    label="eq-local-weights", title="filter after training time tau",
    left=s.w_p, right=s.e_p * s.w_p_star + (s.q_p - s.e_p * s.w_p_star) * sp.exp(-_clock * _noisy),
    right_latex=lines(
        r"e_{\mathrm{p}} w_{\star\mathrm{p}}",
        r"+ (q_{\mathrm{p}} - e_{\mathrm{p}} w_{\star\mathrm{p}})",
        r"\quad \cdot e^{-2 n_{\mathrm{p}} \eta\tau (\lambda_{\mathrm{p}} + \sigma^2)}",
    ),
    provenance="stated", source=f"{_PAPER}, proposition 5.4, along one patch mode",
    conditions=_RING, theory="local_convolution.filter",
)

gain = Law(
    label="eq-local-gain", title="gain of a local filter at one frequency",
    left=s.w, right=Total(s.h_p * s.w_p, s.p),
    right_latex=r"\sum_{\mathrm{p}} h_{\mathrm{p}} w_{\mathrm{p}}",
    provenance="derived", source="Fourier transform of the filter, this chapter",
    conditions=f"{_RING}; symmetric filter", theory="local_convolution.gain",
)

centre_part = Law(
    label="eq-local-a", title="what a patch mode adds to the flow",
    left=s.A_p,
    right=sp.log(s.sig) - sp.log(_noisy) / 2
    - sp.exp(-_clock * s.lam_p) * sp.Ei(-_clock * s.sig**2) / 2 + sp.Ei(-_clock * _noisy) / 2,
    right_latex=lines(
        r"\ln\sigma - \frac{1}{2}\ln(\lambda_{\mathrm{p}} + \sigma^2)",
        r"- \frac{1}{2} e^{-2 n_{\mathrm{p}} \eta\tau\lambda_{\mathrm{p}}}",
        r"\quad \cdot \operatorname{Ei}(-2 n_{\mathrm{p}} \eta\tau\sigma^2)",
        r"+ \frac{1}{2} \operatorname{Ei}\bigl(-2 n_{\mathrm{p}} \eta\tau",
        r"\quad \cdot (\lambda_{\mathrm{p}} + \sigma^2)\bigr)",
        long=True,
    ),
    provenance="derived", source=_HERE, conditions=_START,
)

start_part = Law(
    label="eq-local-b", title="what is left of the start of a patch mode",
    left=s.B_p, right=sp.exp(-_clock * s.lam_p) * sp.Ei(-_clock * s.sig**2) / 2,
    right_latex=lines(
        r"\frac{1}{2} e^{-2 n_{\mathrm{p}} \eta\tau\lambda_{\mathrm{p}}}",
        r"\quad \cdot \operatorname{Ei}(-2 n_{\mathrm{p}} \eta\tau\sigma^2)",
    ),
    provenance="derived", source=_HERE, conditions=_START,
)

spectrum = Law(
    label="eq-local-spectrum", title="generated variance at one frequency",
    left=s.lam_gen, right=Product(s.lam_p_gen**s.share_p, s.p),
    right_latex=r"\prod_{\mathrm{p}} \tilde\lambda_{\mathrm{p}}^{s_{\mathrm{p}}}",
    provenance="derived", source=_HERE,
    conditions=f"{_RING}; before training the filter is a number times the central place; the "
    "factors follow eq-stable with the clock of this layer",
    theory="local_convolution.generated_variance",
)

limit = Law(
    label="eq-local-limit", title="spectrum after endless training",
    left=s.lam_end, right=sp.exp(s.h_vector * sp.log(s.sig_0**2 + s.Sigma_p) * s.e_vector),
    right_latex=lines(
        r"\exp\bigl[\mathbf{h}^{\mathsf{T}}",
        r"\quad \cdot \ln(\sigma_0^2 + \Sigma_{\mathrm{p}})\, \mathbf{e}\bigr]",
    ),
    provenance="derived", source=_HERE,
    conditions=f"{_RING}; first noise level far above the data; the logarithm is that of a matrix,"
    " a number under it stands for that multiple of the identity",
    theory="local_convolution.generated_variance",
)

coupling = Law(
    label="eq-local-coupling", title="neighbouring frequencies move together",
    left=s.step_ln, right=s.reach * s.step_omega * s.range_ln / 2, relation=r"\le",
    right_latex=r"\frac{r_{\mathrm{p}}}{2} |\varphi' - \varphi| \Delta_{\ln}",
    provenance="derived", source="Bernstein's inequality; this chapter; spectra of this kind: "
    "Bloomfield (1973)",
    conditions=f"{_START}; exact flow; two frequencies along one axis",
)
