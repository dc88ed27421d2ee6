"""Symbols of the chapter emergence-law."""

import sympy as sp

from .basics import c, lam, sig, sig_0, sig_T
from .notation import STD, VAR, Notation, positive

sig_d, c_skip = positive("sigma_d c_skip")
omega, omega_0, omega_T = positive("omega omega_0 omega_T")
xi, xi_star, zeta_0, zeta_T = positive("xi xi_star zeta_0 zeta_T")
room, psi, chi = positive("Lambda psi chi")
gamma_E = positive("gamma_E")
threshold_a, threshold_psi = positive("threshold_a threshold_psi")
dw_dtau_edm = sp.Symbol("dw_edm", real=True)
local_exponent = sp.Symbol("beta_loc", real=True)


def _omega(sigma):
    return (lam + sigma**2) / (sig_d**2 + sigma**2)


def _omega_latex(sigma):
    return rf"\frac{{\lambda + {sigma}^2}}{{\sigma_{{\mathrm{{d}}}}^2 + {sigma}^2}}"


DATA = (Notation(sig_d, r"\sigma_{\mathrm{d}}", "assumed standard deviation of the data in EDM's"
                 " parametrisation", STD, "sigma_data"),)
TRAINING = (
    Notation(c_skip, r"c_{\mathrm{skip}}", "share of the noisy image that EDM's parametrisation"
             " passes on", "", "", sig_d**2 / (sig**2 + sig_d**2),
             r"\sigma_{\mathrm{d}}^2 / (\sigma^2 + \sigma_{\mathrm{d}}^2)"),
    Notation(omega, r"\omega", r"rate of a gain behind EDM's parametrisation, over $2\eta$", "", "",
             _omega(sig), _omega_latex(r"\sigma")),
    Notation(omega_0, r"\omega_0", "the same at the last noise level", "", "",
             _omega(sig_0), _omega_latex(r"\sigma_0")),
    Notation(omega_T, r"\omega_T", "the same at the first noise level", "", "",
             _omega(sig_T), _omega_latex(r"\sigma_T")),
    Notation(dw_dtau_edm, r"\left.\frac{dw}{d\tau}\right|_{\mathrm{EDM}}",
             "rate of change of the gain behind EDM's parametrisation"),
    Notation(xi, r"\xi", "training clock in the unit of a mode", "", "", c * lam, r"c\lambda"),
)
MEASURING = (
    Notation(xi_star, r"\xi_\star", "the training clock in the unit of the mode, when it emerges"),
    Notation(zeta_0, r"\zeta_0", "squared last noise level in the unit of a mode", "", "",
             sig_0**2 / lam, r"\sigma_0^2 / \lambda"),
    Notation(zeta_T, r"\zeta_T", "squared first noise level in the unit of a mode", "", "",
             sig_T**2 / lam, r"\sigma_T^2 / \lambda"),
    Notation(room, r"\Lambda", "logarithm of a variance over that of the last noise", "", "",
             sp.log(lam / sig_0**2), r"\ln(\lambda / \sigma_0^2)"),
    Notation(threshold_a, r"\lambda_{\mathrm{a}}", "arithmetic mean of start and target", VAR),
    Notation(threshold_psi, r"\lambda_\psi", "threshold at a given place between start and target",
             VAR),
    Notation(psi, r"\psi", "place of a threshold on the logarithmic way from start (0) to target"
             " (1); one half is the geometric criterion"),
    Notation(chi, r"\chi", "emergence time behind EDM's parametrisation, without its unit"),
    Notation(gamma_E, r"\gamma_{\mathrm{E}}", "Euler's constant"),
    Notation(local_exponent, r"\beta_{\mathrm{loc}}", "local exponent: slope of the logarithm of"
             " the emergence time over that of the variance"),
)
