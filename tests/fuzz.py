"""Hostile calls of the public functions, drawn by a seed.

    python tests/fuzz.py --calls 10000 --seed 5 [--only theory.linear] [--seconds 5]

The functions are found as the reference finds them, so a new one takes part by itself; arguments
are in ``hostile.py``. A call may return a documented value or raise ``ValueError``. All else is a
defect, and is printed with the shortest call that showed it: other errors, warnings, NaN or
infinity, a call that takes too long, a crash.
"""

import contextlib
import faulthandler
import inspect
import io
import mmap
import random
import re
import signal
import sys
import warnings
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_tools")]

import api  # noqa: E402
from hostile import CALLABLE, FUNCTIONS, HOSTILE, OBJECTS, PARTICULAR, SENSIBLE  # noqa: E402

# Not called: what trains, writes, starts processes, or is for the chapters alone.
LEFT_OUT = {
    "laws", "studies.perform", "experiments.in_parallel", "experiments.train",
    "experiments.descend", "experiments.width_for", "reading.figure", "reading.interactive",
    "reading.draw_pictures", "reading.draw_runs", "reading.claim", "reading.statement",
    "reading.settings", "reading.ClaimError", "reading.Exercise",
}
# They warn, and raise what a reader's model raises, as they should.
LEFT_OUT |= {"experiments.Probe.emergence_time", "experiments.Probe.measure"}
# Classes that only hold what functions give.
HOLDERS = {
    "measure.PowerLaw", "experiments.Cost", "experiments.ProbeCost", "experiments.Schedule",
    "experiments.Record", "studies.Experiment", "studies.Result",
}
# Answers that may hold NaN or infinity, as their documentation says.
UNKNOWN = {"emergence_time"}  # NaN: no crossing
INFINITE = {"kl", "gaussian_divergence", "log_threshold", "threshold", "emergence_time"}


class Hang(BaseException):
    """A call takes too long; no ``except Exception`` catches it."""


def walk():
    """Public functions and methods: (name without "specbook.", function, maker of self)."""
    for name, value in api.everything().items():
        short = name.removeprefix("specbook.")
        where, _, last = short.rpartition(".")
        if {short, short.partition(".")[0], where} & LEFT_OUT:
            continue
        home, _, kind = where.rpartition(".")
        if home and kind[:1].isupper():  # a method or a property
            if kind in OBJECTS and last not in ("save", "load", "to_csv", "plot"):
                yield short, last, OBJECTS[kind]
        elif short not in HOLDERS and not (short.startswith("theory.") and last[:1].isupper()):
            yield short, value, None


def arguments(name, function, draw):
    """Arguments of a call: sensible ones, but for one or a few."""
    skipped = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
    every = [p for p in inspect.signature(function).parameters.values() if p.kind not in skipped]
    taken = [p for p in every if p.default is p.empty or draw.random() < 0.4]
    sensible = SENSIBLE | PARTICULAR.get(name, {})
    count = min(draw.choices((0, 1, 2, len(taken)), (15, 60, 20, 5))[0], len(taken))
    hostile, out = {p.name for p in draw.sample(taken, count)}, {}
    for p in taken:
        pool = () if p.name in hostile else sensible.get(p.name, ())
        if pool:
            out[p.name] = draw.choice(pool)
        elif p.name in hostile or p.default is p.empty:
            value = draw.choice(HOSTILE if p.name in FUNCTIONS else HOSTILE + CALLABLE)
            with warnings.catch_warnings(action="ignore"):  # np.matrix is not recommended
                out[p.name] = value()
    return out


def numbers(answer):
    """The arrays of numbers in an answer."""
    if isinstance(answer, torch.Tensor):
        answer = answer.detach().numpy()
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, tuple | list):
        return [array for part in answer for array in numbers(part)]
    if isinstance(answer, float | complex | np.ndarray | np.generic):
        return [np.asarray(answer)] if np.asarray(answer).dtype.kind in "fc" else []
    return []


def complaint(call, last, seconds=5.0):
    """What is wrong with a call, or None.

    A call that does not come back from compiled code ends the process, with a traceback.
    """
    with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("always")
        signal.setitimer(signal.ITIMER_REAL, seconds)
        faulthandler.dump_traceback_later(3 * seconds, exit=True)
        found = []
        try:
            found = numbers(call())
        except ValueError:  # LinAlgError is one
            pass
        except Hang:
            return "hangs"
        except ImportError as error:
            return None if "pip install" in str(error) else f"ImportError: {error}"
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
    if warned:
        return f"warns: {warned[0].message}"
    if last not in UNKNOWN and any(np.isnan(each).any() for each in found):
        return "NaN"
    if last not in INFINITE and any(np.isinf(each).any() for each in found):
        return "infinity"
    return None


def said(name, given, wrong):
    """A line: the call, and what is wrong with it."""
    parts = (f"{key}={' '.join(repr(value).split())[:60]}" for key, value in given.items())
    return f"{name}({', '.join(parts)}): {' '.join(wrong.split())[:110]}"


def fuzz(calls, seed, only="", seconds=5.0, note=lambda line: None):
    """The shortest line for each kind of complaint about each function."""
    draw, found = random.Random(seed), {}
    functions = [each for each in walk() if each[0].startswith(only)]
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(Hang()))
    for _ in range(calls):
        name, function, owner = draw.choice(functions)
        last = name.rpartition(".")[2]
        if owner is not None:
            function = getattr(owner(), last)
            if not callable(function):
                continue
        given = arguments(name, function, draw)
        note(said(name, given, ""))
        wrong = complaint(lambda f=function, given=given: f(**given), last, seconds)
        if wrong:
            key = name, re.sub(r"'.*?'|[\d.e+-]+", "_", wrong)[:40]
            line = said(name, given, wrong)
            found[key] = min(found.get(key, line), line, key=len)
    return [found[key] for key in sorted(found)]


def noting(path):
    """A function that keeps a line in a file, there to be read after a crash."""
    if path is None:
        return lambda line: None
    path.write_bytes(b" " * 1000)
    with open(path, "r+b") as file:
        kept = mmap.mmap(file.fileno(), 1000)  # a write to memory: no call waits for the disk

    def note(line):
        kept[:] = line.encode()[:1000].ljust(1000)

    return note


def main():
    ask = ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--calls", type=int, default=10_000)
    ask.add_argument("--seed", type=int, default=5)
    ask.add_argument("--only", default="", help="beginning of the functions' names")
    ask.add_argument("--seconds", type=float, default=5.0, help="that a call may take")
    ask.add_argument("--last", type=Path, help="file for the call in progress, for crashes")
    asked = ask.parse_args()
    faulthandler.enable()
    for line in fuzz(asked.calls, asked.seed, asked.only, asked.seconds, noting(asked.last)):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
