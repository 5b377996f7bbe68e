"""Models that vote together decide by the mean of their probabilities."""

import numpy as np
import pytest

from ml.ensembling import mean_of
from ml.errors import ModelError
from ml.predictor import Prediction


def prediction(values, heads=("background", "tumour")):
    soft = np.array(values, np.float16).reshape(len(heads), -1, 1, 1)
    return Prediction(soft.argmax(axis=0).astype(np.uint8), soft, heads)


def test_a_sure_model_outvotes_an_unsure_one():
    sure, unsure = prediction([[0.9, 0.1], [0.1, 0.9]]), prediction([[0.4, 0.4], [0.6, 0.6]])

    together = mean_of([sure, unsure])

    # (0.9 + 0.4) / 2 = 0.65 background at the first voxel, (0.9 + 0.6) / 2 = 0.75 tumour at the second
    assert together.labels.ravel().tolist() == [0, 1]
    assert together.probabilities[:, 0, 0, 0] == pytest.approx([0.65, 0.35], abs=1e-3)


def test_regions_are_decided_head_by_head():
    one = prediction([[0.9, 0.6], [0.2, 0.8]], heads=("whole", "core"))

    assert mean_of([one, one], regions=(1, 2)).labels.ravel().tolist() == [1, 2]


def test_models_with_other_structures_do_not_vote_together():
    with pytest.raises(ModelError) as refusal:
        mean_of([prediction([[1], [0]]), prediction([[1], [0]], heads=("background", "edema"))])

    assert refusal.value.code == "ensemble.heads"
