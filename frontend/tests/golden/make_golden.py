"""Write the golden files of the kernel tests with nibabel and numpy, which know nothing of the TypeScript.

Run ``python frontend/tests/golden/make_golden.py`` with nibabel and numpy installed; the results are committed
beside this script.

orientations.json: one oblique, sheared grid of 3 x 4 x 5 voxels stored in all 48 orders; for each the affine,
its axis codes, the affine and the voxels in RAS order (x fastest), from ``nib.as_closest_canonical``.
nifti.json: small images of the five stored voxel types as gzip NIfTI, with the values nibabel reads back.
windows.json: percentiles of a known ramp, from ``numpy.percentile``.
"""

from __future__ import annotations

import base64
import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

HERE = Path(__file__).parent


def oblique_affine() -> np.ndarray:
    """Return a RAS+ affine turned about all axes and slightly sheared, spacing about 0.9 x 1.1 x 3 mm."""
    a, b, c = np.deg2rad([12.0, -9.0, 17.0])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    shear = np.array([[1, 0.08, 0], [0, 1, 0.05], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = about_z @ about_y @ about_x @ shear @ np.diag([0.9, 1.1, 3.0])
    affine[:3, 3] = [-11.5, 7.25, 30.0]
    return affine


def orientation_cases() -> list[dict[str, Any]]:
    """Return the 48 stored orders of one grid."""
    data = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    image = nib.Nifti1Image(data, oblique_affine())
    cases = []
    for order in itertools.permutations(range(3)):
        for flips in itertools.product((1, -1), repeat=3):
            stored = image.as_reoriented(np.array(list(zip(order, flips, strict=True))))
            canonical = nib.as_closest_canonical(stored)
            cases.append(
                {
                    "codes": "".join(nib.aff2axcodes(stored.affine)),
                    "shape": list(stored.shape),
                    "affine": stored.affine.tolist(),
                    "stored": np.asarray(stored.dataobj).ravel(order="F").tolist(),
                    "rasShape": list(canonical.shape),
                    "rasAffine": canonical.affine.tolist(),
                    "ras": np.asarray(canonical.dataobj).ravel(order="F").tolist(),
                }
            )
    return cases


def nifti_cases() -> list[dict[str, Any]]:
    """Return one small image of each stored voxel type, int16 also with a slope and an intercept."""
    kinds: list[tuple[str, float | None, float]] = [
        ("uint8", None, 0),
        ("int16", None, 0),
        ("uint16", None, 0),
        ("int32", None, 0),
        ("float32", None, 0),
        ("int16", 0.5, -1000),
    ]
    cases = []
    for dtype, slope, intercept in kinds:
        info = np.iinfo(dtype) if dtype != "float32" else None
        low, high = (info.min, info.max) if info else (-1.5e4, 2.5e4)
        stored = np.linspace(low, high, 24).reshape(2, 3, 4).astype(dtype)
        image = nib.Nifti1Image(stored, oblique_affine())
        image.set_sform(oblique_affine(), 1)
        if slope is not None:
            image.header.set_slope_inter(slope, intercept)
        content = bytearray(image.to_bytes())
        if slope is not None:
            content[112:120] = np.array([slope, intercept], "<f4").tobytes()
            content[352:] = stored.ravel(order="F").tobytes()
        back = nib.Nifti1Image.from_bytes(bytes(content))
        cases.append(
            {
                "dtype": dtype,
                "gzip": base64.b64encode(gzip.compress(bytes(content), mtime=0)).decode(),
                "shape": list(back.shape),
                "affine": back.affine.tolist(),
                "values": back.get_fdata().ravel(order="F").tolist(),
            }
        )
    return cases


def window_cases() -> dict[str, Any]:
    """Return percentiles of the values 1 .. 1000 squared."""
    values = np.arange(1, 1001, dtype=np.float64) ** 2
    shares = [0.0, 0.01, 0.25, 0.5, 0.995, 1.0]
    return {"shares": shares, "percentiles": np.percentile(values, np.array(shares) * 100).tolist()}


def main() -> None:
    """Write the three files beside this script."""
    made = {"orientations": orientation_cases(), "nifti": nifti_cases(), "windows": window_cases()}
    for name, content in made.items():
        (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
