"""A record as a table, and as numbers for a logger."""

import csv
import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from specbook.experiments import Probe, Record
from specbook.sampler import Sampling
from specbook.spectrum import Spectrum

LAM = np.array([0.05, 2.0, 0.7, 0.0, 0.3, 1e-4])
STEPS = [0, 3, 10, 30, 100]
SETTINGS = dict(record="all", latents=8, sigmas=[20.0, 5.0, 1.0, 0.3, 0.05, 0.005])


def probed(steps=STEPS, **more):
    """Gains that rise to the best, large variances first."""
    lam = torch.from_numpy(LAM)
    probe = Probe(Spectrum(np.zeros(LAM.size), LAM, np.eye(LAM.size)), **SETTINGS | more)
    for step in steps:
        share = 1 - 0.9 * torch.exp(-0.5 * step * lam)
        probe.measure(lambda x, s: x * lam / (lam + s**2) * share, step)  # noqa: B023
    return probe


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_row_for_each_step_and_mode(tmp_path):
    probe = probed(modes=[1, 0, 5])
    probe.to_csv(tmp_path / "curves.csv")
    rows = read(tmp_path / "curves.csv")
    assert len(rows) == len(STEPS) * 3
    assert [row["mode"] for row in rows[:4]] == ["1", "0", "5", "1"]
    for row in rows:
        step, mode = STEPS.index(int(row["step"])), [1, 0, 5].index(int(row["mode"]))
        assert float(row["data_variance"]) == LAM[int(row["mode"])]
        assert float(row["best_variance"]) == probe.reachable[mode]
        assert float(row["generated_variance"]) == probe.variance[step, mode]
    probe.save(tmp_path / "p")
    Record.load(tmp_path / "p").to_csv(tmp_path / "again.csv")
    assert read(tmp_path / "again.csv") == rows
    plain = Record(LAM[:2])  # which knows no numbers of modes
    plain.add(0, {name: np.ones((len(plain.levels), 2)) for name in plain.names})
    plain.to_csv(tmp_path / "plain.csv")
    assert [row["mode"] for row in read(tmp_path / "plain.csv")] == ["0", "1"]


def test_a_row_for_each_mode(tmp_path):
    probe = probed(steps=[0, 10, 30, 100])
    probe.to_csv(tmp_path / "times.csv", "geometric")
    rows, found = read(tmp_path / "times.csv"), probe.emergence("geometric")
    assert [row["status"] for row in rows] == [
        "emerged", "early", "early", "no variance", "emerged", "never",
    ]
    assert [int(row["mode"]) for row in rows] == list(range(6))
    assert [int(row["crossings"]) for row in rows] == found.crossings.tolist()
    for name in ("time", "lower", "upper"):
        assert [float(row[name]) for row in rows] == pytest.approx(
            getattr(found, name).tolist(), rel=0, abs=0, nan_ok=True
        )
    assert float(rows[0]["lower"]) < float(rows[0]["time"]) < float(rows[0]["upper"])


def test_a_mode_that_starts_at_its_target(tmp_path):
    record = Record([1.0, 0.5], Sampling(sigmas=[2.0, 1.0]), mode="samples")
    found = {name: np.ones((2, 2)) for name in record.names}
    for step in (0, 1, 2):
        record.add(step, found | {"sampled": record.reachable * [1.0, 0.1 + 0.4 * step]})
    record.to_csv(tmp_path / "times.csv", "arithmetic")
    rows = read(tmp_path / "times.csv")
    assert [row["status"] for row in rows] == ["nothing to learn", "emerged"]
    assert rows[0]["lower"] == rows[0]["time"] == "nan"


def test_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=dict))
    table = probed().to_dataframe()
    assert list(table) == ["step", "mode", "data_variance", "best_variance", "generated_variance"]
    times = probed().to_dataframe("harmonic")
    assert {len(column) for column in times.values()} == {6}
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas, or write a file with to_csv"):
        probed().to_dataframe()


def test_the_real_pandas(tmp_path):
    pandas = pytest.importorskip("pandas")
    for criterion in (None, "harmonic"):
        probed().to_csv(tmp_path / "table.csv", criterion)
        table = probed().to_dataframe(criterion)
        pandas.testing.assert_frame_equal(table, pandas.read_csv(tmp_path / "table.csv"))


def test_tables_that_cannot_be(tmp_path):
    with pytest.raises(ValueError, match="path: there is no folder"):
        probed().to_csv(tmp_path / "nowhere" / "table.csv")
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(ValueError, match="criterion"):
        probed().to_csv(tmp_path / "table.csv", "sudden")
    for steps, message in (([], "nothing has been measured"), ([0], "after step 0")):
        with pytest.raises(ValueError, match=message):
            probed(steps).to_csv(tmp_path / "table.csv", "harmonic")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", ["gain", "samples"])
def test_numbers_for_a_logger(mode):
    probe = probed(steps=[0, 100, 3, 30, 10], mode=mode)  # the last step, not the last call
    found = probe.scalars(modes=3)
    ratios = [f"probe/variance_ratio/mode_{mode}" for mode in (1, 4, 5)]
    assert list(found) == ["probe/alignment", *ratios]
    for place in (1, 4, 5):
        wanted = probe.variance[-1, place] / LAM[place]
        assert found[f"probe/variance_ratio/mode_{place}"] == pytest.approx(wanted, rel=1e-12)
    assert found["probe/alignment"] == pytest.approx(1)
    assert len(probe.scalars()) == 1 + 5  # not of the mode without variance
    assert json.loads(json.dumps(found)) == found and {type(v) for v in found.values()} == {float}


def test_how_many_have_emerged():
    for steps, count in (([0], 0), ([0, 3], 1), (STEPS[:4], 3), ([0, 10, 30, 100], 4), ([3], 0)):
        found = probed(steps).scalars("geometric")
        assert found["probe/modes_emerged_geometric"] == count, steps
        assert list(found)[-1] == "probe/modes_emerged_geometric"
    part = probed(modes=[5, 2]).scalars("harmonic")
    assert "probe/variance_ratio/mode_2" in part and "probe/variance_ratio/mode_5" in part
    for steps, more, message in (
        ([], {}, "nothing has been measured"),
        ([0], {"criterion": "sudden"}, "criterion"),
        ([0], {"modes": 0}, "modes"),
    ):
        with pytest.raises(ValueError, match=message):
            probed(steps).scalars(**more)
