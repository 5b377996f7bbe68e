"""Bias correction, brain masks and the whole preparation of one image."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from ml.errors import ImagesRefused, WeightsMissing
from ml.preprocessing.bias import BiasSettings, correct_bias
from ml.preprocessing.brain import classical_brain_mask
from ml.preprocessing.dicom import convert_dicom
from ml.preprocessing.pipeline import Options, prepare
from ml.preprocessing.volume import Volume


def unevenness(voxels, mask):
    """Coefficient of variation inside one tissue."""
    return voxels[mask].std() / voxels[mask].mean()


@pytest.fixture(scope="module")
def uneven(template):
    """The phantom under a known field: a third brighter on the one side than on the other."""
    ramp = np.linspace(0.75, 1.25, template.voxels.shape[0])[:, None, None]
    return Volume((template.voxels * ramp).astype(np.float32), template.affine), ramp


def test_bias_correction_takes_out_most_of_a_known_field(uneven, template):
    volume, _ = uneven
    white = (template.voxels > 95) & (template.voxels < 105)

    corrected, field = correct_bias(volume, settings=BiasSettings(shrink=4, iterations=(30, 30, 30)))

    assert unevenness(volume.voxels, white) > 0.07
    assert unevenness(corrected.voxels, white) < 0.3 * unevenness(volume.voxels, white)
    assert np.allclose(corrected.voxels * field, volume.voxels, rtol=1e-4, atol=1e-2)


def test_bias_correction_of_one_value_is_refused():
    with pytest.raises(ImagesRefused) as refusal:
        correct_bias(Volume(np.full((16, 16, 16), 7, np.float32), np.eye(4)))

    assert refusal.value.code == "images.flat"


def test_the_classical_mask_covers_the_head_and_leaves_the_air(template):
    mask = classical_brain_mask(template)

    head = template.voxels > 50
    assert mask.dtype == np.bool_ and mask.shape == head.shape
    assert np.count_nonzero(mask & head) / np.count_nonzero(head) > 0.95
    assert np.count_nonzero(mask & ~head) / np.count_nonzero(mask) < 0.1


def test_a_volume_without_a_brain_is_refused_by_the_classical_mask():
    specks = np.random.default_rng(0).normal(0, 1, (20, 20, 20)).astype(np.float32)

    with pytest.raises(ImagesRefused) as refusal:
        classical_brain_mask(Volume(specks, np.eye(4)))

    assert refusal.value.code == "brain.none"


def test_a_prepared_image_lies_on_the_template_and_looks_like_it(moved, template):
    options = Options(bias=None, spacing_mm=2.0, brain="classical mask")

    prepared = prepare(moved, template, options, brain=classical_brain_mask)

    assert prepared.image.voxels.shape == template.voxels.shape
    inside = prepared.brain & (template.voxels > 50)
    assert np.corrcoef(prepared.image.voxels[inside], template.voxels[inside])[0, 1] > 0.95
    assert not prepared.image.voxels[~prepared.brain].any()
    assert prepared.record["brain"] == "classical mask"
    assert prepared.record["native_sha256"] == moved.frame.sha256


def test_without_a_template_only_the_spacing_changes(moved):
    prepared = prepare(moved, None, Options(bias=None, spacing_mm=3.0))

    assert prepared.image.frame.spacing == pytest.approx((3, 3, 3))
    assert np.array_equal(prepared.transform.matrix, np.eye(4))


def test_hd_bet_without_weights_is_refused_and_says_where_they_go(tmp_path):
    pytest.importorskip("torch", reason="needs the packages of .venv-ml (make test-ml)")
    from ml.preprocessing.hdbet import BrainNetwork

    with pytest.raises(WeightsMissing) as refusal:
        BrainNetwork(tmp_path)

    assert refusal.value.code == "hdbet.absent"
    assert "14445620" in str(refusal.value)


def test_a_network_in_hd_bet_s_folder_layout_gives_a_mask_on_the_volume_s_grid(small_run, tmp_path, template):
    from ml.preprocessing.hdbet import BrainNetwork

    results = small_run.folder / "results" / "Dataset888_Child" / "StepScratch__nnUNetPlans__3d_fullres"
    (tmp_path / "fold_all").mkdir()
    for name in ("plans.json", "dataset.json"):
        shutil.copyfile(results / name, tmp_path / name)
    shutil.copyfile(results / "fold_0" / "checkpoint_final.pth", tmp_path / "fold_all" / "checkpoint_final.pth")

    mask = BrainNetwork(tmp_path).mask(Volume(template.voxels[:40, :44, :36], template.affine))

    assert mask.dtype == np.bool_ and mask.shape == (40, 44, 36)


def test_a_folder_without_dicom_is_refused(tmp_path):
    if subprocess.run([sys.executable, "-c", "import dcm2niix"], capture_output=True).returncode:
        pytest.skip("dcm2niix is not installed (make test-ml)")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "letter.txt").write_text("no images")

    with pytest.raises(ImagesRefused) as refusal:
        convert_dicom(tmp_path / "in", tmp_path / "out")

    assert refusal.value.code == "dicom.none"
