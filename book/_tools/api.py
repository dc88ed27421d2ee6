"""What of the package is public, and so has to be documented."""

import inspect
from importlib import import_module

# In the order of the pages; a test compares with the parts that `specbook` names.
MODULES = (
    "specbook.noise", "specbook.sampler", "specbook.spectrum", "specbook.stationary",
    "specbook.data", "specbook.measure", "specbook.laws", "specbook.theory",
    "specbook.experiments", "specbook.studies", "specbook.reading",
)
BESIDE = {"specbook.laws": ("specbook.laws.symbols.Notation", "specbook.laws.law.lines")}


def submodules(module):
    """Modules that a package offers in its ``__all__``: ``specbook.theory.smoothing``."""
    home = import_module(module)
    if module == "specbook.laws":  # its modules hold laws, which have a page of their own
        return []
    names = getattr(home, "__all__", ())
    return [f"{module}.{n}" for n in names if inspect.ismodule(getattr(home, n))]


def modules():
    """All modules of the reference."""
    return [name for module in MODULES for name in (module, *submodules(module))]


def public(module):
    """Public functions and classes of a module by their full names, in its own order.

    Those of ``__all__``, or those that are defined in it, and what `BESIDE` adds.
    """
    home = import_module(module)
    names = getattr(home, "__all__", None)
    if names is None:
        names = [n for n, v in vars(home).items() if getattr(v, "__module__", "") == module]
    found = {f"{module}.{n}": getattr(home, n) for n in names if not n.startswith("_")}
    for name in BESIDE.get(module, ()):
        where, _, last = name.rpartition(".")
        found[name] = getattr(import_module(where), last)
    return {n: v for n, v in found.items() if inspect.isroutine(v) or inspect.isclass(v)}


def methods(name, value):
    """Public methods and properties of a class, its own and those of parents in the package."""
    if not inspect.isclass(value):
        return {}
    kinds = (classmethod, staticmethod, property)
    parents = [c for c in reversed(value.__mro__) if c.__module__.startswith("specbook.")]
    found = {n: v for parent in parents for n, v in vars(parent).items()}
    return {
        f"{name}.{n}": getattr(v, "fget", None) or getattr(value, n)
        for n, v in found.items()
        if not n.startswith("_") and (inspect.isfunction(v) or isinstance(v, kinds))
    }


def everything():
    """All public functions, classes and methods by their full names."""
    found = {}
    for module in modules():
        for name, value in public(module).items():
            found |= {name: value, **methods(name, value)}
    return found
