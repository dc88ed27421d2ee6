"""Symbols of the chapter deep-linear."""

from .notation import Notation, positive

layers = positive("layers")

TRAINING = (Notation(layers, r"\ell_{\mathrm{n}}", "number of layers of a deep linear denoiser", "",
                     "depth"),)  # fmt: skip
