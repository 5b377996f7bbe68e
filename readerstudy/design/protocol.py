"""The protocol: everything that is fixed before the first read, as one frozen record.

It answers the sixteen points that reviewers, ethics boards and registries ask for. Numbers that are not whole are
decimal texts ("0.05"): sealed bytes hold no floats. `problems` says what still stands between a draft and its seal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from readerstudy.instruments import Instrument, InstrumentRefused, instrument_from, likert_turing
from readerstudy.instruments import to_dict as instrument_to_dict

from .errors import ProtocolRefused
from .records import Fault, record_from, to_plain

FORMAT = "blindread-protocol/1"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """The primary endpoint; `average` says how readers are combined ("pooled", "mean_of_readers")."""

    name: str = ""
    average: str = "mean_of_readers"
    comparison: str = "difference"
    margin: str = ""


@dataclass(frozen=True, kw_only=True)
class CaseRules:
    """Which cases are drawn, how they are stratified, and what happens to a case with too few masks."""

    inclusion: str = ""
    exclusion: str = ""
    strata: tuple[str, ...] = ("site", "volume_third")
    short_cases: str = "show_fewer"
    replacement: str = ""


@dataclass(frozen=True, kw_only=True)
class ProtocolArm:
    """A source in its role. `training` is "clean", "unknown", "overlap" or "out_of_fold" with the study subjects."""

    code: str
    name: str = ""
    kind: str = "model"
    role: str = ""
    provenance: str = ""
    training: str = "unknown"


@dataclass(frozen=True, kw_only=True)
class ProtocolReader:
    """A reader by label (R1 …), and which arm is this reader's own drawing, if any."""

    label: str
    own_arm: str | None = None
    excluded_arms: tuple[str, ...] = ()
    qualification: str = ""
    conflicts: str = ""
    last_annotation: str = ""


@dataclass(frozen=True, kw_only=True)
class WindowPreset:
    """A named window of one sequence, centre and width in image units as decimal texts; "" means automatic."""

    sequence: str
    name: str = "Default"
    centre: str = ""
    width: str = ""


@dataclass(frozen=True, kw_only=True)
class Display:
    """How cases are shown: sequences, window presets, interpolation, overlays, start slice, tools."""

    sequences: tuple[str, ...] = ("T2",)
    windows: tuple[WindowPreset, ...] = ()
    interpolation: str = "linear"
    overlays_off_at_first: bool = False
    start_slice: str = "largest_union"
    solo_only: bool = False
    tools: tuple[str, ...] = ("toggle", "solo", "outline", "opacity", "window", "disagreement", "swipe", "ruler")
    fill_percent: int = 15
    outline_px: int = 2


@dataclass(frozen=True, kw_only=True)
class Colour:
    """One slot colour with its line style ("solid", "long_dash", "short_dash" …)."""

    name: str
    rgb: tuple[int, int, int]
    line_style: str


PALETTE = (
    Colour(name="orange", rgb=(230, 159, 0), line_style="solid"),
    Colour(name="sky", rgb=(86, 180, 233), line_style="long_dash"),
    Colour(name="purple", rgb=(204, 121, 167), line_style="short_dash"),
)


@dataclass(frozen=True, kw_only=True)
class Practice:
    """Practice before the first read: how many cases, and a pass mark in words ("" for none)."""

    count: int = 0
    pass_mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """Cases read twice for agreement within a reader, in new colours and order, at least `gap` places apart."""

    count: int = 0
    gap: int = 20


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Reading sessions: cases per session (0: no sessions), a break prompt, and a cap per day (0: none)."""

    cases_per_session: int = 25
    break_after_minutes: int = 40
    cases_per_day: int = 0
    deadline: str = ""
    navigation: str = "forward_only"


@dataclass(frozen=True, kw_only=True)
class MissingRules:
    """What happens to missing reads, damaged images or masks, and masks in which nothing is drawn."""

    missing: str = "Reported with reasons and left out; no value is imputed."
    corrupt: str = "A case with a file that fails verification is shown to no reader."
    empty: str = "show_card"


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One planned analysis by recipe code; exactly one of a protocol is primary."""

    code: str
    title: str = ""
    primary: bool = False


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Tests and their variants, the family of the Benjamini–Hochberg adjustment, and the level."""

    analyses: tuple[Analysis, ...] = (
        Analysis(code="conventional", title="Kruskal-Wallis, Mann-Whitney and χ² within reader", primary=True),
    )
    family: str = "model_against_others_within_reader"
    adjustment: str = "benjamini_hochberg"
    alpha: str = "0.05"
    yates: bool = True
    exact: str = "auto"
    ties: str = "corrected"
    subgroups: tuple[str, ...] = ()
    interim_looks: str = "none"
    sample_size: str = ""


@dataclass(frozen=True, kw_only=True)
class Unblinding:
    """Who may unblind, when, and how many persons must agree."""

    who: str = "principal investigator"
    when: str = "after the reading is closed"
    persons: int = 2


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A reader study as fixed before the first read."""

    title: str
    format: str = FORMAT
    question: str = ""
    estimand: str = ""
    endpoint: Endpoint = field(default_factory=Endpoint)
    cases: CaseRules = field(default_factory=CaseRules)
    arms: tuple[ProtocolArm, ...] = ()
    readers: tuple[ProtocolReader, ...] = ()
    slots: int = 3
    never_own: bool = True
    blocks: str = "balanced_incomplete"
    labels: str = "whole"
    label_names: tuple[str, ...] = ()
    instrument: Instrument = field(default_factory=likert_turing)
    block_order: str = "scores_then_origin"
    stated_prior: str = ""
    revisions: str = "until_next_case"
    display: Display = field(default_factory=Display)
    palette: tuple[Colour, ...] = PALETTE
    instructions: str = ""
    practice: Practice = field(default_factory=Practice)
    repeats: Repeats = field(default_factory=Repeats)
    catch_items: str = ""
    washout_days: int = 0
    conflicts: str = ""
    pi_may_read: bool = False
    sessions: Sessions = field(default_factory=Sessions)
    missing: MissingRules = field(default_factory=MissingRules)
    statistics: Statistics = field(default_factory=Statistics)
    unblinding: Unblinding = field(default_factory=Unblinding)
    reports_to: str = ""
    withdrawal: str = "Ratings already given stay; the subject's images and masks are destroyed."
    ethics_reference: str = ""
    sharing: str = ""
    seed_commitment: str = ""


def protocol_from(data: Mapping[str, Any]) -> Protocol:
    """Return the protocol that a plain form describes; missing settings take their defaults.

    Raises
    ------
    ProtocolRefused
        With one field per unknown key, wrong type or impossible instrument.
    """
    faults: list[Fault] = []
    protocol = record_from(Protocol, data, faults, special={Instrument: _instrument})
    if protocol is None:
        raise ProtocolRefused(faults)
    return protocol


def to_dict(protocol: Protocol) -> dict[str, Any]:
    """Return the plain form of a protocol, with every setting written out and no float anywhere."""
    return {
        item.name: instrument_to_dict(protocol.instrument)
        if item.name == "instrument"
        else to_plain(getattr(protocol, item.name))
        for item in fields(protocol)
    }


def _instrument(data: object, faults: list[Fault], pointer: str) -> Instrument | None:
    try:
        return instrument_from(data)  # type: ignore[arg-type]
    except InstrumentRefused as refused:
        faults += [(f"{pointer}{place}", code, detail) for place, code, detail in refused.fields]
        return None
