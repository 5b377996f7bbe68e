"""The whole story in a real browser: from a dropped folder to the tables, over the real site."""

from __future__ import annotations

import pytest
from site_under_test import Site

pytestmark = pytest.mark.slow


def test_the_story_from_a_dropped_folder_to_the_tables(site: Site) -> None:
    ran = site.browse("story.mjs")

    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-4000:]
    told = site.manage("verify")
    assert told.returncode == 0, told.stdout
