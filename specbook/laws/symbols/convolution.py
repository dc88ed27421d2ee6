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

# chapter local-convolution
power_mean, w_waves, lam_p_product = sp.symbols("power_mean w_waves lambda_p_product", real=True)
lam_p_gen, reach, range_ln = positive("lambda_p_gen reach range_ln")
w_p, q_p, e_p, h_p, share_p = sp.symbols("w_p q_p e_p h_p share_p", real=True)
dw_p_dtau, w_p_star, A_p, B_p = sp.symbols("dw_p w_p_star A_p B_p", real=True)
patch_shift, patch_cov = sp.symbols("shift cov_p", real=True)
Sigma_p, h_vector, e_vector = sp.symbols("Sigma_p h_vec e_vec", real=True)
step_omega, step_ln = sp.symbols("step_omega step_ln", real=True)

DATA = (
    Notation(pixels, r"n_{\mathrm{p}}", "number of places of a filter: pixels of one channel"),
    Notation(lam_p, r"\lambda_{\mathrm{p}}", "variance along a mode of the patch covariance", VAR),
    # chapter full-width-convolution
    Notation(power_max, r"P_{\max}", "largest power of a frequency", VAR),
    Notation(power_c, r"\mathbf{P}", "covariance matrix of the channels at one frequency", VAR,
             "channel_power"),
    Notation(power_log, r"\overline{\ln P}", "logarithm of the power, mean over frequencies"),
    Notation(lam_log, r"\overline{\ln\lambda}", "logarithm of the variance, mean over modes"),
    # chapter local-convolution
    Notation(Sigma_p, r"\Sigma_{\mathrm{p}}", "covariance matrix of a patch, averaged over places",
             VAR, "patch_covariance"),
    Notation(patch_shift, "j", "distance of two places"),
    Notation(patch_cov, r"\Sigma_j", "covariance of two places at that distance", VAR),
    Notation(power_mean, r"\overline{P \cos\omega j}", "mean over all frequencies", VAR),
    Notation(reach, r"r_{\mathrm{p}}", "reach of a filter: places on each side of its centre"),
    Notation(e_p, r"e_{\mathrm{p}}", "entry of a patch mode at the central place"),
    Notation(h_p, r"h_{\mathrm{p}}", "Fourier transform of a patch mode, counted from its centre, "
             "at one frequency"),
    Notation(share_p, r"s_{\mathrm{p}}", "share of a patch mode in one frequency; shares sum to 1",
             "", "", h_p * e_p, r"h_{\mathrm{p}}\, e_{\mathrm{p}}"),
    Notation(h_vector, r"\mathbf{h}^{\mathsf{T}}", "cosines of one frequency at the places of a "
             "patch, a row"),
    Notation(e_vector, r"\mathbf{e}", "a patch that is 1 at the centre and 0 elsewhere, a column"),
)

TRAINING = (
    # chapter full-width-convolution
    Notation(filt, r"\vartheta", "filter of a convolution: its weight at each shift"),
    Notation(filt_hat, r"\hat\vartheta", "unitary Fourier coefficient of the filter"),
    Notation(w_c, r"\mathbf{w}", "gains between the channels at one frequency, a matrix"),
    Notation(w_c_0, r"\mathbf{w}_0", "the same before training"),
    Notation(w_c_star, r"\mathbf{w}_\star", "the same at the optimum", "", "",
             power_c / (power_c + sig**2),
             r"\mathbf{P} (\mathbf{P} + \sigma^2)^{-1}"),
    # chapter local-convolution
    Notation(w_p, r"w_{\mathrm{p}}", "part of a filter along a patch mode"),
    Notation(q_p, r"q_{\mathrm{p}}", "the same before training", "", "w0"),
    Notation(w_p_star, r"w_{\star\mathrm{p}}", "best gain of a patch mode", "", "",
             lam_p / (lam_p + sig**2),
             r"\lambda_{\mathrm{p}} / (\lambda_{\mathrm{p}} + \sigma^2)"),
    Notation(dw_p_dtau, r"\frac{dw_{\mathrm{p}}}{d\tau}", "rate of change of that part"),
    Notation(w_waves, r"\sum_{\mathrm{p}} h_{\mathrm{p}} w_{\mathrm{p}}", "sum over patch modes"),
)

SAMPLING = (
    # chapter local-convolution
    Notation(A_p, r"A_{\mathrm{p}}", "what a patch mode adds to the flow, for a centre of 1"),
    Notation(B_p, r"B_{\mathrm{p}}", "what is left of the start of a patch mode, for a start of 1"),
    Notation(lam_p_gen, r"\tilde\lambda_{\mathrm{p}}", "variance that the one-layer law would "
             "generate along a patch mode", VAR),
    Notation(lam_p_product, r"\prod_{\mathrm{p}} \tilde\lambda_{\mathrm{p}}^{s_{\mathrm{p}}}",
             "product over patch modes: a weighted geometric mean", VAR),
    Notation(step_ln, r"\bigl|\ln\tilde\lambda' - \ln\tilde\lambda\bigr|",
             "difference of the log variances generated at two frequencies along one axis"),
    Notation(step_omega, r"|\omega' - \omega|", "difference of these frequencies",
             "radian per place"),
    Notation(range_ln, r"\Delta_{\ln}", "difference between the largest and the smallest log "
             "variance"),
)

MEASURING = (
    # chapter full-width-convolution
    Notation(kl_shift, r"\mathrm{KL}_{\mathrm{shift}}",
             "divergence of the data from the Gaussian of their shifts, all modes", "nat"),
)
