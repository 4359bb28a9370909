"""What is written about a visit as a whole: when, where, how, the inspected's statement, who signed, what hindered it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from evaluation.enums import CheckState, Hindrance, Manner
from evaluation.models import LineSave, SpotCheck, TeamMember
from evaluation.services.spot_checks.facts import keep_facts
from evaluation.workflows.checks import CHECK_WORKFLOW, VISIT
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length

MOST_PEOPLE = 100_000
_FIELDS = (
    "visited_on",
    "place",
    "manners",
    "interview_count",
    "questionnaire_count",
    "papers_seen",
    "unit_statement",
    "unit_signer",
    "hindrance",
    "hindrance_words",
)
_WORDS = {
    "place": ("检查地点", 120),
    "papers_seen": ("查阅材料", 2000),
    "unit_statement": ("被检查单位意见", 2000),
    "unit_signer": ("被检查单位签字人", 40),
    "hindrance_words": ("未能检查的经过", 300),
}


@dataclass(frozen=True)
class VisitEntry:
    """The last screen as filled in. Counts are people and sheets, no names. `signed`: team members who signed now."""

    visited_on: date | None = None
    place: str = ""
    manners: tuple[str, ...] = ()
    interview_count: int | None = None
    questionnaire_count: int | None = None
    papers_seen: str = ""
    unit_statement: str = ""
    unit_signer: str = ""
    hindrance: str = ""
    hindrance_words: str = ""
    signed: Collection[int] = field(default=())


@dataclass(frozen=True)
class VisitReceipt:
    """`revision`: of the visit's fields after this save; `already`: this save had arrived before, nothing was written."""

    uid: UUID
    revision: int
    saved_at: datetime
    already: bool


@transaction.atomic
def record_visit(
    *, actor: Actor, check: SpotCheck, uid: UUID, seen_revision: int, entry: VisitEntry, now: datetime
) -> VisitReceipt:
    """Keep what the last screen says, once per `uid`.

    A visit begun by it is under way from now. Raises NotAllowed for anyone but the team, IllegalTransition outside the
    time on site, ConflictError when the fields were saved elsewhere since `seen_revision` (nothing is written), and
    DomainError for what cannot be.
    """
    stored = SpotCheck.objects.select_for_update().get(pk=check.pk)
    member = TeamMember.objects.filter(
        check_record=stored, inspector__user=actor.user, until_at__isnull=True
    ).first()
    if member is None:
        raise NotAllowed("只有本次检查的检查人员可以填写现场记录。")
    if known := LineSave.objects.filter(uid=uid).first():
        if known.check_record_id != stored.pk or known.user_id != actor.user.pk:
            raise DomainError("这次保存的编号已用于别处，请刷新页面后重新保存。", code="uid_used")
        return VisitReceipt(uid, known.revision, known.saved_at, already=True)
    values = _checked(entry, now)
    if stored.visit_revision != seen_revision:
        last = stored.visit_saves.order_by("-id").first()
        words = changed_since("检查情况", actor.user.pk, last.user_id if last else None)
        raise ConflictError(f"{words}，请选择保留哪一份。", code="stale_revision")
    changed = SpotCheck.objects.filter(
        pk=stored.pk, state__in=CHECK_WORKFLOW.sources(VISIT), visit_revision=seen_revision
    ).update(
        **values,
        state=CheckState.UNDER_WAY,
        began_at=Coalesce(F("began_at"), now),
        visit_revision=F("visit_revision") + 1,
        updated_at=now,
    )
    if not changed:
        raise IllegalTransition(
            f"检查现在是“{stored.get_state_display()}”，现场记录不能再改。", code="not_on_site"
        )
    if stored.began_at is None:
        keep_facts(stored, now)
    _sign(stored, member, entry.signed, now)
    save = LineSave.objects.create(
        uid=uid, check_record=stored, user=actor.user, revision=seen_revision + 1, saved_at=now
    )
    record_audit(
        actor=actor,
        at=now,
        action="登记现场检查情况",
        kind="SpotCheck",
        object_id=stored.pk,
        label=str(stored),
        changes={
            name: [_told(name, getattr(stored, name)), _told(name, values[name])]
            for name in _FIELDS
            if getattr(stored, name) != values[name]
        },
    )
    return VisitReceipt(uid, save.revision, now, already=False)


def _checked(entry: VisitEntry, now: datetime) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(entry, name) for name in _FIELDS}
    for name, (label, most) in _WORDS.items():
        values[name] = require_length(label, getattr(entry, name), most, field=name)
    if entry.visited_on is not None and entry.visited_on > clock.shanghai_date(now):
        raise DomainError("检查日期不能晚于今天。", code="future", field="visited_on")
    if set(entry.manners) - set(Manner.values):
        raise DomainError("检查方式不在选项中，请刷新页面后重新选择。", code="unknown", field="manners")
    values["manners"] = [one for one in Manner.values if one in entry.manners]
    for name, label in (("interview_count", "访谈人数"), ("questionnaire_count", "问卷份数")):
        count = getattr(entry, name)
        if count is not None and not 0 <= count <= MOST_PEOPLE:
            raise DomainError(f"{label}应是 0 到 {MOST_PEOPLE} 的整数。", code="range", field=name)
    if entry.hindrance and entry.hindrance not in Hindrance.values:
        raise DomainError(
            "未能检查的情形不在选项中，请刷新页面后重新选择。", code="unknown", field="hindrance"
        )
    if entry.hindrance and not values["hindrance_words"]:
        raise DomainError(
            "请写明无法联系或拒绝配合的经过：何时、何种方式、何人在场。",
            code="required",
            field="hindrance_words",
        )
    if not entry.hindrance and values["hindrance_words"]:
        raise DomainError(
            "写了未能检查的经过，请选择“无法联系”或“拒绝配合”。", code="required", field="hindrance"
        )
    return values


def _sign(check: SpotCheck, member: TeamMember, signed: Collection[int], now: datetime) -> None:
    """One's own signature; the 主检 notes that a colleague without an account signed on paper. Never for another account."""
    team = TeamMember.objects.filter(check_record=check, until_at__isnull=True, signed_at__isnull=True)
    wanted = list(team.filter(pk__in=signed).select_related("inspector"))
    for one in wanted:
        on_paper = one.inspector.user_id is None
        if one.pk != member.pk and not (on_paper and member.lead):
            raise NotAllowed(f"{one.inspector.name}由本人签字，您不能代签。", field="signed")
        team.filter(pk=one.pk).update(signed_at=now, signed_on_paper=on_paper)


def _told(name: str, value: object) -> object:
    """As the log tells it: days as text, manners in words."""
    if name == "manners" and isinstance(value, list):
        return [str(Manner(one).label) for one in value]
    return value.isoformat() if isinstance(value, date) else value
