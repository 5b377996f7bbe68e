"""What still stands between a draft protocol and its seal, each as one sentence with the field it concerns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from .protocol import FORMAT, Protocol, ProtocolReader

_CHOICES = {
    "endpoint/average": ("pooled", "mean_of_readers"),
    "endpoint/comparison": ("difference", "equivalence", "non_inferiority", "descriptive"),
    "cases/short_cases": ("show_fewer", "replace"),
    "blocks": ("balanced_incomplete",),
    "labels": ("whole", "labels"),
    "block_order": ("scores_then_origin",),
    "revisions": ("none", "until_next_case"),
    "display/interpolation": ("linear", "nearest"),
    "display/start_slice": ("largest_union", "middle", "first"),
    "sessions/navigation": ("forward_only", "back_until_submit", "free"),
    "missing/empty": ("show_card",),
    "statistics/adjustment": ("benjamini_hochberg", "holm", "none"),
    "statistics/family": (
        "model_against_others_within_reader",
        "all_pairs_within_reader",
        "all_pairs_all_readers",
    ),
    "statistics/exact": ("auto", "exact", "asymptotic"),
    "statistics/ties": ("corrected",),
}
_NEEDED = {
    "title": "The study has no title.",
    "question": "The study question is not written down.",
    "endpoint/name": "The primary endpoint is not named.",
    "cases/inclusion": "The rule by which cases are included is not written down.",
    "instructions": "There are no instructions for readers.",
    "reports_to": "It is not said who receives reports of wrong images or incidental findings.",
}
_LINE_STYLES = ("solid", "long_dash", "short_dash", "dot", "dash_dot", "long_short")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,11}")
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,7}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Problem:
    """One thing that blocks the seal: a stable code, a sentence, and the JSON pointer of the field."""

    code: str
    sentence: str
    field: str


def problems(protocol: Protocol) -> list[Problem]:
    """Return everything in the protocol that blocks its seal; an empty list if nothing does.

    Masks, cases and people are checked where they are known, by the service that seals.
    """
    checks = (_texts, _choices, _arms, _readers, _enough_sources, _palette, _instrument, _numbers, _statistics)
    return [problem for check in checks for problem in check(protocol)]


def _at(protocol: Protocol, path: str) -> object:
    value: object = protocol
    for name in path.split("/"):
        value = getattr(value, name)
    return value


def _texts(protocol: Protocol) -> Iterator[Problem]:
    for path, sentence in _NEEDED.items():
        if not str(_at(protocol, path)).strip():
            yield Problem("protocol.missing_text", sentence, f"/{path}")
    if protocol.format != FORMAT:
        yield Problem("protocol.format", f"The format is “{protocol.format}”; {FORMAT} is known.", "/format")
    if not protocol.display.sequences:
        yield Problem("protocol.no_sequence", "No image sequence is shown.", "/display/sequences")


def _choices(protocol: Protocol) -> Iterator[Problem]:
    for path, known in _CHOICES.items():
        value = _at(protocol, path)
        if value not in known:
            sentence = f"“{value}” is not known for {path.replace('/', ' ')}; choose {' or '.join(known)}."
            yield Problem("protocol.unknown_choice", sentence, f"/{path}")


def _arms(protocol: Protocol) -> Iterator[Problem]:
    if len(protocol.arms) < 2:
        yield Problem("protocol.too_few_arms", "A comparison needs at least two arms.", "/arms")
    yield from _repeated([arm.code for arm in protocol.arms], "arm", "/arms")
    for index, arm in enumerate(protocol.arms):
        place = f"/arms/{index}"
        if not _CODE.fullmatch(arm.code):
            yield Problem("protocol.arm_code", f"“{arm.code}” is not a short arm code such as E1.", f"{place}/code")
        if arm.kind not in ("model", "expert"):
            yield Problem("protocol.arm_kind", f"Arm {arm.code} is neither a model nor an expert.", f"{place}/kind")
        if arm.kind == "model" and arm.training == "overlap":
            yield Problem(
                "protocol.training_overlap",
                f"The model of arm {arm.code} saw study subjects in training; use out-of-fold predictions.",
                f"{place}/training",
            )
        elif arm.training not in ("clean", "unknown", "overlap", "out_of_fold"):
            yield Problem("protocol.training", f"Arm {arm.code}: “{arm.training}” is not known.", f"{place}/training")


def _readers(protocol: Protocol) -> Iterator[Problem]:
    if not protocol.readers:
        yield Problem("protocol.no_readers", "There is no reader.", "/readers")
    yield from _repeated([reader.label for reader in protocol.readers], "reader", "/readers")
    own = [reader.own_arm for reader in protocol.readers if reader.own_arm]
    yield from _repeated(own, "reader's own arm", "/readers")
    kinds = {arm.code: arm.kind for arm in protocol.arms}
    for index, reader in enumerate(protocol.readers):
        yield from _reader(reader, kinds, f"/readers/{index}")
    if not protocol.never_own:
        yield Problem("protocol.own", "A reader would be shown their own segmentations.", "/never_own")


def _reader(reader: ProtocolReader, kinds: dict[str, str], place: str) -> Iterator[Problem]:
    if not _LABEL.fullmatch(reader.label):
        yield Problem("protocol.reader_label", f"“{reader.label}” is not a label such as R1.", f"{place}/label")
    if reader.own_arm and kinds.get(reader.own_arm) != "expert":
        yield Problem(
            "protocol.own_arm",
            f"Reader {reader.label} is said to be {reader.own_arm}, which is not an expert arm of this study.",
            f"{place}/own_arm",
        )
    for arm in reader.excluded_arms:
        if arm not in kinds:
            yield Problem(
                "protocol.excluded_arm",
                f"Reader {reader.label} is kept from arm {arm}, which this study does not have.",
                f"{place}/excluded_arms",
            )


def _enough_sources(protocol: Protocol) -> Iterator[Problem]:
    if not 1 <= protocol.slots <= 6:
        yield Problem("protocol.slots", f"{protocol.slots} slots; 1 to 6 are possible.", "/slots")
    for index, reader in enumerate(protocol.readers):
        barred = {reader.own_arm, *reader.excluded_arms}
        left = [arm.code for arm in protocol.arms if arm.code not in barred]
        if len(left) < protocol.slots:
            yield Problem(
                "protocol.too_few_sources",
                f"Reader {reader.label} may see {len(left)} arms, and {protocol.slots} are to be shown per case; "
                "add an arm or show fewer.",
                f"/readers/{index}",
            )


def _palette(protocol: Protocol) -> Iterator[Problem]:
    if len(protocol.palette) < protocol.slots:
        yield Problem(
            "protocol.palette",
            f"{protocol.slots} slots need as many colours; the palette has {len(protocol.palette)}.",
            "/palette",
        )
    yield from _repeated([colour.rgb for colour in protocol.palette], "colour", "/palette")
    yield from _repeated([colour.line_style for colour in protocol.palette], "line style", "/palette")
    for index, colour in enumerate(protocol.palette):
        if not all(0 <= part <= 255 for part in colour.rgb) or colour.line_style not in _LINE_STYLES:
            sentence = f"Colour “{colour.name}” needs three parts from 0 to 255 and a known line style."
            yield Problem("protocol.colour", sentence, f"/palette/{index}")


def _instrument(protocol: Protocol) -> Iterator[Problem]:
    if not protocol.instrument.asked_of("candidate"):
        yield Problem("protocol.no_candidate_question", "Nothing is asked about the segmentations.", "/instrument")


def _numbers(protocol: Protocol) -> Iterator[Problem]:
    not_negative = (
        "practice/count",
        "repeats/count",
        "washout_days",
        "sessions/cases_per_session",
        "sessions/break_after_minutes",
        "sessions/cases_per_day",
    )
    for path in not_negative:
        if not 0 <= int(str(_at(protocol, path))) <= 100_000:
            yield Problem("protocol.number", f"{path.replace('/', ' ')} is out of range.", f"/{path}")
    if protocol.repeats.count and protocol.repeats.gap < 1:
        yield Problem("protocol.repeat_gap", "A repeat comes at least one place later.", "/repeats/gap")
    if not 0 <= protocol.display.fill_percent <= 100 or not 1 <= protocol.display.outline_px <= 8:
        yield Problem("protocol.overlay", "Fill is 0 to 100 %, the outline 1 to 8 pixels.", "/display")
    if protocol.unblinding.persons < 2:
        yield Problem("protocol.unblinding", "Unblinding needs two persons.", "/unblinding/persons")
    if protocol.sessions.deadline and not _DATE.fullmatch(protocol.sessions.deadline):
        yield Problem("protocol.deadline", "The deadline is a date like 2026-03-31.", "/sessions/deadline")


def _statistics(protocol: Protocol) -> Iterator[Problem]:
    plan = protocol.statistics
    primary = [analysis.code for analysis in plan.analyses if analysis.primary]
    if len(primary) != 1:
        yield Problem(
            "protocol.primary_analysis",
            f"Exactly one analysis is primary; {len(primary)} are marked.",
            "/statistics/analyses",
        )
    yield from _repeated([analysis.code for analysis in plan.analyses], "analysis", "/statistics/analyses")
    if not _between(plan.alpha, "0", "0.5"):
        yield Problem("protocol.alpha", f"“{plan.alpha}” is not a level such as 0.05.", "/statistics/alpha")
    wants_margin = protocol.endpoint.comparison in ("equivalence", "non_inferiority")
    if wants_margin and not _between(protocol.endpoint.margin, "0", "1000"):
        yield Problem("protocol.margin", "Equivalence and non-inferiority need a margin above 0.", "/endpoint/margin")


def _between(text: str, low: str, high: str) -> bool:
    try:
        return Decimal(low) < Decimal(text) < Decimal(high)
    except InvalidOperation:
        return False


def _repeated(values: Iterable[object], thing: str, field: str) -> Iterator[Problem]:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            yield Problem("protocol.repeated", f"The {thing} {value} appears twice.", field)
        seen.add(value)
