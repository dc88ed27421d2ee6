"""The comparison of routes to a spectrum: its stored result, and the run itself."""

import numpy as np
import pytest

from specbook import studies
from specbook.studies import spectrum_routes as routes


def test_the_stored_result_is_of_this_code():
    (found,) = studies.load("spectrum_routes").arrays
    assert found["d"] == 3072
    assert set(routes.rows(found)) >= {"covariance", "gram, few", "lanczos"}


def test_a_stale_result_is_refused(tmp_path, monkeypatch):
    setup = routes.Setup(side=4, per_photograph=40, rank=5, few=20)
    monkeypatch.setitem(routes.PRESETS, "quick", (setup,))
    studies.perform(routes.EXPERIMENT, "quick", folder=tmp_path, device="cpu", jobs=1)
    studies.load("spectrum_routes", "quick", tmp_path)
    about = tmp_path / "spectrum_routes.quick.json"
    about.write_text(about.read_text().replace('"source": "', '"source": "0'))
    with pytest.raises(ValueError, match="other code: make it with: specbook run spectrum_routes"):
        studies.load("spectrum_routes", "quick", tmp_path)


def test_the_run_itself():
    setup = routes.Setup(side=4, per_photograph=40, rank=5, few=20, rounds=2)
    arrays = routes.work(setup, "cpu", None)
    found = routes.rows(arrays)
    assert arrays["d"] == 48 and arrays["samples"] == 240 and np.isfinite(arrays["condition"])
    for name in ("covariance", "lanczos", "gram, few", "covariance, few"):
        assert found[name]["largest error"] < 1e-9
    assert found["fourier"]["largest error"] > 0.01  # a patch is not periodic
    assert found["lanczos"]["modes"] == 5 and found["gram, few"]["modes"] == 19
    assert all(row["time"] > 0 and row["spread"] >= 0 for row in found.values())


def test_its_price():
    assert routes.cost(routes.PRESETS["quick"][0]) < 60 < routes.cost(routes.PRESETS["book"][0])
