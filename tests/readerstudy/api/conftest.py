"""A sealed study and its first reader's browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lasting_world import lasting_world
from reader_desk import Desk
from study_world import World, data_folder, make_world, world

__all__ = ["data_folder", "make_world", "world"]


@pytest.fixture(scope="module")
def small_world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """Three cases and two readers, made once; each test's changes are rolled back."""
    folder = tmp_path_factory.mktemp("small-world")
    with lasting_world(folder, django_db_blocker, cases=3, practice=0, readers=2, shape=(9, 8, 6)) as made:
        yield made


@pytest.fixture
def desk(small_world: World, db: None) -> Desk:
    return Desk(small_world.readers["R1"])


@pytest.fixture
def token(desk: Desk) -> str:
    """The presentation whose turn it is."""
    return str(desk.session()["current"])
