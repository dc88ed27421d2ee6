"""Which law to hold beside a model, by what its network predicts."""

import numpy as np

from .._check import choice
from .deep_linear import deep_linear
from .linear import linear
from .parametrisation import SCALES, Parametrisation
from .preconditioned import behind, network, preconditioned
from .two_layer import two_layer

KINDS = ("epsilon", "v", "x0", "velocity", "edm")


def for_model(
    kind, variances, eta=1.0, *, sigma_data=0.5, layers=1, start=None, imbalance=0.0,
    scale="preserving",
):
    """Law of the linear network that a model would be, by what its network predicts.

    The denoiser is D(x; sigma) = c_skip x + c_out F(c_in x) with one linear network F, a product
    of matrices, for each noise level. F is trained on the squared error of what it predicts, as
    people do; for D this is the weight 1 / c_out**2.

    ============== ======================================== ===================== ============
    kind           F predicts                               F sees                gain of D at
                                                                                  F = 0
    ============== ======================================== ===================== ============
    "epsilon"      noise z of x = x0 + sigma z              a x, or x             1
    "v"            a z - a sigma x0                         a x                   a**2
    "x0"           clean data x0                            x                     0
    "velocity"     x0 - z                                   t x, t = 1/(1+sigma)  t
    "edm"          what c_skip x lacks, in units of c_out   x / hypot(sigma,      c_skip
                                                            sigma_data)
    ============== ======================================== ===================== ============

    a is 1 / sqrt(1 + sigma**2), the factor of the data in a variance-preserving process.

    Parameters
    ----------
    kind : {"epsilon", "v", "x0", "velocity", "edm"}
        What F predicts.
    variances : array_like, shape (mode,), or scalar
        Variance of the data along each mode, not negative, in squared units of the data that the
        model is trained on.
    eta : float
        Learning rate of gradient flow, positive. Laws depend on eta * tau alone.
    sigma_data : float
        For "edm": standard deviation that its scalings assume for the data.
    layers : int
        Number of layers of F, at least 1; with the same weight along a mode but for `imbalance`.
    start : array_like, shape (mode,), or scalar, optional
        Size of the gain of F before training, the same at all noise levels, not negative; its
        sign is that of what it will learn at that level. Not given it is 0. Two or more layers
        need it above 0, because 0 is a fixed point. For "x0" it is the gain itself.
    imbalance : array_like, shape (mode,), or scalar
        For two layers: difference of their squared weights along the mode, not negative. Where it
        is positive, `start` may be 0.
    scale : {"preserving", "exploding"}
        For "epsilon": F sees a x, as in DDPM, or x itself.

    Returns
    -------
    DeepPreconditionedLaw, PreconditionedLaw, LinearLaw, LogisticLaw, RiccatiLaw or DeepLaw
        With the methods `gain`, `generated_variance`, `emergence_time` and `kl` of `linear`. For
        "edm" and "v" it is that of `preconditioned`, for "x0" that of `linear`, `two_layer`
        without ties or `deep_linear`.

    Raises
    ------
    ValueError
        If an argument is empty, NaN, infinite, negative or of the wrong shape, or given to a kind
        that has none, or start 0 where nothing could be learned.

    Notes
    -----
    The rate of one layer is 2 eta c_in**2 (variance + sigma**2); more layers are driven by
    c_in / c_out (variance - c_skip (variance + sigma**2)), their cross term (eq-precond-flow). For
    "epsilon" it is c_in sigma: *the same for all modes*. For "v" it is that of "edm" with
    sigma_data = 1 but for its sign, so that both laws are one. For "velocity" it changes its sign
    at sigma = variance. Velocities are the law of `flow_matching` at t = 1 / (1 + sigma). Kinds:
    Karras et al., arXiv:2206.00364, table 1; Salimans & Ho, arXiv:2202.00512; Lipman et al.,
    arXiv:2210.02747.

    Examples
    --------
    >>> law = for_model("epsilon", [1.0, 0.01])
    >>> law.gain(1.0, [0.0, 1.0, np.inf]).round(3)
    array([[1.   , 1.   ],
           [0.568, 0.371],
           [0.5  , 0.01 ]])
    >>> for_model("velocity", [1.0, 0.01], layers=2, start=0.01).gain(0.1, [0.0, np.inf]).round(3)
    array([[0.91 , 0.908],
           [0.99 , 0.5  ]])
    """
    choice("kind", kind, KINDS)
    if choice("scale", scale, SCALES) != SCALES[0] and kind != "epsilon":
        raise ValueError(f"scale is for kind='epsilon', not for {kind!r}")
    if kind == "edm":
        return preconditioned(variances, eta, sigma_data, layers, start, imbalance)
    if not np.array_equal(sigma_data, 0.5):
        raise ValueError(f"sigma_data is for kind='edm', not for {kind!r}")
    if kind == "v":  # -F is what EDM's network would be
        return preconditioned(variances, eta, 1.0, layers, start, imbalance)
    if kind != "x0":
        chosen = Parametrisation(kind, scale=scale if kind == "epsilon" else None)
        return behind(chosen, variances, eta, layers, start, imbalance)
    network(variances, layers, start, imbalance)
    start = 0.0 if start is None else start
    if layers == 1:
        return linear(variances, eta, start)
    if layers == 2:
        return two_layer(variances, eta, q0=start, tied=False, imbalance=imbalance)
    return deep_linear(variances, layers, eta, q0=start)
