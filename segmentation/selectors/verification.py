"""Whether the store still holds what the rows promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from segmentation.errors import BlobCorrupt, BlobMissing, StorageFault
from segmentation.models import SegmentationMask, Volume
from segmentation.storage import blob_store


@dataclass(frozen=True)
class BlobFault:
    """One thing wrong with the store; a note (`serious` False) is only told."""

    where: str
    sentence: str
    serious: bool = True


def verify_blobs() -> Iterator[BlobFault]:
    """Yield every referenced file that is missing or changed, every one that should be gone, then orphans as notes."""
    store, promised, buried = blob_store(), _referenced(withdrawn=False), _referenced(withdrawn=True)
    for sha256, where in sorted(promised.items()):
        try:
            store.read(sha256)
        except (BlobMissing, BlobCorrupt, StorageFault) as error:
            yield BlobFault(where, error.detail)
    for sha256 in store.addresses():
        if sha256 in promised:
            continue
        if sha256 in buried:
            yield BlobFault(buried[sha256], "The subject was withdrawn, but this file is still there; withdraw again.")
        else:
            yield BlobFault(f"blob {sha256[:12]}…", "No row refers to this file; it is harmless.", serious=False)


def _referenced(*, withdrawn: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    volumes = Volume.objects.filter(case__subject__withdrawn_at__isnull=not withdrawn)
    for sha256, case, sequence in volumes.values_list("blob_sha256", "case__name", "sequence").iterator():
        found.setdefault(sha256, f"volume {sequence} of case {case}")
    masks = SegmentationMask.objects.filter(segmentation__case__subject__withdrawn_at__isnull=not withdrawn)
    rows = masks.values_list("blob_sha256", "segmentation__case__name", "segmentation__code")
    for sha256, case, code in rows.iterator():
        found.setdefault(sha256, f"segmentation {code} of case {case}")
    return found
