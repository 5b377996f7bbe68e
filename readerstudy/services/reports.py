"""Reports that take more than a moment: computed once by a job, kept as JSON, and read from there.

What is kept is addressed by everything that the numbers depend on: the seal, the newest read and rating, the settings
and the versions of the packages. The file can be made again at any time, and a withdrawal empties the folder.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Max

from accounts.models import User
from readerstudy.analysis.methods_text import methods_paragraph
from readerstudy.analysis.recommended_report import recommended_report
from readerstudy.analysis.report import conventional_report, package_versions
from readerstudy.analysis.results import Column, Report, ResultTable
from readerstudy.errors import NotInThisState, ReportNotComputed
from readerstudy.models import Rating, Seal, Study
from readerstudy.selectors.analysis import recommended_settings, report_settings
from readerstudy.tables import OPEN_STATES, ratings_table
from segmentation.models import Job
from segmentation.services.jobs import request_job
from segmentation.storage import cache_folder, from_cache, to_cache

log = logging.getLogger(__name__)

REPORT = "report"
CONVENTIONAL, RECOMMENDED = "conventional", "recommended"
Make = Callable[[Study], Report]


def kept_report(study: Study, name: str) -> Report | None:
    """Return a report as it was computed from exactly these reads, or None where it has to be computed.

    Raises
    ------
    NotInThisState
        Before unblinding.
    """
    _check_open(study)
    kept = from_cache(_path(report_key(study, name)))
    return None if kept is None else report_from(json.loads(kept))


def computed_report(study: Study, name: str) -> Report:
    """Return a report from the cache, or compute it now and keep it (seconds, for a large study).

    Raises
    ------
    NotInThisState
        Before unblinding.
    ReportNotComputed
        If these answers do not allow it.
    """
    _check_open(study)
    path = _path(report_key(study, name))
    kept = from_cache(path)
    if kept is not None:
        return report_from(json.loads(kept))
    try:
        report = _MAKES[name](study)
    except (ValueError, ArithmeticError) as error:
        # Too few answers, or answers that separate completely: said in one sentence, and the rest goes on.
        log.warning("the %s analysis of study %s failed", name, study.code, exc_info=True)
        raise ReportNotComputed(name, str(error) or type(error).__name__) from error
    to_cache(path, report.as_json().encode())
    return report


def newest_request(study: Study) -> Job | None:
    """Return the newest job that computes the recommended report from these very reads."""
    key = report_key(study, RECOMMENDED)
    jobs = Job.objects.filter(study_code=study.code, kind=REPORT, parameters__key=key)
    return jobs.order_by("-created_at", "-id").first()


def request_report(study: Study, *, by: User) -> Job:
    """Ask for the recommended report; a request for the same reads that has not ended serves for both."""
    _check_open(study)
    waiting = newest_request(study)
    if waiting is not None and not waiting.finished:
        return waiting
    parameters = {"study": study.code, "key": report_key(study, RECOMMENDED)}
    return request_job(REPORT, parameters=parameters, study_code=study.code, by=by)


def report_key(study: Study, name: str) -> str:
    """Return the address of a report: a digest of all that its numbers depend on."""
    seal = Seal.objects.filter(study=study).order_by("-number").get()
    ratings = Rating.objects.filter(read__presentation__seal__study=study)
    newest = ratings.aggregate(read=Max("read_id"), rating=Max("id"), ratings=Count("id"))
    chosen = _settings(study, name).as_dict()
    parts = [name, seal.commitment, newest, dict(chosen), package_versions(), settings.VERSION]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def report_from(told: dict[str, Any]) -> Report:
    """Return the report that `Report.as_dict` told of."""
    tables = tuple(
        ResultTable(
            table["name"],
            table["title"],
            tuple(Column(**column) for column in table["columns"]),
            tuple(table["rows"]),
            tuple(table["notes"]),
        )
        for table in told["tables"]
    )
    return Report(told["name"], told["settings"], tables, tuple(told["warnings"]), told["versions"])


def report_files(study: Study) -> dict[str, bytes]:
    """Return both reports and their methods paragraphs as files of the export; a failed one says why."""
    files: dict[str, bytes] = {}
    paragraphs: list[str] = []
    for name in (CONVENTIONAL, RECOMMENDED):
        try:
            report = computed_report(study, name)
        except ReportNotComputed as failed:
            paragraphs.append(f"{name.capitalize()} analysis\n\n{failed.detail}\n")
            continue
        files[f"report_{name}.json"] = report.as_json().encode()
        paragraphs.append(f"{name.capitalize()} analysis\n\n{methods_paragraph(report)}\n")
    return files | {"methods.txt": "\n\n".join(paragraphs).encode()}


def _conventional(study: Study) -> Report:
    return conventional_report(ratings_table(study), report_settings(study))


def _recommended(study: Study) -> Report:
    return recommended_report(ratings_table(study), recommended_settings(study))


_MAKES: dict[str, Make] = {CONVENTIONAL: _conventional, RECOMMENDED: _recommended}


def _settings(study: Study, name: str) -> Any:
    return recommended_settings(study) if name == RECOMMENDED else report_settings(study)


def _check_open(study: Study) -> None:
    if study.state not in OPEN_STATES:
        raise NotInThisState("be analysed by arm before it is unblinded", study.get_state_display())


def _path(key: str) -> Path:
    return cache_folder() / "reports" / key
