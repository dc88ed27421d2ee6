"""The mutants of a file: everything that one small slip could have made of its arithmetic.

A sign flipped or lost, a factor or a square lost, multiplied for divided, two arguments
swapped, a comparison turned round. Words, messages and types are left alone.
"""

import ast
import copy
from dataclasses import dataclass
from pathlib import Path

COMMUTATIVE = {
    "multiply", "minimum", "maximum", "min", "max", "logaddexp", "hypot", "isclose", "allclose",
    "isinstance", "getattr",
}
SWAPS = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.Lt: (ast.Gt,), ast.Gt: (ast.Lt,), ast.LtE: (ast.GtE,), ast.GtE: (ast.LtE,),
}


@dataclass
class Mutant:
    """One change of one module, whose syntax tree is `whole`."""

    file: Path
    line: int
    key: str
    whole: ast.Module
    site: tuple  # the parent of the node, the field, its index there if it is a list, or None
    new: ast.AST

    @property
    def tree(self):
        """The changed syntax tree, made when it is needed: a copy takes longer than a search."""
        parent, field, index = self.site
        holder, key = (vars(parent), field) if index is None else (getattr(parent, field), index)
        old, holder[key] = holder[key], self.new
        changed = ast.fix_missing_locations(copy.deepcopy(self.whole))
        holder[key] = old
        return changed

    @property
    def place(self):
        """File and function, or file and law."""
        return ": ".join(self.key.split(": ")[:2])


def _is_text(node):
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def changes(node):
    """All changed copies of one node."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        parts = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
        if any(map(_is_text, parts)):
            return
        for operator in SWAPS.get(type(node.op), ()):
            changed = copy.copy(node)
            changed.op = operator()
            yield changed
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mult):
            yield node.left  # a lost factor
        right = getattr(node.right, "value", None)
        if right == 2 and isinstance(node.op, ast.Pow | ast.Div):
            yield node.left  # a lost square, a lost half
        if getattr(node.left, "value", None) == 2 and isinstance(node.op, ast.Mult):
            yield node.right  # a lost 2
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SWAPS:
        changed = copy.copy(node)
        changed.ops = [SWAPS[type(node.ops[0])][0]()]
        yield changed
    if isinstance(node, ast.Call) and len(node.args) > 1:
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first, second, *rest = node.args
        plain = not any(_is_text(a) or isinstance(a, ast.Starred) for a in (first, second))
        if plain and name not in COMMUTATIVE and ast.dump(first) != ast.dump(second):
            changed = copy.copy(node)
            changed.args = [second, first, *rest]
            yield changed


def sites(node, name="module"):
    """(parent, field, index, name of the place) of everything that may be changed."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        name = node.name
    elif isinstance(node, ast.Assign) and name == "module":
        name = ast.unparse(node.targets[0])
    for field, value in ast.iter_fields(node):
        if field in ("decorator_list", "annotation", "returns"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Raise | ast.Assert):
                continue
            yield node, field, index, name
            yield from sites(child, name)


def mutants(file, folder):
    """All mutants of one file; their keys do not depend on line numbers."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = []
    for parent, field, index, name in sites(tree):
        value = getattr(parent, field)
        old = value if index is None else value[index]
        for new in changes(old):
            new = ast.copy_location(copy.copy(new), old)
            before, after = (" ".join(ast.unparse(n).split()) for n in (old, new))
            key = f"{file.relative_to(folder).as_posix()}: {name}: {before} -> {after}"
            site = parent, field, index
            found.append(Mutant(file, old.lineno, key, tree, site, new))
    return found
