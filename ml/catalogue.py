"""Model releases as they lie in a folder: what a model takes, what it gives, who drew and who was seen in training.

A release is a folder with `release.json`, the plans and one weights file per fold. Its identity is the SHA-256 of all
its files, so a changed folder is another model and is refused. Nothing here imports torch or opens weights, so the
web process can register and describe models.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ml.errors import ModelRefused

RELEASE_FILE = "release.json"
FORMAT = "blindread-model-1"
_CHUNK = 1 << 20

ManifestKind = Literal["subjects", "images", "unknown"]


@dataclass(frozen=True)
class Input:
    """One image that the model wants: its sequence (``"T2"``) and what was done to it before."""

    sequence: str
    preparation: str = "as acquired"


@dataclass(frozen=True)
class Label:
    """One value of the label map that the model gives."""

    value: int
    name: str


@dataclass(frozen=True)
class Region:
    """A structure made of several labels, predicted as one binary head (BraTS "whole tumour")."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class Fold:
    """Who trained and who tuned one fold: subject codes, or SHA-256 of images."""

    index: int
    training: tuple[str, ...]
    validation: tuple[str, ...]


@dataclass(frozen=True)
class TrainingManifest:
    """Whom the model saw. ``unknown`` is shown as unknown, never as clean."""

    kind: ManifestKind = "unknown"
    annotators: tuple[str, ...] = ()
    folds: tuple[Fold, ...] = ()
    ancestors: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the manifest lists everybody, as far as its makers know."""
        return self.kind != "unknown" and bool(self.folds or self.ancestors)

    def seen(self) -> frozenset[str]:
        """Return every code that any fold or any earlier stage trained or tuned on."""
        folds = (code for fold in self.folds for code in (*fold.training, *fold.validation))
        return frozenset(self.ancestors).union(folds)

    def folds_without(self, code: str) -> tuple[int, ...]:
        """Return the folds that did not train on a subject, for out-of-fold prediction.

        Validation subjects chose the epoch but not the weights, as in nnU-Net's own cross-validation.
        """
        if code in self.ancestors or not self.known:
            return ()
        return tuple(fold.index for fold in self.folds if code not in fold.training)


@dataclass(frozen=True)
class ModelCard:
    """What a careful reader wants to know: use, data, limits, and the choices that papers leave out."""

    summary: str = ""
    intended_use: str = "Research use only, not for diagnosis"
    training_data: str = ""
    limits: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelRelease:
    """One version of a model.

    Parameters
    ----------
    axis_codes : str
        Direction of the array axes that it was trained on, such as ``"RAS"``; empty when not recorded, and then
        arrays are taken as they come.
    regions : tuple of Region
        Empty for a model with one exclusive label per voxel.
    folds : tuple of int
        Folds whose weights lie in the folder.
    """

    name: str
    version: str
    inputs: tuple[Input, ...]
    labels: tuple[Label, ...]
    licence: str
    folds: tuple[int, ...]
    regions: tuple[Region, ...] = ()
    axis_codes: str = ""
    framework: str = "nnunetv2"
    manifest: TrainingManifest = field(default_factory=TrainingManifest)
    card: ModelCard = field(default_factory=ModelCard)

    @property
    def values(self) -> frozenset[int]:
        """Every value that a predicted label map may hold."""
        return frozenset(label.value for label in self.labels) | {0}

    def as_json(self) -> str:
        """Return the text of `release.json`; the order of labels and regions is kept, because it means something."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"


def read_release(folder: Path) -> ModelRelease:
    """Return the release that a folder describes.

    Raises
    ------
    ModelRefused
        ``model.absent``, ``model.json``, ``model.format`` or ``model.fields``.
    """
    path = folder / RELEASE_FILE
    if not path.is_file():
        raise ModelRefused("model.absent", f"{folder.name} holds no {RELEASE_FILE}; point at a released model folder.")
    try:
        fields = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ModelRefused("model.json", f"{RELEASE_FILE} of {folder.name} is not JSON ({error}).") from error
    if not isinstance(fields, dict) or fields.pop("format", None) != FORMAT:
        raise ModelRefused("model.format", f"{RELEASE_FILE} of {folder.name} is not in the format {FORMAT}.")
    try:
        return checked(_release(fields))
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelRefused("model.fields", f"{RELEASE_FILE} of {folder.name} lacks or garbles {error}.") from error


def write_release(release: ModelRelease, folder: Path) -> str:
    """Write `release.json` into a folder and return the digest of the whole folder."""
    (folder / RELEASE_FILE).write_text(checked(release).as_json(), "utf-8")
    return folder_digest(folder)


def checked(release: ModelRelease) -> ModelRelease:
    """Return the release, or refuse one that contradicts itself (``model.fields``)."""
    values = [label.value for label in release.labels]
    stray = {value for region in release.regions for value in region.values} - set(values)
    problems = [
        (not release.name or not release.version, "a name and a version"),
        (not release.inputs, "at least one input"),
        (not values or len(values) != len(set(values)) or min(values) < 1, "labels with different values from 1"),
        (bool(stray), f"labels for the region values {sorted(stray)}"),
        (not release.folds, "at least one fold"),
        (not release.licence, "a licence"),
    ]
    missing = [needed for wrong, needed in problems if wrong]
    if missing:
        raise ModelRefused("model.fields", f"Model {release.name or '(unnamed)'} needs {', '.join(missing)}.")
    return release


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 that identifies a model folder.

    The digest covers the relative path, size and SHA-256 of every file, in order of path; time stamps and
    permissions do not count.

    Raises
    ------
    ModelRefused
        ``model.link`` for a symbolic link, which could point anywhere; ``model.absent`` for no folder or no file.
    """
    lines = [f"{digest} {size} {name}\n" for name, size, digest in _files(folder)]
    if not lines:
        raise ModelRefused("model.absent", f"There is no model in {folder.name}.")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def check_unchanged(folder: Path, sha256: str) -> None:
    """Refuse a folder whose content is no longer what was registered (``model.changed``)."""
    found = folder_digest(folder)
    if found != sha256:
        raise ModelRefused(
            "model.changed",
            f"The model folder {folder.name} has changed since it was registered ({sha256[:12]}, now {found[:12]}); "
            "restore it, or register it as a new version.",
        )


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _files(folder: Path) -> Iterable[tuple[str, int, str]]:
    for path in sorted(folder.rglob("*"), key=lambda each: each.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise ModelRefused("model.link", f"{name} in {folder.name} is a link; copy the file itself.")
        if path.is_file():
            yield name, path.stat().st_size, file_digest(path)


def _release(fields: dict[str, Any]) -> ModelRelease:
    return ModelRelease(
        name=str(fields["name"]),
        version=str(fields["version"]),
        inputs=tuple(Input(**each) for each in fields["inputs"]),
        labels=tuple(Label(int(each["value"]), str(each["name"])) for each in fields["labels"]),
        licence=str(fields["licence"]),
        folds=tuple(int(each) for each in fields["folds"]),
        regions=tuple(Region(str(each["name"]), tuple(each["values"])) for each in fields.get("regions", ())),
        axis_codes=str(fields.get("axis_codes", "")),
        framework=str(fields["framework"]),
        manifest=_manifest(fields.get("manifest", {})),
        card=ModelCard(**fields.get("card", {})),
    )


def _manifest(fields: dict[str, Any]) -> TrainingManifest:
    folds = (
        Fold(int(each["index"]), tuple(each["training"]), tuple(each["validation"])) for each in fields.get("folds", ())
    )
    return TrainingManifest(
        kind=fields.get("kind", "unknown"),
        annotators=tuple(fields.get("annotators", ())),
        folds=tuple(folds),
        ancestors=tuple(fields.get("ancestors", ())),
    )
