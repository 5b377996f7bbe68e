"""What would tell a reader who drew a mask, and detectors that find it: each is tried on a planted leak."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from accounts.models import User
from readerstudy.models import Arm, StudyMember
from segmentation.models import Dataset, Segmentation, SegmentationMask, Source, Upload

TOKEN = re.compile(r"[0-9a-f]{32}")
ALLOWED_HEADERS = {
    "Allow", "Location", "Cache-Control", "Content-Digest", "Content-Length", "Content-Security-Policy", "Content-Type",
    "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy", "Referrer-Policy", "Vary",
    "X-Content-Type-Options", "X-Frame-Options", "Retry-After",
}  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """One answer as it reached a reader's browser."""

    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        return self.headers.get("Content-Type", "").startswith(("application/json", "application/problem+json"))


class Ear:
    """A client that remembers every answer whole."""

    def __init__(self, client: Any) -> None:
        self.client, self.heard = client, list[Heard]()

    def ask(self, verb: str, path: str, body: Any = None, key: str = "") -> Heard:
        headers = {"Idempotency-Key": key} if key else {}
        sent = () if body is None else (body if isinstance(body, str) else json.dumps(body),)
        kind = {} if body is None else {"content_type": "application/json"}
        answer = getattr(self.client, verb)(path, *sent, headers=headers, **kind)
        raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
        cookies = {f"Set-Cookie {name}": "…" for name in answer.cookies}
        self.heard.append(Heard(path, answer.status_code, dict(answer.headers) | cookies, raw))
        return self.heard[-1]


def words_of_origin() -> set[str]:
    """Return every name, version, code, address and digest in the database that tells where a mask comes from."""
    words: set[str] = set()
    for name, version, code in Source.objects.values_list("name", "version", "code"):
        words |= {name, f"{name} {version}".strip(), code}
    for column in ("blob_sha256", "content_sha256"):
        words |= set(SegmentationMask.objects.values_list(column, flat=True))
    for model in (Arm, Dataset, Segmentation):
        words |= set(model.objects.values_list("code", flat=True))
    words |= set(Upload.objects.values_list("relative_path", flat=True))
    words |= {str(known.get("file", "")) for known in Segmentation.objects.values_list("provenance", flat=True)}
    return {word for word in words if len(word) > 1}


def words_of_people(but: User) -> set[str]:
    """Return names, addresses and labels of everybody else."""
    others = User.objects.exclude(pk=but.pk)
    labels = StudyMember.objects.exclude(user=but).values_list("label", flat=True)
    return {*others.values_list("email", flat=True), *labels} - {""}


def found_words(heard: Iterable[Heard], words: Iterable[str]) -> list[tuple[str, str]]:
    """Return (path, word) for every forbidden word in a body or a header, as a whole word in text."""
    forms = {word: re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])", re.IGNORECASE) for word in words}
    found = []
    for answer in heard:
        text = answer.body.decode("latin-1") + "\n".join(f"{n}: {v}" for n, v in answer.headers.items())
        plain = text if answer.is_json or "html" in answer.headers.get("Content-Type", "") else ""
        found += [(answer.path, word) for word, form in forms.items() if plain and form.search(plain)]
        found += [(answer.path, word) for word in forms if not plain and len(word) > 5 and word in text]
    return found


def strange_headers(heard: Iterable[Heard]) -> set[str]:
    """Return every header name that is not on the list."""
    return {
        name
        for answer in heard
        for name in answer.headers
        if name not in ALLOWED_HEADERS and not (name == "Location" and answer.status == 302)
    }


def keys_in(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    """Yield (path with [] for list places, leaf) of a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys_in(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner, f"{path}[]")
    else:
        yield path, value


# --- statistics of two kinds of source -------------------------------------------------------------------------------


def auc(model: Sequence[float], expert: Sequence[float]) -> tuple[float, float, float]:
    """Return P(model > expert) + P(equal) / 2 with its 95 % interval (DeLong: Biometrics 1988;44:837-845)."""
    x, y = np.asarray(model, float), np.asarray(expert, float)
    ranks = stats.rankdata(np.concatenate([x, y]))
    above = (ranks[: len(x)] - stats.rankdata(x)) / len(y)
    below = 1 - (ranks[len(x) :] - stats.rankdata(y)) / len(x)
    area = float(above.mean())
    error = float(np.sqrt(above.var(ddof=1) / len(x) + below.var(ddof=1) / len(y)))
    return area, area - 1.96 * error, area + 1.96 * error


def paired_p(differences: Sequence[float], seed: int, permutations: int = 10_000) -> float:
    """Return the two-sided p of a within-case sign-flip permutation test on the mean difference."""
    d: NDArray[np.float64] = np.asarray(differences, float)
    dice = np.random.default_rng(seed)
    flips = dice.choice((-1.0, 1.0), size=(permutations, len(d))) @ d
    return float((np.sum(np.abs(flips) >= abs(d.sum()) - 1e-12) + 1) / (permutations + 1))


def tells_apart(model: Sequence[float], expert: Sequence[float], seed: int = 1) -> bool:
    """Return whether a feature measured on pairs (same case, model and expert) gives the origin away.

    Passes as blind only if the AUC's 95 % interval lies inside [.45, .55] and the paired p is above .001.
    """
    _, low, high = auc(model, expert)
    differences = np.subtract(model, expert)
    return not (low >= 0.45 and high <= 0.55 and paired_p(differences.tolist(), seed) > 0.001)


def balanced(counts: Mapping[tuple[str, int], int], *, p: float = 1e-4) -> bool:
    """Return whether a table (kind of source × colour) shows no association by χ² at `p`."""
    kinds, places = sorted({kind for kind, _ in counts}), sorted({place for _, place in counts})
    table = np.array([[counts.get((kind, place), 0) for place in places] for kind in kinds])
    return float(stats.chi2_contingency(table).pvalue) > p


Feature = Callable[[Heard], float]
