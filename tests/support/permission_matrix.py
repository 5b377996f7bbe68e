"""Who may do what: one entry for every route × method × actor. A route without an entry fails the suite.

Statuses are what the actor hears for an object of the study "small" (its own list for a reader). 404 is the answer
both for what is absent and for what is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ACTORS = ("anonymous", "reader", "other_reader", "outsider", "analyst", "coordinator", "pi", "site_admin")
STAFF = ("analyst", "coordinator", "pi")
EVERYBODY = tuple(actor for actor in ACTORS if actor != "anonymous")


@dataclass(frozen=True)
class Rule:
    """Expected statuses of one method; actors not named hear `others`, strangers `anonymous`."""

    allowed: Mapping[str, int]
    others: int = 404
    anonymous: int = 401
    body: Mapping[str, Any] = field(default_factory=dict)
    form: bool = False

    def status(self, actor: str) -> int:
        return self.anonymous if actor == "anonymous" else self.allowed.get(actor, self.others)


@dataclass(frozen=True)
class Route:
    """One named route: how to build its path from the names in a world, and its methods."""

    arguments: Callable[[Mapping[str, str]], list[str]]
    methods: Mapping[str, Rule]


def only(*actors: str, status: int = 200, **rest: Any) -> Rule:
    """Only these actors succeed; everybody else hears 404."""
    return Rule(dict.fromkeys(actors, status), **rest)


def page(*actors: str, status: int = 200, **rest: Any) -> Rule:
    """A page: strangers are led to the sign-in page."""
    return only(*actors, status=status, anonymous=302, **rest)


def _token(names: Mapping[str, str]) -> list[str]:
    return [names["presentation"]]


def _nothing(names: Mapping[str, str]) -> list[str]:
    return []


def _dataset(names: Mapping[str, str]) -> list[str]:
    return [names["dataset"]]


def _case(names: Mapping[str, str]) -> list[str]:
    return [names["case"]]


def _segmentation(names: Mapping[str, str]) -> list[str]:
    return [names["segmentation"]]


def _plan(names: Mapping[str, str]) -> list[str]:
    return [names["dataset"], names["plan"]]


def _case_page(names: Mapping[str, str]) -> list[str]:
    return [names["dataset"], names["case"]]


def _study(names: Mapping[str, str]) -> list[str]:
    return [names["study"]]


def _previewed(names: Mapping[str, str]) -> list[str]:
    return [names["study"], "1"]


def designed() -> Rule:
    """A page of those who design a study."""
    return page("coordinator", "pi")


def sent(status: int) -> Rule:
    """A form of those who design a study, sent empty."""
    return page("coordinator", "pi", status=status, form=True)


STAFF_SEE = dict.fromkeys(STAFF, 200)
LED_TO_STUDIES = dict.fromkeys(STAFF, 302)
SIGNED_IN = dict.fromkeys(EVERYBODY, 200)

MATRIX: dict[str, Route] = {
    "home": Route(_nothing, {"get": Rule(SIGNED_IN | LED_TO_STUDIES, anonymous=302)}),
    "account": Route(_nothing, {"get": Rule(SIGNED_IN, anonymous=302)}),
    "time-zone": Route(
        _nothing,
        {"post": Rule({}, others=204, anonymous=302, body={"time_zone": "UTC", "from_browser": "1"}, form=True)},
    ),
    "sign-in": Route(_nothing, {"get": Rule({}, others=302, anonymous=200)}),
    "sign-out": Route(_nothing, {"post": Rule({}, others=302, anonymous=302, form=True)}),
    "schema": Route(_nothing, {"get": only("coordinator", "pi")}),
    "reading": Route(lambda n: [n["member"]], {"get": only("reader")}),
    "presentation": Route(_token, {"get": only("reader")}),
    "presentation-volume": Route(lambda n: [n["presentation"], "0"], {"get": only("reader")}),
    "presentation-candidates": Route(_token, {"get": only("reader")}),
    "presentation-opened": Route(_token, {"post": only("reader", body={"display": {}})}),
    "presentation-draft": Route(_token, {"put": only("reader", body={"revision": 1, "content": {}, "active_ms": 0})}),
    "presentation-read": Route(
        _token,
        {"post": only("reader", status=422, body={"answers": {}, "active_ms": 0, "wall_ms": 0})},
    ),
    "presentation-report": Route(_token, {"post": only("reader", status=201, body={"kind": "other", "text": ""})}),
    "read": Route(lambda n: [n["study"]], {"get": page("reader", "other_reader")}),
    # Studies: PI and coordinator design; analysts see overview, decisions, analysis and export. The study is sealed.
    "studies": Route(_nothing, {"get": Rule(SIGNED_IN, anonymous=302)}),
    "study-new": Route(
        _nothing, {"get": Rule(SIGNED_IN, anonymous=302), "post": Rule({}, others=422, anonymous=302, form=True)}
    ),
    "study": Route(_study, {"get": Rule(STAFF_SEE | {"reader": 302, "other_reader": 302}, anonymous=302)}),
    "study-cases": Route(_study, {"get": designed(), "post": sent(409)}),
    "study-protocol": Route(_study, {"get": designed()}),
    "study-section": Route(lambda n: [n["study"], "question"], {"post": sent(422)}),
    "study-arms": Route(_study, {"post": sent(409)}),
    "study-reader-new": Route(_study, {"post": sent(422)}),
    "study-reader": Route(lambda n: [n["study"], "R1"], {"post": sent(409)}),
    "study-protocol-pdf": Route(_study, {"get": designed()}),
    "study-preview": Route(_study, {"get": designed()}),
    "study-people": Route(_study, {"get": designed(), "post": sent(422)}),
    "study-person-remove": Route(lambda n: [n["study"], "R1"], {"post": sent(302)}),
    "study-seal": Route(_study, {"get": designed()}),
    "study-dry-run": Route(_study, {"post": sent(302)}),
    "study-seal-begin": Route(_study, {"post": sent(422)}),
    "study-seal-state": Route(_study, {"get": designed()}),
    "study-progress": Route(_study, {"get": designed()}),
    "study-progress-live": Route(_study, {"get": designed()}),
    "study-decisions": Route(_study, {"get": page(*STAFF)}),
    "study-decision-new": Route(_study, {"post": sent(422)}),
    "study-decision": Route(lambda n: [n["study"], "1"], {"post": Rule({}, anonymous=302, form=True)}),
    "study-analysis": Route(_study, {"get": page(*STAFF)}),
    "study-analysis-csv": Route(lambda n: [n["study"], "description"], {"get": page(*STAFF, status=409)}),
    "study-recommended": Route(_study, {"get": page(*STAFF)}),
    "study-recommended-state": Route(_study, {"get": Rule({}, anonymous=302)}),
    "study-recommended-again": Route(_study, {"post": page(*STAFF, status=409, form=True)}),
    "study-recommended-csv": Route(lambda n: [n["study"], "rating_model"], {"get": page(*STAFF, status=409)}),
    "study-sources": Route(_study, {"get": page(*STAFF)}),
    "study-sources-csv": Route(_study, {"get": page(*STAFF, status=409)}),
    "study-export": Route(_study, {"get": page(*STAFF)}),
    "study-export-file": Route(lambda n: [n["study"], "all"], {"post": page(*STAFF, status=409, form=True)}),
    "study-audit": Route(_study, {"get": designed()}),
    "study-instructions": Route(_study, {"get": page("reader", "other_reader")}),
    # The preview: the reader's contract for those who design; nothing is stored.
    "preview": Route(_study, {"get": only("coordinator", "pi")}),
    "preview-presentation": Route(_previewed, {"get": only("coordinator", "pi")}),
    "preview-volume": Route(lambda n: [n["study"], "1", "0"], {"get": only("coordinator", "pi")}),
    "preview-candidates": Route(_previewed, {"get": only("coordinator", "pi")}),
    "preview-opened": Route(_previewed, {"post": only("coordinator", "pi", body={"display": {}})}),
    "preview-draft": Route(
        _previewed, {"put": only("coordinator", "pi", body={"revision": 1, "content": {}, "active_ms": 0})}
    ),
    "preview-read": Route(
        _previewed, {"post": only("coordinator", "pi", status=422, body={"answers": {}, "active_ms": 0, "wall_ms": 0})}
    ),
    "preview-report": Route(
        _previewed, {"post": only("coordinator", "pi", status=201, body={"kind": "other", "text": ""})}
    ),
    # Datasets: only their managers, here the PI. An annotator of the dataset hears 403 (tests/segmentation/api).
    "api-datasets": Route(_nothing, {"get": Rule(SIGNED_IN)}),
    "api-cases": Route(_dataset, {"get": only("pi")}),
    "api-uploads": Route(_dataset, {"post": only("pi", status=412)}),
    "api-upload": Route(
        lambda n: [n["upload"]], {verb: only("pi", status=412) for verb in ("head", "patch", "delete")}
    ),
    "api-imports": Route(_dataset, {"post": only("pi", status=422)}),
    "api-import-apply": Route(lambda n: [n["dataset"], n["plan"]], {"post": only("pi", status=409)}),
    "api-job": Route(lambda n: [n["plan"]], {"get": only("pi")}),
    "api-job-cancel": Route(lambda n: [n["plan"]], {"post": only("pi")}),
    "api-case": Route(_case, {"get": only("pi")}),
    "api-case-quality": Route(_case, {"post": only("pi", status=201, body={"verdict": "include"})}),
    "api-case-thumbnail": Route(_case, {"get": only("pi")}),
    "api-volume": Route(lambda n: [n["case"], "T2"], {"get": only("pi")}),
    "api-mask": Route(_segmentation, {"get": only("pi")}),
    "api-mask-of-sequence": Route(lambda n: [n["segmentation"], "T2"], {"get": only("pi")}),
    # Their pages. Others cannot tell a dataset from none.
    "datasets": Route(
        _nothing, {"get": page("pi", "site_admin"), "post": page("pi", "site_admin", status=422, form=True)}
    ),
    "dataset": Route(_dataset, {"get": page("pi")}),
    "dataset-cases-csv": Route(_dataset, {"get": page("pi")}),
    "dataset-template-csv": Route(lambda n: [n["dataset"], "cases"], {"get": page("pi")}),
    "dataset-import": Route(_dataset, {"get": page("pi")}),
    "import": Route(_plan, {"get": page("pi")}),
    "import-apply": Route(_plan, {"post": page("pi", status=409, form=True)}),
    "import-again": Route(_plan, {"post": page("pi", status=409, form=True)}),
    "import-discard": Route(_plan, {"post": page("pi", status=302, form=True)}),
    "batch-discard": Route(lambda n: [n["dataset"], "0" * 32], {"post": page("pi", status=302, form=True)}),
    "case": Route(_case_page, {"get": page("pi")}),
    "case-quality": Route(_case_page, {"post": page("pi", status=302, form=True, body={"verdict": "include"})}),
    "dataset-quality": Route(_dataset, {"get": page("pi")}),
    "dataset-people": Route(_dataset, {"get": page("pi"), "post": page("pi", status=422, form=True)}),
    "dataset-sources": Route(_dataset, {"get": page("pi")}),
    "dataset-source": Route(
        lambda n: [n["dataset"], n["source"]], {"get": page("pi"), "post": page("pi", status=422, form=True)}
    ),
    "dataset-jobs": Route(_dataset, {"get": page("pi")}),
    "dataset-measure": Route(_dataset, {"post": page("pi", status=302, form=True)}),
    "dataset-job-cancel": Route(_plan, {"post": page("pi", status=302, form=True)}),
    "dataset-job-retry": Route(_plan, {"post": page("pi", status=409, form=True)}),
}
