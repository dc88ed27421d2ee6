"""The laws and letters of the book, collected from the modules of this package."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import ClassVar

from .core import Core
from .law import Law


def collect(modules):
    """Laws by label, the part of each, and the letters by part and by name.

    Parameters
    ----------
    modules : iterable
        Modules with laws, and with letters in a class that is, or comes from, `Core`.

    Returns
    -------
    laws : dict
        Label -> `Law`.
    part_of : dict
        Label -> name of the part of the book, as its folder is called.
    parts : dict
        Part -> tuple of its letters; those of `Core` are under ``""``.
    names : dict
        Name in the code -> `Letter`.

    Raises
    ------
    ValueError
        If two laws have one label, or two letters one name.
    """
    laws, part_of, parts, names, called = {}, {}, {}, {}, {}
    for module in modules:
        spaces = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, Core)]
        for space in sorted(spaces, key=lambda c: len(c.__mro__)):
            letters = {n: v for n, v in vars(space).items() if hasattr(v, "meaning")}
            known = parts.setdefault(space.part, {})
            for name, letter in letters.items():
                if names.setdefault(name, letter) is not letter:
                    raise ValueError(f"{module.__name__}: two letters are called {name}")
                if called.setdefault(letter.name, letter) is not letter:
                    raise ValueError(f"{module.__name__}: two symbols are named {letter.name!r}")
                known[letter] = None
        for law in vars(module).values():
            if isinstance(law, Law):
                if law.label in laws:
                    raise ValueError(f"label {law.label!r} is used by two laws")
                laws[law.label], part_of[law.label] = law, module.s.part
    return laws, part_of, {part: tuple(letters) for part, letters in parts.items()}, names


def _modules():
    """The modules of this package that have letters."""
    names = (found.name for found in iter_modules([str(Path(__file__).parent)]))
    modules = [import_module(f"{__package__}.{name}") for name in names if name != "book"]
    return [module for module in modules if hasattr(module, "Core") or hasattr(module, "s")]


BOOK, PART_OF, PARTS, _names = collect(_modules())
symbols = SimpleNamespace(**_names)


def notation(part):
    """Letters that a law of a part may use: those of the core, and those of the part.

    Parameters
    ----------
    part : str
        Its folder in the book, such as ``"training-time"``; of ``""`` there is only the core.

    Returns
    -------
    tuple of Letter
    """
    return PARTS[""] + (PARTS[part] if part else ())


@dataclass(frozen=True, repr=False)
class Sources:
    """The table at the end of a chapter: where each of its laws comes from."""

    laws: tuple
    columns: ClassVar = ("equation", "provenance", "source", "conditions")

    def __repr__(self):
        return "\n".join(f"{law.label} ({law.provenance}): {law.source}" for law in self.laws)

    def _repr_markdown_(self):
        rows = [f"| {' | '.join(self.columns)} |", "|---" * len(self.columns) + "|"]
        for law in self.laws:
            # The words of the link stand in a plain notebook, too.
            link = f"[{law.title}](#{law.label})"
            cells = (link, law.provenance, law.source, law.conditions)
            rows.append(f"| {' | '.join(cells)} |")
        return "\n".join(rows)


def sources(*labels):
    """The laws with these labels as a table for the reader.

    Parameters
    ----------
    *labels : str
        Labels of laws, in the order of the table.

    Returns
    -------
    Sources
        A notebook shows it as a table.

    Raises
    ------
    ValueError
        If there is no law of that label.
    """
    unknown = [label for label in labels if label not in BOOK]
    if unknown:
        raise ValueError(f"labels: there is no law {', '.join(unknown)}")
    return Sources(tuple(BOOK[label] for label in labels))
