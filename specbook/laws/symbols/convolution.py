"""Symbols of the two chapters on convolution."""

from .notation import VAR, Notation, positive

pixels = positive("n_pixels")
lam_p = positive("lambda_p")

DATA = (
    Notation(pixels, r"n_{\mathrm{p}}", "number of places of a filter: pixels of one channel"),
    Notation(lam_p, r"\lambda_{\mathrm{p}}", "variance along a mode of the patch covariance", VAR),
)
