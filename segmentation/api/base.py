"""What every address here has in common: who asks, no unknown query words, plain dataclasses as answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from segmentation.errors import DomainError
from segmentation.models import Job


class DatasetView(APIView):
    """A view for the people of a dataset; nothing here ever serves a reader."""

    query_words: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        unknown = sorted(set(request.query_params) - set(self.query_words))
        if unknown:
            raise DomainError("query.unknown", f"The address does not take “{unknown[0][:40]}”.", status=400)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    @property
    def person(self) -> User:
        """Who asks; the permission class has refused everybody who is not signed in."""
        return cast(User, self.request.user)


def body_of(request: Request, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the text fields of a JSON object; every wrong one is named."""
    data = request.data
    if not isinstance(data, dict):
        raise DomainError("body.object", "Send a JSON object.", status=400)
    wrong = [(f"/{name}", "missing", f"{name} is missing.") for name in required if name not in data]
    for name, value in data.items():
        if name not in required + optional:
            wrong.append((f"/{str(name)[:40]}", "unknown", f"{str(name)[:40]} is not known here."))
        elif not isinstance(value, str):
            wrong.append((f"/{name}", "text", f"{name} must be text."))
    if wrong:
        raise DomainError("content.invalid", wrong[0][2], title="Please check the answers", fields=wrong)
    return {name: str(data.get(name, "")) for name in required + optional}


def choice(body: dict[str, str], name: str, allowed: tuple[str, ...], default: str) -> Any:
    """Return one of the allowed words, or the default for an absent one."""
    value = body[name] or default
    if value not in allowed:
        sentence = f"{name} is “{value[:40]}”; it takes {', '.join(word for word in allowed if word)}."
        raise DomainError("content.invalid", sentence, fields=[(f"/{name}", "choice", sentence)])
    return value


def job_json(job: Job) -> dict[str, Any]:
    """Return how a job stands; `result` when it is done, `error` when it failed."""
    return {
        "code": job.code,
        "kind": job.kind,
        "state": job.state,
        "state_label": job.get_state_display(),
        "finished": job.finished,
        "done": job.done_steps,
        "total": job.total_steps,
        "message": job.message,
        "result": job.result,
        "error": {"code": job.error_code, "detail": job.error} if job.error_code else None,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def as_json(row: Any) -> dict[str, Any]:
    """Return a selector's dataclass as JSON values."""
    return asdict(row)
