"""Registration finds a known motion to less than a millimetre, repeats itself, and its file brings it back."""

import numpy as np
import pytest

from ml.errors import ImagesRefused
from ml.preprocessing.registration import register_rigid
from ml.preprocessing.transforms import IDENTITY, load_transform, save_transform
from ml.preprocessing.volume import Volume


@pytest.fixture(scope="module")
def found(moved, template):
    return register_rigid(moved, template, profile="robust", seed=1)


def target_error_mm(transform, pose):
    """Distances at 400 points of the head between where they go and where they should."""
    points = np.random.default_rng(3).uniform(-60, 60, (400, 3))
    truth = points @ pose[:3, :3].T + pose[:3, 3]
    return np.linalg.norm(transform.at(points) - truth, axis=1)


def test_the_robust_profile_finds_a_known_motion_to_less_than_a_millimetre(found, pose):
    errors = target_error_mm(found.transform, pose)

    assert errors.mean() <= 1.0
    assert target_error_mm(IDENTITY, pose).mean() > 8  # what there was to find


def test_one_thread_and_one_seed_repeat_bit_for_bit(moved, template):
    once, again = (register_rigid(moved, template, profile="paper", seed=5).transform.matrix for _ in range(2))

    assert np.array_equal(once, again)


def test_another_seed_of_the_published_settings_gives_another_transform(moved, template):
    one, other = (register_rigid(moved, template, profile="paper", seed=seed).transform for seed in (5, 6))

    assert not np.array_equal(one.matrix, other.matrix)


def test_a_stored_transform_is_read_back_without_error(found, template, tmp_path):
    save_transform(found.transform, tmp_path / "rigid.tfm", {"profile": found.profile})

    back = load_transform(tmp_path / "rigid.tfm", template.frame)

    assert np.abs(back.matrix - found.transform.matrix).max() < 1e-12


def test_a_transform_of_another_template_is_refused(found, moved, tmp_path):
    save_transform(found.transform, tmp_path / "rigid.tfm")

    with pytest.raises(ImagesRefused) as refusal:
        load_transform(tmp_path / "rigid.tfm", moved.frame)

    assert refusal.value.code == "transform.grid"


def test_the_inverse_brings_points_back(found):
    points = np.random.default_rng(0).normal(0, 50, (20, 3))

    assert np.allclose(found.transform.inverse().at(found.transform.at(points)), points, atol=1e-6)


def test_an_image_without_contrast_is_refused(template):
    flat = Volume(np.zeros((20, 20, 20), np.float32), np.eye(4))

    with pytest.raises(ImagesRefused) as refusal:
        register_rigid(flat, template)

    assert refusal.value.code == "registration.failed"
