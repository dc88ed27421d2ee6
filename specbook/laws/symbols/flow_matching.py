"""Symbols of the chapter flow-matching."""

import sympy as sp

from .basics import lam
from .notation import DATA_UNIT, VAR, Notation, positive

t, t_next, lam_t, lam_x = positive("t t_next lambda_t lambda_x")
x_t, v, dx_dt = sp.symbols("x_t v dx_dt", real=True)
w_v, w_v_star, w_v_next, dwv_dtau = sp.symbols("w_v w_v_star w_v_next dwv", real=True)

TRAINING = (
    Notation(x_t, "x_t", "noisy data of flow matching, at time t of the path", DATA_UNIT),
    Notation(lam_t, r"\lambda_t", "its variance along a mode", VAR, "",
             t**2 * lam + (1 - t) ** 2, r"t^2\lambda + (1 - t)^2"),
    Notation(v, "v", "velocity: what the network of flow matching answers", DATA_UNIT),
    Notation(w_v, r"w_{\mathrm{v}}", "velocity gain: weight of the velocity along a mode", "",
             "gain"),
    Notation(w_v_star, r"w_{\mathrm{v}\star}", "velocity gain of the best linear velocity"),
    Notation(dwv_dtau, r"\frac{dw_{\mathrm{v}}}{d\tau}", "rate of change of the velocity gain"),
    Notation(lam_x, r"\lambda_x", "mean square of the network's input along a mode, times the"
             " weight of its loss", VAR),
)

SAMPLING = (
    Notation(t, "t", "time of flow matching: 0 is noise, 1 is data", "", "t"),
    Notation(t_next, "t'", "next time of the sampler"),
    Notation(dx_dt, r"\frac{dx_t}{dt}", "slope of the path of a sample"),
    Notation(w_v_next, r"w_{\mathrm{v}}'", "velocity gain at the next time of the sampler"),
)
