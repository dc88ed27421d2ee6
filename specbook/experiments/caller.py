"""Where a model is called to be measured."""

import numpy as np
import torch

from .modules_behind import modules_behind

CHUNK = 1024  # points in one call of the model


class Caller:
    """A model as a function of NumPy arrays, in eval mode and without gradients.

    As a context it puts the model into eval mode, and leaves modes and torch's global random
    numbers as they were: measuring must not change the training that goes on afterwards.

    Parameters
    ----------
    model : callable
        ``D(x, sigma)``. Of a function, such as a lambda, the networks count that it calls: see
        `modules_behind`.
    device, dtype : optional
        By default those of the model's first weight, or the CPU and float64 if it has none;
        float32 instead of float64 on MPS.

    Notes
    -----
    An error of the model stays as it is, with a note that says how the model was called.
    """

    def __init__(self, model, device=None, dtype=None):
        if not callable(model):
            raise ValueError(f"model must be a callable D(x, sigma), not {type(model).__name__}")
        self.model, self.single, networks = model, None, modules_behind(model)
        self.parts = [(part, part.training) for net in networks for part in net.modules()]
        weights = [w for net in networks for w in (*net.parameters(), *net.buffers())]
        weights = [w for w in weights if w.is_floating_point()]
        self.guessed = not weights and dtype is None
        like = next(iter(weights), torch.empty(0).double())
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
            except Exception as error:
                failed[shape] = error
                continue
            self.single = single
            return _numbers(out, x.shape)
        # that of the call which came further; if both stopped at one place, the last
        shape = max(reversed(failed), key=lambda tried: _progress(failed[tried]))
        failed[shape].add_note(self._note(x, shape, failed))
        raise failed[shape]

    def _note(self, x, shape, failed):
        hint = "" if not self.guessed else (
            "No weights were found behind the model, which decide dtype and device: give the"
            " network itself, or from_denoiser(network, shape=...); or give dtype and device. "
        )
        said = {tried: f"{type(error).__name__}: {error}" for tried, error in failed.items()}
        others = (
            f"; with sigma of shape {tried}: {'the same' if text == said[shape] else text}"
            for tried, text in said.items() if tried != shape
        )
        return (
            f"{hint}The model was called with x of shape {x.shape}, as the spectrum asks, and"
            f" {self.dtype} on {self.device}, and sigma of shape {shape}{''.join(others)}."
        )

    def wait(self):
        """Return when the device has done what was asked of it before."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()


def _progress(error):
    """How far a call came, for comparison: the place reached in each function, outermost first."""
    places, trace = [], error.__traceback__
    while trace is not None:
        places.append(trace.tb_lasti)
        trace = trace.tb_next
    return places


def _numbers(out, shape):
    """A model's answer as float64, or ``ValueError`` if it has another shape."""
    if isinstance(out, np.ndarray):
        out = torch.from_numpy(out)
    if not torch.is_tensor(out) or out.shape != shape:
        found = tuple(out.shape) if torch.is_tensor(out) else type(out).__name__
        raise ValueError(f"model must return shape {shape}, as spectrum, not {found}")
    return out.detach().cpu().double().numpy()
