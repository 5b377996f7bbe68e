"""Datasets are written as nnU-Net reads them, and wrong cases are refused before anything is trained on them."""

import json
from dataclasses import replace

import nibabel
import numpy as np
import pytest

from ml.catalogue import Label, Region, file_digest
from ml.errors import TrainingFailed
from ml.nnunet.dataset import DatasetDescription, TrainingCase, export_dataset, region_label, subjects_of
from ml.training.generated import generated_cases

ONE = DatasetDescription("Dataset888_Child", ("T2",), (Label(1, "tumour"),))
REGIONS = (Region("whole", (1, 2, 3)), Region("core", (2, 3)), Region("enhancing", (3,)))
NESTED = DatasetDescription(
    "Dataset501_Nested", ("T2",), (Label(1, "edema"), Label(2, "core"), Label(3, "enhancing")), REGIONS
)


@pytest.fixture(scope="module")
def case():
    return next(iter(generated_cases("child", count=1, size=12)))


def test_images_labels_and_affine_are_read_back_as_given(tmp_path, case):
    affine = np.diag([0.5, 0.6, 3.0, 1.0])
    folder = export_dataset(tmp_path, ONE, [replace(case, affine=affine)])

    image = nibabel.load(folder / "imagesTr" / f"{case.code}_0000.nii.gz")
    labels = nibabel.load(folder / "labelsTr" / f"{case.code}.nii.gz")

    assert np.array_equal(np.asarray(image.dataobj), case.images[0])
    assert np.array_equal(np.asarray(labels.dataobj), case.labels)
    assert np.allclose(image.affine, affine)


def test_regions_keep_their_order_and_each_writes_the_label_that_is_its_own(tmp_path):
    folder = export_dataset(tmp_path, NESTED, generated_cases("child", count=1, size=12, nested=True))

    written = json.loads((folder / "dataset.json").read_text())

    assert list(written["labels"]) == ["background", "whole", "core", "enhancing"]
    assert written["regions_class_order"] == [1, 2, 3]


def test_regions_that_leave_no_label_of_their_own_are_refused():
    with pytest.raises(TrainingFailed):
        region_label(REGIONS[2], (REGIONS[2], REGIONS[0], Region("again", (3,))))


def test_subjects_and_digests_of_all_files_are_recorded(tmp_path):
    folder = export_dataset(tmp_path, ONE, generated_cases("child", count=3, size=12, cases_per_subject=2))

    assert subjects_of(folder) == {"C000-0": "C000", "C000-1": "C000", "C001-0": "C001"}
    recorded = json.loads((folder / "cases.json").read_text())["cases"]["C001-0"]["sha256"]
    assert recorded["C001-0.nii.gz"] == file_digest(folder / "labelsTr" / "C001-0.nii.gz")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: replace(c, code="../x"), "dataset.code"),
        (lambda c: replace(c, labels=c.labels[1:]), "dataset.grid"),
        (lambda c: replace(c, images=np.concatenate([c.images] * 2)), "dataset.grid"),
        (lambda c: replace(c, labels=c.labels + 1), "dataset.labels"),
        (lambda c: replace(c, images=c.images * np.nan), "dataset.finite"),
    ],
)
def test_a_wrong_case_is_refused_with_its_reason(tmp_path, case, change, code):
    with pytest.raises(TrainingFailed) as refusal:
        export_dataset(tmp_path, ONE, [change(case)])

    assert refusal.value.code == code


def test_a_dataset_without_cases_or_with_a_wrong_name_is_refused(tmp_path):
    with pytest.raises(TrainingFailed) as empty:
        export_dataset(tmp_path, ONE, [])
    with pytest.raises(TrainingFailed) as name:
        export_dataset(tmp_path, replace(ONE, name="Child"), [])

    assert (empty.value.code, name.value.code) == ("dataset.empty", "dataset.name")


def test_generated_cases_are_the_same_every_time():
    once, again = (list(generated_cases("adult", count=2, size=10)) for _ in range(2))

    assert all(np.array_equal(a.images, b.images) for a, b in zip(once, again, strict=True))
    assert isinstance(once[0], TrainingCase)
