"""Letters that mean the same in every part of the book."""

from .letter import DATA_UNIT, STD, VAR, data, measuring, sampling, training
from .operators import MODE


class Core:
    """The letters of all parts. A part adds its own, and a chapter those that it alone uses."""

    part = ""

    x_0 = data("x_0", "x_0", "clean data point (or its coordinate along a mode)", DATA_UNIT,
        real=True)
    lam = data("lambda", r"\lambda", "variance of the data along a mode", VAR, "variances",
        index=MODE)
    lam_max = data("lambda_max", r"\lambda_{\max}", "largest mode variance", VAR)
    mu = data("mu", r"\mu", "mean of the data along a mode", DATA_UNIT, "mean", real=True,
        index=MODE)
    sig = data("sigma", r"\sigma", "noise level: standard deviation of the noise", STD, "sigma")
    dim = data("d", "d", "dimension of the data: numbers in one image")
    Sigma = data("Sigma", r"\Sigma", "covariance matrix of the data", VAR, real=True)
    D = training("D", "D", "denoiser, an estimate of the clean data point", DATA_UNIT, real=True)
    w = training("w", "w", "gain: weight of the denoiser along a mode", code="gain", index=MODE)
    b = training("b", "b", "bias of the denoiser along a mode", DATA_UNIT, "bias", real=True)
    q_0 = training("q_0", "q_0", "gain before training", code="q0")
    b_0 = training("b_0", "b_0", "bias before training", DATA_UNIT, "b0", real=True)
    w_star = training("w_star", r"w_\star", "gain of the best linear denoiser", index=MODE)
    loss = training("L", r"\mathcal{L}", "denoising loss of one mode at one noise level", VAR)
    eta = training("eta", r"\eta", "learning rate of gradient flow", code="eta")
    tau = training("tau", r"\tau", "training time of gradient flow", "1/data unit squared", "tau")
    W = training("W", "W", "weight matrix of a linear denoiser, at one noise level", real=True)
    x = sampling("x", "x", "state of the sampler (or its coordinate along a mode)", DATA_UNIT, "x",
        real=True)
    sig_0 = sampling("sigma_0", r"\sigma_0", "noise level at which the sampler stops", STD,
        "sigma_min")
    sig_T = sampling("sigma_T", r"\sigma_T", "noise level at which the sampler starts", STD,
        "sigma_max")
    lam_gen = sampling("lambda_gen", r"\tilde\lambda", "variance of generated samples along a mode",
        VAR, "generated_variance")
    lam_start = sampling("lambda_start", r"\tilde\lambda_{\mathrm{start}}",
        "the same before training", VAR)
    lam_end = sampling("lambda_end", r"\tilde\lambda_{\mathrm{end}}",
        "the same after endless training", VAR)
    mu_gen = sampling("mu_gen", r"\tilde\mu", "mean of generated samples along a mode", DATA_UNIT,
        "generated_mean")
    kl = measuring("KL", r"\mathrm{KL}", "divergence of generated from data distribution, one mode",
        "nat", "kl")
    kl_reverse = measuring("KL_reverse", r"\mathrm{KL}_{\mathrm{rev}}",
        "divergence of data from generated distribution, one mode", "nat", "kl")
    tau_star = measuring("tau_star", r"\tau_\star",
        "emergence time: when a mode crosses its threshold")
