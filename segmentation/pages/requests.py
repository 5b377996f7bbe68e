"""What the pages of a dataset have in common: who asks, and forms that are shown again with what was entered."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from segmentation.errors import DomainError
from segmentation.models import Dataset
from segmentation.selectors import access


class PersonRequest(HttpRequest):
    """A request whose user is signed in."""

    user: User


DatasetPage = Callable[..., HttpResponse]


def for_managers(view: DatasetPage) -> DatasetPage:
    """Turn the code in the address into a dataset that this person manages: `view(request, dataset, …)`."""

    @login_required
    @wraps(view)
    def checked(request: HttpRequest, code: str, **rest: Any) -> HttpResponse:
        person = cast(User, request.user)
        return view(request, access.managed_dataset_for(person, code), **rest)

    return checked


def show(
    request: HttpRequest, template: str, dataset: Dataset | None, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Return a page of a dataset; `here` in the context names the current link of the rail."""
    return render(request, f"segmentation/{template}", {"dataset": dataset, **context}, status=status)


def field_errors(error: DomainError) -> dict[str, str]:
    """Return a refusal's sentences by the name of the field; one without a field stands under `form`."""
    if not error.fields:
        return {"form": error.detail}
    return {pointer.lstrip("/"): sentence for pointer, _, sentence in error.fields}
