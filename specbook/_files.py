"""Files that are written whole or not at all, and that are known by what they hold."""

import hashlib
import io
import json
import os
import platform
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np

STALE = 60  # seconds: no file takes as long to be written


def write(path, content):
    """Replace the file at `path` by `content` (bytes) in one step.

    A kill at any moment leaves the old file or the new one, whole.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{path.name}.*.part"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > STALE:  # of a process that was killed
                left.unlink()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def digest(*parts):
    """SHA-256 of bytes, arrays and tensors, as hexadecimal; of one piece of bytes its own."""
    out = hashlib.sha256()
    for part in parts:
        if not isinstance(part, bytes):
            part = part.detach().cpu().numpy() if hasattr(part, "detach") else np.asarray(part)
            part = f"{part.dtype}{part.shape}".encode() + part.tobytes()
        out.update(part)
    return out.hexdigest()


def packed(arrays):
    """Arrays by their names as the bytes of an ``.npz`` file, without pickles."""
    arrays = {name: np.asarray(value) for name, value in arrays.items()}
    odd = [name for name, value in arrays.items() if value.dtype.kind not in "biufUS"]
    if odd:
        raise ValueError(f"a result must hold arrays of numbers or text, {odd[0]} does not")
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def unpacked(path, sha256=None):
    """The arrays of an ``.npz`` file by their names.

    Parameters
    ----------
    path : path
    sha256 : str, optional
        Digest that the file must have.

    Returns
    -------
    dict of ndarray

    Raises
    ------
    ValueError
        If the file is truncated or is not the one that `sha256` belongs to.
    """
    path = Path(path)
    content = path.read_bytes()
    if sha256 is not None and digest(content) != sha256:
        raise ValueError(f"{path.name} is not the file that its provenance describes")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path.name} cannot be read: it is truncated or no .npz file") from error


def as_json(content):
    """A dict of plain values as the bytes of a JSON file."""
    return (json.dumps(content, indent=1) + "\n").encode()


def read_json(path):
    """The dict in a JSON file, or ``ValueError`` that names the file."""
    path = Path(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} cannot be read: it is truncated") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} holds no provenance")
    return found


def versions():
    """Versions of what computes, and the kind of machine; nothing that names a person."""
    loaded = {
        name: sys.modules[name].__version__
        for name in ("specbook", "numpy", "scipy", "torch")
        if name in sys.modules
    }
    return {"python": platform.python_version(), **loaded, "machine": platform.machine()}
