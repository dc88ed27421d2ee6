"""Break the laws on purpose, one small thing at a time, and see that the tests notice.

    python tests/mutate.py [--list] [--only TEXT ...] [--sample N | --part I/N]  (or: make mutate)

Every mutant of the numerical code in ``specbook/laws`` and ``specbook/theory`` has to be killed
by a fast test. Those that compute the same thing stand in ``mutants_equivalent.txt``, each with
the reason; any other survivor is an error. ``make mutate`` tries a sample, the scheduled workflow
tries all, in parts. Survivors are printed as they come, and the order is mixed, so that a run
that is stopped has tried a sample. Tests in files that mention what was changed go first; only if
none of them fails, the others of the room (laws or theory) follow.

mutmut, cosmic-ray and the like were considered and rejected: they mutate messages and
defaults, know nothing of lost factors and swapped arguments, and start Python anew for each
mutant. Here NumPy, SciPy and SymPy are imported once; each mutant is a forked child, in which
one module of the package is compiled from a changed syntax tree.
"""

import argparse
import importlib.abc
import importlib.util
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

from mutants import mutants

ROOT = Path(__file__).resolve().parents[1]
WORKERS = int(os.environ.get("WORKERS", 2))
WARM = (
    "numpy", "scipy.integrate", "scipy.special", "scipy.stats", "sklearn.datasets", "torch",
    "sympy", "mpmath", "pytest",
)
SAMPLE = 150  # about ten minutes
PROGRESS = 50  # mutants from one line about the state to the next, where it is not a terminal


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


def run_tests(stages, root, mutant, order, first_only=True):
    """Run tests in this process, which is a forked child, and return pytest's status.

    `stages` are lists of tests; one that fails ends the run.
    """
    import pytest

    if mutant is not None:
        parts = mutant.file.relative_to(root).with_suffix("").parts
        sys.meta_path.insert(0, Changed(".".join(parts), mutant))
    options = ["-q", "--tb=no", "-p", "no:cacheprovider", "-m", "not slow", *["-x"] * first_only]
    for tests in filter(None, stages):
        status = pytest.main([*options, f"--rootdir={root}", *map(str, tests)], plugins=[order])
        if status:
            return int(status)
    return 0


def fork(stages, root, mutant=None, first=(), seconds=None, first_only=True):
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
        status = run_tests(stages, root, mutant, order, first_only)
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
    child, findings = fork([tests], root)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit("The tests fail without any mutant: run pytest first.")
    return found_by(findings)["seconds"], time.perf_counter() - begin


def judge(chosen, tests, root):
    """Run the tests on each mutant; yield (mutant, survived).

    Tests that killed another mutant of the same place go first, then the quick ones.
    """
    concerned = dict.fromkeys(test for mutant in chosen for test in tests(mutant))
    seconds, whole = baseline(list(concerned), root)
    limit, running, waiting, killers = 5 * whole + 20, {}, list(reversed(chosen)), {}
    sys.stdout.write(f"{len(seconds)} tests take {whole:.0f} s; {len(chosen)} mutants\n")
    sys.stdout.flush()
    while waiting or running:
        while waiting and len(running) < WORKERS:
            mutant = waiting.pop()
            first = killers.setdefault(mutant.place, [])
            stages = near_first(tests(mutant), mutant, first)
            child, findings = fork(stages, root, mutant, first, seconds)
            running[child] = mutant, findings, time.perf_counter()
        time.sleep(0.02)
        for child, (mutant, findings, begin) in list(running.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                del running[child]
                code = os.waitstatus_to_exitcode(status)
                if code not in (0, 1, 2, 4):  # 1: a test failed, 2 and 4: the import did
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


def near_first(tests, mutant, killers):
    """Two stages: the files that mention the changed place or module or one that imports it.

    The others follow. `killers` are tests that killed another mutant of the same place; their
    files are near.
    """
    module = mutant.file.parent if mutant.file.stem == "__init__" else mutant.file.with_suffix("")
    words = {mutant.place.split(": ")[1], module.name}
    for file in module.parent.glob("*.py"):
        if re.search(rf"^from \.{module.name} import", file.read_text(encoding="utf-8"), re.M):
            words.add(file.stem)
    names = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b")
    near = [
        test for test in tests
        if names.search(Path(str(test).partition("::")[0]).read_text(encoding="utf-8"))
        or any(name.partition("::")[0].endswith(Path(test).name) for name in killers)
    ]
    return near, [test for test in tests if test not in near]


def share(items, part):
    """One part of all, such as 3/8: every eighth item, from the third on."""
    match = re.fullmatch(r"(\d+)/(\d+)", part)
    number, parts = map(int, match.groups()) if match else (0, 0)
    if not 1 <= number <= parts:
        sys.exit(f"a part is written like 3/8, not {part}")
    return items[number - 1 :: parts]


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
        parts = mutant.file.relative_to(root).parts
        files = [f for room in ("laws", "theory") if room in parts
                 for f in sorted((root / "tests").rglob(f"test_{room}*.py"))]
        notation = root / "tests" / "test_consistency.py"
        if notation.exists() and "laws" in parts:
            files.append(f"{notation}::test_letters")
        return files

    return tests


def warm_up(root, package):
    """Import what all children need, but not the package."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Loading pytest's plugins anew would take longer than most mutants live.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in WARM:
        importlib.import_module(name)
    assert package not in sys.modules, "the package has to be imported by the children only"
    sys.path.insert(0, str(root))


def main(arguments=None, root=ROOT, package="specbook", folders=("laws", "theory"), tests=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="list the mutants, run nothing")
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="TEXT",
        help="mutants whose description contains one of these, such as theory/linear.py",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--sample", type=int, default=SAMPLE,
        help=f"so many of them, always the same (default {SAMPLE}; 0: all)",
    )
    which.add_argument("--part", help="of all of them, one part, such as 3/8")
    options = parser.parse_args(arguments)
    files = sorted(f for part in folders for f in (root / package / part).rglob("*.py"))
    everything = [m for file in files for m in mutants(file, root / package)]
    chosen = [m for m in everything if any(text in m.key for text in options.only)]
    if options.part:
        chosen = share(chosen, options.part)
    random.Random(0).shuffle(chosen)
    if not options.part and options.sample:
        chosen = chosen[: options.sample]
    equivalent = read_equivalent(root / "tests" / "mutants_equivalent.txt")
    stale = equivalent.keys() - {m.key for m in everything}
    for key in sorted(stale):
        sys.stdout.write(f"mutants_equivalent.txt: no such mutant any more: {key}\n")
    if options.list:
        rows = sorted(chosen, key=lambda m: (str(m.file), m.line))
        sys.stdout.write("".join(f"{m.line:4d}  {m.key}\n" for m in rows))
        return 0
    warm_up(root, package)
    begin, killed, same, alive, broken = time.perf_counter(), 0, 0, 0, 0
    erase = "\r\033[K" if sys.stdout.isatty() else ""
    for number, (mutant, survived) in enumerate(judge(chosen, tests or own_room(root), root), 1):
        known = mutant.key in equivalent
        killed += not survived
        same += survived and known
        alive += survived and not known
        broken += known and not survived
        if survived != known:
            what = "survives" if survived else "killed, so not equivalent"
            sys.stdout.write(f"{erase}{what}: line {mutant.line}: {mutant.key}\n")
        if erase or number % PROGRESS == 0:
            end = "" if erase else "\n"
            sys.stdout.write(f"{erase}{number} of {len(chosen)}, {alive} survive{end}")
        sys.stdout.flush()
    minutes = (time.perf_counter() - begin) / 60
    part = f"part {options.part}: " if options.part else ""
    sys.stdout.write(
        f"\n{part}{killed} killed, {same} equivalent, {alive} survive; "
        f"{len(chosen)} of {len(everything)} mutants, {minutes:.1f} min\n"
    )
    return 1 if alive or broken or stale else 0


if __name__ == "__main__":
    sys.exit(main())
