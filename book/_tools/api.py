"""What of the package is public, and so has to be documented."""

import ast
import inspect
from importlib import import_module

BESIDE = {"specbook.laws": (
    "specbook.laws.law.lines", "specbook.laws.letter.Letter",
    *(f"specbook.laws.operators.{name}" for name in ("Total", "Mean", "Product", "softmax")),
    "specbook.laws.matrices.Trace", "specbook.laws.functions.normal_cdf",
)}


def listed(home):
    """Public names of a module: what it defines, for a package also what its import lines list."""
    own = [n for n, v in vars(home).items() if getattr(v, "__module__", "") == home.__name__]
    lines = ast.parse(inspect.getsource(home)).body if hasattr(home, "__path__") else ()
    imports = (line for line in lines if isinstance(line, ast.ImportFrom) and line.level)
    names = [alias.asname or alias.name for line in imports for alias in line.names]
    return [name for name in dict.fromkeys(names + own) if not name.startswith("_")]


def submodules(module):
    """Modules that a package offers beside its functions: ``specbook.experiments.runs``."""
    home = import_module(module)
    if module == "specbook.laws":  # its modules hold laws, which have a page of their own
        return []
    return [f"{module}.{n}" for n in listed(home) if inspect.ismodule(getattr(home, n))]


def parts():
    """The modules that `specbook` names, in the order of the pages."""
    return [f"specbook.{part}" for part in import_module("specbook")._PARTS]


def modules():
    """All modules of the reference."""
    return [name for module in parts() for name in (module, *submodules(module))]


def public(module):
    """Public functions and classes of a module by their full names, and what `BESIDE` adds."""
    home = import_module(module)
    found = {f"{module}.{n}": getattr(home, n) for n in listed(home)}
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
