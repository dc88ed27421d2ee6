"""Training: against the exact gradient and the law, resumed bit for bit, devices, bad input."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from specbook import noise, theory  # noqa: E402
from specbook.experiments import (  # noqa: E402
    Preconditioned,
    Raw,
    ResidualMLP,
    UNet,
    denoising_loss,
    descend,
    log_steps,
    pick_device,
    plan,
    train,
)
from specbook.experiments.layers import Unshared  # noqa: E402

D = 4


@pytest.fixture(scope="module")
def data():
    x = np.random.default_rng(0).standard_normal((50, D)) * np.geomspace(1.5, 0.3, D)
    return x - x.mean(axis=0)


class Matrix(torch.nn.Module):
    """The linear denoiser ``W x``, at first `start` times the identity."""

    def __init__(self, start=0.0):
        super().__init__()
        self.weight = torch.nn.Parameter(start * torch.eye(D))

    def forward(self, x, label):
        return x @ self.weight.T


def mlp(rng=0):
    return Preconditioned(ResidualMLP(D, width=8, depth=1, rng=rng))


def frozen(denoiser):
    """The same with one weight that is not trained."""
    next(denoiser.parameters()).requires_grad_(False)
    return denoiser


def flat_weights(model):
    return torch.cat([v.flatten() for v in model.state_dict().values()]).clone()


def trained(denoiser, data, **options):
    """Weights at each recorded step."""
    options = dict(steps=20, batch=8, device="cpu", record=[0, 5, 20]) | options
    return {step: flat_weights(model) for step, model in train(denoiser, data, **options)}


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


# --- the loss and its gradient -------------------------------------------------------------------


def all_noise(data):
    """Every data point with noise whose first two moments are exactly those of a normal."""
    corners = np.sqrt(D) * np.concatenate([np.eye(D), -np.eye(D)])
    clean, normal = np.repeat(data, 2 * D, axis=0), np.tile(corners, (len(data), 1))
    return torch.tensor(clean), torch.tensor(normal)


@pytest.mark.parametrize("sigma", [0.05, 1.0, 7.0])
def test_gradient_of_the_plain_loss_is_the_exact_one(data, sigma):
    """For a linear denoiser the expectation over noise needs second moments only."""
    net = Matrix(0.3).double()
    levels = torch.full((len(data) * 2 * D,), sigma, dtype=torch.float64)
    denoising_loss(Raw(net), *all_noise(data), levels).backward()
    weight = net.weight
    covariance = torch.tensor(data.T @ data / len(data))
    noisy = covariance + sigma**2 * torch.eye(D, dtype=torch.float64)
    exact = 2 * (weight @ noisy - covariance)
    assert torch.allclose(weight.grad, exact, rtol=1e-10, atol=1e-12)
    # and one step from the identity is the step that `descend` takes
    start = Matrix(1.0).double()
    denoising_loss(Raw(start), *all_noise(data), levels).backward()
    schedule = plan(np.linalg.eigvalsh(covariance.numpy()), [sigma], [1e-4 / (1 + sigma**2)])
    assert schedule.steps.tolist() == [[1]]
    ((_, weights),) = descend(data, schedule, q0=1.0)
    stepped = start.weight - schedule.rates[0, 0] * start.weight.grad
    assert torch.allclose(weights[0, 0], stepped, rtol=1e-12, atol=1e-14)


def test_loss_by_hand(data):
    clean, normal = torch.tensor(data[:3]), torch.tensor(data[3:6])
    sigma = np.array([0.1, 1.0, 10.0])
    missed = 0.5 * (data[:3] + sigma[:, None] * data[3:6]) - data[:3]
    squares = (missed**2).sum(axis=1)
    half = Raw(Matrix(0.5).double())
    plain = denoising_loss(half, clean, normal, torch.tensor(sigma))
    assert np.isclose(plain.item(), squares.mean(), rtol=1e-12)
    for sd in (0.5, 2.0):
        weighted = denoising_loss(half, clean, normal, torch.tensor(sigma), "edm", sd)
        by_hand = ((sigma**2 + sd**2) / (sigma * sd) ** 2 * squares).mean()
        assert np.isclose(weighted.item(), by_hand, rtol=1e-12)


def test_descent_takes_the_steps_of_the_linear_experiment(data):
    """Same seed, same batches: the two routes of the package agree to rounding."""
    sigma, batch, seed = 0.6, 16, 9
    schedule = plan(np.linalg.eigvalsh(data.T @ data / len(data)), [sigma], [1.0, 2.0])
    marks = np.cumsum(schedule.steps[0])
    (rate,) = set(schedule.rates[0].round(12))
    other = {
        m: w.clone()
        for m, (_, w) in zip(marks, descend(data, schedule, rng=seed, batch=batch), strict=True)
    }
    net = Matrix()
    for step, _ in train(
        Raw(net),
        data,
        steps=int(marks[-1]),
        record=[int(m) for m in marks],
        batch=batch,
        lr=rate,
        optimiser="sgd",
        loss="plain",
        log_sigma=(np.log(sigma), 0),
        rng=seed,
        device="cpu",
        dtype=torch.float64,
    ):
        assert torch.allclose(net.weight, other[step][0, 0], rtol=1e-8, atol=1e-10)


def test_mean_over_seeds_follows_the_law_of_descent(data):
    variances, modes = np.linalg.eigh(data.T @ data / len(data))
    sigma, rate, steps, seeds = 0.5, 0.02, 20, range(80)
    gains = []
    for seed in seeds:
        net = Matrix(0.2)
        *_, _ = train(
            Raw(net),
            data,
            steps=steps,
            record=[steps],
            batch=4,
            lr=rate,
            optimiser="sgd",
            loss="plain",
            log_sigma=(np.log(sigma), 0),
            rng=seed,
            device="cpu",
            dtype=torch.float64,
        )
        gains.append(np.diag(modes.T @ net.weight.detach().numpy() @ modes))
    law = theory.descent_gain(variances, [sigma], [steps], [rate], q0=0.2)[0, 0]
    error = np.std(gains, axis=0, ddof=1) / np.sqrt(len(seeds))
    assert (np.abs(np.mean(gains, axis=0) - law) < 4 * error).all()
    assert (error < 0.07 * law).all() and (np.abs(law - 0.2) > 8 * error).any()


def test_edm_loss_draws_lognormal_levels(data):
    """What a denoiser is asked: levels of the given law, a point of the data plus noise."""
    asked = []

    class Listening(Raw):
        def forward(self, x, sigma):
            asked.append((x.detach().clone(), sigma.clone()))
            return super().forward(x, sigma)

    far = data + 1000 * np.arange(len(data))[:, None]  # noise cannot hide which point it was
    options = dict(steps=40, record=[40], batch=500, log_sigma=(-0.5, 0.8), device="cpu", lr=1e-9)
    list(train(Listening(Matrix(0.3)), far, dtype=torch.float64, **options))
    x, sigma = (torch.cat(part[-40:]).numpy() for part in zip(*asked, strict=True))
    logs = np.log(sigma)
    assert abs(logs.mean() + 0.5) < 4 * 0.8 / np.sqrt(len(logs))
    assert abs(logs.std() - 0.8) < 4 * 0.8 / np.sqrt(2 * len(logs))
    place = np.round(x.mean(axis=1) / 1000).astype(int)
    normal = (x - far[place]) / sigma[:, None]
    assert np.abs(normal.mean(axis=0)).max() < 4 / np.sqrt(len(logs))
    assert np.abs(np.cov(normal.T) - np.eye(D)).max() < 5 / np.sqrt(len(logs))
    assert np.abs(np.corrcoef(logs, normal[:, 0])[0, 1]) < 4 / np.sqrt(len(logs))
    counts = np.bincount(place, minlength=len(data))
    assert counts.min() > 400 - 5 * 20 and counts.max() < 400 + 5 * 20


# --- steps, seeds, averages ----------------------------------------------------------------------


def test_log_steps():
    assert log_steps(1000, 4) == [0, 1, 32, 1000]
    assert log_steps(7, 2) == [0, 7] and log_steps(1, 5) == [0, 1]
    steps = log_steps(20_000, 40)
    assert steps[0] == 0 and steps[-1] == 20_000 and len(steps) <= 40
    assert steps == sorted(set(steps)) and all(type(step) is int for step in steps)
    late = np.diff(np.log(steps[1:]))[-15:]
    assert np.ptp(late) < 0.05


def test_record(data):
    assert list(trained(mlp(), data)) == [0, 5, 20]
    assert list(trained(mlp(), data, record=None)) == log_steps(20, 40)
    assert list(trained(mlp(), data, record=4)) == log_steps(20, 4)
    assert list(trained(mlp(), data, record=[3])) == [3]
    assert same(trained(mlp(), data, record=[5]), {5: trained(mlp(), data)[5]})


def test_seeds_and_generators(data):
    state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    one = trained(mlp(), data, rng=3)
    assert same(one, trained(mlp(), data, rng=3))
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)
    other = trained(mlp(), data, rng=4)
    assert torch.equal(one[0], other[0]) and not torch.equal(one[5], other[5])


def test_the_average_is_the_recursion(data):
    every = dict(record=list(range(21)))
    live, average = trained(mlp(), data, **every), trained(mlp(), data, ema=0.8, **every)
    expected = live[0].double()
    for step in range(1, 21):
        expected = 0.8 * expected + 0.2 * live[step].double()
        assert torch.allclose(average[step].double(), expected, atol=1e-6)
    assert (average[20] - live[20]).abs().max() > 1e-4


def test_models_are_handed_out_in_eval_mode_and_train_in_train_mode(data):
    class Telling(Raw):
        modes = []

        def forward(self, x, sigma):
            self.modes.append(self.training)
            return super().forward(x, sigma)

    denoiser = Telling(Matrix(0.3))
    for step, model in train(denoiser, data, steps=3, record=[1, 3], device="cpu"):
        assert model is denoiser and not model.training
        if step == 1:
            Telling.modes.clear()
    assert Telling.modes == [True, True]
    for _, model in train(denoiser, data, steps=3, ema=0.9, device="cpu"):
        assert model is not denoiser and not model.training
        assert not any(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_optimisers_are_torchs_own(data, optimiser):
    """Fused or not, the steps are those of torch's plain implementation."""
    found = trained(mlp(), data, optimiser=optimiser, dtype=torch.float64, lr=1e-2)
    net = mlp().double()
    kind = torch.optim.Adam if optimiser == "adam" else torch.optim.SGD
    descent, rng = kind(net.parameters(), lr=1e-2, foreach=False), np.random.default_rng(0)
    for _ in range(20):
        clean = torch.tensor(data[rng.integers(len(data), size=8)])
        sigma = torch.tensor(np.exp(-1.2 + 1.2 * rng.standard_normal(8)))
        normal = torch.tensor(rng.standard_normal((8, D)))
        descent.zero_grad()
        denoising_loss(net, clean, normal, sigma, "edm", 0.5).backward()
        descent.step()
    assert torch.allclose(found[20], flat_weights(net), atol=1e-9)


def test_the_weight_of_the_loss_follows_the_denoiser(data):
    def narrow():
        return Preconditioned(ResidualMLP(D, width=8, depth=1), 2.0)

    own = trained(narrow(), data, optimiser="sgd")
    assert same(own, trained(narrow(), data, optimiser="sgd", sigma_data=2.0))
    assert not same(own, trained(narrow(), data, optimiser="sgd", sigma_data=0.5))


@pytest.mark.parametrize("make", [mlp, lambda: Preconditioned(UNet(2, width=3, depth=1))])
def test_networks_learn(data, make):
    """Better than the best linear denoiser at a point cloud of two points."""
    cloud = np.array([[1.0, 1, 1, 1], [-1.0, -1, -1, -1]])
    denoiser = make()
    list(train(denoiser, cloud, steps=150, record=[150], batch=64, lr=1e-2, device="cpu"))
    z = torch.tensor(np.random.default_rng(5).standard_normal((400, 4)), dtype=torch.float32)
    x0 = torch.tensor(np.tile(cloud, (200, 1)), dtype=torch.float32)
    with torch.no_grad():
        error = (denoiser(x0 + z, 1.0) - x0).square().sum(dim=1).mean().item()
    linear = 4 / (4 + 1)  # along the one mode with variance 4, at noise 1
    assert error < 0.8 * linear


def test_divergence_is_said_and_the_checkpoint_is_from_before(data, tmp_path):
    path = tmp_path / "run.pt"
    options = dict(steps=3000, optimiser="sgd", lr=0.5, every=1, record=[3000], checkpoint=path)
    with pytest.raises(FloatingPointError, match="lower lr"):
        trained(Raw(Matrix(0.3)), data, **options)
    kept = torch.load(path, weights_only=True)["denoiser"].values()
    assert all(torch.isfinite(v).all() for v in kept)


# --- checkpoints ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ema", [None, 0.9])
@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_resumed_bit_for_bit(data, tmp_path, optimiser, ema):
    options = dict(optimiser=optimiser, ema=ema, record=list(range(21)), every=6, lr=1e-2)
    whole = trained(mlp(), data, **options)
    options |= dict(checkpoint=tmp_path / "deep" / "run.pt", steps=20, batch=8, device="cpu")
    for step, _ in train(mlp(), data, **options):
        if step == 16:
            break
    rest = trained(mlp(), data, **options)
    assert list(rest) == list(range(12, 21)) and all(torch.equal(rest[k], whole[k]) for k in rest)
    assert list(trained(mlp(), data, **options)) == [20]  # a finished run has its end at once
    assert same(trained(mlp(), data, **options, resume=False), whole)


def test_a_unet_resumed_bit_for_bit(tmp_path):
    data = np.random.default_rng(0).standard_normal((30, 64))
    options = dict(steps=7, batch=8, ema=0.9, every=3, record=[4, 7])

    def make():
        return Preconditioned(UNet(8, width=4))

    whole, options = trained(make(), data, **options), options | {"checkpoint": tmp_path / "u.pt"}
    next(train(make(), data, device="cpu", **options))
    assert same(trained(make(), data, **options), whole)


def test_a_longer_run_goes_on(data, tmp_path):
    path = tmp_path / "run.pt"
    net = mlp()
    trained(net, data, steps=10, record=[10], checkpoint=path)
    whole = {20: trained(mlp(), data)[20]}
    assert same(trained(net, data, record=[20], checkpoint=path), whole)  # the trained one
    assert list(trained(mlp(), data, record=[20], checkpoint=path)) == [20]
    with pytest.raises(ValueError, match=r"steps is 10.*run\.pt.*step 20"):
        trained(mlp(), data, steps=10, record=[10], checkpoint=path)


KILLED = """
import sys
from pathlib import Path
import numpy as np
from test_training import flat_weights, killable
for step, model in killable(np.load(sys.argv[1]), sys.argv[2]):
    part = Path(sys.argv[3], f"{step}.part")
    part.write_bytes(flat_weights(model).numpy().tobytes())
    part.replace(part.with_suffix(".raw"))
"""


def killable(data, path):
    options = dict(steps=600, record=range(0, 601, 20), batch=8, ema=0.9, every=30)
    return train(mlp(), data, checkpoint=path, device="cpu", **options)


def test_killed_and_resumed(data, tmp_path):
    """kill -9 at a random moment: what the caller has stored is whole and as without the kill."""
    np.save(tmp_path / "data.npy", data)
    arguments = [tmp_path / "data.npy", tmp_path / "run.pt", tmp_path]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parent)}

    def start():
        command = [sys.executable, "-c", KILLED, *map(str, arguments)]
        return subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[1])

    victim = start()
    target, deadline = tmp_path / f"{random.randrange(40, 320, 20)}.raw", time.monotonic() + 120
    while not target.exists() and victim.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.02))
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL, "the run was over before it could be killed"
    assert not (tmp_path / "600.raw").exists()
    assert start().wait() == 0
    for step, model in killable(data, None):
        stored = (tmp_path / f"{step}.raw").read_bytes()
        assert stored == flat_weights(model).numpy().tobytes(), step


def test_truncated_and_foreign_checkpoints(data, tmp_path):
    path = tmp_path / "run.pt"
    options = dict(steps=8, record=[8], checkpoint=path)
    trained(mlp(), data, **options)
    whole = path.read_bytes()
    for broken in (b"", whole[:100], whole[:-200], whole[: len(whole) // 2], b"not a checkpoint"):
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=r"checkpoint .*run\.pt.*truncated.*resume=False"):
            train(mlp(), data, **options)
        assert path.read_bytes() == broken  # nothing was lost
    torch.save({"step": 3}, path)
    with pytest.raises(ValueError, match=r"checkpoint .*run\.pt.*not written by train"):
        train(mlp(), data, **options)
    path.write_bytes(whole)
    assert list(trained(mlp(), data, **options)) == [8]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lr": 2e-3}, "lr was 0.001, is 0.002"),
        ({"batch": 9}, "batch"),
        ({"rng": 1}, "rng"),
        ({"optimiser": "sgd"}, "optimiser"),
        ({"loss": "plain"}, "loss"),
        ({"log_sigma": (-1.2, 1.0)}, "log_sigma"),
        ({"sigma_data": 1.0}, "sigma_data"),
        ({"ema": 0.9}, "ema"),
        ({"dtype": torch.float64}, "dtype"),
        ({"precision": "bf16"}, "precision"),
        ({"data": np.ones((5, D))}, "data"),
        ({"denoiser": mlp(rng=1)}, "initial weights"),
        ({"denoiser": Preconditioned(ResidualMLP(D, width=9, depth=1))}, "denoiser"),
        ({"denoiser": Raw(ResidualMLP(D, width=8, depth=1)), "sigma_data": 0.5}, "architecture"),
        (
            {
                "denoiser": Preconditioned(ResidualMLP(D, width=8, depth=1), 2.0),
                "sigma_data": 0.5,
            },
            "architecture",
        ),
        ({"denoiser": frozen(mlp())}, "trained weights"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(data, tmp_path, change, says):
    path = tmp_path / "run.pt"
    options = dict(denoiser=mlp(), data=data, steps=2, record=[2], checkpoint=path)
    trained(**options)
    before = path.read_bytes()
    changed = options | {"denoiser": mlp()} | change
    weights = flat_weights(changed["denoiser"]).double()
    with pytest.raises(ValueError, match=rf"run\.pt.*another run.*{says}"):
        trained(**changed)
    assert path.read_bytes() == before
    assert torch.equal(flat_weights(changed["denoiser"]).double(), weights)


# --- devices, precision, compilation -------------------------------------------------------------


@pytest.mark.parametrize(
    ("cuda", "mps", "dtype", "expected"),
    [
        (True, True, torch.float32, "cuda"),
        (True, False, torch.float64, "cuda"),
        (False, True, torch.float32, "mps"),
        (False, True, torch.float64, "cpu"),
        (False, False, torch.float32, "cpu"),
    ],
)
def test_automatic_device(monkeypatch, cuda, mps, dtype, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device("auto", dtype).type == expected
    assert pick_device("cpu").type == "cpu"


def test_dtype(data):
    single, double = mlp(), mlp()
    a, b = trained(single, data), trained(double, data, dtype=torch.float64)
    assert a[20].dtype == torch.float32 and b[20].dtype == torch.float64
    assert 0 < (a[20] - b[20]).abs().max() < 1e-4


def test_bf16(data):
    """Products in bfloat16, weights in float32: near the full precision, and not equal to it."""
    full, half = trained(mlp(), data), trained(mlp(), data, precision="bf16")
    assert half[20].dtype == torch.float32 and torch.equal(full[0], half[0])
    moved = (full[20] - full[0]).norm()
    assert 0 < (full[20] - half[20]).norm() < 0.5 * moved


@pytest.mark.slow
def test_compile(data):
    if not any(map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++", "cl"))):
        pytest.skip("no C++ compiler, which torch.compile needs on the CPU")
    options = dict(dtype=torch.float64, steps=4, record=[4])
    plain, compiled = (Preconditioned(Matrix(0.3)) for _ in range(2))
    a, b = trained(plain, data, **options), trained(compiled, data, compile=True, **options)
    assert torch.allclose(a[4], b[4], atol=1e-9)
    assert compiled.state_dict().keys() == plain.state_dict().keys()


def test_compile_compiles_the_network_only(data, monkeypatch):
    seen = []
    monkeypatch.setattr(torch, "compile", lambda module: seen.append(module) or module)
    denoiser, foreign = mlp(), Bare()
    assert same(trained(denoiser, data, compile=True), trained(mlp(), data))
    trained(foreign, data, compile=True)
    assert seen == [denoiser.net, foreign]


class Bare(torch.nn.Linear):
    """Somebody's denoiser."""

    def __init__(self, n_in=D, n_out=D):
        super().__init__(n_in, n_out)

    def forward(self, x, sigma):
        return super().forward(x)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda(data, tmp_path):
    options = dict(device="cuda", ema=0.9, every=5, record=[10, 20])
    whole = trained(mlp(), data, **options)
    options |= dict(checkpoint=tmp_path / "run.pt")
    next(train(mlp(), data, steps=20, batch=8, **options))
    rest = trained(mlp(), data, **options)
    assert same(rest, whole)
    cpu = trained(mlp(), data, ema=0.9)
    assert (cpu[20] - whole[20].cpu()).abs().max() < 1e-4


# --- progress and bad input ----------------------------------------------------------------------


def test_progress(data, capsys):
    trained(mlp(), data)
    assert capsys.readouterr().err == ""
    trained(mlp(), data, progress=True)
    assert "20/20" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"data": np.full((5, D), np.nan)}, "data contains NaN"),
        ({"data": np.full((5, D), np.inf)}, "data contains infinity"),
        ({"data": np.zeros((0, D))}, "data is empty"),
        ({"data": np.zeros(D)}, "data must have shape"),
        ({"data": np.zeros((5, D + 1))}, "data has shape"),
        ({"data": np.zeros((5, D), dtype=complex)}, "data"),
        ({"denoiser": lambda x, sigma: x}, "denoiser"),
        ({"denoiser": Raw(Matrix()).requires_grad_(False)}, "denoiser has no weights"),
        ({"denoiser": Bare(D, 2)}, "denoiser maps"),
        ({"denoiser": Bare(7, 7)}, "data has shape"),
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"record": []}, "record"),
        ({"record": [3, 2]}, "record"),
        ({"record": [2, 2]}, "record"),
        ({"record": [-1]}, "record"),
        ({"record": [99]}, "record"),
        ({"record": 1}, "record"),
        ({"batch": 0}, "batch"),
        ({"lr": 0.0}, "lr"),
        ({"lr": np.nan}, "lr"),
        ({"optimiser": "lion"}, "optimiser"),
        ({"loss": "huber"}, "loss"),
        ({"log_sigma": 1.0}, "log_sigma"),
        ({"log_sigma": (0.0, -1.0)}, "log_sigma"),
        ({"log_sigma": (np.nan, 1.0)}, "log_sigma"),
        ({"sigma_data": 0.0}, "sigma_data"),
        ({"ema": 1.0}, "ema"),
        ({"ema": 0.0}, "ema"),
        ({"ema": "yes"}, "ema"),
        ({"rng": -1}, "rng"),
        ({"device": "nonesuch"}, "device"),
        ({"device": 1.5}, "device"),
        ({"dtype": torch.int64}, "dtype"),
        ({"dtype": "float32"}, "dtype"),
        ({"precision": "fp8"}, "precision"),
        ({"every": 0}, "every"),
    ],
)
def test_bad_arguments(data, change, says):
    good = dict(denoiser=mlp(), data=data, steps=5)
    with pytest.raises(ValueError, match=rf"\b{says}\b"):
        train(**{**good, **change})


def test_bad_counts():
    with pytest.raises(ValueError, match="steps"):
        log_steps(0, 5)
    with pytest.raises(ValueError, match="count"):
        log_steps(5, 1)
    assert noise.edm_scalings(0.5)[4] == 8  # what the default weight is at sigma_data


def test_circular_places_belong_to_the_architecture():
    rng = np.random.default_rng(0)
    texts = {str(Unshared(4, 1, 1, 3, rng, circular=circular)) for circular in (False, True)}
    assert len(texts) == 2


class Twice(torch.nn.Module):
    """A denoiser whose layer is used under two names."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(D, D, bias=False)
        self.second = self.first

    def forward(self, x, sigma):
        return self.second(self.first(x))


def test_average_of_a_layer_with_two_names(data):
    torch.manual_seed(0)
    denoiser, decay, average = Twice(), 0.9, None
    for step, model in train(
        denoiser, data, steps=6, record=range(7), batch=8, ema=decay, device="cpu"
    ):
        live = denoiser.first.weight.detach().clone()
        average = live if step == 0 else decay * average + (1 - decay) * live
        assert torch.allclose(model.first.weight, average, rtol=1e-5, atol=1e-7)


def test_numbers_of_numpy_are_plain_numbers_in_a_checkpoint(data, tmp_path):
    path = tmp_path / "run.pt"
    options = dict(record=[4, 8], ema=np.float64(0.9), lr=np.float64(1e-3), every=4)
    whole = trained(mlp(), data, steps=8, **options)
    trained(mlp(), data, steps=4, checkpoint=path, **options | {"record": [4]})
    assert same(trained(mlp(), data, steps=8, checkpoint=path, **options), whole)


def test_data_may_be_a_tensor_with_a_gradient_and_gradients_may_be_off(data):
    with torch.no_grad():
        found = trained(mlp(), torch.tensor(data, requires_grad=True))
    assert same(found, trained(mlp(), data))


def test_settings_that_cannot_be_meant(data):
    with pytest.raises(ValueError, match="precision"):
        trained(mlp(), data, precision="bf16", dtype=torch.float64)
    with pytest.raises(ValueError, match="log_sigma"):
        trained(mlp(), data, log_sigma=(1000.0, 0.0))
    for device in ("meta", "abacus"):
        with pytest.raises(ValueError, match=f"device '{device}' cannot be used"):
            trained(mlp(), data, device=device)
