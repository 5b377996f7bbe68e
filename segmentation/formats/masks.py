"""Reading masks: a label map must hold whole numbers of the study's labels on its volume's grid."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import GridMismatch, MaskRefused
from segmentation.formats.images import first_voxel, read_raw, scale
from segmentation.formats.raw import MAX_BYTES, RawVolume, refusals_name
from segmentation.geometry.grid import TOLERANCE_MM, Grid, same_grid, shape_text


@dataclass(frozen=True)
class DecodedMask:
    """A label map as it will be stored.

    Attributes
    ----------
    array : uint8 ndarray, shape (x, y, z)
        Read-only, native axis order.
    grid : Grid
        The grid of the volume, not that of the file, which may differ within the tolerance.
    counts : mapping of int to int
        Voxels of each label found, without 0.
    dtype : str
        Number type in the file.
    difference_mm : float
        Largest difference between the affines of file and volume.
    notes, text_fields_found : tuple of str
        As for images.
    """

    array: NDArray[np.uint8]
    grid: Grid
    counts: Mapping[int, int]
    dtype: str
    difference_mm: float
    notes: tuple[str, ...]
    text_fields_found: tuple[str, ...]


def read_mask(
    source: Path | bytes,
    name: str | None = None,
    *,
    grid: Grid,
    labels: Set[int] | None = None,
    allow_empty: bool = False,
    limit: int = MAX_BYTES,
) -> DecodedMask:
    """Return the label map in a NIfTI or NRRD file, checked against its volume and the study's labels.

    Parameters
    ----------
    source : Path or bytes
        The file or its content.
    name : str, optional
        Name to show in refusals; the path's own by default.
    grid : Grid
        Grid of the volume that the mask belongs to.
    labels : set of int, optional
        Accepted labels, without or with 0; None accepts 1 to 255.
    allow_empty : bool
        Whether the uploader said "no lesion".

    Raises
    ------
    FileRefused, MaskRefused
        With the codes of the readers, or ``mask.nan``, ``mask.fractional``, ``mask.label``, ``mask.scaled``,
        ``mask.empty``, ``geometry.none``.
    GridMismatch
        ``geometry.shape``, ``geometry.orientation``, ``geometry.affine``.
    """
    shown = name or (source.name if isinstance(source, Path) else "the file")
    with refusals_name(shown):
        raw = read_raw(source, shown, role="mask", prefer=None, limit=limit)
        difference_mm, notes = _check_grid(raw.grid, grid)
        array, scaling_note = _labels_of(raw, labels)
        counts = check_labels(array, labels, allow_empty=allow_empty)
        array.flags.writeable = False
        return DecodedMask(
            array=array,
            grid=grid,
            counts=counts,
            dtype=raw.voxels.dtype.name,
            difference_mm=difference_mm,
            notes=raw.notes + scaling_note + notes,
            text_fields_found=raw.text_fields_found,
        )


def count_labels(array: NDArray[np.uint8]) -> dict[int, int]:
    """Return the number of voxels of each label present in a uint8 array, 0 included."""
    flat = array.ravel(order="K")
    found = np.bincount(flat, minlength=256)
    return {int(label): int(found[label]) for label in np.flatnonzero(found)}


def check_labels(array: NDArray[np.uint8], labels: Set[int] | None, *, allow_empty: bool) -> dict[int, int]:
    """Return the voxels of each label without 0, after refusing strange labels and an empty mask."""
    counts = count_labels(array)
    _refuse_strange(counts, labels)
    counts.pop(0, None)
    if not counts and not allow_empty:
        raise MaskRefused(
            "mask.empty",
            "The mask has no voxel set; if the case has no lesion, say so when sending it (no lesion).",
        )
    return counts


def _labels_of(raw: RawVolume, labels: Set[int] | None) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    values, notes = _scaled(raw, labels)
    if values.dtype.kind == "f":
        _refuse_fractions(values)
    if values.dtype != np.uint8 and (values.min() < 0 or values.max() > 255):
        found, counts = np.unique(values, return_counts=True)
        _refuse_strange(dict(zip(found.tolist(), counts.tolist(), strict=True)), labels)
    return values.astype(np.uint8, order="F", copy=values.dtype != np.uint8), notes


def _scaled(raw: RawVolume, labels: Set[int] | None) -> tuple[NDArray[Any], tuple[str, ...]]:
    if not raw.scaled:
        return raw.voxels, ()
    scaling = f"× {raw.slope:g} + {raw.intercept:g}"
    if labels is None:
        raise MaskRefused(
            "mask.scaled",
            f"The header asks for the labels to be changed ({scaling}); export the mask without scaling.",
        )
    return scale(raw), (f"labels scaled by the header: {scaling}",)


def _refuse_fractions(values: NDArray[Any]) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        raise MaskRefused(
            "mask.nan",
            f"{int((~finite).sum()):,} voxels hold no finite number, the first at {first_voxel(~finite)}; "
            "a mask holds whole numbers; export it again as a label map.",
        )
    fractional = values != np.trunc(values)
    if fractional.any():
        example = values.ravel(order="F")[int(np.argmax(fractional.ravel(order="F")))]
        raise MaskRefused(
            "mask.fractional",
            f"{int(fractional.sum()):,} voxels hold fractions, such as {example:g} at "
            f"{first_voxel(fractional)}; "
            "a mask holds whole numbers; export it again without smoothing or interpolation.",
        )


def _refuse_strange(counts: Mapping[int, int], labels: Set[int] | None) -> None:
    accepted = (set(range(256)) if labels is None else set(labels)) | {0}
    strange = {label: n for label, n in counts.items() if label not in accepted}
    if not strange:
        return
    listed = ", ".join(f"{int(label)} ({n:,} voxels)" for label, n in sorted(strange.items())[:10])
    more = f" and {len(strange) - 10} more" if len(strange) > 10 else ""
    wanted = "1 to 255" if labels is None else ", ".join(str(n) for n in sorted(set(labels) - {0}))
    raise MaskRefused(
        "mask.label",
        f"The mask holds labels that are not the study's: {listed}{more}; expected {wanted} (0 is background).",
    )


def _check_grid(found: Grid, wanted: Grid) -> tuple[float, tuple[str, ...]]:
    if wanted.oriented and not found.oriented and found.shape == wanted.shape:
        raise MaskRefused(
            "geometry.none",
            "The mask's header names no orientation, so left and right cannot be checked; "
            "export it in the volume's own space.",
        )
    difference = same_grid(found, wanted)
    if not difference.same:
        raise _mismatch(found, wanted, difference.sentence)
    if difference.affine_mm == 0:
        return 0.0, ()
    return difference.affine_mm, (f"grid differs from the volume's by {difference.affine_mm:.2g} mm, accepted",)


def _mismatch(found: Grid, wanted: Grid, sentence: str) -> GridMismatch:
    way_out = "export the mask in the volume's own space"
    if found.shape != wanted.shape:
        hint = sentence.partition("; ")[2]
        return GridMismatch(
            "geometry.shape",
            f"The mask has {shape_text(found.shape)} voxels but its volume has {shape_text(wanted.shape)}"
            f"{f' ({hint})' if hint else ''}; {way_out}.",
        )
    if found.axis_codes != wanted.axis_codes:
        return GridMismatch(
            "geometry.orientation",
            f"The axes of the mask run {found.axis_codes} but those of its volume {wanted.axis_codes}, "
            f"so it would lie mirrored or turned; {way_out}.",
        )
    return GridMismatch(
        "geometry.affine",
        f"The mask (first) does not lie where its volume (second) does: {sentence}, "
        f"more than {TOLERANCE_MM} mm; {way_out}.",
    )
