"""Checkpoints: the state of a training, written whole or not at all, read without running code."""

import io
import json
from dataclasses import asdict

import torch

from .. import _files

FORMAT = "specbook training 1"


def save(run, path):
    """Write the state of a `step.Run` in place of what stands at `path`."""
    stream = io.BytesIO()
    torch.save(
        {
            "format": FORMAT,
            "settings": _settings(run),
            "start": run.start,
            "step": run.step,
            "rng": json.dumps(run.rng.bit_generator.state),
            "denoiser": run.denoiser.state_dict(),
            "optimiser": run.optimiser.state_dict(),
            "average": None if run.model is run.denoiser else run.model.state_dict(),
        },
        stream,
    )
    _files.write(path, stream.getvalue())


def restore(run, path, steps):
    """Let `run` go on from the checkpoint at `path`, or ``ValueError`` and nothing is changed."""
    state = read(path, run.x.device)
    wanted = _settings(run)
    if _files.digest(*state["denoiser"].values())[:16] != run.start:  # else it is the trained one
        wanted |= {"initial weights": run.start}
    same_run(path, state["settings"] | {"initial weights": state["start"]}, wanted)
    if state["step"] > steps:
        raise ValueError(
            f"steps is {steps}, but checkpoint {str(path)!r} stands at step {state['step']}"
        )
    run.denoiser.load_state_dict(state["denoiser"])
    run.optimiser.load_state_dict(state["optimiser"])
    if run.model is not run.denoiser:
        run.model.load_state_dict(state["average"])
    run.rng.bit_generator.state = json.loads(state["rng"])
    run.step, run.start = state["step"], state["start"]


def _settings(run):
    shapes = [f"{k}{tuple(v.shape)}" for k, v in run.denoiser.state_dict().items()]
    trained = [k for k, p in run.denoiser.named_parameters() if p.requires_grad]
    return asdict(run.settings) | {
        "log_sigma": list(run.settings.log_sigma),
        "data": _files.digest(run.x)[:16],
        "denoiser": "; ".join(shapes),
        "architecture": str(run.denoiser),
        "trained weights": "; ".join(trained),
    }


def read(path, device):
    """The state at `path`, or ``ValueError`` that names the file; the file stays as it is."""
    advice = "move it away, or start over with resume=False"
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises many kinds, by how a file is broken
        raise ValueError(
            f"checkpoint {str(path)!r} cannot be read: it is truncated or was not written by train"
            f" ({type(error).__name__}); {advice}"
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ValueError(f"checkpoint {str(path)!r} was not written by train; {advice}")
    return state


def same_run(path, saved, settings):
    """Raise ``ValueError`` if the checkpoint at `path` was `saved` with other `settings`."""
    changed = [
        f"{name} was {saved.get(name)!r}, is {value!r}"
        for name, value in settings.items()
        if saved.get(name) != value
    ]
    if changed:
        raise ValueError(
            f"checkpoint {str(path)!r} belongs to another run: {'; '.join(changed)}."
            " Give another path, or start over with resume=False"
        )
