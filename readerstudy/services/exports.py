"""What leaves the site as files: tables with a data dictionary, and the bundle that proves the allocation.

Every export is an audit event. While a study is blinded its files hold no column of origin; an analyst gets the
ratings only after the reading is closed.
"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit import chain
from readerstudy.design import seal as sealing
from readerstudy.design.plan import plan_from
from readerstudy.errors import NotInThisState
from readerstudy.models import Seal, Study
from readerstudy.selectors.agreement import analysed_cases, arm_sources
from readerstudy.selectors.progress import study_progress
from readerstudy.services.reports import report_files
from readerstudy.tables import COLUMNS, OPEN_STATES, ORIGIN_COLUMNS, ratings_table
from readerstudy.wide import WIDE_COLUMNS, wide_table
from segmentation.selectors.agreement import COLUMNS as MEASUREMENT_COLUMNS
from segmentation.selectors.agreement import measurement_rows

EXPORTABLE = (Study.State.CLOSED, *OPEN_STATES)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
ANALYSIS_FILES = ("report_conventional.json", "report_recommended.json", "methods.txt", "measurements.csv")
RESEARCH_USE = "Research use only, not for diagnosis."


def export_bundle(*, study: Study, by: User, at: datetime) -> tuple[str, bytes]:
    """Return name and bytes of the ZIP with every table of the study."""
    _check_exportable(study)
    files = _files(study, at) | (_analysis_files(study) if study.state in OPEN_STATES else {})
    _record(study, "bundle", by, at)
    return f"{study.code}-export.zip", _zipped(files, at)


def export_file(*, study: Study, name: str, by: User, at: datetime) -> tuple[str, bytes]:
    """Return one file of the bundle by its name."""
    _check_exportable(study)
    files = _analysis_files(study) if name in ANALYSIS_FILES else _files(study, at)
    _record(study, name, by, at)
    return f"{study.code}-{name}", files[name]


def file_names(study: Study) -> list[str]:
    """Return the names in the bundle as they are now."""
    names = ["ratings.csv", "ratings_wide.csv", "readers.csv", "missing.csv", "dictionary.json", "README.txt"]
    after = ["allocation.csv", "publication.json", "verify_list.py", *ANALYSIS_FILES]
    return names + (after if study.state in OPEN_STATES else [])


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return UTF-8 CSV; UTC in ISO 8601, and no cell that a spreadsheet would run as a formula."""
    safe = frame.copy()
    for column in safe.columns:
        if isinstance(safe[column].dtype, pd.DatetimeTZDtype):
            safe[column] = safe[column].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        elif not pd.api.types.is_numeric_dtype(safe[column]) and not pd.api.types.is_bool_dtype(safe[column]):
            safe[column] = safe[column].map(_inert)
    return str(safe.to_csv(index=False, lineterminator="\n")).encode()


def _inert(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def _files(study: Study, at: datetime) -> dict[str, bytes]:
    seal = Seal.objects.filter(study=study).order_by("-number").get()
    document = json.loads(bytes(seal.sealed_bytes))
    ratings = ratings_table(study)
    open_origin = study.state in OPEN_STATES
    files = {
        "ratings.csv": csv_bytes(ratings),
        "ratings_wide.csv": csv_bytes(wide_table(ratings, document, open_origin=open_origin)),
        "readers.csv": csv_bytes(_readers(study, document, open_origin)),
        "missing.csv": csv_bytes(_missing(study, at)),
        "dictionary.json": _dictionary(study, seal, open_origin),
        "README.txt": _readme(study, seal, at),
    }
    return files | (_open_files(seal, document) if open_origin else {})


def _open_files(seal: Seal, document: dict[str, Any]) -> dict[str, bytes]:
    return {
        "allocation.csv": csv_bytes(_allocation(document)),
        "publication.json": sealing.publication(
            sealed=bytes(seal.sealed_bytes), nonce=bytes(seal.nonce), seed=bytes(seal.seed), promised=seal.commitment
        ),
        "verify_list.py": _verifier(),
    }


def _analysis_files(study: Study) -> dict[str, bytes]:
    """Return what follows from arms: both analyses, their methods, and the measurements between the arms' sources."""
    rows = measurement_rows(analysed_cases(study), arm_sources(study))
    measurements = pd.DataFrame(rows, columns=list(MEASUREMENT_COLUMNS))
    return report_files(study) | {"measurements.csv": csv_bytes(measurements)}


def _verifier() -> bytes:
    from readerstudy.design import verify_list

    assert verify_list.__file__
    return Path(verify_list.__file__).read_bytes()


def _allocation(document: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: row[name] for name in ("reader", "position", "kind", "case", "session", "repeat_of")} | candidate
        for row in document["allocation"]
        for candidate in row["candidates"]
    )


def _readers(study: Study, document: dict[str, Any], open_origin: bool) -> pd.DataFrame:
    own = {reader.label: reader.own or "" for reader in plan_from(document["plan"]).readers}
    rows = [
        {"reader": member.label, "qualification": member.qualification, "conflicts": member.conflicts}
        | ({"own_arm": own.get(member.label, "")} if open_origin else {})
        for member in study.members.filter(role="reader").order_by("label")
    ]
    return pd.DataFrame(rows, columns=["reader", "qualification", "conflicts", *(["own_arm"] if open_origin else [])])


def _missing(study: Study, at: datetime) -> pd.DataFrame:
    rows = [
        {"reader": reader.label, "case": case, "state": cell.state, "reason": cell.reason or "not read"}
        for reader in study_progress(study, at).readers
        for case, cell in reader.cells.items()
        if cell.submitted_at is None or cell.reason
    ]
    return pd.DataFrame(rows, columns=["reader", "case", "state", "reason"])


def _dictionary(study: Study, seal: Seal, open_origin: bool) -> bytes:
    hidden = () if open_origin else ORIGIN_COLUMNS
    text = {
        "study": study.code,
        "title": study.title,
        "state": study.state,
        "commitment": seal.commitment,
        "software": settings.VERSION,
        "blinded": not open_origin,
        "tables": {
            "ratings.csv": {name: told for name, told in COLUMNS.items() if name not in hidden},
            "ratings_wide.csv": {
                name: told for name, told in WIDE_COLUMNS.items() if open_origin or "absent while blinded" not in told
            },
        },
        "instrument": json.loads(bytes(seal.sealed_bytes))["protocol"]["instrument"],
    }
    return json.dumps(text, indent=1, ensure_ascii=False).encode()


def _readme(study: Study, seal: Seal, at: datetime) -> bytes:
    simulated = "The readers of this study are simulated.\n" if study.is_simulated else ""
    return (
        f"{study.title}\nStudy {study.code}, {study.get_state_display()}, exported {at.isoformat()}\n{simulated}"
        f"Commitment {seal.commitment}\nProtocol SHA-256 {seal.protocol_sha256}\n"
        f"Allocation SHA-256 {seal.allocation_sha256}\nBlindread {settings.VERSION}\n\n"
        "Tables are UTF-8 CSV; times are UTC; dictionary.json explains every column.\n"
        "publication.json and verify_list.py (after unblinding) check the sealed list with Python alone:\n"
        "    python verify_list.py publication.json\n\n"
        f"{RESEARCH_USE}\n"
    ).encode()


def _zipped(files: dict[str, bytes], at: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            bundle.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _check_exportable(study: Study) -> None:
    if study.state not in EXPORTABLE:
        raise NotInThisState("be exported before the reading is closed", study.get_state_display())


def _record(study: Study, what: str, by: User, at: datetime) -> None:
    with transaction.atomic():
        chain.record(study.stream, "study.exported", actor=by, details={"what": what, "state": study.state}, at=at)
