"""The boundary-only export gives nnU-Net's own label map, voxel for voxel."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the packages of .venv-ml (make test-ml)")

import ml.torchvision_shim  # noqa: F401

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape
from nnunetv2.utilities.label_handling.label_handling import LabelManager
from scipy.ndimage import zoom

from ml.nnunet.export import decide_resized
from ml.nnunet.interpolation import axis_weights, interpolate

LABELS = LabelManager({"background": 0, "a": 1, "b": 2, "c": 3}, None)
REGIONS = LabelManager({"background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": [3]}, [1, 2, 3])


def stock(logits, shape, manager):
    """nnU-Net's own resampling and decision on one isotropic grid."""
    spacing = (1.0, 1.0, 1.0)
    resized = resample_data_or_seg_to_shape(
        logits, shape, spacing, spacing, is_seg=False, order=1, order_z=0, force_separate_z=None
    )
    return np.asarray(manager.convert_logits_to_segmentation(resized))


def smooth_logits(seed, heads, shape):
    """Blobs with noise, in half precision, as networks give them."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(0, 4, (heads, *(max(2, n // 3) for n in shape)))
    large = np.stack([zoom(each, [n / m for n, m in zip(shape, each.shape, strict=True)], order=1) for each in coarse])
    return (large + rng.normal(0, 0.3, large.shape)).astype(np.float16)


shapes = st.tuples(*[st.integers(2, 17)] * 3)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), shape=shapes, fine=shapes)
def test_no_voxel_differs_from_stock_for_exclusive_labels_on_any_shapes(seed, shape, fine):
    logits = smooth_logits(seed, 4, shape)

    ours = decide_resized(logits, fine, regions=None)

    assert np.count_nonzero(ours != stock(logits, fine, LABELS)) == 0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), shape=shapes, fine=shapes)
def test_no_voxel_differs_from_stock_for_regions_on_any_shapes(seed, shape, fine):
    logits = smooth_logits(seed, 3, shape)

    ours = decide_resized(logits, fine, regions=[1, 2, 3])

    assert np.count_nonzero(ours != stock(logits, fine, REGIONS)) == 0


@settings(max_examples=60, deadline=None)
@given(
    logits=hnp.arrays(np.float16, (4, 4, 5, 3), elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0])),
    fine=st.tuples(*[st.integers(2, 24)] * 3),
)
def test_ties_fall_as_in_stock(logits, fine):
    assert np.array_equal(decide_resized(logits, fine, regions=None), stock(logits, fine, LABELS))


@settings(max_examples=60, deadline=None)
@given(
    logits=hnp.arrays(np.float16, (3, 4, 3, 5), elements=st.sampled_from([-0.5, -6e-8, 0.0, 6e-8, 0.5])),
    fine=st.tuples(*[st.integers(2, 24)] * 3),
)
def test_regions_on_the_threshold_fall_as_in_stock(logits, fine):
    assert np.array_equal(decide_resized(logits, fine, regions=[1, 2, 3]), stock(logits, fine, REGIONS))


@pytest.mark.parametrize(("coarse", "fine"), [(5, 5), (7, 21), (21, 7), (10, 13), (2, 40)])
def test_chosen_voxels_are_interpolated_to_the_last_bit_of_scipy(coarse, fine):
    volume = np.random.default_rng(coarse).normal(size=(coarse, coarse, coarse))
    axes = (axis_weights(coarse, fine),) * 3
    everywhere = tuple(index.ravel() for index in np.indices((fine,) * 3))

    ours = interpolate(volume, axes, everywhere).reshape((fine,) * 3)

    theirs = zoom(volume, fine / coarse, order=1, mode="nearest", grid_mode=True)
    assert np.array_equal(ours, theirs)


def test_a_volume_thicker_than_one_slab_is_whole():
    logits = smooth_logits(3, 4, (9, 150, 140))

    ours = decide_resized(logits, (20, 500, 450), regions=None)

    assert np.array_equal(ours, stock(logits, (20, 500, 450), LABELS))


def test_a_grid_of_the_same_shape_is_decided_without_interpolation():
    logits = smooth_logits(5, 4, (6, 7, 8))

    assert np.array_equal(decide_resized(logits, (6, 7, 8), regions=None), logits.argmax(0))
