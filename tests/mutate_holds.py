"""See that the tests that are named for a law notice when it is wrong.

    python tests/mutate_holds.py [LABEL ...] [--part I/N]        (or: make mutate)

The book names the tests that hold each law (``@pytest.mark.holds("eq-gain")``). Two things are
checked, so that this is more than words:

* every mutant of a law's statement makes one of the tests that are named for it fail;
* every named test fails for a mutant of the statement, or of a file outside the laws that mentions
  the law's label, as the docstrings of functions that evaluate it do.

Equivalent mutants stand in ``mutants_equivalent.txt``, as for `mutate.py`.
"""

import argparse
import ast
import os
import random
import signal
import sys
import time
from itertools import chain, zip_longest

import mutate
from mutants import mutants

ROOT = mutate.ROOT
sys.path.insert(0, str(ROOT / "book" / "_tools"))
TRIES = 60  # mutants of numerical code that are tried before a test is called idle
LIMIT = 120  # seconds for the tests of one law


def laws_of(file):
    """Labels of the laws that a file states, by the name that each is assigned to."""
    found = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            for keyword in node.value.keywords:
                if keyword.arg == "label" and isinstance(keyword.value, ast.Constant):
                    found[ast.unparse(node.targets[0])] = keyword.value.value
    return found


def statements(package):
    """Mutants of the statement of each law: label -> mutants."""
    found = {}
    for file in sorted((package / "laws").rglob("*.py")):
        names = laws_of(file)
        found |= {label: [] for label in names.values()}
        for mutant in mutants(file, package) if names else ():
            name = mutant.key.split(": ")[1]
            if name in names:
                found[names[name]].append(mutant)
    return found


def numerical(label, package):
    """Mutants of the files that mention a label outside the laws, in an order that is mixed."""
    files = sorted(f for f in package.rglob("*.py") if package / "laws" not in f.parents)
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    chosen = [m for file, text in texts.items() if label in text for m in mutants(file, package)]
    return random.Random(label).sample(chosen, len(chosen))


def failing(tests, mutant, root):
    """Names of the tests that fail on a mutant; all of them if it cannot even be imported."""
    begin = time.perf_counter()
    places = [str(root / name) for name in tests]
    child, findings = mutate.fork([places], root, mutant, first_only=False)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.perf_counter() - begin > LIMIT:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return set(tests)
        time.sleep(0.01)
    code = os.waitstatus_to_exitcode(status)
    if mutant and code in (2, 4):  # the import failed, so that there are no tests
        return set(tests)
    if code not in (0, 1):
        sys.exit(f"pytest ended with {code} on {mutant.key if mutant else 'no mutant'}")
    return {name.partition("[")[0] for name in mutate.found_by(findings)["failed"]}


def judge(label, tests, statement, equivalent, root, package):
    """What is wrong with the tests of one law, as lines for the report."""
    if not tests:
        return [f"{label}: no test is marked for it"]
    if failing(tests, None, root):
        return [f"{label}: its tests fail without any mutant"]
    idle, lines = set(tests), []
    for mutant in statement:
        # those that noticed an earlier mutant go first: some tests see the numerical code only
        awake = set(tests) - idle
        noticed = failing(sorted(awake), mutant, root) if awake else set()
        if not noticed and idle:
            noticed = failing(sorted(idle), mutant, root)
        idle -= noticed
        if not noticed and mutant.key not in equivalent:
            lines.append(f"{label}: its tests do not notice: {mutant.key}")
    pairs = zip_longest(numerical(label, package)[:TRIES] if idle else (), statement[1:])
    for mutant in filter(None, chain.from_iterable(pairs)):
        if not idle:
            break
        idle -= failing(sorted(idle), mutant, root)
    return lines + [f"{label}: nothing that was tried makes {name} fail" for name in sorted(idle)]


def main(arguments, root=ROOT, name="specbook"):
    import ledger

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", nargs="*", help="laws (default: all)")
    parser.add_argument("--part", default="1/1", help="one part of them, such as 3/8")
    options = parser.parse_args(arguments)
    package = root / name
    mutate.warm_up(root, name)
    tests, stated = ledger.holding_tests(root), statements(package)
    wanted = mutate.share(options.labels or list(stated), options.part)
    unknown = [label for label in wanted if label not in stated]
    if unknown:
        sys.exit(f"no law is called {', '.join(unknown)}")
    equivalent = mutate.read_equivalent(root / "tests" / "mutants_equivalent.txt")
    problems, begin = [], time.perf_counter()
    for label in wanted:
        found = judge(label, tests.get(label, []), stated[label], equivalent, root, package)
        problems += found
        state = "; ".join(found) or "all noticed"
        count = f"{len(stated[label])} mutants, {len(tests.get(label, []))} tests"
        sys.stdout.write(f"{label} ({count}): {state}\n")
        sys.stdout.flush()
    minutes = (time.perf_counter() - begin) / 60
    sys.stdout.write(f"{len(problems)} problems in {len(wanted)} laws; {minutes:.1f} min\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
