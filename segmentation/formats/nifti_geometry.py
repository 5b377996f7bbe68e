"""Affines of NIfTI files: from quaternion and from rows, their disagreement, and back to a quaternion.

References
----------
nifti1.h, "3D IMAGE (VOLUME) ORIENTATION AND LOCATION IN SPACE", methods 1 to 3.
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import FileRefused
from segmentation.formats.nifti_header import NiftiHeader
from segmentation.formats.raw import Role, check_affine
from segmentation.geometry.grid import TOLERANCE_MM, Grid

Prefer = Literal["sform", "qform"]
Affine = NDArray[np.float64]
_HALF_TURN = 1e-7  # below this the quaternion's real part is lost in float32 and taken as 0, as nifti1.h does


def header_grid(header: NiftiHeader, role: Role, prefer: Prefer | None) -> tuple[Grid, tuple[str, ...]]:
    """Return the grid of a header and notes on how it was found.

    Parameters
    ----------
    header : NiftiHeader
    role : {"image", "mask"}
    prefer : {"sform", "qform"} or None
        Which of two disagreeing descriptions counts; for images only, and only when a person chose.

    Raises
    ------
    FileRefused
        ``geometry.code``, ``geometry.nonfinite``, ``geometry.singular``, ``geometry.spacing``,
        ``geometry.qform`` or ``geometry.qform_sform``.
    """
    for code in (header.qform_code, header.sform_code):
        if not 0 <= code <= 5:
            raise FileRefused("geometry.code", f"The header has the orientation code {code}; it must be 0 to 5.")
    qform = qform_affine(header) if header.qform_code else None
    sform = sform_affine(header) if header.sform_code else None
    if qform is None and sform is None:
        steps = np.diag([*header.pixdim[1:4], 1.0])
        check_affine(steps, "header")
        return Grid(header.shape, steps, oriented=False), ("the file names no orientation: left and right unknown",)
    return _chosen(header, qform, sform, role, prefer)


def _chosen(
    header: NiftiHeader, qform: Affine | None, sform: Affine | None, role: Role, prefer: Prefer | None
) -> tuple[Grid, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    chosen = qform if sform is None else sform
    if qform is not None and sform is not None:
        apart = float(np.abs(qform - sform).max())
        if apart > TOLERANCE_MM + quaternion_uncertainty(header):
            _refuse_disagreement(apart, role, prefer)
            notes = (f"qform and sform disagree by {apart:.4g} mm; the {prefer} was chosen",)
            chosen = qform if prefer == "qform" else sform
    assert chosen is not None
    grid = Grid(header.shape, chosen)
    return grid, notes + _spacing_note(grid, header)


def _refuse_disagreement(apart: float, role: Role, prefer: Prefer | None) -> None:
    if role == "image" and prefer in ("sform", "qform"):
        return
    way_out = (
        "choose which one counts (sform or qform)"
        if role == "image"
        else "export the mask again in the volume's own space"
    )
    raise FileRefused(
        "geometry.qform_sform",
        f"The header places the {role} in two different ways: qform and sform disagree by {apart:.4g} mm, "
        f"more than {TOLERANCE_MM} mm; {way_out}.",
    )


def _spacing_note(grid: Grid, header: NiftiHeader) -> tuple[str, ...]:
    if np.allclose(grid.spacing, header.pixdim[1:4], rtol=0, atol=TOLERANCE_MM):
        return ()
    return ("voxel sizes of the header and of its affine disagree; the affine counts",)


def sform_affine(header: NiftiHeader) -> Affine:
    """Return the affine stored as rows (method 3)."""
    affine = np.vstack([header.srow, [0.0, 0.0, 0.0, 1.0]])
    check_affine(affine, "header's sform")
    return affine


def qform_affine(header: NiftiHeader) -> Affine:
    """Return the affine stored as a quaternion, spacing and offset (method 2)."""
    if not (np.isfinite(header.quatern).all() and np.isfinite(header.qoffset).all() and np.isfinite(header.pixdim[0])):
        raise FileRefused(
            "geometry.nonfinite",
            "The header's qform contains a value that is not a number; export the file again.",
        )
    squares = float((header.quatern.clip(-2, 2) ** 2).sum())
    if squares > 1 + 1e-5:
        raise FileRefused(
            "geometry.qform",
            f"The header's qform is not a rotation (its squares sum to {squares:.4g}, above 1).",
        )
    handed = -1.0 if header.pixdim[0] < 0 else 1.0
    affine = quaternion_affine(header.quatern, header.pixdim[1:4], header.qoffset, handed)
    check_affine(affine, "header's qform")
    return affine


def quaternion_affine(quatern: Affine, steps: Affine, offset: Affine, handed: float) -> Affine:
    """Return the affine of a unit quaternion's b, c, d, voxel sizes (mm), offset (mm) and ±1."""
    squares = float((quatern**2).sum())
    real = 0.0 if 1 - squares < _HALF_TURN else math.sqrt(1 - squares)
    b, c, d = quatern / math.sqrt(squares) if real == 0 else quatern
    rotation = np.array(
        [
            [real * real + b * b - c * c - d * d, 2 * (b * c - real * d), 2 * (b * d + real * c)],
            [2 * (b * c + real * d), real * real + c * c - b * b - d * d, 2 * (c * d - real * b)],
            [2 * (b * d - real * c), 2 * (c * d + real * b), real * real + d * d - b * b - c * c],
        ]
    )
    affine = np.eye(4)
    affine[:3, :3] = rotation * (steps * [1.0, 1.0, handed])
    affine[:3, 3] = offset
    return affine


def quaternion_uncertainty(header: NiftiHeader) -> float:
    """Return how far (mm per voxel step) the number format alone can move a qform.

    The real part is the root of a difference: near a half turn its rounding error is that of a float32 under
    a square root, which honest files do show. Away from half turns the result is far below the tolerance.
    """
    if header.version == 2:
        return 0.0
    rounding = 2.0**-22
    real = math.sqrt(max(0.0, 1 - float((header.quatern**2).sum())))
    error = math.sqrt(rounding) if real * real < rounding else rounding / (2 * real)
    return 2 * error * float(header.pixdim[1:4].max())


def rotation_quaternion(rotation: Affine) -> Affine:
    """Return b, c, d of the unit quaternion a + bi + cj + dk (a ≥ 0) of a proper rotation matrix.

    Plain arithmetic in a fixed order, so that every machine writes the same bytes.

    References
    ----------
    Shepperd SW. J Guidance Control 1978;1:223–224.
    """
    m = [[float(v) for v in row] for row in rotation]
    trace = m[0][0] + m[1][1] + m[2][2]
    largest = max(range(4), key=lambda i: trace if i == 3 else m[i][i])
    if largest == 3:
        parts = [m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1], 1 + trace]
    else:
        i, j, k = largest, (largest + 1) % 3, (largest + 2) % 3
        parts = [0.0, 0.0, 0.0, m[k][j] - m[j][k]]
        parts[i] = 1 + 2 * m[i][i] - trace
        parts[j], parts[k] = m[j][i] + m[i][j], m[k][i] + m[i][k]
    length = math.sqrt(sum(p * p for p in parts)) * (-1 if parts[3] < 0 else 1)
    return np.array([p / length for p in parts[:3]])
