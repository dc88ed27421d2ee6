"""README's examples run word for word, in a folder that is not the repository."""

import ast
import builtins
import re
import shlex
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, flags=re.M | re.S)
VARIANCES = [4.0, 1.0, 0.25]
STEPS = 400


class Net(nn.Module):
    """A small network that predicts noise, as a reader may have it."""

    def __init__(self):
        super().__init__()
        size = len(VARIANCES)
        self.layers = nn.Sequential(nn.Linear(size + 1, 64), nn.SiLU(), nn.Linear(64, size))

    def forward(self, x, t):
        return self.layers(torch.cat([x, torch.log(t)[:, None]], dim=1))


def stand_ins(folder):
    """What the examples take for granted: names by what they stand for, and files."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    data = rng.standard_normal((2000, len(VARIANCES))) * np.sqrt(VARIANCES)
    np.save(folder / "data.npy", data)
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)

    def train_on(batch):
        sigma = torch.exp(torch.randn(len(batch)) * 1.5)
        noise = torch.randn_like(batch)
        state = (batch + sigma[:, None] * noise) / torch.sqrt(1 + sigma[:, None] ** 2)
        loss = ((net(state, sigma) - noise) ** 2).sum(dim=1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    batches = [
        torch.tensor(data[rng.integers(len(data), size=128)], dtype=torch.float32)
        for _ in range(STEPS)
    ]
    (folder / "checkpoints").mkdir()
    kept = {0, 1, 2, 3, 5, 9, 15, 25, 40, 70, 120, 200, 300, 400}
    for step in range(max(kept) + 1):
        if step in kept:
            torch.save(net.state_dict(), folder / "checkpoints" / f"step_{step:05d}.pt")
        train_on(batches[step % STEPS])
    torch.manual_seed(1)
    for layer in net.layers[::2]:
        layer.reset_parameters()
    return {"net": net, "batches": batches, "train_on": train_on}


def taken_for_granted(code):
    """Names that a block reads and neither makes nor imports."""
    names = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            made |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
    return {node.id for node in names} - made - set(dir(builtins))


@pytest.mark.parametrize("code", BLOCKS, ids=lambda code: code.splitlines()[0])
def test_an_example_runs(code, tmp_path, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    names = stand_ins(tmp_path)
    missing = taken_for_granted(code) - names.keys()
    assert not missing, f"README takes {missing} for granted: prepare it in stand_ins"
    exec(compile(code, "README.md", "exec"), names)
    plt.close("all")
    if "probe" in names:  # every mode of the stand-in is learned
        assert names["probe"].steps[0] == 0
        assert np.isfinite(names["probe"].emergence_time("harmonic")).all()
    told = set(re.findall(r'to_csv\("(.*?)"', code))
    found = {file.name for file in tmp_path.iterdir()}
    assert found == {"data.npy", "checkpoints"} | told, "it writes files"


def test_there_are_examples_of_both_halves():
    text = "\n".join(BLOCKS)
    assert "theory." in text and "Probe(" in text
    others = re.findall(r"^```(\w+)", README, flags=re.M)
    assert set(others) <= {"python"}, "a block of another kind that nobody runs"


def test_install_lines_name_extras_that_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line for line in README.splitlines() if line.startswith("pip install ")]
    assert lines
    for line in lines:
        extras = re.findall(r"^specbook\[([\w,]+)\] @ git\+https://", shlex.split(line)[2])
        for extra in extras[0].split(",") if extras else ():
            assert extra in project["optional-dependencies"]
    table = re.findall(r"^\| `(\w+)` \|", README, flags=re.M)
    assert set(table) | {"book", "test"} == set(project["optional-dependencies"])
