"""A sealed study and its first reader's browser."""

from __future__ import annotations

import pytest
from reader_desk import Desk
from study_world import World, data_folder, make_world, world

__all__ = ["data_folder", "make_world", "world"]


@pytest.fixture
def desk(world: World) -> Desk:
    world.seal()
    return Desk(world.readers["R1"])
