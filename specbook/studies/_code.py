"""What a result depends on: the definitions that its code can reach by name, and nothing else.

Source files are read, not imported. A definition is a function, a class or a constant of a
module. From each one, names lead to others: through imports, attributes of modules, base classes,
decorators, default arguments and dictionaries. A class counts whole, with all its methods. What
lies outside the package counts by its name only. Docstrings, comments, layout, the words of errors,
the order of definitions and the module that one stands in do not count.

A module that is used other than through an attribute written out, as in ``getattr(module, name)``,
counts whole. Code that makes names at run time (``eval``, ``import_module`` and their like) is
refused, and so is a name that cannot be found.
"""

import ast
import builtins
import inspect
from pathlib import Path

from .. import _files
from ._names import DEFINED, FUNCTIONS, IMPORTS, LOOPS, Modules, bound, inside

PACKAGE = Path(__file__).resolve().parents[1]
BLIND = {"eval", "exec", "globals", "__import__", "importlib.import_module"}
KNOWN = {*dir(builtins), "__name__", "__file__", "__doc__", "__class__"}


def digest(*roots, package=PACKAGE):
    """Hash of the code that functions and classes can reach; the same in all versions of Python.

    Parameters
    ----------
    *roots : function or class, or (module, name) of one in the package
        Where to start. A function inside another one counts with it.
    package : path
        Folder of the package. The modules of `roots` count as part of it.

    Returns
    -------
    str
        Hexadecimal.

    Raises
    ------
    ValueError
        If the code cannot be followed.
    """
    found = closure(*roots, package=package)
    own = {key: _files.digest(text.encode()) for key, (text, _) in found.items()}
    whole = {text + "".join(sorted({own[key] for key in seen})) for text, seen in found.values()}
    return _files.digest("\n".join(sorted(whole)).encode())


def closure(*roots, package=PACKAGE):
    """All definitions that `roots` can reach, as for `digest`.

    Returns
    -------
    dict
        For each (module, name) its text, and the set of those that it refers to.
    """
    files, found = {}, {}
    waiting, modules = [_place(root, files) for root in roots], Modules(package, files)
    while waiting:
        module, name = key = waiting.pop()
        if key not in found:
            reader = Reader(modules, module)
            text = " ".join(map(reader.text, modules.table(module)[name].nodes))
            found[key] = text, reader.seen
            waiting += reader.seen
    return found


def _place(root, files):
    """Module and name of a root; its file is noted, which may lie outside the package."""
    if isinstance(root, tuple):
        return root
    if not (inspect.isfunction(root) or inspect.isclass(root)):
        raise ValueError(f"work must be a function of a module, not {root!r}")
    files[root.__module__] = inspect.getsourcefile(root)
    return root.__module__, root.__qualname__.partition(".")[0]


class Reader:
    """Reads definitions of a module as text, and notes which others they refer to.

    Parameters
    ----------
    modules : Modules
    module : str

    Attributes
    ----------
    seen : set of (str, str)
        Module and name of the definitions that were referred to.
    """

    def __init__(self, modules, module):
        self.modules, self.module, self.seen = modules, module, set()

    def text(self, node, scopes=()):
        """A syntax tree as text. Empty fields are left out: newer Pythons have more of them.

        Parameters
        ----------
        node : ast.AST, list or plain value
        scopes : tuple of (bool, dict)
            Round `node`, the innermost last: whether it is a class, and the names it binds.

        Returns
        -------
        str
        """
        if isinstance(node, list):
            return "[" + ",".join(filter(None, (self.text(n, scopes) for n in node))) + "]"
        if not isinstance(node, ast.AST):
            return repr(node)
        if isinstance(node, IMPORTS):  # what they bring counts where it is used
            for imported in () if scopes else bound(node).values():
                self._refer(self.modules.imported(self.module, *imported), [])
            return ""
        if isinstance(node, ast.Name | ast.Attribute) and (found := self._name(node, scopes)):
            return found
        inner, fields = scopes, dict(ast.iter_fields(node))
        if isinstance(node, ast.Raise):
            fields["exc"] = getattr(node.exc, "func", node.exc)  # not the words
        if isinstance(node, DEFINED) and ast.get_docstring(node, clean=False) is not None:
            fields["body"] = node.body[1:]
        if isinstance(node, (*FUNCTIONS, *LOOPS, ast.ClassDef)):
            seen = scopes if isinstance(node, LOOPS) else [s for s in scopes if not s[0]]
            inner = (*seen, (isinstance(node, ast.ClassDef), inside(node)))
        if isinstance(node, LOOPS):
            self.text(node.generators[0].iter, scopes)  # stands outside
        within = fields if isinstance(node, LOOPS) else {"body"}
        return f"{type(node).__name__}(" + ",".join(
            f"{key}={self.text(value, inner if key in within else scopes)}"
            for key, value in fields.items()
            if value is not None and value != []
        ) + ")"

    def _name(self, node, scopes):
        """The text for a name and its attributes; None if it is bound in one of the scopes."""
        chain = []
        while isinstance(node, ast.Attribute):
            chain.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        name = node.id
        for _, names in reversed(scopes):
            if name in names:
                if names[name] is None:
                    return None
                return self._refer(self.modules.imported(self.module, *names[name]), chain)
        if name in self.modules.table(self.module):
            return self._refer(self.modules.find(self.module, name), chain)
        if name not in KNOWN:
            raise ValueError(f"{self.module} uses {name}, which is not defined there by name")
        return self._refer(name, chain)

    def _refer(self, target, chain):
        """Note a reference to what `Modules.find` has found, and give its text."""
        while not isinstance(target, str) and target[1] is None and chain:
            target, chain = self.modules.find(target[0], chain[0]), chain[1:]
        if isinstance(target, str):
            text = ".".join([target, *chain])
            if text in BLIND:
                raise ValueError(f"{self.module} calls {text}, which cannot be followed")
            return text
        if target[1] is None:  # the module as a value
            every = [self.modules.find(target[0], name) for name in self.modules.table(target[0])]
            self.seen |= {each for each in every if not isinstance(each, str) and each[1]}
            return "@*"
        self.seen.add(target)
        return ".".join([f"@{target[1]}", *chain])
