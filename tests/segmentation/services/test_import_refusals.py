"""Every broken file of the catalogue goes through the import: refused by name, and nothing of it is left."""

import gzip

import nibabel as nib
import numpy as np
import pytest
from case_files import files_in
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation.models import Case, Segmentation, SegmentationMask, Source, Volume
from segmentation.services.imports import IncomingFile, apply_import, plan_import
from segmentation.services.imports.layout import arrange
from segmentation.services.imports.names import display_path
from segmentation.storage import blob_store
from tests.segmentation.formats.catalogue import REFUSED
from tests.segmentation.formats.specimens import GRID


@pytest.mark.django_db
@pytest.mark.parametrize("specimen", REFUSED, ids=lambda s: f"{s.number} {s.title}")
def test_a_broken_file_leaves_no_row_no_blob_and_no_temporary_file(specimen, tmp_path, dataset, manager):
    root = tmp_path / "in"
    (root / "P01" / "segmentations").mkdir(parents=True)
    image = np.random.default_rng(1).integers(1, 99, GRID.shape).astype(np.int16)
    sound = nib.Nifti1Image(image, GRID.affine).to_bytes()
    (root / "P01" / "sound.nii.gz").write_bytes(gzip.compress(sound))
    (root / "labels.csv").write_text("value,name\n1,tumour\n2,oedema\n")
    folder = "P01/segmentations" if specimen.role == "mask" else "P01"
    (root / folder / specimen.name).write_bytes(specimen.build())

    plan = plan_import(files_in(root), dataset)
    result = apply_import(plan, files_in(root), dataset, by=manager, at=timezone.now())

    (refused,) = result.refused
    assert (refused.name, refused.code) == (f"{folder}/{specimen.name}", specimen.code)
    assert refused.sentence.startswith(f"{specimen.name}: ")
    assert (Case.objects.count(), Volume.objects.count()) == (1, 1)
    assert not (Segmentation.objects.exists() or SegmentationMask.objects.exists() or Source.objects.exists())
    assert list(blob_store().addresses()) == [Volume.objects.get().blob_sha256]
    assert list((blob_store().root / "tmp").iterdir()) == []


_PART = st.sampled_from(
    ["P01", "P02", "segmentations", "a", "..", ".", "", "a@t2", "x y", "case_mask", "C:", "-", "📁", "\u202e"]
)
_SUFFIX = st.sampled_from([".nii.gz", ".nii", ".nrrd", ".dcm", ".txt", "", ".NII.GZ", "_mask.nii.gz"])
_NAME = st.tuples(st.lists(_PART, min_size=1, max_size=5), _SUFFIX).map(lambda t: display_path("/".join(t[0]) + t[1]))


@given(st.lists(_NAME, max_size=12, unique=True))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_file_of_any_folder_has_exactly_one_place(names):
    layout = arrange([IncomingFile(name, None) for name in names])

    placed = [e.file.name for e in layout.entries] + [r.name for r in layout.refused] + [n for n, _ in layout.ignored]
    assert len(placed) == len(names)
    assert len({(e.case, e.sequence, e.source) for e in layout.entries}) == len(layout.entries)
