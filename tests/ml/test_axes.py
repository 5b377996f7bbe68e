"""Arrays turned to a model's axes and back."""

from itertools import permutations, product

import numpy as np
import pytest

from ml.axes import turn_between, turned, turned_back, turned_spacing
from ml.errors import ImagesRefused

CODES = [
    "".join(axes[i] for axes, i in zip(order, ends, strict=True))
    for order in permutations(["RL", "AP", "SI"])
    for ends in product((0, 1), repeat=3)
]


def test_all_48_orientations_come_back_as_they_went():
    array = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)

    for codes in CODES:
        turn = turn_between(codes, "RAS")
        assert np.array_equal(turned_back(turned(array, turn), turn), array)


def test_lps_to_ras_reverses_the_first_two_axes():
    array = np.arange(24).reshape(2, 3, 4)

    assert np.array_equal(turned(array, turn_between("LPS", "RAS")), array[::-1, ::-1])


def test_spacing_follows_its_axis():
    assert turned_spacing((0.5, 0.6, 5.0), turn_between("SLA", "RAS")) == (0.6, 5.0, 0.5)


def test_unknown_directions_change_nothing():
    assert turn_between("", "RAS") == turn_between("LPS", "") == ((0, 1, 2), (False, False, False))


@pytest.mark.parametrize("codes", ["RRS", "XYZ", "RA"])
def test_codes_that_name_no_three_axes_are_refused(codes):
    with pytest.raises(ImagesRefused):
        turn_between(codes, "RAS")
