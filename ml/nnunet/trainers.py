"""nnU-Net trainers of stepwise transfer learning: early stop, frozen halves, a whole network from the stage before.

They live outside nnU-Net's tree. What is frozen is chosen by parameter name: `network.decoder.parameters()` holds the
whole encoder too, so freezing the decoder by module would freeze everything.
"""

import ml.torchvision_shim  # noqa: F401

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from nnunetv2.training.lr_scheduler.polylr import PolyLRScheduler
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

from ml.nnunet.weights import Tensors, load_checkpoint, plain_network

ENCODER = ("encoder.",)
DECODER = ("decoder.stages.", "decoder.transpconvs.", "decoder.seg_layers.")


@dataclass(frozen=True)
class TrainingSettings:
    """How long to train; the defaults are paper 000's and, for the rest, nnU-Net's.

    Parameters
    ----------
    patience : int
        Epochs without a rise of the moving average of validation Dice after which training ends.
    """

    epochs: int = 1000
    patience: int = 50
    iterations: int = 250
    validation_iterations: int = 50
    learning_rate: float = 0.01
    save_every: int = 10


def best_epoch(moving_averages: list[float]) -> int:
    """Return the epoch with the highest moving average of validation Dice, the earliest of equals.

    The list is part of every nnU-Net checkpoint, so a resumed run counts its patience from the right epoch.
    """
    best, value = 0, -math.inf
    for epoch, average in enumerate(moving_averages):
        if average > value:
            best, value = epoch, average
    return best


def out_of_patience(moving_averages: list[float], patience: int) -> bool:
    """Return whether the last epoch lies `patience` or more epochs after the best one."""
    return bool(moving_averages) and len(moving_averages) - 1 - best_epoch(moving_averages) >= patience


def _draw_nothing(folder: str) -> None:
    """Stand in for the figure of progress."""


class StepwiseTrainer(nnUNetTrainer):
    """nnU-Net's trainer with early stopping, freezing by name and a hook after every epoch."""

    frozen: ClassVar[tuple[str, ...]] = ()

    # The base class reads the names of these parameters out of its own local variables; they must stay as they are.
    def __init__(
        self,
        plans: dict[str, Any],
        configuration: str,
        fold: int,
        dataset_json: dict[str, Any],
        device: torch.device = torch.device("cuda"),  # noqa: B008
    ) -> None:
        super().__init__(plans, configuration, fold, dataset_json, device)
        self.after_epoch: Callable[[StepwiseTrainer], None] | None = None
        # Stock draws a 30×54 inch figure after every epoch; curves are drawn from the recorded events instead.
        self.logger.plot_progress_png = _draw_nothing
        self.use(TrainingSettings())

    def use(self, settings: TrainingSettings) -> None:
        """Take the length of training; to be called before `initialize`."""
        self.num_epochs = settings.epochs
        self.patience = settings.patience
        self.num_iterations_per_epoch = settings.iterations
        self.num_val_iterations_per_epoch = settings.validation_iterations
        self.initial_lr = settings.learning_rate
        self.save_every = settings.save_every

    @property
    def averages(self) -> list[float]:
        """Moving average of validation Dice after each finished epoch."""
        return [float(value) for value in self.logger.get_value("ema_fg_dice", step=None)][: self.current_epoch]

    @property
    def best_epoch(self) -> int:
        """Epoch of the best checkpoint."""
        return best_epoch(self.averages)

    @property
    def finished(self) -> bool:
        """Whether no further epoch is to be trained."""
        return self.current_epoch >= self.num_epochs or out_of_patience(self.averages, self.patience)

    def load_network(self, tensors: Tensors) -> None:
        """Put weights into the network, every tensor of it; shapes and names must match."""
        if not self.was_initialized:
            self.initialize()
        plain_network(self.network).load_state_dict(tensors)

    def configure_optimizers(self) -> tuple[torch.optim.Optimizer, Any]:
        """Freeze by name, and give the optimizer only what may change.

        The network exists and is compiled here, but not yet wrapped for several devices.
        """
        trainable = []
        for name, parameter in plain_network(self.network).named_parameters():
            parameter.requires_grad = not name.startswith(self.frozen)
            trainable += [parameter] if parameter.requires_grad else []
        optimizer = torch.optim.SGD(
            trainable, self.initial_lr, weight_decay=self.weight_decay, momentum=0.99, nesterov=True
        )
        return optimizer, PolyLRScheduler(optimizer, self.initial_lr, self.num_epochs)

    def on_train_epoch_start(self) -> None:
        """Set the network to training, its frozen part to evaluation, or batch norms would drift."""
        super().on_train_epoch_start()
        for name, module in plain_network(self.network).named_modules():
            if f"{name}.".startswith(self.frozen):
                module.eval()

    def save_checkpoint(self, filename: str) -> None:
        """Write a checkpoint beside its place and move it there, so that a kill leaves the old one whole."""
        part = Path(f"{filename}.part")
        super().save_checkpoint(str(part))
        if part.exists():
            part.replace(filename)

    def load_checkpoint(self, filename_or_checkpoint: str) -> None:
        """Go on from a checkpoint, after making sure that it holds plain data only."""
        load_checkpoint(Path(filename_or_checkpoint))
        super().load_checkpoint(filename_or_checkpoint)

    def run_training(self) -> None:
        """Train until the last epoch or until patience ends; a resumed run that had ended only writes its end."""
        self.on_train_start()
        while not self.finished:
            self.on_epoch_start()
            self._train_epoch()
            self._validate_epoch()
            self.on_epoch_end()
            if self.after_epoch:
                self.after_epoch(self)
        self.on_train_end()

    def _train_epoch(self) -> None:
        self.on_train_epoch_start()
        steps = [self.train_step(next(self.dataloader_train)) for _ in range(self.num_iterations_per_epoch)]
        self.on_train_epoch_end(steps)

    def _validate_epoch(self) -> None:
        with torch.no_grad():
            self.on_validation_epoch_start()
            steps = [self.validation_step(next(self.dataloader_val)) for _ in range(self.num_val_iterations_per_epoch)]
            self.on_validation_epoch_end(steps)

    def plot_network_architecture(self) -> None:
        """Draw nothing: the drawing needs a package that is not installed."""


class StepAdult(StepwiseTrainer):
    """Stage 1: adults, from random weights."""


class StepScratch(StepwiseTrainer):
    """Children, from random weights."""


class StepTransfer(StepwiseTrainer):
    """Stage 2: children, from the adult network."""


class StepTransferEncoder(StepwiseTrainer):
    """Stage 3: from the transfer network, encoder frozen."""

    frozen: ClassVar[tuple[str, ...]] = ENCODER


class StepTransferDecoder(StepwiseTrainer):
    """Stage 3: from the transfer network, decoder frozen."""

    frozen: ClassVar[tuple[str, ...]] = DECODER


TRAINERS: dict[str, type[StepwiseTrainer]] = {
    "adult": StepAdult,
    "scratch": StepScratch,
    "transfer": StepTransfer,
    "transfer-encoder": StepTransferEncoder,
    "transfer-decoder": StepTransferDecoder,
}
