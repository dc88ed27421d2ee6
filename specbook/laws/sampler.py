"""Laws of the sampler in finite steps, for Gaussian data and the best denoiser."""

import sympy as sp

from . import symbols as s
from .law import Law

_GRID = "this book; products per mode also in Pierret & Galerne, arXiv:2405.14250"
_BEST = "Gaussian data, best denoiser"

sampler_product = Law(
    label="eq-sampler-product", title="variance that the sampler generates",
    left=s.lam_gen, right=s.sig_T**2 * s.product**2,
    left_latex=r"\tilde\lambda", right_latex=r"\sigma_T^2 \left(\prod_i g_i\right)^2",
    provenance="derived", source=_GRID,
    conditions="linear denoiser along the same modes at all levels, centred data",
    theory="theory.sampled_variance",
)

exact_step = Law(
    label="eq-exact-step", title="one step of the exact flow multiplies a mode by",
    left=s.g, right=sp.sqrt((s.lam + s.sig_next**2) / (s.lam + s.sig**2)),
    left_latex="g", right_latex=r"\sqrt{\frac{\lambda + \sigma'^2}{\lambda + \sigma^2}}",
    provenance="derived", source="the flow, solved", conditions=f"{_BEST}, centred",
)

angle = Law(
    label="eq-angle", title="angle of a noise level",
    left=s.phi, right=sp.atan(s.sig / sp.sqrt(s.lam)),
    left_latex=r"\phi", right_latex=r"\arctan\frac{\sigma}{\sqrt{\lambda}}",
    provenance="derived", source="a definition",
)

euler_angle = Law(
    label="eq-euler-angle", title="Euler's step in angles",
    left=s.g_euler, right=s.g * sp.cos(s.delta),
    left_latex=r"g_{\mathrm{Euler}}", right_latex=r"g \cos\delta",
    provenance="derived", source="Euler's step with the best gain", conditions=_BEST,
    theory="theory.sampler_error",
)

heun_angle = Law(
    label="eq-heun-angle", title="Heun's step in angles",
    left=s.g_heun, right=s.g * sp.cos(s.delta) + sp.sin(s.delta) ** 2 / 2,
    left_latex=r"g_{\mathrm{Heun}}", right_latex=r"g \cos\delta + \frac{1}{2} \sin^2\delta",
    provenance="derived", source="Heun's step with the best gain",
    conditions=f"{_BEST}; next level above zero",
    theory="theory.sampler_error",
)

step_error = Law(
    label="eq-step-error", title="error of one step",
    left=s.step_error,
    right=(-1) ** s.order * s.w_star * (1 - s.w_star) ** s.order * s.h ** (s.order + 1),
    left_latex=r"\epsilon", right_latex=r"(-1)^p\, w_\star (1 - w_\star)^p\, h^{p + 1}",
    relation=r"\approx", provenance="derived", source="leading term in the size of the step",
    conditions=f"{_BEST}; small steps",
)

mode_error = Law(
    label="eq-mode-error", title="error of a mode",
    left=s.mode_error, right=(-1) ** s.order / (2 * s.order) * s.h**s.order,
    left_latex=r"\mathcal{E}", right_latex=r"\frac{(-1)^p}{2p}\, h^p",
    relation=r"\approx", provenance="derived", source="sum of the errors of all steps",
    conditions=f"{_BEST}; small steps, equal in the logarithm of the noise level; variance well"
    " inside the squares of the noise range",
)

edm_step = Law(
    label="eq-edm-step", title="size of the steps of the EDM noise levels",
    left=s.h,
    right=s.rho / s.steps
    * (s.sig_T ** (1 / s.rho) - s.sig_0 ** (1 / s.rho)) * s.sig ** (-1 / s.rho),
    left_latex="h",
    right_latex=r"\frac{\rho}{K} \left(\sigma_T^{1/\rho} - \sigma_0^{1/\rho}\right)"
    r" \sigma^{-1/\rho}",
    relation=r"\approx", provenance="derived",
    source="derivative of the levels of Karras et al., arXiv:2206.00364, equation 5",
    conditions="many steps",
)

uniform_step = Law(
    label="eq-uniform-step", title="size of equal steps in the logarithm of the noise level",
    left=s.h, right=sp.log(s.sig_T / s.sig_0) / s.steps,
    left_latex="h", right_latex=r"\frac{1}{K} \ln\frac{\sigma_T}{\sigma_0}",
    provenance="derived", source="the range divided by the number of steps",
)

best_angles = Law(
    label="eq-best-angles", title="smallest error of Euler's method for one mode",
    left=s.best_error, right=2 * s.steps * sp.log(sp.cos((s.phi_T - s.phi_0) / s.steps)),
    left_latex=r"\mathcal{E}_\star",
    right_latex=r"2K \ln\left(\cos\frac{\phi_T - \phi_0}{K}\right)",
    provenance="derived",
    source="equal angles; for the divergence a tangent law stands in Sun et al., arXiv:2601.13602",
    conditions=f"{_BEST}, one variance",
)

best_step = Law(
    label="eq-best-step", title="steps with the smallest mean error",
    left=s.h, right=s.C * s.window ** (-1 / (s.order + 1)),
    left_latex="h",
    right_latex=r"C \left(\overline{w_\star (1 - w_\star)^p}\right)^{-1/(p + 1)}",
    provenance="derived",
    source="calculus of variations: the same error in each step; for the divergence and a whole"
    " spectrum it is used by Sun et al., arXiv:2601.13602",
    conditions=f"{_BEST}; small steps", theory="theory.fitted_schedule",
)

last_step = Law(
    label="eq-last-step", title="what the step to noise level zero does",
    left=s.lam_zero, right=s.w_0**2 * s.lam_gen,
    left_latex=r"\tilde\lambda_{\mathrm{zero}}", right_latex=r"w_0^2\, \tilde\lambda",
    provenance="derived", source="Euler's step to zero returns the denoised point",
    conditions="linear denoiser along the same modes at all levels, centred data",
    theory="theory.sampled_variance",
)
