"""Letters that several chapters of one part of the book share."""

from .core import Core
from .letter import STD, data, sampling, training


class Foundations(Core):
    """Letters of the foundations."""

    part = "foundations"

    kurtosis = data("kurt", r"\mathrm{kurt}", "excess kurtosis: 0 for a Gaussian", real=True)


class TrainingTime(Core):
    """Letters of the part on training time."""

    part = "training-time"

    c = training("c", "c", "training clock", "1/data unit squared",
        definition=2 * Core.eta * Core.tau, definition_latex=r"2\eta\tau")
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
