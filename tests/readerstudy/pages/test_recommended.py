"""The recommended analysis and the agreement between sources, as the study team sees them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client
from study_world import World

import readerstudy.tasks  # noqa: F401  (the doorbell)
from readerstudy.analysis.recommended_report import recommended_report
from readerstudy.models import Study
from readerstudy.pages.intervals import CHARTS
from readerstudy.selectors.analysis import recommended_settings
from readerstudy.services import reports
from readerstudy.services.exports import ANALYSIS_FILES
from readerstudy.tables import ratings_table
from segmentation.models import Job, Measurement
from segmentation.services.jobs import run
from segmentation.services.measurements import measure_dataset

Address = Callable[..., str]


def _data(text: str, name: str) -> dict:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', text, re.S)
    assert found
    return json.loads(found[1])


def _computed(world: World, pi: Client, address: Address) -> str:
    pi.get(address("recommended"))
    run(Job.objects.get(kind="report").code)
    return pi.get(address("recommended")).content.decode()


def test_the_page_says_that_it_is_being_computed_and_asks_once(unblinded: World, pi: Client, address: Address) -> None:
    first, again = (pi.get(address("recommended")).content.decode() for _ in range(2))
    waiting = pi.get(address("recommended", "state")).content.decode()
    run(Job.objects.get(kind="report").code)
    ready = pi.get(address("recommended", "state")).content.decode()

    assert "Being computed" in first and "Being computed" in again
    assert Job.objects.filter(kind="report").count() == 1
    assert "data-poll" in waiting and "data-ready" not in waiting
    assert "data-ready" in ready and "data-poll" not in ready


def test_a_failed_computation_is_told_and_can_be_asked_for_again(
    unblinded: World, pi: Client, address: Address
) -> None:
    pi.get(address("recommended"))
    Job.objects.filter(kind="report").update(state="failed", error="The worker stopped.")

    told = pi.get(address("recommended")).content.decode()
    pi.post(address("recommended", "again"))

    assert "The worker stopped." in told
    assert Job.objects.filter(kind="report", state="queued").count() == 1


def test_what_is_kept_is_the_report_itself(unblinded: World) -> None:
    computed = reports.computed_report(unblinded.study, reports.RECOMMENDED)
    kept = reports.kept_report(unblinded.study, reports.RECOMMENDED)
    direct = recommended_report(ratings_table(unblinded.study), recommended_settings(unblinded.study))

    assert kept is not None
    assert kept.as_json() == computed.as_json() == direct.as_json()


def test_a_damaged_file_is_computed_again(unblinded: World) -> None:
    path = reports._path(reports.report_key(unblinded.study, reports.CONVENTIONAL))
    whole = reports.computed_report(unblinded.study, reports.CONVENTIONAL).as_json()
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    assert reports.kept_report(unblinded.study, reports.CONVENTIONAL) is None
    assert reports.computed_report(unblinded.study, reports.CONVENTIONAL).as_json() == whole


def test_every_table_stands_on_the_page_with_its_csv_and_notes(unblinded: World, pi: Client, address: Address) -> None:
    text = _computed(unblinded, pi, address)
    report = reports.computed_report(unblinded.study, reports.RECOMMENDED)

    for table in report.tables:
        if not table.rows or table.name == "answer":
            continue
        answer = pi.get(address("recommended", f"{table.name}.csv").rstrip("/"))
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert f'id="{table.name}"' in text
        assert len(rows) == len(table.rows)
        assert list(rows[0]) == [column.name for column in table.columns]
    assert pi.get(address("recommended", "passwords.csv").rstrip("/")).status_code == 404
    assert 'data-copy="methods-2"' in text
    assert report.versions["scipy"] in text


def test_what_the_interval_charts_draw_equals_the_tables(unblinded: World, pi: Client, address: Address) -> None:
    data = _data(_computed(unblinded, pi, address), "intervals-data")
    report = reports.computed_report(unblinded.study, reports.RECOMMENDED)

    assert set(data) == {chart.table for chart in CHARTS if report.table(chart.table).rows}
    assert {"acceptable", "turing"} <= set(data)
    for chart in CHARTS:
        if chart.table in data:
            told = [
                [row[key] for key in ("model", "scope", "estimate", "low", "high")] for row in data[chart.table]["rows"]
            ]
            keys = ("model", "scope", chart.estimate, "low", "high")
            assert told == [[row[key] for key in keys] for row in report.table(chart.table).rows]


@pytest.mark.parametrize("state", ["sealed", "reading", "closed"])
def test_before_unblinding_nothing_is_computed_and_no_source_is_named(
    state: str, read_world: World, pi: Client, address: Address
) -> None:
    measure_dataset(read_world.dataset)
    Study.objects.filter(pk=read_world.study.pk).update(state=state)

    for name in ("recommended", "sources"):
        page = pi.get(address(name)).content.decode()
        assert "Still blinded" in page
        assert not re.search(r"\b(E1|E2|E3|TE|BRATS)\b", page[page.index('<main id="main"') :])
    assert pi.get(address("recommended", "state")).status_code == 404
    assert pi.get(address("recommended", "rating_model.csv").rstrip("/")).status_code == 409
    assert pi.get(address("sources", "measurements.csv").rstrip("/")).status_code == 409
    assert pi.post(address("recommended", "again")).status_code == 409
    assert not Job.objects.filter(kind="report").exists()


def test_the_heat_map_draws_the_medians_of_the_measurements(unblinded: World, pi: Client, address: Address) -> None:
    empty = pi.get(address("sources")).content.decode()
    measure_dataset(unblinded.dataset)
    text = pi.get(address("sources"), {"measure": "hd95_max_directed"}).content.decode()
    data = _data(text, "heat-data")
    study_cases = unblinded.study.study_cases.filter(is_practice=False).values("case")

    assert "Nothing measured yet" in empty
    assert len(data["cells"]) == 5 * 4
    for cell in data["cells"]:
        ends = [unblinded.sources[cell[end]] for end in ("source", "reference")]
        values = sorted(
            m.value
            for m in Measurement.objects.filter(
                definition="hd95_max_directed",
                region="whole",
                segmentation__case__in=study_cases,
                segmentation__source__in=ends,
                reference__source__in=ends,
            )
        )
        middle = len(values) // 2
        expected = values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
        assert (cell["n"], cell["median"]) == (len(values), pytest.approx(expected))


def test_the_bundle_holds_both_reports_the_methods_and_the_measurements(
    unblinded: World, pi: Client, address: Address
) -> None:
    measure_dataset(unblinded.dataset)
    bundle = zipfile.ZipFile(io.BytesIO(pi.post(address("export", "all")).content))
    single = pi.post(address("export", "methods.txt")).content.decode()

    assert set(ANALYSIS_FILES) <= set(bundle.namelist())
    for name in (reports.CONVENTIONAL, reports.RECOMMENDED):
        told = json.loads(bundle.read(f"report_{name}.json"))
        assert told == json.loads(reports.computed_report(unblinded.study, name).as_json())
    rows = list(csv.DictReader(io.StringIO(bundle.read("measurements.csv").decode())))
    assert {row["source"] for row in rows} == {"E1", "E2", "E3", "TE", "BRATS"}
    practice = unblinded.study.study_cases.get(is_practice=True).case.name
    assert practice not in {row["case"] for row in rows}
    assert single.encode() == bundle.read("methods.txt")
    assert "cumulative-link mixed model" in single or "d'" in single


def test_while_blinded_the_bundle_has_no_report(read_world: World, pi: Client, address: Address) -> None:
    Study.objects.filter(pk=read_world.study.pk).update(state="closed")
    bundle = zipfile.ZipFile(io.BytesIO(pi.post(address("export", "all")).content))

    assert not set(ANALYSIS_FILES) & set(bundle.namelist())
    assert pi.post(address("export", "measurements.csv")).status_code == 404
