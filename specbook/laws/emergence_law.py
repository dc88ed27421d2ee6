"""Chapter emergence-law: what a criterion, a start, a noise range and EDM's parametrisation do."""

import sympy as sp

from .core import Core
from .functions import e_1
from .law import Law, lines
from .letter import VAR, measuring, training
from .parts import TrainingTime


def _omega(sigma):
    return (Core.lam + sigma**2) / (TrainingTime.sig_d**2 + sigma**2)


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    omega_0 = training("omega_0", r"\omega_0", "the same at the last noise level",
        definition=_omega(Core.sig_0))
    omega_T = training("omega_T", r"\omega_T", "the same at the first noise level",
        definition=_omega(Core.sig_T))
    dw_dtau_edm = training("dw_edm", r"\left.\frac{dw}{d\tau}\right|_{\mathrm{EDM}}",
        "rate of change of the gain behind EDM's parametrisation", real=True)
    xi = training("xi", r"\xi", "training clock in the unit of a mode",
        definition=TrainingTime.c * Core.lam)
    xi_star = measuring("xi_star", r"\xi_\star",
        "the training clock in the unit of the mode, when it emerges")
    zeta_0 = measuring("zeta_0", r"\zeta_0", "squared last noise level in the unit of a mode",
        definition=Core.sig_0**2 / Core.lam)
    zeta_T = measuring("zeta_T", r"\zeta_T", "squared first noise level in the unit of a mode",
        definition=Core.sig_T**2 / Core.lam)
    room = measuring("Lambda", r"\Lambda", "logarithm of a variance over that of the last noise",
        definition=sp.log(Core.lam / Core.sig_0**2))
    threshold_a = measuring("threshold_a", r"\lambda_{\mathrm{a}}",
        "arithmetic mean of start and target", VAR)
    threshold_psi = measuring("threshold_psi", r"\lambda_\psi",
        "threshold at a given place between start and target", VAR)
    psi = measuring("psi", r"\psi",
        "place of a threshold on the logarithmic way from start (0) to target (1); one half is "
        "the geometric criterion")
    chi = measuring("chi", r"\chi", "emergence time behind EDM's parametrisation, without its unit")
    gamma_E = measuring("gamma_E", r"\gamma_{\mathrm{E}}", "Euler's constant")
    local_exponent = measuring("beta_loc", r"\beta_{\mathrm{loc}}",
        "local exponent: slope of the logarithm of the emergence time over that of the variance",
        real=True)


_HERE = "this chapter"
_EDM = "linear network started at zero, EDM's weight of the loss, centred data"
_LN2 = sp.log(2)
_CORRECTION = 2 * e_1(_LN2) + s.gamma_E + sp.log(_LN2)

arithmetic = Law(
    label="eq-emergence-arithmetic", title="arithmetic threshold of emergence",
    left=s.threshold_a, right=(s.lam + s.lam_start) / 2,
    right_latex=r"\frac{\lambda + \tilde\lambda_{\mathrm{start}}}{2}",
    provenance="derived", source="a definition; the third mean", theory="linear.emergence_time",
)

place = Law(
    label="eq-emergence-place", title="threshold at any place between start and target",
    left=s.threshold_psi, right=s.lam_start ** (1 - s.psi) * s.lam**s.psi,
    right_latex=r"\tilde\lambda_{\mathrm{start}}^{1 - \psi}\, \lambda^\psi",
    provenance="derived", source="a definition; one half is the geometric criterion",
)

own_units = Law(
    label="eq-emergence-units", title="the law of descent in the unit of the mode",
    left=s.ln_ratio,
    right=e_1(s.xi * (1 + s.zeta_0)) - e_1(s.xi * (1 + s.zeta_T))
    - (1 - s.q_0) * sp.exp(-s.xi) * (e_1(s.xi * s.zeta_0) - e_1(s.xi * s.zeta_T)),
    right_latex=lines(
        r"\operatorname{E}_1(\xi(1 + \zeta_0))",
        r"\quad - \operatorname{E}_1(\xi(1 + \zeta_T))",
        r"- (1 - q_0)\, e^{-\xi}",
        r"\quad \cdot \bigl[\operatorname{E}_1(\xi\zeta_0)",
        r"\qquad - \operatorname{E}_1(\xi\zeta_T)\bigr]",
        long=True,
    ),
    provenance="derived", source=f"{_HERE}, from the law without cancellation",
    conditions="one layer, centred data; nothing else is left of the variance of the mode",
)

inverse = Law(
    label="eq-emergence-inverse", title="emergence from a start at gain zero",
    left=s.tau_star, right=-sp.log(1 - s.psi) / (2 * s.eta * s.lam), relation=r"\simeq",
    right_latex=r"-\frac{\ln(1 - \psi)}{2\eta\lambda}",
    provenance="derived", source=f"{_HERE}; geometric criterion: one half for psi",
    conditions="one layer, start at gain 0, logarithm of variance over squared last noise level"
    " large",
)

geometric_time = Law(
    label="eq-emergence-geometric-time", title="geometric time with its first correction",
    left=s.xi_star, right=_LN2 - _CORRECTION / s.room, relation=r"\simeq",
    right_latex=lines(
        r"\ln 2 - \frac{1}{\Lambda}\Bigl[2\operatorname{E}_1(\ln 2)",
        r"\qquad + \gamma_{\mathrm{E}} + \ln(\ln 2)\Bigr]",
    ),
    provenance="derived", source=_HERE,
    conditions="one layer, start at gain 0; the error is of second order in the inverse logarithm",
)

harmonic_time = Law(
    label="eq-emergence-harmonic-time", title="harmonic time, implicit",
    left=s.xi_star, right=_LN2 / (s.room + 1 - s.gamma_E - sp.log(s.xi_star)), relation=r"\simeq",
    right_latex=r"\frac{\ln 2}{\Lambda + 1 - \gamma_{\mathrm{E}} - \ln\xi_\star}",
    provenance="derived", source=_HERE,
    conditions="one layer, start at gain 0, logarithm of variance over squared last noise level"
    " large",
)

plateau = Law(
    label="eq-emergence-plateau", title="variance of a mode that forgets its start",
    left=s.lam_gen, right=s.sig_0 ** (2 - 2 * s.q_0) * (sp.exp(s.gamma_E) * s.c) ** (-s.q_0),
    relation=r"\simeq",
    right_latex=r"\sigma_0^{2 - 2 q_0} \cdot \left(e^{\gamma_{\mathrm{E}}} c\right)^{-q_0}",
    provenance="derived", source=_HERE,
    conditions="one layer; clock between the inverse of the squared first noise level and that of"
    " the variance",
)

decaying = Law(
    label="eq-emergence-decaying", title="emergence of a mode that starts with too much variance",
    left=s.tau_star,
    right=sp.exp(-s.gamma_E) / (2 * s.eta) * s.sig_0 ** (2 * s.psi * (1 - s.q_0) / s.q_0)
    * s.sig_T ** (-2 * (1 - s.psi)) * s.lam ** (-s.psi / s.q_0),
    relation=r"\simeq",
    right_latex=lines(
        r"\frac{e^{-\gamma_{\mathrm{E}}}}{2\eta}\, \lambda^{-\psi/q_0}",
        r"\quad \cdot \sigma_0^{2\psi(1 - q_0)/q_0}",
        r"\quad \cdot \sigma_T^{-2(1 - \psi)}",
    ),
    provenance="derived", source=f"{_HERE}; geometric criterion: one half for psi",
    conditions="one layer, threshold crossed while the variance of the law before still holds",
)

edm_flow = Law(
    label="eq-emergence-edm-flow", title="gradient flow of the gain behind EDM's parametrisation",
    left=s.dw_dtau_edm,
    right=-2 * s.eta * ((s.lam + s.sig**2) * s.w - s.lam) / (s.sig**2 + s.sig_d**2),
    right_latex=lines(
        r"-\frac{2\eta}{\sigma^2 + \sigma_{\mathrm{d}}^2}",
        r"\quad \cdot \bigl[(\lambda + \sigma^2)\, w",
        r"\qquad - \lambda\bigr]",
    ),
    provenance="derived", source=_HERE, conditions=_EDM,
)

edm_gain = Law(
    label="eq-emergence-edm-gain", title="gain behind EDM's parametrisation",
    left=s.w, right=s.w_star + (s.c_skip - s.w_star) * sp.exp(-2 * s.eta * s.tau * s.omega),
    right_latex=r"w_\star + (c_{\mathrm{skip}} - w_\star)\, e^{-2\eta\tau\omega}",
    provenance="derived", source=_HERE, conditions=_EDM, theory="PreconditionedLaw.gain",
)

edm_log_phi = Law(
    label="eq-emergence-edm-phi", title="its growth function of the probability flow",
    left=s.lnPhi, right=sp.log(s.lam + s.sig**2) / 2 - sp.Ei(-2 * s.eta * s.tau * s.omega) / 2,
    right_latex=lines(
        r"\frac{1}{2}\ln(\lambda + \sigma^2)",
        r"- \frac{1}{2} \operatorname{Ei}(-2\eta\tau\omega)",
    ),
    provenance="derived", source=_HERE, conditions=_EDM,
)

edm_stable = Law(
    label="eq-emergence-edm-stable", title="variance generated behind EDM's parametrisation",
    left=s.ln_ratio, right=e_1(s.c * s.omega_0) - e_1(s.c * s.omega_T),
    right_latex=lines(
        r"\operatorname{E}_1(c\,\omega_0)", r"- \operatorname{E}_1(c\,\omega_T)"
    ),
    provenance="derived", source=_HERE, conditions=_EDM,
    theory="PreconditionedLaw.generated_variance",
)

edm_start = Law(
    label="eq-emergence-edm-start", title="variance that it generates before training",
    left=s.lam_start, right=s.sig_T**2 * (s.sig_d**2 + s.sig_0**2) / (s.sig_d**2 + s.sig_T**2),
    right_latex=r"\sigma_T^2\, \frac{\sigma_{\mathrm{d}}^2 + \sigma_0^2}"
    r"{\sigma_{\mathrm{d}}^2 + \sigma_T^2}",
    provenance="derived", source=_HERE, conditions=_EDM,
)

edm_time = Law(
    label="eq-emergence-edm-time", title="geometric emergence time behind EDM's parametrisation",
    left=s.tau_star, right=s.chi / (2 * s.eta * sp.sqrt(s.omega_0 * s.omega_T)),
    right_latex=r"\frac{\chi}{2\eta \sqrt{\omega_0 \omega_T}}",
    provenance="derived", source=_HERE, theory="PreconditionedLaw.emergence_time",
    conditions=f"{_EDM}; geometric criterion between start and what endless training generates",
)

edm_chi = Law(
    label="eq-emergence-edm-chi", title="upper bound of its number",
    left=s.chi, right=-sp.log(sp.Rational(1, 2)),  # where exp(-chi) is one half
    relation="<", right_latex=r"\ln 2", provenance="derived", source=f"{_HERE}, a theorem",
    conditions="the number falls as the way from start to target grows; this is its limit for a"
    " short way",
)

edm_chi_least = Law(
    label="eq-emergence-edm-chi-least", title="lower bound of its number",
    left=s.chi, right=sp.exp(-s.gamma_E), relation=">", right_latex=r"e^{-\gamma_{\mathrm{E}}}",
    provenance="derived", source=f"{_HERE}, the same theorem",
    conditions="its limit for a long way from start to target",
)

edm_rising = Law(
    label="eq-emergence-edm-rising", title="any criterion, modes above the start",
    left=s.tau_star, right=sp.exp(-s.gamma_E) / (2 * s.eta) * (s.lam / s.sig_d**2) ** (s.psi - 1),
    relation=r"\simeq",
    right_latex=r"\frac{e^{-\gamma_{\mathrm{E}}}}{2\eta}"
    r" \cdot \left(\frac{\lambda}{\sigma_{\mathrm{d}}^2}\right)^{-(1 - \psi)}",
    provenance="derived", source=_HERE,
    conditions=f"{_EDM}; variance far above that of the start, wide noise range",
)

edm_decaying = Law(
    label="eq-emergence-edm-decaying", title="any criterion, modes below the start",
    left=s.tau_star,
    right=sp.exp(-s.gamma_E) / (2 * s.eta) * (s.lam / s.sig_d**2) ** (-s.psi), relation=r"\simeq",
    right_latex=r"\frac{e^{-\gamma_{\mathrm{E}}}}{2\eta}"
    r" \cdot \left(\frac{\lambda}{\sigma_{\mathrm{d}}^2}\right)^{-\psi}",
    provenance="derived", source=_HERE,
    conditions=f"{_EDM}; variance far below that of the start, wide noise range",
)
