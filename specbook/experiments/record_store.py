"""A record on disk: arrays with their settings in one file, a summary to read in another."""

import json
from pathlib import Path

import numpy as np

from .. import _files
from ..sampler import Sampling


def _paths(path):
    path = Path(path)
    stem = path.with_suffix("") if path.suffix in (".npz", ".json") else path
    return stem.with_name(stem.name + ".npz"), stem.with_name(stem.name + ".json")


def need_folder(path):
    """Raise ``ValueError`` if the folder of a file to be written does not exist."""
    if not path.parent.is_dir():
        raise ValueError(f"path: there is no folder {str(path.parent)!r}; make it first")


def write(record, path):
    """Write a record; see `Record.save`."""
    npz, beside = _paths(path)
    need_folder(npz)
    how = {"mode": record.mode, "sampling": vars(record.sampling)}
    about = {"record": how} | record.about
    arrays = {name: record.column(name) for name in record.names if record.found}
    arrays |= {"steps": record.steps, "targets": record.targets}
    _files.write(npz, _files.packed(arrays | {"about": np.array(json.dumps(about))}))
    about |= {"steps": record.steps.tolist(), "versions": _files.versions()}
    _files.write(beside, _files.as_json(about))


def read(path, kind):
    """A record of a kind from its file, or ``ValueError`` that names `path`."""
    npz, _ = _paths(path)
    try:
        arrays = _files.unpacked(npz)
    except OSError:
        raise ValueError(f"path {str(npz)!r} cannot be read: there is no such file") from None
    except ValueError as error:
        raise ValueError(f"path: {error}") from None
    try:
        about = json.loads(arrays["about"].item())
        how = about.pop("record")
        if how["sampling"]["sigmas"] is not None:
            how["sampling"] = {k: how["sampling"][k] for k in ("sigmas", "method")}
        record = kind(arrays["targets"], Sampling(**how["sampling"]), how["mode"])
        modes, levels = record.targets.size, record.levels.size
        shapes = {"gain": (levels, modes), "explained": (levels, modes), "alignment": (levels,)}
        shapes |= {"sampled": (modes,)}
        for name, axis in record.names.items() if arrays["steps"].size else ():
            each = np.moveaxis(arrays[name], axis, 0)
            for step, value in zip(arrays["steps"].tolist(), each, strict=True):
                if value.shape != shapes.get(name, ()):
                    raise ValueError(name)
                record.found.setdefault(step, {})[name] = value
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"path: {npz.name} is not what a probe has saved") from error
    record.about = about
    return record
