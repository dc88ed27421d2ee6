"""Results of long experiments: written whole or not at all, refused when their code has changed."""

import ast
import hashlib
import inspect
import io
import json
import os
import platform
import textwrap
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np

STALE = 60  # seconds: no file takes as long to be written
DOCUMENTED = ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef


def source_hash(*parts):
    """Hash of code, without docstrings, comments and layout, and of plain values.

    Parameters
    ----------
    *parts : module, function, class or plain value
        What a result depends on. The hash of code is the same in all versions of Python.

    Returns
    -------
    str
        Hexadecimal.
    """
    out = hashlib.sha256()
    for part in parts:
        if not (inspect.ismodule(part) or inspect.isclass(part) or inspect.isfunction(part)):
            out.update(repr(part).encode())
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(part)))
        for node in ast.walk(tree):
            if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
                del node.body[0]
        out.update(_dump(tree).encode())
    return out.hexdigest()


def _dump(node):
    """A syntax tree as text. Empty fields are left out: newer Pythons have more of them."""
    if isinstance(node, list):
        return "[" + ",".join(map(_dump, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = ((k, v) for k, v in ast.iter_fields(node) if v is not None and v != [])
    return f"{type(node).__name__}({','.join(f'{k}={_dump(v)}' for k, v in fields)})"


def write(path, content):
    """Replace the file at `path` by `content` (bytes) in one step."""
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


def packed(arrays):
    """Arrays by their names as the bytes of an ``.npz`` file, without pickles."""
    arrays = {name: np.asarray(value) for name, value in arrays.items()}
    odd = [name for name, value in arrays.items() if value.dtype.kind not in "biufUS"]
    if odd:
        raise ValueError(f"a result must hold arrays of numbers or text, {odd[0]} does not")
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def unpacked(path, digest=None):
    """The arrays of an ``.npz`` file by their names.

    Parameters
    ----------
    path : path
    digest : str, optional
        SHA-256 that the file must have.

    Returns
    -------
    dict of ndarray

    Raises
    ------
    ValueError
        If the file is truncated or is not the one that `digest` belongs to.
    """
    content = Path(path).read_bytes()
    if digest is not None and hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{Path(path).name} is not the file that its provenance describes")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{Path(path).name} cannot be read: it is truncated or no .npz file"
        ) from error


def versions():
    """Versions of what computes, and the kind of machine; nothing that names a person."""
    import scipy
    import torch

    from .. import __version__

    return {
        "specbook": __version__, "python": platform.python_version(), "numpy": np.__version__,
        "scipy": scipy.__version__, "torch": torch.__version__, "machine": platform.machine(),
    }


def read_json(path):
    """The content of a JSON file, or ``ValueError`` that names it."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{Path(path).name} cannot be read: it is truncated") from error
    if not isinstance(found, dict):
        raise ValueError(f"{Path(path).name} holds no provenance")
    return found
