"""A probe after training: stored networks, one after the other."""

import re
import warnings
from collections.abc import Iterable
from glob import glob, has_magic
from os import PathLike
from pathlib import Path

from .._check import choice, integer

ENDING = re.compile(r"\.[A-Za-z]\w*$")
AFTER_STEP = re.compile(r"step[s=_-]*(\d+)", re.IGNORECASE)
WHOLE = re.compile(r"(?<![\dvV])(?<!\d\.)\d+(?!\d)(?!\.\d)")  # no decimals, no version as in "v2"


def probe_checkpoints(probe, paths, load, *, step=None, errors="warn", progress=False):
    """Show a probe all networks of a folder, in the order of their steps.

    All of them are measured, whatever `record` and `budget` of the probe say. Show it the
    untrained network as step 0, too, if no file holds it: emergence is counted from there.

    Parameters
    ----------
    probe : Probe
        Made of the spectrum of the data.
    paths : str, Path or sequence of them
        A folder: all files and folders in it, but not in its subfolders. A pattern such as
        ``"run/checkpoint-*"``. Or a sequence of files, folders that are one checkpoint each.
    load : callable
        ``load(path)`` returns the model ``D(x, sigma)``, as for `Probe.measure`. It may load into
        the same network each time.
    step : callable, optional
        ``step(path)`` returns the number of training steps. By default it is read from the name:
        the last whole number after "step", or else the last one, as in ``ckpt_001000.pt``,
        ``epoch=3-step=1000.ckpt`` or ``checkpoint-1000``. Times have the unit of these numbers.
    errors : {"warn", "raise"}
        What to do with names without a number and files that `load` cannot read: leave them out,
        with one warning that counts them, or stop. If nothing is left it stops in any case.
    progress : bool
        Show a bar.

    Raises
    ------
    ValueError
        If there are no files, two have the same step, or the model cannot be measured: what was
        measured before stays in the probe.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np, torch
    >>> from specbook.experiments import Probe, from_denoiser
    >>> from specbook.spectrum import Spectrum
    >>> def load(path):
    ...     net = torch.nn.Linear(3, 3, bias=False)
    ...     net.load_state_dict(torch.load(path))
    ...     return from_denoiser(lambda x, sigma: net(x) / (1 + sigma[:, None] ** 2))
    >>> probe = Probe(Spectrum(np.zeros(3), np.ones(3), np.eye(3)), latents=8, dtype=torch.float32)
    >>> with TemporaryDirectory() as folder:
    ...     for step in (0, 500, 1000):
    ...         torch.save({"weight": step / 1000 * torch.eye(3)}, f"{folder}/net_{step:06}.pt")
    ...     probe_checkpoints(probe, folder, load)
    >>> probe.steps
    array([   0,  500, 1000])
    """
    choice("errors", errors, ("warn", "raise"))
    for name, value in (("load", load), ("step", step)):
        if not callable(value) and (value is not None or name == "load"):
            raise ValueError(f"{name} must be a function of a path, not {type(value).__name__}")
    failed, read = {}, 0
    every = sorted(_steps(_found(paths), step, errors, failed).items())
    if progress:
        from tqdm import tqdm

        every = tqdm(every, unit="checkpoint")
    for at, path in every:
        try:
            model = load(path)
        except Exception as error:  # files may be broken in any way
            error.add_note(f"while {path} was loaded")
            if errors == "raise":
                raise
            failed[path] = error
            continue
        try:
            probe.measure(model, at, always=True)
        except Exception as error:
            error.add_note(f"while {path} was measured")
            raise
        model, read = None, read + 1  # its memory is free before the next one is loaded
    if failed:
        _report(failed, read)


def _report(failed, read):
    """Warn of what was left out, or raise ``ValueError`` if nothing was read."""
    names = [path.name for path in failed]
    first, kinds = next(iter(failed.values())), {}
    for path, error in failed.items():  # one file for each kind of error
        kinds.setdefault(type(error), f"{path.name}: {type(error).__name__}: {error}")
    why = "; ".join(kinds.values())
    if not read:
        raise ValueError(f"paths: none of {len(failed)} can be used; {why}") from first
    shown = ", ".join(names[:5]) + ", ..." * (len(names) > 5)
    warnings.warn(
        f"{len(failed)} of {len(failed) + read} paths were left out ({shown}). {why}",
        UserWarning, stacklevel=3,
    )


def _found(paths):
    """All paths that are meant, or ``ValueError``."""
    if not isinstance(paths, str | PathLike):
        given = list(paths) if isinstance(paths, Iterable) else [paths]
        for path in given:
            if not isinstance(path, str | PathLike):
                raise ValueError(f"paths must be names of files, not {type(path).__name__}")
        found = [Path(path).expanduser() for path in given]
        if lost := [str(path) for path in found if not path.exists()]:
            raise ValueError(f"paths: {lost[0]!r} does not exist")
    else:
        place = Path(paths).expanduser()
        if place.is_dir():
            found = sorted(path for path in place.iterdir() if path.name[0] != ".")
        elif place.is_file():
            found = [place]
        elif has_magic(str(place)):
            found = sorted(map(Path, glob(str(place), recursive=True)))
        else:
            raise ValueError(f"paths: {str(paths)!r} does not exist")
    if not found:
        raise ValueError(f"paths: {str(paths)!r} holds no checkpoint")
    return found


def _steps(paths, step, errors, failed):
    """Paths by their steps; those without one go to `failed`."""
    found = {}
    for path in paths:
        try:
            at = _step_of_name(path.name) if step is None else step(path)
        except ValueError as error:
            if errors == "raise" or step is not None:
                raise
            failed[path] = error
            continue
        at = integer(f"step of {path.name}", at, low=0)
        if at in found:
            raise ValueError(
                f"paths: {found[at].name} and {path.name} have the same step, {at}: give a pattern"
                " that matches one of them, or step=, a function of a path"
            )
        found[at] = path
    return found


def _step_of_name(name):
    stem = ENDING.sub("", name)
    numbers = AFTER_STEP.findall(stem) or WHOLE.findall(stem)
    if not numbers:
        raise ValueError(
            "paths must have their step in their names, such as net_1000.pt, or give step=, a"
            " function of a path"
        )
    return int(numbers[-1])
