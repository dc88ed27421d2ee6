"""Where a model is called to be measured."""

import numpy as np
import torch

CHUNK = 1024  # points in one call of the model


class Caller:
    """A model as a function of NumPy arrays, in eval mode and without gradients.

    As a context it puts the model into eval mode, and leaves modes and torch's global random
    numbers as they were: measuring must not change the training that goes on afterwards.

    Parameters
    ----------
    model : callable
        ``D(x, sigma)``. Of a method of a module, such as ``net.forward``, the module counts.
    device, dtype : optional
        By default those of the model's first weight, or the CPU and float64 if it has none;
        float32 instead of float64 on MPS.
    """

    def __init__(self, model, device=None, dtype=None):
        if not callable(model):
            raise ValueError(f"model must be a callable D(x, sigma), not {type(model).__name__}")
        self.model, self.parts, self.single = model, [], None
        owner = model if isinstance(model, torch.nn.Module) else getattr(model, "__self__", None)
        weights = []
        if isinstance(owner, torch.nn.Module):
            self.parts = [(part, part.training) for part in owner.modules()]
            weights = [*owner.parameters(), *owner.buffers()]
        like = next((w for w in weights if w.is_floating_point()), torch.empty(0).double())
        self.device = torch.device(device or like.device)
        lacking = self.device.type == "mps" and like.dtype == torch.float64
        self.dtype = dtype or (torch.float32 if lacking else like.dtype)

    def __enter__(self):
        self.random = torch.get_rng_state(), None
        if self.device.type == "cuda":
            self.random = self.random[0], torch.cuda.get_rng_state(self.device)
        elif self.device.type == "mps":
            self.random = self.random[0], torch.mps.get_rng_state()
        for part, _ in self.parts:
            part.training = False
        return self

    def __exit__(self, *error):
        for part, training in self.parts:
            part.training = training
        torch.set_rng_state(self.random[0])
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(self.random[1], self.device)
        elif self.device.type == "mps":
            torch.mps.set_rng_state(self.random[1])

    @torch.no_grad()
    def __call__(self, x, sigma):
        """Answers for `x`, shape (n, d), at one noise level; both as float64."""
        out = np.empty(x.shape)
        for start in range(0, len(x), CHUNK):
            out[start : start + CHUNK] = self._answer(x[start : start + CHUNK], float(sigma))
        if not np.isfinite(out).all():
            raise ValueError(f"model returned NaN or infinity at noise level {sigma:g}")
        return out

    def _answer(self, x, sigma):
        failed = {}
        # one noise level as a single number, or, as `train` does, one for each point
        for single in (True, False) if self.single is None else (self.single,):
            shape = () if single else (len(x),)
            try:
                # copies, since the model may work in place
                points = torch.from_numpy(x).to(self.device, self.dtype, copy=True)
                level = torch.full(shape, sigma, dtype=self.dtype, device=self.device)
                out = self.model(points, level)
            except (RuntimeError, TypeError, ValueError, IndexError, AssertionError) as error:
                failed[shape] = error
                continue
            self.single = single
            return _numbers(out, x.shape)
        hint = "" if self.parts else (
            ". A function hides its network: give the network itself, or from_denoiser(network,"
            " shape=...); or tell the probe device and dtype"
        )
        raise ValueError(
            f"model cannot be called with x of shape {x.shape}, as spectrum asks, and"
            f" {self.dtype} on {self.device}: "
            + "; ".join(f"with sigma of shape {shape}, {e}" for shape, e in failed.items())
            + hint
        ) from next(iter(failed.values()))

    def wait(self):
        """Return when the device has done what was asked of it before."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()


def _numbers(out, shape):
    """A model's answer as float64, or ``ValueError`` if it has another shape."""
    if isinstance(out, np.ndarray):
        out = torch.from_numpy(out)
    if not torch.is_tensor(out) or out.shape != shape:
        found = tuple(out.shape) if torch.is_tensor(out) else type(out).__name__
        raise ValueError(f"model must return shape {shape}, as spectrum, not {found}")
    return out.detach().cpu().double().numpy()
