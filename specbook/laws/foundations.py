"""Laws of noise, score and sampler that every part of the book uses."""

import sympy as sp

from . import symbols as s
from .law import Law, lines

_EDM = "Karras et al., arXiv:2206.00364"

forward = Law(
    label="eq-forward", title="noisy data",
    left=s.x_sig, right=s.x_0 + s.sig * s.z,
    left_latex=r"x_\sigma", right_latex=r"x_0 + \sigma z",
    provenance="stated", source=f"{_EDM}, section 2 (variance exploding)",
)  # fmt: skip

score = Law(
    label="eq-score", title="score from denoiser",
    left=s.score, right=(s.D - s.x) / s.sig**2,
    left_latex="s", right_latex=r"\frac{D - x}{\sigma^2}",
    provenance="stated", source=f"{_EDM}, equation 3",
    conditions="D is the best denoiser, the mean of clean data given the noisy point",
)  # fmt: skip

probability_flow = Law(
    label="eq-probability-flow", title="probability-flow ODE",
    left=s.dx_dsig, right=(s.x - s.D) / s.sig,
    left_latex=r"\frac{dx}{d\sigma}", right_latex=r"\frac{x - D}{\sigma}",
    provenance="stated", source=f"{_EDM}, equations 1 and 3",
    theory="sampler.sample",
)  # fmt: skip

euler_factor = Law(
    label="eq-euler", title="one Euler step multiplies a mode by",
    left=s.g_euler, right=1 + (s.sig_next - s.sig) * s.r,
    left_latex=r"g_{\mathrm{Euler}}", right_latex=r"1 + (\sigma' - \sigma)\, r",
    provenance="derived", source="one step of the sampler on a linear denoiser",
    conditions="linear denoiser, centred data", theory="theory.sampled_variance",
)  # fmt: skip

_step = s.sig_next - s.sig
heun_factor = Law(
    label="eq-heun", title="one Heun step multiplies a mode by",
    left=s.g_heun, right=1 + _step / 2 * (s.r + s.r_next * (1 + _step * s.r)),
    left_latex=r"g_{\mathrm{Heun}}",
    right_latex=lines(
        r"1 + \frac{\sigma' - \sigma}{2}\Bigl[r",
        r"\quad + r' \left(1 + (\sigma' - \sigma)\, r\right)\Bigr]",
    ),
    provenance="derived", source="one step of the sampler on a linear denoiser",
    conditions="linear denoiser, centred data", theory="theory.sampled_variance",
)  # fmt: skip

kl = Law(
    label="eq-kl", title="divergence of generated from data distribution",
    left=s.kl,
    right=(s.lam_gen / s.lam - 1 - sp.log(s.lam_gen / s.lam) + (s.mu_gen - s.mu) ** 2 / s.lam) / 2,
    left_latex=r"\mathrm{KL}",
    right_latex=lines(
        r"\frac{1}{2}\Bigl[\frac{\tilde\lambda}{\lambda} - 1 - \ln\frac{\tilde\lambda}{\lambda}",
        r"\quad + \frac{(\tilde\mu - \mu)^2}{\lambda}\Bigr]",
    ),
    provenance="stated", source="Gaussian integral; announced in Wang & Pehlevan, App. C.6",
    conditions="Gaussian data and samples with shared modes; sum over modes", theory="linear.kl",
)  # fmt: skip

kl_reverse = Law(
    label="eq-kl-reverse", title="divergence of data from generated distribution",
    left=s.kl_reverse,
    right=(
        s.lam / s.lam_gen - 1 - sp.log(s.lam / s.lam_gen) + (s.mu_gen - s.mu) ** 2 / s.lam_gen
    ) / 2,
    left_latex=r"\mathrm{KL}_{\mathrm{rev}}",
    right_latex=lines(
        r"\frac{1}{2}\Bigl[\frac{\lambda}{\tilde\lambda} - 1 - \ln\frac{\lambda}{\tilde\lambda}",
        r"\quad + \frac{(\tilde\mu - \mu)^2}{\tilde\lambda}\Bigr]",
    ),
    provenance="stated", source="Gaussian integral",
    conditions="Gaussian data and samples with shared modes; sum over modes", theory="linear.kl",
)  # fmt: skip
