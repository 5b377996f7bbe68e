"""Window presets as lines of text: sequence, name, centre, width."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class WindowsField(forms.CharField):
    """One preset a line, "T2, brain, 450, 900"; an empty text means the image's own window."""

    widget = forms.Textarea(attrs={"rows": 3, "placeholder": "T2, brain, 450, 900"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(", ".join(str(preset[name]) for name in _NAMES) for preset in value)
        return value

    def clean(self, value: Any) -> Any:
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        return [_preset(line) for line in lines[:40]]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


_NAMES = ("sequence", "name", "centre", "width")


def _preset(line: str) -> dict[str, str]:
    parts = [part.strip() for part in line.split(",")]
    if len(parts) != 4 or not all(parts) or not all(_is_number(part) for part in parts[2:]):
        raise ValidationError(
            f"“{line[:60]}” is not understood; write sequence, name, centre, width: T2, brain, 450, 900"
        )
    return dict(zip(_NAMES, parts, strict=True))


def _is_number(text: str) -> bool:
    whole, _, rest = text.removeprefix("-").partition(".")
    return text.isascii() and whole.isdigit() and len(whole) < 8 and (rest == "" or rest.isdigit()) and len(rest) < 4
