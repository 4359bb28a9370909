"""A word on every contradiction before a report goes on: enforced with the step, stored with who and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from reporting.models import AnnualReport, ReportExplanation
from reporting.rules.contradictions import LONGEST_WORD, SHORTEST_WORD
from reporting.rules.figures import ReportFigures
from reporting.selectors.report_points import asked_points
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import normal_lines, shortened, too_long


class Unexplained(DomainError):
    """Points without a word, `missing` by code → what is wrong with the word."""

    def __init__(self, message: str, missing: Mapping[str, str]) -> None:
        super().__init__(message, code="unexplained")
        self.missing = dict(missing)


def explain_points(
    *,
    actor: Actor,
    report: AnnualReport,
    figures: ReportFigures,
    action: str,
    words: Mapping[str, str],
    now: datetime,
) -> int:
    """Store the words given with a step; returns how many. Call inside the transaction of the step.

    Raises Unexplained while a point the step asks about has none, or one of fewer than 5 or more than 500 characters.
    """
    missing: dict[str, str] = {}
    rows = []
    for asked in asked_points(report, figures, action):
        code, doubt = asked.point.code, asked.point.doubt
        text = normal_lines(words.get(code, "")).strip()
        if not text and asked.word is not None:
            continue
        if len(text) < SHORTEST_WORD:
            missing[code] = f"请写明情况或原因（至少{SHORTEST_WORD}个字）。"
        elif refused := too_long("说明", text, LONGEST_WORD):
            missing[code] = refused
        elif asked.word is None or asked.word.text != text:
            rows.append(
                ReportExplanation(
                    report=report,
                    code=code,
                    doubt=doubt,
                    text=text,
                    written_at=now,
                    written_by=actor.user,
                )
            )
    if missing:
        raise Unexplained(f"还有{len(missing)}处没有说明，不能继续。请逐条写明，或改正后更新数据。", missing)
    ReportExplanation.objects.bulk_create(rows)
    if rows:
        record_audit(
            actor=actor,
            at=now,
            action="说明报告数据",
            kind="AnnualReport",
            object_id=report.pk,
            label=str(report),
            changes={shortened(row.doubt, 200): ["", row.text] for row in rows},
        )
    return len(rows)
