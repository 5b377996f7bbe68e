"""The protocol's sections as forms: which fields each has, and how a form becomes a change of the protocol.

A field is named by its place in the protocol, `endpoint__margin` for /endpoint/margin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from readerstudy.pages.instrument_form import InstrumentForm
from readerstudy.pages.windows import WindowsField

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entry:
    """One field of a section."""

    path: str
    label: str
    kind: str = "line"
    choices: Choices = ()
    help: str = ""
    highest: int = 100_000

    @property
    def name(self) -> str:
        """The name in the form."""
        return self.path.replace("/", "__")


SECTIONS: dict[str, tuple[Entry, ...]] = {
    "question": (
        Entry("title", "Title of the study"),
        Entry("question", "Study question", "text"),
        Entry("estimand", "Estimand", "text", help="What is estimated, in whom, under which condition."),
        Entry("endpoint/name", "Primary endpoint"),
        Entry(
            "endpoint/average",
            "combined over readers as",
            "choice",
            (("mean_of_readers", "the unweighted mean of the readers"), ("pooled", "counts pooled over readers")),
        ),
        Entry(
            "endpoint/comparison",
            "and compared for",
            "choice",
            (
                ("difference", "a difference"),
                ("equivalence", "equivalence"),
                ("non_inferiority", "non-inferiority"),
                ("descriptive", "description only"),
            ),
        ),
        Entry("endpoint/margin", "Margin", help="Needed for equivalence and non-inferiority, for example 0.10."),
    ),
    "cases": (
        Entry("cases/inclusion", "A case is included if", "text"),
        Entry("cases/exclusion", "and left out if", "text"),
        Entry(
            "cases/short_cases",
            "A case with fewer segmentations than slots is",
            "choice",
            (("show_fewer", "shown with fewer, and flagged"), ("replace", "replaced by a reserve case")),
        ),
        Entry("cases/replacement", "In the protocol's words", "text"),
    ),
    "allocation": (
        Entry("slots", "Segmentations shown together", "number", highest=6),
        Entry("repeats/count", "Cases read twice", "number", help="For agreement within a reader; 0 for none."),
        Entry("repeats/gap", "at least so many places apart", "number"),
        Entry("stated_prior", "What readers are told about the mix", "text"),
        Entry("washout_days", "Days between drawing and reading, at least", "number"),
    ),
    "readers": (
        Entry("conflicts", "Rule about conflicts of interest", "text"),
        Entry("pi_may_read", "A principal investigator may read, and this is declared", "switch"),
    ),
    "display": (
        Entry("display/sequences", "Sequences, in the order of the panes", "many", help="The first is the rated one."),
        Entry("display/windows", "Window presets", "windows"),
        Entry(
            "display/interpolation",
            "Image interpolation",
            "choice",
            (("linear", "linear"), ("nearest", "none (nearest voxel)")),
        ),
        Entry(
            "display/start_slice",
            "A case opens at",
            "choice",
            (("largest_union", "the slice with the largest outline"), ("middle", "the middle slice")),
        ),
        Entry("display/overlays_off_at_first", "Segmentations are hidden until the reader turns them on", "switch"),
        Entry(
            "labels",
            "Segmentations show",
            "choice",
            (("whole", "the union of their labels"), ("labels", "their labels")),
        ),
        Entry("display/fill_percent", "Fill, per cent", "number", highest=100),
        Entry("display/outline_px", "Outline, pixels", "number", highest=8),
    ),
    "sessions": (
        Entry("practice/count", "Practice cases before the first read", "number"),
        Entry("practice/pass_mark", "Pass mark", help="In words; empty for none."),
        Entry("sessions/cases_per_session", "Cases per session", "number", help="0: no sessions."),
        Entry("sessions/break_after_minutes", "A pause is proposed after so many minutes", "number"),
        Entry("sessions/cases_per_day", "Cases per day at most", "number", help="0: no limit."),
        Entry("sessions/deadline", "Reading ends on", "date"),
        Entry(
            "revisions",
            "A submitted answer",
            "choice",
            (
                ("until_next_case", "may be corrected until the next case is submitted; the correction counts"),
                ("none", "cannot be changed"),
            ),
        ),
    ),
    "missing": (
        Entry("missing/missing", "Missing reads", "text"),
        Entry("missing/corrupt", "Damaged files", "text"),
    ),
    "statistics": (
        Entry(
            "statistics/family",
            "Tests are adjusted over",
            "choice",
            (
                ("model_against_others_within_reader", "each model against every other source, within each reader"),
                ("all_pairs_within_reader", "all pairs of sources, within each reader"),
                ("all_pairs_all_readers", "all pairs of sources, over all readers"),
            ),
        ),
        Entry(
            "statistics/adjustment",
            "by",
            "choice",
            (("benjamini_hochberg", "Benjamini-Hochberg"), ("holm", "Holm"), ("none", "no adjustment")),
        ),
        Entry("statistics/alpha", "Two-sided level"),
        Entry("statistics/yates", "χ² tests use the continuity correction", "switch"),
        Entry("statistics/sample_size", "Sample size or precision", "text"),
    ),
    "unblinding": (
        Entry("unblinding/who", "Unblinded by"),
        Entry("unblinding/when", "when"),
        Entry("unblinding/persons", "by so many persons", "number", help="Two or more.", highest=9),
        Entry("reports_to", "Reports of wrong images and incidental findings go to"),
        Entry("withdrawal", "When a subject withdraws", "text"),
        Entry("ethics_reference", "Ethics reference"),
        Entry("sharing", "Data sharing and retention", "text"),
    ),
    "instructions": (Entry("instructions", "Instructions", "page", help="A blank line begins a new paragraph."),),
}
EDITABLE = (*SECTIONS, "instrument", "arms")
_OWN_SECTION = {
    "arms": "arms",
    "instrument": "instrument",
    "palette": "display",
    "never_own": "allocation",
    "blocks": "allocation",
    "block_order": "instrument",
}


def section_of(pointer: str) -> str:
    """Return the section in which a field of the protocol is edited."""
    path = pointer.strip("/")
    first = path.split("/")[0]
    for key, entries in SECTIONS.items():
        if any(entry.path == path or entry.path.split("/")[0] == first for entry in entries):
            return key
    return _OWN_SECTION.get(first, "readers" if first == "readers" else "question")


def section_form(
    key: str, protocol: Mapping[str, Any], sequences: list[str], data: Mapping[str, Any] | None = None
) -> forms.Form:
    """Return the form of a section, filled from the protocol; with `data`, bound to it."""
    if key == "instrument":
        return InstrumentForm(data, protocol=protocol)
    entries = SECTIONS[key]
    made = type("SectionForm", (forms.Form,), {entry.name: _field(entry, sequences) for entry in entries})
    form: forms.Form = made(data, initial={entry.name: _at(protocol, entry.path) for entry in entries})
    return form


def changes_of(key: str, form: forms.Form) -> dict[str, Any]:
    """Return a valid form as the change that it makes to the protocol."""
    if isinstance(form, InstrumentForm):
        return {"instrument": form.instrument()}
    changes: dict[str, Any] = {}
    for entry in SECTIONS[key]:
        value = _plain(form.cleaned_data[entry.name], entry)
        group, _, name = entry.path.partition("/")
        if name:
            changes.setdefault(group, {})[name] = value
        else:
            changes[group] = value
    return changes


def _at(protocol: Mapping[str, Any], path: str) -> Any:
    value: Any = protocol
    for name in path.split("/"):
        value = value[name]
    return value


def _plain(value: Any, entry: Entry) -> Any:
    if entry.kind == "date":
        return value.isoformat() if value else ""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return value


def _field(entry: Entry, sequences: list[str]) -> forms.Field:
    told: dict[str, Any] = {"label": entry.label, "help_text": entry.help}
    if entry.kind == "number":
        return forms.IntegerField(min_value=0, max_value=entry.highest, **told)
    if entry.kind == "switch":
        return forms.BooleanField(required=False, **told)
    if entry.kind == "choice":
        return forms.ChoiceField(choices=entry.choices, **told)
    if entry.kind == "many":
        choices = [(name, name) for name in sequences]
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **told)
    if entry.kind == "windows":
        return WindowsField(required=False, **told)
    if entry.kind == "date":
        return forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), **told)
    return _text_field(entry, told)


def _text_field(entry: Entry, told: dict[str, Any]) -> forms.Field:
    rows = {"line": 0, "text": 3, "page": 14}[entry.kind]
    if not rows:
        return forms.CharField(required=entry.path == "title", max_length=300, **told)
    return forms.CharField(required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": rows}), **told)
