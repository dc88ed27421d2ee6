"""Imports run one way, so that theory and experiment stay independent routes."""

import ast
import subprocess
import sys
from pathlib import Path

from pages import BOOK, Problem

PACKAGE = BOOK.parent / "specbook"
SHARED = {"_check", "_files", "_needs"}
GROUND = {"noise", "sampler", "spectrum", "stationary", "data", "measure"} | SHARED
# part: what it may import of specbook, and outside libraries that it must not import
RULES = {
    **{part: (GROUND, {"torch", "sympy", "matplotlib"}) for part in GROUND},
    "laws": ({"laws", "_needs"}, None),
    "theory": (GROUND | {"laws", "theory"}, {"torch", "matplotlib"}),
    "experiments": (GROUND | {"experiments"}, {"sympy", "matplotlib"}),
    "studies": (GROUND | {"experiments", "studies"}, {"sympy", "matplotlib"}),
    "reading": ({"reading", "_check", "_needs"}, {"torch", "sympy"}),
}
DRAWS = {"experiments/record_plot.py"}  # imports matplotlib in the function that draws
LAWS_MAY = {"sympy", *sys.stdlib_module_names}


def imported(file, package):
    """Absolute names of everything a file imports, as (name, line), function bodies included."""
    where = Path(file).relative_to(package.parent).with_suffix("").parts
    where = where[:-1]  # the package that relative imports start from
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(where[: len(where) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, (base, node.module)))
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.args[0].value, node.lineno


def check_file(file, package=PACKAGE):
    """Problems with the imports of one file of the package."""
    parts = Path(file).relative_to(package).with_suffix("").parts
    if parts[0] not in RULES:  # the door, the command line
        return []
    inside, refused = RULES[parts[0]]
    problems = []

    def report(line, message):
        problems.append(Problem(f"specbook/{'/'.join(parts)}.py", f"line {line}", message))

    for name, line in imported(file, package):
        top, *rest = name.split(".")
        if top == package.name:
            if not rest:
                report(line, "import the part that is needed, not the whole of specbook")
            elif rest[0] not in inside and rest[0] != "__version__":
                report(line, f"{parts[0]} must not import {rest[0]} (design: imports run one way)")
        elif refused is None:
            if top not in LAWS_MAY:
                report(line, f"laws import SymPy only, not {top}")
        elif top in refused and not (top == "matplotlib" and "/".join(parts) + ".py" in DRAWS):
            report(line, f"{parts[0]} must not import {top}")
    return problems


def loaded_by(statement, names):
    """Which of the modules `names` a fresh interpreter has loaded after a statement."""
    code = f"import sys; {statement}; print(*[n for n in {list(names)!r} if n in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    return run.stdout.split()
