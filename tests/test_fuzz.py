"""Ten thousand hostile calls of the public functions and of the command line, by one seed."""

import random
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path

import fuzz
import numpy as np
from click.testing import CliRunner
from hostile import WORDS

from specbook.cli import main

CALLS, COMMANDS, SEED = 9_600, 400, 5


def test_functions(tmp_path):
    """In a process of its own, which may crash or hang in compiled code."""
    last, work = tmp_path / "last", tmp_path / "work"
    work.mkdir()
    command = [sys.executable, fuzz.__file__, "--calls", str(CALLS), "--seed", str(SEED)]
    run = subprocess.run(
        [*command, "--last", str(last)], capture_output=True, text=True, cwd=work, timeout=300
    )
    assert run.returncode == 0, f"{last.read_text().strip()}\n{run.stderr[-3000:]}"
    assert not run.stdout, run.stdout
    assert not list(Path(work).iterdir()), "files were written"


def test_the_walk_reaches_every_part():
    parts = {name.partition(".")[0] for name, _, _ in fuzz.walk()}
    assert parts == {
        "noise", "sampler", "spectrum", "stationary", "data", "measure", "theory", "experiments",
        "studies", "reading",
    }
    known = {name.removeprefix("specbook.") for name in fuzz.api.everything()}
    named = fuzz.HOLDERS | (fuzz.LEFT_OUT - {"laws"})
    assert named <= known, f"of functions that are gone: {named - known}"


def test_a_new_function_takes_part_and_its_faults_are_found(monkeypatch):
    def fresh(variances):
        if isinstance(variances, str):
            raise KeyError(variances)
        if variances is None:
            time.sleep(1)
        if variances == 1e160:
            warnings.warn("too large", RuntimeWarning, stacklevel=2)
        if np.ndim(variances):
            raise ValueError("variances must be one number")
        return variances

    monkeypatch.setattr(fuzz.api, "everything", lambda: {"specbook.measure.fresh": fresh})
    before = signal.getsignal(signal.SIGALRM)
    text = "\n".join(fuzz.fuzz(400, SEED, seconds=0.2))
    signal.signal(signal.SIGALRM, before)
    for fault in ("KeyError", "hangs", "warns: too large", "NaN", "infinity"):
        assert fault in text, fault


def test_commands(tmp_path, monkeypatch):
    """Exit status 0 for yes, 1 for no, 2 for a question that was not understood."""
    monkeypatch.chdir(tmp_path)
    draw, runner, codes = random.Random(SEED), CliRunner(), Counter()
    for _ in range(COMMANDS):
        first = draw.choice(("run", "run", "check", "check", "cite", "doctor", draw.choice(WORDS)))
        words = [first, *draw.choices(WORDS, k=draw.choice((0, 1, 1, 2, 2, 3, 5)))]
        if first == "check" and draw.random() < 0.5:
            words = [first, "ex-untrained", draw.choice(WORDS)]
        if "run" in words:  # what it would cost, and no more
            words.insert(1, "--dry")
        if "doctor" in words:  # its checks take seconds and have a test of their own
            words.append("--no")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = runner.invoke(main, words)
        codes[result.exit_code] += 1
        error = result.exception
        assert result.exit_code in (0, 1, 2), (words, result.output)
        assert error is None or isinstance(error, SystemExit), (words, error)
        assert "Traceback" not in result.output, (words, result.output)
    assert min(codes[code] for code in (0, 1, 2)) > 3, codes
    assert not list(tmp_path.iterdir()), "files were written"
