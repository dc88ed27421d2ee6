"""The mutation tool kills what a test sees, reports what none sees, and knows equivalents."""

import subprocess
import sys

import mutate
import pytest

MODULE = '''"""A toy."""
def area(a, b):
    """Not a number: 2 + 2."""
    if a < 0:
        raise ValueError("a " + str(-1))
    return 2 * a - b

def unseen(a):
    return a + 1
'''


@pytest.fixture
def toy(tmp_path):
    (tmp_path / "toy" / "laws").mkdir(parents=True)
    (tmp_path / "toy" / "__init__.py").touch()
    (tmp_path / "toy" / "laws" / "__init__.py").touch()
    (tmp_path / "toy" / "laws" / "shapes.py").write_text(MODULE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_laws.py").write_text(
        "import pytest\nfrom toy.laws.shapes import area\n\n"
        "def test_area():\n    assert area(3, 1) == 5\n"
        "def test_refusal():\n    with pytest.raises(ValueError):\n        area(-3, 1)\n"
    )
    return tmp_path


def keys(folder):
    return [m.key for m in mutate.mutants(folder / "toy/laws/shapes.py", folder / "toy")]


def test_which_mutants_there_are(toy):
    assert keys(toy) == [
        "laws/shapes.py: area: a < 0 -> a > 0",
        "laws/shapes.py: area: 2 * a - b -> 2 * a + b",
        "laws/shapes.py: area: 2 * a -> 2 / a",
        "laws/shapes.py: area: 2 * a -> 2",
        "laws/shapes.py: area: 2 * a -> a",
        "laws/shapes.py: unseen: a + 1 -> a - 1",
    ]


def test_parts_are_all_and_disjoint():
    parts = [mutate.share(range(11), f"{i}/3") for i in (1, 2, 3)]
    assert sorted(sum(map(list, parts), [])) == list(range(11))
    for wrong in ("0/3", "4/3", "3", "a/b"):
        with pytest.raises(SystemExit, match="like 3/8"):
            mutate.share(range(11), wrong)


def test_which_mutants_are_chosen(toy, capsys):
    def chosen(*options):
        assert mutate.main(["--list", *options], toy, "toy", ["laws"]) == 0
        return [row[6:] for row in capsys.readouterr().out.splitlines()]

    everything = keys(toy)
    assert sorted(chosen("--sample", "0")) == sorted(everything)
    assert chosen("--only", "a < 0", "unseen") == [everything[0], everything[-1]]
    assert not chosen("--only", "nowhere")
    sample = chosen("--only", "shapes.py", "--sample", "4")
    assert len(set(sample)) == 4 and set(sample) < set(everything)
    assert chosen("--only", "shapes.py", "--sample", "4") == sample
    parts = [chosen("--only", "area", "--part", f"{i}/2") for i in (1, 2)]
    assert sorted(parts[0] + parts[1]) == sorted(everything[:-1])


def test_files_that_mention_the_changed_place_go_first(tmp_path):
    texts = {"test_a": "shapes.unseen", "test_b": "from x import area", "test_c": "areas"}
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "circles.py").write_text("def area(r):\n    return 3 * r * r\n")
    files = sorted(tmp_path.glob("test*"))
    mutant = mutate.mutants(tmp_path / "circles.py", tmp_path)[0]
    near, others = mutate.near_first(files, mutant, [])
    assert [f.stem for f in near] == ["test_b"] and [f.stem for f in others] == ["test_a", "test_c"]
    (tmp_path / "shapes.py").write_text("from .circles import area\n")
    near, others = mutate.near_first(files, mutant, [])
    assert [f.stem for f in near] == ["test_a", "test_b"], "it is imported there"
    (tmp_path / "shapes.py").unlink()
    near, others = mutate.near_first(files, mutant, ["tests/test_c.py::test_it"])
    assert [f.stem for f in near] == ["test_b", "test_c"]


def run(folder):
    code = (
        f"import sys; sys.path.insert(0, {mutate.__file__.rpartition('/')[0]!r})\n"
        "import mutate; from pathlib import Path; mutate.WARM = ('pytest',)\n"
        "sys.exit(mutate.main([], Path.cwd(), 'toy', ['laws']))"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder
    )


@pytest.mark.slow
def test_survivors_are_errors_unless_explained(toy):
    done = run(toy)
    assert "5 killed, 0 equivalent, 1 survive" in done.stdout, done.stdout + done.stderr
    assert "survives: line 9: laws/shapes.py: unseen: a + 1 -> a - 1" in done.stdout
    assert done.returncode == 1
    listed = toy / "tests" / "mutants_equivalent.txt"
    listed.write_text("laws/shapes.py: unseen: a + 1 -> a - 1\tnobody calls it\n")
    done = run(toy)
    assert "5 killed, 1 equivalent, 0 survive" in done.stdout and done.returncode == 0
    listed.write_text(listed.read_text() + "laws/shapes.py: gone: a -> b\tit is gone\n")
    assert run(toy).returncode == 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = f(a, b)", "f(b, a)"), ("x = a ** 2", "a"), ("x = a / 2", "a"), ("x = -a", "a"),
        ("x = a / b", "a * b"), ("x += a", "x -= a"), ("x = a >= b", "a <= b"),
    ],
)
def test_each_kind_of_change(tmp_path, source, expected):
    (tmp_path / "m.py").write_text(source)
    found = [m.key.split(" -> ")[1] for m in mutate.mutants(tmp_path / "m.py", tmp_path)]
    assert expected in found


@pytest.mark.parametrize(
    "source",
    [
        'x = "a" + b',
        "def f(a: b * c): pass",
        "raise ValueError(-1)",
        'f("name", a)',
        "minimum(a, b)",
        "max(a, b)",
        "hypot(a, b)",
    ],
)
def test_words_and_types_are_left_alone(tmp_path, source):
    (tmp_path / "m.py").write_text(source)
    assert not mutate.mutants(tmp_path / "m.py", tmp_path)
