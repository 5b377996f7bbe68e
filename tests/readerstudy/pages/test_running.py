"""Progress, decisions, analysis, export and audit, as the study team sees them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable

import pytest
from browsers import browser
from django.test import Client
from study_world import AT, World

from accounts.models import User
from readerstudy.analysis.describe import POOLED
from readerstudy.models import Decision, Presentation, Study, StudyMember
from readerstudy.selectors.analysis import study_analysis
from readerstudy.services import decisions, reads
from readerstudy.tables import ratings_table

Address = Callable[..., str]


def test_progress_counts_reads_and_names_no_arm(read_world: World, pi: Client, address: Address) -> None:
    page = pi.get(address("progress")).content.decode()
    main = page[page.index('<main id="main"') :]

    assert "18/18" in main
    assert main.count('class="heat done"') == 18 + 1  # and the legend
    assert not re.search(r"\b(E1|E2|E3|TE|BRATS)\b", main)


def test_the_live_part_is_sent_once_until_something_changes(read_world: World, pi: Client, address: Address) -> None:
    first = pi.get(address("progress", "live"))
    again = pi.get(address("progress", "live"), headers={"If-None-Match": first["ETag"]})
    reads.report_note(
        presentation=Presentation.objects.all()[0], kind="other", text="strange signal", key="note-0001", at=AT
    )
    later = pi.get(address("progress", "live"), headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, later.status_code) == (200, 304, 200)
    assert "strange signal" in later.content.decode()


def test_before_the_seal_progress_says_why_it_is_empty(world: World, pi: Client, address: Address) -> None:
    assert "Nobody can read yet" in pi.get(address("progress")).content.decode()


def test_closing_takes_a_reason_and_a_second_person(
    read_world: World, pi: Client, coordinator: Client, address: Address
) -> None:
    short = pi.post(address("decisions", "new"), {"action": "close", "reason": "done"})
    asked = pi.post(address("decisions", "new"), {"action": "close", "reason": "every planned read is in"})
    alone = pi.post(address("decisions", "1"), {"answer": "confirm"})
    second = coordinator.post(address("decisions", "1"), {"answer": "confirm"})

    read_world.study.refresh_from_db()
    assert (short.status_code, asked.status_code, alone.status_code, second.status_code) == (422, 302, 409, 302)
    assert "done</textarea>" in short.content.decode()
    assert "You asked for this step yourself" in alone.content.decode()
    assert read_world.study.state == Study.State.CLOSED


def test_a_request_is_turned_down_with_a_reason(
    read_world: World, pi: Client, coordinator: Client, address: Address
) -> None:
    decisions.request_decision(
        study=read_world.study, action="close", reason="every planned read is in", by=read_world.pi, at=AT
    )

    bare = coordinator.post(address("decisions", "1"), {"answer": "refuse", "reason": ""})
    turned = coordinator.post(address("decisions", "1"), {"answer": "refuse", "reason": "R3 wants to correct one"})

    read_world.study.refresh_from_db()
    assert (bare.status_code, turned.status_code) == (422, 302)
    assert read_world.study.state == Study.State.READING
    assert Decision.objects.filter(action="refuse").count() == 1
    assert "turned it down" in coordinator.get(address("decisions")).content.decode()


@pytest.mark.parametrize("state", ["sealed", "reading", "closed"])
def test_before_unblinding_the_analysis_page_holds_no_number_and_no_arm(
    state: str, read_world: World, pi: Client, address: Address
) -> None:
    Study.objects.filter(pk=read_world.study.pk).update(state=state)

    page = pi.get(address("analysis")).content.decode()

    assert "Still blinded" in page
    assert "analysis-data" not in page
    assert pi.get(address("analysis", "description.csv").rstrip("/")).status_code == 409


def test_the_analysis_begins_with_the_primary_endpoint_and_its_interval(
    unblinded: World, pi: Client, address: Address
) -> None:
    page = pi.get(address("analysis"))
    text = page.content.decode()

    assert text.index("Primary endpoint") < text.index("Scores by reader and arm")
    for answer in page.context["answers"]:
        assert re.search(r"percentage points (more|less) often than those by experts \(.*95% CI", answer.sentence)
        assert len(answer.readers) == 3
    assert [part.table.name for part in page.context["parts"]][:2] == ["description", "averages"]


def test_what_the_charts_draw_equals_the_tables(unblinded: World, pi: Client, address: Address) -> None:
    text = pi.get(address("analysis")).content.decode()
    found = re.search(r'<script id="analysis-data" type="application/json">(.*?)</script>', text, re.S)
    assert found
    data = json.loads(found[1])
    report = study_analysis(unblinded.study).report
    rows = {(row["reader"], row["arm"]): row for row in report.table("description").rows}
    called = {(row["reader"], row["arm"]): row for row in report.table("calls").rows}

    for box in data["boxes"]:
        row = rows[box["reader"], box["arm"]]
        assert [box[name] for name in ("ratings", "median", "q1", "q3")] == [
            row[name] for name in ("ratings", "median", "q1", "q3")
        ]
        points = [p for p in data["points"] if (p["reader"], p["arm"]) == (box["reader"], box["arm"])]
        assert len(points) == row["ratings"]
    for name, table, shares in (("acceptable", rows, data["acceptable"]), ("judged_ai", called, data["calls"])):
        assert {(share["reader"], share["arm"]) for share in shares} == set(table)
        for share in shares:
            row = table[share["reader"], share["arm"]]
            told = [share[key] for key in ("count", "of", "percent", "low", "high")]
            assert told == [row[name], *(row[f"{name}_{key}"] for key in ("of", "percent", "low", "high"))]
    assert sum(part["n"] for part in data["distribution"]) == sum(
        row["ratings"] for (reader, _), row in rows.items() if reader == POOLED
    )


def test_the_points_are_the_scores_of_the_ratings_table(unblinded: World, pi: Client, address: Address) -> None:
    table = ratings_table(unblinded.study)
    main = table[(table.kind == "main") & (table.question == "score") & table.is_final]
    told = pi.get(address("analysis")).context["data"]["points"]

    assert sorted((p["reader"], p["arm"], p["case"], p["score"]) for p in told) == sorted(
        zip(main.reader, main.arm, main.case, (int(value) for value in main.value), strict=True)
    )


def test_a_table_of_the_report_comes_as_csv_with_every_column(unblinded: World, pi: Client, address: Address) -> None:
    answer = pi.get(address("analysis", "score_contrasts.csv").rstrip("/"))

    head = answer.content.decode().splitlines()[0].split(",")
    assert {"p", "p_adjusted", "variant", "family", "effect_low"} <= set(head)
    assert pi.get(address("analysis", "passwords.csv").rstrip("/")).status_code == 404


def test_export_waits_for_the_close_and_says_so(read_world: World, pi: Client, address: Address) -> None:
    page = pi.get(address("export")).content.decode()
    refused = pi.post(address("export", "all"))

    assert "Nothing to take away yet" in page
    assert refused.status_code == 409


def test_the_bundle_and_single_files_are_downloaded_and_recorded(
    unblinded: World, pi: Client, address: Address
) -> None:
    bundle = pi.post(address("export", "all"))
    single = pi.post(address("export", "ratings.csv"))
    strange = pi.post(address("export", "people.csv"))

    names = zipfile.ZipFile(io.BytesIO(bundle.content)).namelist()
    assert {"ratings.csv", "publication.json", "verify_list.py"} <= set(names)
    assert single["Content-Type"].startswith("text/csv")
    assert strange.status_code == 404
    told = pi.get(address("audit"), {"about": "exported"}).content.decode()
    assert "exported everything" in told
    assert "exported ratings.csv" in told


def test_the_audit_page_tells_every_event_in_words_and_filters(unblinded: World, pi: Client, address: Address) -> None:
    whole = pi.get(address("audit"))
    reader = pi.get(address("audit"), {"of": "R2"})

    assert "All chains are whole" in whole.content.decode()
    assert "confirmed: the study is unblinded" in whole.content.decode()
    assert {event.stream for event, _ in reader.context["shown"]} == {"R2"}
    for event, words in whole.context["shown"]:
        assert "." not in words.split(" ")[0], event.action


def test_an_analyst_sees_results_and_neither_design_nor_people(unblinded: World, address: Address) -> None:
    analyst = User.objects.create_user("analyst@example.org", "correct horse", name="analyst")
    StudyMember.objects.create(study=unblinded.study, user=analyst, role="analyst", label="S1")
    client = browser(analyst)

    assert client.get(address("analysis")).status_code == 200
    assert client.get(address("export")).status_code == 200
    rail = client.get(address()).content.decode()
    assert "/protocol/" not in rail
    for page in ("protocol", "people", "audit", "cases", "progress"):
        assert client.get(address(page)).status_code == 404
