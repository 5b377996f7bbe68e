"""Annotated cases are read from the importer's folder, upright, and damaged files are noticed."""

import nibabel
import numpy as np
import pytest

from ml.errors import TrainingFailed
from ml.training.folder import cases_from_folder

AFFINE = np.diag([-0.5, -0.5, 2.0, 1.0])  # LPS


@pytest.fixture()
def folder(tmp_path):
    (tmp_path / "cases.csv").write_text("subject,case,age\nS1,S1-1,4\nS1,S1-2,5\n")
    rng = np.random.default_rng(0)
    for case in ("S1-1", "S1-2"):
        (tmp_path / case / "segmentations").mkdir(parents=True)
        image = rng.integers(0, 900, (6, 5, 4)).astype(np.int16)
        nibabel.save(nibabel.Nifti1Image(image, AFFINE), tmp_path / case / "T2.nii.gz")
    labels = np.zeros((6, 5, 4), np.uint8)
    labels[0, 0, 0], labels[1, 0, 0] = 1, 4
    nibabel.save(nibabel.Nifti1Image(labels, AFFINE), tmp_path / "S1-1" / "segmentations" / "A1.nii.gz")
    return tmp_path


def test_only_cases_that_the_source_has_drawn_are_read_and_turned_to_ras(folder):
    cases = list(cases_from_folder(folder, sequences=("T2",), source="A1", prefix="X-"))

    assert [(case.code, case.subject) for case in cases] == [("X-S1-1", "X-S1")]
    assert nibabel.aff2axcodes(cases[0].affine) == ("R", "A", "S")
    assert (cases[0].labels[5, 4, 0], cases[0].labels[4, 4, 0]) == (1, 4)


def test_structures_can_be_merged_into_one_label(folder):
    case = next(iter(cases_from_folder(folder, sequences=("T2",), source="A1", merged=True)))

    assert np.unique(case.labels).tolist() == [0, 1]


def test_a_volume_cut_on_the_way_is_refused(folder):
    path = folder / "S1-1" / "T2.nii.gz"
    path.write_bytes(path.read_bytes()[:-6])

    with pytest.raises(TrainingFailed) as refusal:
        list(cases_from_folder(folder, sequences=("T2",), source="A1"))

    assert refusal.value.code == "folder.damaged"


def test_a_folder_without_a_table_is_refused(tmp_path):
    with pytest.raises(TrainingFailed):
        list(cases_from_folder(tmp_path, sequences=("T2",), source="A1"))
