"""Chapter flow-matching: a linear velocity, and what else a network may predict."""

import sympy as sp

from .core import Core
from .functions import e_1, ein
from .law import Law, lines
from .letter import DATA_UNIT, VAR, sampling, training
from .parts import Foundations, TrainingTime


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    z = Foundations.z
    g_euler = Foundations.g_euler
    g_heun = Foundations.g_heun
    x_t = training("x_t", "x_t", "noisy data of flow matching, at time t of the path", DATA_UNIT,
        real=True)
    v = training("v", "v", "velocity: what the network of flow matching answers", DATA_UNIT,
        real=True)
    w_v = training("w_v", r"w_{\mathrm{v}}", "velocity gain: weight of the velocity along a mode",
        code="gain", real=True)
    w_v_star = training("w_v_star", r"w_{\mathrm{v}\star}",
        "velocity gain of the best linear velocity", real=True)
    dwv_dtau = training("dwv", r"\frac{dw_{\mathrm{v}}}{d\tau}",
        "rate of change of the velocity gain", real=True)
    lam_x = training("lambda_x", r"\lambda_x",
        "mean square of the network's input along a mode, times the weight of its loss", VAR)
    t = sampling("t", "t", "time of flow matching: 0 is noise, 1 is data", code="t")
    lam_t = training("lambda_t", r"\lambda_t", "its variance along a mode", VAR,
        definition=t**2 * Core.lam + (1 - t)**2)
    t_next = sampling("t_next", "t'", "next time of the sampler")
    dx_dt = sampling("dx_dt", r"\frac{dx_t}{dt}", "slope of the path of a sample", real=True)
    w_v_next = sampling("w_v_next", r"w_{\mathrm{v}}'",
        "velocity gain at the next time of the sampler", real=True)


_PAPER = "Wang & Pehlevan, arXiv:2503.03206"
_LIPMAN = "Lipman et al., arXiv:2210.02747"
_CENTRED = "centred data, start along the modes of the data"
_HERE = "this chapter"
_target = s.t * s.lam - (1 - s.t)
_r = sp.sqrt(s.c / (s.lam + 1))
_step = s.t_next - s.t

path = Law(
    label="eq-flow-path", title="path from noise to data",
    left=s.x_t, right=s.t * s.x_0 + (1 - s.t) * s.z, right_latex=r"t\, x_0 + (1 - t)\, z",
    provenance="stated", source=f"{_LIPMAN}, the straight path, without its smallest noise",
)

ode = Law(
    label="eq-flow-ode", title="sampler of flow matching",
    left=s.dx_dt, right=s.v, right_latex="v",
    provenance="stated", source=f"{_LIPMAN}, the equation of the flow",
    conditions="from noise at t = 0 to data at t = 1",
)

loss = Law(
    label="eq-flow-loss", title="loss of one mode in flow matching",
    left=s.loss, right=s.w_v**2 * s.lam_t - 2 * s.w_v * _target + s.lam + 1,
    right_latex=lines(
        r"w_{\mathrm{v}}^2\lambda_t + \lambda + 1",
        r"- 2 w_{\mathrm{v}} \left[t\lambda - (1 - t)\right]",
    ),
    provenance="derived", source=f"mean of the squared distance to the target, {_HERE}",
    conditions="centred data; summed over dimensions, averaged over data and noise",
)

optimum = Law(
    label="eq-flow-optimum", title="best velocity gain",
    left=s.w_v_star, right=_target / s.lam_t, right_latex=r"\frac{t\lambda - (1 - t)}{\lambda_t}",
    provenance="derived", source=f"minimum of the loss, {_HERE}", conditions="centred data",
)

gradient_flow = Law(
    label="eq-flow-gradient", title="gradient flow of the velocity gain",
    left=s.dwv_dtau, right=-2 * s.eta * s.lam_t * (s.w_v - s.w_v_star),
    right_latex=r"-2\eta\lambda_t\, (w_{\mathrm{v}} - w_{\mathrm{v}\star})",
    provenance="derived", source=f"derivative of the loss, {_HERE}", conditions=_CENTRED,
)

gain = Law(
    label="eq-flow-gain", title="velocity gain after training time tau",
    left=s.w_v, right=s.w_v_star + (s.q_0 - s.w_v_star) * sp.exp(-2 * s.eta * s.tau * s.lam_t),
    right_latex=lines(
        r"w_{\mathrm{v}\star}", r"+ (q_0 - w_{\mathrm{v}\star})\, e^{-2\eta\tau\lambda_t}"
    ),
    provenance="derived", source=f"{_HERE}; the paper's App. H announces flow matching, "
    "not read",
    conditions=_CENTRED, theory="flow_matching.gain",
)

variance = Law(
    label="eq-flow-variance", title="variance of samples of flow matching",
    left=s.lam_gen,
    right=s.lam * sp.exp(
        e_1(s.c * s.lam) - e_1(s.c)
        + s.q_0 * sp.sqrt(sp.pi / (s.c * (s.lam + 1))) * sp.exp(-s.c * s.lam / (s.lam + 1))
        * (sp.erf(_r) + sp.erf(s.lam * _r))
    ),
    right_latex=lines(
        r"\lambda \cdot \exp\Bigl[\operatorname{E}_1(c\lambda)",
        r"\quad - \operatorname{E}_1(c)",
        r"\quad + q_0 \sqrt{\frac{\pi}{c(\lambda + 1)}}\, e^{-\frac{c\lambda}{\lambda + 1}}",
        r"\cdot \Bigl(\operatorname{erf}(\sqrt{\frac{c}{\lambda + 1}})",
        r"\quad + \operatorname{erf}(\lambda\sqrt{\frac{c}{\lambda + 1}})\Bigr)\Bigr]",
        long=True,
    ),
    provenance="derived", source=f"{_HERE}; the paper's App. H announces flow matching, "
    "not read",
    conditions=f"{_CENTRED}, the same gain at all t", theory="flow_matching.generated_variance",
)

untrained = Law(
    label="eq-flow-untrained", title="variance of flow matching before training",
    left=s.lam_start, right=sp.exp(2 * s.q_0), right_latex=r"e^{2 q_0}",
    provenance="derived", source=f"limit tau = 0, {_HERE}", conditions=_CENTRED,
    theory="flow_matching.generated_variance",
)

trained = Law(
    label="eq-flow-trained", title="variance of flow matching after endless training",
    left=s.lam_end, right=s.lam, right_latex=r"\lambda",
    provenance="derived", source=f"limit of large tau, {_HERE}", conditions=_CENTRED,
    theory="flow_matching.generated_variance",
)

zero_start = Law(
    label="eq-flow-zero", title="variance from a velocity that starts at zero",
    left=s.lam_gen, right=sp.exp(ein(s.c * s.lam) - ein(s.c)),
    right_latex=r"\exp\left[\operatorname{Ein}(c\lambda) - \operatorname{Ein}(c)\right]",
    provenance="derived", source=f"substitution of the input's variance, {_HERE}",
    conditions="centred data, velocity prediction along any smooth path from noise to data",
    theory="flow_matching.generated_variance",
)

noise_level = Law(
    label="eq-flow-noise", title="noise level at time t of the path",
    left=s.sig, right=(1 - s.t) / s.t, right_latex=r"\frac{1 - t}{t}",
    provenance="derived", source="the path divided by t", conditions="state divided by t as well",
)

velocity = Law(
    label="eq-flow-velocity", title="velocity from denoiser",
    left=s.v, right=(s.D - s.x_t) / (1 - s.t), right_latex=r"\frac{D - x_t}{1 - t}",
    provenance="derived", source="conditional means of data and noise, given the state;"
    " the equivalence after arXiv:2303.00848",
    conditions="D is the denoiser of x_t / t at its noise level",
)

denoiser_gain = Law(
    label="eq-flow-denoiser", title="gain of the denoiser behind a velocity",
    left=s.w, right=s.t * (1 + (1 - s.t) * s.w_v),
    right_latex=r"t\left[1 + (1 - t)\, w_{\mathrm{v}}\right]",
    provenance="derived", source="velocity from denoiser, solved for the denoiser; the "
    "equivalence after arXiv:2303.00848",
)

preconditioned = Law(
    label="eq-flow-preconditioned", title="the same from EDM's parametrisation",
    left=s.lam_gen, right=s.lam * sp.exp(e_1(s.c * s.lam / s.sig_d**2) - e_1(s.c)),
    right_latex=lines(
        r"\lambda \cdot \exp\Bigl[\operatorname{E}_1(\frac{c\lambda}{\sigma_{\mathrm{d}}^2})",
        r"\quad - \operatorname{E}_1(c)\Bigr]",
    ),
    provenance="derived", source=f"limit of a wide noise range, {_HERE}; the "
    "equivalence after arXiv:2303.00848",
    conditions="linear network that starts at zero, EDM's weight of the loss",
)

euler = Law(
    label="eq-flow-euler", title="factor of one Euler step in t",
    left=s.g_euler, right=1 + _step * s.w_v, right_latex=r"1 + (t' - t)\, w_{\mathrm{v}}",
    provenance="derived", source="Euler's method for the sampler of flow matching",
    conditions="one mode, centred", theory="flow_matching.generated_variance",
)

heun = Law(
    label="eq-flow-heun", title="factor of one Heun step in t",
    left=s.g_heun, right=1 + _step / 2 * (s.w_v + s.w_v_next * s.g_euler),
    right_latex=lines(
        r"1 + \frac{t' - t}{2}",
        r"\quad \cdot \left(w_{\mathrm{v}} + w_{\mathrm{v}}'\, g_{\mathrm{Euler}}\right)",
    ),
    provenance="derived", source="Heun's method for the sampler of flow matching",
    conditions="one mode, centred", theory="flow_matching.generated_variance",
)

equal = Law(
    label="eq-flow-equal", title="generated variance, data predicted under the velocity's loss",
    left=s.ln_ratio,
    right=e_1(s.c * (1 + s.lam / s.sig_0**2)) - e_1(s.c * (1 + s.lam / s.sig_T**2)),
    right_latex=lines(
        r"\operatorname{E}_1(c\,(1 + \frac{\lambda}{\sigma_0^2}))",
        r"- \operatorname{E}_1(c\,(1 + \frac{\lambda}{\sigma_T^2}))",
    ),
    provenance="derived", source=_HERE,
    conditions=f"{_CENTRED}, the network at zero before training",
)

tied = Law(
    label="eq-flow-tied", title="velocity gain of two layers with one weight",
    left=s.w_v,
    right=s.w_v_star * s.q_0
    / (s.q_0 + (s.w_v_star - s.q_0) * sp.exp(-8 * s.eta * s.tau * s.lam_t * s.w_v_star)),
    right_latex=lines(
        r"w_{\mathrm{v}\star}",
        r"\cdot \Bigl[1 + \left(\frac{w_{\mathrm{v}\star}}{q_0} - 1\right)",
        r"\quad \cdot e^{-8\eta\tau\lambda_t w_{\mathrm{v}\star}}\Bigr]^{-1}",
    ),
    provenance="derived", source=_HERE, conditions=f"{_CENTRED}, best gain not zero",
)

tied_end = Law(
    label="eq-flow-tied-end", title="variance of the tied model after endless training",
    left=s.lam_end, right=1 + s.lam, right_latex=r"1 + \lambda",
    provenance="derived", source=_HERE, conditions=f"{_CENTRED}, two layers with one weight",
)

relaxation = Law(
    label="eq-flow-relaxation", title="gain of the denoiser, whatever the network predicts",
    left=s.w, right=s.w_star + (s.q_0 - s.w_star) * sp.exp(-2 * s.eta * s.tau * s.lam_x),
    right_latex=r"w_\star + (q_0 - w_\star)\, e^{-2\eta\tau\lambda_x}",
    provenance="derived", source=_HERE,
    conditions="one linear layer at each noise level, target linear in data and noise",
)

parametrised = Law(
    label="eq-flow-parametrised", title="generated variance, whatever the network predicts",
    left=s.ln_ratio,
    right=2 * sp.Integral(
        (s.q_0 - s.w_star) / s.sig * sp.exp(-2 * s.eta * s.tau * s.lam_x),
        (s.sig, s.sig_0, s.sig_T),
    ),
    right_latex=lines(
        r"2 \int_{\sigma_0}^{\sigma_T} \frac{q_0 - w_\star}{\sigma}",
        r"\qquad \cdot e^{-2\eta\tau\lambda_x}\, \mathrm{d}\sigma",
    ),
    provenance="derived", source=_HERE,
    conditions="one linear layer at each noise level; start, weight and input may depend on it",
)
