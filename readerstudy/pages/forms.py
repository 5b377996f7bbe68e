"""Small forms, and how a service's refusal is laid beside the fields that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from readerstudy.models import Decision, StudyMember
from segmentation.errors import DomainError
from segmentation.models import Dataset
from segmentation.selectors.access import managed_datasets_of

TEMPLATE = "Segmentation acceptability (Likert 1-10 + Turing)"


class NewStudyForm(forms.Form):
    """Title, datasets that this person manages, template."""

    title = forms.CharField(max_length=200, help_text="As it would stand above a paper.")
    datasets = forms.ModelMultipleChoiceField(
        Dataset.objects.none(),
        label="Draw cases from",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one dataset."},
    )
    template = forms.ChoiceField(label="Start from", choices=[("acceptability", TEMPLATE)], initial="acceptability")

    def __init__(self, *args: Any, user: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Any = self.fields["datasets"]
        chosen.queryset = managed_datasets_of(user)


class MemberForm(forms.Form):
    """A person by e-mail, and a role."""

    email = forms.EmailField(label="E-mail", help_text="The address with which the person signs in here.")
    role = forms.ChoiceField(choices=StudyMember.Role.choices)


class ReaderForm(forms.Form):
    """What the protocol states of a reader."""

    qualification = forms.CharField(max_length=200, required=False, help_text="For example: neuroradiologist, 7 years")
    conflicts = forms.CharField(max_length=500, required=False, label="Conflicts of interest")
    own_arm = forms.ChoiceField(required=False, label="Drew the masks of")

    def __init__(self, *args: Any, arms: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        choice: Any = self.fields["own_arm"]
        choice.choices = [("", "none of the arms"), *((arm, arm) for arm in arms)]


class DecisionForm(forms.Form):
    """The reason for an irreversible step."""

    action = forms.ChoiceField(
        choices=[
            (action.value, action.label)
            for action in (Decision.Action.CLOSE, Decision.Action.UNBLIND, Decision.Action.PUBLISH)
        ]
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text="At least 10 characters; it stands in the audit trail for ever.",
    )


def lay_errors(form: forms.Form, refused: DomainError, names: Mapping[str, str] | None = None) -> None:
    """Put a refusal at the fields it names, or above the form where it names none that the form has."""
    placed = False
    for pointer, _, detail in refused.fields:
        name = (names or {}).get(pointer, pointer.lstrip("/").replace("/", "__"))
        if name in form.fields:
            form.add_error(name, detail[:1].upper() + detail[1:])
            placed = True
    if not placed:
        form.add_error(None, refused.detail)
