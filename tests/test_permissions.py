"""The generated permission matrix: every route of the site, every actor, foreign and absent alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from permission_matrix import ACTORS, MATRIX, Rule
from study_world import AT, World, data_folder, make_world

from accounts.models import User
from readerstudy.services import studies
from segmentation.models import Job, Upload

__all__ = ["data_folder", "make_world"]


def routes(patterns: list[Any] | None = None) -> Iterator[str]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns)
        elif isinstance(entry, URLPattern):
            yield entry.name or str(entry.pattern)


def test_every_route_has_an_entry_in_the_matrix() -> None:
    assert set(routes()) == set(MATRIX)


@pytest.fixture
def people_and_names(make_world: Callable[..., World]) -> tuple[dict[str, User | None], dict[str, str]]:
    world = make_world()
    analyst = User.objects.create_user("analyst@example.org", "correct horse", name="analyst")
    studies.add_member(study=world.study, user=analyst, role="analyst", by=world.pi, at=AT)
    world.study.refresh_from_db()
    world.seal()
    people: dict[str, User | None] = {
        "anonymous": None,
        "reader": world.experts[0],
        "other_reader": world.experts[1],
        "outsider": User.objects.create_user("outsider@example.org", "correct horse", name="outsider"),
        "analyst": analyst,
        "coordinator": world.second,
        "pi": world.pi,
        "site_admin": User.objects.create_superuser("admin@example.org", "correct horse", name="admin"),
    }
    assert set(people) == set(ACTORS)
    return people, names_in(world)


def names_in(world: World) -> dict[str, str]:
    return {
        "study": world.study.code,
        "member": world.readers["R1"].token,
        "presentation": world.presentations("R1")[0].token,
        "dataset": world.dataset.code,
        "case": world.cases[0].code,
        "segmentation": world.cases[0].segmentations.all()[0].code,
        "source": world.sources["TE"].code,
        "plan": Job.objects.create(kind="import_plan", dataset=world.dataset, created_by=world.pi).code,
        "upload": Upload.objects.create(
            dataset=world.dataset, user=world.pi, batch="0" * 32, relative_path="a/t2.nii.gz", length=1
        ).token,
    }


def ask(person: User | None, verb: str, path: str, rule: Rule, key: str) -> Any:
    client = Client()
    if person:
        client.force_login(person)
    if verb in ("get", "head", "delete"):
        return getattr(client, verb)(path)
    if rule.form:
        return getattr(client, verb)(path, dict(rule.body))
    body = json.dumps(dict(rule.body))
    return getattr(client, verb)(path, body, content_type="application/json", headers={"Idempotency-Key": key})


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_every_actor_hears_what_the_matrix_says(
    name: str, people_and_names: tuple[dict[str, User | None], Mapping[str, str]]
) -> None:
    people, names = people_and_names
    route = MATRIX[name]
    path = reverse(name, args=route.arguments(names))
    heard = {
        (actor, verb): ask(person, verb, path, rule, f"{name}-{actor}-{verb}").status_code
        for verb, rule in route.methods.items()
        for actor, person in people.items()
    }
    assert heard == {(actor, verb): rule.status(actor) for verb, rule in route.methods.items() for actor in people}


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_what_is_foreign_and_what_is_absent_sound_the_same(
    name: str, people_and_names: tuple[dict[str, User | None], Mapping[str, str]]
) -> None:
    people, names = people_and_names
    route = MATRIX[name]
    absent = {key: "z" * len(value) for key, value in names.items()}
    if route.arguments(names) == route.arguments(absent):
        pytest.skip("this route names no object")
    for verb, rule in route.methods.items():
        if rule.status("outsider") != 404:
            continue
        foreign, missing = (
            ask(people["outsider"], verb, reverse(name, args=route.arguments(which)), rule, f"{name}-{verb}-{word}")
            for which, word in ((names, "foreign"), (absent, "absent"))
        )
        assert foreign.status_code == missing.status_code == 404
        assert unmarked(foreign.content) == unmarked(missing.content)
        assert set(foreign.headers) == set(missing.headers)


def unmarked(body: bytes) -> bytes:
    """Return a page without its CSRF token, which is random on every answer."""
    import re

    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"|name="csrf-token" content="\w+"', b"", body)
