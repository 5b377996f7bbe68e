"""Dry run and import on a real store; images made here, expected numbers from the arrays themselves."""

import gzip
import hashlib
import os
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from case_files import AFFINE, SHAPE, files_in, image, lesion, write
from django.utils import timezone

from audit.chain import verify
from audit.models import Event
from segmentation.models import Case, LabelMap, Segmentation, SegmentationMask, Source, Subject, Volume
from segmentation.services.imports import ImportPlan, Options, apply_import, plan_import
from segmentation.storage import blob_store

pytestmark = pytest.mark.django_db

REAL = Path(os.environ.get("BLINDREAD_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "images"
needs_real_images = pytest.mark.skipif(not REAL.is_dir(), reason=f"the public test images are not in {REAL}")


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two cases, one with two sequences, each with two sources."""
    root = tmp_path / "incoming"
    write(root, "P01/t2.nii.gz", image(1))
    write(root, "P01/flair.nii.gz", image(2))
    write(root, "P01/segmentations/Expert A.nii.gz", lesion())
    write(root, "P01/segmentations/net@t2.nii.gz", lesion(5, 4, 2))
    write(root, "P02/t2.nii.gz", image(3))
    write(root, "P02/segmentations/Expert A.nii.gz", lesion(7, 7, 1))
    return root


@pytest.fixture
def run(dataset, manager):
    def both(folder: Path, **options):
        plan = plan_import(files_in(folder), dataset, options=Options(**options))
        return plan, apply_import(plan, files_in(folder), dataset, by=manager, at=timezone.now())

    return both


def row(rows, name: str):
    (found,) = (r for r in rows.files if r.name == name)
    return found


def stored_files() -> list[Path]:
    root = blob_store().root
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


# What is told and what is stored ---


def test_the_dry_run_tells_every_file_and_writes_nothing(folder, dataset):
    plan = plan_import(files_in(folder), dataset)

    assert plan.counts == {"new_volume": 3, "new_segmentation": 3}
    told = row(plan, "P01/segmentations/Expert A.nii.gz")
    assert (told.case, told.source, told.sequences) == ("P01", "Expert A", ("flair", "t2"))
    assert (told.shape, told.spacing_mm, told.axes, told.labels) == (SHAPE, (1.0, 1.0, 3.0), "LAS", {"1": 18})
    assert [case.name for case in plan.cases if case.new] == ["P01", "P02"]
    assert any("Expert A is not in sources.csv" in problem for problem in plan.problems)
    assert Case.objects.count() == Volume.objects.count() == Event.objects.count() == 0
    assert stored_files() == []


def test_a_plan_survives_its_journey_as_json(folder, dataset):
    plan = plan_import(files_in(folder), dataset)

    told = plan.as_json()

    assert ImportPlan.from_json(told) == plan
    assert told["counts"] == plan.counts and told["files"][0]["what"] == "new volume"


def test_the_import_stores_canonical_files_with_their_rows_and_events(folder, run, dataset):
    _, result = run(folder)

    assert (result.cases_new, result.volumes_new, result.segmentations_new) == (2, 3, 3)
    volume = Volume.objects.get(case__name="P01", sequence="t2")
    stored = nib.Nifti1Image.from_bytes(gzip.decompress(blob_store().read(volume.blob_sha256)))
    np.testing.assert_array_equal(np.asanyarray(stored.dataobj), image(1))
    np.testing.assert_allclose(stored.affine, AFFINE)
    assert hashlib.sha256(blob_store().path(volume.blob_sha256).read_bytes()).hexdigest() == volume.blob_sha256
    assert SegmentationMask.objects.get(segmentation__source__name="net").voxels_by_label == {"1": 18}
    actions = set(Event.objects.filter(stream=f"dataset/{dataset.code}").values_list("action", flat=True))
    assert {"source.added", "case.added", "volume.stored", "segmentation.stored"} <= actions
    assert verify(f"dataset/{dataset.code}") is None


def test_the_display_range_leaves_out_background_and_the_brightest_half_percent(tmp_path, run):
    array = np.zeros(SHAPE, np.int16)
    array[:10, :10, :2] = np.arange(1, 201).reshape(10, 10, 2)
    write(tmp_path / "in", "P01/t2.nii.gz", array)

    run(tmp_path / "in")

    # numpy's linear percentile of 1 … 200: 1 + 0.01 × 199 and 1 + 0.995 × 199
    assert Volume.objects.get().window == pytest.approx([2.99, 199.005])


def test_the_same_folder_again_changes_nothing_and_says_so(folder, run):
    run(folder)
    before, rows = sorted(stored_files()), Segmentation.objects.count()

    plan, result = run(folder)

    assert plan.counts == {"same": 6}
    assert {file.action for file in result.files} == {"same"}
    assert sorted(stored_files()) == before and Segmentation.objects.count() == rows


def test_a_changed_mask_replaces_the_stored_one_and_keeps_it(folder, run):
    run(folder)
    first = Segmentation.objects.get(source__name="Expert A", case__name="P02")
    write(folder, "P02/segmentations/Expert A.nii.gz", lesion(1, 1, 1))

    plan, result = run(folder)

    assert row(plan, "P02/segmentations/Expert A.nii.gz").action == "replaces"
    assert result.segmentations_new == 1
    assert Segmentation.objects.get(replaces=first).case.name == "P02"
    assert Segmentation.objects.filter(pk=first.pk).exists()


def test_a_new_mask_on_one_sequence_keeps_the_masks_of_the_others(folder, run):
    run(folder)
    shutil.rmtree(folder)
    write(folder, "P01/segmentations/Expert A@t2.nii.gz", lesion(1, 1, 1))

    run(folder)

    newest = Segmentation.objects.get(source__name="Expert A", case__name="P01", replaced_by=None)
    assert {m.volume.sequence for m in newest.masks.all()} == {"flair", "t2"}


def test_a_mask_may_come_later_than_its_volume(tmp_path, run):
    write(tmp_path / "a", "P01/t2.nii.gz", image())
    write(tmp_path / "b", "P01/segmentations/Expert A.nii.gz", lesion())
    run(tmp_path / "a")

    _, result = run(tmp_path / "b")

    assert result.segmentations_new == 1 and result.refused == ()


def test_the_same_voxels_under_two_names_are_stored_once_and_said_so(tmp_path, run):
    write(tmp_path / "in", "P01/t2.nii.gz", image())
    for source in ("Expert A", "Expert B"):
        write(tmp_path / "in", f"P01/segmentations/{source}.nii.gz", lesion())

    plan, _ = run(tmp_path / "in")

    assert any("same voxels as" in note for note in row(plan, "P01/segmentations/Expert B.nii.gz").notes)
    assert len(set(SegmentationMask.objects.values_list("blob_sha256", flat=True))) == 1


def test_header_text_is_blanked_and_noted_without_being_repeated(tmp_path, run):
    named = nib.Nifti1Image(image(), AFFINE)
    named.header["descrip"] = b"Jane Doe 1970-01-01"
    (tmp_path / "in" / "P01").mkdir(parents=True)
    nib.save(named, tmp_path / "in" / "P01" / "t2.nii.gz")

    plan, _ = run(tmp_path / "in")

    notes = " ".join(row(plan, "P01/t2.nii.gz").notes)
    assert "descrip" in notes and "Jane" not in notes
    assert b"Jane" not in gzip.decompress(blob_store().read(Volume.objects.get().blob_sha256))


# Tables ---


def test_cases_and_sources_come_from_their_tables(folder, run, person, dataset):
    drawer = person("expert-a")
    (folder / "cases.csv").write_text(
        "case,subject,site,cohort_role,age,sex,note:text\nP01,S1,Boston,internal test,7,F,=1+1\nP02,S1,,train,n/a,M,\n"
    )
    (folder / "sources.csv").write_text(
        f"source,kind,version,annotator,training_subjects\nExpert A,annotator,,{drawer.email},\nnet,model,2.1,,S8|S9\n"
    )
    (folder / "labels.csv").write_text("value,name,colour\n1,tumour,#112233\n2,oedema,\n")

    plan, _ = run(folder)

    assert plan.problems == ()
    case = Case.objects.get(name="P01")
    assert (case.subject.code, case.site, case.cohort_role) == ("S1", "Boston", "internal_test")
    assert case.covariates == {"age": 7, "sex": "F", "note": "=1+1"}
    assert Case.objects.get(name="P02").covariates == {"sex": "M"}
    assert Subject.objects.count() == 1
    net = Source.objects.get(name="net")
    assert (net.kind, net.version, net.training_subjects) == ("model", "2.1", ["S8", "S9"])
    expert = Source.objects.get(name="Expert A")
    assert (expert.annotator, expert.training_subjects) == (drawer, None)
    assert [label["name"] for label in LabelMap.objects.get().labels] == ["tumour", "oedema"]


def test_a_cell_of_the_wrong_type_is_named_and_left_empty(folder, dataset):
    lines = ["case,age:int,male:bool", "P01,7.5,perhaps", "P02,8,yes"]
    (folder / "cases.csv").write_bytes("\r".join(lines).encode("utf-8-sig"))

    plan = plan_import(files_in(folder), dataset)

    assert plan.cases[0].covariates == {} and plan.cases[1].covariates == {"age": 8, "male": True}
    assert "age of P01 is “7.5”, expected a whole number" in plan.problems[0]
    assert "male of P01 is “perhaps”, expected yes or no" in plan.problems[1]


def test_a_stray_word_in_a_column_of_numbers_does_not_make_it_text(folder, dataset):
    rows = [f"P{n:02},{n}" for n in range(1, 20)]
    (folder / "cases.csv").write_text("\n".join(["case,age", *rows, "P20,seven"]))

    plan = plan_import(files_in(folder), dataset)

    assert plan.cases[0].covariates == {"age": 1}
    assert any("age of P20 is “seven”" in problem for problem in plan.problems)


def test_a_case_whose_code_looks_like_a_person_is_pointed_out(tmp_path, dataset):
    for case in ("Smith_John", "P_20140331", "12345678"):
        write(tmp_path / "in", f"{case}/t2.nii.gz", image())

    plan = plan_import(files_in(tmp_path / "in"), dataset)

    told = {case.name: " ".join(case.warnings) for case in plan.cases}
    assert "a person's name" in told["Smith_John"]
    assert "a date" in told["P_20140331"]
    assert "a record number" in told["12345678"]


def test_a_column_that_is_not_read_is_named_and_an_email_column_is_understood(folder, run, person):
    drawer = person("expert-a")
    (folder / "sources.csv").write_text(
        f"source,kind,annotator_email,favourite\nExpert A,annotator,{drawer.email},blue\nnet,model,,\n"
    )

    plan, _ = run(folder)

    assert plan.problems == ("sources.csv: the column favourite is not read.",)
    assert Source.objects.get(name="Expert A").annotator == drawer


def test_an_annotator_whom_nobody_knows_is_pointed_out(folder, dataset):
    (folder / "sources.csv").write_text("source,kind,annotator\nExpert A,annotator,ghost@example.org\nnet,model,\n")

    (problem,) = plan_import(files_in(folder), dataset).problems

    assert "ghost@example.org" in problem and "never one's own" in problem


def test_nothing_more_of_a_withdrawn_subject_is_taken(folder, run):
    run(folder)
    Subject.objects.filter(code="P01").update(withdrawn_at=timezone.now())
    (folder / "cases.csv").write_text("case,subject\nP02,P01\n")

    plan, result = run(folder)

    assert {file.code for file in result.files} == {"subject.withdrawn", ""}
    assert {file.name for file in plan.files if file.action == "refused"} >= {"P01/t2.nii.gz", "P02/t2.nii.gz"}


def test_a_source_with_several_versions_must_say_which(folder, run):
    run(folder)
    for version in ("1", "2"):
        (folder / "sources.csv").write_text(f"source,kind,version\nExpert A,annotator,\nnet,model,{version}\n")
        assert run(folder)[1].segmentations_new == 1
    (folder / "sources.csv").unlink()

    _, result = run(folder)

    (refused,) = result.refused
    assert refused.code == "source.version" and "sources.csv" in refused.sentence


def test_what_is_known_of_a_stored_source_is_not_changed_by_a_table(folder, run):
    run(folder)
    (folder / "sources.csv").write_text("source,kind\nExpert A,model\nnet,annotator\n")

    plan, _ = run(folder)

    assert Source.objects.get(name="Expert A").kind == "annotator"
    assert any("Expert A is stored already" in problem for problem in plan.problems)
    assert not any("net is stored already" in problem for problem in plan.problems)


# Refusals ---


def refused_alone(tmp_path, run, name: str, expected_code: str, **options):
    """Import a folder with one bad file: it is refused by name, everything else is stored."""
    plan, result = run(tmp_path / "incoming", **options)
    (refused,) = result.refused
    assert (refused.name, refused.code) == (name, expected_code)
    assert Path(name).name in refused.sentence
    assert row(plan, name).code == expected_code
    assert Case.objects.filter(name="P02", segmentations__isnull=False).exists()
    assert not any("tmp" in path.parts[-2] for path in stored_files())
    return refused


def test_a_truncated_file_refuses_only_itself_and_its_masks(folder, tmp_path, run):
    path = folder / "P01" / "segmentations" / "net@t2.nii.gz"
    path.write_bytes(path.read_bytes()[:-8])

    refused_alone(tmp_path, run, "P01/segmentations/net@t2.nii.gz", "gzip.truncated")

    assert not Source.objects.filter(name="net").exists()
    assert not Segmentation.objects.filter(source__name="net").exists()


def test_a_case_whose_only_volume_is_damaged_leaves_no_row(tmp_path, run):
    path = write(tmp_path / "in", "P01/t2.nii.gz", image())
    write(tmp_path / "in", "P01/segmentations/Expert A.nii.gz", lesion())
    path.write_bytes(path.read_bytes()[:200])

    _, result = run(tmp_path / "in")

    assert {file.code for file in result.refused} == {"gzip.truncated", "layout.no_volume"}
    assert Case.objects.count() == Subject.objects.count() == Source.objects.count() == 0
    assert stored_files() == []


def test_a_mask_on_another_grid_is_refused_with_both_shapes(folder, tmp_path, run):
    write(folder, "P01/segmentations/net@t2.nii.gz", lesion()[:, :, :5])

    refused = refused_alone(tmp_path, run, "P01/segmentations/net@t2.nii.gz", "geometry.shape")

    assert "16×14×5" in refused.sentence and "16×14×6" in refused.sentence


def test_a_mirrored_mask_is_refused_with_both_orientations(folder, tmp_path, run):
    mirrored = AFFINE.copy()
    mirrored[0] = [1, 0, 0, -5]
    write(folder, "P01/segmentations/net@t2.nii.gz", lesion(), mirrored)

    refused = refused_alone(tmp_path, run, "P01/segmentations/net@t2.nii.gz", "geometry.orientation")

    assert "RAS" in refused.sentence and "LAS" in refused.sentence


def test_an_empty_mask_is_refused_unless_declared(folder, tmp_path, run):
    write(folder, "P01/segmentations/net@t2.nii.gz", np.zeros(SHAPE, np.uint8))

    refused = refused_alone(tmp_path, run, "P01/segmentations/net@t2.nii.gz", "mask.empty")
    assert "no lesion" in refused.sentence

    _, result = run(folder, empty_masks="declare")
    assert result.refused == ()
    assert Segmentation.objects.get(source__name="net").declared_empty


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("sources.csv", "source,kind,empty_masks\nnet,model,yes\nExpert A,annotator,\n"),
        ("segmentations.csv", "case,source,empty\nP01,net,yes\n"),
    ],
)
def test_a_table_can_declare_an_empty_mask(folder, run, table, text):
    write(folder, "P01/segmentations/net@t2.nii.gz", np.zeros(SHAPE, np.uint8))
    (folder / table).write_text(text)

    _, result = run(folder)

    assert result.refused == ()
    assert Segmentation.objects.get(source__name="net").declared_empty


def test_a_label_that_is_not_in_the_map_is_refused_with_its_count(folder, tmp_path, run):
    (folder / "labels.csv").write_text("value,name\n1,tumour\n")
    write(folder, "P01/segmentations/net@t2.nii.gz", lesion(label=9))

    refused = refused_alone(tmp_path, run, "P01/segmentations/net@t2.nii.gz", "mask.label")

    assert "9 (18 voxels)" in refused.sentence


def test_other_voxels_for_a_stored_sequence_are_refused(folder, tmp_path, run):
    run(folder)
    write(folder, "P01/t2.nii.gz", image(99))

    _, result = run(folder)

    (refused,) = result.refused
    assert refused.code == "volume.differs" and "another sequence name" in refused.sentence


def test_a_file_that_changed_after_the_dry_run_is_refused(folder, dataset, manager):
    plan = plan_import(files_in(folder), dataset)
    write(folder, "P01/segmentations/net@t2.nii.gz", lesion(1, 1, 1))

    result = apply_import(plan, files_in(folder), dataset, by=manager, at=timezone.now())

    (refused,) = result.refused
    assert refused.code == "import.changed" and "net@t2.nii.gz" in refused.sentence
    assert result.segmentations_new == 2


def test_names_that_cannot_be_study_codes_are_refused(tmp_path, run):
    write(tmp_path / "in", "John Doe 1970/t2.nii.gz", image())
    write(tmp_path / "in", "P02/T2 axial.nii.gz", image())

    _, result = run(tmp_path / "in")

    assert {r.code for r in result.refused} == {"name.code"}
    assert Case.objects.count() == 0


def test_a_full_disk_stops_the_import_and_keeps_what_was_stored(folder, dataset, manager, monkeypatch):
    from segmentation import store
    from segmentation.errors import StorageFull

    plan = plan_import(files_in(folder), dataset)
    write_synced, calls = store._write_synced, []

    def fills_up(path, data):
        calls.append(path)
        if len(calls) > 4:
            raise OSError(28, "No space left on device")
        write_synced(path, data)

    monkeypatch.setattr(store, "_write_synced", fills_up)
    with pytest.raises(StorageFull):
        apply_import(plan, files_in(folder), dataset, by=manager, at=timezone.now())

    assert set(Case.objects.values_list("name", flat=True)) == {"P01"}
    monkeypatch.undo()
    result = apply_import(plan, files_in(folder), dataset, by=manager, at=timezone.now())
    assert result.refused == () and Case.objects.count() == 2


# SegmentationReview folders and real files ---


def test_a_segmentation_review_folder_works_as_it_is(tmp_path, run):
    root = tmp_path / "in"
    for name in ("a", "b"):
        write(root, f"images/{name}.nii.gz", image(ord(name)))
    write(root, "images/a_mask.nii.gz", lesion())
    (root / "mapping.csv").write_text("img_path, mask_path\nimages/a.nii.gz, images/a_mask.nii.gz\nimages/b.nii.gz,\n")
    (root / "annotations.csv").write_text('a.nii.gz,"Acceptable with no changes",,a_mask.nii.gz,"Mask loaded"\n')

    plan, result = run(root)

    assert plan.convention == "mapping.csv"
    assert (result.cases_new, result.volumes_new, result.segmentations_new, result.refused) == (2, 2, 1, ())


@needs_real_images
def test_real_brain_tumour_in_nrrd_and_nifti_gives_the_published_voxels(tmp_path, run):
    for suffix in ("nrrd", "nii.gz"):
        case = tmp_path / "in" / f"brain1-{suffix.replace('.', '-')}"
        (case / "segmentations").mkdir(parents=True)
        shutil.copy(REAL / "pyradiomics_brain1" / f"brain1_image.{suffix}", case / f"t1.{suffix}")
        shutil.copy(REAL / "pyradiomics_brain1" / f"brain1_label.{suffix}", case / "segmentations" / f"expert.{suffix}")

    _, result = run(tmp_path / "in")

    assert result.refused == ()
    # PyRadiomics' published baseline of this label: 4137 voxels, 16412.6587 mm³
    assert [m.voxels_by_label for m in SegmentationMask.objects.all()] == [{"1": 4137}, {"1": 4137}]


@needs_real_images
def test_real_cord_with_three_masks_says_that_two_are_the_same(tmp_path, run, dataset):
    case = tmp_path / "in" / "cord"
    (case / "segmentations").mkdir(parents=True)
    source = REAL / "sct_testing_data" / "t2"
    shutil.copy(source / "t2.nii.gz", case / "t2.nii.gz")
    for name in ("manual", "deepseg_sc-2d", "deepseg_sc-3d"):
        shutil.copy(source / f"t2_seg-{name}.nii.gz", case / "segmentations" / f"{name}.nii.gz")

    plan, result = run(tmp_path / "in")

    assert result.refused == ()
    voxels = {m.segmentation.source.name: m.voxels_by_label for m in SegmentationMask.objects.all()}
    assert voxels == {"manual": {"1": 4275}, "deepseg_sc-2d": {"1": 4275}, "deepseg_sc-3d": {"1": 4285}}
    assert any("same voxels" in note for r in plan.files for note in r.notes)


@needs_real_images
def test_real_oblique_volume_takes_a_four_dimensional_int64_mask(tmp_path, run):
    case = tmp_path / "in" / "cord"
    (case / "segmentations").mkdir(parents=True)
    source = REAL / "sct_testing_data" / "t2s"
    shutil.copy(source / "t2s.nii.gz", case / "t2s.nii.gz")
    for name in ("seg", "seg-deepseg"):
        shutil.copy(source / f"t2s_{name}.nii.gz", case / "segmentations" / f"{name}.nii.gz")

    _, result = run(tmp_path / "in")

    assert result.refused == ()
    voxels = {m.segmentation.source.name: m.voxels_by_label for m in SegmentationMask.objects.all()}
    assert voxels == {"seg": {"1": 2885}, "seg-deepseg": {"1": 2443}}


@pytest.mark.slow
def test_a_full_size_case_is_stored_whole(tmp_path, run):
    rng = np.random.default_rng(5)
    array = rng.integers(0, 900, (240, 240, 155)).astype(np.int16)
    mask = np.zeros(array.shape, np.uint8)
    mask[100:140, 90:130, 60:80] = 1
    write(tmp_path / "in", "P01/t2.nii.gz", array, np.diag([1.0, 1, 1, 1]))
    write(tmp_path / "in", "P01/segmentations/net.nii.gz", mask, np.diag([1.0, 1, 1, 1]))

    _, result = run(tmp_path / "in")

    assert result.refused == ()
    assert SegmentationMask.objects.get().voxels_by_label == {"1": 40 * 40 * 20}
