"""Chapter deep-linear: linear denoisers with two or more layers, trained by gradient flow."""

import sympy as sp

from .core import Core
from .law import Law, lines
from .letter import VAR, training
from .parts import TrainingTime

_noisy, _zeta = Core.lam + Core.sig**2, TrainingTime.imbalance


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    A_1 = training("A_1", "A_1", "weight matrix of the first layer", real=True)
    A_2 = training("A_2", "A_2", "weight matrix of the second layer", real=True)
    A_1T = training("A_1T", r"A_1^{\mathsf{T}}", "transpose of the first layer", real=True)
    A_2T = training("A_2T", r"A_2^{\mathsf{T}}", "transpose of the second layer", real=True)
    dA_dtau = training("dA_dtau", r"\frac{dA_1}{d\tau}", "rate of change of the first layer",
        real=True)
    a_1 = training("a_1", "a_1",
        "weight of the first layer along a mode; for matrices what the mode sends to the hidden "
        "units")
    a_2 = training("a_2", "a_2",
        "weight of the second layer along a mode; for matrices what it reads from them")
    q_random = training("q_random", r"q_{\mathrm{r}}",
        "gain from which a balanced start would take as long as a small random one")
    Xi = training("Xi", r"\Xi", "what is left of the start in a tied network",
        definition=sp.exp(-8 * Core.eta * Core.tau * Core.lam))
    Psi = training("Psi", r"\Psi", "the same, mixed with the gain before training",
        definition=Xi + Core.q_0 * (1 - Xi))
    lam_Psi = training("lambda_Psi", r"\lambda_\Psi",
        "variance that the generated one of a tied network follows in place of the data's", VAR,
        definition=Core.lam * Psi / (Core.q_0 * (1 - Xi)))
    Xi_b = training("Xi_b", r"\Xi_{\mathrm{b}}", "what is left of the start in two balanced layers",
        definition=sp.exp(-4 * Core.eta * Core.tau * Core.lam))
    y = training("y", "y",
        "gain of an untied network in the variable that makes its flow a Riccati equation",
        definition=(2 * Core.w + sp.sqrt(_zeta**2 + 4 * Core.w**2)) / _zeta)
    y_0 = training("y_0", "y_0", "the same before training")
    root = training("Omega", r"\Omega", "rate of the untied network over twice the learning rate",
        VAR, definition=sp.sqrt(4 * Core.lam**2 + _noisy**2 * _zeta**2))
    y_high = training("y_high", "y_+", "where that variable ends",
        definition=(2 * Core.lam + root) / (_noisy * _zeta))
    y_low = training("y_low", "y_-", "the other fixed point of its flow", real=True,
        definition=(2 * Core.lam - root) / (_noisy * _zeta))
    y_ratio = training("y_ratio", r"\frac{y - y_+}{y - y_-}", "the same as a quotient that decays",
        real=True)
    dy_dtau = training("dy_dtau", r"\frac{dy}{d\tau}", "rate of change of that variable", real=True)


_PAPER = "Wang & Pehlevan, arXiv:2503.03206"
_KEPT = "this chapter, after arXiv:1312.6120 and Tarmoun et al. (2021)"
_UNEQUAL = "this chapter, after Tarmoun et al. (2021), Braun et al. (2022), arXiv:2406.06158 and " \
    "arXiv:2409.14623"
_ALIGNED = "centred data, start along the modes of the data"
_MATRIX = "centred data, any start; matrices, factors keep their order"
_MISS = r"\left[(\lambda + \sigma^2)\, w - \lambda\right]"
_v = sp.Symbol("v", positive=True)

layer_flow = Law(
    label="eq-deep-layer-flow", title="gradient flow of one of two layers",
    left=s.dA_dtau, right=-2 * s.eta * s.A_2T * (s.A_2 * s.A_1 * (s.Sigma + s.sig**2) - s.Sigma),
    right_latex=lines(r"-2\eta\, A_2^{\mathsf{T}}",
        r"\quad \cdot \bigl[A_2 A_1 (\Sigma + \sigma^2)", r"\qquad - \Sigma\bigr]"),
    provenance="derived", source="the gradient of one layer and the chain rule, this chapter",
    conditions=_MATRIX,
)

matrix_flow = Law(
    label="eq-deep-matrix-flow", title="gradient flow of a tied layer",
    left=s.dA_dtau,
    right=-2 * s.eta * s.A_1
    * (s.W * (s.Sigma + s.sig**2) + (s.Sigma + s.sig**2) * s.W - 2 * s.Sigma),
    right_latex=lines(r"-2\eta\, A_1", r"\quad \cdot \bigl[W (\Sigma + \sigma^2)",
        r"\qquad + (\Sigma + \sigma^2) W", r"\qquad - 2\Sigma\bigr]"),
    provenance="derived", source="the chain rule with both uses of the layer, this chapter",
    conditions=_MATRIX, theory="two_layer_weights",
)

tied_flow = Law(
    label="eq-deep-tied-flow", title="gradient flow of the gain, tied layers",
    left=s.dw_dtau, right=-8 * s.eta * s.w * (_noisy * s.w - s.lam),
    right_latex=lines(r"-8\eta\, w", rf"\quad \cdot {_MISS}"),
    provenance="derived", source="the flow of a tied layer for one mode, this chapter",
    conditions=_ALIGNED,
)

tied_gain = Law(
    label="eq-deep-gain-tied", title="gain of a tied two-layer network",
    left=s.w, right=s.q_0 * s.lam / (s.lam * s.Xi + _noisy * s.q_0 * (1 - s.Xi)),
    right_latex=r"\frac{q_0 \lambda}{\lambda\Xi + (\lambda + \sigma^2)\, q_0 (1 - \Xi)}",
    provenance="stated", source=f"{_PAPER}, proposition 5.1",
    conditions=f"{_ALIGNED}, positive start", theory="LogisticLaw.gain",
)

harmonic_time = Law(
    label="eq-deep-harmonic-time", title="when a tied gain passes its harmonic threshold",
    left=s.tau_w, right=sp.log(2) / (8 * s.eta * s.lam), right_latex=r"\frac{\ln 2}{8\eta\lambda}",
    provenance="derived", source="this chapter",
    conditions="the threshold is the harmonic mean of start and optimum; any start, any noise",
)

tied_log_phi = Law(
    label="eq-deep-log-phi-tied", title="growth function of the flow, tied layers",
    left=s.lnPhi,
    right=(1 - s.q_0) * s.Xi / s.Psi * sp.log(s.sig)
    + s.q_0 / (2 * s.Psi) * sp.log(s.lam * s.Psi + s.q_0 * (1 - s.Xi) * s.sig**2),
    right_latex=lines(
        r"\frac{(1 - q_0)\Xi}{\Psi} \ln\sigma",
        r"+ \frac{q_0}{2\Psi} \ln\bigl(\lambda\Psi",
        r"\qquad + q_0 (1 - \Xi)\sigma^2\bigr)",
    ),
    provenance="stated", source=f"{_PAPER}, proposition 5.1, with its logarithm written shorter",
    conditions=f"{_ALIGNED}, positive start",
)

tied_variance = Law(
    label="eq-deep-variance-tied", title="generated variance of a tied two-layer network",
    left=s.lam_gen,
    right=s.sig_0 ** (2 - 2 * s.q_0 / s.Psi) * s.sig_T ** (2 * s.q_0 / s.Psi)
    * ((s.lam_Psi + s.sig_0**2) / (s.lam_Psi + s.sig_T**2)) ** (s.q_0 / s.Psi),
    right_latex=lines(
        r"\sigma_0^{2 - 2q_0/\Psi}\, \sigma_T^{2q_0/\Psi}",
        r"\cdot \left(\frac{\lambda_\Psi + \sigma_0^2}{\lambda_\Psi + \sigma_T^2}\right)"
        r"^{q_0/\Psi}",
    ),
    provenance="derived", source="both ends of the growth function, this chapter",
    conditions=f"{_ALIGNED}, positive start; also for two balanced layers, with what is left of"
    " their start", theory="LogisticLaw.generated_variance",
)

invariant = Law(
    label="eq-deep-invariant", title="what training keeps: the imbalance",
    left=s.imbalance, right=s.a_2**2 - s.a_1**2, right_latex="a_2^2 - a_1^2",
    provenance="derived again", source=_KEPT,
    conditions=f"{_ALIGNED}; the second layer is taken as the larger one",
)

untied_flow = Law(
    label="eq-deep-untied-flow", title="gradient flow of the gain, untied layers",
    left=s.dw_dtau,
    right=-2 * s.eta * sp.sqrt(s.imbalance**2 + 4 * s.w**2) * (_noisy * s.w - s.lam),
    right_latex=lines(r"-2\eta \sqrt{\zeta^2 + 4w^2}", rf"\quad \cdot {_MISS}"),
    provenance="derived again", source=_KEPT, conditions=_ALIGNED,
)

riccati = Law(
    label="eq-deep-riccati", title="the same as a Riccati equation",
    left=s.dy_dtau, right=s.eta * (_noisy * s.imbalance * (1 - s.y**2) + 4 * s.lam * s.y),
    right_latex=lines(r"\eta \bigl[(\lambda + \sigma^2)\, \zeta (1 - y^2)",
        r"\quad + 4\lambda y\bigr]"),
    provenance="derived again", source=_UNEQUAL,
    conditions=f"{_ALIGNED}, imbalance above 0",
)

riccati_variable = Law(
    label="eq-deep-untied-gain", title="gain in terms of the variable of the Riccati equation",
    left=s.w, right=s.imbalance / 4 * (s.y - 1 / s.y),
    right_latex=r"\frac{\zeta}{4} \left(y - \frac{1}{y}\right)",
    provenance="derived again", source=_UNEQUAL,
    conditions=f"{_ALIGNED}, imbalance above 0",
)

untied_gain = Law(
    label="eq-deep-gain-untied", title="solution of the Riccati equation",
    left=s.y_ratio,
    right=(s.y_0 - s.y_high) / (s.y_0 - s.y_low) * sp.exp(-2 * s.eta * s.tau * s.root),
    right_latex=r"\frac{y_0 - y_+}{y_0 - y_-}\, e^{-2\eta\tau\Omega}",
    provenance="derived again",
    source=f"{_UNEQUAL}; no closed form in the parts of arXiv:2503.03206 that we have read",
    conditions=f"{_ALIGNED}, imbalance above 0", theory="RiccatiLaw.gain",
)

rate = Law(
    label="eq-deep-rate", title="square of the rate of two untied layers",
    left=s.root**2, right=4 * s.lam**2 + _noisy**2 * s.imbalance**2,
    right_latex=lines(r"4\lambda^2", r"+ (\lambda + \sigma^2)^2 \zeta^2"),
    provenance="derived again", source=_UNEQUAL,
    conditions=_ALIGNED, theory="RiccatiLaw.gain",
)

balanced = Law(
    label="eq-deep-balanced", title="gain of two balanced untied layers",
    left=s.w, right=s.q_0 * s.w_star / (s.w_star * s.Xi_b + s.q_0 * (1 - s.Xi_b)),
    right_latex=r"\frac{q_0 w_\star}{w_\star \Xi_{\mathrm{b}} + q_0 (1 - \Xi_{\mathrm{b}})}",
    provenance="derived again", source="this chapter, after arXiv:1312.6120 and arXiv:1806.05413",
    conditions=f"{_ALIGNED}, positive start, imbalance 0", theory="LogisticLaw.gain",
)

unbalanced = Law(
    label="eq-deep-unbalanced", title="gain of two very unbalanced layers",
    left=s.w,
    right=s.w_star + (s.q_0 - s.w_star) * sp.exp(-2 * s.eta * s.imbalance * s.tau * _noisy),
    relation=r"\approx",
    right_latex=lines(r"w_\star + (q_0 - w_\star)",
        r"\quad \cdot e^{-2\eta\zeta\tau(\lambda + \sigma^2)}"),
    provenance="derived again",
    source="the flow of untied layers, this chapter, after arXiv:1812.07956 (lazy training)",
    conditions=f"{_ALIGNED}, imbalance much above twice the gain", theory="RiccatiLaw.gain",
)

random_start = Law(
    label="eq-deep-random-start", title="what a small random start of two layers is worth",
    left=s.q_random, right=(s.a_1 + s.a_2)**2 / 4, right_latex=r"\frac{(a_1 + a_2)^2}{4}",
    provenance="derived again",
    source="both layers while their product is small, this chapter, after arXiv:2111.00034 "
    "(alignment from small starts)",
    conditions="untied layers, small start; over hidden units: squared length, of what earlier"
    " modes leave",
)

deep_flow = Law(
    label="eq-deep-flow", title="gradient flow of the gain, balanced layers",
    left=s.dw_dtau,
    right=-2 * s.eta * s.layers * s.w ** (2 - 2 / s.layers) * (_noisy * s.w - s.lam),
    right_latex=lines(r"-2\eta L\, w^{2 - 2/L}", rf"\quad \cdot {_MISS}"),
    provenance="derived again",
    source="this chapter, after arXiv:1312.6120, arXiv:1802.06509 and arXiv:1905.13655",
    conditions=f"{_ALIGNED}, the same weight in all layers",
)

implicit = Law(
    label="eq-deep-implicit", title="the time at which balanced layers have a gain",
    left=s.tau,
    right=sp.Integral(_v ** (2 / s.layers - 2) / (s.lam - _noisy * _v), (_v, s.q_0, s.w))
    / (2 * s.eta * s.layers),
    right_latex=lines(
        r"\frac{1}{2\eta L} \int_{q_0}^{w}",
        r"\quad \frac{v^{2/L - 2}}{\lambda - (\lambda + \sigma^2) v}\, \mathrm{d}v",
    ),
    provenance="derived again", source="this chapter, from the flow of arXiv:1312.6120",
    conditions=f"{_ALIGNED}, positive start", theory="DeepLaw.gain",
)

small_start = Law(
    label="eq-deep-small-start", title="length of the plateau of three or more layers",
    left=s.tau_w,
    right=s.q_0 ** (2 / s.layers - 1) / (2 * s.eta * s.lam * (s.layers - 2)), relation=r"\approx",
    right_latex=r"\frac{q_0^{2/L - 1}}{2\eta\lambda (L - 2)}",
    provenance="derived again", source="this chapter, from the flow of arXiv:1312.6120",
    conditions=f"{_ALIGNED}, start far below the optimum, more than two layers",
)
