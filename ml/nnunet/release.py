"""Making a release folder from a finished run: safetensors per fold, plans, labels, manifest and model card.

Plans name classes that nnU-Net imports. Only the network, its layers and resampling functions that nnU-Net itself
writes into plans are accepted, so that plans cannot name code.
"""

import json
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ml.catalogue import Fold, Input, ModelCard, ModelRelease, TrainingManifest, write_release
from ml.errors import ModelRefused, TrainingFailed
from ml.nnunet.dataset import DatasetDescription, subjects_of
from ml.nnunet.environment import Folders
from ml.training.stages import PARENT, Cell
from ml.training.state import Run

NETWORK_FILE = "network.json"
_NETWORKS = "dynamic_network_architectures.architectures."
_LAYERS = "torch.nn."
_RESAMPLING = {"resample_data_or_seg_to_shape", "resample_torch_fornnunet", "resample_torch_simple"}
_PREPROCESSORS = {"DefaultPreprocessor"}


@dataclass(frozen=True)
class ReleaseNotes:
    """What the makers of a model have to say that its files cannot."""

    name: str
    version: str
    licence: str
    annotators: tuple[str, ...] = ()
    axis_codes: str = ""
    preparation: str = "as acquired"
    card: ModelCard = field(default_factory=ModelCard)


def weights_file(folder: Path, fold: int) -> Path:
    """Return where a release keeps the weights of a fold."""
    return folder / f"fold_{fold}" / "weights.safetensors"


def release_model(run: Run, model: str, description: DatasetDescription, notes: ReleaseNotes, folder: Path) -> str:
    """Write a release of one model of a finished run and return its digest.

    Raises
    ------
    TrainingFailed
        ``release.unfinished`` when a fold is not trained; ``release.exists`` when the folder is not empty.
    """
    cells = [cell for cell in run.settings().tree.cells() if cell.model == model]
    missing = [cell.name for cell in cells if not run.done(cell)]
    if missing or not cells:
        raise TrainingFailed("release.unfinished", f"{model} is not trained yet: {', '.join(missing) or 'no fold'}.")
    if folder.exists() and any(folder.iterdir()):
        raise TrainingFailed("release.exists", f"{folder.name} is not empty; releases are never overwritten.")
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    reports = [run.report(cell) for cell in cells]
    _copy_files(run, cells, part, reports[0]["mirroring"])
    card = _card(run, notes.card, reports)
    release = ModelRelease(
        name=notes.name,
        version=notes.version,
        inputs=tuple(Input(sequence, notes.preparation) for sequence in description.sequences),
        labels=description.labels,
        licence=notes.licence,
        folds=tuple(cell.fold for cell in cells),
        regions=description.regions,
        axis_codes=notes.axis_codes,
        manifest=replace(training_manifest(run, model), annotators=notes.annotators),
        card=card,
    )
    digest = write_release(release, part)
    if folder.exists():
        folder.rmdir()
    part.rename(folder)
    return digest


def training_manifest(run: Run, model: str) -> TrainingManifest:
    """Return the subjects of each fold, and everybody whom the stages before have seen."""
    settings, folders = run.settings(), Folders(run.folder)
    dataset = settings.source if model == "adult" else settings.target
    subjects = subjects_of(folders.raw / dataset)
    splits = json.loads((folders.preprocessed / dataset / "splits_final.json").read_text("utf-8"))
    folds = tuple(
        Fold(index, _codes(split["train"], subjects), _codes(split["val"], subjects))
        for index, split in enumerate(splits)
    )
    # Stage 3 starts from the same fold of stage 2 on the same split, so only the adults are new among its ancestors.
    adults = PARENT.get(model) is not None and model != "adult"
    ancestors = tuple(sorted(set(subjects_of(folders.raw / settings.source).values()))) if adults else ()
    return TrainingManifest("subjects", (), folds, ancestors)


def check_plans(plans: dict[str, Any], configuration: str) -> None:
    """Refuse plans that lack the configuration or name anything but nnU-Net's own parts (``model.plans``)."""
    here = plans.get("configurations", {}).get(configuration)
    if not isinstance(here, dict) or "architecture" not in here or "inherits_from" in here:
        raise ModelRefused("model.plans", f"The plans have no whole configuration {configuration}.")
    network = here["architecture"]
    kwargs = network["arch_kwargs"]
    named = [kwargs[name] for name in network["_kw_requires_import"] if kwargs[name] is not None]
    functions = {here[f"resampling_fn_{kind}"] for kind in ("data", "seg", "probabilities")}
    strange = [
        *([network["network_class_name"]] if not _within(network["network_class_name"], _NETWORKS) else []),
        *(name for name in named if not _within(name, _LAYERS)),
        *(functions - _RESAMPLING),
        *({here["preprocessor_name"]} - _PREPROCESSORS),
    ]
    if strange:
        raise ModelRefused("model.plans", f"The plans name {strange[0]}, which is not a part of nnU-Net; not loaded.")


def _within(name: Any, prefix: str) -> bool:
    return isinstance(name, str) and name.startswith(prefix) and name.replace(".", "").replace("_", "").isalnum()


def _codes(cases: list[str], subjects: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted({subjects[case] for case in cases}))


def _copy_files(run: Run, cells: list[Cell], folder: Path, mirroring: list[int]) -> None:
    folder.mkdir(parents=True)
    first = run.cell_folder(cells[0])
    for name in ("plans.json", "dataset.json"):
        shutil.copyfile(first / name, folder / name)
    network = {"configuration": run.settings().configuration, "mirroring": mirroring}
    (folder / NETWORK_FILE).write_text(json.dumps(network, indent=1) + "\n", "utf-8")
    for cell in cells:
        target = weights_file(folder, cell.fold)
        target.parent.mkdir()
        shutil.copyfile(run.cell_folder(cell) / "weights.safetensors", target)


def _card(run: Run, card: ModelCard, reports: list[dict[str, Any]]) -> ModelCard:
    measured = {f"dice_average_fold_{each['fold']}": round(float(each["best_average"]), 4) for each in reports}
    epochs = {f"epochs_fold_{each['fold']}": float(each["epochs"]) for each in reports}
    choices = {**run.settings().tree.choices.for_card(), **{k: str(v) for k, v in run.settings().training.items()}}
    return replace(card, choices={**choices, **card.choices}, measured={**measured, **epochs, **card.measured})
