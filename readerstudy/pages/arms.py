"""The arms editor: which sources are compared, under which short codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from readerstudy.models import Study
from segmentation.models import Segmentation, Source


@dataclass(frozen=True)
class ArmRow:
    """One source of the study's datasets; `cases` counts study cases with a stored mask of it."""

    source: Source
    code: str
    chosen: bool
    cases: int


def arm_rows(study: Study, typed: Mapping[str, str] | None = None) -> list[ArmRow]:
    """Return every source that could be an arm; `typed` brings back what was entered."""
    codes = {arm.source_id: arm.code for arm in study.arms.all()}
    cases = [row.case_id for row in study.study_cases.all()]
    heads = Segmentation.objects.filter(case__in=cases, replaced_by=None).values_list("source_id", flat=True)
    counts: dict[int, int] = {}
    for key in heads:
        counts[key] = counts.get(key, 0) + 1
    rows = []
    for place, source in enumerate(_sources(study), start=1):
        code = codes.get(source.pk, suggested_code(source, place))
        chosen = source.pk in codes
        if typed is not None:
            code, chosen = typed.get(f"code-{source.code}", code), f"use-{source.code}" in typed
        rows.append(ArmRow(source, code, chosen, counts.get(source.pk, 0)))
    return rows


def parsed_arms(study: Study, typed: Mapping[str, str]) -> list[tuple[str, Source]]:
    """Return the chosen sources with their codes."""
    return [
        (typed.get(f"code-{source.code}", "").strip(), source)
        for source in _sources(study)
        if f"use-{source.code}" in typed
    ]


def suggested_code(source: Source, place: int) -> str:
    """Return a short code to start from: E1 for the first expert, initials for a model."""
    if source.kind == Source.Kind.ANNOTATOR:
        return f"E{place}"
    words = [word for word in source.name.replace("_", " ").replace("-", " ").split() if word.lower() != "model"]
    return ("".join(word[0] for word in words).upper() or "M")[:12]


def _sources(study: Study) -> list[Source]:
    return list(Source.objects.filter(dataset__in=study.datasets.all()).order_by("kind", "name", "version"))
