"""Names in source files: what a module defines, what it imports, and where that comes from."""

import ast
from pathlib import Path
from types import SimpleNamespace

FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda
LOOPS = ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp
DEFINED = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef
IMPORTS = ast.Import, ast.ImportFrom


def bound(node):
    """Names that a statement binds where it stands.

    Parameters
    ----------
    node : ast.AST

    Returns
    -------
    dict
        None for each name, or for an import what it means: (module, level, name).
    """
    if isinstance(node, ast.ImportFrom):
        return {a.asname or a.name: (node.module, node.level, a.name) for a in node.names}
    if isinstance(node, ast.Import):
        tops = [a.name if a.asname else a.name.partition(".")[0] for a in node.names]
        return {a.asname or top: (top, 0, None) for a, top in zip(node.names, tops, strict=True)}
    if isinstance(node, DEFINED):
        return {node.name: None}
    if isinstance(node, ast.Lambda):
        return {}
    if isinstance(node, LOOPS):
        return {n.target.id: None for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
    out = {}
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        out[node.id] = None
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        out[node.name] = None
    elif isinstance(node, ast.MatchMapping) and node.rest:
        out[node.rest] = None
    for child in ast.iter_child_nodes(node):
        out |= bound(child)
    return out


def inside(node):
    """Names that a function, a class or a comprehension binds for what stands in it."""
    if isinstance(node, LOOPS):
        return {name: None for part in node.generators for name in bound(part.target)}
    body = node.body if isinstance(node.body, list) else [node.body]
    out = {name: value for part in body for name, value in bound(part).items()}
    for part in body:
        for shared in ast.walk(part):
            if isinstance(shared, ast.Global):
                out = {name: value for name, value in out.items() if name not in shared.names}
    if isinstance(node, ast.ClassDef):
        return out
    spec = node.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    return out | {arg.arg: None for arg in every if arg}


def changed(node):
    """Names whose values a statement changes, as in ``x[0] = 1`` and ``x.update(y)``."""
    for part in ast.walk(node):
        call = isinstance(part, ast.Expr) and isinstance(part.value, ast.Call)
        target = part.value.func if call else part
        if isinstance(target, ast.Attribute | ast.Subscript):
            stored = call or not isinstance(target.ctx, ast.Load)
            while isinstance(target, ast.Attribute | ast.Subscript):
                target = target.value
            if stored and isinstance(target, ast.Name):
                yield target.id


class Modules:
    """The modules of a package, and others that count as part of it.

    Parameters
    ----------
    package : path
        Folder of the package.
    files : dict
        Files of other modules by their names.
    """

    def __init__(self, package, files):
        self.package, self.files, self.tables = Path(package), files, {}

    def file(self, module):
        """The file of a module, or None if it lies outside."""
        if module in self.files:
            return Path(self.files[module])
        top, *rest = module.split(".")
        stem = self.package.joinpath(*rest)
        places = [stem / "__init__.py", *([stem.with_name(f"{stem.name}.py")] if rest else [])]
        return next((p for p in places if top == self.package.name and p.is_file()), None)

    def table(self, module):
        """The names of a module, each with its statements, and with the import that it may be."""
        if module in self.tables:
            return self.tables[module]
        table = self.tables[module] = {}
        if not self.file(module).is_file():
            raise ValueError(f"{module} has no source file that could be read")
        for node in ast.parse(self.file(module).read_text(encoding="utf-8")).body:
            names = bound(node)
            if "*" in names:
                raise ValueError(f"{module} imports *, which cannot be followed")
            for name, imported in names.items():
                entry = table.setdefault(name, SimpleNamespace(nodes=[], imported=None))
                entry.imported = imported if isinstance(node, IMPORTS) else None
                entry.nodes.append(node)
            others = () if isinstance(node, DEFINED) else {*changed(node)} - names.keys()
            for name in others & table.keys():
                table[name].nodes.append(node)
        return table

    def imported(self, module, base, level, name):
        """What an import in `module` brings, as `find` says it."""
        if level:
            above = module.split(".")
            above = above[: len(above) - level + (self.file(module).name == "__init__.py")]
            base = ".".join(above + ([base] if base else []))
        return self.find(base, name)

    def find(self, module, name=None):
        """Where a name of a module is defined.

        Returns
        -------
        (str, str), (str, None) or str
            Module and name; or a module of the package; or the words for what lies outside.

        Raises
        ------
        ValueError
            If there is no such name.
        """
        if self.file(module) is None:
            return ".".join(filter(None, (module, name)))
        if name is None:
            return module, None
        entry, below = self.table(module).get(name), f"{module}.{name}"
        if entry and entry.imported is None:
            return module, name
        if entry and not (self.file(below) and entry.imported[1:] == (1, name)):
            return self.imported(module, *entry.imported)
        if self.file(below):
            return below, None
        raise ValueError(f"{below} cannot be followed: it is not defined by that name")
