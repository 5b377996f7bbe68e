"""Writing cases as an nnU-Net dataset: images and labels as NIfTI, `dataset.json`, and who is who.

The order of labels in `dataset.json` decides which network head means what, so it is never sorted.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from ml.catalogue import Label, Region, file_digest
from ml.errors import TrainingFailed

CASES_FILE = "cases.json"
ENDING = ".nii.gz"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_DATASET = re.compile(r"Dataset\d{3}_[A-Za-z0-9]+")


@dataclass(frozen=True, eq=False)
class TrainingCase:
    """One annotated case.

    Parameters
    ----------
    code, subject : str
        Study codes; the subject is what folds are grouped by.
    images : float ndarray, shape (c, x, y, z)
    labels : integer ndarray, shape (x, y, z)
    affine : float ndarray, shape (4, 4)
        Voxel index to RAS+ millimetres.
    """

    code: str
    subject: str
    images: NDArray[np.floating]
    labels: NDArray[np.integer]
    affine: NDArray[np.float64]


@dataclass(frozen=True)
class DatasetDescription:
    """What the numbers of a dataset mean: sequences, labels, and regions if heads are to overlap."""

    name: str
    sequences: tuple[str, ...]
    labels: tuple[Label, ...]
    regions: tuple[Region, ...] = ()

    @property
    def number(self) -> int:
        """The three digits by which nnU-Net calls the dataset."""
        return int(self.name[7:10])


def export_dataset(raw: Path, description: DatasetDescription, cases: Iterable[TrainingCase]) -> Path:
    """Write a dataset below the raw folder and return its folder.

    Cases are taken one by one, so that a generator keeps memory small. The file `cases.json` holds subject and
    SHA-256 of every file, from which training manifests are made.

    Raises
    ------
    TrainingFailed
        ``dataset.name``, ``dataset.code``, ``dataset.grid``, ``dataset.labels``, ``dataset.finite`` or
        ``dataset.empty``.
    """
    if not _DATASET.fullmatch(description.name):
        raise TrainingFailed("dataset.name", f"{description.name} is no dataset name such as Dataset888_Scratch.")
    folder = raw / description.name
    (folder / "imagesTr").mkdir(parents=True, exist_ok=True)
    (folder / "labelsTr").mkdir(parents=True, exist_ok=True)
    written = {case.code: _write_case(folder, description, case) for case in cases}
    if not written:
        raise TrainingFailed("dataset.empty", f"{description.name} has no case; choose annotated cases.")
    _write_json(folder / "dataset.json", _dataset_json(description, len(written)))
    _write_json(folder / CASES_FILE, {"cases": written})
    return folder


def subjects_of(dataset: Path) -> dict[str, str]:
    """Return the subject of every case of an exported dataset."""
    cases = json.loads((dataset / CASES_FILE).read_text("utf-8"))["cases"]
    return {code: str(case["subject"]) for code, case in cases.items()}


def _write_case(folder: Path, description: DatasetDescription, case: TrainingCase) -> dict[str, object]:
    _check_case(description, case)
    images = [folder / "imagesTr" / f"{case.code}_{channel:04d}{ENDING}" for channel in range(len(case.images))]
    for path, image in zip(images, case.images, strict=True):
        _save(np.asarray(image, np.float32), case.affine, path)
    labels = folder / "labelsTr" / f"{case.code}{ENDING}"
    _save(np.asarray(case.labels, np.uint8), case.affine, labels)
    return {"subject": case.subject, "sha256": {path.name: file_digest(path) for path in [*images, labels]}}


def _save(array: NDArray[Any], affine: NDArray[np.float64], path: Path) -> None:
    image: Any = nibabel.Nifti1Image
    nibabel.save(image(array, affine), path)


def _check_case(description: DatasetDescription, case: TrainingCase) -> None:
    if not _CODE.fullmatch(case.code):
        raise TrainingFailed("dataset.code", f"The case code {case.code!r} may hold letters, digits and hyphens only.")
    if case.images.shape != (len(description.sequences), *case.labels.shape):
        raise TrainingFailed(
            "dataset.grid",
            f"Case {case.code} has images {case.images.shape} and labels {case.labels.shape}; "
            f"{len(description.sequences)} image(s) on the grid of the labels are needed.",
        )
    allowed = {0} | {label.value for label in description.labels}
    stray = sorted(set(np.unique(case.labels).tolist()) - allowed)
    if stray:
        raise TrainingFailed(
            "dataset.labels", f"Case {case.code} holds the labels {stray} which {description.name} does not declare."
        )
    if not np.isfinite(case.images).all():
        raise TrainingFailed("dataset.finite", f"Case {case.code} holds NaN or infinite values; export it again.")


def _dataset_json(description: DatasetDescription, cases: int) -> dict[str, object]:
    labels: dict[str, object] = {"background": 0}
    if description.regions:
        labels |= {region.name: list(region.values) for region in description.regions}
    else:
        labels |= {label.name: label.value for label in description.labels}
    content: dict[str, object] = {
        "channel_names": {str(index): name for index, name in enumerate(description.sequences)},
        "labels": labels,
        "numTraining": cases,
        "file_ending": ENDING,
        "overwrite_image_reader_writer": "SimpleITKIO",
    }
    if description.regions:
        content["regions_class_order"] = [region_label(region, description.regions) for region in description.regions]
    return content


def region_label(region: Region, regions: tuple[Region, ...]) -> int:
    """Return the label that a region writes: the value that no later, smaller region claims.

    Regions are listed from the largest to the smallest, as in BraTS: whole tumour (1, 2, 3) writes 1, core (2, 3)
    writes 2, enhancing (3) writes 3.
    """
    later = {value for other in regions[regions.index(region) + 1 :] for value in other.values}
    own = [value for value in region.values if value not in later]
    if len(own) != 1:
        raise TrainingFailed(
            "dataset.regions",
            f"Region {region.name} leaves the labels {own} to itself; list regions from large to small so that each "
            "leaves exactly one.",
        )
    return own[0]


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
