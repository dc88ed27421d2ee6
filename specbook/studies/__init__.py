"""Long experiments of the book, each declared in a module of its own, with stored results."""

from importlib import import_module as _import_module
from pathlib import Path
from pkgutil import iter_modules as _iter_modules

from ._experiment import Experiment, Result, is_stored, read
from ._perform import perform
from ._plan import plan

RESULTS = Path(__file__).parent / "results"


def names():
    """Names of the declared experiments.

    Returns
    -------
    list of str
    """
    found = (module.name for module in _iter_modules(__path__))
    return sorted(name for name in found if not name.startswith("_"))


def experiment(name):
    """A declared experiment, or ``ValueError`` that lists what there is.

    Parameters
    ----------
    name : str
        Of a module of this package, which holds it as ``EXPERIMENT``.

    Returns
    -------
    Experiment
    """
    if not isinstance(name, str) or name not in names():
        known = ", ".join(names()) or "none"
        raise ValueError(f"name: there is no experiment {name!r}; there are: {known}")
    return _import_module(f"{__name__}.{name}").EXPERIMENT


def folder():
    """Where `specbook run` puts results.

    Returns
    -------
    Path
        Inside the package if that is a checkout of the repository, where results are committed;
        otherwise ``specbook-results`` in the working directory.
    """
    checkout = (RESULTS.parents[2] / "pyproject.toml").is_file()
    return RESULTS if checkout else Path.cwd() / "specbook-results"


def load(name, preset="book", folder=None):
    """The stored result of a declared experiment, refused if code or settings have changed.

    Parameters
    ----------
    name : str
        Which experiment.
    preset : {"quick", "book", "gpu"}
        Which of its lists of runs.
    folder : path, optional
        Where `specbook run` has put it; by default the results that come with the package.

    Returns
    -------
    Result
    """
    return read(experiment(name), preset, folder=RESULTS if folder is None else folder)
