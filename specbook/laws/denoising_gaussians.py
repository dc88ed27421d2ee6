"""Chapter denoising-gaussians: noise, score, best denoiser and sampler, on Gaussian data."""

import sympy as sp

from .core import Core
from .law import Law, lines
from .letter import DATA_UNIT, STD, VAR, data, sampling
from .operators import MODE, Mean, Product
from .parts import Foundations


class s(Foundations):
    """Letters of this chapter, beside those of its part."""

    x_sig = data("x_sigma", r"x_\sigma", "noisy data point", DATA_UNIT, real=True)
    score = data("s", "s", "score: gradient of the log density of noisy data", "1/data unit",
        real=True)
    p_sig = data("p_sigma", r"p_\sigma", "density of noisy data along a mode", "1/data unit")
    dp_dsig = data("dp", r"\frac{\partial p_\sigma}{\partial\sigma}", "its change with noise",
        real=True)
    d2p_dx2 = data("d2p", r"\frac{\partial^2 p_\sigma}{\partial x^2}", "its curvature", real=True)
    dx_dsig = sampling("dx", r"\frac{dx}{d\sigma}", "slope of the probability flow", real=True)
    sig_next = sampling("sigma_next", r"\sigma'", "next noise level of the sampler", STD)
    r = sampling("r", "r", "slope of the flow over the state", real=True,
        definition=(1 - Core.w) / Core.sig)
    r_next = sampling("r_next", "r'", "the same at the next noise level", real=True)
    x_T = sampling("x_T", "x_T", "state at the first noise level", DATA_UNIT, real=True)
    g = sampling("g", "g", "factor of the exact flow over one step, best denoiser")
    steps = sampling("K", "K", "number of steps of the sampler")
    phi = sampling("phi", r"\phi", "angle of a noise level, seen from one mode", "radian")
    phi_0 = sampling("phi_0", r"\phi_0", "angle of the last noise level", "radian")
    phi_T = sampling("phi_T", r"\phi_T", "angle of the first noise level", "radian")
    delta = sampling("delta", r"\delta", "angle of one step", "radian")
    order = sampling("p", "p", "order of the sampler's method: 1 for Euler, 2 for Heun",
        positive=True, integer=True)
    h = sampling("h", "h", "size of a step in the logarithm of the noise level")
    step_error = sampling("epsilon", r"\epsilon",
        "error of one step: what it adds to the error of a mode", real=True)
    mode_error = sampling("E", r"\mathcal{E}",
        "error of a mode: log of generated over exact variance", code="sampler_error", real=True)
    best_error = sampling("E_star", r"\mathcal{E}_\star",
        "smallest error of Euler's method, for one mode", real=True)
    rho = sampling("rho", r"\rho", "exponent of the EDM noise levels", code="rho")
    C = sampling("C", "C", "constant that fixes the number of steps")
    w_0 = sampling("w_0", "w_0", "gain at the last noise level above zero")
    lam_zero = sampling("lambda_zero", r"\tilde\lambda_{\mathrm{zero}}",
        "generated variance after a step to zero", VAR)
    i = sampling("i", "i", "number of a step", integer=True)
    g_i = sampling("g_i", "g_i", "factor of one step of the sampler", real=True, index=i)


_EDM = "Karras et al., arXiv:2206.00364"
_NOISY = s.lam + s.sig**2
_step = s.sig_next - s.sig
_BEST = "Gaussian data, best denoiser"
_SAME_MODES = "linear denoiser along the same modes at all levels, centred data"

forward = Law(
    label="eq-forward", title="noisy data",
    left=s.x_sig, right=s.x_0 + s.sig * s.z, right_latex=r"x_0 + \sigma z",
    provenance="stated", source=f"{_EDM}, section 2 (variance exploding)",
)

noisy_density = Law(
    label="eq-noisy-density", title="density of noisy Gaussian data",
    left=s.p_sig, right=sp.exp(-((s.x - s.mu)**2) / (2 * _NOISY)) / sp.sqrt(2 * sp.pi * _NOISY),
    right_latex=r"\frac{1}{\sqrt{2\pi}\sqrt{\lambda + \sigma^2}}\, "
    r"e^{-\frac{(x - \mu)^2}{2(\lambda + \sigma^2)}}",
    provenance="derived", source="convolution of two Gaussians", conditions="Gaussian data",
)

heat = Law(
    label="eq-heat", title="noise spreads like heat",
    left=s.dp_dsig, right=s.sig * s.d2p_dx2,
    right_latex=r"\sigma\, \frac{\partial^2 p_\sigma}{\partial x^2}",
    provenance="derived", source="the Gaussian kernel solves it", conditions="any data",
)

score = Law(
    label="eq-score", title="score from denoiser",
    left=s.score, right=(s.D - s.x) / s.sig**2, right_latex=r"\frac{D - x}{\sigma^2}",
    provenance="stated", source=f"{_EDM}, equation 3",
    conditions="D is the best denoiser, the mean of clean data given the noisy point",
)

gaussian_score = Law(
    label="eq-gaussian-score", title="score of noisy Gaussian data",
    left=s.score, right=(s.mu - s.x) / _NOISY, right_latex=r"\frac{\mu - x}{\lambda + \sigma^2}",
    provenance="derived", source="derivative of the log density", conditions="Gaussian data",
)

gaussian_denoiser = Law(
    label="eq-gaussian-denoiser", title="best denoiser of Gaussian data",
    left=s.D, right=s.mu + s.lam / _NOISY * (s.x - s.mu),
    right_latex=r"\mu + \frac{\lambda}{\lambda + \sigma^2}\, (x - \mu)",
    provenance="derived", source="mean of clean data given the noisy point",
    conditions="Gaussian data",
)

two_points = Law(
    label="eq-two-points", title="best denoiser of two points",
    left=s.D, right=sp.tanh(s.x / s.sig**2), right_latex=r"\tanh\frac{x}{\sigma^2}",
    provenance="derived", source="mean of clean data given the noisy point",
    conditions="two equally likely points, 1 and -1",
)

probability_flow = Law(
    label="eq-probability-flow", title="probability-flow ODE",
    left=s.dx_dsig, right=(s.x - s.D) / s.sig, right_latex=r"\frac{x - D}{\sigma}",
    provenance="stated", source=f"{_EDM}, equations 1 and 3", theory="sampler.sample",
)

gaussian_flow = Law(
    label="eq-gaussian-flow", title="probability flow of Gaussian data, solved",
    left=s.x, right=s.mu + (s.x_T - s.mu) * sp.sqrt(_NOISY / (s.lam + s.sig_T**2)),
    right_latex=r"\mu + (x_T - \mu)\, \sqrt{\frac{\lambda + \sigma^2}{\lambda + \sigma_T^2}}",
    provenance="derived", source="solution of the probability-flow ODE",
    conditions="Gaussian data, best denoiser",
)

gaussian_variance = Law(
    label="eq-gaussian-variance", title="variance that the finite noise range leaves",
    left=s.lam_gen, right=s.lam * (1 + s.sig_0**2 / s.lam) / (1 + s.lam / s.sig_T**2),
    right_latex=r"\lambda\; \frac{1 + \sigma_0^2 / \lambda}{1 + \lambda / \sigma_T^2}",
    provenance="derived", source="flow started with variance sigma_T^2",
    conditions="Gaussian data, best denoiser, start from centred noise",
)

gaussian_mean = Law(
    label="eq-gaussian-mean", title="mean that the finite noise range leaves",
    left=s.mu_gen, right=s.mu * (1 - sp.sqrt((s.lam + s.sig_0**2) / (s.lam + s.sig_T**2))),
    right_latex=r"\mu \left(1 - \sqrt{\frac{\lambda + \sigma_0^2}{\lambda + \sigma_T^2}}\right)",
    provenance="derived", source="flow started with mean zero",
    conditions="Gaussian data, best denoiser, start from centred noise",
)

euler_factor = Law(
    label="eq-euler", title="one Euler step multiplies a mode by",
    left=s.g_euler, right=1 + (s.sig_next - s.sig) * s.r, right_latex=r"1 + (\sigma' - \sigma)\, r",
    provenance="derived", source="one step of the sampler on a linear denoiser",
    conditions="linear denoiser, centred data", theory="theory.sampled_variance",
)

heun_factor = Law(
    label="eq-heun", title="one Heun step multiplies a mode by",
    left=s.g_heun, right=1 + _step / 2 * (s.r + s.r_next * (1 + _step * s.r)),
    right_latex=lines(r"1 + \frac{\sigma' - \sigma}{2}\Bigl[r",
                      r"+ r' (1 + (\sigma' - \sigma)\, r)\Bigr]"),
    provenance="derived", source="one step of the sampler on a linear denoiser",
    conditions="linear denoiser along the same modes at both levels, centred data; next level"
    " above zero", theory="theory.sampled_variance",
)

sampler_product = Law(
    label="eq-sampler-product", title="variance that the sampler generates",
    left=s.lam_gen, right=s.sig_T**2 * Product(s.g_i, s.i) ** 2,
    right_latex=r"\sigma_T^2 \left(\prod_i g_i\right)^2", provenance="derived",
    source="this book; products per mode also in Pierret & Galerne, arXiv:2405.14250",
    conditions=_SAME_MODES, theory="theory.sampled_variance",
)

exact_step = Law(
    label="eq-exact-step", title="one step of the exact flow multiplies a mode by",
    left=s.g, right=sp.sqrt((s.lam + s.sig_next**2) / (s.lam + s.sig**2)),
    right_latex=r"\sqrt{\frac{\lambda + \sigma'^2}{\lambda + \sigma^2}}",
    provenance="derived", source="the flow, solved", conditions=f"{_BEST}, centred",
)

angle = Law(
    label="eq-angle", title="angle of a noise level",
    left=s.phi, right=sp.atan(s.sig / sp.sqrt(s.lam)),
    right_latex=r"\arctan\frac{\sigma}{\sqrt{\lambda}}",
    provenance="derived", source="a definition",
)

euler_angle = Law(
    label="eq-euler-angle", title="Euler's step in angles",
    left=s.g_euler, right=s.g * sp.cos(s.delta), right_latex=r"g \cos\delta",
    provenance="derived", source="Euler's step with the best gain", conditions=_BEST,
    theory="theory.sampler_error",
)

heun_angle = Law(
    label="eq-heun-angle", title="Heun's step in angles",
    left=s.g_heun, right=s.g * sp.cos(s.delta) + sp.sin(s.delta)**2 / 2,
    right_latex=r"g \cos\delta + \frac{1}{2} \sin^2\delta",
    provenance="derived", source="Heun's step with the best gain",
    conditions=f"{_BEST}; next level above zero", theory="theory.sampler_error",
)

step_error = Law(
    label="eq-step-error", title="error of one step",
    left=s.step_error,
    right=(-1) ** s.order * s.w_star * (1 - s.w_star) ** s.order * s.h ** (s.order + 1),
    right_latex=r"(-1)^p\, w_\star (1 - w_\star)^p\, h^{p + 1}",
    relation=r"\approx", provenance="derived", source="leading term in the size of the step",
    conditions=f"{_BEST}; small steps",
)

mode_error = Law(
    label="eq-mode-error", title="error of a mode",
    left=s.mode_error, right=(-1) ** s.order / (2 * s.order) * s.h**s.order,
    right_latex=r"\frac{(-1)^p}{2p}\, h^p",
    relation=r"\approx", provenance="derived", source="sum of the errors of all steps",
    conditions=f"{_BEST}; small steps, equal in the logarithm of the noise level; variance well"
    " inside the squares of the noise range",
)

edm_step = Law(
    label="eq-edm-step", title="size of the steps of the EDM noise levels",
    left=s.h, right=s.rho / s.steps
    * (s.sig_T ** (1 / s.rho) - s.sig_0 ** (1 / s.rho)) * s.sig ** (-1 / s.rho),
    right_latex=r"\frac{\rho}{K} \left(\sigma_T^{1/\rho} - \sigma_0^{1/\rho}\right)"
    r" \sigma^{-1/\rho}",
    relation=r"\approx", provenance="derived",
    source="derivative of the levels of Karras et al., arXiv:2206.00364, equation 5",
    conditions="many steps",
)

uniform_step = Law(
    label="eq-uniform-step", title="size of equal steps in the logarithm of the noise level",
    left=s.h, right=sp.log(s.sig_T / s.sig_0) / s.steps,
    right_latex=r"\frac{1}{K} \ln\frac{\sigma_T}{\sigma_0}",
    provenance="derived", source="the range divided by the number of steps",
)

best_angles = Law(
    label="eq-best-angles", title="smallest error of Euler's method for one mode",
    left=s.best_error, right=2 * s.steps * sp.log(sp.cos((s.phi_T - s.phi_0) / s.steps)),
    right_latex=r"2K \ln\left(\cos\frac{\phi_T - \phi_0}{K}\right)", provenance="derived",
    source="equal angles; for the divergence a tangent law stands in Sun et al., arXiv:2601.13602",
    conditions=f"{_BEST}, one variance",
)

best_step = Law(
    label="eq-best-step", title="steps with the smallest mean error",
    left=s.h, right=s.C * Mean(s.w_star * (1 - s.w_star) ** s.order, MODE) ** (-1 / (s.order + 1)),
    right_latex=r"C \left(\overline{w_\star (1 - w_\star)^p}\right)^{-1/(p + 1)}",
    provenance="derived",
    source="calculus of variations: the same error in each step; for the divergence and a whole"
    " spectrum it is used by Sun et al., arXiv:2601.13602",
    conditions=f"{_BEST}; small steps; weighted mean over modes", theory="theory.fitted_schedule",
)

last_step = Law(
    label="eq-last-step", title="what the step to noise level zero does",
    left=s.lam_zero, right=s.w_0**2 * s.lam_gen, right_latex=r"w_0^2\, \tilde\lambda",
    provenance="derived", source="Euler's step to zero returns the denoised point",
    conditions=_SAME_MODES, theory="theory.sampled_variance",
)
