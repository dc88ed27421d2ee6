"""Checkpoints of training: written whole or not at all, read without running code."""

import hashlib
import os
from pathlib import Path

import torch

FORMAT = "specbook training 1"


def digest(tensors):
    """A short hash of tensors, their order, types and shapes."""
    out = hashlib.sha256()
    for tensor in tensors:
        tensor = tensor.detach().cpu().contiguous()
        out.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
        out.update(tensor.flatten().view(torch.uint8).numpy().tobytes())
    return out.hexdigest()[:16]


def write(path, state):
    """Write `state`, a dict of tensors and plain values, in place of what stands at `path`.

    A kill at any moment leaves the old file or the new one, whole.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with open(part, "wb") as file:
        torch.save({"format": FORMAT, **state}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


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
