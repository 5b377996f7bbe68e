import sys

import numpy as np
import pytest

from hub.demo import phantom
from hub.demo.errors import DemoTemplateMissing
from hub.demo.phantom import Head, load_head


@pytest.fixture(scope="module")
def head(template: None) -> Head:
    return load_head()


def test_t2_shows_fluid_brighter_than_cortex_and_cortex_brighter_than_white_matter(head: Head) -> None:
    deep_white = head.stripped[head.white > 0.98]
    fluid = head.stripped[head.ventricles > 0]
    cortex = head.stripped[(head.brain > 0) & (head.white < 0.05) & (head.ventricles == 0)]

    assert np.median(deep_white) < np.median(cortex) < np.median(fluid)


def test_the_brain_of_the_template_has_as_many_voxels_as_its_published_mask(head: Head) -> None:
    # The ICBM 2009a symmetric brain mask, fluid spaces included: 1 886 539 voxels of 1 mm, 1.89 L.
    assert head.brain.sum(dtype=np.float64) == pytest.approx(1_886_539, rel=0.01)


def test_head_lies_on_black(head: Head) -> None:
    assert (head.stripped[head.brain == 0] == 0).all()
    assert (head.scalp[0] == 0).all() and (head.scalp[-1] == 0).all() and (head.scalp[:, :, -1] == 0).all()


def test_anterior_commissure_is_where_the_template_says(head: Head) -> None:
    # The world origin of MNI space is the anterior commissure: 98, 134 and 72 voxels into the file.
    assert head.origin.tolist() == [-98 - 26, -134 - 30, -72 - 44]


def test_template_is_read_without_importing_nilearn(head: Head) -> None:
    assert "nilearn" not in sys.modules


def test_missing_template_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phantom, "find_spec", lambda name: None)

    with pytest.raises(DemoTemplateMissing, match=r"pip install 'blindread\[demo\]'") as caught:
        phantom.template_folder()

    assert caught.value.code == "demo.template"
