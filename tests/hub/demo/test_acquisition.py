import nibabel as nib
import numpy as np
import pytest

from hub.demo.acquisition import ACQUISITIONS, HEAD_CENTRE, Acquisition


@pytest.mark.parametrize("scan", ACQUISITIONS, ids=lambda s: f"{s.name}-{s.codes}")
def test_affine_carries_the_codes_and_the_voxel_size_that_were_asked_for(scan: Acquisition) -> None:
    assert "".join(nib.aff2axcodes(scan.affine)) == scan.codes
    assert np.allclose(nib.affines.voxel_sizes(scan.affine), scan.spacing)


@pytest.mark.parametrize("scan", ACQUISITIONS, ids=lambda s: f"{s.name}-{s.codes}")
def test_middle_voxel_lies_on_the_middle_of_the_head(scan: Acquisition) -> None:
    middle = (np.array(scan.shape) - 1) / 2

    assert np.allclose(nib.affines.apply_affine(scan.affine, middle), HEAD_CENTRE)


def test_demo_holds_thick_sagittal_and_oblique_scans_in_three_orientations() -> None:
    full = [scan for scan in ACQUISITIONS if scan.shape == (240, 240, 155)]
    thick = [scan for scan in ACQUISITIONS if scan.shape == (320, 320, 28)]
    oblique = [scan for scan in ACQUISITIONS if np.abs(nib.affines.obliquity(scan.affine)).max() > 0.05]

    assert len(ACQUISITIONS) == 20
    assert len(full) > 10 and len(thick) == 4
    assert all(scan.spacing == (0.75, 0.75, 5.0) for scan in thick)
    assert {"LPS", "RAS", "LAS"} <= {scan.codes for scan in full}
    assert any(scan.name == "sagittal-thick" and scan.slice_axis == 2 for scan in ACQUISITIONS)
    assert len(oblique) >= 3


def test_resized_grid_keeps_the_field_of_view_and_the_orientation() -> None:
    sagittal = next(scan for scan in ACQUISITIONS if scan.codes == "PIL")

    small = sagittal.resized((64, 60, 48))

    assert small.shape == (60, 48, 64)
    assert np.allclose(np.array(small.shape) * small.spacing, np.array(sagittal.shape) * sagittal.spacing)
    assert "".join(nib.aff2axcodes(small.affine)) == "PIL"
