"""A released model that stays loaded gives nnU-Net's own labels, on the grid of the images, and can be stopped."""

import json
import multiprocessing
import shutil
import threading

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the packages of .venv-ml (make test-ml)")

import ml.torchvision_shim  # noqa: F401

import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

from ml.catalogue import folder_digest, read_release
from ml.errors import Cancelled, ImagesRefused, ModelRefused
from ml.nnunet.predictor import NNUNetPredictor
from ml.predictor import Images
from ml.training.generated import generated_cases
from ml.training.stages import Cell


@pytest.fixture(scope="module")
def case():
    return next(iter(generated_cases("child", count=1, size=44, seed=9)))


@pytest.fixture(scope="module")
def predictor(release_folder):
    torch.set_num_threads(1)
    return NNUNetPredictor(release_folder, sha256=folder_digest(release_folder), mirroring=False)


def stock_prediction(small_run, case, spacing, probabilities=False):
    """nnU-Net's own array interface on the checkpoints of the same run; our trainer is a plain one to it."""
    stock = nnUNetPredictor(use_mirroring=False, device=torch.device("cpu"), allow_tqdm=False)
    results = small_run.folder / "results" / "Dataset888_Child" / "StepScratch__nnUNetPlans__3d_fullres"
    checkpoints = [
        torch.load(results / f"fold_{fold}" / "checkpoint_best.pth", weights_only=False, map_location="cpu")
        for fold in (0, 1)
    ]
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

    plans = PlansManager(json.loads((results / "plans.json").read_text()))
    dataset = json.loads((results / "dataset.json").read_text())
    configuration = plans.get_configuration("3d_fullres")
    network = nnUNetTrainer.build_network_architecture(plans, configuration, 1, 2, enable_deep_supervision=False)
    weights = [checkpoint["network_weights"] for checkpoint in checkpoints]
    stock.manual_initialization(network, plans, configuration, weights, dataset, "StepScratch", (0, 1, 2))
    array = case.images.transpose(0, 3, 2, 1)
    return stock.predict_single_npy_array(array, {"spacing": list(reversed(spacing))}, None, None, probabilities)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.8, 1.1, 0.9), (1.6, 1.5, 1.4)])
def test_labels_of_the_warm_predictor_equal_stock_in_every_voxel(predictor, small_run, case, spacing):
    ours = predictor.predict(Images(case.images, spacing)).labels

    assert ours.shape == case.labels.shape
    assert np.array_equal(ours, stock_prediction(small_run, case, spacing).transpose(2, 1, 0))


def test_probabilities_equal_stock_s_in_half_precision_and_sum_to_one(predictor, small_run, case):
    spacing = (0.8, 1.1, 0.9)

    found = predictor.predict(Images(case.images, spacing), probabilities=True)

    _, soft = stock_prediction(small_run, case, spacing, probabilities=True)
    assert found.heads == ("background", "tumour")
    assert np.array_equal(found.probabilities, soft.astype(np.float16).transpose(0, 3, 2, 1))
    assert np.allclose(found.probabilities.astype(float).sum(axis=0), 1, atol=2e-3)


def test_a_case_in_other_axes_gets_the_same_labels_turned(predictor, case):
    as_trained = predictor.predict(Images(case.images, (1.0, 1.0, 1.0), "RAS")).labels
    turned = np.flip(case.images.transpose(0, 3, 1, 2), (2,))  # axes S, L, A

    found = predictor.predict(Images(turned, (1.0, 1.0, 1.0), "SLA")).labels

    assert np.array_equal(found, np.flip(as_trained.transpose(2, 0, 1), 1))


def test_progress_counts_every_tile_of_every_fold(predictor, case):
    seen = []

    found = predictor.predict(Images(case.images, (1.0, 1.0, 1.0)), report=seen.append)

    assert [each.done for each in seen if each.fold == 0] == list(range(found.tiles // 2 + 1))
    assert (seen[-1].done, seen[-1].total) == (found.tiles, found.tiles)


def test_a_stopped_prediction_leaves_no_thread_and_the_next_one_works(predictor, case):
    images, before, seen = Images(case.images, (1.0, 1.0, 1.0)), threading.active_count(), []

    with pytest.raises(Cancelled):
        predictor.predict(images, report=seen.append, stop=lambda: len(seen) >= 2)

    assert len(seen) == 2
    assert threading.active_count() == before
    assert predictor.predict(images).labels.shape == case.labels.shape


def test_cancelling_is_not_taken_for_lack_of_memory():
    assert not issubclass(Cancelled, RuntimeError)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda voxels: np.concatenate([voxels, voxels]), "images.inputs"),
        (lambda voxels: voxels[0], "images.axes"),
        (lambda voxels: np.where(voxels > 90, np.nan, voxels), "images.finite"),
        (lambda voxels: np.zeros_like(voxels), "images.empty"),
        (lambda voxels: voxels[:, :1], "images.size"),
    ],
)
def test_images_that_no_network_should_see_are_refused_with_their_reason(predictor, case, change, code):
    with pytest.raises(ImagesRefused) as refusal:
        predictor.predict(Images(change(case.images), (1.0, 1.0, 1.0)))

    assert refusal.value.code == code


def test_a_volume_smaller_than_the_patch_is_predicted(predictor, case):
    small = case.images[:, 12:30, 12:28, 12:20]

    assert predictor.predict(Images(small, (1.0, 1.0, 1.0))).labels.shape == (18, 16, 8)


@pytest.fixture()
def copy(release_folder, tmp_path):
    return shutil.copytree(release_folder, tmp_path / "copy")


def test_a_changed_model_folder_is_refused(copy):
    digest = folder_digest(copy)
    weights = copy / "fold_1" / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)

    with pytest.raises(ModelRefused) as refusal:
        NNUNetPredictor(copy, sha256=digest)

    assert refusal.value.code == "model.changed"


def test_absent_and_damaged_weights_are_refused_each_in_its_own_words(copy):
    weights = copy / "fold_1" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelRefused) as damaged:
        NNUNetPredictor(copy)
    weights.unlink()
    with pytest.raises(ModelRefused) as absent:
        NNUNetPredictor(copy)

    assert (damaged.value.code, absent.value.code) == ("weights.damaged", "weights.absent")


def test_plans_that_name_code_are_refused_before_anything_is_imported(copy):
    plans = json.loads((copy / "plans.json").read_text())
    plans["configurations"]["3d_fullres"]["architecture"]["network_class_name"] = "os.system"
    (copy / "plans.json").write_text(json.dumps(plans))

    with pytest.raises(ModelRefused) as refusal:
        NNUNetPredictor(copy)

    assert refusal.value.code == "model.plans"


def test_one_fold_alone_can_predict_a_subject_that_the_others_trained_on(release_folder, case):
    manifest = read_release(release_folder).manifest
    code = manifest.folds[0].validation[0]

    folds = manifest.folds_without(code)

    assert folds == (0,)
    found = NNUNetPredictor(release_folder, folds=folds, mirroring=False).predict(Images(case.images, (1.0, 1.0, 1.0)))
    assert found.labels.shape == case.labels.shape


def test_the_manifest_names_each_subject_on_one_side_of_each_fold_only(release_folder, small_run):
    manifest = read_release(release_folder).manifest

    assert manifest.seen() == {"C000", "C001", "C002", "C003"}
    for fold in manifest.folds:
        assert not set(fold.training) & set(fold.validation)
    assert small_run.done(Cell("scratch", 0))


def predict_in_this_process(folder, images, answer):
    predictor = NNUNetPredictor(folder, folds=(0,), mirroring=False)
    answer.put(predictor.predict(images).labels)


def test_a_process_that_may_have_no_children_can_predict(release_folder, case):
    # Workers of a prefork pool are such processes; nnU-Net's own file interface fails in them.
    context = multiprocessing.get_context("spawn")
    answer, images = context.Queue(), Images(case.images, (1.0, 1.0, 1.0))
    worker = context.Process(target=predict_in_this_process, args=(release_folder, images, answer), daemon=True)
    worker.start()

    labels = answer.get(timeout=300)

    worker.join(60)
    assert worker.exitcode == 0
    assert np.array_equal(labels, NNUNetPredictor(release_folder, folds=(0,), mirroring=False).predict(images).labels)
