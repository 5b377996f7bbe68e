"""What an import would do: the dry-run table, and what came of it. Both travel as JSON in a job's result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Action = Literal[
    "new_volume", "new_segmentation", "replaces", "same", "refused", "ignored", "stored"
]  # "stored" stands in results only
WORDS: dict[str, str] = {
    "new_volume": "new volume",
    "new_segmentation": "new segmentation",
    "replaces": "replaces the stored segmentation",
    "same": "already stored",
    "refused": "refused",
    "ignored": "left alone",
    "stored": "stored",
}


@dataclass(frozen=True)
class Options:
    """The importer's choices.

    `empty_masks` = "declare" says that a mask without a voxel means "no lesion"; `orientation` which placement counts
    where the header of an image gives two; `label_map` how the map of labels.csv is called.
    """

    empty_masks: Literal["refuse", "declare"] = "refuse"
    orientation: Literal["", "sform", "qform"] = ""
    label_map: str = ""


@dataclass(frozen=True)
class PlannedFile:
    """One file and what will happen to it; a refusal carries its code and sentence."""

    name: str
    action: Action
    role: Literal["volume", "mask", ""] = ""
    case: str = ""
    sequences: tuple[str, ...] = ()
    source: str = ""
    sha256: str = ""
    content_sha256: str = ""
    shape: tuple[int, ...] = ()
    spacing_mm: tuple[float, ...] = ()
    axes: str = ""
    labels: Mapping[str, int] = field(default_factory=dict)
    declared_empty: bool = False
    notes: tuple[str, ...] = ()
    code: str = ""
    sentence: str = ""

    @property
    def what(self) -> str:
        """What happens to the file, in words."""
        return WORDS[self.action]

    @property
    def accepted(self) -> bool:
        """Whether the file is to be stored or is stored already."""
        return self.action not in ("refused", "ignored")


@dataclass(frozen=True)
class PlannedCase:
    """One case of the import: new or known, whose, and what to look at before going on."""

    name: str
    subject: str
    site: str = ""
    cohort_role: str = ""
    covariates: Mapping[str, Any] = field(default_factory=dict)
    new: bool = True
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedSource:
    """One source of the import; `training_subjects` None means unknown."""

    name: str
    kind: str
    version: str = ""
    annotator: str = ""
    training_subjects: tuple[str, ...] | None = None
    new: bool = True


@dataclass(frozen=True)
class ImportPlan:
    """The dry run: nothing has been written."""

    dataset: str
    convention: str
    options: Options = Options()
    files: tuple[PlannedFile, ...] = ()
    cases: tuple[PlannedCase, ...] = ()
    sources: tuple[PlannedSource, ...] = ()
    label_map: str = ""
    labels: tuple[dict[str, Any], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of files by action."""
        found: dict[str, int] = {}
        for file in self.files:
            found[file.action] = found.get(file.action, 0) + 1
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON values, with its counts and each file's `what`."""
        told = asdict(self)
        told["counts"] = self.counts
        for row, file in zip(told["files"], self.files, strict=True):
            row["what"] = file.what
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> ImportPlan:
        """Return the plan that `as_json` told."""
        return cls(
            dataset=told["dataset"],
            convention=told["convention"],
            options=Options(**told["options"]),
            files=tuple(PlannedFile(**_without(row, "what")) for row in map(_tuples, told["files"])),
            cases=tuple(PlannedCase(**row) for row in map(_tuples, told["cases"])),
            sources=tuple(PlannedSource(**row) for row in map(_tuples, told["sources"])),
            label_map=told["label_map"],
            labels=tuple(told["labels"]),
            problems=tuple(told["problems"]),
        )


@dataclass(frozen=True)
class ImportResult:
    """What an import did, file by file; `files` repeat the plan's rows with what became of them."""

    files: tuple[PlannedFile, ...] = ()
    cases_new: int = 0
    volumes_new: int = 0
    segmentations_new: int = 0

    @property
    def refused(self) -> tuple[PlannedFile, ...]:
        """The files that were not taken."""
        return tuple(file for file in self.files if file.action == "refused")

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        told = asdict(self)
        for row, file in zip(told["files"], self.files, strict=True):
            row["what"] = file.what
        return told


def _without(row: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
