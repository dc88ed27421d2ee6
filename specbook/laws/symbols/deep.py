"""Symbols of the chapter deep-linear."""

import sympy as sp

from .basics import eta, lam, q_0, sig, tau, w
from .notation import Notation, positive

layers, a_1, a_2, imbalance, tau_w, q_random = positive("layers a_1 a_2 zeta tau_w q_random")
A_1, A_2, dA_dtau = sp.symbols("A_1 A_2 dA_dtau", real=True)
A_1T, A_2T, dA2_dtau = sp.symbols("A_1T A_2T dA2_dtau", real=True)
da_dtau, dy_dtau = sp.symbols("da_dtau dy_dtau", real=True)
Xi, Xi_b, Psi, lam_Psi = positive("Xi Xi_b Psi lambda_Psi")
y, y_0, y_high, root = positive("y y_0 y_high Omega")
y_low, y_ratio = sp.symbols("y_low y_ratio", real=True)

_noisy = lam + sig**2
_W = r"(\lambda + \sigma^2)"

TRAINING = (
    Notation(layers, "L", "number of layers of a deep linear denoiser", "", "depth"),
    Notation(A_1, "A_1", "weight matrix of the first layer"),
    Notation(A_2, "A_2", "weight matrix of the second layer"),
    Notation(A_1T, r"A_1^{\mathsf{T}}", "transpose of the first layer"),
    Notation(A_2T, r"A_2^{\mathsf{T}}", "transpose of the second layer"),
    Notation(dA_dtau, r"\frac{dA_1}{d\tau}", "rate of change of the first layer"),
    Notation(dA2_dtau, r"\frac{dA_2}{d\tau}", "rate of change of the second layer"),
    Notation(a_1, "a_1", "weight of the first layer along a mode; for matrices what the"
             " mode sends to the hidden units"),
    Notation(a_2, "a_2", "weight of the second layer along a mode; for matrices what it"
             " reads from them"),
    Notation(da_dtau, r"\frac{da_1}{d\tau}", "rate of change of the first layer's weight"),
    Notation(imbalance, r"\zeta", "imbalance of two layers: difference of their squared weights"
             " along a mode", "", "imbalance"),
    Notation(q_random, r"q_{\mathrm{r}}", "gain from which a balanced start would take as long as"
             " a small random one"),
    Notation(Xi, r"\Xi", "what is left of the start in a tied network", "", "",
             sp.exp(-8 * eta * tau * lam), r"e^{-8\eta\tau\lambda}"),
    Notation(Psi, r"\Psi", "the same, mixed with the gain before training", "", "",
             Xi + q_0 * (1 - Xi), r"\Xi + q_0 (1 - \Xi)"),
    Notation(lam_Psi, r"\lambda_\Psi", "variance that the generated one of a tied network follows"
             " in place of the data's", "data unit squared", "",
             lam * Psi / (q_0 * (1 - Xi)), r"\frac{\lambda\Psi}{q_0 (1 - \Xi)}"),
    Notation(Xi_b, r"\Xi_{\mathrm{b}}", "what is left of the start in two balanced layers", "", "",
             sp.exp(-4 * eta * tau * lam), r"e^{-4\eta\tau\lambda}"),
    Notation(y, "y", "gain of an untied network in the variable that makes its flow a Riccati"
             " equation", "", "", (2 * w + sp.sqrt(imbalance**2 + 4 * w**2)) / imbalance,
             r"(2w + \sqrt{\zeta^2 + 4w^2})/\zeta"),
    Notation(y_0, "y_0", "the same before training"),
    Notation(root, r"\Omega", "rate of the untied network over twice the learning rate",
             "data unit squared", "", sp.sqrt(4 * lam**2 + _noisy**2 * imbalance**2),
             rf"\sqrt{{4\lambda^2 + {_W}^2 \zeta^2}}"),
    Notation(y_high, "y_+", "where that variable ends", "", "",
             (2 * lam + root) / (_noisy * imbalance), rf"\frac{{2\lambda + \Omega}}{{{_W}\zeta}}"),
    Notation(y_low, "y_-", "the other fixed point of its flow", "", "",
             (2 * lam - root) / (_noisy * imbalance), rf"\frac{{2\lambda - \Omega}}{{{_W}\zeta}}"),
    Notation(y_ratio, r"\frac{y - y_+}{y - y_-}", "the same as a quotient that decays"),
    Notation(dy_dtau, r"\frac{dy}{d\tau}", "rate of change of that variable"),
    Notation(tau_w, r"\tau_{\mathrm{w}}", "training time at which the gain of a mode is learned",
             "1/data unit squared"),
)
