"""A model of nested regions goes from generated cases to labels on the grid of an image."""

import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the packages of .venv-ml (make test-ml)")

import ml.torchvision_shim  # noqa: F401

import torch

from ml.catalogue import Label, Region, read_release
from ml.nnunet.dataset import DatasetDescription, export_dataset
from ml.nnunet.environment import Folders
from ml.nnunet.predictor import NNUNetPredictor
from ml.nnunet.release import ReleaseNotes, release_model
from ml.predictor import Images
from ml.preprocessing.native import labels_from_probabilities
from ml.training.driver import drive
from ml.training.generated import generated_cases
from ml.training.stages import Tree
from ml.training.state import Run, RunSettings
from ml.training.stepwise import SMALL

NESTED = DatasetDescription(
    "Dataset501_Nested",
    ("T2",),
    (Label(1, "edema"), Label(2, "core"), Label(3, "enhancing")),
    (Region("whole", (1, 2, 3)), Region("core", (2, 3)), Region("enhancing", (3,))),
)


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nested")
    run = Run(folder / "run")
    export_dataset(Folders(run.folder).create().raw, NESTED, generated_cases("child", count=4, nested=True))
    training = {"epochs": 1, "iterations": 2, "validation_iterations": 1}
    run.create(RunSettings(NESTED.name, tree=Tree(("scratch",), 2), planning={"small": SMALL}, training=training))
    steps = drive(run)
    assert {step.state for step in steps.values()} == {"done"}, steps
    release_model(run, "scratch", NESTED, ReleaseNotes("Nested", "1", "Apache-2.0"), folder / "model")
    torch.set_num_threads(1)
    return NNUNetPredictor(folder / "model", mirroring=False), folder / "model"


def test_each_region_has_its_head_and_the_labels_follow_from_the_probabilities(predictor):
    case = next(iter(generated_cases("child", count=1, size=36, seed=5, nested=True)))
    images = Images(case.images, (0.9, 1.0, 1.2))

    plain = predictor[0].predict(images)
    soft = predictor[0].predict(images, probabilities=True)

    assert soft.heads == ("whole", "core", "enhancing")
    assert soft.probabilities.shape == (3, 36, 36, 36)
    assert np.array_equal(plain.labels, soft.labels)
    # Half precision may round a probability across one half; nothing else may differ.
    derived = labels_from_probabilities(soft.probabilities, regions=(1, 2, 3))
    near = (np.abs(soft.probabilities.astype(np.float32) - 0.5) < 1e-3).any(axis=0)
    assert np.array_equal(derived[~near], soft.labels[~near])
    assert set(np.unique(plain.labels)) <= {0, 1, 2, 3}


def test_regions_stay_in_their_order_through_training_and_release(predictor):
    dataset = json.loads((predictor[1] / "dataset.json").read_text())

    assert list(dataset["labels"]) == ["background", "whole", "core", "enhancing"]
    assert [region.name for region in read_release(predictor[1]).regions] == ["whole", "core", "enhancing"]
