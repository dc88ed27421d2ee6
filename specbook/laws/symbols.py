"""The notation table of the book: one symbol, one LaTeX form, one meaning."""

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Notation:
    """One row of the notation table.

    Attributes
    ----------
    symbol : sympy.Symbol
    latex : str
        How the book prints it.
    meaning, unit : str
    code : str
        Name in the package, if it has one.
    definition : sympy.Expr, optional
        What it abbreviates, with `definition_latex`.
    """

    symbol: sp.Symbol
    latex: str
    meaning: str
    unit: str = ""
    code: str = ""
    definition: sp.Expr | None = None
    definition_latex: str = ""


def _positive(names):
    return sp.symbols(names, positive=True)


x_0, x_sig, x, z = sp.symbols("x_0 x_sigma x z", real=True)
D, score = sp.symbols("D s", real=True)
lam, sig, eta, tau = _positive("lambda sigma eta tau")
mu, b, b_0, b_star = sp.symbols("mu b b_0 b_star", real=True)
w, w_star, q_0 = _positive("w w_star q_0")
sig_0, sig_T = _positive("sigma_0 sigma_T")
c = sp.Symbol("c", positive=True)
n = sp.Symbol("n", positive=True, integer=True)
loss = sp.Symbol("L", positive=True)
theta, theta_0, theta_star, M = sp.symbols("theta theta_0 theta_star M", real=True)
rho_min, rho_sum = _positive("rho_min S")
lnPhi = sp.Symbol("lnPhi", real=True)
Phi, Phi_0, Phi_T = _positive("Phi Phi_0 Phi_T")
lam_gen, lam_start, lam_end, mu_gen = _positive("lambda_gen lambda_start lambda_end mu_gen")
ln_ratio = sp.Symbol("lnR", real=True)
kl, kl_reverse = _positive("KL KL_reverse")
sig_next = sp.Symbol("sigma_next", positive=True)
r, r_next, g_euler, g_heun = sp.symbols("r r_next g_euler g_heun", real=True)
threshold_h, threshold_g = _positive("threshold_h threshold_g")
dw_dtau, db_dtau, dx_dsig, dmu_dsig = sp.symbols("dw db dx dmu", real=True)
eta_max, lam_max = _positive("eta_max lambda_max")
tau_star, prefactor, exponent = sp.symbols("tau_star a beta", positive=True)

_VAR, _STD, _DATA = "data unit squared", "data unit", "data unit"

NOTATION = (
    Notation(x_0, "x_0", "clean data point (or its coordinate along a mode)", _DATA),
    Notation(x_sig, r"x_\sigma", "noisy data point", _DATA),
    Notation(x, "x", "state of the sampler (or its coordinate along a mode)", _DATA, "x"),
    Notation(z, "z", "standard normal noise"),
    Notation(sig, r"\sigma", "noise level: standard deviation of the noise", _STD, "sigma"),
    Notation(D, "D", "denoiser, an estimate of the clean data point", _DATA),
    Notation(score, "s", "score: gradient of the log density of noisy data", "1/data unit"),
    Notation(lam, r"\lambda", "variance of the data along a mode", _VAR, "variances"),
    Notation(mu, r"\mu", "mean of the data along a mode", _DATA, "mean"),
    Notation(w, "w", "gain: weight of the denoiser along a mode", "", "gain"),
    Notation(b, "b", "bias of the denoiser along a mode", _DATA, "bias"),
    Notation(q_0, "q_0", "gain before training", "", "q0"),
    Notation(b_0, "b_0", "bias before training", _DATA, "b0"),
    Notation(w_star, r"w_\star", "gain of the best linear denoiser"),
    Notation(b_star, r"b_\star", "bias of the best linear denoiser", _DATA),
    Notation(loss, r"\mathcal{L}", "denoising loss of one mode at one noise level", _VAR),
    Notation(eta, r"\eta", "learning rate of gradient flow", "", "eta"),
    Notation(tau, r"\tau", "training time of gradient flow", "1/data unit squared", "tau"),
    Notation(c, "c", "training clock", "1/data unit squared", "", 2 * eta * tau, r"2\eta\tau"),
    Notation(n, "n", "number of steps of gradient descent"),
    Notation(dw_dtau, r"\frac{dw}{d\tau}", "rate of change of the gain"),
    Notation(db_dtau, r"\frac{db}{d\tau}", "rate of change of the bias"),
    Notation(theta, r"\theta", "weights and bias side by side: [W b]"),
    Notation(theta_0, r"\theta_0", "the same before training"),
    Notation(theta_star, r"\theta_\star", "the same at the optimum"),
    Notation(M, "M", "second moments of noisy data and the constant 1"),
    Notation(rho_min, r"\rho_{\min}", "smaller eigenvalue of M for one mode"),
    Notation(
        rho_sum, "S", "sum of the two eigenvalues of M for one mode", "", "",
        lam + sig**2 + mu**2 + 1, r"\lambda + \sigma^2 + \mu^2 + 1",
    ),
    Notation(dx_dsig, r"\frac{dx}{d\sigma}", "slope of the probability flow"),
    Notation(dmu_dsig, r"\frac{d\tilde\mu}{d\sigma}", "slope of the generated mean"),
    Notation(sig_0, r"\sigma_0", "noise level at which the sampler stops", _STD, "sigma_min"),
    Notation(sig_T, r"\sigma_T", "noise level at which the sampler starts", _STD, "sigma_max"),
    Notation(lnPhi, r"\ln\Phi", "logarithm of the growth function of the probability flow"),
    Notation(Phi_0, r"\Phi_0", "growth function at the last noise level"),
    Notation(Phi_T, r"\Phi_T", "growth function at the first noise level"),
    Notation(lam_gen, r"\tilde\lambda", "variance of generated samples along a mode", _VAR,
             "generated_variance"),
    Notation(lam_start, r"\tilde\lambda_{\mathrm{start}}", "the same before training", _VAR),
    Notation(lam_end, r"\tilde\lambda_{\mathrm{end}}", "the same after endless training", _VAR),
    Notation(mu_gen, r"\tilde\mu", "mean of generated samples along a mode", _DATA,
             "generated_mean"),
    Notation(ln_ratio, r"\ln\frac{\tilde\lambda}{\tilde\lambda_{\mathrm{end}}}",
             "logarithm of generated variance over its final value"),
    Notation(kl, r"\mathrm{KL}", "divergence of generated from data distribution, one mode", "nat",
             "kl"),
    Notation(kl_reverse, r"\mathrm{KL}_{\mathrm{rev}}",
             "divergence of data from generated distribution, one mode", "nat", "kl"),
    Notation(sig_next, r"\sigma'", "next noise level of the sampler", _STD),
    Notation(r, "r", "slope of the flow over the state", "", "", (1 - w) / sig,
             r"(1 - w)/\sigma"),
    Notation(r_next, "r'", "the same at the next noise level"),
    Notation(g_euler, r"g_{\mathrm{Euler}}", "factor of one Euler step"),
    Notation(g_heun, r"g_{\mathrm{Heun}}", "factor of one Heun step"),
    Notation(threshold_h, r"\lambda_{\mathrm{h}}", "harmonic mean of start and target", _VAR),
    Notation(threshold_g, r"\lambda_{\mathrm{g}}", "geometric mean of start and target", _VAR),
    Notation(eta_max, r"\eta_{\max}", "largest stable learning rate"),
    Notation(tau_star, r"\tau_\star", "emergence time: when a mode crosses its threshold"),
    Notation(prefactor, "a", "prefactor of a fitted power law"),
    Notation(exponent, r"\beta", "exponent of a fitted power law"),
    Notation(lam_max, r"\lambda_{\max}", "largest mode variance", _VAR),
)  # fmt: skip
