"""`blindread metrics A B`, with real files."""

import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from blindread.main import main

ROOT = Path(__file__).parents[2]
AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])


@pytest.fixture
def save(tmp_path):
    def write(name: str, labels: np.ndarray, affine: np.ndarray = AFFINE) -> str:
        image = nib.Nifti1Image(labels.astype("u1"), affine)
        image.set_sform(affine, 1)
        image.set_qform(affine, 1)
        nib.save(image, tmp_path / name)
        return str(tmp_path / name)

    return write


def box(start, stop, value=1):
    labels = np.zeros((20, 20, 10), dtype="u1")
    labels[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))] = value
    return labels


def test_two_masks_give_a_table_of_named_definitions(save, capsys):
    prediction = save("model.nii.gz", box((5, 5, 2), (15, 15, 7)))  # 500 voxels of 2 mm³: 1 mL
    reference = save("expert.nii.gz", box((6, 5, 2), (16, 15, 7)))  # moved by 1 mm: 450 shared

    assert main(["metrics", prediction, reference, "--tolerance", "2"]) == 0

    printed = capsys.readouterr().out
    values = {line[:24].strip(): line.split()[-1] for line in printed.splitlines() if line}
    assert values["prediction, mL"] == "1.0000"
    assert values["dsc"] == "0.9000"
    assert values["hd95_max_directed, mm"] == "1.0000"
    assert values["nsd_voxel@2mm"] == "1.0000"
    assert "not for diagnosis" in printed


def test_json_holds_definition_version_and_status_and_no_nan(save, capsys):
    prediction = save("a.nii", box((5, 5, 2), (15, 15, 7)))
    empty = save("b.nii", np.zeros((20, 20, 10)))

    assert main(["metrics", prediction, empty, "--json", "--metric", "dsc", "--metric", "rvd"]) == 0

    found = json.loads(capsys.readouterr().out)
    whole = found["regions"]["whole"]
    assert (whole["status"], whole["prediction_ml"], whole["reference_ml"]) == ("reference_empty", 1.0, 0)
    assert whole["measures"] == [
        {"definition": "dsc", "version": 1, "value": 0.0, "unit": ""},
        {"definition": "rvd", "version": 1, "value": None, "unit": ""},
    ]
    assert found["spacing_mm"] == [1, 1, 2]


def test_label_maps_are_compared_region_by_region(save, capsys):
    core, rim = box((5, 5, 2), (10, 10, 7), 1), box((10, 5, 2), (15, 10, 7), 4)
    paediatric = save("paediatric.nii.gz", core | rim)  # 1 enhancing, 4 oedema
    brats = save("brats.nii.gz", np.choose(core | rim, [0, 3, 0, 0, 2]))  # 3 enhancing, 2 oedema

    arguments = ["--label-map", "paediatric", "--reference-label-map", "BraTS 2023", "--metric", "dsc"]
    assert main(["metrics", paediatric, brats, *arguments]) == 0

    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["WT", "TC", "NET+CC+ED", "ET", "ED"]
    assert next(row for row in rows if row.startswith("dsc")).split()[1:] == ["1.0000"] * 5


def test_maps_without_a_name_are_compared_label_by_label(save, capsys):
    labels = box((5, 5, 2), (10, 10, 7), 1) | box((10, 5, 2), (15, 10, 7), 4)

    assert main(["metrics", save("a.nii.gz", labels), save("b.nii.gz", labels), "--metric", "dsc"]) == 0

    assert "whole  label 1  label 4" in capsys.readouterr().out


def test_definitions_are_told_on_request(save, capsys):
    mask = save("a.nii.gz", box((5, 5, 2), (10, 10, 7)))

    assert main(["metrics", mask, mask, "--metric", "hd95_pooled", "--definitions"]) == 0

    assert "both directed sets joined" in capsys.readouterr().out


def refusal(capsys, *arguments: str) -> str:
    assert main(["metrics", *arguments]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_other_grids_are_refused_in_a_sentence_that_names_the_file(save, capsys):
    mask = save("a.nii.gz", box((5, 5, 2), (10, 10, 7)))
    moved = save("moved.nii.gz", box((5, 5, 2), (10, 10, 7)), AFFINE + np.eye(4, k=3) * 7)
    small = save("small.nii.gz", np.ones((4, 4, 4)))

    assert "moved.nii.gz" in refusal(capsys, mask, moved)
    assert "4×4×4 voxels but its volume has 20×20×10" in refusal(capsys, mask, small)


def test_damaged_foreign_and_absent_files_are_refused_in_a_sentence(save, capsys, tmp_path):
    mask = save("a.nii.gz", box((5, 5, 2), (10, 10, 7)))
    torn = tmp_path / "torn.nii.gz"
    torn.write_bytes(Path(mask).read_bytes()[:-12])
    page = tmp_path / "page.nii.gz"
    page.write_text("<html>sign in</html>")

    assert "torn.nii.gz" in refusal(capsys, mask, str(torn))
    assert "web page" in refusal(capsys, str(page), mask)
    assert "absent.nii.gz cannot be read: No such file" in refusal(capsys, mask, str(tmp_path / "absent.nii.gz"))


def test_labels_that_the_named_map_does_not_have_are_refused(save, capsys):
    mask = save("a.nii.gz", box((5, 5, 2), (10, 10, 7), 4))

    assert "4 (125 voxels); expected 1, 2, 3" in refusal(capsys, mask, mask, "--label-map", "BraTS 2023")
    assert "add --label-map" in refusal(capsys, mask, mask, "--reference-label-map", "BraTS 2023")


@pytest.mark.parametrize("arguments", [[], ["metrics"], ["metrics", "a", "b", "--tolerance", "-1"]])
def test_what_is_not_understood_gives_exit_code_2(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2


def test_the_script_runs_on_its_own_without_django(save):
    mask = save("a.nii.gz", box((5, 5, 2), (10, 10, 7)))
    code = "import sys; from blindread.main import main; main(sys.argv[1:]); assert 'django' not in sys.modules"

    done = subprocess.run(
        [sys.executable, "-c", code, "metrics", mask, mask],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "hd95_area, mm" in done.stdout
