"""A subject withdraws while a study is being read: the images go, ratings stay, and the gap has a name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from study_world import AT, World

from readerstudy.selectors import presentations
from readerstudy.selectors.progress import study_progress
from segmentation.errors import NotFound


def test_an_unread_case_of_a_withdrawn_subject_is_passed_over_and_counted(world: World) -> None:
    world.seal()
    reader = world.readers["R1"]
    reader.refresh_from_db()
    lost = presentations.current_presentation(reader)
    assert lost is not None
    lost.case.subject.__class__.objects.filter(pk=lost.case.subject_id).update(withdrawn_at=timezone.now())

    current = presentations.current_presentation(reader)

    assert current is not None
    assert current.position == lost.position + 1
    with pytest.raises(NotFound):
        presentations.presentation_for(reader.user, lost.token)


def test_progress_names_what_a_withdrawal_left_open(world: World) -> None:
    world.seal()
    case = world.cases[3]
    case.subject.__class__.objects.filter(pk=case.subject_id).update(withdrawn_at=timezone.now())

    progress = study_progress(world.study, AT + timedelta(days=1))

    assert progress.missing == [("subject_withdrawn", 3)]
    assert {reader.cells[case.name].state for reader in progress.readers} == {"withdrawn"}
