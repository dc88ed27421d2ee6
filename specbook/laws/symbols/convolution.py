"""Symbols of the two chapters on convolution."""

import sympy as sp

from .basics import sig
from .notation import VAR, Notation, positive

pixels = positive("n_pixels")
lam_p = positive("lambda_p")

# chapter full-width-convolution: filter, gains, frequencies, channels
filt, filt_hat = sp.symbols("vartheta vartheta_hat", real=True)
power_max, power_log, lam_log, kl_shift = positive("P_max P_log lambda_log KL_shift")
power_c, w_c, w_c_0, w_c_star = sp.symbols("P_c w_c w_c_0 w_c_star", real=True)

DATA = (
    Notation(pixels, r"n_{\mathrm{p}}", "number of places of a filter: pixels of one channel"),
    Notation(lam_p, r"\lambda_{\mathrm{p}}", "variance along a mode of the patch covariance", VAR),
    # chapter full-width-convolution
    Notation(power_max, r"P_{\max}", "largest power of a frequency", VAR),
    Notation(power_c, r"\mathbf{P}", "covariance matrix of the channels at one frequency", VAR,
             "channel_power"),
    Notation(power_log, r"\overline{\ln P}", "logarithm of the power, mean over frequencies"),
    Notation(lam_log, r"\overline{\ln\lambda}", "logarithm of the variance, mean over modes"),
)  # fmt: skip

TRAINING = (
    # chapter full-width-convolution
    Notation(filt, r"\vartheta", "filter of a convolution: its weight at each shift"),
    Notation(filt_hat, r"\hat\vartheta", "unitary Fourier coefficient of the filter"),
    Notation(w_c, r"\mathbf{w}", "gains between the channels at one frequency, a matrix"),
    Notation(w_c_0, r"\mathbf{w}_0", "the same before training"),
    Notation(w_c_star, r"\mathbf{w}_\star", "the same at the optimum", "", "",
             power_c / (power_c + sig**2),
             r"\mathbf{P} (\mathbf{P} + \sigma^2)^{-1}"),
)  # fmt: skip

MEASURING = (
    # chapter full-width-convolution
    Notation(kl_shift, r"\mathrm{KL}_{\mathrm{shift}}",
             "divergence of the data from the Gaussian of their shifts, all modes", "nat"),
)  # fmt: skip
