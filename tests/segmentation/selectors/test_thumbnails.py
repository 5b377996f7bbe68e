"""The small picture shows the patient as a radiologist looks at one, whatever order the voxels are stored in."""

import io

import numpy as np
import PIL.Image
import pytest
from case_files import files_in, write
from django.utils import timezone

from segmentation.geometry import Grid
from segmentation.models import Case
from segmentation.selectors.thumbnails import lesion_slice, thumbnail
from segmentation.services.imports import apply_import, plan_import

SIDE = 20


def in_stored_order(right_front_head: np.ndarray, codes: str) -> tuple[np.ndarray, np.ndarray]:
    """Return an array given in RAS order as a scanner might store it, with its affine (2 mm voxels)."""
    world = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}
    array, affine = right_front_head.transpose([world[code][0] for code in codes]), np.eye(4)
    affine[:3, :3] = 0
    for axis, code in enumerate(codes):
        row, sign = world[code]
        affine[row, axis] = 2 * sign
        if sign < 0:
            array = np.flip(array, axis)
    return array, affine


@pytest.fixture
def picture(db, dataset, manager, tmp_path):
    def draw(codes: str) -> np.ndarray:
        image = np.full((SIDE, SIDE, SIDE), 10, np.int16)
        image[14:18, 14:18, :] = 1000  # to the patient's right and front
        mask = np.zeros((SIDE, SIDE, SIDE), np.uint8)
        mask[2:6, 2:6, 5:8] = 1  # to the left and back
        root = tmp_path / codes
        write(root, f"P-{codes}/t2.nii.gz", *in_stored_order(image, codes))
        write(root, f"P-{codes}/segmentations/a.nii.gz", *in_stored_order(mask, codes))
        apply_import(plan_import(files_in(root), dataset), files_in(root), dataset, by=manager, at=timezone.now())
        data = thumbnail(Case.objects.get(name=f"P-{codes}"))
        return np.asarray(PIL.Image.open(io.BytesIO(data)))

    return draw


@pytest.mark.parametrize("codes", ["RAS", "LPS", "LAS", "PIL", "ASL", "SPR"])
def test_the_patients_right_is_left_and_the_front_is_up(picture, codes):
    drawn = picture(codes)

    grey = (drawn[..., 0] == 255) & (drawn[..., 2] == 255)
    outline = (drawn == (230, 159, 0)).all(axis=2)
    rows, columns = np.nonzero(grey)
    assert drawn.shape == (160, 160, 3)
    # 14 to 17 of 20 to the right and front: 3/20 to 6/20 from the left edge, the same from the top
    assert (columns.min(), columns.max()) == (16, 47) and (rows.min(), rows.max()) == (16, 47)
    rows, columns = np.nonzero(outline)
    assert (columns.min(), columns.max()) == (112, 143) and (rows.min(), rows.max()) == (112, 143)


def test_the_slice_is_the_one_with_most_lesion_counted_from_the_feet():
    labels = np.zeros((6, 6, 10), np.uint8)
    labels[1:3, 1:3, 2] = 1
    labels[1:5, 1:5, 7] = 1
    head_first = np.diag([1.0, 1, 1, 1])
    feet_first = np.diag([1.0, 1, -1, 1])

    assert lesion_slice(labels, Grid((6, 6, 10), head_first)) == 7
    assert lesion_slice(labels, Grid((6, 6, 10), feet_first)) == 2
    assert lesion_slice(np.zeros_like(labels), Grid((6, 6, 10), head_first)) == 5


@pytest.mark.django_db
def test_a_case_without_a_volume_has_no_picture(dataset):
    from segmentation.models import Subject

    case = Case.objects.create(dataset=dataset, subject=Subject.objects.create(dataset=dataset, code="S"), name="P01")

    assert thumbnail(case) is None


def test_the_picture_is_drawn_once(picture, monkeypatch):
    picture("RAS")
    monkeypatch.setattr("segmentation.selectors.thumbnails._picture", lambda *args: 1 / 0)

    assert thumbnail(Case.objects.get(name="P-RAS")).startswith(b"\x89PNG")
