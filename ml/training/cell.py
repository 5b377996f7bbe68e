"""One supervised step of a run in a process of its own: preparing the datasets, or training one model on one fold.

Called as ``python -m ml.training.cell task.json``. The process writes events, a checkpoint and a report, and goes on
from its last checkpoint when it is started again. A termination signal ends it at once: checkpoints are replaced
whole, so nothing is lost but the epochs since the last one.
"""

import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ml.errors import TrainingFailed
from ml.nnunet.environment import Folders
from ml.training.events import EventLog
from ml.training.stages import HeadRule
from ml.training.supervise import die_with_supervisor

INITIAL = "initial.safetensors"
BEST = "weights.safetensors"
REPORT = "report.json"


@dataclass(frozen=True)
class TrainTask:
    """What a training process is told.

    Parameters
    ----------
    parent : str
        Weights or checkpoint to start from; empty for random weights.
    """

    base: str
    folder: str
    model: str
    fold: int
    dataset: str
    plans: str
    configuration: str
    settings: dict[str, Any]
    checkpoint: str = "best"
    parent: str = ""
    heads: HeadRule = "new"
    device: str = "cpu"
    threads: int = 0
    seed: int = 0


@dataclass(frozen=True)
class PrepareTask:
    """What the preparing process is told: the target dataset, and the source when there is an adult model."""

    base: str
    folder: str
    target: str
    source: str
    settings: dict[str, Any]


def prepare(task: PrepareTask) -> None:
    """Plan and preprocess the target, and the source with the target's plans."""
    from ml.nnunet.planning import PlanningSettings, SmallNetwork, prepare_dataset, prepare_source

    small = task.settings.get("small")
    settings = PlanningSettings(**{**task.settings, "small": SmallNetwork(**small) if small else None})
    log = EventLog(Path(task.folder) / "events.jsonl")
    folders = Folders(Path(task.base)).create()
    for dataset, step in ((task.target, prepare_dataset), (task.source, None)):
        if not dataset:
            continue
        log.add("preparing", at=time.time(), dataset=dataset)
        if step:
            step(folders, dataset, settings)
        else:
            prepare_source(folders, dataset, task.target, settings)
    log.add("prepared", at=time.time())


def train(task: TrainTask) -> None:
    """Train one model on one fold, from its parent, from random weights, or from where it was interrupted."""
    import ml.torchvision_shim  # noqa: F401

    import torch

    from ml.nnunet.weights import plain_network, save_weights

    if task.threads:
        torch.set_num_threads(task.threads)
    torch.manual_seed(task.seed)
    folder = Path(task.folder)
    log = EventLog(folder / "events.jsonl")
    trainer = build_trainer(task)
    resumed = _start(task, trainer)
    own = folder / INITIAL
    if not own.exists():
        save_weights(plain_network(trainer.network).state_dict(), own)
    log.add("resumed" if resumed else "started", at=time.time(), epoch=trainer.current_epoch)
    trainer.after_epoch = _Watcher(log, folder / "tensorboard", trainer.current_epoch)
    trainer.run_training()
    _finish(task, trainer)
    log.add("finished", at=time.time(), epochs=trainer.current_epoch, best_epoch=trainer.best_epoch)


def build_trainer(task: TrainTask) -> Any:
    """Return an initialised trainer; nnU-Net's class finder is not asked, so nothing else is imported."""
    import torch

    from ml.nnunet.trainers import TRAINERS, TrainingSettings

    dataset = Folders(Path(task.base)).preprocessed / task.dataset
    plans = json.loads((dataset / f"{task.plans}.json").read_text("utf-8"))
    plans["continue_training"] = False
    dataset_json = json.loads((dataset / "dataset.json").read_text("utf-8"))
    trainer = TRAINERS[task.model](plans, task.configuration, task.fold, dataset_json, torch.device(task.device))
    trainer.use(TrainingSettings(**task.settings))
    trainer.initialize()
    return trainer


def _start(task: TrainTask, trainer: Any) -> bool:
    from ml.nnunet.weights import network_weights, plain_network, without_heads

    output = Path(trainer.output_folder)
    for name in ("checkpoint_final.pth", "checkpoint_latest.pth", "checkpoint_best.pth"):
        if (output / name).is_file():
            trainer.load_checkpoint(str(output / name))
            return True
    if task.parent:
        given = network_weights(Path(task.parent))
        own = plain_network(trainer.network).state_dict()
        trainer.load_network(given if task.heads == "kept" else without_heads(own, given))
    return False


def _finish(task: TrainTask, trainer: Any) -> None:
    """Keep the chosen weights as safetensors beside a report; drop the initial ones, which the report compares."""
    from ml.nnunet.weights import load_weights, network_weights, save_weights

    folder, output = Path(task.folder), Path(trainer.output_folder)
    chosen = output / f"checkpoint_{task.checkpoint}.pth"
    if not chosen.is_file():
        raise TrainingFailed("training.checkpoint", f"{task.model}, fold {task.fold} ended without {chosen.name}.")
    part = folder / f"{BEST}.part"
    save_weights(network_weights(chosen), part)
    part.replace(folder / BEST)
    final = network_weights(output / "checkpoint_final.pth")
    report = {
        "model": task.model,
        "fold": task.fold,
        "epochs": trainer.current_epoch,
        "best_epoch": trainer.best_epoch,
        "best_average": max(trainer.averages, default=None),
        "stopped_early": trainer.current_epoch < trainer.num_epochs,
        "mirroring": list(trainer.inference_allowed_mirroring_axes or ()),
        **change_report(load_weights(folder / INITIAL), final),
        **optimizer_report(trainer),
    }
    _write_atomically(folder / REPORT, json.dumps(report, indent=1) + "\n")
    for name in ("plans.json", "dataset.json"):
        shutil.copyfile(Path(trainer.output_folder_base) / name, folder / name)
    (folder / INITIAL).unlink()


def change_report(before: dict[str, Any], after: dict[str, Any]) -> dict[str, int]:
    """Return how many tensors of encoder and decoder training has changed, of how many.

    Entries of the network's state are counted; blocks list each tensor under two names (`conv`, `all_modules`).
    """
    counts: dict[str, int] = {}
    for part in ("encoder", "decoder"):
        names = [name for name in before if name.startswith(f"{part}.") and not name.startswith("decoder.encoder.")]
        counts[f"{part}_tensors"] = len(names)
        counts[f"{part}_changed"] = sum(not bool((before[name] == after[name]).all()) for name in names)
    return counts


def optimizer_report(trainer: Any) -> dict[str, int]:
    """Return how many parameters the optimizer holds, of how many in the network."""
    from ml.nnunet.weights import plain_network

    groups = trainer.optimizer.param_groups
    return {
        "parameters_trained": sum(each.numel() for group in groups for each in group["params"]),
        "parameters": sum(each.numel() for each in plain_network(trainer.network).parameters()),
    }


class _Watcher:
    """Tells the log and TensorBoard about each epoch."""

    def __init__(self, log: EventLog, board: Path, first_epoch: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.log = log
        self.writer = SummaryWriter(str(board), purge_step=first_epoch)

    def __call__(self, trainer: Any) -> None:
        epoch = trainer.current_epoch - 1
        names = {"train_losses": "train_loss", "val_losses": "validation_loss", "mean_fg_dice": "dice"}
        names |= {"ema_fg_dice": "dice_average", "lrs": "learning_rate"}
        values = {name: float(trainer.logger.get_value(key, step=-1)) for key, name in names.items()}
        seconds = [trainer.logger.get_value(f"epoch_{end}_timestamps", step=-1) for end in ("start", "end")]
        finite = {name: value if value == value else None for name, value in values.items()}
        self.log.add(
            "epoch",
            at=time.time(),
            epoch=epoch,
            epochs=trainer.num_epochs,
            best_epoch=trainer.best_epoch,
            seconds=round(seconds[1] - seconds[0], 3),
            **finite,
        )
        for name, value in values.items():
            self.writer.add_scalar(name, value, epoch)
        self.writer.flush()


def _write_atomically(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)


def task_json(task: TrainTask | PrepareTask) -> str:
    """Return a task as the text that `main` reads."""
    kind = "train" if isinstance(task, TrainTask) else "prepare"
    return json.dumps({"kind": kind, **asdict(task)}, indent=1) + "\n"


def main(path: Path) -> int:
    """Do the task in a file; a refusal is logged with its code and ends with status 1."""
    die_with_supervisor()
    fields = json.loads(path.read_text("utf-8"))
    kind = fields.pop("kind")
    try:
        if kind == "train":
            train(TrainTask(**fields))
        else:
            prepare(PrepareTask(**fields))
    except Exception as error:
        code = getattr(error, "code", type(error).__name__)
        EventLog(Path(fields["folder"]) / "events.jsonl").add("failed", at=time.time(), code=code, detail=str(error))
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
