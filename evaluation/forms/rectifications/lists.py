"""What is chosen over the lists of findings and rectifications: the choices and the chips (ux E2)."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict

from evaluation.enums import FindingSource, RectificationState, Severity
from evaluation.models import SpotCheckRound
from evaluation.selectors.rectifications.lists import FindingFilters, RectificationFilters
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.kernel.components import Chip


def _chips(query: QueryDict, shown: Iterable[tuple[str, str, str]]) -> list[Chip]:
    """Of (parameter, label, words) whose words are not empty; each is the same list without it."""

    def without(name: str) -> str:
        copy = query.copy()
        for one in (name, "page"):
            copy.pop(one, None)
        return f"?{copy.urlencode()}"

    return [Chip(label, words, without(name)) for name, label, words in shown if words]


def _round_title(actor: Actor, pk: int | None) -> str:
    if pk is None:
        return ""
    rows = SpotCheckRound.objects.visible_to(actor).filter(pk=pk)
    return rows.values_list("title", flat=True).first() or "未找到的批次"


def _label(labels: Iterable[tuple[str, str]], value: str) -> str:
    return dict(labels).get(value, "")


def _unit(pk: int | None) -> str:
    return (organization_name(pk) or "未找到的单位") if pk else ""


def rectification_chips(actor: Actor, query: QueryDict, filters: RectificationFilters) -> list[Chip]:
    return _chips(
        query,
        [
            ("q", "查找", filters.text),
            ("overdue", "期限", "逾期" if filters.overdue else ""),
            ("open", "进度", "在办" if filters.open else ""),
            ("state", "状态", _label(RectificationState.choices, filters.state)),
            ("source", "来源", _label(FindingSource.choices, filters.source)),
            ("clause", "条款或指标", filters.clause),
            ("unit", "区（市）", _unit(filters.unit)),
            ("round", "抽查批次", _round_title(actor, filters.round)),
            ("year", "年度", str(filters.year or "")),
        ],
    )


def finding_chips(actor: Actor, query: QueryDict, filters: FindingFilters) -> list[Chip]:
    ordered = {True: "已起草整改通知书", False: "未起草整改通知书", None: ""}[filters.ordered]
    return _chips(
        query,
        [
            ("q", "查找", filters.text),
            ("ordered", "整改通知书", ordered),
            ("source", "来源", _label(FindingSource.choices, filters.source)),
            ("severity", "性质", _label(Severity.choices, filters.severity)),
            ("clause", "条款或指标", filters.clause),
            ("unit", "区（市）", _unit(filters.unit)),
            ("round", "抽查批次", _round_title(actor, filters.round)),
            ("year", "年度", str(filters.year or "")),
        ],
    )
