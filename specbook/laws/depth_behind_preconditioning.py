"""Chapter depth-behind-preconditioning: several linear layers behind EDM's parametrisation."""

import sympy as sp

from .core import Core
from .law import Law, lines
from .letter import training
from .parts import TrainingTime

_noisy, _total = Core.lam + Core.sig**2, Core.sig**2 + TrainingTime.sig_d**2
_away = Core.lam - TrainingTime.sig_d**2


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    loss_gap = training("Delta_L", r"\Delta\mathcal{L}",
        "EDM's weighted loss of one mode, less its value for a network that answers zero",
        real=True)
    net = training("net", "f", "gain of the network behind EDM's parametrisation along a mode",
        real=True)
    net_size = training("net_size", "|f|", "its size; it has the sign of the cross term")
    net_0 = training("net_0", "f_0", "its size before training", code="start")
    net_best = training("net_best", r"f_\star", "best gain of the network", real=True)
    net_best_size = training("net_best_size", r"|f_\star|", "its size")
    cross = training("s_cross", "s",
        "cross term: covariance of the network's input and of what it should answer, along a mode",
        real=True)
    cross_size = training("s_cross_size", "|s|", "its size")
    dnet_dtau = training("dnet", r"\frac{df}{d\tau}", "rate of change of the network's gain",
        real=True)
    dsize_dtau = training("dnet_size", r"\frac{d|f|}{d\tau}", "rate of change of its size",
        real=True)


_HERE = "this chapter"
_KARRAS = "this chapter, after Karras et al., arXiv:2206.00364, table 1"
_SAXE = "this chapter, after Saxe et al., arXiv:1312.6120"
_ONE = "linear network of its own at each noise level, EDM's weight of the loss, centred data"
_BALANCED = f"{_ONE}; layers with the same weight along the mode"
_MISS = r"\left(|s| - \omega |f|\right)"

gain = Law(
    label="eq-precond-gain", title="gain of the denoiser from that of the network",
    left=s.w, right=s.c_skip + s.sig * s.sig_d / _total * s.net,
    right_latex=r"c_{\mathrm{skip}} + \frac{\sigma \sigma_{\mathrm{d}}}"
    r"{\sigma^2 + \sigma_{\mathrm{d}}^2}\, f",
    provenance="derived again", source=_KARRAS, conditions="linear network",
    theory="DeepPreconditionedLaw.gain",
)

loss = Law(
    label="eq-precond-loss", title="weighted loss of one mode in the network's gain",
    left=s.loss_gap, right=s.omega * s.net**2 - 2 * s.cross * s.net,
    right_latex=r"\omega f^2 - 2 s f",
    provenance="derived", source=_HERE, conditions=_ONE,
)

power = Law(
    label="eq-precond-power", title="power of the network's input",
    left=s.omega, right=_noisy / _total,
    right_latex=r"\frac{\lambda + \sigma^2}{\sigma^2 + \sigma_{\mathrm{d}}^2}",
    provenance="derived again", source=_KARRAS, conditions="centred data",
    theory="preconditioned",
)

cross = Law(
    label="eq-precond-cross", title="cross term of input and answer",
    left=s.cross, right=s.sig * _away / (s.sig_d * _total),
    right_latex=r"\frac{\sigma \left(\lambda - \sigma_{\mathrm{d}}^2\right)}"
    r"{\sigma_{\mathrm{d}} \left(\sigma^2 + \sigma_{\mathrm{d}}^2\right)}",
    provenance="derived", source=_HERE, conditions=_ONE, theory="preconditioned",
)

best = Law(
    label="eq-precond-best", title="best gain of the network",
    left=s.net_best, right=s.sig * _away / (s.sig_d * _noisy),
    right_latex=r"\frac{\sigma \left(\lambda - \sigma_{\mathrm{d}}^2\right)}"
    r"{\sigma_{\mathrm{d}} \left(\lambda + \sigma^2\right)}",
    provenance="derived", source=f"{_HERE}: cross term over power", conditions=_ONE,
    theory="preconditioned",
)

one_layer = Law(
    label="eq-precond-one-layer", title="gradient flow of one layer",
    left=s.dnet_dtau, right=2 * s.eta * (s.cross - s.omega * s.net),
    right_latex=r"2\eta \left(s - \omega f\right)",
    provenance="derived", source=f"{_HERE}: the slope of the loss", conditions=_ONE,
)

flow = Law(
    label="eq-precond-flow", title="gradient flow of balanced layers",
    left=s.dsize_dtau,
    right=2 * s.eta * s.layers * s.net_size ** (2 - 2 / s.layers)
    * (s.cross_size - s.omega * s.net_size),
    right_latex=lines(r"2\eta L\, |f|^{2 - 2/L}", rf"\quad \cdot {_MISS}"),
    provenance="derived again", source=_SAXE,
    conditions=_BALANCED, theory="DeepPreconditionedLaw.gain",
)

logistic = Law(
    label="eq-precond-logistic", title="size of the gain of two balanced layers",
    left=s.net_size,
    right=s.net_best_size
    / (1 + (s.net_best_size / s.net_0 - 1) * sp.exp(-4 * s.eta * s.tau * s.cross_size)),
    right_latex=r"\frac{|f_\star|}"
    r"{1 + \left(\frac{|f_\star|}{f_0} - 1\right) e^{-4\eta\tau|s|}}",
    provenance="derived again", source=_SAXE,
    conditions=f"{_BALANCED}, positive start", theory="DeepPreconditionedLaw.gain",
)

half_time = Law(
    label="eq-precond-half", title="when two balanced layers have half of their best gain",
    left=s.tau_w, right=sp.log(s.net_best_size / s.net_0 - 1) / (4 * s.eta * s.cross_size),
    right_latex=r"\frac{1}{4\eta |s|} \ln\left(\frac{|f_\star|}{f_0} - 1\right)",
    provenance="derived", source=f"{_HERE}, from the logistic law",
    conditions=f"{_BALANCED}, start below half of the best gain",
)

rising = Law(
    label="eq-precond-rising", title="cross term of modes far above the assumed variance",
    left=s.cross_size, right=s.sig * s.lam / (s.sig_d * _total), relation=r"\simeq",
    right_latex=r"\frac{\sigma \lambda}"
    r"{\sigma_{\mathrm{d}} \left(\sigma^2 + \sigma_{\mathrm{d}}^2\right)}",
    provenance="derived", source=f"{_HERE}, a limit of the cross term",
    conditions="variance far above that which the parametrisation assumes",
)

decaying = Law(
    label="eq-precond-decaying", title="cross term of modes far below the assumed variance",
    left=s.cross_size, right=s.sig * s.sig_d / _total, relation=r"\simeq",
    right_latex=r"\frac{\sigma \sigma_{\mathrm{d}}}{\sigma^2 + \sigma_{\mathrm{d}}^2}",
    provenance="derived", source=f"{_HERE}, a limit of the cross term",
    conditions="variance far below that which the parametrisation assumes",
)

plateau = Law(
    label="eq-precond-plateau", title="plateau of three or more balanced layers",
    left=s.tau_w,
    right=s.net_0 ** (2 / s.layers - 1) / (2 * s.eta * s.cross_size * (s.layers - 2)),
    relation=r"\approx", right_latex=r"\frac{f_0^{2/L - 1}}{2\eta |s| (L - 2)}",
    provenance="derived again", source=_SAXE,
    conditions=f"{_BALANCED}, start far below the best gain, more than two layers",
)

unbalanced = Law(
    label="eq-precond-unbalanced", title="gradient flow of two unbalanced layers",
    left=s.dsize_dtau,
    right=2 * s.eta * sp.sqrt(s.imbalance**2 + 4 * s.net_size**2)
    * (s.cross_size - s.omega * s.net_size),
    right_latex=lines(r"2\eta \sqrt{\zeta^2 + 4|f|^2}", rf"\quad \cdot {_MISS}"),
    provenance="derived again", source=f"{_SAXE}, and Tarmoun et al. (2021)",
    conditions=_ONE, theory="DeepPreconditionedLaw.gain",
)
