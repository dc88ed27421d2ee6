"""A folder of stored networks, probed after training."""

import weakref

import numpy as np
import pytest

from specbook.experiments import Probe, probe_checkpoints
from specbook.spectrum import Spectrum

ONE = Spectrum(np.zeros(2), np.array([1.0, 0.1]), np.eye(2))


def load(path):
    """Gain that is the number in the file."""
    gain = float((path / "weights" if path.is_dir() else path).read_text())
    return lambda x, sigma: gain * x / (1 + sigma**2)


def stored(folder, *names):
    """Files with the numbers 1, 2, ... in them."""
    for number, name in enumerate(names, 1):
        if name.endswith("/"):
            (folder / name).mkdir()
        (folder / (f"{name}weights" if name.endswith("/") else name)).write_text(str(number))
    return folder


def probed(paths, how=load, settings=None, **more):
    probe = Probe(ONE, latents=4, sigmas=[20.0, 1.0], **settings or {})
    probe_checkpoints(probe, paths, how, **more)
    return probe


@pytest.mark.parametrize(
    "settings", [{}, {"record": [0, 300]}, {"budget": 1e-9, "steps": 10_000}, {"record": "all"}]
)
def test_all_are_measured_in_the_order_of_their_steps(tmp_path, settings):
    """Also those that lie closer together than the probe would have measured."""
    stored(tmp_path, "ckpt_1001.pt", "ckpt_999.pt", "ckpt_000000.pt", "ckpt_01000.pt", ".hidden_7")
    probe = probed(tmp_path, settings=settings)
    assert probe.steps.tolist() == [0, 999, 1000, 1001]
    assert 2 * probe.gain[1, :, 0] == pytest.approx([3, 2, 4, 1])
    assert probe.cost.measured == 4


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("ckpt_001000.pt", 1000),
        ("step=1000.ckpt", 1000),
        ("epoch=3-step=1000.ckpt", 1000),
        ("epoch=3-step=1000-v1.ckpt", 1000),
        ("epoch=3-step=1000-val_loss=0.32.ckpt", 1000),
        ("epoch=3-val_loss=0.32.ckpt", 3),
        ("net_v2_steps_70_ema_0.9999.pt", 70),
        ("ema_0.9999_000070.pt2", 70),
        ("unet64_70.tar.gz", 70),
        ("model.ckpt-70", 70),
        ("weights.70", 70),
        ("checkpoint-500/", 500),
    ],
)
def test_steps_in_names(tmp_path, name, step):
    assert probed(stored(tmp_path, name)).steps.tolist() == [step]


def test_what_paths_may_be(tmp_path):
    stored(tmp_path, "net_5.pt", "net_10.pt", "ema_5.pt", "checkpoint-7/")
    for paths, steps in (
        (f"{tmp_path}/net_*.pt", [5, 10]),
        (tmp_path / "net_*.pt", [5, 10]),
        ([tmp_path / "net_10.pt", f"{tmp_path}/ema_5.pt"], [5, 10]),
        (iter([tmp_path / "checkpoint-7"]), [7]),
        (tmp_path / "net_5.pt", [5]),
    ):
        assert probed(paths).steps.tolist() == steps
    with pytest.raises(ValueError, match="ema_5.pt and net_5.pt have the same step, 5"):
        probed(tmp_path)
    own = probed(tmp_path, step=lambda path: sorted(tmp_path.iterdir()).index(path))
    assert own.steps.tolist() == [0, 1, 2, 3]


def test_what_is_left_out_is_told_once(tmp_path):
    stored(tmp_path, "net_1.pt", "net_2.pt", "last.pt", "model_v2.pt")
    (tmp_path / "net_3.pt").write_text("broken")
    with pytest.warns(UserWarning) as caught:
        assert probed(tmp_path).steps.tolist() == [1, 2]
    said = str(caught[0].message)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert "3 of 5 paths were left out (last.pt, model_v2.pt, net_3.pt)" in said
    assert "paths must have their step in their names" in said
    with pytest.raises(ValueError, match="step in their names"):
        probed(tmp_path, errors="raise")
    with pytest.raises(ValueError, match="could not convert") as error:
        probed(f"{tmp_path}/net*", errors="raise")
    assert error.value.__notes__ == [f"while {tmp_path / 'net_3.pt'} was loaded"]
    for number in range(4, 10):
        (tmp_path / f"net_{number}.pt").write_text("broken")
    with pytest.warns(UserWarning, match=r"7 of 9 .*_7.pt, \.\.\.\). net_3.pt: ValueError"):
        probed(f"{tmp_path}/net*")


def test_a_network_that_cannot_be_measured_stops(tmp_path):
    stored(tmp_path, "net_1.pt", "net_3.pt")
    (tmp_path / "net_2.pt").write_text("nan")
    probe = Probe(ONE, latents=4)
    with pytest.raises(ValueError, match="model returned NaN") as error:
        probe_checkpoints(probe, tmp_path, load)
    assert error.value.__notes__ == [f"while {tmp_path / 'net_2.pt'} was measured"]
    assert probe.steps.tolist() == [1]


def test_errors_of_the_readers_functions_are_theirs(tmp_path):
    stored(tmp_path, "net_1.pt", "net_2.pt")
    with pytest.raises(ValueError, match="none of 2 can be used; net_1.pt: KeyError: 'x'") as error:
        probed(tmp_path, how=lambda path: {}["x"])
    assert isinstance(error.value.__cause__, KeyError)
    with pytest.raises(ZeroDivisionError):
        probed(tmp_path, step=lambda path: 1 // 0)
    with pytest.raises(ValueError, match="mine"):
        probed(tmp_path, step=lambda path: int("mine"))


def test_bad_input(tmp_path):
    with pytest.raises(ValueError, match="holds no checkpoint"):
        probed(tmp_path)
    with pytest.raises(ValueError, match="holds no checkpoint"):
        probed(tmp_path / "*.pt")
    for paths in ([], ()):
        with pytest.raises(ValueError, match="holds no checkpoint"):
            probed(paths)
    for paths in (tmp_path / "nowhere", [tmp_path / "nowhere"]):
        with pytest.raises(ValueError, match="paths: .*nowhere' does not exist"):
            probed(paths)
    for paths in (5, [5], None):
        with pytest.raises(ValueError, match="paths must be names"):
            probed(paths)
    stored(tmp_path, "last.pt")
    with pytest.raises(ValueError, match="none of 1 can be used; last.pt"):
        probed(tmp_path)
    for step in (-1, 2.5, None):
        with pytest.raises(ValueError, match="step of last.pt must be a whole number"):
            probed(tmp_path, step=lambda path: step)  # noqa: B023
    for more in ({"how": None}, {"step": 3}, {"errors": "no"}):
        with pytest.raises(ValueError, match="load must|step must|errors must"):
            probed(tmp_path, **more)


def test_one_network_is_in_memory_at_a_time(tmp_path):
    class Half:
        def __call__(self, x, sigma):
            return x / 2

    alive = []

    def one(path):
        assert [net() for net in alive] == [None] * len(alive)
        net = Half()
        alive.append(weakref.ref(net))
        return net

    assert probed(stored(tmp_path, "net_1", "net_2", "net_3"), how=one).steps.size == 3


def test_the_bar(tmp_path, capsys):
    stored(tmp_path, "net_1", "net_2")
    probed(tmp_path)
    assert capsys.readouterr().err == ""
    probed(tmp_path, progress=True)
    assert "2/2" in capsys.readouterr().err
