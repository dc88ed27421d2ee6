"""A probe in the loops of Lightning and Hugging Face: their hooks by stand-ins, and the real ones
where they are installed.
"""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from specbook.experiments import Probe, from_denoiser, lightning_callback, trainer_callback
from specbook.spectrum import Spectrum

LAM = np.array([1.0, 0.3, 0.1])
PLANNED = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12]


class Net(nn.Module):
    """A linear denoiser; dropout shows whether it is in eval mode when it is measured."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.drop = nn.Linear(3, 3), nn.Dropout(0.5)

    def forward(self, x, sigma):
        return self.drop(self.layer(x)) / (1 + sigma[:, None] ** 2)


def probe(**settings):
    return Probe(Spectrum(np.zeros(3), LAM, np.eye(3)), latents=4, **settings)


def loss(net, x):
    return ((net(x + torch.randn_like(x), torch.ones(len(x))) - x) ** 2).mean()


def data(n=24):
    random = torch.Generator().manual_seed(1)
    return torch.randn(n, 3, generator=random) * torch.tensor(LAM).sqrt().float()


def gains(net):
    """Of a probe at the largest noise level, by the weights."""
    return np.diag(net.layer.weight.detach().numpy()) / (1 + 80.0**2)


def check(found, net, steps=PLANNED):
    """Measured at the planned steps, in eval mode, and last the network as it now is."""
    assert found.steps.tolist() == steps
    assert found.gain[0, -1] == pytest.approx(gains(net), rel=1e-4)
    assert net.training and net.drop.training
    assert found.gain[0, 0] != pytest.approx(found.gain[0, -1], rel=1e-3)


# --- stand-ins --------------------------------------------------------------------------------


def installed(monkeypatch, name, cls):
    """A module with one class, in place of a package."""
    module = ModuleType(name)
    setattr(module, cls, type(cls, (), {}))
    monkeypatch.setitem(sys.modules, name, module)
    return getattr(module, cls)


def fit(module, callback, steps=12, accumulate=1, rank=0, first=0):
    """What Lightning calls, and what it would log."""
    logged = []
    logger = SimpleNamespace(log_metrics=lambda metrics, step: logged.append((step, metrics)))
    trainer = SimpleNamespace(global_step=first, is_global_zero=rank == 0, loggers=[logger, logger])
    descent = torch.optim.SGD(module.parameters(), lr=0.1)
    callback.on_train_start(trainer, module)
    for number in range(steps * accumulate):
        loss(module.net, data()).backward()
        if number % accumulate == accumulate - 1:
            descent.step()
            descent.zero_grad()
            trainer.global_step += 1
        kept = [w.grad.clone() for w in module.parameters() if w.grad is not None]
        callback.on_train_batch_end(trainer, module, None, None, number)
        now = [w.grad for w in module.parameters() if w.grad is not None]
        assert all(torch.equal(*pair) for pair in zip(kept, now, strict=True))
    return logged


def lit(net):
    module = nn.Module()
    module.net = net
    return module.train()


@pytest.mark.parametrize("accumulate", [1, 3])
def test_lightning_calls_it(monkeypatch, accumulate):
    base = installed(monkeypatch, "lightning.pytorch", "Callback")
    found, module = probe(), lit(Net())
    callback = lightning_callback(found, lambda module: from_denoiser(module.net), "harmonic")
    assert isinstance(callback, base)
    logged = fit(module, callback, accumulate=accumulate)
    check(found, module.net)
    assert found.cost.measured == len(PLANNED) and found.cost.skipped == 2  # 9, 11
    assert [step for step, _ in logged] == np.repeat(PLANNED, 2).tolist()
    assert logged[-1][1] == found.scalars("harmonic")
    assert "probe/modes_emerged_harmonic" in logged[0][1]


def test_lightning_in_other_processes_and_after_a_stop(monkeypatch):
    installed(monkeypatch, "lightning.pytorch", "Callback")
    found, module = probe(), lit(Net())
    assert fit(module, lightning_callback(found, lambda module: module.net), rank=1) == []
    assert found.cost.measured + found.cost.skipped == 0
    fit(module, lightning_callback(found, lambda module: from_denoiser(module.net)), 4, first=8)
    assert found.steps.tolist() == [8, 10, 12]


def test_the_lightning_that_is_in_use(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightning.pytorch", None)
    base = installed(monkeypatch, "pytorch_lightning", "Callback")
    assert isinstance(lightning_callback(probe(), Net), base)
    monkeypatch.setitem(sys.modules, "pytorch_lightning", None)
    with pytest.raises(ImportError, match="needs Lightning: pip install lightning"):
        lightning_callback(probe(), Net)
    installed(monkeypatch, "lightning.pytorch", "Callback")
    monkeypatch.delitem(sys.modules, "pytorch_lightning")
    both = lightning_callback(probe(), Net)
    assert isinstance(both, sys.modules["lightning.pytorch"].Callback)


@pytest.mark.parametrize("rank", [0, 1])
def test_trainer_calls_it(monkeypatch, rank):
    base = installed(monkeypatch, "transformers", "TrainerCallback")
    found, net, logged = probe(), Net(), []
    callback = trainer_callback(found, from_denoiser, log=logged.append)
    assert isinstance(callback, base)
    state = SimpleNamespace(global_step=0, is_world_process_zero=rank == 0)
    call = dict(model=net, optimizer=None, lr_scheduler=None)
    callback.on_train_begin(None, state, None, **call)
    for step in range(1, 13):
        with torch.no_grad():
            net.layer.weight += 0.1
        state.global_step = step
        callback.on_step_end(None, state, None, **call)
    if rank:
        assert found.cost.measured == 0 and not logged
        return
    check(found, net)
    assert len(logged) == len(PLANNED) and logged[-1] == found.scalars()
    silent = trainer_callback(probe(), from_denoiser)
    assert silent.on_train_begin(None, state, None, **call) is None


def test_refused_beforehand(monkeypatch):
    installed(monkeypatch, "lightning.pytorch", "Callback")
    installed(monkeypatch, "transformers", "TrainerCallback")
    for made in (lightning_callback, trainer_callback):
        with pytest.raises(ValueError, match="denoiser must be a function"):
            made(probe(), "net")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ImportError, match="pip install transformers accelerate"):
        trainer_callback(probe(), Net)


# --- the real packages: `pip install lightning transformers accelerate pandas` ------------------


@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
@pytest.mark.parametrize("accumulate", [1, 2])
def test_lightning(package, accumulate, tmp_path, monkeypatch):
    pl = pytest.importorskip(package)
    for other in ("lightning.pytorch", "pytorch_lightning"):
        if other != package:  # as if only one were in use
            monkeypatch.delitem(sys.modules, other, raising=False)

    class Module(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = Net()

        def training_step(self, batch, number):
            return loss(self.net, batch)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    def trained(callbacks):
        pl.seed_everything(3)
        module = Module()
        logger = pl.loggers.CSVLogger(tmp_path, version=len(callbacks))
        trainer = pl.Trainer(
            max_steps=12, accelerator="cpu", callbacks=callbacks, logger=logger,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
            accumulate_grad_batches=accumulate, log_every_n_steps=1,
        )
        trainer.fit(module, torch.utils.data.DataLoader(data(), batch_size=4))
        logger.save()
        return module.net

    found = probe()
    callback = lightning_callback(found, lambda module: from_denoiser(module.net), "geometric")
    assert isinstance(callback, pl.Callback)
    net = trained([callback])
    check(found, net)
    other = trained([])
    for one, two in zip(net.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)  # the training does not notice
    metrics = next(tmp_path.rglob("version_1/metrics.csv")).read_text().splitlines()
    names = metrics[0].split(",")
    assert {"probe/alignment", "probe/modes_emerged_geometric"} <= set(names)
    rows = [dict(zip(names, line.split(","), strict=True)) for line in metrics[1:]]
    assert [int(r["step"]) for r in rows if r["probe/alignment"]] == PLANNED


@pytest.mark.parametrize("accumulate", [1, 2])
def test_trainer(accumulate, tmp_path):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = Net()

        def forward(self, x):
            return {"loss": loss(self.net, x)}

    def trained(probed):
        transformers.set_seed(3)
        model = Model()
        trainer = transformers.Trainer(
            model,
            transformers.TrainingArguments(
                str(tmp_path), max_steps=12, per_device_train_batch_size=4, use_cpu=True,
                learning_rate=0.1, save_strategy="no", logging_steps=1, report_to=[],
                disable_tqdm=True, gradient_accumulation_steps=accumulate,
            ),
            train_dataset=[{"x": x} for x in data()],
        )
        if probed is not None:
            trainer.add_callback(trainer_callback(
                probed, lambda model: from_denoiser(model.net), "geometric", trainer.log
            ))
        trainer.train()
        return model.net, trainer.state.log_history

    found = probe()
    net, logged = trained(found)
    check(found, net)
    other, _ = trained(None)
    for one, two in zip(net.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
    assert [row["step"] for row in logged if "probe/modes_emerged_geometric" in row] == PLANNED


def test_accelerate():
    accelerate = pytest.importorskip("accelerate")
    accelerator, net, found = accelerate.Accelerator(cpu=True), Net(), probe()
    wrapped, descent = accelerator.prepare(net, torch.optim.SGD(net.parameters(), lr=0.1))
    for step in range(13):
        if accelerator.is_main_process:
            found.measure(from_denoiser(accelerator.unwrap_model(wrapped)), step)
        if step < 12:
            accelerator.backward(loss(wrapped, data()))
            descent.step()
            descent.zero_grad()
    check(found, net)
