"""What can be taken away as files, and what is in each."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone

from readerstudy.models import Study
from readerstudy.pages.requests import SEND, PersonRequest, show, study_page
from readerstudy.selectors.studies import STAFF
from readerstudy.services import exports
from segmentation.errors import NotFound

CONTENTS = {
    "ratings.csv": "Every answer: one row per candidate, question and revision.",
    "ratings_wide.csv": "The same, one row per candidate: score, acceptable, origin, comment.",
    "readers.csv": "Readers by code, with qualification and conflicts of interest.",
    "missing.csv": "Reads that are missing, with the reason.",
    "dictionary.json": "What every column means, and the instrument.",
    "README.txt": "Study, commitment and hashes in words.",
    "allocation.csv": "The sealed list: who saw which arm in which slot and colour.",
    "publication.json": "Sealed bytes, nonce and seed: everything that proves the allocation.",
    "verify_list.py": "Checks publication.json with Python alone.",
    "report_conventional.json": "Every table of the analysis as published, with settings and notes.",
    "report_recommended.json": "Every table of the recommended analysis, with settings and notes.",
    "methods.txt": "The statistical methods of both as paragraphs for a manuscript.",
    "measurements.csv": "Volumes, and every metric between the arms' sources, with definition and version.",
}
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "py": "text/x-python", "txt": "text/plain"}


@study_page(roles=STAFF)
def export(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the files; before the reading is closed, why there are none."""
    ready = study.state in exports.EXPORTABLE
    files = [(name, CONTENTS.get(name, "")) for name in exports.file_names(study)]
    return show(request, study, "export", {"page": "study-export", "ready": ready, "files": files})


@study_page(roles=STAFF, methods=SEND)
def download(request: PersonRequest, study: Study, name: str) -> HttpResponse:
    """Return one file, or all of them; each download is an audit event."""
    at = timezone.now()
    if name == "all":
        filename, data = exports.export_bundle(study=study, by=request.user, at=at)
        return _file(filename, data, "application/zip")
    if name not in exports.file_names(study):
        raise NotFound
    filename, data = exports.export_file(study=study, name=name, by=request.user, at=at)
    return _file(filename, data, TYPES[name.rsplit(".", 1)[1]])


def _file(name: str, data: bytes, kind: str) -> HttpResponse:
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
