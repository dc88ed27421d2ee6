"""Chapter full-width-convolution: a circular convolution as wide as the picture."""

import sympy as sp

from .core import Core
from .functions import e_1
from .law import Law, lines
from .letter import VAR, data, measuring, training
from .operators import FREQUENCY, MODE, Mean
from .parts import Foundations, TrainingTime


class s(TrainingTime):
    """Letters of this chapter, beside those of its part."""

    power = Foundations.power
    power_max = data("P_max", r"P_{\max}", "largest power of a frequency", VAR)
    power_c = data("P_c", r"\mathbf{P}", "covariance matrix of the channels at one frequency", VAR,
        "channel_power", real=True)
    filt = training("vartheta", r"\vartheta", "filter of a convolution: its weight at each shift",
        real=True)
    filt_hat = training("vartheta_hat", r"\hat\vartheta",
        "unitary Fourier coefficient of the filter", real=True)
    w_c = training("w_c", r"\mathbf{w}", "gains between the channels at one frequency, a matrix",
        real=True)
    w_c_0 = training("w_c_0", r"\mathbf{w}_0", "the same before training", real=True)
    w_c_star = training("w_c_star", r"\mathbf{w}_\star", "the same at the optimum", real=True,
        definition=power_c / (power_c + Core.sig**2),
        definition_latex=r"\mathbf{P} (\mathbf{P} + \sigma^2)^{-1}")
    kl_shift = measuring("KL_shift", r"\mathrm{KL}_{\mathrm{shift}}",
        "divergence of the data from the Gaussian of their shifts, all modes", "nat")


_PAPER = "Wang & Pehlevan, arXiv:2503.03206"
_s = s.power + s.sig**2  # variance of noisy data at the frequency
_star = s.power / _s
_CENTRED = "brightness of the data subtracted, or fitted by a bias"
_BALANCED = "both filters have the same gains before training"


def _e1(argument):
    return e_1(s.pixels * argument)


def _printed(rate):
    return lines(
        r"\frac{P}{P + \sigma^2}\, q_0",
        r"\cdot \Bigl[q_0",
        r"\quad + \Bigl(\frac{P}{P + \sigma^2} - q_0\Bigr)",
        rf"\qquad \cdot e^{{-{rate} n_{{\mathrm{{p}}}}\eta\tau P}}\Bigr]^{{-1}}",
    )


unitary = Law(
    label="eq-circulant-unitary", title="gain of a frequency from the filter",
    left=s.w, right=sp.sqrt(s.pixels) * s.filt_hat,
    right_latex=r"\sqrt{n_{\mathrm{p}}}\,\hat\vartheta",
    provenance="derived", source="a circulant matrix and its eigenvectors, this chapter",
    conditions="filter as wide as the picture, opposite edges joined", theory="circulant_weights",
)

flow = Law(
    label="eq-circulant-flow", title="gradient flow of the gain of a frequency",
    left=s.dw_dtau, right=-2 * s.pixels * s.eta * (_s * s.w - s.power),
    right_latex=lines(
        r"-2 n_{\mathrm{p}}\eta", r"\quad \cdot \left[(P + \sigma^2)\, w - P\right]"
    ),
    provenance="derived", source="gradient flow of the filter, this chapter", conditions=_CENTRED,
)

gain = Law(
    label="eq-circulant-gain", title="gain of a frequency after training time tau",
    left=s.w, right=_star + (s.q_0 - _star) * sp.exp(-2 * s.pixels * s.eta * s.tau * _s),
    right_latex=lines(
        r"\frac{P}{P + \sigma^2}", r"+ \left(q_0 - \frac{P}{P + \sigma^2}\right)",
        r"\quad \cdot e^{-2 n_{\mathrm{p}}\eta\tau(P + \sigma^2)}",
    ),
    provenance="stated", source=f"{_PAPER}, proposition 5.2",
    conditions=_CENTRED, theory="circulant.gain",
)

stability = Law(
    label="eq-circulant-stability", title="largest stable learning rate of a filter",
    left=s.eta_max, right=1 / (s.pixels * (s.power_max + s.sig**2)),
    right_latex=r"\frac{1}{n_{\mathrm{p}}(P_{\max} + \sigma^2)}",
    provenance="derived", source="this chapter", conditions="plain gradient descent, centred data",
)

variance = Law(
    label="eq-circulant-variance", title="variance that a convolution generates at a frequency",
    left=s.ln_ratio,
    right=_e1(s.c * (s.power + s.sig_0**2)) - _e1(s.c * (s.power + s.sig_T**2))
    - (1 - s.q_0) * sp.exp(-s.pixels * s.c * s.power)
    * (_e1(s.c * s.sig_0**2) - _e1(s.c * s.sig_T**2)),
    right_latex=lines(
        r"\operatorname{E}_1(n_{\mathrm{p}} c", r"\qquad \cdot (P + \sigma_0^2))",
        r"\quad - \operatorname{E}_1(n_{\mathrm{p}} c", r"\qquad \cdot (P + \sigma_T^2))",
        r"- (1 - q_0)\, e^{-n_{\mathrm{p}} c P}",
        r"\quad \cdot \bigl[\operatorname{E}_1(n_{\mathrm{p}} c\,\sigma_0^2)",
        r"\qquad - \operatorname{E}_1(n_{\mathrm{p}} c\,\sigma_T^2)\bigr]",
        long=True,
    ),
    provenance="stated", source=f"{_PAPER}, proposition 5.3, in the form of eq-stable",
    conditions=_CENTRED, theory="circulant.generated_variance",
)

lost = Law(
    label="eq-circulant-lost", title="what the data have and their shift average has not",
    left=s.kl_shift, right=s.pixels / 2
    * (Mean(sp.log(s.power), FREQUENCY) - Mean(sp.log(s.lam), MODE)),
    right_latex=r"\frac{n_{\mathrm{p}}}{2}\left[\overline{\ln P} - \overline{\ln\lambda}\right]",
    provenance="derived", source="divergence of two Gaussians, this chapter",
    conditions="Gaussian data of the same mean at all places; modes of variance 0 left out of both"
    " means and of their number",
)

channels = Law(
    label="eq-circulant-channels", title="gains between the channels of a convolution",
    left=s.w_c,
    right=s.w_c_star
    + (s.w_c_0 - s.w_c_star) * sp.exp(-2 * s.pixels * s.eta * s.tau * (s.power_c + s.sig**2)),
    right_latex=lines(
        r"\mathbf{w}_\star + (\mathbf{w}_0 - \mathbf{w}_\star)",
        r"\quad \cdot e^{-2 n_{\mathrm{p}}\eta\tau(\mathbf{P} + \sigma^2)}",
    ),
    provenance="derived", source="gradient flow of the filters, this chapter",
    conditions="any start; the exponential is that of a matrix, factors keep their order, and"
    " sigma^2 stands for that number times the identity",
    theory="circulant_channels",
)

untied = Law(
    label="eq-circulant-untied", title="gain of two convolutions, one after the other",
    left=s.w,
    right=_star * s.q_0
    / (s.q_0 + (_star - s.q_0) * sp.exp(-4 * s.pixels * s.eta * s.tau * s.power)),
    right_latex=_printed(4),
    provenance="derived", source="gradient flow of both filters, this chapter, after "
    "arXiv:1312.6120 for each wave",
    conditions=f"{_CENTRED}; {_BALANCED}",
)

tied = Law(
    label="eq-circulant-tied", title="gain of a convolution and its own reflection",
    left=s.w,
    right=_star * s.q_0
    / (s.q_0 + (_star - s.q_0) * sp.exp(-8 * s.pixels * s.eta * s.tau * s.power)),
    right_latex=_printed(8),
    provenance="derived", source="gradient flow of the filter that is used twice, this "
    "chapter, after arXiv:1312.6120 for each wave",
    conditions=_CENTRED,
)
