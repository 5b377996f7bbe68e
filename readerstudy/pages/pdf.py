"""The protocol as a printed document, from the same sections as the page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from readerstudy.design.methods import Section
from readerstudy.models import Seal, Study

FONTS = Path(__file__).resolve().parents[1] / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
INK, DIM, LINE = HexColor("#1c2430"), HexColor("#5b6675"), HexColor("#c8ced6")
RESEARCH_USE = "Research use only, not for diagnosis"


def protocol_pdf(
    study: Study, sections: Sequence[Section], seal: Seal | None, *, draft_sha256: str, at: datetime
) -> bytes:
    """Return the PDF of a protocol; without a seal every page says DRAFT.

    Parameters
    ----------
    sections : sequence of Section
        What the protocol page shows.
    seal : Seal or None
        Gives the hashes and the date.
    draft_sha256 : str
        SHA-256 of the protocol as it stands, printed while there is no seal.
    at : datetime
        When it is printed.
    """
    _register_fonts()
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=24 * mm,
        rightMargin=24 * mm,
        topMargin=24 * mm,
        bottomMargin=24 * mm,
        title=f"Protocol: {study.title}",
        subject=f"Study {study.code}",
        author="Blindread",
        invariant=1,
    )
    story = [*_head(study, seal, draft_sha256, at), *(part for section in sections for part in _section(section))]
    numbered = _numbered(f"Study {study.code} · {_state(study, seal)}", draft=seal is None)
    document.build(story, canvasmaker=numbered)
    return out.getvalue()


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))


def _style(size: float, *, font: str = REGULAR, colour: Any = INK, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        f"{font}-{size}", fontName=font, fontSize=size, leading=size * 1.5, textColor=colour, splitLongWords=1, **more
    )


def _state(study: Study, seal: Seal | None) -> str:
    return f"sealed {_day(seal.sealed_at)}" if seal else f"draft, revision {study.protocol_revision}"


def _day(at: datetime) -> str:
    return timezone.localtime(at).strftime("%-d %B %Y")


def _head(study: Study, seal: Seal | None, draft_sha256: str, at: datetime) -> list[Any]:
    rows = [("Study code", study.code), ("State", _state(study, seal)), ("Printed", _day(at))]
    if seal:
        rows += [
            ("Commitment", seal.commitment),
            ("Protocol SHA-256", seal.protocol_sha256),
            ("Allocation SHA-256", seal.allocation_sha256),
        ]
    else:
        rows += [("Draft SHA-256", draft_sha256), ("Commitment", "given when the study is sealed")]
    if study.is_simulated:
        rows.append(("Readers", "simulated"))
    cells = [[Paragraph(name, _style(8, colour=DIM)), Paragraph(escape(value), _style(8))] for name, value in rows]
    facts = Table(cells, colWidths=[36 * mm, None], hAlign="LEFT")
    plain = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    tight = [("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
    facts.setStyle(TableStyle([*plain, *tight, ("LINEBELOW", (0, -1), (-1, -1), 0.5, LINE)]))
    return [
        Paragraph("Protocol of a blinded reader study", _style(9, colour=DIM)),
        Paragraph(escape(study.title), _style(17, font=BOLD, spaceAfter=8)),
        facts,
        Spacer(1, 6 * mm),
    ]


def _section(section: Section) -> list[Any]:
    heading = Paragraph(escape(section.title), _style(11.5, font=BOLD, spaceBefore=10, spaceAfter=3))
    paragraphs = section.paragraphs or ("Nothing is said here yet.",)
    body = [Paragraph(_lines(text), _style(9.5, spaceAfter=5)) for text in paragraphs]
    return [KeepTogether([heading, *body[:1]]), *body[1:]]


def _lines(text: str) -> str:
    return " ".join(escape(line.strip()) for line in text.splitlines())


def _numbered(footer: str, *, draft: bool) -> type[Canvas]:
    """Return a canvas that knows the number of pages when it writes the first."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self.kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.kept, start=1):
                self.__dict__.update(page)
                _furniture(self, footer, f"Page {number} of {len(self.kept)}", draft)
                super().showPage()
            super().save()

    return Numbered


def _furniture(canvas: Canvas, footer: str, place: str, draft: bool) -> None:
    width, height = A4
    canvas.saveState()
    if draft:
        canvas.setFillColor(HexColor("#b3261e"), alpha=0.08)
        canvas.setFont(BOLD, 120)
        canvas.translate(width / 2, height / 2)
        canvas.rotate(52)
        canvas.drawCentredString(0, -40, "DRAFT")
        canvas.restoreState()
        canvas.saveState()
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(DIM)
    canvas.drawString(24 * mm, 13 * mm, footer)
    canvas.drawCentredString(width / 2, 9 * mm, RESEARCH_USE)
    canvas.drawRightString(width - 24 * mm, 13 * mm, place)
    canvas.restoreState()
