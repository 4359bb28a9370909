"""Reading the audit log: the auditor's list, and the check of the chain."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet

from zaozhuang_portal.accounts.models import AuditEntry, AuditSeal
from zaozhuang_portal.accounts.rules.audit_chain import FIELDS, seal_hash
from zaozhuang_portal.kernel.clock import end_of_day, start_of_day


@dataclass(frozen=True)
class AuditFilter:
    person: str = ""
    action: str = ""
    kind: str = ""
    object_id: str = ""
    first: date | None = None
    last: date | None = None


def filter_audit(wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """The entries that match; days are Shanghai days, both included; `person` is part of name or username."""
    entries = AuditEntry.objects.all()
    if wanted.person:
        entries = entries.filter(user_name__icontains=wanted.person)
    if wanted.action:
        entries = entries.filter(action=wanted.action)
    if wanted.kind:
        entries = entries.filter(kind=wanted.kind)
    if wanted.object_id:
        entries = entries.filter(object_id=wanted.object_id)
    period = Q()
    if wanted.first:
        period &= Q(at__gte=start_of_day(wanted.first))
    if wanted.last:
        period &= Q(at__lt=end_of_day(wanted.last))
    return entries.filter(period)


@dataclass
class ChainReport:
    """`problems` is empty when the chain is whole."""

    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    head: str = ""
    problems: list[str] = field(default_factory=list)


def verify_chain(*, anchors: Path | None = None) -> ChainReport:
    """Recompute every seal: finds edited, deleted, added and reordered entries, and, by the anchors, a cut-off end."""
    report = ChainReport(unsealed=AuditEntry.objects.filter(seal=None).count())
    hashes: dict[int, str] = {}
    for seal in AuditSeal.objects.order_by("id").iterator():
        entries = list(AuditEntry.objects.filter(seal=seal).order_by("id").values(*FIELDS))
        name = f"第{seal.pk}批（{seal.sealed_at:%Y-%m-%d %H:%M} UTC）"
        if seal.previous_hash != report.head:
            report.problems.append(f"{name}与上一批不相接：前面有批次被删除、插入或调换。")
        if len(entries) != seal.entry_count:
            report.problems.append(
                f"{name}应有{seal.entry_count}条，现有{len(entries)}条：有记录被删除或移动。"
            )
        elif seal_hash(seal.previous_hash, entries) != seal.hash:
            report.problems.append(f"{name}内容与封存时不一致：有记录被改动、替换或调换顺序。")
        report.seals += 1
        report.sealed += len(entries)
        report.head = hashes[seal.pk] = seal.hash
    for anchor in _read_anchors(anchors):
        if hashes.get(anchor["seal"]) != anchor["hash"]:
            report.problems.append(
                f"库外留存的第{anchor['seal']}批（{anchor['entries']}条）在数据库中不存在或已改变：日志末尾被截断或重建。"
            )
    return report


def _read_anchors(path: Path | None) -> Iterator[Mapping[str, Any]]:
    if path is None or not path.is_file():
        return
    with path.open(encoding="ascii") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
