"""Symbols of the foundations and of the one-layer denoiser."""

import sympy as sp

from .notation import DATA_UNIT as _DATA
from .notation import STD as _STD
from .notation import VAR as _VAR
from .notation import Notation
from .notation import positive as _positive

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
rank, dim, freq, power = _positive("k d f P")
rank_exponent, fourier_exponent = _positive("alpha alpha_F")
condition, floor, m_2, m_4 = _positive("cond ell m_2 m_4")
kurtosis = sp.Symbol("kurt", real=True)

x_T, dp_dsig, d2p_dx2 = sp.symbols("x_T dp d2p", real=True)
p_sig, w_0, lam_zero = _positive("p_sigma w_0 lambda_zero")
steps, product, rho, h, C = _positive("K product rho h C")
phi, phi_0, phi_T, delta, g = _positive("phi phi_0 phi_T delta g")
order = sp.Symbol("p", positive=True, integer=True)
window = sp.Symbol("window", positive=True)
step_error, mode_error, best_error = sp.symbols("epsilon E E_star", real=True)

# chapter gaussian-equivalence
W, W_T, Sigma, errors, dL_dW = sp.symbols("W W_T Sigma R dL_dW", real=True)
lam_in, w_in, lam_1, lam_2, w_1, w_2, p_1 = _positive(
    "lambda_in w_in lambda_1 lambda_2 w_1 w_2 p_1"
)
gradient_noise, noise_ratio, fisher = _positive("V nu J")
loss_lin, loss_best, excess, excess_lin, gap = _positive("L_lin L_best Delta Delta_lin gap")
cumulant, skewness, mu_1 = sp.symbols("kappa skew mu_1", real=True)

# A new symbol goes into the group in which a reader would look for it.
DATA = (
    Notation(x_0, "x_0", "clean data point (or its coordinate along a mode)", _DATA),
    Notation(lam, r"\lambda", "variance of the data along a mode", _VAR, "variances"),
    Notation(lam_max, r"\lambda_{\max}", "largest mode variance", _VAR),
    Notation(mu, r"\mu", "mean of the data along a mode", _DATA, "mean"),
    Notation(z, "z", "standard normal noise"),
    Notation(sig, r"\sigma", "noise level: standard deviation of the noise", _STD, "sigma"),
    Notation(x_sig, r"x_\sigma", "noisy data point", _DATA),
    Notation(score, "s", "score: gradient of the log density of noisy data", "1/data unit"),
    # chapter denoising-gaussians
    Notation(p_sig, r"p_\sigma", "density of noisy data along a mode", "1/data unit"),
    Notation(dp_dsig, r"\frac{\partial p_\sigma}{\partial\sigma}", "its change with noise"),
    Notation(d2p_dx2, r"\frac{\partial^2 p_\sigma}{\partial x^2}", "its curvature"),
    Notation(dim, "d", "dimension of the data: numbers in one image"),
    Notation(rank, "k", "number of a mode, counted from the largest variance; number of modes"),
    Notation(rank_exponent, r"\alpha", r"exponent of the spectrum: it falls as $k^{-\alpha}$"),
    Notation(condition, r"\mathrm{cond}", "condition number: largest over smallest variance"),
    Notation(freq, "f", "length of a spatial frequency", "cycles per pixel", "radial_frequency"),
    Notation(power, "P", "power: variance of a unitary Fourier coefficient", _VAR,
             "power_spectrum"),
    Notation(fourier_exponent, r"\alpha_F", r"exponent of the power: it falls as $f^{-\alpha_F}$"),
    Notation(floor, r"\ell", "variance that a mode must exceed in order to count", _VAR),
    Notation(m_2, "m_2", "mean square of the contrast of a patch"),
    Notation(m_4, "m_4", "mean fourth power of the contrast of a patch"),
    Notation(kurtosis, r"\mathrm{kurt}", "excess kurtosis: 0 for a Gaussian"),
    # chapter gaussian-equivalence
    Notation(Sigma, r"\Sigma", "covariance matrix of the data", _VAR),
    Notation(skewness, r"\mathrm{skew}", "skewness: 0 for a Gaussian"),
    Notation(cumulant, r"\kappa", "joint fourth cumulant of two modes over their variances: 0 for "
             "a Gaussian, the excess kurtosis for a mode with itself"),
    Notation(mu_1, r"\mu_1", "distance of each of two bumps from the mean", _DATA),
    Notation(lam_1, r"\lambda_1", "variance within the first of two Gaussian components", _VAR),
    Notation(lam_2, r"\lambda_2", "variance within the second", _VAR),
    Notation(p_1, "p_1", "probability of the first component, given the noisy point"),
    Notation(fisher, "J", "Fisher information of noisy data: mean square of the score",
             "1/data unit squared"),
)

TRAINING = (
    Notation(D, "D", "denoiser, an estimate of the clean data point", _DATA),
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
    Notation(dw_dtau, r"\frac{dw}{d\tau}", "rate of change of the gain"),
    Notation(db_dtau, r"\frac{db}{d\tau}", "rate of change of the bias"),
    Notation(n, "n", "number of steps of gradient descent"),
    Notation(eta_max, r"\eta_{\max}", "largest stable learning rate"),
    Notation(theta, r"\theta", "weights and bias side by side: [W b]"),
    Notation(theta_0, r"\theta_0", "the same before training"),
    Notation(theta_star, r"\theta_\star", "the same at the optimum"),
    Notation(M, "M", "second moments of noisy data and the constant 1"),
    Notation(rho_min, r"\rho_{\min}", "smaller eigenvalue of M for one mode"),
    Notation(
        rho_sum, "S", "sum of the two eigenvalues of M for one mode", "", "",
        lam + sig**2 + mu**2 + 1, r"\lambda + \sigma^2 + \mu^2 + 1",
    ),
    # chapter gaussian-equivalence
    Notation(W, "W", "weight matrix of a linear denoiser, at one noise level"),
    Notation(W_T, r"W^{\mathsf{T}}", "its transpose"),
    Notation(errors, "R", "mean products of the errors of all pixels; its trace is the loss", _VAR),
    Notation(dL_dW, r"\frac{d\mathcal{L}}{dW}", "gradient of the loss, a matrix", _VAR),
    Notation(lam_in, r"\lambda'", "variance of the data along the mode that a weight reads", _VAR),
    Notation(w_in, r"w_\star'", "best gain of the mode that a weight reads"),
    Notation(gradient_noise, "V", "variance of the gradient of one weight, from one sample"),
    Notation(noise_ratio, r"\nu", "the same over what it is for Gaussian data"),
    Notation(loss_lin, r"\mathcal{L}_{\mathrm{lin}}", "loss of the best linear denoiser", _VAR),
    Notation(loss_best, r"\mathcal{L}_\star", "loss of the best of all denoisers", _VAR),
    Notation(excess, r"\Delta", "mean squared distance of a denoiser from the best one", _VAR),
    Notation(excess_lin, r"\Delta_{\mathrm{lin}}", "the same for the best linear denoiser", _VAR),
    Notation(gap, r"\mathrm{gap}", "share of the linear loss that the best denoiser saves", "", "",
             excess_lin / loss_lin, r"\Delta_{\mathrm{lin}} / \mathcal{L}_{\mathrm{lin}}"),
    Notation(w_1, "w_1", "best gain for the first of two Gaussian components", "", "",
             lam_1 / (lam_1 + sig**2), r"\lambda_1 / (\lambda_1 + \sigma^2)"),
    Notation(w_2, "w_2", "best gain for the second", "", "",
             lam_2 / (lam_2 + sig**2), r"\lambda_2 / (\lambda_2 + \sigma^2)"),
)

SAMPLING = (
    Notation(x, "x", "state of the sampler (or its coordinate along a mode)", _DATA, "x"),
    Notation(dx_dsig, r"\frac{dx}{d\sigma}", "slope of the probability flow"),
    Notation(sig_0, r"\sigma_0", "noise level at which the sampler stops", _STD, "sigma_min"),
    Notation(sig_T, r"\sigma_T", "noise level at which the sampler starts", _STD, "sigma_max"),
    Notation(lnPhi, r"\ln\Phi", "logarithm of the growth function of the probability flow"),
    Notation(Phi, r"\Phi", "growth function of the probability flow"),
    Notation(Phi_0, r"\Phi_0", "growth function at the last noise level"),
    Notation(Phi_T, r"\Phi_T", "growth function at the first noise level"),
    Notation(lam_gen, r"\tilde\lambda", "variance of generated samples along a mode", _VAR,
             "generated_variance"),
    Notation(lam_start, r"\tilde\lambda_{\mathrm{start}}", "the same before training", _VAR),
    Notation(lam_end, r"\tilde\lambda_{\mathrm{end}}", "the same after endless training", _VAR),
    Notation(mu_gen, r"\tilde\mu", "mean of generated samples along a mode", _DATA,
             "generated_mean"),
    Notation(dmu_dsig, r"\frac{d\tilde\mu}{d\sigma}", "slope of the generated mean"),
    Notation(ln_ratio, r"\ln\frac{\tilde\lambda}{\tilde\lambda_{\mathrm{end}}}",
             "logarithm of generated variance over its final value"),
    Notation(sig_next, r"\sigma'", "next noise level of the sampler", _STD),
    Notation(r, "r", "slope of the flow over the state", "", "", (1 - w) / sig,
             r"(1 - w)/\sigma"),
    Notation(r_next, "r'", "the same at the next noise level"),
    Notation(g_euler, r"g_{\mathrm{Euler}}", "factor of one Euler step"),
    Notation(g_heun, r"g_{\mathrm{Heun}}", "factor of one Heun step"),
    # chapter denoising-gaussians
    Notation(x_T, "x_T", "state at the first noise level", _DATA),
    Notation(g, "g", "factor of the exact flow over one step, best denoiser"),
    Notation(product, r"\prod_i g_i", "product of the factors of all steps"),
    Notation(steps, "K", "number of steps of the sampler"),
    Notation(phi, r"\phi", "angle of a noise level, seen from one mode", "radian"),
    Notation(phi_0, r"\phi_0", "angle of the last noise level", "radian"),
    Notation(phi_T, r"\phi_T", "angle of the first noise level", "radian"),
    Notation(delta, r"\delta", "angle of one step", "radian"),
    Notation(order, "p", "order of the sampler's method: 1 for Euler, 2 for Heun"),
    Notation(h, "h", "size of a step in the logarithm of the noise level"),
    Notation(step_error, r"\epsilon", "error of one step: what it adds to the error of a mode"),
    Notation(mode_error, r"\mathcal{E}", "error of a mode: log of generated over exact variance",
             "", "sampler_error"),
    Notation(best_error, r"\mathcal{E}_\star", "smallest error of Euler's method, for one mode"),
    Notation(rho, r"\rho", "exponent of the EDM noise levels", "", "rho"),
    Notation(window, r"\overline{w_\star (1 - w_\star)^p}", "mean over modes, with weights"),
    Notation(C, "C", "constant that fixes the number of steps"),
    Notation(w_0, "w_0", "gain at the last noise level above zero"),
    Notation(lam_zero, r"\tilde\lambda_{\mathrm{zero}}", "generated variance after a step to zero",
             _VAR),
)

MEASURING = (
    Notation(kl, r"\mathrm{KL}", "divergence of generated from data distribution, one mode", "nat",
             "kl"),
    Notation(kl_reverse, r"\mathrm{KL}_{\mathrm{rev}}",
             "divergence of data from generated distribution, one mode", "nat", "kl"),
    Notation(threshold_h, r"\lambda_{\mathrm{h}}", "harmonic mean of start and target", _VAR),
    Notation(threshold_g, r"\lambda_{\mathrm{g}}", "geometric mean of start and target", _VAR),
    Notation(tau_star, r"\tau_\star", "emergence time: when a mode crosses its threshold"),
    Notation(prefactor, "a", "prefactor of a fitted power law"),
    Notation(exponent, r"\beta", "exponent of a fitted power law"),
)
