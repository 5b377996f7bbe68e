"""From an empty list to a sealed study, in the browser of a principal investigator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from browsers import browser
from django.test import Client
from study_world import AT, World

from readerstudy import tasks
from readerstudy.models import Seal, Study, StudyCase
from readerstudy.pages.sections import EDITABLE
from readerstudy.services.plans import material_of, protocol_document
from segmentation.models import Job, QualityDecision
from segmentation.services.jobs import run
from segmentation.storage import blob_store

Address = Callable[..., str]
# The worker's handlers, so that a test can do a job as the worker would.
assert tasks.seal


def test_a_new_study_starts_from_the_template_and_leads_to_its_overview(world: World, pi: Client) -> None:
    answer = pi.post(
        "/studies/new/", {"title": "A second study", "datasets": [world.dataset.pk], "template": "acceptability"}
    )

    study = Study.objects.get(title="A second study")
    assert answer["Location"] == f"/studies/{study.code}/"
    assert study.members.get().user == world.pi
    page = pi.get(answer["Location"]).content.decode()
    assert "Choose cases" in page
    assert "The study has no cases" in page


def test_a_new_study_without_a_dataset_keeps_the_title_and_says_what_is_missing(world: World, pi: Client) -> None:
    answer = pi.post("/studies/new/", {"title": "Kept title", "template": "acceptability"})

    assert answer.status_code == 422
    assert "Kept title" in answer.content.decode()
    assert "Choose at least one dataset." in answer.content.decode()


def test_nobody_makes_a_study_over_a_dataset_of_somebody_else(world: World, coordinator: Client) -> None:
    answer = coordinator.post(
        "/studies/new/", {"title": "Mine", "datasets": [world.dataset.pk], "template": "acceptability"}
    )

    assert answer.status_code == 422
    assert not Study.objects.filter(title="Mine").exists()


def test_the_list_of_somebody_without_a_dataset_says_how_studies_come(world: World) -> None:
    page = browser(world.experts[0]).get("/studies/").content.decode()

    assert "No studies yet" in page
    assert "New study" not in page


def test_cases_are_chosen_for_study_practice_or_left_out(world: World, pi: Client, address: Address) -> None:
    first, second = world.cases[:2]
    answer = pi.post(address("cases"), {f"place-{first.code}": "study", f"place-{second.code}": "practice"})

    assert answer.status_code == 302
    chosen = {row.case.name: row.is_practice for row in StudyCase.objects.filter(study=world.study)}
    assert chosen == {first.name: False, second.name: True}


def test_an_excluded_case_cannot_be_chosen_and_the_choice_is_kept(world: World, pi: Client, address: Address) -> None:
    case = world.cases[1]
    QualityDecision.objects.create(case=case, verdict="exclude", reason="motion", decided_by=world.pi, decided_at=AT)
    before = StudyCase.objects.filter(study=world.study).count()

    answer = pi.post(address("cases"), {f"place-{case.code}": "study", f"place-{world.cases[2].code}": "practice"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"Case {case.name} cannot be chosen (excluded: motion)." in page
    assert StudyCase.objects.filter(study=world.study).count() == before


def test_the_page_of_cases_shows_lesion_volumes_and_stored_masks(world: World, pi: Client, address: Address) -> None:
    page = pi.get(address("cases")).content.decode()

    assert page.count('aria-label="TE: stored"') == len(world.cases)
    # 5 × 4 × 3 voxels of 1 × 1 × 3 mm in the first expert's mask, growing with the source: the median is the third.
    assert 'class="number">0.' in page


@pytest.mark.parametrize("key", [key for key in EDITABLE if key != "arms"])
def test_each_section_can_be_saved_as_it_stands_and_changes_nothing_but_the_revision(
    key: str, world: World, pi: Client, address: Address
) -> None:
    before = _document(world)
    blocks = pi.get(address("protocol")).context["sections"]
    form = next(block["form"] for block in blocks if block["section"].key == key)

    answer = pi.post(address("protocol", key), posted(form) | {"revision": world.study.protocol_revision})

    assert answer.status_code == 302, answer.context and answer.context["sections"]
    assert answer["Location"].endswith(f"/protocol/#{key}")
    world.study.refresh_from_db()
    assert _document(world) == before


def _document(world: World) -> object:
    document = protocol_document(world.study, material_of(world.study))
    return replace(document, instructions=document.instructions.strip())


def posted(form: object) -> dict[str, object]:
    """Return what a browser sends for an untouched form."""
    sent: dict[str, object] = {}
    for field in form:  # type: ignore[attr-defined]
        value = field.value()
        if value is True:
            sent[field.html_name] = "on"
        elif value is not None and value is not False:
            sent[field.html_name] = value
    return sent


def test_a_section_changes_its_own_group_only(world: World, pi: Client, address: Address) -> None:
    pi.post(
        address("protocol", "missing"),
        {"missing__missing": "Never imputed.", "missing__corrupt": "Shown to nobody.", "revision": _revision(world)},
    )

    world.study.refresh_from_db()
    assert world.study.protocol["missing"]["missing"] == "Never imputed."
    assert "Never imputed." in pi.get(address("protocol")).content.decode()


def _revision(world: World) -> int:
    world.study.refresh_from_db()
    return world.study.protocol_revision


def test_a_stale_section_is_refused_with_both_revisions_and_loses_nothing(
    world: World, pi: Client, address: Address
) -> None:
    old = _revision(world)
    pi.post(address("protocol", "missing"), {"missing__missing": "First.", "missing__corrupt": "", "revision": old})

    answer = pi.post(
        address("protocol", "missing"), {"missing__missing": "Second.", "missing__corrupt": "", "revision": old}
    )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"yours is revision {old}, stored is {old + 1}" in page
    assert "First." in page  # what is stored, in the document
    assert "Second." in page  # what was typed, in the form
    world.study.refresh_from_db()
    assert world.study.protocol["missing"]["missing"] == "First."


def test_the_threshold_of_acceptability_moves_its_anchor_with_it(world: World, pi: Client, address: Address) -> None:
    form = _form(pi, address, "instrument")
    changed = posted(form) | {"acceptable_at": 6, "origin_kind": "origin2", "revision": _revision(world)}

    answer = pi.post(address("protocol", "instrument"), changed)

    assert answer.status_code == 302
    world.study.refresh_from_db()
    score, *_, origin = world.study.protocol["instrument"]["questions"]
    assert score["acceptable_at"] == 6
    assert score["anchors"] == {"1": "Worst", "6": "Clinically acceptable for volumetry", "10": "Perfect"}
    assert origin["kind"] == "origin2"


def test_a_threshold_outside_of_the_scale_is_refused_at_its_field(world: World, pi: Client, address: Address) -> None:
    changed = posted(_form(pi, address, "instrument")) | {"acceptable_at": 10, "revision": _revision(world)}

    answer = pi.post(address("protocol", "instrument"), changed)

    assert answer.status_code == 422
    assert "The threshold lies between 1 and 10, exclusive." in answer.content.decode()


def _form(pi: Client, address: Address, key: str) -> object:
    blocks = pi.get(address("protocol")).context["sections"]
    return next(block["form"] for block in blocks if block["section"].key == key)


def test_window_presets_are_lines_of_text_and_a_bad_line_is_named(world: World, pi: Client, address: Address) -> None:
    sent = posted(_form(pi, address, "display")) | {"revision": _revision(world)}
    good = pi.post(address("protocol", "display"), sent | {"display__windows": "T2, brain, 450, 900"})
    bad = pi.post(
        address("protocol", "display"),
        sent | {"display__windows": "T2 brain 450", "revision": _revision(world)},
    )

    assert good.status_code == 302
    assert bad.status_code == 422
    assert "“T2 brain 450” is not understood" in bad.content.decode()
    assert world.study.protocol["display"]["windows"] == [
        {"sequence": "T2", "name": "brain", "centre": "450", "width": "900"}
    ]


def test_arms_are_chosen_with_short_codes_and_a_double_code_is_refused(
    world: World, pi: Client, address: Address
) -> None:
    expert, model = world.sources["E1"], world.sources["TE"]
    both = {f"use-{expert.code}": "on", f"use-{model.code}": "on"}

    refused = pi.post(address("protocol", "arms"), both | {f"code-{expert.code}": "X", f"code-{model.code}": "X"})
    taken = pi.post(address("protocol", "arms"), both | {f"code-{expert.code}": "X1", f"code-{model.code}": "X2"})

    assert refused.status_code == 422
    assert "Two arms share the code “X”" in refused.content.decode()
    assert taken.status_code == 302
    assert sorted(world.study.arms.values_list("code", flat=True)) == ["X1", "X2"]


def test_a_reader_is_added_by_address_and_described(world: World, pi: Client, address: Address) -> None:
    unknown = pi.post(address("protocol", "readers", "new"), {"email": "nobody@example.org"})
    added = pi.post(address("protocol", "readers", "new"), {"email": "SECOND@example.org"})
    described = pi.post(
        address("protocol", "readers", "R4"), {"qualification": "radiologist", "conflicts": "none", "own_arm": ""}
    )

    assert unknown.status_code == 422
    assert "Nobody signs in here as nobody@example.org" in unknown.content.decode()
    assert (added.status_code, described.status_code) == (302, 302)
    assert world.study.members.get(label="R4").qualification == "radiologist"


def test_names_stand_on_the_page_of_people_only(world: World, pi: Client, address: Address) -> None:
    world.experts[0].name = "Dr Unmistakable"
    world.experts[0].save()

    assert "Dr Unmistakable" in pi.get(address("people")).content.decode()
    for page in ("", "cases", "protocol", "seal", "progress", "decisions", "audit"):
        shown = pi.get(address(page) if page else address()).content.decode()
        assert "Dr Unmistakable" not in shown, page


def test_a_person_leaves_before_the_seal_but_the_last_pi_stays(world: World, pi: Client, address: Address) -> None:
    pi.post(address("people", "C1", "remove"))
    kept = pi.post(address("people", "PI1", "remove"), follow=True)

    assert not world.study.members.filter(label="C1").exists()
    assert world.study.members.filter(label="PI1").exists()
    assert "A study needs a principal investigator" in kept.content.decode()


def test_the_protocol_tells_what_it_means_for_readers(world: World, pi: Client, address: Address) -> None:
    page = pi.get(address("protocol"), {"pace": "10"})

    # Six cases at ten minutes each.
    assert [hours for _, hours in page.context["hours"]] == ["1.0", "1.0", "1.0"]
    assert page.context["run"].reads == 18


def test_the_pdf_of_a_draft_and_of_a_sealed_study_differ_in_hash_and_name(
    world: World, pi: Client, address: Address
) -> None:
    draft = pi.get(address("protocol.pdf").rstrip("/"))
    world.seal()
    sealed = pi.get(address("protocol.pdf").rstrip("/"))

    assert draft.content.startswith(b"%PDF-")
    assert (draft["Content-Type"], sealed["Content-Type"]) == ("application/pdf", "application/pdf")
    assert "-draft.pdf" in draft["Content-Disposition"]
    assert "-draft" not in sealed["Content-Disposition"]


def test_the_seal_needs_a_dry_run_and_the_typed_title(world: World, pi: Client, address: Address) -> None:
    too_early = pi.post(address("seal", "begin"), {"title": world.study.title})
    pi.post(address("seal", "dry-run"))
    wrong = pi.post(address("seal", "begin"), {"title": "Another title"})

    assert too_early.status_code == 409
    assert "Look at the dry run and mark it first" in too_early.content.decode()
    assert wrong.status_code == 422
    assert "Another title" in wrong.content.decode()
    assert not Seal.objects.exists()


@pytest.mark.django_db(transaction=False)
def test_sealing_from_the_page_ends_with_the_commitment(
    world: World, pi: Client, address: Address, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    pi.post(address("seal", "dry-run"))
    pi.post(address("seal", "begin"), {"title": world.study.title})
    job = Job.objects.get(kind="seal")
    waiting = pi.get(address("seal", "state")).content.decode()

    run(job.code)

    done = pi.get(address("seal", "state")).content.decode()
    assert "data-poll" in waiting
    assert "waiting for the worker" in waiting
    assert "data-poll" not in done
    assert Seal.objects.get().commitment in done
    assert Seal.objects.get().commitment in pi.get(address()).content.decode()


def test_a_dry_run_with_open_problems_is_not_marked(world: World, pi: Client, address: Address) -> None:
    pi.post(address("protocol", "unblinding"), _without_reports(world, pi, address))

    page = pi.post(address("seal", "dry-run"), follow=True).content.decode()

    world.study.refresh_from_db()
    assert world.study.state == Study.State.DRAFT
    assert "It is not said who receives reports" in page


def _without_reports(world: World, pi: Client, address: Address) -> dict[str, object]:
    return posted(_form(pi, address, "unblinding")) | {"reports_to": "", "revision": _revision(world)}


def test_after_the_seal_the_protocol_has_no_form_and_nothing_changes(
    world: World, pi: Client, address: Address
) -> None:
    world.seal()

    page = pi.get(address("protocol")).content.decode()
    answer = pi.post(
        address("protocol", "missing"),
        {"missing__missing": "Late.", "missing__corrupt": "", "revision": _revision(world)},
    )

    assert "Save this section" not in page
    assert Seal.objects.get().protocol_sha256 in page
    assert answer.status_code == 409
    world.study.refresh_from_db()
    assert world.study.protocol["missing"]["missing"] != "Late."


def test_a_seal_that_failed_says_why_and_leads_back(world: World, pi: Client, address: Address) -> None:
    pi.post(address("seal", "dry-run"))
    pi.post(address("seal", "begin"), {"title": world.study.title})
    job = Job.objects.get(kind="seal")
    for path in blob_store().root.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"rot")

    run(job.code)

    page = pi.get(address("seal")).content.decode()
    assert "The study was not sealed, and nothing was changed." in page
    assert "Seal the study" in page
    assert not Seal.objects.exists()
