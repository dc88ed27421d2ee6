"""A probe within the loops of others: Lightning, and the Trainer of Hugging Face."""

import sys
from importlib import import_module


def lightning_callback(probe, denoiser, criterion=None):
    """A callback for ``Trainer(callbacks=[...])`` of Lightning that measures while it trains.

    It measures before the first step, and after each step of the optimizer at which the probe
    would; in the main process only. New `Record.scalars` go to the loggers of the trainer.

    Parameters
    ----------
    probe : Probe
        Made of the spectrum of the data.
    denoiser : callable
        ``denoiser(module)`` returns ``D(x, sigma)`` of your LightningModule, such as
        ``lambda module: from_epsilon(module.net)``.
    criterion : {"harmonic", "geometric", "arithmetic"}, optional
        As for `Record.scalars`.

    Returns
    -------
    lightning.pytorch.Callback
        Of ``pytorch_lightning`` if only that is installed, or if you have imported that.

    Raises
    ------
    ImportError
        Without Lightning.

    Notes
    -----
    Steps are ``trainer.global_step``, which counts those of all optimizers. Weights that are spread
    over processes (FSDP, DeepSpeed) cannot be measured so: use `probe_checkpoints`.
    """
    names = ("lightning.pytorch", "pytorch_lightning")
    names = sorted(names, key=lambda name: name not in sys.modules)
    base = _class("lightning_callback needs Lightning: pip install lightning", names, "Callback")
    watch = _Watch(probe, denoiser, criterion)

    class ProbeCallback(base):
        def on_train_start(self, trainer, pl_module):
            if trainer.is_global_zero and (new := watch(pl_module, trainer.global_step)):
                for logger in trainer.loggers:
                    logger.log_metrics(new, step=trainer.global_step)

        def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
            self.on_train_start(trainer, pl_module)

    return ProbeCallback()


def trainer_callback(probe, denoiser, criterion=None, log=None):
    """A callback for the Trainer of Hugging Face that measures while it trains.

    It measures before the first step, and after each step of the optimizer at which the probe
    would; in the main process only.

    Parameters
    ----------
    probe : Probe
        Made of the spectrum of the data.
    denoiser : callable
        ``denoiser(model)`` returns ``D(x, sigma)`` of the model that the Trainer was given, such
        as ``lambda model: from_epsilon(model.net)``.
    criterion : {"harmonic", "geometric", "arithmetic"}, optional
        As for `Record.scalars`.
    log : callable, optional
        Gets new `Record.scalars`. ``trainer.log`` sends them to all loggers of the Trainer; since
        that must exist before: ``trainer.add_callback(trainer_callback(..., log=trainer.log))``.

    Returns
    -------
    transformers.TrainerCallback

    Raises
    ------
    ImportError
        Without transformers.

    Notes
    -----
    Steps are ``state.global_step``. Weights that are spread over processes (FSDP, DeepSpeed) cannot
    be measured so: use `probe_checkpoints`. A loop of accelerate needs no callback::

        if accelerator.is_main_process:
            probe.measure(from_epsilon(accelerator.unwrap_model(net)), step)
    """
    needs = "trainer_callback needs transformers: pip install transformers accelerate"
    watch = _Watch(probe, denoiser, criterion)

    class ProbeCallback(_class(needs, ["transformers"], "TrainerCallback")):
        def on_train_begin(self, args, state, control, model=None, **kwargs):
            if state.is_world_process_zero and (new := watch(model, state.global_step)) and log:
                log(new)

        def on_step_end(self, args, state, control, model=None, **kwargs):
            self.on_train_begin(args, state, control, model)

    return ProbeCallback()


def _class(needs, modules, name):
    """A class of the first of some modules that is installed, or ``ImportError``."""
    for module in modules:
        try:
            return getattr(import_module(module), name)
        except ImportError:
            pass
    raise ImportError(needs)


class _Watch:
    """Shows a probe the model of a module, once at each step."""

    def __init__(self, probe, denoiser, criterion):
        if not callable(denoiser):
            raise ValueError(f"denoiser must be a function, not {type(denoiser).__name__}")
        self.probe, self.denoiser, self.criterion = probe, denoiser, criterion
        self.step = None

    def __call__(self, module, step):
        """Scalars if the probe has measured, else None."""
        if step == self.step:  # gradients are accumulated
            return None
        self.step, before = step, self.probe.cost.measured
        self.probe.measure(self.denoiser(module), step)
        return self.probe.scalars(self.criterion) if self.probe.cost.measured > before else None
