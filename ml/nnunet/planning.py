"""nnU-Net's own planning and preprocessing, called as a library, for datasets that share one plan.

Transfer needs one plan for both datasets: the target is planned, the source gets a fingerprint, and the target's
plan, normalisation included, is moved to the source. Runs in a process of its own: preprocessing opens pools.
"""

import ml.torchvision_shim  # noqa: F401

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnunetv2.experiment_planning.plan_and_preprocess_api import (
    extract_fingerprint_dataset,
    plan_experiment_dataset,
    preprocess_dataset,
)
from nnunetv2.experiment_planning.plans_for_pretraining.move_plans_between_datasets import move_plans_between_datasets

from ml.errors import TrainingFailed
from ml.nnunet.environment import Folders


@dataclass(frozen=True)
class SmallNetwork:
    """A network for tests and demonstrations, in place of the planned one."""

    patch: tuple[int, int, int] = (32, 32, 32)
    features: tuple[int, ...] = (8, 16, 32, 64)
    batch: int = 2


@dataclass(frozen=True)
class PlanningSettings:
    """How to plan: name of the plans, configuration, memory of the card; a small network or a voxel size on wish.

    Parameters
    ----------
    spacing_mm : tuple of float, optional
        Voxel size (z, y, x of the arrays) in place of the planned one.
    """

    plans: str = "nnUNetPlans"
    configuration: str = "3d_fullres"
    gpu_memory_gb: float = 8.0
    processes: int = 1
    small: SmallNetwork | None = None
    spacing_mm: tuple[float, float, float] | None = None


def prepare_dataset(folders: Folders, dataset: str, settings: PlanningSettings) -> Path:
    """Fingerprint, plan and preprocess one dataset; return its plans file."""
    number = int(dataset[7:10])
    extract_fingerprint_dataset(number, num_processes=settings.processes, verbose=False, show_progress_bar=False)
    plan_experiment_dataset(
        number,
        gpu_memory_target_in_gb=settings.gpu_memory_gb,
        overwrite_plans_name=settings.plans,
        overwrite_target_spacing=settings.spacing_mm,
    )
    plans = folders.preprocessed / dataset / f"{settings.plans}.json"
    _check_configuration(plans, settings)
    if settings.small:
        write_plans(plans, with_small_network(read_plans(plans), settings.configuration, settings.small))
    _preprocess(number, settings)
    return plans


def prepare_source(folders: Folders, source: str, target: str, settings: PlanningSettings) -> Path:
    """Preprocess the source dataset with the plan of the target; return the moved plans file."""
    number = int(source[7:10])
    extract_fingerprint_dataset(number, num_processes=settings.processes, verbose=False, show_progress_bar=False)
    move_plans_between_datasets(target, source, settings.plans, settings.plans)
    # The planner, which does not run here, is what else puts it there.
    shutil.copyfile(folders.raw / source / "dataset.json", folders.preprocessed / source / "dataset.json")
    _preprocess(number, settings)
    return folders.preprocessed / source / f"{settings.plans}.json"


def read_plans(path: Path) -> dict[str, Any]:
    """Return plans; the order of keys is that of the file."""
    plans: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return plans


def write_plans(path: Path, plans: dict[str, Any]) -> None:
    """Write plans without sorting their keys."""
    path.write_text(json.dumps(plans, indent=1) + "\n", "utf-8")


def with_small_network(plans: dict[str, Any], configuration: str, small: SmallNetwork) -> dict[str, Any]:
    """Return plans whose network is small: three-voxel kernels, halved at each stage after the first."""
    stages = len(small.features)
    here = plans["configurations"][configuration]
    here |= {"patch_size": list(small.patch), "batch_size": small.batch}
    here["architecture"]["arch_kwargs"] |= {
        "n_stages": stages,
        "features_per_stage": list(small.features),
        "kernel_sizes": [[3, 3, 3]] * stages,
        "strides": [[1, 1, 1]] + [[2, 2, 2]] * (stages - 1),
        "n_conv_per_stage": [2] * stages,
        "n_conv_per_stage_decoder": [2] * (stages - 1),
    }
    return plans


def _check_configuration(plans: Path, settings: PlanningSettings) -> None:
    found = read_plans(plans)["configurations"]
    if settings.configuration not in found:
        raise TrainingFailed(
            "plans.configuration",
            f"nnU-Net planned {', '.join(found)} and no {settings.configuration}; the images may be flat.",
        )


def _preprocess(number: int, settings: PlanningSettings) -> None:
    preprocess_dataset(
        number, settings.plans, (settings.configuration,), (settings.processes,), show_progress_bar=False
    )
