"""The study of networks: it resumes, says its price, and what is stored belongs to the code."""

from dataclasses import replace

import numpy as np
import pytest

from specbook import noise, studies, theory
from specbook.spectrum import Spectrum
from specbook.studies import neural_networks


@pytest.fixture
def study():
    assert studies.experiment("neural_networks") is neural_networks.EXPERIMENT
    return neural_networks


@pytest.fixture(scope="module")
def stored():
    return studies.load("neural_networks")  # refused if code or settings have changed


def test_stored_result_is_whole(study, stored):
    assert len(stored.runs) == len(study.PRESETS["book"])
    for run, found in zip(stored.runs, stored.arrays, strict=True):
        assert found["steps"].tolist() == study.steps_of(run)
        assert found["variance"].shape == (len(found["steps"]), run.side**2)
        assert np.isfinite(found["variance"]).all() and (found["variance"] > 0).all()
    npz, _ = study.EXPERIMENT.files("book", studies.RESULTS)
    assert npz.stat().st_size < 1_000_000  # no file of the repository is larger


def test_each_configuration_at_side_8_has_three_seeds(study):
    seeds = {}
    for run in study.PRESETS["book"]:
        seeds.setdefault((run.label, run.side), set()).add(run.rng)
    assert all(found == {0, 1, 2} for (_, side), found in seeds.items() if side == 8)
    assert all(len({replace(r, rng=0) for r in study.PRESETS["book"] if r.label == label}) == 1
               for label, _ in seeds)


def test_price_is_said_and_was_paid(study, stored):
    estimated = sum(map(study.cost, study.PRESETS["book"]))
    assert estimated < 2 * 3600
    assert sum(map(study.cost, study.PRESETS["quick"])) < 90
    paid = sum(stored.provenance["seconds"])
    assert 1 / 4 < paid / estimated < 4  # machines differ, and others use them


def test_data_have_the_variance_that_the_parametrisation_assumes(study):
    for kind in ("gaussian", "patches"):
        x = study.clean_data(kind, 8)
        variances = Spectrum.from_samples(x).variances
        assert np.abs(x.mean(axis=0)).max() < 0.1
        if kind == "patches":
            assert variances.mean() == pytest.approx(study.SIGMA_DATA**2)
        else:
            assert np.sqrt(variances[[0, -1]].prod()) == pytest.approx(0.25, rel=0.05)


def test_a_run_that_stops_goes_on_and_gives_the_same(study, tmp_path, monkeypatch):
    run = replace(study.MLP, width=12, depth=1, steps=40, first=5, records=5, latents=70, levels=5)
    whole = study.work(run, "cpu", tmp_path / "whole")
    measured, calls = study.measured, []

    def stops(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return measured(*arguments)

    monkeypatch.setattr(study, "measured", stops)
    with pytest.raises(KeyboardInterrupt):
        study.work(run, "cpu", tmp_path / "again")
    again = study.work(run, "cpu", tmp_path / "again")
    assert len(calls) == 3 + 3  # what was measured before is not measured again
    assert whole.keys() == again.keys()
    assert all(np.array_equal(whole[name], again[name]) for name in whole)


def test_untrained_networks_start_at_the_law(study, tmp_path):
    run = replace(study.UNET, width=4, steps=1, first=1, records=2, latents=80)
    found = study.work(run, "cpu", tmp_path / "run")
    law = theory.preconditioned(found["variances"], sigma_data=study.SIGMA_DATA)
    start = law.generated_variance(0.0, sigmas=noise.edm_schedule(run.levels))
    assert found["variance"][0] == pytest.approx(start, rel=1e-4)
