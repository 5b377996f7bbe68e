"""Every segmentation that a case ever had, with what was noted of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from segmentation.models import Case, Segmentation, Source


@dataclass(frozen=True)
class StoredMask:
    """One mask of a segmentation, on one sequence."""

    sequence: str
    content_sha256: str
    voxels: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class StoredSegmentation:
    """One segmentation of a case; `current` is False once a newer one replaced it."""

    code: str
    source: Source
    label_map: str
    labels: tuple[tuple[str, str, str], ...]
    declared_empty: bool
    current: bool
    created_at: datetime
    files: tuple[str, ...]
    masks: tuple[StoredMask, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted of its masks, each once."""
        return tuple(dict.fromkeys(note for mask in self.masks for note in mask.notes))


def history_of(case: Case) -> list[StoredSegmentation]:
    """Return the segmentations of a case, source by source, the current one of each first."""
    found = (
        Segmentation.objects.filter(case=case)
        .select_related("source", "label_map", "replaced_by")
        .prefetch_related("masks__volume")
    )
    rows = sorted(found, key=lambda s: (s.source.kind, s.source.name, s.source.version, -s.pk))
    return [_row(segmentation) for segmentation in rows]


def _row(segmentation: Segmentation) -> StoredSegmentation:
    return StoredSegmentation(
        code=segmentation.code,
        source=segmentation.source,
        label_map=str(segmentation.label_map),
        labels=tuple((str(x["value"]), str(x["name"]), str(x["colour"])) for x in segmentation.label_map.labels),
        declared_empty=segmentation.declared_empty,
        current=getattr(segmentation, "replaced_by", None) is None,
        created_at=segmentation.created_at,
        files=tuple(file["name"] for file in segmentation.provenance.get("files", [])),
        masks=tuple(
            StoredMask(mask.volume.sequence, mask.content_sha256, sum(mask.voxels_by_label.values()), tuple(mask.notes))
            for mask in sorted(segmentation.masks.all(), key=lambda mask: mask.volume.sequence)
        ),
    )


def neighbours(case: Case) -> tuple[Case | None, Case | None]:
    """Return the cases before and after this one in the dataset, by name."""
    others = Case.objects.filter(dataset=case.dataset)
    return (
        others.filter(name__lt=case.name).order_by("-name").first(),
        others.filter(name__gt=case.name).order_by("name").first(),
    )


def volumes_by_label(
    measured: dict[str, float | None], labels: Sequence[tuple[str, str, str]]
) -> list[tuple[str, float | None]]:
    """Return name and volume in mL of each label; nothing where there is only the whole."""
    return [(name, measured.get(f"label {value}")) for value, name, _ in labels if f"label {value}" in measured]
