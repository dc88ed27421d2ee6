"""Long experiments: stored whole, refused when stale, and no worse for being killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from checks import imports
from click.testing import CliRunner

from specbook import _files, cli, studies
from specbook.studies import Experiment, _processes, perform, read

KILLS = 20


@dataclass(frozen=True)
class Walk:
    seed: int
    steps: int = 5


def walk(run, device, checkpoint):
    rng = np.random.default_rng(run.seed)
    return {"path": rng.standard_normal(run.steps).cumsum(), "device": np.array(device)}


def another_walk(run, device, checkpoint):
    return {"path": np.zeros(run.steps)}


def cost(run):
    return 60.0 * run.steps


def experiment(work=walk, presets=None):
    presets = presets or {"quick": [Walk(0), Walk(1)], "book": [Walk(s) for s in range(3)]}
    return Experiment("walk", presets, work, cost)


def test_what_is_stored_is_what_was_returned(tmp_path):
    made = perform(experiment(), "book", folder=tmp_path, device="cpu", jobs=1)
    again = read(experiment(), "book", folder=tmp_path)
    assert made.runs == again.runs == (Walk(0), Walk(1), Walk(2))
    for run, arrays in zip(again.runs, again.arrays, strict=True):
        assert np.array_equal(arrays["path"], walk(run, "cpu", None)["path"])
    assert again.provenance["device"] == "cpu" and "numpy" in again.provenance["versions"]
    assert sorted(f.name for f in tmp_path.rglob("*") if f.is_file()) == ["walk.json", "walk.npz"]
    assert b"/home" not in (tmp_path / "walk.json").read_bytes()


def test_presets_do_not_overwrite_each_other(tmp_path):
    perform(experiment(), "book", folder=tmp_path, device="cpu", jobs=1)
    perform(experiment(), "quick", folder=tmp_path, device="cpu", jobs=1)
    assert len(read(experiment(), "book", folder=tmp_path).runs) == 3
    assert len(read(experiment(), "quick", folder=tmp_path).runs) == 2
    with pytest.raises(ValueError, match="preset"):
        read(experiment(), "gpu", folder=tmp_path)


def test_other_code_or_settings_are_refused(tmp_path):
    perform(experiment(), "quick", folder=tmp_path, device="cpu", jobs=1)
    with pytest.raises(ValueError, match="other settings: make it with: specbook run walk"):
        read(experiment(presets={"quick": [Walk(0), Walk(2)]}), "quick", folder=tmp_path)
    with pytest.raises(ValueError, match="other code"):
        read(experiment(another_walk), "quick", folder=tmp_path)
    read(Experiment("walk", experiment().presets, walk, len), "quick", folder=tmp_path)


def test_damaged_files_are_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="walk.npz is missing"):
        read(experiment(), folder=tmp_path)
    perform(experiment(), folder=tmp_path, device="cpu", jobs=1)
    npz, about = tmp_path / "walk.npz", tmp_path / "walk.json"
    whole, described = npz.read_bytes(), about.read_text()
    for broken in (whole[:-20], whole[:10], b"", whole[:-1] + b"x"):
        npz.write_bytes(broken)
        with pytest.raises(ValueError, match="walk.npz"):
            read(experiment(), folder=tmp_path)
    npz.write_bytes(whole)
    about.write_text(described[:100])
    with pytest.raises(ValueError, match="walk.json"):
        read(experiment(), folder=tmp_path)
    about.write_text(described)
    assert len(read(experiment(), folder=tmp_path).arrays) == 3


def test_remains_are_not_lost_by_accident(tmp_path):
    def fails_late(run, device, checkpoint):
        if run.seed == 2 and not (tmp_path / "mended").exists():
            raise RuntimeError("the power went")
        count = tmp_path / f"count-{run.seed}"
        count.write_text(f"{int(count.read_text()) + 1 if count.exists() else 1}")
        return walk(run, device, checkpoint)

    with pytest.raises(RuntimeError, match="the power went"):
        perform(experiment(fails_late), folder=tmp_path, device="cpu", jobs=1)
    with pytest.raises(ValueError, match="resume"):
        perform(experiment(fails_late), folder=tmp_path, device="cpu", jobs=1)
    (tmp_path / "mended").touch()
    made = perform(experiment(fails_late), folder=tmp_path, device="cpu", resume=True, jobs=1)
    assert np.array_equal(made.arrays[2]["path"], walk(Walk(2), "cpu", None)["path"])
    assert [(tmp_path / f"count-{s}").read_text() for s in range(3)] == ["1", "1", "1"]


def test_results_hold_numbers_or_text(tmp_path):
    with pytest.raises(ValueError, match="odd does not"):
        _files.packed({"odd": np.array([{}])})
    assert _files.unpacked(_file(tmp_path, {"a": np.arange(3.0)}))["a"].tolist() == [0, 1, 2]


def _file(folder, arrays):
    _files.write(folder / "x.npz", _files.packed(arrays))
    return folder / "x.npz"


def test_one_call_at_a_time(tmp_path):
    def calls_itself(run, device, checkpoint):
        with pytest.raises(ValueError, match="another call is at work"):
            perform(experiment(), folder=tmp_path, device="cpu", resume=True, jobs=1)
        return walk(run, device, checkpoint)

    if _processes.fcntl is None:
        pytest.skip("this system has no such locks")
    perform(experiment(calls_itself), folder=tmp_path, device="cpu", jobs=1)


def test_remains_of_other_code_are_kept(tmp_path):
    def stops(run, device, checkpoint):
        if run.seed == 1:
            raise RuntimeError("stopped")
        return walk(run, device, checkpoint)

    with pytest.raises(RuntimeError, match="stopped"):
        perform(experiment(stops), folder=tmp_path, device="cpu", jobs=1)
    before = sorted(tmp_path.rglob("*.npz"))
    with pytest.raises(ValueError, match="resume: .* other code"):
        perform(experiment(another_walk), folder=tmp_path, device="cpu", resume=True, jobs=1)
    assert before and sorted(tmp_path.rglob("*.npz")) == before


def test_a_broken_part_is_done_again(tmp_path):
    def stops(run, device, checkpoint):
        if run.seed == 1 and not (tmp_path / "mended").exists():
            raise RuntimeError("stopped")
        return walk(run, device, checkpoint)

    with pytest.raises(RuntimeError, match="stopped"):
        perform(experiment(stops), folder=tmp_path, device="cpu", jobs=1)
    (part,) = tmp_path.rglob("*.npz")
    part.write_bytes(part.read_bytes()[:-9])
    (tmp_path / "mended").touch()
    made = perform(experiment(stops), folder=tmp_path, device="cpu", resume=True, jobs=1)
    assert np.array_equal(made.arrays[0]["path"], walk(Walk(0), "cpu", None)["path"])


@pytest.mark.parametrize("jobs", [0, -3, 1.5])
def test_processes_are_counted(tmp_path, jobs):
    with pytest.raises(ValueError, match="jobs"):
        perform(experiment(), folder=tmp_path, device="cpu", jobs=jobs)


@pytest.mark.parametrize("text", ["[]", "null", "{}", '{"sha256": "x"}'])
def test_provenance_that_says_nothing_is_refused_by_name(tmp_path, text):
    perform(experiment(), folder=tmp_path, device="cpu", jobs=1)
    (tmp_path / "walk.json").write_text(text)
    with pytest.raises(ValueError, match="walk.json .*make it with"):
        read(experiment(), folder=tmp_path)


PROGRAM = """
import os, sys, time
import numpy as np, torch
from dataclasses import dataclass
from specbook.experiments import train, Preconditioned, ResidualMLP
from specbook.studies import Experiment, perform

torch.set_num_threads(1)

@dataclass(frozen=True)
class Run:
    seed: int

def work(run, device, checkpoint):
    data = np.random.default_rng(run.seed).standard_normal((200, 3))
    log = checkpoint.with_name(checkpoint.name + ".log.npy")
    denoiser = Preconditioned(ResidualMLP(3, width=8, depth=1, rng=run.seed))
    steps = 120
    out = np.load(log) if log.exists() else np.zeros(steps + 1)
    for step, model in train(denoiser, data, steps=steps, record=list(range(0, steps + 1, 5)),
                             batch=16, checkpoint=checkpoint, every=10, device="cpu"):
        with torch.no_grad():
            out[step] = float(model(torch.ones(1, 3), 0.5).sum())
        part = log.with_name(log.name + ".part.npy")
        np.save(part, out)
        part.replace(log)
        time.sleep(0.004)
    return {"out": out}

EXPERIMENT = Experiment("killed", {"quick": [Run(0), Run(1)]}, work, len)

def call(folder, jobs):
    perform(EXPERIMENT, "quick", folder=folder, device="cpu", resume=True, jobs=jobs)

if __name__ == "__main__" and len(sys.argv) > 1:
    call(sys.argv[1], int(sys.argv[2]))
    print("done", flush=True)
elif __name__ == "__main__":  # a call for each folder that is told, without importing all again
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            call(line.strip(), 1)
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.slow
def test_killed_at_random_moments_and_resumed(tmp_path):
    """kill -9, twenty times: the result is bit for bit that of a call that was left alone."""
    program = tmp_path / "killed.py"
    program.write_text(PROGRAM)
    chance, kills = random.Random(0), 0

    server = subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"}, cwd=Path(__file__).parents[1],
    )

    def start(folder):
        print(tmp_path / folder, file=server.stdin, flush=True)
        return int(server.stdout.readline())

    def ended():
        return int(server.stdout.readline())

    attempts = 0
    while kills < KILLS:
        attempts += 1
        assert attempts < 200
        child = start("killed")
        time.sleep(chance.uniform(0.0, 0.5))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        killed = ended() == -signal.SIGKILL
        kills += killed
        for file in (tmp_path / "killed").glob("killed.quick.*"):  # whole whenever it is there
            assert file.stat().st_size > 0
        if (tmp_path / "killed" / "killed.quick.json").exists():
            json.loads((tmp_path / "killed" / "killed.quick.json").read_text())
            if kills < KILLS:  # finished before it was killed often enough: once more from afresh
                first = _files.unpacked(tmp_path / "killed" / "killed.quick.npz")
                for file in (tmp_path / "killed").glob("killed.quick.*"):
                    file.unlink()
    for folder in ("killed", "alone"):
        start(folder)
        assert ended() == 0
    server.stdin.close()
    assert server.wait() == 0
    resumed = _files.unpacked(tmp_path / "killed" / "killed.quick.npz")
    untouched = _files.unpacked(tmp_path / "alone" / "killed.quick.npz")
    for found in (resumed, locals().get("first", resumed)):
        assert found.keys() == untouched.keys()
        assert all(np.array_equal(found[k], untouched[k]) for k in untouched)


SLOW_WALK = """
import os, sys, time
import numpy as np
from dataclasses import dataclass
from specbook.studies import Experiment, perform

@dataclass(frozen=True)
class Run:
    seed: int

def work(run, device, checkpoint):
    out = np.random.default_rng(run.seed).standard_normal(60)
    for step in range(out.size):
        checkpoint.write_text(str(step))
        time.sleep(float(os.environ["PAUSE"]))
    return {"out": out}

if __name__ == "__main__":
    experiment = Experiment("killed", {"quick": [Run(0), Run(1)]}, work, len)
    folder, jobs = sys.argv[1], int(sys.argv[2])
    perform(experiment, "quick", folder=folder, device="cpu", resume=True, jobs=jobs)
    print("done", flush=True)
"""


@pytest.mark.slow
def test_workers_end_with_the_call_that_was_killed(tmp_path):
    """No worker trains on after kill -9, and two processes give what one gives."""
    program = tmp_path / "killed.py"
    program.write_text(SLOW_WALK)

    def start(folder, jobs, pause):
        return subprocess.Popen(
            [sys.executable, str(program), str(folder), str(jobs)], stdout=subprocess.PIPE,
            text=True, env=os.environ | {"OMP_NUM_THREADS": "1", "PAUSE": pause},
            cwd=Path(__file__).parents[1],
        )

    process = start(tmp_path / "killed", 2, "0.05")
    states = []
    for _ in range(600):  # until both workers are at it
        time.sleep(0.1)
        states = list((tmp_path / "killed").rglob("*.state"))
        if len(states) == 2:
            break
    assert len(states) == 2
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(1.0)  # a worker looks for its parent five times a second
    left = {file: file.stat().st_mtime_ns for file in states}
    time.sleep(1.5)
    assert left == {file: file.stat().st_mtime_ns for file in states}
    again, alone = start(tmp_path / "killed", 2, "0"), start(tmp_path / "alone", 1, "0")
    assert again.communicate()[0].split() == alone.communicate()[0].split() == ["done"]
    found = [_files.unpacked(tmp_path / f / "killed.quick.npz") for f in ("killed", "alone")]
    assert all(np.array_equal(found[0][name], found[1][name]) for name in found[1])


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def declared(tmp_path, monkeypatch):
    """One more declared experiment; returns the folder in which the command is called."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "made_up_walk.py").write_text(
        "import numpy as np\nfrom dataclasses import dataclass\n"
        "from specbook.studies import Experiment\n"
        "@dataclass(frozen=True)\nclass Run:\n    seed: int\n"
        "def work(run, device, checkpoint):\n    return {'x': np.arange(run.seed + 1.0)}\n"
        "EXPERIMENT = Experiment('made_up_walk', {'quick': [Run(1), Run(2)]}, work,"
        " lambda run: 90.0)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "specbook.studies.made_up_walk", raising=False)
    monkeypatch.setattr(studies, "__path__", [*studies.__path__, str(tmp_path / "modules")])
    return tmp_path


@pytest.fixture
def installed(declared, monkeypatch):
    """The same, as if the package were no checkout."""
    monkeypatch.setattr(studies, "RESULTS", declared / "a" / "b" / "c" / "results")
    return declared


def call(*arguments):
    return CliRunner().invoke(cli.main, ["run", *arguments])


def test_command_lists_plans_and_runs(declared):
    assert call().output.split() == ["made_up_walk", "neural_networks", "spectrum_routes"]
    planned = call("made_up_walk", "--dry", "--jobs", "1")
    assert planned.exit_code == 0
    assert planned.output.splitlines() == [
        "2 runs, about 3 minutes of one core; on 1 cores about 3 minutes",
        "",
        "run  seeds  steps        each   together",
        "         2         90 seconds  3 minutes",
    ]
    here = ("made_up_walk", "--device", "cpu", "--jobs", "1", "--out", "here")
    done = call(*here)
    assert done.exit_code == 0, done.output
    assert "specbook.studies.load('made_up_walk', 'quick', 'here')" in done.output
    assert studies.load("made_up_walk", "quick", "here").arrays[1]["x"].tolist() == [0, 1, 2]
    again = call(*here)
    assert again.exit_code == 2 and "--again" in again.output
    assert call(*here, "--again").exit_code == 0


@pytest.mark.parametrize("name", studies.names())
def test_a_plan_counts_every_run_and_tells_them_apart(name):
    experiment = studies.experiment(name)
    for preset in experiment.presets:
        total, _, head, *rows = studies.plan(experiment, preset).splitlines()
        count = len(experiment.runs(preset))
        assert total.startswith(f"{count} runs, about ")
        place = head.index("seeds")
        assert sum(int(row[place : place + 5]) for row in rows) == count
        assert len({row[:place] for row in rows}) == len(rows), "two rows of one name"


def test_a_checkout_stores_where_chapters_look():
    assert studies.folder() == studies.RESULTS == Path(studies.__file__).parent / "results"


def test_an_installed_package_is_not_written_to(installed):
    done = call("made_up_walk", "--device", "cpu", "--jobs", "1")
    assert done.exit_code == 0 and "specbook-results" in done.output
    assert sorted(f.name for f in (installed / "specbook-results").glob("*.*")) == [
        ".parts", "made_up_walk.quick.json", "made_up_walk.quick.npz",
    ]
    assert not (installed / "a").exists()
    with pytest.raises(ValueError, match="made_up_walk.quick.npz is missing"):
        studies.load("made_up_walk", "quick")


def test_command_says_what_is_wrong(declared):
    unknown = call("nothing")
    assert unknown.exit_code == 2 and "there are: made_up_walk" in unknown.output
    preset = call("made_up_walk", "--preset", "book")
    assert preset.exit_code == 2 and "preset must be one of 'quick'" in preset.output
    device = call("made_up_walk", "--device", "abacus")
    assert device.exit_code == 2 and "device" in device.output


def test_listing_and_reading_need_no_torch():
    read = "from specbook import studies; studies.names(); e = studies.experiment"
    read += "('spectrum_routes'); e.source()"
    assert not imports.loaded_by(read, ("torch", "matplotlib", "sympy"))
