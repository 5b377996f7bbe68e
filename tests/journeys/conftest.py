"""Fixtures of the journeys."""

from study_world import data_folder, make_world, world

__all__ = ["data_folder", "make_world", "world"]
