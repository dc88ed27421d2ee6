"""Symbols of the chapter emergence-law."""

from .basics import sig
from .notation import STD, Notation, positive

sig_d, c_skip = positive("sigma_d c_skip")

DATA = (Notation(sig_d, r"\sigma_{\mathrm{d}}", "assumed standard deviation of the data in EDM's"
                 " parametrisation", STD, "sigma_data"),)  # fmt: skip
TRAINING = (
    Notation(c_skip, r"c_{\mathrm{skip}}", "share of the noisy image that EDM's parametrisation"
             " passes on", "", "", sig_d**2 / (sig**2 + sig_d**2),
             r"\sigma_{\mathrm{d}}^2 / (\sigma^2 + \sigma_{\mathrm{d}}^2)"),
)  # fmt: skip
