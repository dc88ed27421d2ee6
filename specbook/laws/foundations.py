"""Laws of noise, score and sampler that every part of the book uses."""

import sympy as sp

from . import symbols as s
from .law import Law, lines

_EDM = "Karras et al., arXiv:2206.00364"
_NOISY = s.lam + s.sig**2

forward = Law(
    label="eq-forward", title="noisy data",
    left=s.x_sig, right=s.x_0 + s.sig * s.z,
    left_latex=r"x_\sigma", right_latex=r"x_0 + \sigma z",
    provenance="stated", source=f"{_EDM}, section 2 (variance exploding)",
)

noisy_density = Law(
    label="eq-noisy-density", title="density of noisy Gaussian data",
    left=s.p_sig, right=sp.exp(-((s.x - s.mu) ** 2) / (2 * _NOISY)) / sp.sqrt(2 * sp.pi * _NOISY),
    left_latex=r"p_\sigma",
    right_latex=r"\frac{1}{\sqrt{2\pi}\sqrt{\lambda + \sigma^2}}\, "
    r"e^{-\frac{(x - \mu)^2}{2(\lambda + \sigma^2)}}",
    provenance="derived", source="convolution of two Gaussians", conditions="Gaussian data",
)

heat = Law(
    label="eq-heat", title="noise spreads like heat",
    left=s.dp_dsig, right=s.sig * s.d2p_dx2,
    left_latex=r"\frac{\partial p_\sigma}{\partial\sigma}",
    right_latex=r"\sigma\, \frac{\partial^2 p_\sigma}{\partial x^2}",
    provenance="derived", source="the Gaussian kernel solves it", conditions="any data",
)

score = Law(
    label="eq-score", title="score from denoiser",
    left=s.score, right=(s.D - s.x) / s.sig**2,
    left_latex="s", right_latex=r"\frac{D - x}{\sigma^2}",
    provenance="stated", source=f"{_EDM}, equation 3",
    conditions="D is the best denoiser, the mean of clean data given the noisy point",
)

gaussian_score = Law(
    label="eq-gaussian-score", title="score of noisy Gaussian data",
    left=s.score, right=(s.mu - s.x) / _NOISY,
    left_latex="s", right_latex=r"\frac{\mu - x}{\lambda + \sigma^2}",
    provenance="derived", source="derivative of the log density", conditions="Gaussian data",
)

gaussian_denoiser = Law(
    label="eq-gaussian-denoiser", title="best denoiser of Gaussian data",
    left=s.D, right=s.mu + s.lam / _NOISY * (s.x - s.mu),
    left_latex="D", right_latex=r"\mu + \frac{\lambda}{\lambda + \sigma^2}\, (x - \mu)",
    provenance="derived", source="mean of clean data given the noisy point",
    conditions="Gaussian data",
)

two_points = Law(
    label="eq-two-points", title="best denoiser of two points",
    left=s.D, right=sp.tanh(s.x / s.sig**2),
    left_latex="D", right_latex=r"\tanh\frac{x}{\sigma^2}",
    provenance="derived", source="mean of clean data given the noisy point",
    conditions="two equally likely points, 1 and -1",
)

probability_flow = Law(
    label="eq-probability-flow", title="probability-flow ODE",
    left=s.dx_dsig, right=(s.x - s.D) / s.sig,
    left_latex=r"\frac{dx}{d\sigma}", right_latex=r"\frac{x - D}{\sigma}",
    provenance="stated", source=f"{_EDM}, equations 1 and 3",
    theory="sampler.sample",
)

_spread = (s.lam + s.sig_0**2) / (s.lam + s.sig_T**2)

gaussian_flow = Law(
    label="eq-gaussian-flow", title="probability flow of Gaussian data, solved",
    left=s.x, right=s.mu + (s.x_T - s.mu) * sp.sqrt(_NOISY / (s.lam + s.sig_T**2)),
    left_latex="x",
    right_latex=r"\mu + (x_T - \mu)\, \sqrt{\frac{\lambda + \sigma^2}{\lambda + \sigma_T^2}}",
    provenance="derived", source="solution of the probability-flow ODE",
    conditions="Gaussian data, best denoiser",
)

gaussian_variance = Law(
    label="eq-gaussian-variance", title="variance that the finite noise range leaves",
    left=s.lam_gen, right=s.lam * (1 + s.sig_0**2 / s.lam) / (1 + s.lam / s.sig_T**2),
    left_latex=r"\tilde\lambda",
    right_latex=r"\lambda\; \frac{1 + \sigma_0^2 / \lambda}{1 + \lambda / \sigma_T^2}",
    provenance="derived", source="flow started with variance sigma_T^2",
    conditions="Gaussian data, best denoiser, start from centred noise",
)

gaussian_mean = Law(
    label="eq-gaussian-mean", title="mean that the finite noise range leaves",
    left=s.mu_gen, right=s.mu * (1 - sp.sqrt(_spread)),
    left_latex=r"\tilde\mu",
    right_latex=r"\mu \left(1 - \sqrt{\frac{\lambda + \sigma_0^2}{\lambda + \sigma_T^2}}\right)",
    provenance="derived", source="flow started with mean zero",
    conditions="Gaussian data, best denoiser, start from centred noise",
)

euler_factor = Law(
    label="eq-euler", title="one Euler step multiplies a mode by",
    left=s.g_euler, right=1 + (s.sig_next - s.sig) * s.r,
    left_latex=r"g_{\mathrm{Euler}}", right_latex=r"1 + (\sigma' - \sigma)\, r",
    provenance="derived", source="one step of the sampler on a linear denoiser",
    conditions="linear denoiser, centred data", theory="theory.sampled_variance",
)

_step = s.sig_next - s.sig
heun_factor = Law(
    label="eq-heun", title="one Heun step multiplies a mode by",
    left=s.g_heun, right=1 + _step / 2 * (s.r + s.r_next * (1 + _step * s.r)),
    left_latex=r"g_{\mathrm{Heun}}",
    right_latex=lines(
        r"1 + \frac{\sigma' - \sigma}{2}\Bigl[r",
        r"+ r' (1 + (\sigma' - \sigma)\, r)\Bigr]",
    ),
    provenance="derived", source="one step of the sampler on a linear denoiser",
    conditions="linear denoiser along the same modes at both levels, centred data; next level"
    " above zero", theory="theory.sampled_variance",
)

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
)

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
)
