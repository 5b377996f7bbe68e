import numpy as np
import pytest

from hub.demo.fields import smooth_noise, spline_weights


@pytest.mark.parametrize("step", [1.5, 2.5, 17.0])
def test_spline_weights_of_every_voxel_sum_to_one(step: float) -> None:
    first, weights = spline_weights(40, step)

    assert first.shape == (40,) and weights.shape == (40, 4)
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert (weights >= 0).all()


def test_spline_weights_on_a_lattice_point_are_a_sixth_two_thirds_and_a_sixth() -> None:
    # The cubic B-spline at its knots: 1/6, 4/6, 1/6, 0.
    _, weights = spline_weights(9, 4.0)

    assert np.allclose(weights[[0, 4, 8]], [1 / 6, 4 / 6, 1 / 6, 0])


def test_smooth_noise_has_unit_spread_and_changes_over_its_scale() -> None:
    field = smooth_noise(np.random.default_rng(1), (90, 90, 90), spacing=(1, 1, 1), scale=6)

    neighbours = np.corrcoef(field[:-1].ravel(), field[1:].ravel())[0, 1]
    strangers = np.corrcoef(field[:-30].ravel(), field[30:].ravel())[0, 1]
    assert abs(field.std() - 1) < 0.1
    assert neighbours > 0.95
    assert abs(strangers) < 0.1


def test_noise_below_one_voxel_is_independent_between_slices() -> None:
    field = smooth_noise(np.random.default_rng(2), (60, 60, 60), spacing=(1, 1, 5), scale=(10, 10, 0))

    assert abs(np.corrcoef(field[..., :-1].ravel(), field[..., 1:].ravel())[0, 1]) < 0.1
