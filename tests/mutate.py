"""Break the laws on purpose, one small thing at a time, and see that the tests notice.

    python tests/mutate.py [--list] [--only TEXT] [--sample N]        (or: make mutate)

Every mutant of the numerical code in ``specbook/laws`` and ``specbook/theory`` has to be killed
by a fast test. Those that compute the same thing stand in ``mutants_equivalent.txt``, each with
the reason; any other survivor is an error.

mutmut, cosmic-ray and the like were considered and rejected: they mutate messages and
defaults, know nothing of lost factors and swapped arguments, and start Python anew for each
mutant. Here NumPy, SciPy and SymPy are imported once; each mutant is a forked child, in which
one module of the package is compiled from a changed syntax tree.
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import json
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMUTATIVE = {"multiply", "minimum", "maximum", "isclose", "allclose", "isinstance", "getattr"}
WORKERS = 2
SAMPLE = 150  # about ten minutes
SWAPS = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.Lt: (ast.Gt,), ast.Gt: (ast.Lt,), ast.LtE: (ast.GtE,), ast.GtE: (ast.LtE,),
}  # fmt: skip


@dataclass
class Mutant:
    """One change of one module."""

    file: Path
    line: int
    key: str
    tree: ast.Module

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
            if index is None:
                setattr(parent, field, new)
            else:
                value[index] = new
            changed = ast.fix_missing_locations(copy.deepcopy(tree))
            if index is None:
                setattr(parent, field, old)
            else:
                value[index] = old
            key = f"{file.relative_to(folder).as_posix()}: {name}: {before} -> {after}"
            found.append(Mutant(file, old.lineno, key, changed))
    return found


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves one module from a changed syntax tree."""

    def __init__(self, name, mutant):
        self.name, self.mutant = name, mutant

    def find_spec(self, fullname, path=None, target=None):
        if fullname == self.name:
            return importlib.util.spec_from_loader(fullname, self, origin=str(self.mutant.file))

    def exec_module(self, module):
        exec(compile(self.mutant.tree, str(self.mutant.file), "exec"), module.__dict__)


class Order:
    """Pytest plugin: tests in a given order; how long each takes, and which one fails."""

    def __init__(self, first, seconds):
        self.first, self.seconds, self.measured, self.failed = first, seconds, {}, []

    def pytest_collection_modifyitems(self, items):
        place = {name: i for i, name in enumerate(self.first)}
        last = len(place)
        items.sort(key=lambda i: (place.get(i.nodeid, last), self.seconds.get(i.nodeid, 0.0)))

    def pytest_runtest_logreport(self, report):
        self.measured[report.nodeid] = self.measured.get(report.nodeid, 0) + report.duration
        if report.failed:
            self.failed.append(report.nodeid)


def run_tests(tests, root, mutant, order):
    """Run the tests in this process, which is a forked child, and return pytest's status."""
    import pytest

    if mutant is not None:
        parts = mutant.file.relative_to(root).with_suffix("").parts
        sys.meta_path.insert(0, Changed(".".join(parts), mutant))
    options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-m", "not slow"]
    return int(pytest.main([*options, f"--rootdir={root}", *map(str, tests)], plugins=[order]))


def fork(tests, root, mutant=None, first=(), seconds=None):
    """Start a child that runs the tests; it leaves its findings, as JSON, in the file returned."""
    findings = tempfile.TemporaryFile("w+")
    child = os.fork()
    if child:
        return child, findings
    status = 70
    try:
        os.setpgid(0, 0)  # so that it can be stopped with whatever it started
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        order = Order(first, seconds or {})
        status = run_tests(tests, root, mutant, order)
        json.dump({"seconds": order.measured, "failed": order.failed}, findings)
        findings.flush()
    finally:
        os._exit(status)


def found_by(findings):
    findings.seek(0)
    return json.load(findings)


def baseline(tests, root):
    """Seconds of each test without a mutant; the tests have to pass."""
    begin = time.perf_counter()
    child, findings = fork(tests, root)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit("The tests fail without any mutant: run pytest first.")
    return found_by(findings)["seconds"], time.perf_counter() - begin


def judge(chosen, tests, root):
    """Run the tests on each mutant; yield (mutant, survived).

    Tests that killed another mutant of the same place go first, then the quick ones.
    """
    seconds, whole = baseline(tests(None), root)
    limit, running, waiting, killers = 5 * whole + 20, {}, list(reversed(chosen)), {}
    sys.stdout.write(f"{len(seconds)} tests take {whole:.0f} s; {len(chosen)} mutants\n")
    while waiting or running:
        while waiting and len(running) < WORKERS:
            mutant = waiting.pop()
            first = killers.setdefault(mutant.place, [])
            child, findings = fork(tests(mutant), root, mutant, first, seconds)
            running[child] = mutant, findings, time.perf_counter()
        time.sleep(0.02)
        for child, (mutant, findings, begin) in list(running.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                del running[child]
                code = os.waitstatus_to_exitcode(status)
                if code not in (0, 1, 2):  # 1: a test failed, 2: the import did
                    sys.exit(f"pytest ended with {code} on {mutant.key}")
                for name in found_by(findings)["failed"]:
                    first = killers[mutant.place]
                    first[:] = [name, *(other for other in first if other != name)]
                yield mutant, code == 0
            elif time.perf_counter() - begin > limit:
                os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                del running[child]
                yield mutant, False  # an endless loop is noticed, too


def read_equivalent(file):
    """Keys of mutants that compute the same, with the reasons."""
    rows = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        if line.strip() and not line.startswith("#"):
            key, _, reason = line.partition("\t")
            if not reason.strip():
                sys.exit(f"{file.name}: no reason given for {key!r}")
            rows[key] = reason
    return rows


def own_room(root):
    """Which tests to run on a mutant: those of its own room."""

    def tests(mutant):
        files = []
        for room in ("laws", "theory"):
            if mutant is None or mutant.file.parent.name == room:
                files += sorted(root.glob(f"tests/test_{room}*.py"))
        notation = root / "tests" / "test_consistency.py"
        if notation.exists() and (mutant is None or mutant.file.name == "symbols.py"):
            files.append(f"{notation}::test_notation")
        return files

    return tests


def main(arguments=None, root=ROOT, package="specbook", folders=("laws", "theory"), tests=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="list the mutants, run nothing")
    parser.add_argument("--only", default="", help="mutants whose description contains this")
    parser.add_argument(
        "--sample", type=int, default=SAMPLE,
        help=f"so many of them, always the same (default {SAMPLE}; 0: all)",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    files = sorted(f for part in folders for f in (root / package / part).rglob("*.py"))
    everything = [m for file in files for m in mutants(file, root / package)]
    chosen = [m for m in everything if options.only in m.key]
    if 0 < options.sample < len(chosen):
        kept = sorted(random.Random(0).sample(range(len(chosen)), options.sample))
        chosen = [chosen[i] for i in kept]
    equivalent = read_equivalent(root / "tests" / "mutants_equivalent.txt")
    stale = equivalent.keys() - {m.key for m in everything}
    for key in sorted(stale):
        sys.stdout.write(f"mutants_equivalent.txt: no such mutant any more: {key}\n")
    if options.list:
        sys.stdout.write("".join(f"{m.line:4d}  {m.key}\n" for m in chosen))
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Loading pytest's plugins anew would take longer than most mutants live.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("numpy", "scipy.integrate", "scipy.special", "sympy", "mpmath", "pytest"):
        importlib.import_module(name)
    assert package not in sys.modules, "the package has to be imported by the children only"
    sys.path.insert(0, str(root))
    begin, killed, same, alive, broken = time.perf_counter(), 0, 0, [], []
    for number, (mutant, survived) in enumerate(judge(chosen, tests or own_room(root), root), 1):
        known = mutant.key in equivalent
        killed += not survived
        same += survived and known
        if survived and not known:
            alive.append(mutant)
        if known and not survived:
            broken.append(mutant)
        if sys.stdout.isatty():
            sys.stdout.write(f"\r\033[K{number} of {len(chosen)}, {len(alive)} survive")
            sys.stdout.flush()
    minutes = (time.perf_counter() - begin) / 60
    sys.stdout.write(
        f"\n{killed} killed, {same} equivalent, {len(alive)} survive; {minutes:.1f} min\n"
    )
    for mutant in sorted(alive, key=lambda m: (str(m.file), m.line)):
        sys.stdout.write(f"survives: line {mutant.line}: {mutant.key}\n")
    for mutant in broken:
        sys.stdout.write(f"killed, so not equivalent: {mutant.key}\n")
    return 1 if alive or broken or stale else 0


if __name__ == "__main__":
    sys.exit(main())
