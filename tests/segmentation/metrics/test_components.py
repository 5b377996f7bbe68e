"""Connected parts, against scipy's voxel by voxel search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from segmentation.metrics.components import components


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.01, 0.9), st.tuples(*[st.integers(1, 9)] * 3))
def test_parts_and_boxes_are_those_of_scipy(seed, share, shape):
    mask = np.pad(np.random.default_rng(seed).random(shape) < share, 1)

    found = components(mask)

    labels, count = ndimage.label(mask, np.ones((3, 3, 3)))
    pairs = set(zip(labels.ravel().tolist(), found.labels.ravel().tolist(), strict=True))
    assert found.count == count
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})  # one name for each part
    boxes = ndimage.find_objects(found.labels)
    assert list(found.boxes) == boxes


@given(arrays.arrays(np.bool_, (3, 4, 2)))
@settings(max_examples=30, deadline=None)
def test_the_background_keeps_0(mask):
    found = components(np.pad(mask, 1))

    assert ((found.labels > 0) == np.pad(mask, 1)).all()


@pytest.mark.parametrize("step", [(1, 1, 1), (1, -1, 1), (1, 1, -1), (0, 1, -1), (1, -1, -1), (1, 0, 0), (0, 0, 1)])
def test_voxels_that_share_a_corner_hang_together_and_others_do_not(step):
    mask = np.zeros((8, 8, 8), dtype=bool)
    mask[3, 3, 3] = mask[tuple(3 + s for s in step)] = True
    mask[6, 6, 6] = True

    assert components(mask).count == 2
