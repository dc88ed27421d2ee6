"""Letters that several chapters of a part share, or that another part borrows."""

from .core import Core
from .letter import STD, VAR, data, measuring, sampling, training
from .operators import FREQUENCY


class Foundations(Core):
    """Letters of the foundations."""

    part = "foundations"

    kurtosis = data("kurt", r"\mathrm{kurt}", "excess kurtosis: 0 for a Gaussian", real=True)
    z = data("z", "z", "standard normal noise", real=True)
    g_euler = sampling("g_euler", r"g_{\mathrm{Euler}}", "factor of one Euler step", real=True)
    g_heun = sampling("g_heun", r"g_{\mathrm{Heun}}", "factor of one Heun step", real=True)
    power = data("P", "P", "power: variance of a unitary Fourier coefficient", VAR,
        "power_spectrum", index=FREQUENCY)
    prefactor = measuring("a", "a", "prefactor of a fitted power law")


class TrainingTime(Core):
    """Letters of the part on training time."""

    part = "training-time"

    c = training("c", "c", "training clock", "1/data unit squared",
        definition=2 * Core.eta * Core.tau)
    dw_dtau = training("dw", r"\frac{dw}{d\tau}", "rate of change of the gain", real=True)
    eta_max = training("eta_max", r"\eta_{\max}", "largest stable learning rate")
    lnPhi = sampling("lnPhi", r"\ln\Phi",
        "logarithm of the growth function of the probability flow", real=True)
    ln_ratio = sampling("lnR", r"\ln\frac{\tilde\lambda}{\tilde\lambda_{\mathrm{end}}}",
        "logarithm of generated variance over its final value", real=True)
    sig_d = data("sigma_d", r"\sigma_{\mathrm{d}}",
        "assumed standard deviation of the data in EDM's parametrisation", STD, "sigma_data")
    pixels = data("n_pixels", r"n_{\mathrm{p}}",
        "number of places of a filter: pixels of one channel")
    c_skip = training("c_skip", r"c_{\mathrm{skip}}",
        "share of the noisy image that EDM's parametrisation passes on",
        definition=sig_d**2 / (Core.sig**2 + sig_d**2))
    omega = training("omega", r"\omega",
        "power of what the network sees of a mode behind EDM's parametrisation; the rate of one"
        r" layer, over $2\eta$", definition=(Core.lam + Core.sig**2) / (Core.sig**2 + sig_d**2))
    layers = training("layers", "L", "number of layers of a deep linear denoiser", code="depth")
    imbalance = training("zeta", r"\zeta",
        "imbalance of two layers: difference of their squared weights along a mode",
        code="imbalance")
    tau_w = training("tau_w", r"\tau_{\mathrm{w}}",
        "training time at which the gain of a mode is learned", "1/data unit squared")
