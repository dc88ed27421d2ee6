"""Networks behind EDM's preconditioning as denoisers D(x, sigma)."""

import torch

from .._check import scalar
from ..noise import edm_scalings
from .adapters_base import Adapter


def from_edm(net, *, sigma_data=0.5, shape=None, layout=None, sigma_range=None):
    """A denoiser from the network F behind EDM's preconditioning.

    Parameters
    ----------
    net : callable
        ``net(c_in x, c_noise)`` with its first argument of shape (N, d) and c_noise, that is
        ln(sigma) / 4, of shape (N,) returns F, shape (N, d). A network that wants more goes in as
        ``lambda x, c_noise: net(x, c_noise, class_labels)``. A model that is preconditioned
        already, ``D(x, sigma)``, is one for `from_denoiser`.
    sigma_data : float
        Standard deviation that the scalings assume for the data, as in training.
    shape : tuple of int, optional
        Shape of one data point for the model, such as (channels, height, width). By default (d,).
    layout, sigma_range : optional
        As for `from_denoiser`. EDM draws ln(sigma) from a normal distribution of mean -1.2 and
        standard deviation 1.2; few levels lie outside two and a half of these, 0.015 to 6.

    Returns
    -------
    Adapter
        ``D(x, sigma) = c_skip x + c_out F``.

    Notes
    -----
    Karras et al., arXiv:2206.00364, table 1: `specbook.noise.edm_scalings`. Networks of this
    package are wrapped by `Preconditioned`, which trains, too.

    Examples
    --------
    >>> denoiser = from_edm(lambda x, c_noise: 0 * x)  # a fresh network says nothing
    >>> denoiser(torch.ones(1, 2), 0.5)
    tensor([[0.5000, 0.5000]])
    """
    sigma_data = scalar("sigma_data", sigma_data, above=0)

    def scaling(which):
        def of(sigma):
            levels = sigma.detach().cpu().double().numpy()
            found = torch.from_numpy(edm_scalings(levels, sigma_data)[which])
            return found.to(sigma.device, sigma.dtype)

        return of

    skip, out, into, label = map(scaling, range(4))
    return Adapter(
        net, into, label, skip, out, shape=shape, layout=layout, sigma_range=sigma_range
    )
