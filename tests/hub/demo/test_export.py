import csv
import hashlib
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from hub.demo.export import WrittenCase, dice_table, write_demo

SMALL = (64, 64, 48)


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def written(template: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[WrittenCase, ...]]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, write_demo(folder, seed=7, count=6, size=SMALL)


Written = tuple[Path, tuple[WrittenCase, ...]]


def test_folder_holds_one_volume_per_case_and_one_mask_per_source_that_drew_it(written: Written) -> None:
    folder, cases = written

    for case in cases:
        assert (folder / case.plan.case / "T2.nii.gz").is_file()
        masks = {p.name.removesuffix(".nii.gz") for p in (folder / case.plan.case / "segmentations").iterdir()}
        assert masks == set(case.dice)
    assert {path.name for path in folder.iterdir()} == {"cases.csv", "sources.csv"} | {case.plan.case for case in cases}


def test_masks_lie_on_the_grid_of_their_volume(written: Written) -> None:
    folder, cases = written

    for case in cases:
        volume = nib.load(folder / case.plan.case / "T2.nii.gz")
        assert volume.get_data_dtype() == np.int16
        for path in (folder / case.plan.case / "segmentations").iterdir():
            mask = nib.load(path)
            assert mask.get_data_dtype() == np.uint8
            assert mask.shape == volume.shape
            assert np.array_equal(mask.affine, volume.affine)


def test_qform_and_sform_agree_and_no_text_is_left_in_the_header(written: Written) -> None:
    folder, cases = written

    for case in cases:
        header = nib.load(folder / case.plan.case / "T2.nii.gz").header
        assert np.allclose(header.get_qform(), header.get_sform(), atol=1e-3)
        assert header.get_xyzt_units()[0] == "mm"
        assert bytes(header["descrip"]).strip(b"\0") == b"" and bytes(header["aux_file"]).strip(b"\0") == b""


def test_tables_name_every_case_and_every_source(written: Written) -> None:
    folder, cases = written
    with (folder / "cases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (folder / "sources.csv").open(encoding="utf-8") as file:
        sources = list(csv.DictReader(file))

    assert [row["case"] for row in rows] == [case.plan.case for case in cases]
    assert list(rows[0])[:4] == ["subject", "case", "site", "cohort_role"]
    assert {row["kind"] for row in sources} == {"annotator", "model"}
    assert all(bool(row["annotator"]) == (row["kind"] == "annotator") for row in sources)
    assert {source for _, source in dice_table(cases)} <= {row["source"] for row in sources}


def test_writing_again_gives_the_same_files(written: Written, tmp_path: Path) -> None:
    folder, _ = written

    write_demo(tmp_path, seed=7, count=6, size=SMALL)

    assert digest(tmp_path) == digest(folder)


def test_progress_is_told_after_each_case(template: None, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []

    write_demo(tmp_path, seed=7, count=2, size=SMALL, progress=lambda *now: told.append(now))

    assert told == [(1, 2, "DEMO-001-1"), (2, 2, "DEMO-002-1")]
