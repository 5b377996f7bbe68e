"""Datasets, decisions about cases, and the withdrawal of a subject with everything of theirs."""

from datetime import UTC, datetime

import numpy as np
import pytest
from case_files import AFFINE, SHAPE, files_in, image, lesion, write
from django.utils import timezone

from audit.chain import verify
from audit.models import Event
from segmentation.errors import Conflict, DomainError
from segmentation.models import Case, DatasetMember, Measurement, QualityDecision, Subject
from segmentation.selectors.agreement import dataset_sources, measurement_rows, source_matrix
from segmentation.selectors.cases import availability, case_detail, cases_table, drawable_cases, sources_of
from segmentation.selectors.thumbnails import thumbnail
from segmentation.selectors.verification import verify_blobs
from segmentation.services.cases import add_member, create_dataset, decide_quality, withdraw_subject
from segmentation.services.imports import Options, apply_import, plan_import
from segmentation.services.measurements import measure_dataset
from segmentation.storage import blob_store, cache_folder

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def cases(dataset, manager, tmp_path) -> dict[str, Case]:
    """P01 with an expert and a model shifted by one voxel, P02 with an empty mask, P03 of P01's person again."""
    root = tmp_path / "in"
    for number in (1, 2, 3):
        write(root, f"P0{number}/t2.nii.gz", image(number))
    write(root, "P01/segmentations/Expert A.nii.gz", lesion(4, 4, 2))
    write(root, "P01/segmentations/net.nii.gz", lesion(5, 4, 2))
    write(root, "P02/segmentations/Expert A.nii.gz", np.zeros(SHAPE, np.uint8))
    write(root, "P03/segmentations/Expert A.nii.gz", lesion(4, 4, 2))
    (root / "cases.csv").write_text("case,subject,age\nP01,S1,7\nP02,S2,9\nP03,S1,8\n")
    (root / "sources.csv").write_text(
        "source,kind,version,training_subjects\nExpert A,annotator,,\nnet,model,2,S8|S9\n"
    )
    plan = plan_import(files_in(root), dataset, options=Options(empty_masks="declare"))
    result = apply_import(plan, files_in(root), dataset, by=manager, at=AT)
    assert result.refused == ()
    return {case.name: case for case in Case.objects.filter(dataset=dataset)}


# Datasets and decisions ---


def test_whoever_makes_a_dataset_manages_it_and_people_get_labels(manager, person):
    made = create_dataset(name=" Glioma 2 ", by=manager, at=AT)
    first = add_member(made, user=person("one"), role="annotator", by=manager, at=AT)
    second = add_member(made, user=person("two"), role="annotator", by=manager, at=AT)
    again = add_member(made, user=second.user, role="annotator", by=manager, at=AT)

    assert made.name == "Glioma 2"
    assert DatasetMember.objects.get(dataset=made, user=manager).label == "M1"
    assert (first.label, second.label, again) == ("A1", "A2", second)
    assert verify(f"dataset/{made.code}") is None


def test_the_newest_decision_decides_whether_a_study_may_draw_a_case(cases, dataset, manager):
    decide_quality(cases["P01"], verdict="exclude", reason="motion", by=manager, at=AT)
    assert [case.name for case in drawable_cases(dataset)] == ["P02", "P03"]

    decide_quality(cases["P01"], verdict="include", reason="", by=manager, at=timezone.now())

    assert [case.name for case in drawable_cases(dataset)] == ["P01", "P02", "P03"]
    assert QualityDecision.objects.count() == 2


@pytest.mark.parametrize(("verdict", "reason"), [("exclude", " "), ("query", ""), ("maybe", "x"), ("query", "x" * 301)])
def test_a_decision_without_its_reason_is_refused(cases, manager, verdict, reason):
    with pytest.raises(DomainError):
        decide_quality(cases["P01"], verdict=verdict, reason=reason, by=manager, at=AT)

    assert QualityDecision.objects.count() == 0


# Measurements and what is shown ---


def test_volumes_and_overlaps_are_measured_once(cases, dataset):
    first, second = measure_dataset(dataset), measure_dataset(dataset)

    # 4 volumes; for the one pair 20 measures, and again the 9 that depend on which of the two is the reference
    assert (first, second) == (4 + 20 + 9, 0)
    assert Measurement.objects.filter(definition="volume", value=0).count() == 1
    # 18 voxels of 1 × 1 × 3 mm
    assert Measurement.objects.filter(definition="volume", value__range=(0.0539, 0.0541)).count() == 3
    # 3 voxels wide, shifted by one: 2 of 3 columns in common
    assert Measurement.objects.get(definition="dsc").value == pytest.approx(2 / 3)


def test_measures_that_depend_on_the_direction_are_stored_for_both(cases, dataset):
    measure_dataset(dataset)
    told = {(m.segmentation_id, m.definition): m.value for m in Measurement.objects.exclude(reference=None)}
    first, second = sorted({segmentation for segmentation, _ in told})

    assert told[first, "sensitivity"] == told[second, "precision"] == pytest.approx(2 / 3)
    assert (second, "dsc") in told and (first, "dsc") not in told
    # Two columns of 1 mm, shifted by one voxel: every surface voxel lies within the tolerance of 1 mm.
    assert told[second, "nsd_voxel@1mm"] == 1
    assert told[second, "hd"] == pytest.approx(1)


def test_a_value_that_was_lost_is_measured_again_and_nothing_else(cases, dataset):
    measure_dataset(dataset)
    Measurement.objects.filter(definition="hd95_pooled").delete()

    assert measure_dataset(dataset) == 1


def test_the_matrix_of_sources_has_the_median_and_its_number_on_every_cell(cases, dataset):
    measure_dataset(dataset)
    names = dataset_sources(dataset.pk)
    told = source_matrix(Case.objects.filter(dataset=dataset), names)

    assert len(told.cells) == len(names) * (len(names) - 1)
    filled = [cell for cell in told.cells if cell.n]
    assert [(cell.median, cell.n) for cell in filled] == [(pytest.approx(2 / 3), 1)] * 2
    rows = measurement_rows(Case.objects.filter(dataset=dataset), names)
    assert len(rows) == Measurement.objects.count()
    assert {row["unit"] for row in rows if row["definition"].startswith("hd")} == {"mm"}


def test_the_table_of_cases_needs_the_same_few_queries_for_any_number(cases, dataset, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        rows = cases_table(dataset)

    assert [(row.name, row.subject, row.covariates) for row in rows] == [
        ("P01", "S1", {"age": 7}),
        ("P02", "S2", {"age": 9}),
        ("P03", "S1", {"age": 8}),
    ]
    assert rows[1].warnings == ("Expert A: declared empty",)


def test_sources_tell_what_is_known_of_their_training(cases, dataset):
    told = {source.name: source for source in sources_of(dataset)}

    assert (told["net"].kind, told["net"].training_subjects, told["net"].cases) == ("model", 2, 1)
    assert (told["Expert A"].training_subjects, told["Expert A"].cases, told["Expert A"].declared_empty) == (None, 3, 1)


def test_availability_names_the_current_segmentation_of_each_case_and_source(cases, dataset):
    told = availability(dataset)

    assert {len(by_source) for by_source in told.values()} == {1, 2}
    assert set(told) == {case.code for case in cases.values()}


def test_one_case_tells_its_grid_and_axes(cases):
    (volume,) = case_detail(cases["P01"]).volumes

    assert (volume.shape, volume.spacing_mm, volume.axes) == (SHAPE, (1.0, 1.0, 3.0), "LAS")
    assert volume.acquisition_axis == 2


# Withdrawal ---


def test_a_withdrawn_subject_leaves_digests_and_a_tombstone_and_nothing_else(cases, dataset, manager, person):
    measure_dataset(dataset)
    thumbnail(cases["P01"])
    (cache_folder() / "packed").mkdir()
    (cache_folder() / "packed" / "candidates").write_bytes(b"packed masks")
    subject = Subject.objects.get(code="S1")
    gone = {v.blob_sha256 for v in cases["P01"].volumes.all()} | {v.blob_sha256 for v in cases["P03"].volumes.all()}

    destroyed = withdraw_subject(subject, reason="consent withdrawn", by=manager, second=person("two"), at=AT)

    # two images; the expert's mask, which both cases share; the model's mask
    assert destroyed == 4
    assert gone.isdisjoint(set(blob_store().addresses()))
    assert [row.withdrawn for row in cases_table(dataset)] == [True, False, True]
    assert Case.objects.get(name="P01").covariates == {}
    assert not Measurement.objects.filter(segmentation__case__subject=subject).exists()
    assert list(cache_folder().iterdir()) == []
    assert [case.name for case in drawable_cases(dataset)] == ["P02"]
    tombstone = Event.objects.get(action="subject.withdrawn")
    assert all(digest.encode() in bytes(tombstone.body) for digest in gone)
    assert list(verify_blobs()) == [] and verify(f"dataset/{dataset.code}") is None


def test_a_file_that_another_subject_shares_is_kept(cases, dataset, manager, person, tmp_path):
    root = tmp_path / "shared"
    write(root, "P04/t2.nii.gz", image(1), AFFINE)
    apply_import(plan_import(files_in(root), dataset), files_in(root), dataset, by=manager, at=AT)

    withdraw_subject(Subject.objects.get(code="S1"), reason="consent", by=manager, second=person("two"), at=AT)

    assert blob_store().exists(Case.objects.get(name="P04").volumes.get().blob_sha256)
    assert list(verify_blobs()) == []


def test_a_withdrawal_that_was_interrupted_is_found_and_finished(cases, manager, person, monkeypatch):
    subject, second = Subject.objects.get(code="S1"), person("two")
    monkeypatch.setattr("segmentation.store.BlobStore.destroy", lambda self, sha256: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        withdraw_subject(subject, reason="consent", by=manager, second=second, at=AT)
    monkeypatch.undo()
    assert "still there" in next(verify_blobs()).sentence

    withdraw_subject(subject, reason="consent", by=manager, second=second, at=AT)

    assert list(verify_blobs()) == []
    assert Event.objects.filter(action="subject.withdrawn").count() == 1


def test_one_person_alone_cannot_withdraw_a_subject(cases, manager):
    with pytest.raises(Conflict, match="second person"):
        withdraw_subject(Subject.objects.get(code="S1"), reason="consent", by=manager, second=manager, at=AT)


# The store against the rows ---


def test_a_changed_a_lost_and_an_orphan_file_are_told_apart(cases):
    store = blob_store()
    first, second = (cases[name].volumes.get().blob_sha256 for name in ("P01", "P02"))
    path = store.path(first)
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    store.path(second).unlink()
    orphan = store.put(b"an orphan", verify=lambda data: None)

    told = {fault.where: fault for fault in verify_blobs()}

    assert "changed" in told["volume t2 of case P01"].sentence
    assert "not there" in told["volume t2 of case P02"].sentence
    assert not told[f"blob {orphan[:12]}…"].serious
